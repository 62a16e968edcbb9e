# SPDX-License-Identifier: MIT
"""Every method of ai.airstore.OAuth, and Varlink itself, as bytes on the socket."""

import os
import stat

import pytest

from programs import INTERFACE, ROOT, Varlink, VarlinkError

GONE = "no-such-session"


def raises(name):
    return pytest.raises(VarlinkError, match=name.replace(".", r"\."))


def test_create_session(daemon, sandbox, browser):
    reply = daemon.call("CreateSession", integration_type="gmail")
    session = reply["session"]
    assert reply["browser_opened"] is True and "browser_problem" not in reply and "warning" not in reply
    assert (session["integration_type"], session["status"]) == ("gmail", "pending")
    assert browser.opened() == session["authorize_url"]
    assert session["created_at"] < session["expires_at"]
    return_to = sandbox.return_to(session["session_id"])
    assert return_to.startswith(f"http://{daemon.call('GetStatus')['callback_address']}/callback/")


def test_create_session_without_browser(daemon, sandbox, browser):
    reply = daemon.call("CreateSession", integration_type="gmail", open_browser=False)
    assert reply["browser_opened"] is False and browser.is_untouched()
    assert sandbox.return_to(reply["session"]["session_id"]) is None


def test_create_session_with_return_to(daemon, sandbox):
    session = daemon.create(return_to="https://example.com/after?x=1")
    assert sandbox.return_to(session["session_id"]) == "https://example.com/after?x=1"


def test_browser_problem(make_daemon, sandbox):
    daemon = make_daemon(sandbox.base_url, BROWSER="/does/not/exist").start()
    reply = daemon.call("CreateSession", integration_type="gmail")
    assert reply["browser_opened"] is False and "/does/not/exist" in reply["browser_problem"]
    assert reply["session"]["authorize_url"]


def test_single_flight(daemon, sandbox):
    """Who asks for the same while it is pending gets the same session, and Airstore hears of one."""
    first = daemon.create()
    assert daemon.create()["session_id"] == first["session_id"]
    assert len(sandbox.requests("POST", "/oauth/sessions")) == 1
    assert daemon.create(always_new=True)["session_id"] != first["session_id"]
    assert daemon.create("github")["session_id"] != first["session_id"]


def test_single_flight_at_the_same_time(daemon, sandbox):
    clients = [daemon.connect() for _ in range(8)]
    for client in clients:
        client.send("CreateSession", {"integration_type": "gmail", "open_browser": False})
    replies = [client.result()[0] for client in clients]
    for client in clients:
        client.close()
    assert len({reply["session"]["session_id"] for reply in replies}) == 1
    assert len(sandbox.requests("POST", "/oauth/sessions")) == 1


def test_get_session(daemon, sandbox):
    session = daemon.create()
    assert daemon.call("GetSession", session_id=session["session_id"])["session"] == session
    with raises("NoSuchSession"):
        daemon.call("GetSession", session_id=GONE)


def test_poll(daemon, sandbox):
    session = daemon.create()
    with daemon.connect() as one, daemon.connect() as other:
        for waiter in one, other:
            waiter.send("Poll", {"session_id": session["session_id"]})
        sandbox.approve(session["authorize_url"])
        done, same = one.result()[0]["session"], other.result()[0]["session"]
    assert done == same
    assert done["status"] == "complete" and "authorize_url" not in done
    assert [one["external_id"] for one in sandbox.connections()] == [done["connection_id"]]
    assert daemon.call("Poll", session_id=session["session_id"])["session"] == done


def test_poll_with_more(daemon, sandbox):
    session = daemon.create()
    with daemon.connect() as waiter:
        changes = waiter.call_more("Poll", session_id=session["session_id"])
        assert next(changes)["session"]["status"] == "pending"
        sandbox.approve(session["authorize_url"])
        *_, last = changes
        assert last["session"]["status"] == "complete"
        assert waiter.call("GetStatus")["pending_sessions"] == 0


