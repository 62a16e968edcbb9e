# SPDX-License-Identifier: MIT
"""Questions beside hostile clients.

How long GetConnection takes for 128 clients, each asking ten times a second, by themselves and beside
128 hostile ones.

A quarter of the hostile ones never reads what it asks for, a quarter sends a byte at a time, a
quarter keeps 64 calls under way, and a quarter sends nonsense of 64 KiB and comes back. All as fast
as they can, from a process of its own, which has a lower priority: what is measured is whether the
daemon is fair, not whether the kernel is.
"""

import contextlib
import heapq
import json
import os
import pathlib
import selectors
import socket
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import world  # noqa: E402
from programs import INTERFACE  # noqa: E402

CLIENTS = 128
PAUSE = 0.1


def message(method, **parameters):
    return json.dumps({"method": f"{INTERFACE}.{method}", "parameters": parameters}).encode() + b"\0"


CALL = message("GetConnection", integration_type="gmail")
LIST = message("ListIntegrations")
NONSENSE = b'{"method":' + b"[" * 30 + b"1," * 32_000 + b"\0"


class Hostile:
    def __init__(self, path, kind):
        self.path, self.kind, self.sent = path, kind, 0
        self.connect()

    def connect(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(self.path)
        self.socket.setblocking(False)

    def act(self):
        try:
            getattr(self, self.kind)()
        except BlockingIOError:
            pass
        except OSError:  # disconnected: once more
            self.socket.close()
            self.connect()

    def never_reads(self):
        self.socket.send(LIST * 64)

    def byte_at_a_time(self):
        self.socket.send(CALL[self.sent % len(CALL)].to_bytes(1, "big"))
        self.sent += 1
        with contextlib.suppress(BlockingIOError):
            self.socket.recv(65536)

    def many_calls(self):
        with contextlib.suppress(BlockingIOError):
            self.sent -= self.socket.recv(1 << 20).count(b"\0")
        if self.sent < 64:
            self.socket.send(LIST * (64 - self.sent))
            self.sent = 64

    def nonsense(self):
        self.socket.send(NONSENSE)
        if not self.socket.recv(65536):
            raise ConnectionResetError


def be_hostile(path):
    os.nice(10)
    kinds = ["never_reads", "byte_at_a_time", "many_calls", "nonsense"]
    clients = [Hostile(path, kinds[number % len(kinds)]) for number in range(CLIENTS)]
    print("ready", flush=True)
    os.set_blocking(0, False)
    while not ended():
        for client in clients:
            client.act()


def ended():
    try:
        return os.read(0, 1) == b""
    except BlockingIOError:
        return False


@contextlib.contextmanager
def hostile_half(path):
    with subprocess.Popen([sys.executable, __file__, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        yield
        process.stdin.close()


def answers(path, seconds):
    """How long each call took, in seconds."""
    taken, sent_at = [], {}
    with contextlib.ExitStack() as stack, selectors.DefaultSelector() as selector:
        due = []
        now = time.monotonic()
        for number in range(CLIENTS):
            client = stack.enter_context(socket.socket(socket.AF_UNIX))
            client.connect(str(path))
            selector.register(client, selectors.EVENT_READ)
            due.append((now + PAUSE * number / CLIENTS, number, client))
        end = now + seconds
        while (now := time.monotonic()) < end or sent_at:
            while due and due[0][0] <= now and now < end:
                _, number, client = heapq.heappop(due)
                sent_at[client] = (time.monotonic(), number)
                client.sendall(CALL)
            next_at = due[0][0] if due and now < end else now + 1
            for key, _ in selector.select(max(0, next_at - now)):
                reply = key.fileobj.recv(65536)
                assert b"connection_id" in reply and reply.endswith(b"\0"), reply
                sent, number = sent_at.pop(key.fileobj)
                taken.append(time.monotonic() - sent)
                heapq.heappush(due, (sent + PAUSE, number, key.fileobj))
    return taken


def measure(report, quick):
    world.many_descriptors()
    rounds, seconds = (1, 0.3) if quick else (5, 3)
    half = report.table("Half of the answers within, ms", "ms")
    most = report.table("99 % of the answers within, ms", "ms")
    with world.pair() as (_, ours):
        world.give_connection(ours)
        for _ in range(rounds):
            for case, crowd in (("alone", contextlib.nullcontext()), ("beside 128 hostile clients", hostile_half(ours.socket))):
                with crowd:
                    hundredths = statistics.quantiles(answers(ours.socket, seconds), n=100)
                half.add(case, world.OURS, hundredths[49] * 1000)
                most.add(case, world.OURS, hundredths[98] * 1000)


if __name__ == "__main__":
    be_hostile(sys.argv[1])
