# SPDX-License-Identifier: MIT
"""Every single allocation fails once, in turn: in each method, while the daemon starts, and in the command line. Whoever
asked gets an answer, an error or the end of the connection; nothing crashes, nothing leaks, nobody else notices, and the next
one who asks the same gets it.

Where there are many allocations, some are left out: about 25 are tried, or as many as AIRSTORE_ALLOCATIONS says."""

import contextlib
import http.client
import mmap
import os
import select
import struct
import urllib.parse

import pytest

from programs import BUILD, TIMEOUT, VarlinkError, eventually
from session_bus import Helper

MODULE = BUILD / "tests/security/fail-malloc.so"
TRIES = int(os.environ.get("AIRSTORE_ALLOCATIONS", 25))
PARTS = 4
FAR = 1 << 40


class Shortage:
    """shortage.variables for a program; then the n-th allocation of it fails from shortage.after(n) on, once."""

    def __init__(self, place):
        path = place / "fail-malloc"
        path.write_bytes(bytes(8))
        with open(path, "r+b") as file:
            self._shared = mmap.mmap(file.fileno(), 8)
        sanitizers = os.environ.get("ASAN_OPTIONS", "")
        self.variables = {"LD_PRELOAD": MODULE, "FAIL_MALLOC": path, "ASAN_OPTIONS": f"{sanitizers}:verify_asan_link_order=0"}

    @contextlib.contextmanager
    def after(self, number):
        self._shared[:] = struct.pack("Q", number)
        try:
            yield
        finally:
            self.left = struct.unpack("Q", self._shared)[0]
            self._shared[:] = bytes(8)

    def allocations(self, action):
        """How many it takes when none fails."""
        with self.after(FAR):
            action()
        return FAR - self.left

    def numbers(self, action):
        """All of them, or as many as there is time for."""
        number = self.allocations(action)
        return range(1, number + 1, max(1, number // TRIES))


@pytest.fixture
def shortage(place):
    return Shortage(place)


@pytest.fixture
def starved(make_daemon, sandbox, shortage):
    """A daemon that knows a connection and a session, and the sandbox."""
    daemon = make_daemon(sandbox.base_url, AIRSTORE_WORKSPACE_ID="ws_default", **shortage.variables).start()
    daemon.call("CreateConnection", integration_type="github", access_token="t")
    daemon.create("linear")
    return daemon


def forget_sessions(daemon):
    for session in daemon.call("ListSessions")["sessions"]:
        if session["status"] == "pending":
            with contextlib.suppress(VarlinkError):
                daemon.call("CancelSession", session_id=session["session_id"])


def call(method, **parameters):
    return pytest.param(lambda daemon, sandbox: daemon.call(method, **parameters), id=method)


def watch(daemon, sandbox):
    with daemon.connect() as client:
        for news in client.call_more("Watch"):
            if news == {}:
                break


def see_a_change(daemon, sandbox):
    """A watcher and a waiter hear of a session that comes and goes."""
    with daemon.connect() as watcher:
        watcher.send("Watch", more=True)
        while watcher.result()[0]:
            pass
        session = daemon.create()
        daemon.call("CancelSession", session_id=session["session_id"])


def log_in(daemon, sandbox):
    """From the click to the ID, with the page in between."""
    session = daemon.call("CreateSession", integration_type="gmail", open_browser=True, always_new=True)["session"]
    sandbox.press("approve", session["session_id"])
    parts = urllib.parse.urlsplit(sandbox.return_to(session["session_id"]))
    page = http.client.HTTPConnection(parts.hostname, parts.port, timeout=1)
    with contextlib.suppress(OSError, http.client.HTTPException):
        page.request("GET", parts.path)
        page.getresponse().read()
    page.close()
    daemon.poll(session)


def look_for_what_vanished(daemon, sandbox):
    session = daemon.call("CreateSession", integration_type="gmail", open_browser=False, always_new=True)["session"]
    sandbox.press("approve", session["session_id"])
    sandbox.vanish(session["session_id"])
    daemon.poll(session)


def get_connection(daemon, sandbox):
    daemon.call("GetConnection", integration_type="github")


def refresh(daemon, sandbox):
    daemon.call("ListConnections", workspace_id="ws_default", refresh=True)


def try_a_key(daemon, sandbox):
    with contextlib.suppress(VarlinkError):
        daemon.call("CheckAPIKey", api_key="tok_another")


def fail(daemon, sandbox):
    """Airstore's errors are passed on: those that are tried again, too."""
    for fault in ({"status": 422}, {"status": 503, "retry_after_ms": 5, "count": 1}):
        sandbox.misbehave("status", method="POST", **fault)
        with contextlib.suppress(VarlinkError):
            daemon.call("CreateSession", integration_type="gmail", open_browser=False, always_new=True)
        sandbox.behave()


def be_refused(daemon, sandbox):
    """What is wrong is said."""
    for method, parameters in (("GetConnection", {}), ("GetConnection", {"integration_type": "none"}), ("NoSuch", {}),
                               ("CreateSession", {"integration_type": "A B"}), ("CreateSession", {"integration_type": "gmail", "return_to": "x"}),
                               ("Poll", {"session_id": "none"}), ("CancelSession", {"session_id": "none"}),
                               ("ListConnections", {"profile": "none"}), ("org.varlink.service.GetInterfaceDescription", {"interface": "x"})):
        with pytest.raises(VarlinkError):
            daemon.call(method, **parameters)


def try_each(starved, sandbox, shortage, action, part=None):
    action(starved, sandbox)
    forget_sessions(starved)
    for number in shortage.numbers(lambda: action(starved, sandbox))[part::PARTS if part is not None else 1]:
        with shortage.after(number):
            try:
                action(starved, sandbox)
            except TimeoutError:
                raise
            except (VarlinkError, AssertionError, OSError, AttributeError, pytest.fail.Exception):
                pass  # an error, or the end of the connection
        forget_sessions(starved)
        sandbox.behave()
    action(starved, sandbox)
    starved.stop()


@pytest.mark.parametrize("action", [
    call("GetStatus"), call("ListIntegrations"), call("ListSessions"), call("GetConfiguration"), call("Reload"),
    call("org.varlink.service.GetInfo"), call("org.varlink.service.GetInterfaceDescription", interface="ai.airstore.OAuth"),
    call("ListConnections"), call("CreateConnection", integration_type="linear", access_token="t"), try_a_key, refresh, fail,
    watch, see_a_change, look_for_what_vanished, get_connection, be_refused])
def test_each_allocation_of_a_call(starved, sandbox, shortage, action):
    try_each(starved, sandbox, shortage, action)


@pytest.mark.parametrize("part", range(PARTS))
def test_each_allocation_of_a_login(starved, sandbox, shortage, part):
    """In parts, side by side: when Airstore cannot be asked, it is asked again some seconds later."""
    try_each(starved, sandbox, shortage, log_in, part)


def test_each_allocation_at_start(make_daemon, sandbox, shortage):
    """It starts, or says that it cannot; a store that was there is there afterwards."""
    daemon = make_daemon(sandbox.base_url, AIRSTORE_WORKSPACE_ID="ws_default", **shortage.variables).start()
    daemon.call("CreateConnection", integration_type="github", access_token="t")

    def start(number):
        daemon.stop()
        with shortage.after(number):
            program = daemon.launch()
            eventually(lambda: has_ended(program) or can_connect(daemon))
            if has_ended(program):
                assert program.wait() == 1
                daemon._program = None
        return FAR - shortage.left

    for number in range(1, start(FAR) + 1, max(1, start(FAR) // TRIES)):
        start(number)
    daemon.stop()
    daemon.start()
    assert len(daemon.call("ListConnections")["connections"]) == 1


def has_ended(program):
    return bool(select.select([program.ended], [], [], 0)[0])


def can_connect(daemon):
    with contextlib.suppress(OSError), daemon.connect():
        return True
    return False


@pytest.mark.parametrize("method, parameters", [
    ("OpenURL", {"url": "https://accounts.example/"}), ("Notify", {"title": "Gmail is connected"})], ids=["OpenURL", "Notify"])
def test_each_allocation_of_the_helper(place, session_bus, shortage, method, parameters):
    """It answers, or hangs up and ends; and who asks it again has what was asked for."""
    session_bus.notifications()
    variables = {"BROWSER": "true", "DBUS_SESSION_BUS_ADDRESS": session_bus.address, **shortage.variables}

    def ask(number):
        helper = Helper(place, **variables)
        try:
            answered = False
            # Memory may run out, and the helper end, before it is asked.
            with shortage.after(number), contextlib.suppress(BrokenPipeError, ConnectionResetError):
                helper.send(f"ai.airstore.Desktop.{method}", parameters)
                answered = helper.receive() is not None
            if answered:
                assert helper.ask(method, **parameters) is None
            helper.close()
            assert helper.process.wait(TIMEOUT) in ([0] if answered else [0, 1]), helper.err.read_text()
        finally:
            helper.destroy()
        return FAR - shortage.left

    number = ask(FAR)
    for one in range(1, number + 1, max(1, number // TRIES)):
        ask(one)


@pytest.mark.parametrize("arguments", [
    ["list"], ["list", "--json"], ["get", "github"], ["status"], ["sessions"], ["config"], ["integrations"],
    ["connect", "gmail", "--no-browser", "--timeout", "0"], ["cancel", "none"], ["get", "none"]], ids=" ".join)
def test_each_allocation_of_the_command_line(daemon, cli, shortage, arguments):
    """It ends with one of its exit statuses, and says something when it is not 0."""
    def run(number):
        with shortage.after(number):
            return cli.finish(cli.start(*arguments, **{name: str(value) for name, value in shortage.variables.items()}))

    usual = run(FAR)
    number = FAR - shortage.left
    for one in range(1, number + 1, max(1, number // TRIES)):
        done = run(one)
        assert 0 <= done.status < 99, done
        assert done.status == usual.status or done.stderr, done