def test_poll_denied(daemon, sandbox):
    session = daemon.create()
    with daemon.connect() as waiter:
        waiter.send("Poll", {"session_id": session["session_id"]})
        sandbox.deny(session["authorize_url"])
        with raises("AuthorizationFailed") as error:
            waiter.result()
    assert error.value.parameters["failure"] == "denied"
    ended = daemon.call("GetSession", session_id=session["session_id"])["session"]
    assert (ended["status"], ended["failure"]) == ("error", "denied")


def test_poll_times_out(daemon):
    session = daemon.create()
    with raises("TimedOut") as error:
        daemon.call("Poll", session_id=session["session_id"], timeout=200)
    assert error.value.parameters == {"timeout": 200}
    assert daemon.call("GetSession", session_id=session["session_id"])["session"]["status"] == "pending"


def test_poll_unknown(daemon):
    with raises("NoSuchSession") as error:
        daemon.call("Poll", session_id=GONE)
    assert error.value.parameters == {"session_id": GONE}


def test_hanging_up_leaves_the_session(daemon, sandbox):
    session = daemon.create()
    with daemon.connect() as waiter:
        waiter.send("Poll", {"session_id": session["session_id"]})
    sandbox.approve(session["authorize_url"])
    assert daemon.call("Poll", session_id=session["session_id"])["session"]["status"] == "complete"


def test_list_sessions(daemon):
    assert daemon.call("ListSessions") == {"sessions": []}
    made = [daemon.create(integration)["session_id"] for integration in ("gmail", "github", "slack")]
    assert [session["session_id"] for session in daemon.call("ListSessions")["sessions"]] == made[::-1]


def test_connections(daemon, sandbox):
    with raises("NoSuchConnection"):
        daemon.call("GetConnection", integration_type="gmail")
    assert daemon.call("ListConnections") == {"connections": []}
    ids = {}
    for integration in ("gmail", "github"):
        session = daemon.create(integration)
        sandbox.approve(session["authorize_url"])
        ids[integration] = daemon.call("Poll", session_id=session["session_id"])["session"]["connection_id"]
    for integration, connection_id in ids.items():
        connection = daemon.call("GetConnection", integration_type=integration)["connection"]
        assert (connection["connection_id"], connection["integration_type"]) == (connection_id, integration)
        (listed,) = daemon.call("ListConnections", integration_type=integration)["connections"]
        assert listed == connection
    assert {one["connection_id"] for one in daemon.call("ListConnections")["connections"]} == set(ids.values())


def test_connection_of_a_workspace_that_is_not_known(daemon, sandbox):
    """It was made with a key of one workspace. Only Airstore knows whether that is the one that is named."""
    connection_id = daemon.connect_account(sandbox)["connection_id"]
    assert "workspace_id" not in daemon.call("GetConnection", integration_type="gmail")["connection"]
    for path in (daemon.socket, f"{daemon.socket}.ReadOnly"):
        with Varlink(path) as client, raises("NoSuchConnection"):
            client.call("GetConnection", integration_type="gmail", workspace_id="ws_9")
    # Whoever asks about something else has nothing sent.
    asked = sandbox.requests()
    with raises("NoSuchConnection"):
        daemon.call("GetConnection", integration_type="slack", workspace_id="ws_default")
    with Varlink(f"{daemon.socket}.ReadOnly") as client, raises("NoSuchConnection"):
        client.call("GetConnection", integration_type="gmail", workspace_id="ws_default")
    assert sandbox.requests() == asked
    for _ in range(2):
        connection = daemon.call("GetConnection", integration_type="gmail", workspace_id="ws_default")["connection"]
        assert (connection["connection_id"], connection["workspace_id"]) == (connection_id, "ws_default")
    assert [one["path"] for one in sandbox.requests("GET")].count("/workspaces/ws_default/connections") == 1


def test_delete_in_a_workspace(daemon, sandbox):
    """A workspace that is named is the one, also where that of the connection is not known."""
    connection_id = daemon.connect_account(sandbox)["connection_id"]
    with raises("ApiError") as error:
        daemon.call("DeleteConnection", connection_id=connection_id, workspace_id="ws_9")
    assert error.value.parameters["status"] == 404
    assert daemon.call("GetConnection", integration_type="gmail")["connection"]["connection_id"] == connection_id
    daemon.call("DeleteConnection", connection_id=connection_id, workspace_id="ws_default")
    assert sandbox.connections() == [] and daemon.call("ListConnections") == {"connections": []}


