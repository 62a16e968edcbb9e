# SPDX-License-Identifier: MIT
"""Connecting an account, as a person at the command line does it, and what comes between."""

import contextlib
import os
import re
import select
import signal

import pytest

from programs import (
    DENIED, DONE, FAILED, NOTHING_FOUND, NOT_CONFIGURED, NO_DAEMON, TIMED_OUT, TIMEOUT, UNREACHABLE, USAGE,
    eventually, printed, script)


def connect(cli, sandbox, browser, *arguments):
    """Runs `connect`, approves in the browser, and returns the ID that was printed."""
    connecting = cli.start("connect", *arguments)
    sandbox.approve(browser.opened())
    result = cli.finish(connecting)
    assert result.status == DONE, result
    return result.stdout.splitlines()[-1]


def slow_browser(place):
    """A command that takes as long as is waited for one, and says when it has begun."""
    return script(place / "slow-browser", f"echo >{place}/opening\nexec sleep 3")


def test_approve(cli, daemon, sandbox, browser):
    connection_id = connect(cli, sandbox, browser, "gmail")
    assert [one["external_id"] for one in sandbox.connections()] == [connection_id]
    assert cli("get", "gmail").stdout == f"{connection_id}\n"
    assert connection_id in cli("list").stdout


def test_deny(cli, daemon, sandbox, browser):
    connecting = cli.start("connect", "gmail")
    sandbox.deny(browser.opened())
    result = cli.finish(connecting)
    assert result.status == DENIED, result
    assert "denied" in result.stderr and "google" in result.stderr.lower(), result
    assert cli("get", "gmail").status == NOTHING_FOUND


def test_nobody_approves(cli, daemon, browser):
    result = cli("connect", "gmail", "--timeout", "1s")
    assert result.status == TIMED_OUT, result
    browser.opened()


def test_time_out_is_not_the_end(cli, daemon, sandbox, browser):
    """The session is tracked on: who approves late is connected all the same."""
    assert cli("connect", "gmail", "--timeout", "1s").status == TIMED_OUT
    session = daemon.call("ListSessions")["sessions"][0]
    with daemon.connect() as waiter:
        waiter.send("Poll", {"session_id": session["session_id"]})
        sandbox.approve(browser.opened())
        (complete, _) = waiter.result()
    assert cli("get", "gmail").stdout.strip() == complete["session"]["connection_id"]


def test_second_workspace(cli, make_daemon, sandbox, browser):
    make_daemon(sandbox.base_url).start()
    first = connect(cli, sandbox, browser, "gmail", "-w", "ws_first")
    second = connect(cli, sandbox, browser, "gmail", "-w", "ws_second")
    assert first != second
    assert cli("get", "gmail", "-w", "ws_first").stdout == f"{first}\n"
    assert cli("get", "gmail", "-w", "ws_second").stdout == f"{second}\n"
    assert cli("get", "gmail", "-w", "ws_third").status == NOTHING_FOUND


def test_default_workspace(cli, make_daemon, sandbox, browser):
    make_daemon(sandbox.base_url, AIRSTORE_WORKSPACE_ID="ws_mine").start()
    connection_id = connect(cli, sandbox, browser, "github")
    assert [one["external_id"] for one in sandbox.connections("ws_mine")] == [connection_id]
    assert cli("get", "github", "-w", "ws_mine").stdout == f"{connection_id}\n"


def test_connect_again_renews(cli, daemon, sandbox, browser):
    first = connect(cli, sandbox, browser, "gmail")
    assert connect(cli, sandbox, browser, "gmail") == first
    assert len(sandbox.connections()) == 1


@pytest.mark.parametrize("arguments, variables", [
    (["--no-browser"], {}), ([], {"BROWSER": None, "SSH_CONNECTION": "1 2 3 4", "DISPLAY": ":10"})])
def test_without_browser(cli, daemon, sandbox, browser, arguments, variables):
    """On request and over SSH the URL is printed, to be opened on any device; nothing is opened here."""
    connecting = cli.start("connect", "gmail", *arguments, **variables)
    sandbox.approve(printed(connecting, "http"))
    result = cli.finish(connecting)
    assert result.status == DONE, result
    assert browser.is_untouched()
    (session,) = sandbox.sessions()
    assert "return_to" not in session


@pytest.mark.parametrize("command", ["/bin/false", "/does/not/exist"])
def test_browser_that_does_not_open(cli, make_daemon, sandbox, command):
    """Then the person gets the URL, as without a browser."""
    make_daemon(sandbox.base_url, BROWSER=command).start()
    connecting = cli.start("connect", "gmail")
    sandbox.approve(printed(connecting, "http"))
    result = cli.finish(connecting)
    assert result.status == DONE, result


