# SPDX-License-Identifier: MIT
"""Airstore, or what lies between it and us, misbehaves: what becomes of the session, what is said
meanwhile, and what was asked."""

import contextlib
import json
import re
import socket
import sqlite3
import time

import pytest

from certificates import Authority, Front
from network import Relay
from programs import VarlinkError, eventually, seconds

STATUSES = [408, 409, 429, 500, 502, 503, 504]
SESSIONS = "/oauth/sessions"
STATUS = {"method": "GET", "path": SESSIONS + "/"}
CREATE = {"method": "POST", "path": SESSIONS}
LIST = {"method": "GET", "path": "/workspaces/"}

# The name of a row, what misbehaves, and what is said about it.
TROUBLES = [
    *[(f"{status}", {"kind": "status", "status": status, "error": f"made up {status}"}, f"made up {status}")
      for status in STATUSES],
    *[(f"{status} Retry-After", {"kind": "status", "status": status, "retry_after_ms": 700, "error": f"made up {status}"},
       f"made up {status}") for status in STATUSES],
    ("reset", {"kind": "reset"}, "reset|Empty reply|failed|failure"),
    ("reset after the headers", {"kind": "reset-after-headers"}, "reset|closed|failed|failure"),
    ("reset in the body", {"kind": "reset-in-body"}, "reset|closed|failed|failure"),
    ("truncated", {"kind": "truncated"}, "closed|remaining"),
    ("endless", {"kind": "endless"}, "1 MiB"),
    ("HTML", {"kind": "html"}, "JSON"),
    ("garbage", {"kind": "garbage"}, "JSON"),
    ("nothing", {"kind": "empty"}, ""),
    ("null", {"kind": "null-data"}, ""),
    ("too large", {"kind": "large"}, "1 MiB"),
    ("another shape", {"kind": "body", "body": "{\"success\":true,\"data\":{\"status\":7}}"}, "status"),
]
HARMLESS = [
    ("wrong content type", {"kind": "content-type", "content_type": "text/html"}),
    ("no envelope", {"kind": "no-envelope"}),
    ("no headers of its own", {"kind": "bare"}),
    ("slow drip", {"kind": "drip", "ms": 5}),
    ("latency", {"kind": "latency", "ms": 300}),
]


def table(rows):
    return pytest.mark.parametrize("fault, said", [row[1:] for row in rows], ids=[row[0] for row in rows])


def harmless(*more):
    rows = [*HARMLESS, *more]
    return pytest.mark.parametrize("fault", [row[1] for row in rows], ids=[row[0] for row in rows])


class Waiting:
    """A client in Poll that hears of every change."""

    def __init__(self, daemon, session):
        self._client = daemon.connect()
        self._client.send("Poll", {"session_id": session["session_id"], "interval": 100}, more=True)
        self.news = [self._client.result()[0]["session"]]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._client.close()

    def until(self, holds):
        while not holds(self.news[-1]):
            self.news.append(self._client.result()[0]["session"])
        return self.news[-1]

    def trouble(self):
        return self.until(lambda session: "trouble" in session)["trouble"]

    def end(self):
        return self.until(lambda session: session["status"] != "pending")


def log_lines(daemon, text):
    return [line for line in daemon.log.splitlines() if text in line]


def check_trouble(daemon, session, waiting, said):
    """It is visible, and said once, however often it is tried."""
    trouble = waiting.trouble()
    assert re.search(said, trouble), trouble
    now = daemon.call("GetSession", session_id=session["session_id"])["session"]
    assert (now["status"], now["trouble"]) == ("pending", trouble)
    assert len(log_lines(daemon, "cannot be asked, trying on")) == 1


def check_complete(daemon, sandbox, session, done, workspace="ws_default"):
    (connection,) = sandbox.connections(workspace)
    assert done["connection_id"] == connection["external_id"] and "trouble" not in done
    known = daemon.call("GetSession", session_id=session["session_id"])["session"]
    assert known["status"] == "complete" and "trouble" not in known


# Polling


