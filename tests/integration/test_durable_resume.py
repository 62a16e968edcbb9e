# SPDX-License-Identifier: MIT
"""Sessions outlive the daemon, the network and the server's memory of them."""

import socket
import time
import urllib.parse

import pytest

import network
from programs import VarlinkError, eventually, seconds

END = pytest.mark.parametrize("end", ["stop", "kill"])


def get(daemon, session):
    return daemon.call("GetSession", session_id=session["session_id"])["session"]


def failure(daemon, session):
    """Why it failed, and what is said about it."""
    with pytest.raises(VarlinkError) as error:
        daemon.poll(session)
    assert error.value.name == "AuthorizationFailed"
    return error.value.parameters["failure"], error.value.parameters["message"]


def forgotten(sandbox):
    return lambda: sandbox.sessions() == []


# Pending sessions


@END
def test_everything_pending_goes_on(daemon, sandbox, end):
    """As it was, asked about at once, whoever waits or does not."""
    sessions = [daemon.create(integration) for integration in ("gmail", "slack", "linear")]
    before = daemon.call("ListSessions")
    for session in sessions[:2]:
        sandbox.approve(session["authorize_url"])
    getattr(daemon, end)()
    asked = len(sandbox.requests("GET"))
    daemon.start()
    # Each is asked about at once, and without anybody waiting.
    eventually(lambda: len(sandbox.requests("GET")) >= asked + 3)
    eventually(lambda: [get(daemon, one)["status"] for one in sessions] == ["complete", "complete", "pending"])
    (last,) = [one for one in daemon.call("ListSessions")["sessions"] if one["status"] == "pending"]
    assert last in before["sessions"]  # its deadline, its page and all the rest included
    sandbox.deny(sessions[2]["authorize_url"])
    assert failure(daemon, sessions[2])[0] == "denied"


@END
def test_single_flight_after_a_restart(daemon, end):
    session = daemon.create()
    getattr(daemon, end)()
    daemon.start()
    assert daemon.create() == session
    assert daemon.create(always_new=True)["session_id"] != session["session_id"]


@END
def test_the_browser_comes_back_to_the_same_port(daemon, sandbox, browser, end):
    session = daemon.create(open_browser=True)
    address = daemon.call("GetStatus")["callback_address"]
    getattr(daemon, end)()
    daemon.start()
    assert daemon.call("GetStatus")["callback_address"] == address
    assert sandbox.approve(browser.opened()).startswith("Gmail is connected")
    # No waiter: the redirect alone has it asked about.
    assert get(daemon, session)["status"] == "complete"


def test_no_second_browser_tab(daemon, sandbox, browser):
    session = daemon.create(open_browser=True)
    url = browser.opened()
    daemon.kill()
    daemon.start()
    assert daemon.create(open_browser=True)["session_id"] == session["session_id"]
    assert browser.is_untouched()
    sandbox.approve(url)
    assert daemon.poll(session)["status"] == "complete"


def test_port_taken_meanwhile(daemon, sandbox):
    """Polling finishes it then, and the stranger on the port hears nothing of importance."""
    session = daemon.create(open_browser=True)
    port = urllib.parse.urlsplit(sandbox.return_to(session["session_id"])).port
    daemon.stop()
    with socket.create_server(("127.0.0.1", port)):
        daemon.start()
        assert "polling will finish it" in daemon.log
        assert sandbox.press("approve", session["session_id"])["status"] == "complete"
        assert daemon.poll(session)["status"] == "complete"
        # And the next one has a port of its own.
        other = daemon.create("slack", open_browser=True)
        assert sandbox.approve(other["authorize_url"]).startswith("Slack is connected")


def test_at_most_four_requests_at_once(daemon, sandbox):
    """However many sessions go on after a start: no burst."""
    for number in range(12):
        daemon.create(workspace_id=f"ws_{number}")
    daemon.stop()
    sandbox.misbehave("latency", ms=300, count=0)
    before = len(sandbox.requests())
    daemon.start()
    eventually(lambda: len(sandbox.requests()) >= before + 12)
    times = [seconds(request["time"]) for request in sandbox.requests()[before:before + 12]]
    assert all(later - earlier >= 0.29 for earlier, later in zip(times, times[4:])), times
    sandbox.behave()


# The network


@pytest.fixture
def private_network(place, sandbox):
    forbidden = network.namespaces_are_forbidden()
    if forbidden:
        pytest.skip(f"no private network can be made here: {forbidden}")
    inside = network.PrivateNetwork(place, sandbox.port)
    yield inside
    inside.close()


@pytest.fixture
def inner_daemon(private_network, make_daemon):
    daemon = make_daemon(f"http://127.0.0.1:{private_network.port}/api/v1").start(prefix=private_network.prefix)
    yield daemon
    daemon.stop()


def test_network_returns(private_network, inner_daemon, sandbox):
    """An address appears: everything is asked about at once, and not when its time has come."""
    session = inner_daemon.create()
    inner_daemon.stop()
    private_network.take_down()
    inner_daemon.start(prefix=private_network.prefix)
    eventually(lambda: "trouble" in get(inner_daemon, session))
    sandbox.approve(session["authorize_url"])
    # Nobody waits, so the next try is ten seconds away.
    began = time.monotonic()
    private_network.bring_up()
    eventually(lambda: get(inner_daemon, session)["status"] == "complete")
    assert time.monotonic() - began < 5


