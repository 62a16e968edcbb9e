# SPDX-License-Identifier: MIT
"""What Airstore may answer, well-formed or not, and what becomes of it."""

import datetime

import pytest

from programs import VarlinkError

CREATE = ("POST", "/oauth/sessions")
STATUS = ("GET", "/oauth/sessions/s1")
CREATED = {"session_id": "s1", "authorize_url": "https://example.com/consent"}
COMPLETE = {"status": "complete", "connection_id": "c1"}


def enveloped(data):
    return {"success": True, "data": data}


def start(make_daemon, fake_airstore, replies, **variables):
    airstore = fake_airstore(replies)
    return airstore, make_daemon(airstore.base_url, **variables).start()


@pytest.mark.parametrize("created, complete", [
    (enveloped(CREATED), enveloped(COMPLETE)),
    (CREATED, COMPLETE),  # no envelope
    ({"data": CREATED, "trace": [1, {}]}, {**enveloped(COMPLETE), "hint": None}),
    (enveloped({**CREATED, "color": {"a": [None]}}), enveloped({**COMPLETE, "error": None, "id": 7})),
])
def test_accepted(make_daemon, fake_airstore, created, complete):
    _, daemon = start(make_daemon, fake_airstore, {CREATE: [(201, created)], STATUS: [(200, complete)]})
    session = daemon.call("CreateSession", integration_type="gmail")["session"]
    done = daemon.call("Poll", session_id=session["session_id"], timeout=20000)["session"]
    assert (done["status"], done["connection_id"]) == ("complete", "c1")


@pytest.mark.parametrize("body, named", [
    (b"<html>Bad gateway</html>", "JSON"),
    (b"", ""),
    (b'{"success":true,"data":', "JSON"),
    (b'{"success":true,"data":{"session_id":"s1\xff","authorize_url":"https://example.com/"}}', "JSON"),
    (b'{"a":' * 5000, "JSON"),
    (b"[]", ""),
    (b"null", ""),
    (enveloped(None), "session_id"),
    ({"success": True}, "session_id"),
    (enveloped({"session_id": "s1"}), "authorize_url"),
    (enveloped({"authorize_url": "https://example.com/"}), "session_id"),
    (enveloped({"session_id": ["s1"], "authorize_url": "https://example.com/"}), "session_id"),
    (enveloped({"session_id": "s1", "authorize_url": {}}), "authorize_url"),
    (b'{"success":true,"data":"' + b"x" * (1024 * 1024) + b'"}', ""),
])
def test_broken_reply(make_daemon, fake_airstore, browser, body, named):
    """An error names what was wrong, and nothing else happens."""
    _, daemon = start(make_daemon, fake_airstore, {CREATE: [(201, body)]})
    with pytest.raises(VarlinkError) as error:
        daemon.call("CreateSession", integration_type="gmail")
    assert error.value.name == "Unreachable"
    assert named in error.value.parameters["message"]
    assert browser.is_untouched()
    assert daemon.call("GetStatus")["pending_sessions"] == 0


@pytest.mark.parametrize("trouble", [
    (200, b"<html>"), (200, {"success": True, "data": None}), (200, enveloped({"status": "asleep"})),
    (200, enveloped({"status": "complete"})), (408, {}), (409, {}), (429, {}), (500, b""), (503, b"no"),
    (200, b'{"success":true,"data":"' + b"x" * (1024 * 1024) + b'"}'),
])
def test_trouble_never_ends_a_session(make_daemon, fake_airstore, trouble):
    airstore, daemon = start(make_daemon, fake_airstore, {
        CREATE: [(201, enveloped(CREATED))], STATUS: [trouble, (200, enveloped(COMPLETE))]})
    daemon.call("CreateSession", integration_type="gmail")
    assert daemon.call("Poll", session_id="s1", interval=100)["session"]["connection_id"] == "c1"
    assert len(airstore.requests) >= 3


@pytest.mark.parametrize("status, text, name", [
    (400, "integration gmail does not use OAuth", "ApiError"), (403, "no", "ApiError"), (422, "no", "ApiError")])
def test_refusal(make_daemon, fake_airstore, status, text, name):
    _, daemon = start(make_daemon, fake_airstore, {CREATE: [(status, {"success": False, "error": text})]})
    with pytest.raises(VarlinkError) as error:
        daemon.call("CreateSession", integration_type="gmail")
    assert error.value.name == name
    assert error.value.parameters["status"] == status and text in error.value.parameters["message"]


@pytest.mark.parametrize("workspace, sent", [("7", 7), ("ws_1", "ws_1")])
@pytest.mark.parametrize("envelope", [enveloped, lambda data: data])
def test_lost_completion_is_found_again(make_daemon, fake_airstore, workspace, sent, envelope):
    """The server has forgotten the session, but the connection that came of it is there."""
    def connections(_):
        now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)
        return 200, envelope([
            {"external_id": "c0", "workspace_id": sent, "integration_type": "slack", "updated_at": now.isoformat()},
            {"external_id": "c1", "workspace_id": sent, "integration_type": "gmail", "updated_at": now.isoformat(),
             "created_at": "2020-01-01T00:00:00Z", "scope": None, "member_id": 3}])

    _, daemon = start(make_daemon, fake_airstore, {
        CREATE: [(201, enveloped(CREATED))], STATUS: [(404, {"success": False, "error": "session not found"})],
        ("GET", f"/workspaces/{workspace}/connections"): [connections]})
    daemon.call("CreateSession", integration_type="gmail", workspace_id=workspace)
    done = daemon.call("Poll", session_id="s1")["session"]
    assert (done["connection_id"], done["workspace_id"]) == ("c1", workspace)


@pytest.mark.parametrize("connections", [
    enveloped(None), enveloped([]), {"success": True},
    enveloped([{"external_id": "c1", "workspace_id": "ws_1", "integration_type": "gmail",
                "created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00.123456789+02:00"}])])
def test_expired(make_daemon, fake_airstore, connections):
    """Neither the session nor a connection newer than it is known to the server."""
    _, daemon = start(make_daemon, fake_airstore, {
        CREATE: [(201, enveloped(CREATED))], STATUS: [(404, {"success": False, "error": "session not found"})],
        ("GET", "/workspaces/ws_1/connections"): [(200, connections)]})
    daemon.call("CreateSession", integration_type="gmail", workspace_id="ws_1")
    with pytest.raises(VarlinkError) as error:
        daemon.call("Poll", session_id="s1")
    assert (error.value.name, error.value.parameters["failure"]) == ("AuthorizationFailed", "expired")