def test_terminal_shows_the_time_left(cli, daemon, sandbox, browser):
    terminal, end = os.openpty()
    connecting = cli.start("connect", "gmail", "--timeout", "2m", stderr=end, TERM="xterm")
    os.close(end)
    shown = b""
    while not re.search(rb"1:5\d left", shown):
        assert select.select([terminal], [], [], TIMEOUT)[0], shown
        shown += os.read(terminal, 4096)
    sandbox.approve(browser.opened())
    result = cli.finish(connecting)
    os.close(terminal)
    assert result.status == DONE, result


def test_interrupted(cli, daemon, browser):
    """Ctrl-C ends the session, too."""
    connecting = cli.start("connect", "gmail")
    browser.opened()
    connecting.send_signal(signal.SIGINT)
    result = cli.finish(connecting)
    assert result.status == FAILED and "ancelled" in result.stderr, result
    (session,) = daemon.call("ListSessions")["sessions"]
    assert (session["status"], session["failure"]) == ("error", "cancelled")


def test_interrupted_before_it_is_told_whose_it_is(cli, make_daemon, sandbox, place):
    """A session that somebody else has begun is left alone, also when Ctrl-C comes while the browser is being opened."""
    daemon = make_daemon(sandbox.base_url, BROWSER=slow_browser(place)).start()
    daemon.create()
    connecting = cli.start("connect", "gmail")
    eventually((place / "opening").exists)
    connecting.send_signal(signal.SIGINT)
    result = cli.finish(connecting)
    assert result.status == FAILED and "Left." in result.stderr, result
    (session,) = daemon.call("ListSessions")["sessions"]
    assert session["status"] == "pending"


def test_two_at_once(daemon, sandbox, browser):
    """Who joins while Airstore has not even answered joins all the same."""
    sandbox.misbehave("latency", ms=1000, path="/oauth/sessions")
    with daemon.connect() as first, daemon.connect() as second:
        for client in (first, second):
            client.send("CreateSession", {"integration_type": "gmail"})
            daemon.call("GetStatus")  # by then, it is being created
        replies = [client.result()[0] for client in (first, second)]
    assert replies[0]["session"] == replies[1]["session"]
    assert [reply["existing"] for reply in replies] == [False, True]


def test_over_before_it_is_shown(cli, make_daemon, sandbox, place):
    """On a terminal, where the page's address would be a link, if there were one any more."""
    daemon = make_daemon(sandbox.base_url, BROWSER=slow_browser(place)).start()
    session = daemon.create()
    terminal, end = os.openpty()
    connecting = cli.start("connect", "gmail", stderr=end, TERM="xterm")
    os.close(end)
    eventually((place / "opening").exists)
    daemon.call("CancelSession", session_id=session["session_id"])
    assert cli.finish(connecting).status == FAILED
    shown = b""
    with contextlib.suppress(OSError):  # how a terminal says that nobody has it open any more
        while part := os.read(terminal, 65536):
            shown += part
    os.close(terminal)
    assert b"Cancelled" in shown and b"(null)" not in shown


def test_return_to(cli, daemon, sandbox, browser, fake_airstore):
    """The browser ends up where the person wants it, by way of the daemon's own page."""
    site = fake_airstore({("GET", "/after"): [(200, b"<title>After</title>")]})
    connecting = cli.start("connect", "gmail", "--return-to", site.base_url.replace("/api/v1", "/after"))
    url = browser.opened()
    assert sandbox.approve(url) == "After"
    assert cli.finish(connecting).status == DONE


def test_unknown_integration_is_passed_on(cli, make_daemon, fake_airstore, browser):
    airstore = fake_airstore({
        ("POST", "/oauth/sessions"): [(201, {"data": {"session_id": "s1", "authorize_url": "https://example.com/"}})],
        ("GET", "/oauth/sessions/s1"): [(200, {"data": {"status": "complete", "connection_id": "c1"}})],
    })
    make_daemon(airstore.base_url).start()
    result = cli("connect", "brand-new_1")
    assert (result.status, result.stdout) == (DONE, "c1\n"), result
    assert "brand-new_1" in result.stderr
    assert airstore.requests[0][2]["integration_type"] == "brand-new_1"


@pytest.mark.parametrize("integration", ["G-mail", "g mail", "gmail/../x", "gmail\n", "é", "", "g" * 65])
def test_impossible_integration(cli, daemon, sandbox, browser, integration):
    result = cli("connect", integration)
    assert result.status in (FAILED, USAGE), result
    assert result.stderr and not result.stdout
    assert sandbox.requests() == [] and browser.is_untouched()


