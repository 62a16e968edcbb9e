# SPDX-License-Identifier: MIT
"""Varlink to the letter: bytes on the socket of the real daemon, and what comes back."""

import json
import socket

import pytest

from programs import INTERFACE, TIMEOUT, Varlink, VarlinkError

SERVICE = "org.varlink.service"
STATUS = f'{{"method":"{INTERFACE}.GetStatus"}}'.encode() + b"\0"


@pytest.fixture
def client(daemon):
    with daemon.connect() as client:
        yield client


@pytest.fixture
def other(daemon):
    """A second client, which must not notice anything."""
    with daemon.connect() as client:
        yield client


@pytest.fixture
def session(daemon):
    return daemon.create()


def shut_down(client):
    """Closes its sending half."""
    client.socket.shutdown(socket.SHUT_WR)


def error_of(client):
    with pytest.raises(VarlinkError) as error:
        client.result()
    return error.value.name, error.value.parameters


def pending(daemon):
    return {one["session_id"] for one in daemon.call("ListSessions")["sessions"] if one["status"] == "pending"}


# Framing

def test_byte_by_byte(client):
    for byte in STATUS * 2:
        client.send_bytes(bytes([byte]))
    for _ in range(2):
        assert client.result()[0]["version"]


def test_coalesced(client):
    client.send_bytes(STATUS * 100 + STATUS[:10])
    for _ in range(100):
        assert client.result()[0]["version"]
    client.send_bytes(STATUS[10:])
    assert client.result()[0]["version"]


def test_space_around_a_message(client):
    client.send_bytes(b" \n\t" + STATUS[:-1] + b"\r\n\0")
    assert client.result()[0]["version"]


# Order

def test_pipelined_replies_come_in_order(client):
    names = [f"session-{number}" for number in range(500)]
    for name in names:
        client.send("GetSession", {"session_id": name})
    assert [error_of(client)[1]["session_id"] for _ in names] == names


def test_many_replies_wait_for_a_reader(client, other):
    """More than the daemon queues: it takes no further calls until the client has read. All the
    calls are there by then, so that nothing but the reading can make it go on."""
    call = json.dumps({"method": f"{SERVICE}.GetInterfaceDescription", "parameters": {"interface": INTERFACE}})
    number = 60_000 // len(call)
    client.send_bytes((call.encode() + b"\0") * number)
    for _ in range(3):
        assert other.call("GetStatus")
    for _ in range(number):
        assert client.result()[0]["description"]


def test_calls_behind_a_waiting_poll(client, session, sandbox, other):
    client.send("Poll", {"session_id": session["session_id"]})
    client.send("GetStatus")
    client.send("GetConnection", {"integration_type": "github"})
    assert other.call("GetStatus")["pending_sessions"] == 1
    sandbox.approve(session["authorize_url"])
    assert client.result()[0]["session"]["status"] == "complete"
    assert client.result()[0]["pending_sessions"] == 0
    assert error_of(client)[0] == "NoSuchConnection"


# Flags

@pytest.mark.parametrize("method, parameters", [
    ("GetStatus", {}), ("Fly", {}), ("com.example.none.Fly", {}), ("GetSession", {"session_id": "none"}),
    ("GetSession", {"session_id": 1}), ("GetSession", {}), ("Watch", {})])
def test_oneway_has_no_reply(client, method, parameters):
    client.send(method, parameters, oneway=True)
    assert "integrations" in client.call("ListIntegrations")


def test_oneway_with_more_has_no_reply(client, session):
    client.send("Watch", oneway=True, more=True)
    client.send("CancelSession", {"session_id": session["session_id"]}, oneway=True, more=True)
    assert client.call("GetStatus")["pending_sessions"] == 0


def test_oneway_and_gone(daemon, session):
    with daemon.connect() as watcher:
        news = watcher.call_more("Watch")
        while next(news):
            pass
        with daemon.connect() as client:
            client.send("CancelSession", {"session_id": session["session_id"]}, oneway=True)
        assert next(news)["session"]["failure"] == "cancelled"


