# SPDX-License-Identifier: MIT
"""The page on 127.0.0.1 that the browser comes back to: who gets in, and that it is there only as
long as it is needed."""

import contextlib
import http.client
import socket
import threading
import urllib.parse

import pytest

from programs import eventually


class Callback:
    """A pending session, and the place where its browser is to come back to."""

    def __init__(self, session, url):
        self.session, self.url = session, url
        parts = urllib.parse.urlsplit(self.url)
        self.host, self.port, self.path = parts.netloc, parts.port, parts.path

    def ask(self, method="GET", path=None, hosts=None, headers=()):
        """Returns the reply to a request that is written down as it is."""
        hosts = [self.host] if hosts is None else hosts
        lines = [f"{method} {path or self.path} HTTP/1.1", *(f"Host: {host}" for host in hosts), *headers,
                 "Connection: close", "", ""]
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall("\r\n".join(lines).encode())
            reply = http.client.HTTPResponse(connection, method=method)
            reply.begin()
            reply.text = reply.read().decode()
            return reply


@pytest.fixture
def callback(daemon, sandbox):
    session = daemon.call("CreateSession", integration_type="gmail")["session"]
    return Callback(session, sandbox.return_to(session["session_id"]))


def is_pending(daemon, callback):
    return daemon.call("GetSession", session_id=callback.session["session_id"])["session"]["status"] == "pending"


def test_address(callback, daemon):
    assert callback.url.startswith(f"http://127.0.0.1:{callback.port}/callback/")
    nonce = callback.path.removeprefix("/callback/")
    assert len(nonce) >= 22 and "/" not in nonce  # 128 bits and more
    assert daemon.call("GetStatus")["callback_address"] == callback.host


def test_listens_on_this_machine_only(callback):
    with open("/proc/net/tcp") as table:
        listening = [line.split()[1] for line in table if line.split()[3] == "0A"]
    assert f"0100007F:{callback.port:04X}" in listening
    assert f"00000000:{callback.port:04X}" not in listening


@pytest.mark.parametrize("path", ["/", "/callback", "/callback/", "/callback/wrong", "/favicon.png", "/callback/%00"])
def test_wrong_path(callback, daemon, path):
    assert callback.ask(path=path).status == 404
    assert is_pending(daemon, callback)


def test_wrong_nonce(callback, daemon):
    """A page like the others, which tells as much as is known: nothing."""
    for path in (callback.path[:-1], callback.path + "0", "/callback/" + "0" * 32, callback.path + "/"):
        if path != callback.path:
            reply = callback.ask(path=path)
            assert reply.status == 404 and "<h1>Nothing is waiting here any more</h1>" in reply.text
            assert "Gmail" not in reply.text and path not in reply.text
    assert is_pending(daemon, callback)


def test_icon(callback, daemon):
    """Browsers ask for one of themselves."""
    reply = callback.ask(path="/favicon.ico")
    assert reply.status == 204 and reply.text == ""
    assert is_pending(daemon, callback)


@pytest.mark.parametrize("hosts", [
    [], ["127.0.0.1"], ["localhost"], ["evil.example"], ["127.0.0.1:1"], [""], ["{host}", "{host}"], ["{host}", "evil.example"]])
def test_wrong_host(callback, daemon, hosts):
    reply = callback.ask(hosts=[host.format(host=callback.host) for host in hosts])
    assert reply.status in (400, 421)
    assert is_pending(daemon, callback)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "BREW"])
def test_wrong_method(callback, daemon, method):
    assert callback.ask(method).status == 405
    assert is_pending(daemon, callback)


def test_page(callback, daemon, sandbox):
    """The redirect proves nothing: before the person approved, nothing is claimed."""
    reply = callback.ask()
    assert reply.status == 200 and "is connected" not in reply.text
    assert is_pending(daemon, callback)
    assert sandbox.approve(callback.session["authorize_url"]).startswith("Gmail is connected")


def test_nothing_is_echoed(callback):
    for reply in (callback.ask(path=callback.path + "?x=marker-of-ours"), callback.ask(path="/marker-of-ours")):
        assert "marker-of-ours" not in reply.text + str(reply.getheaders())


def test_headers(callback):
    headers = {name.lower(): value for name, value in callback.ask().getheaders()}
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers and "server" not in headers


