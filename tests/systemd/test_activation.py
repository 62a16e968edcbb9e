# SPDX-License-Identifier: MIT
"""The daemon comes with the first question, is ready when it says so, and comes back when it fails."""

import signal

import pytest

from manager import SERVICE, SOCKET
from programs import VarlinkError, eventually


def is_active(manager, unit=SERVICE):
    return manager.show(unit, "ActiveState") == "active"


def wait_for_other_process(manager, pid):
    eventually(lambda: manager.main_pid() not in (0, pid) and is_active(manager))


def test_one_command_enables_all(user_manager):
    for unit in (SOCKET, "airstore-oauthd-readonly.socket", "airstore-oauth-desktop.socket"):
        assert user_manager.show(unit, "SubState") == "listening"
    directory = user_manager.socket.parent
    assert directory.stat().st_mode & 0o777 == 0o700
    sockets = {path.name: path.stat().st_mode & 0o777 for path in directory.iterdir()}
    assert sockets == dict.fromkeys(("ai.airstore.OAuth", "ai.airstore.OAuth.ReadOnly", "desktop"), 0o600)
    assert not is_active(user_manager)


def test_disabling_removes_all(user_manager):
    user_manager.call("GetStatus")
    user_manager.systemctl("disable", "--now", SOCKET)
    for unit in (SERVICE, SOCKET, "airstore-oauthd-readonly.socket", "airstore-oauth-desktop.socket"):
        assert user_manager.show(unit, "ActiveState") == "inactive"


def test_first_question_starts_it(user_manager):
    assert user_manager.call("GetStatus")
    assert is_active(user_manager)


def test_first_question_on_the_readonly_socket(user_manager):
    path = user_manager.socket.with_name("ai.airstore.OAuth.ReadOnly")
    with user_manager.connect(path) as client:
        assert client.call("GetStatus")
        with pytest.raises(VarlinkError):
            client.call("CreateSession", integration_type="gmail")
    assert user_manager.call("ListSessions") is not None, "the other socket is served, too"


def test_start_waits_until_it_is_ready(user_manager):
    """Not when the process is there, but when it has said that it can answer."""
    assert user_manager.show(SERVICE, "Type") == "notify"
    user_manager.systemctl("start", SERVICE)
    assert user_manager.show(SERVICE, "SubState") == "running"


def test_never_ready(user_manager):
    """The same unit with a program that says nothing does not get any further than starting."""
    user_manager.drop_in(SERVICE, "ExecStart=", "ExecStart=/bin/sleep infinity", "NoExecPaths=", "Restart=no")
    user_manager.systemctl("start", "--no-block", SERVICE)
    eventually(lambda: user_manager.main_pid() != 0)
    eventually(lambda: user_manager.proc(user_manager.main_pid(), "comm").read_text() == "sleep\n")
    assert user_manager.show(SERVICE, "ActiveState") == "activating"


def test_stopped_by_hand_and_asked_again(user_manager):
    user_manager.call("GetStatus")
    user_manager.systemctl("stop", SERVICE)
    assert user_manager.show(SERVICE, "Result") == "success"
    assert user_manager.show(SOCKET, "SubState") == "listening"
    assert user_manager.socket.exists()
    assert user_manager.call("GetStatus")


def test_many_quick_starts(user_manager):
    """More than systemd's own limits allow, for the service (5 in 10 s) and the socket (20 in 2 s)."""
    for _ in range(30):
        user_manager.call("GetStatus")
        user_manager.systemctl("stop", SERVICE)
    assert user_manager.show(SOCKET, "SubState") == "listening"
    assert user_manager.call("GetStatus")


@pytest.mark.parametrize("signal_number", [signal.SIGSEGV, signal.SIGKILL])
def test_back_after_a_crash(user_manager, signal_number):
    user_manager.call("GetStatus")
    pid = user_manager.main_pid()
    user_manager.systemctl("kill", f"--signal={signal_number}", SERVICE)
    assert user_manager.call("GetStatus"), "who asks in between is served, too"
    wait_for_other_process(user_manager, pid)


def test_pending_session_survives_a_crash(user_manager, browser, sandbox):
    with user_manager.connect() as client:
        session = client.call("CreateSession", integration_type="gmail")["session"]
    browser.opened()
    pid = user_manager.main_pid()
    user_manager.systemctl("kill", "--signal=KILL", SERVICE)
    wait_for_other_process(user_manager, pid)
    sandbox.approve(session["authorize_url"])
    done = user_manager.poll(session)
    assert done["status"] == "complete" and done["connection_id"]


def test_watchdog(user_manager):
    """A loop that stands still is ended and started anew."""
    user_manager.drop_in(SERVICE, "WatchdogSec=1s")
    user_manager.call("GetStatus")
    pid = user_manager.main_pid()
    user_manager.systemctl("kill", "--signal=STOP", SERVICE)
    wait_for_other_process(user_manager, pid)
    assert user_manager.call("GetStatus")
    assert "Watchdog timeout" in user_manager.journal()


def test_status_text(user_manager, browser):
    """`systemctl status` says what is going on."""
    session = user_manager.call("CreateSession", integration_type="gmail")["session"]
    browser.opened()
    eventually(lambda: "Gmail" in user_manager.show(SERVICE, "StatusText"))
    user_manager.call("CancelSession", session_id=session["session_id"])
    eventually(lambda: "Nothing pending" in user_manager.show(SERVICE, "StatusText"))