def test_all_oneway_calls_before_hanging_up(daemon, sandbox):
    """Also those behind a call that takes its time, and behind one whose reply nobody reads."""
    with daemon.connect() as watcher:
        news = watcher.call_more("Watch")
        assert next(news) == {}
        sandbox.misbehave("latency", ms=200, count=1)
        with daemon.connect() as client:
            client.send("CreateSession", {"integration_type": "gmail", "open_browser": False}, oneway=True)
            client.send("GetStatus")
            client.send("CreateSession", {"integration_type": "github", "open_browser": False}, oneway=True)
            client.send("CreateSession", {"integration_type": "slack", "open_browser": False})
        made = [next(news)["session"]["integration_type"] for _ in range(3)]
    assert made == ["gmail", "github", "slack"]


def test_continues_only_under_more(daemon, session, sandbox):
    with daemon.connect() as plain, daemon.connect() as more:
        plain.send("Poll", {"session_id": session["session_id"]})
        more.send("Poll", {"session_id": session["session_id"]}, more=True)
        assert more.receive() == {"parameters": {"session": session}, "continues": True}
        sandbox.approve(session["authorize_url"])
        replies = [more.receive()]
        while replies[-1].get("continues"):
            replies.append(more.receive())
        assert replies[-1]["parameters"]["session"]["status"] == "complete" and "continues" not in replies[-1]
        reply = plain.receive()
        assert reply["parameters"] == replies[-1]["parameters"] and "continues" not in reply
        # Exactly one final reply: the next one is that of the next call.
        for client in plain, more:
            assert "integrations" in client.call("ListIntegrations")


def test_more_where_there_is_only_one_reply(client):
    client.send("GetStatus", more=True)
    reply = client.receive()
    assert "continues" not in reply and reply["parameters"]["version"]


def test_watch_expects_more(client):
    client.send("Watch")
    assert error_of(client) == (f"{SERVICE}.ExpectedMore", {})
    client.send("Watch", more=False)
    assert error_of(client) == (f"{SERVICE}.ExpectedMore", {})


@pytest.mark.parametrize("flags", ["more", "oneway", "upgrade"])
@pytest.mark.parametrize("value", [b"false", b"null"])
def test_flags_that_are_not_set(client, flags, value):
    client.send_bytes(STATUS[:-2] + b',"%s":%s}\0' % (flags.encode(), value))
    assert client.result() == (client.call("GetStatus") | {"uptime": pytest.approx(0, abs=TIMEOUT * 1000)}, False)


# Parameters

@pytest.mark.parametrize("parameters", [
    b"", b',"parameters":null', b',"parameters":{}', b',"parameters":{"refresh":null}',
    b',"parameters":{"workspace_id":null,"integration_type":null}'])
def test_absent_null_and_empty_are_alike(client, parameters):
    client.send_bytes(f'{{"method":"{INTERFACE}.ListConnections"'.encode() + parameters + b"}\0")
    assert client.receive() == {"parameters": {"connections": []}}


@pytest.mark.parametrize("method, parameters, named", [
    ("GetStatus", {"colour": "red"}, "colour"),
    ("GetStatus", {"colour": None}, "colour"),
    ("GetSession", {"session_id": "x", "Session_id": "x"}, "Session_id"),
    ("GetSession", {"session_id": None}, "session_id"),
    ("Poll", {"session_id": "x", "timeout": "5"}, "timeout"),
    ("CreateSession", {"integration_type": "gmail", "open_browser": 1}, "open_browser"),
    (f"{SERVICE}.GetInterfaceDescription", {}, "interface"),
    (f"{SERVICE}.GetInfo", {"verbose": True}, "verbose"),
])
def test_invalid_parameter(client, method, parameters, named):
    client.send(method, parameters)
    assert error_of(client) == (f"{SERVICE}.InvalidParameter", {"parameter": named})


# Errors of the service itself

@pytest.mark.parametrize("method, error, parameters", [
    ("com.example.none.Fly", "InterfaceNotFound", {"interface": "com.example.none"}),
    ("com.example.Fly.", "InterfaceNotFound", {"interface": "com.example.Fly"}),
    (".Fly", "InterfaceNotFound", {"interface": ""}),
    ("ai.airstore.oauth.GetStatus", "InterfaceNotFound", {"interface": "ai.airstore.oauth"}),
    (f"{INTERFACE}.Fly", "MethodNotFound", {"method": f"{INTERFACE}.Fly"}),
    (f"{INTERFACE}.getStatus", "MethodNotFound", {"method": f"{INTERFACE}.getStatus"}),
    (f"{INTERFACE}.", "MethodNotFound", {"method": f"{INTERFACE}."}),
    (f"{SERVICE}.Fly", "MethodNotFound", {"method": f"{SERVICE}.Fly"}),
])
def test_not_found(client, method, error, parameters):
    client.send(method)
    assert error_of(client) == (f"{SERVICE}.{error}", parameters)