def test_posthog_has_no_browser_way(cli, daemon, sandbox, browser):
    result = cli("connect", "posthog")
    assert result.status in (FAILED, USAGE), result
    assert "airstore-oauth add" in result.stderr
    assert sandbox.requests() == [] and browser.is_untouched()


def test_wrong_key(cli, make_daemon, sandbox, browser):
    make_daemon(sandbox.base_url, AIRSTORE_API_KEY="tok_another").start()
    result = cli("connect", "gmail")
    assert result.status == NOT_CONFIGURED, result
    assert "API key" in result.stderr and "airstore-oauth login" in result.stderr
    assert "tok_another" not in result.stderr
    assert browser.is_untouched()


def test_no_key(cli, make_daemon, sandbox, browser):
    make_daemon(sandbox.base_url, AIRSTORE_API_KEY=None).start()
    result = cli("connect", "gmail")
    assert result.status == NOT_CONFIGURED, result
    assert "AIRSTORE_API_KEY" in result.stderr
    assert sandbox.requests() == [] and browser.is_untouched()


def test_server_down(cli, daemon, sandbox, browser):
    sandbox.stop()
    result = cli("connect", "gmail")
    assert result.status == UNREACHABLE, result
    assert result.stderr and browser.is_untouched()
    sandbox.start()


def test_server_down_for_a_while(cli, daemon, sandbox, browser):
    """Trouble on the way does not end a session."""
    connecting = cli.start("connect", "gmail")
    url = browser.opened()
    sandbox.misbehave("status", status=503, count=4)
    sandbox.approve(url)
    result = cli.finish(connecting)
    assert result.status == DONE, result


def test_no_daemon(cli):
    for arguments in (["connect", "gmail"], ["get", "gmail"], ["list"], ["sessions"], ["status"]):
        result = cli(*arguments)
        assert result.status == NO_DAEMON, (arguments, result)
        assert result.stderr


def test_nothing_found(cli, daemon):
    result = cli("get", "gmail")
    assert result.status == NOTHING_FOUND, result
    assert result.stdout == "" and "airstore-oauth connect gmail" in result.stderr


def test_extra_twice(cli):
    result = cli("add", "posthog", "--extra", "host=a", "--extra", "team=b", "--extra", "host=c")
    assert result.status == USAGE and "--extra gives host twice." in result.stderr, result


@pytest.mark.parametrize("arguments", [
    [], ["fly"], ["connect"], ["connect", "gmail", "slack"], ["connect", "gmail", "--fly"], ["get"], ["list", "x"],
    ["connect", "gmail", "--timeout", "soon"], ["connect", "gmail", "--timeout", "-1s"], ["connect", "gmail", "-w"],
])
def test_usage(cli, arguments):
    result = cli(*arguments)
    assert result.status == USAGE, result
    assert result.stdout == "" and result.stderr


def test_help_and_version(cli):
    assert cli("--help").status == DONE and "connect" in cli("--help").stdout
    assert cli("--version").status == DONE


def test_json(cli, daemon, sandbox, browser):
    """--json prints the objects of the interface."""
    connecting = cli.start("connect", "gmail", "--json")
    sandbox.approve(browser.opened())
    connected = cli.finish(connecting).json
    assert connected["session"]["status"] == "complete"
    connection_id = connected["session"]["connection_id"]
    assert cli("get", "gmail", "--json").json["connection"]["connection_id"] == connection_id
    assert [one["connection_id"] for one in cli("list", "--json").json["connections"]] == [connection_id]
    assert [one["connection_id"] for one in cli("sessions", "--json").json["sessions"]] == [connection_id]
    assert cli("integrations", "--json").json["integrations"]
    assert cli("status", "--json").json["connections"] == 1


@pytest.mark.parametrize("url", [
    "http://airstore.example/api/v1", "ftp://127.0.0.1/", "api.airstore.ai", "http://127.0.0.1@airstore.example/",
    "http://127.0.0.1.airstore.example/", "https://", "https://a b/",
])
def test_key_never_travels_in_the_clear(make_daemon, cli, url):
    """A base URL that is neither https nor this machine is never asked anything; nor is another one instead."""
    daemon = make_daemon(url).start()
    assert "AIRSTORE_BASE_URL" in daemon.log
    assert daemon.call("GetStatus").get("api_key_source") is None, "there is no key that could be sent"
    result = cli("connect", "gmail")
    assert result.status == 1 and "AIRSTORE_BASE_URL: base-url cannot be used" in result.stderr, result
