# SPDX-License-Identifier: MIT
"""Programs attack the socket: of the same user, who may ask for anything but not take it from others, and of another, who
may nothing. What is left to clients of good will is seen after each attack. The limits one by one are in
integration/test_varlink_limits.py."""

import array
import contextlib
import json
import os
import pathlib
import select
import socket
import subprocess
import sys
import threading

import pytest

import memory
import nobody
from programs import INTERFACE, TIMEOUT, environment, eventually

pytestmark = pytest.mark.usefixtures("root")

STATUS = f'{{"method":"{INTERFACE}.GetStatus"}}'.encode() + b"\0"
PER_PROCESS = 256


def descriptors(daemon):
    return len(os.listdir(f"/proc/{daemon.pid}/fd"))


def private_memory(daemon):
    """In bytes."""
    text = pathlib.Path(f"/proc/{daemon.pid}/smaps_rollup").read_text()
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_Dirty")) * 1024


@pytest.fixture
def unharmed(daemon):
    """Whoever is there before, during and after is served; nothing is left behind."""
    with daemon.connect() as friend:
        assert friend.call("GetStatus")
        before = descriptors(daemon)
        yield friend
        assert friend.call("GetStatus")
        assert daemon.call("GetStatus")["pending_sessions"] == 0
        # libcurl keeps up to four connections to Airstore, and what it wakes itself up with.
        eventually(lambda: descriptors(daemon) <= before + 8)


