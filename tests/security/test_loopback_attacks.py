# SPDX-License-Identifier: MIT
"""Somebody attacks the page on 127.0.0.1 that the browser comes back to: another page in the same browser, another user of
the machine, a program. Nothing of that changes a session, is echoed, or keeps the rightful browser out."""

import contextlib
import secrets
import socket
import subprocess
import sys
import time
import urllib.parse

import pytest

import nobody
from programs import TIMEOUT, environment, eventually

MARKER = "marker-of-the-attacker"


class Target:
    """A pending session, its page, and what an attacker may know of it: all but the nonce."""

    def __init__(self, daemon, sandbox):
        self.daemon = daemon
        self.session = daemon.call("CreateSession", integration_type="gmail", always_new=True)["session"]
        self.sandbox = sandbox
        parts = urllib.parse.urlsplit(sandbox.return_to(self.session["session_id"]))
        self.host, self.port, self.path = parts.netloc, parts.port, parts.path

    def attach(self):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT)
        connection.settimeout(TIMEOUT)
        return connection

    def send(self, data):
        """What comes back for these bytes, once the daemon is done with them."""
        with self.attach() as connection, contextlib.suppress(ConnectionResetError, BrokenPipeError):
            connection.sendall(data)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            return receive(connection)
        return b""

    def ask(self, method="GET", path=None, host=None, **headers):
        lines = [f"{method} {path or self.path} HTTP/1.1", f"Host: {host or self.host}", "Connection: close",
                 *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()), "", ""]
        return self.send("\r\n".join(lines).encode("latin-1"))

    def status_of(self, *arguments, **headers):
        reply = self.ask(*arguments, **headers)
        assert MARKER.encode() not in reply
        return int(reply.split(b" ", 2)[1]) if reply else None

    def asked(self):
        """How often Airstore was asked about the session."""
        return len(self.sandbox.requests("GET"))

    def is_unharmed(self):
        """The session is what it was, and the person's browser gets in at once."""
        now = self.daemon.call("GetSession", session_id=self.session["session_id"])["session"]
        assert now == self.session
        self.sandbox.approve(self.session["authorize_url"])
        assert self.daemon.call("Poll", session_id=self.session["session_id"])["session"]["status"] == "complete"
        return True


def receive(connection):
    data = b""
    while more := connection.recv(65536):
        data += more
    return data


@pytest.fixture
def target(daemon, sandbox):
    return Target(daemon, sandbox)


def test_guessing(target):
    """Not even that a guess is nearly right can be seen."""
    nonce = target.path.rpartition("/")[2]
    asked = target.asked()
    for guess in (*(secrets.token_hex(16) for _ in range(300)), nonce[:-1] + "g", nonce[1:] + "0", nonce.upper() + "0",
                  "", "*", "%2e%2e", "../callback", nonce + "%20", nonce + "%2f", "0" * 8000):
        assert target.status_of(path="/callback/" + guess) in (404, 414)
    assert target.asked() == asked
    assert target.is_unharmed()


@pytest.mark.parametrize("host", [
    f"{MARKER}.example", f"{MARKER}.example:{{port}}", "127.0.0.1:{port}.nip.example", "localhost:{port}", "127.1:{port}",
    "0.0.0.0:{port}", "2130706433:{port}", "[::1]:{port}", "[::ffff:127.0.0.1]:{port}", "user@127.0.0.1:{port}",
    "127.0.0.1:{port}, 127.0.0.1:{port}", "127.0.0.1:0{port}"])
def test_rebinding(target, host):
    """The browser believes that a name of the attacker's is 127.0.0.1, and says that name."""
    assert target.status_of(host=host.format(port=target.port)) == 421
    assert target.is_unharmed()


def test_several_hosts(target):
    for second in (f"Host: {target.host}", f"Host: {MARKER}", f"hOST: {MARKER}", f"\tHost: {MARKER}", "Host:"):
        reply = target.send(f"GET {target.path} HTTP/1.1\r\nHost: {target.host}\r\n{second}\r\nConnection: close\r\n\r\n".encode())
        # Folded lines belong to the line before, and make the first Host another.
        assert not reply.startswith(b"HTTP/1.1 200") and MARKER.encode() not in reply
    assert target.is_unharmed()