@table(TROUBLES)
def test_polling(daemon, sandbox, fault, said):
    session = daemon.create()
    sandbox.misbehave(**fault, **STATUS, count=0)
    with Waiting(daemon, session) as waiting:
        check_trouble(daemon, session, waiting, said)
        # curl tries once more by itself where a connection that was used before is reset.
        tries = 3 if fault["kind"] == "reset" else 2
        eventually(lambda: len(sandbox.requests("GET")) >= tries)
        assert len(log_lines(daemon, "cannot be asked, trying on")) == 1
        sandbox.approve(session["authorize_url"])
        sandbox.behave()
        check_complete(daemon, sandbox, session, waiting.end())
    before, after = [seconds(request["time"]) for request in sandbox.requests("GET")[tries - 2:tries]]
    assert after - before >= (0.69 if "retry_after_ms" in fault else 0.49)
    assert {request["path"] for request in sandbox.requests("GET")} >= {f"{SESSIONS}/{session['session_id']}"}


@harmless(("latency of 10 s", {"kind": "latency", "ms": 10000}))
def test_polling_all_the_same(daemon, sandbox, fault):
    session = daemon.create()
    sandbox.approve(session["authorize_url"])
    sandbox.misbehave(**fault, **STATUS)
    with Waiting(daemon, session) as waiting:
        check_complete(daemon, sandbox, session, waiting.end())
        assert not any("trouble" in news for news in waiting.news)
    assert len(sandbox.requests("GET", f"{SESSIONS}/{session['session_id']}")) == 1
    assert not log_lines(daemon, "cannot be asked")


def test_a_byte_a_second(daemon, sandbox):
    """Given up after a while, and asked again."""
    session = daemon.create()
    sandbox.misbehave("drip", **STATUS)
    with Waiting(daemon, session) as waiting:
        check_trouble(daemon, session, waiting, "in time")
        sandbox.approve(session["authorize_url"])
        check_complete(daemon, sandbox, session, waiting.end())
    assert len(log_lines(daemon, "cannot be asked")) == 1


def test_trouble_that_changes(daemon, sandbox):
    """One line a change."""
    session = daemon.create()
    sandbox.misbehave("status", status=503, count=2, error="first", **STATUS)
    sandbox.misbehave("status", status=500, error="second", **STATUS)
    with Waiting(daemon, session) as waiting:
        waiting.until(lambda news: "second" in news.get("trouble", ""))
        waiting.until(lambda news: "trouble" not in news)
    said = [re.search("first|second|answers again", line) for line in log_lines(daemon, "Airstore ")]
    assert [match[0] for match in said if match] == ["first", "second", "answers again"]


def test_long_retry_after(daemon, sandbox):
    """A server that wants to be left alone is left alone, whoever waits; the redirect does not change that."""
    session = daemon.create()
    sandbox.misbehave("status", status=429, retry_after=3, **STATUS)
    with Waiting(daemon, session) as waiting:
        check_trouble(daemon, session, waiting, "")
        sandbox.approve(session["authorize_url"])
        waiting.end()
    first, second = [seconds(request["time"]) for request in sandbox.requests("GET")]
    assert second - first >= 2.99


@pytest.mark.parametrize("status", [401, 403])
def test_polling_refused(daemon, sandbox, status):
    """That ends what cannot succeed, and says what to do."""
    session = daemon.create()
    sandbox.misbehave("status", status=status, error="made up", **STATUS)
    with Waiting(daemon, session) as waiting, pytest.raises(VarlinkError) as error:
        waiting.end()
    assert error.value.name == "AuthorizationFailed" and error.value.parameters["failure"] == "unauthorized"
    assert "made up" in error.value.parameters["message"] and "API key" in error.value.parameters["message"]
    assert len(sandbox.requests("GET")) == 1
    assert len(log_lines(daemon, "was not connected")) == 1


# Creating


@pytest.mark.parametrize("retry_after", [{}, {"retry_after_ms": 50}], ids=["", "Retry-After"])
@pytest.mark.parametrize("status", STATUSES)
def test_creating_is_tried_three_times(daemon, sandbox, status, retry_after):
    sandbox.misbehave("status", status=status, count=2, **retry_after, **CREATE)
    assert daemon.create()["status"] == "pending"
    assert [request["status"] for request in sandbox.requests("POST")] == [status, status, 201]
    first, second, third = [seconds(request["time"]) for request in sandbox.requests("POST")]
    pauses = (0.049, 0.049) if retry_after else (0.499, 0.999)
    assert second - first >= pauses[0] and third - second >= pauses[1]


