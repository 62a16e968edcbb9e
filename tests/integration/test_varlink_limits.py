# SPDX-License-Identifier: MIT
"""What clients can make grow, how far, what they are told there, and that nobody else notices."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys

import pytest

from programs import INTERFACE, TIMEOUT, VarlinkError, environment, eventually, said_by

LIMIT_REACHED = f"{INTERFACE}.LimitReached"
PER_PROCESS, IN_ALL = 256, 1024
REQUEST, REPLIES = 64 * 1024, 1024 * 1024
PENDING = 64
STATUS = f'{{"method":"{INTERFACE}.GetStatus"}}'.encode()

# Holds as many connections as told until its standard input ends. Each is known to have been
# accepted: it was answered.
HOLDER = """
import socket, sys
path, number, message = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode() + b"\\0"
held = []
for _ in range(number):
    one = socket.socket(socket.AF_UNIX)
    one.connect(path)
    one.sendall(message)
    assert b"error" not in one.recv(65536)
    held.append(one)
print("holding", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def holder(daemon, number):
    """A process of its own that holds so many connections."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, daemon.socket, str(number), STATUS.decode()], env=environment(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with process:
        assert next(said_by(process, process.stdout)) == "holding\n"
        yield
        process.stdin.close()
        assert process.wait(TIMEOUT) == 0


def refusal(daemon):
    with daemon.connect() as client:
        reply = client.receive()
        assert reply["error"] == LIMIT_REACHED and client.receive() is None
        return reply["parameters"]


def admitted(daemon):
    """Once the daemon has seen those before hang up."""
    for _ in range(1000):
        with daemon.connect() as client:
            with contextlib.suppress(OSError):
                client.send_bytes(STATUS + b"\0")
            if "error" not in client.receive():
                return True
    return False


# Connections

def test_connections_of_one_process(daemon):
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(daemon.connect()) for _ in range(PER_PROCESS)]
        for client in clients:
            assert client.call("GetStatus")
        for _ in range(3):
            assert refusal(daemon) == {"limit": "connections of one process", "maximum": PER_PROCESS}
        assert clients[0].call("GetStatus")
        with holder(daemon, 1):  # another process is none the worse
            pass
        clients[0].close()
        assert admitted(daemon)


def test_connections_in_all(daemon):
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(daemon.connect())
        assert first.call("GetStatus")
        for number in (PER_PROCESS, PER_PROCESS, PER_PROCESS, IN_ALL - 3 * PER_PROCESS - 1):
            stack.enter_context(holder(daemon, number))
        assert refusal(daemon) == {"limit": "connections", "maximum": IN_ALL}
        assert first.call("GetStatus")
        stack.pop_all().close()
        assert admitted(daemon)


def test_out_of_descriptors(make_daemon, sandbox):
    """Those who find no room wait until there is some; those who are there are served meanwhile."""
    daemon = make_daemon(sandbox.base_url).start(prefix=["prlimit", "--nofile=40:40"])
    with contextlib.ExitStack() as stack:
        waiting = {}
        for _ in range(100):
            client = stack.enter_context(daemon.connect())
            client.send("GetStatus")
            waiting[client.socket] = client
        first, *_ = select.select(list(waiting), [], [], TIMEOUT)[0]
        first = waiting.pop(first)
        assert first.result()
        eventually(lambda: first.call("GetStatus") and "Out of file descriptors" in daemon.log)
        assert len(waiting) > 40
        while waiting:
            assert first.call("GetStatus")
            ready, _, _ = select.select(list(waiting), [], [], TIMEOUT)
            assert ready, f"{len(waiting)} clients are not served"
            for one in ready:
                client = waiting.pop(one)
                assert client.result()
                client.close()
    assert daemon.call("GetStatus")


# Requests

def test_longest_request(daemon):
    with daemon.connect() as client:
        client.send_bytes(STATUS + b" " * (REQUEST - len(STATUS)) + b"\0")
        assert client.result()[0]["version"]


@pytest.mark.parametrize("end", [b"\0", b""])
def test_request_too_long(daemon, end):
    with daemon.connect() as other, daemon.connect() as client:
        client.send_bytes(STATUS + b" " * (REQUEST - len(STATUS) + 1) + end)
        assert client.receive() == {
            "error": LIMIT_REACHED, "parameters": {"limit": "bytes of a request", "maximum": REQUEST}}
        assert client.receive() is None
        assert other.call("GetStatus")


def test_slow_senders(daemon):
    """A byte a turn, by many; who asks in between is answered at once."""
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(daemon.connect()) for _ in range(50)]
        other = stack.enter_context(daemon.connect())
        for byte in STATUS + b"\0":
            for client in slow:
                client.send_bytes(bytes([byte]))
            assert other.call("GetStatus")
        for client in slow:
            assert client.result()[0]["version"]


# Replies

IN_A_WORKSPACE = 600  # connections of more than a KiB each, so that two workspaces exceed the limit


@pytest.fixture
def crowded(make_daemon, fake_airstore):
    """A daemon with an Airstore of large workspaces, ws_0 to ws_3."""
    def connections(workspace):
        return [{
            "external_id": f"{workspace}-{number}", "workspace_id": workspace, "integration_type": f"type-{number}",
            "scope": "x" * 1000, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
            for number in range(IN_A_WORKSPACE)]

    airstore = fake_airstore({
        ("GET", f"/workspaces/ws_{number}/connections"): [(200, connections(f"ws_{number}"))] for number in range(4)})
    return make_daemon(airstore.base_url).start()


def refresh(daemon, workspace):
    return daemon.call("ListConnections", workspace_id=workspace, refresh=True)["connections"]


def test_who_never_reads_is_disconnected(crowded):
    with crowded.connect() as watcher, crowded.connect() as reader:
        watcher.send("Watch", more=True)
        news = reader.call_more("Watch")
        assert next(news) == {}
        for number in range(4):
            ids = {one["connection_id"] for one in refresh(crowded, f"ws_{number}")}
            assert {next(news)["connection"]["connection_id"] for _ in range(IN_A_WORKSPACE)} == ids
        received = 0
        while watcher.receive() is not None:
            received += 1
        assert 0 < received < 2 * IN_A_WORKSPACE
        assert crowded.call("GetStatus")["connections"] == 4 * IN_A_WORKSPACE


def test_a_reply_too_long(crowded):
    """The client is told, and stays."""
    refresh(crowded, "ws_0")
    refresh(crowded, "ws_1")
    with crowded.connect() as client:
        client.send("ListConnections")
        assert client.receive() == {
            "error": LIMIT_REACHED, "parameters": {"limit": "bytes of queued replies", "maximum": REPLIES}}
        assert len(client.call("ListConnections", workspace_id="ws_1")["connections"]) == IN_A_WORKSPACE


def test_who_only_asks_waits(daemon):
    """Who never reads but asks on is not read from any more."""
    call = {"method": "org.varlink.service.GetInterfaceDescription", "parameters": {"interface": INTERFACE}}
    message = json.dumps(call).encode() + b"\0"
    with daemon.connect() as greedy, daemon.connect() as other:
        greedy.socket.setblocking(False)
        sent = 0
        with contextlib.suppress(BlockingIOError):
            while sent < 16 * REPLIES:
                sent += greedy.socket.send(message * 100)
                assert other.call("GetStatus")
        assert sent < 2 * REPLIES
        greedy.socket.settimeout(TIMEOUT)
        for _ in range(sent // len(message)):
            assert greedy.result()[0]["description"]


# Sessions

def create(client, number):
    client.send("CreateSession", {
        "integration_type": "gmail", "workspace_id": f"ws_{number}", "open_browser": False, "always_new": True})


def test_pending_sessions(daemon):
    with daemon.connect() as client:
        for number in range(PENDING):
            create(client, number)
            session = client.result()[0]["session"]
        create(client, PENDING)
        assert client.receive() == {
            "error": LIMIT_REACHED, "parameters": {"limit": "pending sessions", "maximum": PENDING}}
        client.call("CancelSession", session_id=session["session_id"])
        create(client, PENDING)
        assert client.result()[0]["session"]["status"] == "pending"


def test_pending_sessions_asked_for_at_once(daemon):
    """Those that are being created count as well."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(daemon.connect()) for _ in range(PENDING + 20)]
        for number, client in enumerate(clients):
            create(client, number)
        refused = 0
        for client in clients:
            try:
                client.result()
            except VarlinkError as error:
                assert error.parameters == {"limit": "pending sessions", "maximum": PENDING}
                refused += 1
    assert refused == 20 and daemon.call("GetStatus")["pending_sessions"] == PENDING


@contextlib.contextmanager
def stopped(daemon):
    os.kill(daemon.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, daemon.pid, os.WSTOPPED)
    yield
    os.kill(daemon.pid, signal.SIGCONT)


def test_many_calls_at_once_hold_up_nobody(daemon):
    """Forty calls lie there before that of another client, which is answered after a few of them."""
    number = 40
    with daemon.connect() as greedy, daemon.connect() as other:
        for one in range(number):
            create(other, one)
        ids = [other.result()[0]["session"]["session_id"] for _ in range(number)]
        assert greedy.call("GetStatus")["pending_sessions"] == number
        with stopped(daemon):
            for one in ids:
                greedy.send("CancelSession", {"session_id": one})
            other.send("GetStatus")
        assert number > other.result()[0]["pending_sessions"] > number - 5
        for _ in ids:
            greedy.result()