@pytest.mark.parametrize("method", [
    "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "GETGET", "G" * 4000, MARKER])
def test_methods(target, method):
    assert target.status_of(method) in (400, 405, 413, 414, 431, None)
    assert target.is_unharmed()


@pytest.mark.parametrize("line", [
    "GET http://{host}{path} HTTP/1.1", "GET http://marker-of-the-attacker{path} HTTP/1.1", "GET //{host}{path} HTTP/1.1",
    "GET /.{path} HTTP/1.1", "GET /x/..{path} HTTP/1.1", "GET \\callback\\x HTTP/1.1", "GET * HTTP/1.1", "GET  HTTP/1.1",
    "GET", "GET {path}", "GET {path} HTTP/9.9", "GET {path} HTTP/0.9", "GET {path} SMTP/1.1", "PRI * HTTP/2.0",
    "\0\0\0\0", "\x16\x03\x01\x02", "GET /\x01\x7f{path} HTTP/1.1", "GET /?{path} HTTP/1.1", "GET #{path} HTTP/1.1"])
def test_request_targets(target, line):
    asked = target.asked()
    request = line.format(host=target.host, path=target.path) + f"\r\nHost: {target.host}\r\nConnection: close\r\n\r\n"
    reply = target.send(request.encode("latin-1"))
    assert b" 200 " not in reply.partition(b"\r\n")[0] and MARKER.encode() not in reply
    assert target.asked() == asked
    assert target.is_unharmed()


@pytest.mark.parametrize("headers", [
    [f"X-Long: {'x' * 100_000}"], [f"X-{number}: {MARKER}" for number in range(5000)], ["X: " + MARKER, *[" " + "x" * 100] * 2000],
    ["x" * 70_000], [":"] * 1000, ["Content-Length: 99999999999999999999"], ["Content-Length: -1"],
    ["Transfer-Encoding: chunked", "Content-Length: 5"]],
    ids=["huge", "many", "folded", "no end", "no names", "length", "negative length", "two lengths"])
def test_headers(target, headers):
    request = "\r\n".join([f"GET {target.path[:-1]}0 HTTP/1.1", f"Host: {target.host}", *headers, "", ""])
    reply = target.send(request.encode())
    assert b" 200 " not in reply.partition(b"\r\n")[0] and MARKER.encode() not in reply
    assert target.is_unharmed()


@pytest.mark.parametrize("headers", [
    {"Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "image"}, {"Sec_Fetch_Mode": "cors", "Sec_Fetch_Dest": "empty"},
    {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"}, {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "object"},
    {"Sec_Fetch_Mode": "websocket", "Upgrade": "websocket"}, {"Sec_Fetch_Dest": "script"}, {"Sec_Fetch_Mode": ""}])
def test_not_a_navigation(target, headers):
    """Even with the right nonce, a page of somebody else's cannot have it fetched."""
    asked = target.asked()
    assert target.status_of(Origin=f"https://{MARKER}", Referer=f"https://{MARKER}/", **headers) == 403
    assert target.asked() == asked
    assert target.is_unharmed()


@pytest.mark.parametrize("headers", [{}, {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}])
def test_a_navigation(target, headers):
    assert target.status_of(**headers) == 200


def test_replay(target):
    """After the end the number leads to the same page for some seconds, then nowhere; and to nothing else."""
    other = Target(target.daemon, target.sandbox)  # keeps the port open
    assert target.is_unharmed()
    asked = target.asked()
    assert b"is connected" in target.ask()
    assert target.asked() == asked
    assert other.path != target.path
    target.daemon.call("CancelSession", session_id=other.session["session_id"])
    assert b"is connected" not in other.ask()
    assert len(target.sandbox.connections()) == 1


def test_pipelining(target):
    """A thousand requests in one go, each with a wrong number: one answer each."""
    request = f"GET /callback/{'0' * 32} HTTP/1.1\r\nHost: {target.host}\r\n\r\n".encode()
    with target.attach() as connection:
        connection.sendall(request * 1000)
        connection.sendall(request[:-2] + b"Connection: close\r\n\r\n")
        assert receive(connection).count(b"HTTP/1.1 404") == 1001
    assert target.is_unharmed()


def time_of_visit(target):
    """Milliseconds from the redirect to the page. The daemon asks Airstore meanwhile."""
    begin = time.monotonic()
    while True:
        with contextlib.suppress(ConnectionResetError):
            if b"HTTP/1.1 200" in target.ask():
                return 1000 * (time.monotonic() - begin)
        assert time.monotonic() - begin < TIMEOUT


def measure(daemon, sandbox, name, attack, capsys):
    """A login alone, and one in the middle of the attack; the figures are printed, not judged: how fast is for
    tests/bench to say, that it succeeds is for us."""
    alone = Target(daemon, sandbox)
    sandbox.press("approve", alone.session["session_id"])
    without = time_of_visit(alone)
    target = Target(daemon, sandbox)
    with attack(target):
        sandbox.press("approve", target.session["session_id"])
        beside = time_of_visit(target)
        assert daemon.call("GetSession", session_id=target.session["session_id"])["session"]["status"] == "complete"
    with capsys.disabled():
        print(f"\n    redirect to page: {without:.1f} ms alone, {beside:.1f} ms beside {name}")


@contextlib.contextmanager
def idle_connections(target, number=2000):
    with contextlib.ExitStack() as stack:
        for _ in range(number):
            stack.enter_context(target.attach())
        yield


@contextlib.contextmanager
def slow_headers(target, number=200):
    """Each sends a header now and then and never ends."""
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(target.attach()) for _ in range(number)]
        for round_ in range(3):
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.sendall(f"GET {target.path} HTTP/1.1\r\n".encode() if round_ == 0 else b"X: y\r\n")
        yield


@contextlib.contextmanager
def flood(target):
    """A process that connects and asks for wrong numbers as fast as it can."""
    program = """
import socket, sys
port, request = int(sys.argv[1]), sys.argv[2].encode().decode("unicode_escape").encode()
print("ready", flush=True)
while True:
    try:
        with socket.create_connection(("127.0.0.1", port)) as one:
            one.sendall(request)
    except ConnectionRefusedError:
        break
    except OSError:
        pass
"""
    request = f"GET /callback/{'0' * 32} HTTP/1.1\\r\\nHost: {target.host}\\r\\n\\r\\n"
    with subprocess.Popen([sys.executable, "-c", program, str(target.port), request], env=environment(), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout.readline() == "ready\n"
        yield
        process.kill()


@pytest.mark.parametrize("attack", [idle_connections, slow_headers, flood])
def test_the_rightful_browser_gets_in(daemon, sandbox, attack, capsys):
    measure(daemon, sandbox, attack.__name__.replace("_", " "), attack, capsys)


def test_the_browser_that_waits_stays(target):
    """Its reply is held until Airstore knows; meanwhile others come by the hundred."""
    with target.attach() as browser:
        seen = target.asked()
        browser.sendall(f"GET {target.path} HTTP/1.1\r\nHost: {target.host}\r\nConnection: close\r\n\r\n".encode())
        eventually(lambda: target.asked() > seen)
        with idle_connections(target, 300):
            assert b"is being connected" in receive(browser)


# Another user of the machine

STRANGER = """
import socket, sys
try:
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as one:
        one.sendall(sys.argv[2].encode().decode("unicode_escape").encode())
        sys.stdout.write(one.recv(65536).decode().partition("\\r\\n")[0])
except ConnectionError:
    pass
"""


def visit_of_stranger(target):
    request = f"GET {target.path} HTTP/1.1\\r\\nHost: {target.host}\\r\\nConnection: close\\r\\n\\r\\n"
    visit = nobody.run("/usr/bin/python3", "-c", STRANGER, target.port, request)
    assert visit.returncode == 0, visit.stderr
    return visit.stdout


def test_other_users(root, target):
    """Refused before a byte is read, though the number is right."""
    asked = target.asked()
    assert visit_of_stranger(target) == ""
    assert "Refused a visit of another user" in target.daemon.log
    assert target.asked() == asked
    assert target.is_unharmed()


def test_other_users_where_they_may(root, make_daemon, sandbox, files):
    """callback-same-user = no, and back again."""
    files.configure("[airstore]\ncallback-same-user = no\n")
    daemon = make_daemon(sandbox.base_url).start()
    target = Target(daemon, sandbox)
    assert visit_of_stranger(target) == "HTTP/1.1 200 OK"
    files.configure("")
    daemon.call("Reload")
    assert visit_of_stranger(target) == ""


def test_root_may(root, make_daemon, sandbox):
    """The daemon is somebody else's, and root (who runs the tests) is no stranger to it."""
    target = Target(nobody.launch(make_daemon(sandbox.base_url)), sandbox)
    assert target.status_of() == 200