@pytest.mark.parametrize("status", STATUSES)
def test_creating_is_given_up(daemon, sandbox, status):
    sandbox.misbehave("status", status=status, count=0, error="made up", retry_after_ms=50, **CREATE)
    with pytest.raises(VarlinkError) as error:
        daemon.create()
    assert error.value.name == "ApiError"
    assert error.value.parameters["status"] == status and error.value.parameters["message"] == "made up"
    assert error.value.parameters["request_id"]
    assert len(sandbox.requests("POST")) == 3
    assert len(log_lines(daemon, "created no session")) == 1
    assert sandbox.sessions() == [] and daemon.call("ListSessions")["sessions"] == []
    sandbox.behave()
    assert daemon.create()["status"] == "pending", "the next attempt works"


def test_creating_is_not_waited_for_an_hour(daemon, sandbox):
    sandbox.misbehave("status", status=503, retry_after=3600, **CREATE)
    with pytest.raises(VarlinkError) as error:
        daemon.create()
    assert error.value.name == "ApiError" and error.value.parameters["status"] == 503
    assert len(sandbox.requests("POST")) == 1


@pytest.mark.parametrize("kind", ["reset", "reset-after-headers", "reset-in-body", "truncated"])
def test_creating_after_a_broken_connection(daemon, sandbox, kind):
    """Whether Airstore had created one before nobody can know. Here there is one."""
    sandbox.misbehave(kind, **CREATE)
    session = daemon.create()
    assert [one["session_id"] for one in daemon.call("ListSessions")["sessions"]] == [session["session_id"]]
    assert len(sandbox.requests("POST")) == 2


@pytest.mark.parametrize("kind, said", [
    ("endless", "1 MiB"), ("large", "1 MiB"), ("html", "JSON"), ("garbage", "JSON"), ("empty", ""), ("null-data", "")])
def test_creating_answered_with_nonsense(daemon, sandbox, kind, said):
    """Not tried again: a session may have been created, and nobody would ever see its page."""
    sandbox.misbehave(kind, **CREATE)
    with pytest.raises(VarlinkError) as error:
        daemon.create()
    assert error.value.name == "Unreachable"
    assert said in error.value.parameters["message"], error.value
    assert len(sandbox.requests("POST")) == 1
    assert daemon.call("ListSessions")["sessions"] == []
    assert daemon.create()["status"] == "pending"


@harmless()
def test_creating_all_the_same(daemon, sandbox, fault):
    sandbox.misbehave(**fault, **CREATE)
    assert daemon.create()["status"] == "pending"
    assert len(sandbox.requests("POST")) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_creating_refused(daemon, sandbox, status):
    sandbox.misbehave("status", status=status, **CREATE)
    with pytest.raises(VarlinkError) as error:
        daemon.create()
    assert error.value.name == "ApiError" and error.value.parameters["status"] == status
    assert len(sandbox.requests("POST")) == 1


# A session that is gone at the server


@table([row for row in TROUBLES if row[0] in (
    "503", "429 Retry-After", "reset", "reset in the body", "truncated", "endless", "HTML", "another shape")])
def test_looking_for_the_connection(daemon, sandbox, fault, said):
    """The list of connections cannot be had at first: that ends nothing."""
    session = daemon.create(workspace_id="ws_mine")
    sandbox.approve(session["authorize_url"])
    sandbox.vanish(session["session_id"])
    if fault["kind"] == "body":
        fault, said = {**fault, "body": "{\"success\":true,\"data\":{}}"}, ""
    sandbox.misbehave(**fault, **LIST, count=0)
    with Waiting(daemon, session) as waiting:
        check_trouble(daemon, session, waiting, said)
        sandbox.behave()
        done = waiting.end()
    check_complete(daemon, sandbox, session, done, "ws_mine")
    assert done["renewed"] is False
    assert len(sandbox.requests("GET", f"{SESSIONS}/{session['session_id']}")) == 1
    assert len(sandbox.requests("GET", "/workspaces/ws_mine/connections")) >= 2


def entry(**changes):
    """Of a list; None leaves a member out."""
    whole = {"external_id": "int_1", "workspace_id": "ws_mine", "integration_type": "gmail",
             "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", **changes}
    return {name: value for name, value in whole.items() if value is not None}


def list_next(sandbox, *entries, count=1):
    sandbox.misbehave("body", body=json.dumps({"success": True, "data": entries}), **LIST, count=count)


def refresh(daemon):
    listed = daemon.call("ListConnections", workspace_id="ws_mine", refresh=True)["connections"]
    return {one["connection_id"]: one["integration_type"] for one in listed}