def test_description_of_an_unknown_interface(client):
    client.send(f"{SERVICE}.GetInterfaceDescription", {"interface": "com.example.none"})
    assert error_of(client) == (f"{SERVICE}.InterfaceNotFound", {"interface": "com.example.none"})


def test_upgrade_is_refused(client):
    client.send("GetStatus", upgrade=True)
    assert error_of(client) == (f"{SERVICE}.MethodNotImplemented", {"method": f"{INTERFACE}.GetStatus"})
    assert client.call("GetStatus")


def test_permission_denied(daemon, session):
    with Varlink(f"{daemon.socket}.ReadOnly") as client:
        client.send("CancelSession", {"session_id": session["session_id"]})
        assert client.receive() == {"error": f"{SERVICE}.PermissionDenied", "parameters": {}}
    assert pending(daemon) == {session["session_id"]}


# What is no message

@pytest.mark.parametrize("garbage", [
    b"", b"hello", b"null", b"7", b'"GetStatus"', b"[]", b"[{}]", b"{}", b"{]", b'{"parameters":{}}',
    b'{"method":null}', b'{"method":7}', b'{"method":["a.b"]}', b'{"method":"GetStatus"}', b'{"method":""}',
    STATUS[:-1] * 2, STATUS[:-1] + b"x", STATUS[:-2], STATUS[:-2] + b",}", STATUS.replace(b'"', b"'")[:-1],
    STATUS[:-2] + b',"parameters":[]}', STATUS[:-2] + b',"parameters":"{}"}', STATUS[:-2] + b',"more":1}',
    STATUS[:-2] + b',"more":"true"}', STATUS[:-2] + b',"oneway":[]}', STATUS[:-2] + b',"upgrade":{}}',
    STATUS[:-2] + b',"colour":"red"}', STATUS[:-2] + b',"more":true,"more":true}', STATUS[:-2] + b',"error":"x"}',
    b"\xef\xbb\xbf" + STATUS[:-1], b"\xff", b'{"a":' * 1000 + b"1" + b"}" * 1000,
])
def test_malformed_ends_the_connection_and_nothing_else(client, other, garbage):
    client.send_bytes(STATUS + garbage + b"\0" + STATUS)
    assert client.result()[0]["version"]
    assert client.receive() is None
    assert other.call("GetStatus")


def test_malformed_behind_a_waiting_poll(client, other, session, sandbox):
    """It is taken up in its turn: the reply before it still comes."""
    client.send("Poll", {"session_id": session["session_id"]})
    client.send_bytes(b"hello\0")
    sandbox.approve(session["authorize_url"])
    assert client.result()[0]["session"]["status"] == "complete"
    assert client.receive() is None
    assert other.call("GetStatus")


# Hanging up

def test_half_closed_client_gets_its_replies(client, session, sandbox):
    client.send("GetStatus")
    client.send("Poll", {"session_id": session["session_id"]}, more=True)
    client.send("ListIntegrations")
    shut_down(client)
    assert client.result()[0]["version"]
    assert client.result()[0]["session"]["status"] == "pending"
    sandbox.approve(session["authorize_url"])
    continues = True
    while continues:
        reply, continues = client.result()
    assert reply["session"]["status"] == "complete"
    assert client.result()[0]["integrations"]
    assert client.receive() is None


def test_half_closed_in_the_middle_of_a_message(client, other):
    client.send_bytes(STATUS + STATUS[:-1])
    shut_down(client)
    assert client.result()[0]["version"]
    assert client.receive() is None
    assert other.call("GetStatus")


def test_connecting_and_hanging_up(daemon):
    for _ in range(300):
        daemon.connect().close()
    assert daemon.call("GetStatus")


@pytest.mark.parametrize("more", [False, True])
def test_hanging_up_cancels_the_wait_and_not_the_session(daemon, session, sandbox, more):
    with daemon.connect() as client:
        client.send("Poll", {"session_id": session["session_id"]}, more=more)
    assert pending(daemon) == {session["session_id"]}
    with daemon.connect() as waiter:
        waiter.send("Poll", {"session_id": session["session_id"]})
        sandbox.approve(session["authorize_url"])
        assert waiter.result()[0]["session"]["status"] == "complete"
