# SPDX-License-Identifier: MIT
"""Airstore and the network misbehave as sandbox/README.md describes it."""

import pytest

from programs import VarlinkError

# What is survived without a word, and what makes a reply useless.
HARMLESS = ["no-envelope", "content-type", "bare"]
HARMFUL = ["status", "empty", "garbage", "html", "endless", "reset", "reset-after-headers", "reset-in-body", "truncated",
           "null-data", "large"]


def create(daemon):
    return daemon.call("CreateSession", integration_type="gmail", open_browser=False)["session"]


@pytest.mark.parametrize("kind", HARMLESS + HARMFUL)
def test_asking_for_the_status(daemon, sandbox, kind):
    """A pending session outlives all of it."""
    session = create(daemon)
    sandbox.misbehave(kind, method="GET", path="/oauth/sessions/", count=2)
    with daemon.connect() as waiter:
        waiter.send("Poll", {"session_id": session["session_id"]})
        sandbox.approve(session["authorize_url"])
        assert waiter.result()[0]["session"]["status"] == "complete"


@pytest.mark.parametrize("kind", HARMLESS)
def test_creating(daemon, sandbox, kind):
    sandbox.misbehave(kind, method="POST", count=0)
    assert create(daemon)["authorize_url"]


@pytest.mark.parametrize("kind", HARMFUL)
def test_failing_to_create(daemon, sandbox, kind):
    """An error says so, and the next attempt works."""
    sandbox.misbehave(kind, method="POST", count=0)
    with pytest.raises(VarlinkError) as error:
        create(daemon)
    assert error.value.name in ("ApiError", "Unreachable") and error.value.parameters["message"]
    assert daemon.call("ListSessions") == {"sessions": []}
    sandbox.behave()
    assert create(daemon)["status"] == "pending"


def test_trouble_is_told(daemon, sandbox):
    """Who waits with `more` hears what keeps Airstore from being asked."""
    session = create(daemon)
    sandbox.misbehave("status", status=503, method="GET", count=0)
    with daemon.connect() as waiter:
        changes = waiter.call_more("Poll", session_id=session["session_id"], interval=100)
        next(change for change in changes if change["session"].get("trouble"))
        sandbox.behave()
        sandbox.approve(session["authorize_url"])
        assert list(changes)[-1]["session"]["status"] == "complete"


def test_vanished_session(daemon, sandbox):
    """Completed and forgotten by the server before we asked: the connection is found all the same."""
    session = daemon.call("CreateSession", integration_type="gmail", workspace_id="ws_1", open_browser=False)["session"]
    sandbox.misbehave("status", status=503, method="GET", count=0)
    sandbox.approve(session["authorize_url"])
    sandbox.vanish(session["session_id"])
    sandbox.behave()
    (connection,) = sandbox.connections("ws_1")
    done = daemon.call("Poll", session_id=session["session_id"])["session"]
    assert done["connection_id"] == connection["external_id"]


def test_expired_session(daemon, sandbox):
    session = daemon.call("CreateSession", integration_type="gmail", workspace_id="ws_1", open_browser=False)["session"]
    sandbox.vanish(session["session_id"])
    with pytest.raises(VarlinkError) as error:
        daemon.call("Poll", session_id=session["session_id"])
    assert (error.value.name, error.value.parameters["failure"]) == ("AuthorizationFailed", "expired")


def test_limit_of_pending_sessions(daemon):
    for _ in range(64):
        daemon.call("CreateSession", integration_type="gmail", open_browser=False, always_new=True)
    with pytest.raises(VarlinkError) as error:
        daemon.call("CreateSession", integration_type="gmail", open_browser=False, always_new=True)
    assert error.value.name == "LimitReached" and error.value.parameters["maximum"] == 64
    assert daemon.call("GetStatus")["pending_sessions"] == 64