def test_unreadable_entries(daemon, sandbox):
    """The readable ones are taken; what is known of the others stays, and people are told."""
    whole = [entry(), entry(external_id="int_2", integration_type="github"), entry(external_id="int_3", integration_type="slack")]
    list_next(sandbox, *whole)
    known = refresh(daemon)
    assert known == {"int_1": "gmail", "int_2": "github", "int_3": "slack"}
    assert daemon.call("GetStatus")["problems"] == []

    # It says which one it cannot be read of: what is not listed at all is gone.
    list_next(sandbox, entry(scope="more"), entry(external_id="int_2", integration_type=None))
    assert refresh(daemon) == {"int_1": "gmail", "int_2": "github"}
    (problem,) = daemon.call("GetStatus")["problems"]
    assert re.search(r"ws_mine.*lacks data\[1\].integration_type; request ID \S+", problem), problem
    assert log_lines(daemon, problem)

    # It does not: it could be any of those that are not listed.
    list_next(sandbox, 7, entry(external_id="int_4", integration_type="linear"))
    assert refresh(daemon) == {"int_1": "gmail", "int_2": "github", "int_4": "linear"}

    daemon.restart()
    assert daemon.call("GetConnection", integration_type="github", workspace_id="ws_mine")
    list_next(sandbox, *whole)
    assert refresh(daemon) == known
    assert daemon.call("GetStatus")["problems"] == []


def test_looking_beside_unreadable_entries(daemon, sandbox):
    """What is looked for is found beside them; where it is not, it may be one of them."""
    session = daemon.create(workspace_id="ws_mine")
    sandbox.approve(session["authorize_url"])
    sandbox.vanish(session["session_id"])
    (connection,) = sandbox.connections("ws_mine")
    list_next(sandbox, {**connection, "integration_type": 7}, entry(integration_type="github"), count=0)
    with Waiting(daemon, session) as waiting:
        check_trouble(daemon, session, waiting, "data\\[0\\].integration_type")
        sandbox.behave()
        list_next(sandbox, {}, connection, count=0)
        done = waiting.end()
        sandbox.behave()
    check_complete(daemon, sandbox, session, done, "ws_mine")


@harmless()
def test_looking_all_the_same(daemon, sandbox, fault):
    session = daemon.create(workspace_id="ws_mine")
    sandbox.approve(session["authorize_url"])
    sandbox.vanish(session["session_id"])
    sandbox.misbehave(**fault, **LIST)
    with Waiting(daemon, session) as waiting:
        check_complete(daemon, sandbox, session, waiting.end(), "ws_mine")
    assert not log_lines(daemon, "cannot be asked")


@pytest.mark.parametrize("other", ["nothing", "an older connection", "a connection of something else"])
def test_vanished_without_a_connection(daemon, sandbox, other):
    """It has expired, and nothing that was there before is taken for what came of it."""
    if other == "an older connection":
        sandbox.misbehave("clock", offset_seconds=-60)
    if other != "nothing":
        before = daemon.create("slack" if "else" in other else "gmail", workspace_id="ws_mine")
        sandbox.approve(before["authorize_url"])
        with Waiting(daemon, before) as waiting:
            waiting.end()
    sandbox.behave()
    session = daemon.create(workspace_id="ws_mine")
    sandbox.vanish(session["session_id"])
    with Waiting(daemon, session) as waiting, pytest.raises(VarlinkError) as error:
        waiting.end()
    assert error.value.name == "AuthorizationFailed" and error.value.parameters["failure"] == "expired"
    assert len(sandbox.requests("GET", "/workspaces/ws_mine/connections")) == 1


def test_vanished_and_its_workspace_too(daemon, sandbox):
    session = daemon.create(workspace_id="ws_mine")
    sandbox.vanish(session["session_id"])
    sandbox.misbehave("status", status=404, error="workspace not found", **LIST)
    with Waiting(daemon, session) as waiting, pytest.raises(VarlinkError) as error:
        waiting.end()
    assert error.value.parameters["failure"] == "unknown"
    assert "workspace not found" in error.value.parameters["message"]


