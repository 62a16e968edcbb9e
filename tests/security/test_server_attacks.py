# SPDX-License-Identifier: MIT
"""Airstore, or who says to be it, wants more than it should get: the key for somebody else, the person's browser, our
memory, our time. What merely fails is in integration/test_server_faults.py."""

import contextlib
import gzip
import itertools
import json
import pathlib
import ssl

import pytest

from certificates import Authority
from programs import API_KEY, VarlinkError, eventually
from servers import Front, Scripted, reply

KEY = API_KEY.encode()


@pytest.fixture
def authority(root, place):
    return Authority(place)


@pytest.fixture
def open_server():
    """open_server(Scripted, …): closed in the end."""
    with contextlib.ExitStack() as stack:
        def make(kind, *arguments, **options):
            server = kind(*arguments, **options)
            stack.callback(server.close)
            return server

        yield make


def failure(daemon):
    with pytest.raises(VarlinkError) as error:
        daemon.create(open_browser=True)
    assert daemon.call("ListSessions")["sessions"] == [] and daemon.call("GetStatus")["pending_sessions"] == 0
    assert API_KEY not in str(error.value.parameters)
    return error.value


# Replies without end, and larger than they look


def endless(first, again):
    return lambda: itertools.chain([first], itertools.repeat(again * 100))


def memory_peak(daemon):
    """In KiB."""
    status = pathlib.Path(f"/proc/{daemon.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


@pytest.mark.parametrize("says", [
    endless(b"HTTP/1.1 200 OK\r\n", b"X-Header: and another\r\n"),
    endless(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
    endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"Trailer: x\r\n"),
    endless(b"HTTP/1.1 200 OK\r\n\r\n", b"[1,"),
    endless(b"", b"x")],
    ids=["headers", "one header", "interim replies", "early hints", "chunks", "trailers", "body", "no HTTP"])
def test_without_end(make_daemon, open_server, says):
    server = open_server(Scripted, says)
    daemon = make_daemon(server.base_url).start()
    with daemon.connect() as other:
        error = failure(daemon)
        assert other.call("GetStatus")
    assert error.name == "Unreachable"
    assert memory_peak(daemon) < 512 * 1024  # the sanitizers take most of that


def test_chunk_extensions_without_end(make_daemon, open_server):
    """Nobody counts them: the request ends by its time-out. Until then it takes no memory, and nobody waits for it."""
    server = open_server(Scripted, endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1", b";extension=x"))
    daemon = make_daemon(server.base_url).start()
    before = memory_peak(daemon)
    with daemon.connect() as waiting, daemon.connect() as other:
        waiting.send("CreateSession", {"integration_type": "gmail", "open_browser": False})
        eventually(lambda: server.sent > 64 << 20)
        assert other.call("GetStatus")
    assert memory_peak(daemon) - before < 32 * 1024
    daemon.kill()  # which would wait for the reply


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip"])
def test_compression_bomb(make_daemon, open_server, encoding):
    """Nothing is unpacked, for we never ask for anything packed."""
    bomb = gzip.compress(b" " * (64 << 20))
    server = open_server(Scripted, reply(200, bomb, f"Content-Encoding: {encoding}"))
    daemon = make_daemon(server.base_url).start()
    assert "JSON" in failure(daemon).parameters["message"]
    assert b"accept-encoding" not in server.heard[0].lower()


def test_ten_thousand_connections_in_a_list(make_daemon, fake_airstore):
    """More than we take is an error that says so; as many as fit are all there."""
    def listed(number):
        return [{"external_id": f"c{one}", "workspace_id": "w", "integration_type": f"type-{one}"} for one in range(number)]

    replies = {("GET", "/workspaces/w/connections"): [(200, listed(20_000)), (200, listed(10_000))]}
    daemon = make_daemon(fake_airstore(replies).base_url).start()
    with pytest.raises(VarlinkError, match="1 MiB"):
        daemon.call("ListConnections", workspace_id="w", refresh=True)
    assert daemon.call("GetStatus")["connections"] == 0
    with daemon.connect() as other:
        with contextlib.suppress(VarlinkError):  # the reply may be longer than a client may be sent
            daemon.call("ListConnections", workspace_id="w", refresh=True)
        assert other.call("GetStatus")["connections"] == 10_000


# The key for somebody else


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 300, 305])
@pytest.mark.parametrize("where", ["elsewhere", "here"])
def test_redirects_are_not_followed(make_daemon, open_server, status, where):
    thief = open_server(Scripted, reply(200, b"{}"))
    target = f"{thief.base_url}/oauth/sessions" if where == "elsewhere" else "/api/v1/other"
    server = open_server(Scripted, reply(status, b"", f"Location: {target}", f"Refresh: 0; url={target}"))
    daemon = make_daemon(server.base_url).start()
    failure(daemon)
    assert thief.visits == 0
    assert all(b"/other" not in heard for heard in server.heard)


