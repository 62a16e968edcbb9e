# SPDX-License-Identifier: MIT
"""The socket without any library, and the read-only one forwarded as into a container or over ssh."""

import json
import subprocess

import pytest

from programs import INTERFACE, TIMEOUT, Varlink, VarlinkError, environment


@pytest.fixture
def connected(daemon, sandbox):
    """A complete and a pending session; the connection."""
    daemon.connect_account(sandbox)
    daemon.create("github")
    return daemon.call("GetConnection", integration_type="gmail")["connection"]


@pytest.fixture
def forwarded(daemon, place):
    """The path of a socket that leads to the read-only one. socat says when it listens."""
    path = place / "forwarded"
    process = subprocess.Popen(
        ["socat", "-d", "-d", f"UNIX-LISTEN:{path},fork,mode=600", f"UNIX-CONNECT:{daemon.socket}.ReadOnly"],
        env=environment(), text=True, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    with process:
        for line in process.stderr:
            if "listening on" in line:
                break
        yield path
        process.terminate()


def test_socat(daemon, connected):
    done = subprocess.run(
        f"printf '{{\"method\":\"{INTERFACE}.ListConnections\"}}\\0' | socat -t1 - UNIX-CONNECT:{daemon.socket}",
        shell=True, env=environment(), stdout=subprocess.PIPE, timeout=TIMEOUT)
    assert done.returncode == 0 and done.stdout.endswith(b"\0")
    assert json.loads(done.stdout[:-1]) == {"parameters": {"connections": [connected]}}


def test_forwarded(forwarded, daemon, connected):
    with Varlink(forwarded) as client:
        assert client.call("GetConnection", integration_type="gmail") == {"connection": connected}
        assert client.call("ListConnections") == {"connections": [connected]}
        assert client.call("ListIntegrations") == daemon.call("ListIntegrations")
        assert client.call("GetStatus")["connections"] == 1
        assert client.call("org.varlink.service.GetInfo") == daemon.call("org.varlink.service.GetInfo")


def test_forwarded_sessions_have_no_url(forwarded, daemon, connected):
    sessions = daemon.call("ListSessions")["sessions"]
    assert [one["status"] for one in sessions] == ["pending", "complete"] and sessions[0].pop("authorize_url")
    with Varlink(forwarded) as client:
        assert client.call("ListSessions") == {"sessions": sessions}
        for session in sessions:
            assert client.call("GetSession", session_id=session["session_id"]) == {"session": session}
        watched = []
        for one in client.call_more("Watch"):
            if not one:
                break
            watched.append(one)
    assert [one["connection"] for one in watched if "connection" in one] == [connected]
    seen = {one["session"]["session_id"]: one["session"] for one in watched if "session" in one}
    assert seen == {one["session_id"]: one for one in sessions}


def test_forwarded_news_have_no_url(forwarded, daemon):
    with Varlink(forwarded) as client:
        news = client.call_more("Watch")
        assert next(news) == {}
        session = daemon.create()
        seen = next(news)["session"]
        assert seen["session_id"] == session["session_id"] and "authorize_url" not in seen


@pytest.mark.parametrize("method, parameters", [
    ("CreateSession", {"integration_type": "slack"}),
    ("Poll", {"session_id": "x"}),
    ("CancelSession", {"session_id": "x"}),
    ("CreateConnection", {"integration_type": "github", "access_token": "t"}),
    ("DeleteConnection", {"connection_id": "x"}),
    ("ListConnections", {"refresh": True}),
])
def test_forwarded_gives_information_only(forwarded, daemon, sandbox, method, parameters):
    with Varlink(forwarded) as client:
        with pytest.raises(VarlinkError) as error:
            client.call(method, **parameters)
        assert (error.value.name, error.value.parameters) == ("org.varlink.service.PermissionDenied", {})
        assert client.call("ListConnections") == {"connections": []}
    assert sandbox.requests() == []