@pytest.mark.parametrize("offset", [-3600, 3600])
@pytest.mark.parametrize("renewed", [False, True])
def test_clock_of_the_server(daemon, sandbox, offset, renewed):
    """An hour off: what came of a session is told by the server's own clock."""
    if renewed:
        sandbox.misbehave("clock", offset_seconds=offset - 60)
        before = daemon.create(workspace_id="ws_mine")
        sandbox.approve(before["authorize_url"])
        with Waiting(daemon, before) as waiting:
            waiting.end()
        sandbox.behave()
    sandbox.misbehave("clock", offset_seconds=offset)
    session = daemon.create(workspace_id="ws_mine")
    assert abs(seconds(session["expires_at"]) - time.time() - 600) < 30  # by our clock, which is what people see
    sandbox.approve(session["authorize_url"])
    sandbox.vanish(session["session_id"])
    with Waiting(daemon, session) as waiting:
        done = waiting.end()
    check_complete(daemon, sandbox, session, done, "ws_mine")
    assert done["renewed"] is renewed


@pytest.mark.parametrize("offset", [-3600, 3600])
def test_clock_of_the_server_and_no_connection(daemon, sandbox, offset):
    sandbox.misbehave("clock", offset_seconds=offset)
    session = daemon.create(workspace_id="ws_mine")
    sandbox.vanish(session["session_id"])
    with Waiting(daemon, session) as waiting, pytest.raises(VarlinkError) as error:
        waiting.end()
    assert error.value.parameters["failure"] == "expired"


# On the way to the server


def test_ipv6_only(make_daemon, sandbox, browser):
    """Airstore has no IPv4 address; the browser comes back to 127.0.0.1 all the same."""
    relay = Relay(sandbox.port, socket.AF_INET6, "::1")
    try:
        daemon = make_daemon(f"http://[::1]:{relay.port}/api/v1").start()
        session = daemon.call("CreateSession", integration_type="gmail")["session"]
        with Waiting(daemon, session) as waiting:
            assert sandbox.approve(browser.opened()).startswith("Gmail is connected")
            check_complete(daemon, sandbox, session, waiting.end())
        daemon.stop()
    finally:
        relay.close()


def test_server_that_goes_and_comes_back(make_daemon, sandbox):
    """Nobody listens there for a while."""
    relay = Relay(sandbox.port)
    try:
        daemon = make_daemon(f"http://127.0.0.1:{relay.port}/api/v1").start()
        session = daemon.create()
        relay.close()
        with Waiting(daemon, session) as waiting:
            check_trouble(daemon, session, waiting, "onnect")
            with pytest.raises(VarlinkError) as error:
                daemon.create("slack")
            assert error.value.name == "Unreachable"
            sandbox.approve(session["authorize_url"])
            relay.start()
            check_complete(daemon, sandbox, session, waiting.end())
        daemon.stop()
    finally:
        relay.close()


@pytest.fixture
def impostor(place, sandbox):
    """Has a certificate that nobody has signed."""
    with contextlib.closing(Front(Authority(place).certify(own=True), sandbox.port)) as impostor:
        yield impostor


def untrusted(impostor):
    return impostor.base_url, "certificate|SSL"


def unresolved(impostor):
    return "https://airstore.invalid/api/v1", "resolve"


def move_session(daemon, base_url):
    """The server's address leads elsewhere now: what was begun there is asked about there."""
    with contextlib.closing(sqlite3.connect(daemon.state / "oauthd.db", isolation_level=None)) as store:
        store.execute("UPDATE sessions SET base_url = ?", [base_url])


@pytest.mark.parametrize("place_of", [untrusted, unresolved])
def test_wrong_place(make_daemon, sandbox, impostor, place_of):
    """A server that cannot be trusted, or has no address: said, and it ends nothing; and nothing is sent there."""
    base_url, said = place_of(impostor)
    right = make_daemon(sandbox.base_url).start()
    session = right.create()
    right.stop()
    asked = sandbox.request_count()

    move_session(right, base_url)
    wrong = make_daemon(base_url).start()
    with Waiting(wrong, session) as waiting:
        check_trouble(wrong, session, waiting, said)
    with pytest.raises(VarlinkError) as error:
        wrong.create("slack")
    assert error.value.name == "Unreachable" and re.search(said, error.value.parameters["message"])
    wrong.stop()
    assert sandbox.request_count() == asked and (impostor.visits > 0) is (place_of is untrusted)

    move_session(right, sandbox.base_url)
    right.start()
    sandbox.approve(session["authorize_url"])
    with Waiting(right, session) as waiting:
        check_complete(right, sandbox, session, waiting.end())