def test_list_integrations(daemon):
    known = {one["integration_type"]: (one["name"], one["authentication"])
             for one in daemon.call("ListIntegrations")["integrations"]}
    assert known == {
        "gmail": ("Gmail", "oauth"), "gdrive": ("Google Drive", "oauth"), "github": ("GitHub", "oauth_or_token"),
        "notion": ("Notion", "oauth_or_token"), "linear": ("Linear", "oauth"), "slack": ("Slack", "oauth"),
        "posthog": ("PostHog", "api_key")}


def test_get_status(daemon, sandbox):
    status = daemon.call("GetStatus")
    assert status["api_base_url"] == sandbox.base_url
    assert status["api_key_source"] and status["problems"] == []
    assert (status["pending_sessions"], status["connections"]) == (0, 0)
    assert "callback_address" not in status and "default_workspace_id" not in status
    assert status["uptime"] >= 0 and status["version"]


def test_unknown_integration_gets_a_warning(make_daemon, fake_airstore):
    airstore = fake_airstore({("POST", "/oauth/sessions"): [
        (201, {"session_id": "s1", "authorize_url": "https://example.com/"})],
        ("GET", "/oauth/sessions/s1"): [(200, {"status": "pending"})]})
    daemon = make_daemon(airstore.base_url).start()
    assert "brand-new" in daemon.call("CreateSession", integration_type="brand-new")["warning"]


@pytest.mark.parametrize("integration", ["posthog", "Gmail", "g/m", "", "g" * 65])
def test_invalid_integration(daemon, sandbox, integration):
    with raises("InvalidIntegration") as error:
        daemon.call("CreateSession", integration_type=integration)
    assert error.value.parameters["integration_type"] == integration
    assert sandbox.requests() == []


def test_not_configured(make_daemon, sandbox):
    daemon = make_daemon(sandbox.base_url, AIRSTORE_API_KEY=None).start()
    with raises("NotConfigured") as error:
        daemon.call("CreateSession", integration_type="gmail")
    assert "AIRSTORE_API_KEY" in error.value.parameters["message"]
    assert daemon.call("GetStatus")["problems"]


def test_introspection(daemon):
    info = daemon.call("org.varlink.service.GetInfo")
    assert set(info["interfaces"]) == {"org.varlink.service", INTERFACE}
    assert all(info[member] for member in ("vendor", "product", "version", "url"))
    description = daemon.call("org.varlink.service.GetInterfaceDescription", interface=INTERFACE)["description"]
    assert description.strip() == (ROOT / f"daemon/{INTERFACE}.varlink").read_text().strip()
    with raises("org.varlink.service.InterfaceNotFound"):
        daemon.call("org.varlink.service.GetInterfaceDescription", interface="com.example.none")


@pytest.mark.parametrize("method, parameters, named", [
    ("ListConnections", {"workspace_id": "..", "refresh": True}, "workspace_id"),
    ("GetConnection", {"integration_type": "gmail", "workspace_id": "."}, "workspace_id"),
    ("CreateSession", {"integration_type": "gmail", "workspace_id": "..", "open_browser": False}, "workspace_id"),
    ("CreateConnection", {"integration_type": "gmail", "access_token": "x", "workspace_id": ".."}, "workspace_id"),
    ("DeleteConnection", {"connection_id": "x", "workspace_id": ".."}, "workspace_id"),
    ("DeleteConnection", {"connection_id": "..", "workspace_id": "x"}, "connection_id"),
])
def test_no_id(daemon, method, parameters, named):
    """What would lead to another place in a URL."""
    with raises("org.varlink.service.InvalidParameter") as error:
        daemon.call(method, **parameters)
    assert error.value.parameters == {"parameter": named}


def test_socket_is_private(daemon):
    mode = os.stat(daemon.socket)
    assert stat.S_ISSOCK(mode.st_mode) and stat.S_IMODE(mode.st_mode) == 0o600