@pytest.mark.parametrize("accepted, tag, title", [
    (None, "en", "Gmail is being connected"),
    ("de-AT,de;q=0.9,en;q=0.5", "de", "Gmail wird verbunden"),
    ("tlh, ja;q=0.1", "ja", "Gmail を接続しています"),
    ("marker-of-ours;q=1,,;;=\"<script>", "en", "Gmail is being connected"),
    ("x," * 4000 + "de", "en", "Gmail is being connected"),
])
def test_language(callback, accepted, tag, title):
    reply = callback.ask(headers=[f"Accept-Language: {accepted}"] if accepted else [])
    headers = {name.lower(): value for name, value in reply.getheaders()}
    assert (headers["content-language"], headers["vary"]) == (tag, "Accept-Language")
    assert f'<html lang="{tag}">' in reply.text and f"<title>{title}</title>" in reply.text
    assert "marker-of-ours" not in reply.text + str(headers) and "<script" not in reply.text


def test_asks_again(callback, daemon, sandbox):
    """Who has a page already is held until there is more to say, and Airstore is asked meanwhile; any number of tabs."""
    assert 'http-equiv="refresh" content="0;url=?again"' in callback.ask().text
    again = [threading.Thread(target=lambda: pages.append(callback.ask(path=callback.path + "?again").text)) for _ in range(10)]
    pages = []
    for thread in again:
        thread.start()
    eventually(lambda: len(pages) == 2)  # more are not held: they are to come back later
    assert all('content="5;url=?again"' in page for page in pages)
    sandbox.press("deny", callback.session["session_id"])
    for thread in again:
        thread.join(30)
    assert len(pages) == 10
    assert all("Access was not granted." in page and "google: access_denied" in page for page in pages[2:])


def test_restart(callback, daemon, sandbox):
    """Who is held then comes back when the daemon is there again."""
    pages = []
    held = threading.Thread(target=lambda: pages.append(callback.ask(path=callback.path + "?again").text))
    held.start()
    eventually(lambda: sandbox.requests("GET"))  # the visit makes the daemon ask
    daemon.restart()
    held.join(30)
    assert 'content="5;url=?again"' in pages[0]
    sandbox.press("approve", callback.session["session_id"])
    assert "<title>Gmail is connected</title>" in callback.ask().text


def test_ends_while_held(callback, daemon, sandbox):
    """A visit that comes in while those that are held are let go is not held, and the session, which is gone by
    then, hears nothing of it."""
    request = f"GET {callback.path}?again HTTP/1.1\r\nHost: {callback.host}\r\n\r\n".encode()
    with contextlib.ExitStack() as opened:
        connections = [opened.enter_context(socket.create_connection(("127.0.0.1", callback.port), timeout=30))
                       for _ in range(3)]
        for i, connection in enumerate(connections):
            connection.sendall(2 * request)  # the second waits behind the first, which is held
            eventually(lambda: len(sandbox.requests("GET")) > i)
        daemon.stop()
        pages = [opened.enter_context(connection.makefile("rb")).read() for connection in connections]
    assert all(b'content="5;url=?again"' in page for page in pages)


@pytest.mark.parametrize("workspace, command", [
    (None, "airstore-oauth connect gmail"), ("ws_1", "airstore-oauth connect gmail -w ws_1"),
    ("$(reboot)", None), ("`reboot`", None), ("1;reboot", None), ("-x", None), ("'", None)])
def test_command(make_daemon, fake_airstore, workspace, command):
    """What the page advises to type: nothing that a shell would take for more than a word comes from others."""
    airstore = fake_airstore({
        ("POST", "/oauth/sessions"): [(201, {"session_id": "s1", "authorize_url": "https://a.example/"})],
        ("GET", "/oauth/sessions/s1"): [(200, {"status": "pending"})]})
    daemon = make_daemon(airstore.base_url).start()
    named = {} if workspace is None else {"workspace_id": workspace}
    session = daemon.call("CreateSession", integration_type="gmail", **named)["session"]
    callback = Callback(session, airstore.requests[0][2]["return_to"])
    daemon.call("CancelSession", session_id=session["session_id"])
    page = callback.ask().text
    assert "cancelled on this computer" in page
    assert f'<code translate="no">{command}</code>' in page if command else "<code" not in page


def test_head(callback):
    reply = callback.ask("HEAD")
    assert reply.status == 200 and reply.text == ""


def test_nothing_listens_when_nothing_is_pending(callback, daemon, sandbox):
    """The last page is still served; then the port is closed."""
    sandbox.approve(callback.session["authorize_url"])
    daemon.call("Poll", session_id=callback.session["session_id"])
    eventually(lambda: "callback_address" not in daemon.call("GetStatus"))
    with pytest.raises(ConnectionRefusedError):
        callback.ask()


def test_no_port_without_browser(daemon):
    daemon.create()
    assert "callback_address" not in daemon.call("GetStatus")