def test_cookies_are_neither_kept_nor_sent(make_daemon, open_server):
    server = open_server(Scripted, reply(404, b"{}", "Set-Cookie: a=marker; Path=/", "Set-Cookie2: b=marker", "Clear-Site-Data: *"))
    daemon = make_daemon(server.base_url).start()
    for _ in range(2):
        failure(daemon)
    assert len(server.heard) == 2 and b"marker" not in server.heard[1] and b"cookie" not in server.heard[1].lower()


def test_other_protocols_are_not_spoken(make_daemon, open_server):
    """An offer to change the protocol, or to find Airstore elsewhere, is left alone."""
    thief = open_server(Scripted, reply(200, b"{}"))
    offers = ("Upgrade: h2c", "Connection: Upgrade", f'Alt-Svc: http/1.1="127.0.0.1:{thief.port}"; ma=3600',
              "Strict-Transport-Security: max-age=31536000", "WWW-Authenticate: Negotiate", "WWW-Authenticate: NTLM")
    server = open_server(Scripted, reply(401, b"{}", *offers))
    daemon = make_daemon(server.base_url).start()
    for _ in range(2):
        failure(daemon)
    assert thief.visits == 0 and len(server.heard) == 2
    assert all(heard.count(b"Authorization: Bearer " + KEY) == 1 for heard in server.heard)


@pytest.mark.parametrize("url", [
    "http://airstore.example/api/v1", "http://127.0.0.1.example/api/v1", "http://127.0.0.1@airstore.example/api/v1",
    "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "HTTPS:/airstore.example", "//airstore.example",
    "https://key@airstore.example/", "https://airstore.example/?x", "-https://airstore.example"])
def test_places_that_the_key_is_not_sent_to(make_daemon, url):
    daemon = make_daemon(url).start()
    error = failure(daemon)
    assert error.name == "InvalidConfiguration" and "AIRSTORE_BASE_URL" in str(error.parameters)


def test_ids_stay_within_their_place(make_daemon, fake_airstore):
    """What the server calls a session is part of a path later."""
    name = "../../x?y#z%2f..\\ "
    airstore = fake_airstore({
        ("POST", "/oauth/sessions"): [(201, {"session_id": name, "authorize_url": "https://accounts.example/"})],
        ("GET", "/oauth/sessions/..%2F..%2Fx%3Fy%23z%252f..%5C%20"): [(200, {"status": "complete", "connection_id": "c"})],
        ("GET", "/workspaces/w/connections"): [(200, [])]})
    daemon = make_daemon(airstore.base_url).start()
    session = daemon.create(workspace_id="w")
    assert daemon.poll(session)["connection_id"] == "c"


# TLS


def refused(daemon, front, sandbox):
    error = failure(daemon)
    assert error.name == "Unreachable"
    assert front.visits > 0 and sandbox.requests() == []
    return error.parameters["message"]


def start(make_daemon, authority, url):
    return make_daemon(url).start(prefix=authority.prefix)


@pytest.mark.parametrize("certificate", [
    {"end": "20200102000000Z"}, {"begin": "20390101000000Z"}, {"host": "airstore.example"}, {"host": "127.0.0.2"},
    {"host": "localhost"}, {"own": True}], ids=["expired", "not valid yet", "other host", "other address", "other name", "self-signed"])
def test_certificates_that_are_refused(make_daemon, authority, open_server, sandbox, certificate):
    front = open_server(Front, authority.certify(**certificate), sandbox.port)
    daemon = start(make_daemon, authority, front.base_url)
    assert any(word in refused(daemon, front, sandbox) for word in ("certificate", "SSL", "subject", "host"))


def test_old_tls_is_refused(make_daemon, authority, open_server, sandbox):
    context = authority.certify()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    front = open_server(Front, context, sandbox.port)
    refused(start(make_daemon, authority, front.base_url), front, sandbox)


def test_no_tls_where_there_should_be(make_daemon, authority, open_server):
    """Downgraded on the way: the key is not said in the clear."""
    class Plain(Scripted):
        def serve(self, client):
            self.heard.append(client.recv(65536))
            client.sendall(reply(200, b"{}"))

    server = open_server(Plain, b"")
    daemon = start(make_daemon, authority, server.base_url.replace("http:", "https:"))
    assert failure(daemon).name == "Unreachable"
    assert server.heard and not any(KEY in heard or b"HTTP" in heard for heard in server.heard)


def test_a_handshake_that_stalls(make_daemon, authority, open_server):
    """Others are served meanwhile, and who hangs up has done with it."""
    class Silent(Front):
        def serve(self, client):
            self.visits += 1
            client.settimeout(None)
            while client.recv(65536):
                pass

    front = open_server(Silent, authority.certify(), 0)
    daemon = start(make_daemon, authority, front.base_url)
    with daemon.connect() as waiting, daemon.connect() as other:
        waiting.send("CreateSession", {"integration_type": "gmail"})
        eventually(lambda: front.visits > 0)
        for _ in range(20):
            assert other.call("GetStatus")
    daemon.kill()