def attacker(daemon, program, *arguments):
    """A process of its own: nobody shares its quota."""
    return subprocess.Popen(
        [sys.executable, "-c", program, daemon.socket, *map(str, arguments)], env=environment(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)


CONNECT = """
import socket, sys
path, number = sys.argv[1], int(sys.argv[2])
held = []
for _ in range(number):
    one = socket.socket(socket.AF_UNIX)
    one.connect(path)
    held.append(one)
    held = held[-900:]  # as many descriptors as we may have
print("done", flush=True)
sys.stdin.read()
"""


def test_ten_thousand_connections(daemon, unharmed):
    with attacker(daemon, CONNECT, 10_000) as process:
        while not select.select([process.stdout], [], [], 0)[0]:
            assert unharmed.call("GetStatus")
        assert process.stdout.readline() == "done\n"
        assert descriptors(daemon) < PER_PROCESS + 64
        assert daemon.call("GetStatus")


def test_half_open_connections(daemon, unharmed):
    """Those who will say no more, and those who will hear no more; with calls that are being answered, or half of one."""
    watch = json.dumps({"method": f"{INTERFACE}.Watch", "more": True}).encode() + b"\0"
    with contextlib.ExitStack() as stack:
        for how in (socket.SHUT_WR, socket.SHUT_RD):
            for words in (b"", b"{", STATUS, STATUS[:-1], watch, STATUS * 20):
                for _ in range(10):
                    client = stack.enter_context(daemon.connect())
                    with contextlib.suppress(OSError):
                        client.send_bytes(words)
                    client.socket.shutdown(how)
        assert unharmed.call("GetStatus")
        assert daemon.call("GetStatus")


def test_a_gibibyte_without_end(daemon, unharmed):
    """It is cut off after the 64 KiB that a request may have; its memory does not grow."""
    before = private_memory(daemon)
    chunk, sent = b" " * (1 << 20), 0
    with daemon.connect() as client, contextlib.suppress(OSError):
        while sent < 1 << 30:
            sent += client.socket.send(chunk)
    assert sent < 4 << 20
    assert private_memory(daemon) < before + (4 << 20)


def test_spaces_before_calls(daemon, unharmed):
    """Many clients, each with almost as many as a request may have; the calls behind them are answered."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(daemon.connect()) for _ in range(100)]
        for client in clients:
            client.send_bytes(b" " * 65_000)
        assert unharmed.call("GetStatus")
        for client in clients:
            client.send_bytes(STATUS)
            assert client.result()[0]["version"]


@pytest.mark.plain
def test_replies_that_nobody_reads(daemon, unharmed):
    """Long ones, by as many connections as one process may have: the kernel makes them wait, others are served."""
    call = json.dumps({"method": "org.varlink.service.GetInterfaceDescription", "parameters": {"interface": INTERFACE}}).encode()
    before = private_memory(daemon)
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            greedy = stack.enter_context(daemon.connect())
            greedy.socket.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                for _ in range(200):
                    greedy.socket.send((call + b"\0") * 20)
        for _ in range(50):
            assert unharmed.call("GetStatus")
        assert daemon.call("GetStatus")
        assert private_memory(daemon) < before + 256 * (2 << 20)


def test_descriptors_passed_along(daemon, unharmed):
    """They are neither kept nor opened; the call that they come with is answered like any other."""
    before = descriptors(daemon)
    with daemon.connect() as client, contextlib.ExitStack() as stack:
        files = [stack.enter_context(open("/dev/null")) for _ in range(200)]
        for _ in range(50):
            rights = array.array("i", [file.fileno() for file in files])
            client.socket.sendmsg([STATUS], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
            assert client.result()[0]["version"]
        reading, writing = os.pipe()
        client.socket.sendmsg([STATUS], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [writing]))])
        os.close(writing)
        assert client.result()
        assert os.read(reading, 1) == b"", "the daemon holds the other end"
        os.close(reading)
        assert descriptors(daemon) <= before + 1


@pytest.mark.parametrize("call", [
    {"method": f"{INTERFACE}.GetStatus", "oneway": True},
    {"method": f"{INTERFACE}.CancelSession", "parameters": {"session_id": "none"}, "oneway": True},
    {"method": f"{INTERFACE}.Watch", "oneway": True, "more": True},
    {"method": f"{INTERFACE}.NoSuchMethod", "oneway": True}])
def test_oneway_flood(daemon, unharmed, call):
    """Calls that nobody waits for: others have their turn between any two of them."""
    message = (json.dumps(call).encode() + b"\0") * 500
    ended = threading.Event()

    def flood():
        with daemon.connect() as client, contextlib.suppress(OSError):
            while not ended.is_set():
                client.send_bytes(message)

    threads = [threading.Thread(target=flood) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(30):
            assert unharmed.call("GetStatus")
            assert daemon.call("GetStatus")
    finally:
        ended.set()
        for thread in threads:
            thread.join(TIMEOUT)
    with daemon.connect() as client:
        client.send_bytes(json.dumps(call).encode() + b"\0" + STATUS)
        assert client.result()[0]["version"], "a oneway call has a reply"


def test_sessions_oneway(daemon, unharmed, sandbox):
    """Created by nobody who would ever look: the limit of pending sessions holds, and they end."""
    call = {"method": f"{INTERFACE}.CreateSession", "oneway": True,
            "parameters": {"integration_type": "gmail", "always_new": True, "open_browser": False}}
    with daemon.connect() as client:
        client.send_bytes((json.dumps(call).encode() + b"\0") * 300 + STATUS)
        assert client.result()[0]["pending_sessions"] <= 64
        assert len(sandbox.requests("POST")) <= 300
    for session in daemon.call("ListSessions")["sessions"]:
        daemon.call("CancelSession", session_id=session["session_id"])


# Another user

STRANGER = """
import select, socket, sys
refused = 0
for _ in range(int(sys.argv[2])):
    with socket.socket(socket.AF_UNIX) as one:
        one.settimeout(30)
        one.connect(sys.argv[1])
        try:
            one.sendall(sys.argv[3].encode() + b"\\0")
            refused += one.recv(1) == b""
        except ConnectionError:
            refused += 1
print(refused)
"""


@pytest.mark.parametrize("suffix", ["", ".ReadOnly"])
def test_another_user(daemon, place, unharmed, suffix):
    """Even where the modes of files would let him in, he is refused, however often he comes."""
    assert refusals(daemon, place, suffix, "x") == 300
    assert "Refused a client of user 65534" in daemon.log


@pytest.mark.plain
def test_another_user_is_not_read(daemon, place):
    """Refused before a byte is read: what he sends is not in the memory of the daemon."""
    words = "words-of-a-stranger-" + "e3b0c442" * 4
    assert refusals(daemon, place, "", words) == 300
    assert memory.find(daemon.pid, words.encode()) == []


def refusals(daemon, place, suffix, words):
    path = f"{daemon.socket}{suffix}"
    place.chmod(0o755)
    os.chmod(path, 0o666)
    stranger = nobody.run("/usr/bin/python3", "-c", STRANGER, path, 300, words)
    assert stranger.returncode == 0, stranger.stderr
    return int(stranger.stdout)


def test_modes_keep_others_out(daemon, place):
    """The first wall: nobody else can even connect, where they can see the socket."""
    place.chmod(0o755)
    for path in (daemon.socket, pathlib.Path(f"{daemon.socket}.ReadOnly")):
        assert path.stat().st_mode & 0o777 == 0o600
        assert nobody.run("test", "-S", path).returncode == 0
        assert "PermissionError" in nobody.run("/usr/bin/python3", "-c", STRANGER, path, 1, "x").stderr


def test_descriptors_are_closed_on_exec(daemon, browser):
    """With everything open that there can be: clients, the page, requests, the store. Only libcurl does not do that with
    what it opens: a pair to wake itself up, and connections to Airstore. They are closed when a program is started."""
    with daemon.connect() as client:
        session = client.call("CreateSession", integration_type="gmail")["session"]
        browser.opened()
        client.send("Poll", {"session_id": session["session_id"], "interval": 100}, more=True)
        client.result()
        inherited = {}
        for entry in pathlib.Path(f"/proc/{daemon.pid}/fdinfo").iterdir():
            with contextlib.suppress(FileNotFoundError):
                (flags,) = [line.split()[1] for line in entry.read_text().splitlines() if line.startswith("flags:")]
                if not int(flags, 8) & os.O_CLOEXEC:
                    inherited[int(entry.name)] = os.readlink(f"/proc/{daemon.pid}/fd/{entry.name}")
        others = {number: name for number, name in inherited.items() if number > 2}
        assert len(others) <= 6 and all(name.startswith("socket:") for name in others.values()), inherited


def test_what_the_browser_inherits(make_daemon, sandbox, place, browser):
    """Nothing but its standard files: neither clients, nor the store, nor the connection to Airstore."""
    browser.command.write_text(browser.command.read_text().replace("env >", 'ls -l "/proc/$$/fd" >"$place/browser.files"\nenv >'))
    daemon = make_daemon(sandbox.base_url).start()
    daemon.call("CreateSession", integration_type="gmail")
    browser.opened()
    files = [line.split()[8:] for line in (place / "browser.files").read_text().splitlines()[1:]]
    # The shell has two of its own: the script that it reads, and what it puts back later.
    assert [file for file in files if int(file[0]) > 2 and not file[2].endswith(("/browser", "/dev/null"))] == [], files
