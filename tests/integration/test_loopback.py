# SPDX-License-Identifier: MIT
"""The page on 127.0.0.1 that the browser comes back to: who gets in, and that it is there only as
long as it is needed."""

import http.client
import socket
import urllib.parse

import pytest

from programs import eventually


class Callback:
    """A pending session, and the place where its browser is to come back to."""

    def __init__(self, daemon, sandbox):
        reply = daemon.call("CreateSession", integration_type="gmail")
        self.session = reply["session"]
        self.url = sandbox.return_to(self.session["session_id"])
        parts = urllib.parse.urlsplit(self.url)
        self.host, self.port, self.path = parts.netloc, parts.port, parts.path

    def ask(self, method="GET", path=None, hosts=None):
        """Returns the reply to a request that is written down as it is."""
        hosts = [self.host] if hosts is None else hosts
        lines = [f"{method} {path or self.path} HTTP/1.1", *(f"Host: {host}" for host in hosts), "Connection: close", "", ""]
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall("\r\n".join(lines).encode())
            reply = http.client.HTTPResponse(connection, method=method)
            reply.begin()
            reply.text = reply.read().decode()
            return reply


@pytest.fixture
def callback(daemon, sandbox):
    return Callback(daemon, sandbox)


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


@pytest.mark.parametrize("path", ["/", "/callback", "/callback/", "/callback/wrong", "/favicon.ico", "/callback/%00"])
def test_wrong_path(callback, daemon, path):
    assert callback.ask(path=path).status == 404
    assert is_pending(daemon, callback)


def test_wrong_nonce(callback, daemon):
    for path in (callback.path[:-1], callback.path + "0", callback.path.swapcase(), callback.path + "/"):
        if path != callback.path:
            assert callback.ask(path=path).status == 404
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
    daemon.call("CreateSession", integration_type="gmail", open_browser=False)
    assert "callback_address" not in daemon.call("GetStatus")