@pytest.mark.parametrize("protocol", ["h2", "http/1.1"])
@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_a_good_certificate(make_daemon, authority, open_server, sandbox, protocol, version, browser):
    """A login over HTTPS, from the key to the ID, over one connection."""
    context = authority.certify()
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    front = open_server(Front, context, sandbox.port, (protocol,))
    daemon = start(make_daemon, authority, front.base_url)
    session = daemon.create(open_browser=True)
    assert browser.opened() == session["authorize_url"]
    with daemon.connect() as client:
        client.send("Poll", {"session_id": session["session_id"], "interval": 100}, more=True)
        client.result()
        eventually(lambda: sandbox.request_count() >= 5)
        sandbox.approve(session["authorize_url"])
        while client.result()[1]:
            pass
    done = daemon.call("GetSession", session_id=session["session_id"])["session"]
    assert done["connection_id"] == sandbox.connections()[0]["external_id"]
    assert front.spoken == [protocol] and front.versions == [version.replace("_", ".")] and front.failures == []


def test_many_sessions_over_one_connection(make_daemon, authority, open_server, sandbox):
    """HTTP/2 has room for all of them."""
    front = open_server(Front, authority.certify(), sandbox.port)
    daemon = start(make_daemon, authority, front.base_url)
    sessions = [daemon.create(always_new=True) for _ in range(10)]
    with contextlib.ExitStack() as stack:
        for session in sessions:
            client = stack.enter_context(daemon.connect())
            client.send("Poll", {"session_id": session["session_id"], "interval": 100})
        eventually(lambda: sandbox.request_count() > 50)
    assert front.visits == 1 and front.spoken == ["h2"]


# The person's terminal


@pytest.mark.parametrize("words", ["\x1b[2Jmarker", "marker\x1b]52;c;eA==\x07", "marker\r\nok", "marker\x9b1m", "marker\u202e\u2066"])
def test_words_that_move_the_cursor(make_daemon, open_server, cli, words):
    """What the server writes is shown to people as text."""
    server = open_server(Scripted, reply(422, json.dumps({"error": words}).encode()))
    daemon = make_daemon(server.base_url).start()
    message = failure(daemon).parameters["message"]
    done = cli("connect", "gmail", "--no-browser")
    for text in (message, daemon.log.replace("\n", ""), done.stderr.replace("\n", ""), done.stdout):
        assert not any(ord(char) < 0x20 or 0x7f <= ord(char) < 0xa0 or char in "\u202e\u2066" for char in text), ascii(text)
    assert "marker" in message


# The person's browser


def created(url):
    return reply(201, json.dumps({"session_id": "s1", "authorize_url": url}).encode())


@pytest.mark.parametrize("url", [
    "file:///etc/passwd", "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "ftp://accounts.example/",
    "-https://accounts.example/", "--new-window", "-", "", " https://accounts.example/", "https://accounts.example/ --x",
    "https://accounts.example/\nhttps://x/", "https://accounts.example/\r\nX: y", "https://accounts.example/\t",
    "https://accounts.example/\u0000x", "https://accounts.example/\u202e", "https://accounts.example\\@x/", "https:accounts.example",
    "https:///x", "https://", "https://:80/", "https://user:word@accounts.example/", "http://accounts.example/",
    "http://127.0.0.1.evil.example/", "vbscript:x", "intent://x", "ms-settings:", "view-source:https://accounts.example/",
    "https://accounts.example/`id`", 'https://accounts.example/"x"', "https://accounts.example/<x>", "https://accounts.example/{x}|y",
    "https://accounts.example/" + "x" * 100_000, "x" * 900_000,
    "/consent", "https://accounts.example/\x1b[2J", "http://127.0.0.1@accounts.example/", "https://\u0430irstore.example/"])
def test_urls_that_are_not_opened(make_daemon, open_server, browser, url):
    server = open_server(Scripted, created(url))
    daemon = make_daemon(server.base_url).start()
    error = failure(daemon)
    assert error.name == "Unreachable" and "URL" in error.parameters["message"] or url == "https://accounts.example/\u0000x"
    assert browser.is_untouched()


@pytest.mark.parametrize("url", [
    "https://accounts.example/$(touch${IFS}pwned)".replace("{", "").replace("}", ""), "https://accounts.example/;touch$IFS'pwned'",
    "https://accounts.example/&&touch%20pwned&x=%s%d%n", "https://accounts.example/?a=1&b=*~!$()';,", "https://accounts.example/#-x",
    "https://accounts.example/%00%0a%s", "HTTPS://ACCOUNTS.EXAMPLE/", "http://localhost:1/x"])
def test_urls_that_are_opened_as_they_are(make_daemon, open_server, browser, place, url):
    """As one argument, that no shell has seen."""
    server = open_server(Scripted, created(url))
    daemon = make_daemon(server.base_url).start()
    daemon.create(open_browser=True)
    assert browser.opened() == url
    assert not list(place.rglob("pwned"))