def test_network_changes_under_a_request(private_network, inner_daemon, sandbox):
    """A request that went into the old network is not waited for."""
    session = inner_daemon.create()
    sandbox.misbehave("latency", ms=15000, method="GET")
    with inner_daemon.connect() as client:
        client.send("Poll", {"session_id": session["session_id"], "interval": 100})
        eventually(lambda: not sandbox.faults())  # somebody has met it
        sandbox.approve(session["authorize_url"])
        began = time.monotonic()
        private_network.add_address("192.0.2.1/32")
        assert client.result()[0]["session"]["status"] == "complete"
        assert time.monotonic() - began < 5


# Lost completions


@pytest.mark.parametrize("renewed", [False, True])
def test_completed_and_forgotten_while_dead(make_sandbox, make_daemon, renewed):
    """The connection is found among those of the workspace."""
    sandbox = make_sandbox("--complete-ttl", "1s")
    daemon = make_daemon(sandbox.base_url, AIRSTORE_WORKSPACE_ID="ws_mine").start()
    if renewed:
        sandbox.misbehave("clock", offset_seconds=-60)
        daemon.connect_account(sandbox)
        sandbox.behave()
    session = daemon.create()
    daemon.kill()
    sandbox.approve(session["authorize_url"])
    eventually(forgotten(sandbox))
    daemon.start()
    done = daemon.poll(session)
    (connection,) = sandbox.connections("ws_mine")
    assert (done["connection_id"], done["renewed"]) == (connection["external_id"], renewed)
    known = daemon.call("GetConnection", integration_type="gmail")["connection"]
    assert known["connection_id"] == connection["external_id"] and known["scope"] == connection["scope"]


def test_long_dead(daemon, sandbox):
    """Approved in its ninth minute, and the daemon is back long after."""
    session = daemon.create(workspace_id="ws_mine")
    daemon.stop()
    sandbox.approve(session["authorize_url"])
    sandbox.vanish(session["session_id"])
    daemon.make_older(session, 600)
    daemon.start()
    assert daemon.poll(session)["connection_id"] == sandbox.connections("ws_mine")[0]["external_id"]


def test_denied_and_forgotten_while_dead(make_sandbox, make_daemon):
    """Airstore keeps failed ones for two minutes. Longer ago, nobody knows whether it was denied."""
    sandbox = make_sandbox("--error-ttl", "1s")
    daemon = make_daemon(sandbox.base_url, AIRSTORE_WORKSPACE_ID="ws_mine").start()
    session = daemon.create()
    daemon.kill()
    sandbox.deny(session["authorize_url"])
    eventually(forgotten(sandbox))
    daemon.make_older(session, 3)
    daemon.start()
    what, message = failure(daemon, session)
    assert what == "unknown" and "denied or has expired" in message


def test_expired_while_alive(make_sandbox, make_daemon):
    """Seen pending a moment ago: what is gone now has expired, and is called so."""
    sandbox = make_sandbox("--session-ttl", "1s")
    daemon = make_daemon(sandbox.base_url, AIRSTORE_WORKSPACE_ID="ws_mine").start()
    what, message = failure(daemon, daemon.create())
    assert what == "expired" and "nobody approved" in message


def test_no_workspace_known(daemon, sandbox):
    """A workspace key and no default: then it cannot be looked for, and how a person can is said."""
    session = daemon.create()
    daemon.kill()
    sandbox.approve(session["authorize_url"])
    sandbox.vanish(session["session_id"])
    daemon.start()
    what, message = failure(daemon, session)
    assert what == "unknown" and "list --refresh -w" in message
    daemon.call("ListConnections", workspace_id="ws_default", refresh=True)
    known = daemon.call("GetConnection", integration_type="gmail")["connection"]
    assert known["connection_id"] == sandbox.connections()[0]["external_id"]


def test_workspace_learned(daemon, sandbox):
    """The workspace of the key is that of the connections that were seen."""
    daemon.connect_account(sandbox, "slack")
    daemon.call("ListConnections", workspace_id="ws_default", refresh=True)
    session = daemon.create()
    daemon.kill()
    sandbox.approve(session["authorize_url"])
    sandbox.vanish(session["session_id"])
    daemon.start()
    done = daemon.poll(session)
    assert done["workspace_id"] == "ws_default"
    assert done["connection_id"] in {one["external_id"] for one in sandbox.connections()}


def test_over_and_nobody_to_ask(make_daemon, sandbox):
    """Its time has long passed and Airstore cannot be reached: it ends, and nothing is claimed."""
    relay = network.Relay(sandbox.port)
    try:
        daemon = make_daemon(f"http://127.0.0.1:{relay.port}/api/v1", AIRSTORE_WORKSPACE_ID="ws_mine").start()
        session = daemon.create()
        daemon.stop()
        relay.close()
        daemon.make_older(session, 12)
        daemon.start()
        what, message = failure(daemon, session)
        assert what == "unknown" and "list --refresh" in message
        daemon.stop()
    finally:
        relay.close()
