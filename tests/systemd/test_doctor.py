# SPDX-License-Identifier: MIT
"""What airstore-oauth doctor finds out about the units and the user manager."""

import json

import pytest

from manager import SERVICE, SOCKET
from programs import eventually

DESKTOP = "airstore-oauth-desktop.socket"


@pytest.fixture
def doctor(user_manager, browser):
    """A person's own: {check: [(result, message, advice)]}, with variables of the shell that it is typed in."""

    def run(**variables):
        printed = user_manager.run(
            "env", *(f"{name}={value}" for name, value in variables.items()), "airstore-oauth", "doctor", "--json", check=False)
        found = {}
        for one in json.loads(printed)["checks"]:
            found.setdefault(one["check"], []).append((one["result"], one["message"], one.get("advice", "")))
        return found

    return run


def faults(found):
    return {check: (message, advice) for check, all in found.items() for result, message, advice in all if result == "wrong"}


def test_healthy(doctor, user_manager):
    found = doctor()
    assert {result for all in found.values() for result, _, _ in all} == {"ok"}, found
    assert "systemd credential airstore-api-key" in found["key"][0][1]
    assert "systemd listens" in found["units"][0][1]
    printed = user_manager.run("airstore-oauth", "doctor")
    assert "All is well." in printed


def test_not_enabled(doctor, user_manager):
    user_manager.systemctl("disable", "--now", SOCKET)
    found = doctor()
    wrong = faults(found)
    assert set(wrong) == {"socket", "units"}
    assert [message for result, message, _ in found["units"]] == [
        f"{SOCKET} is not started: nobody listens for programs", f"{DESKTOP} is not started: no browser can be opened"]
    user_manager.run("sh", "-c", found["units"][0][2])
    assert not faults(doctor()), "what it says does help"


def test_gone_after_the_next_login(doctor, user_manager):
    user_manager.systemctl("disable", SOCKET)
    found = doctor()
    assert found["units"] == [("warning", f"{SOCKET} is not enabled, so that nobody listens after the next login",
                               f"systemctl --user enable {SOCKET}")]


def test_no_desktop_socket(doctor, user_manager):
    user_manager.call("GetStatus")  # a daemon that starts brings it along
    user_manager.systemctl("stop", DESKTOP)
    wrong = faults(doctor())
    assert wrong["units"] == (f"{DESKTOP} is not started: no browser can be opened", f"systemctl --user start {DESKTOP}")
    assert "helper" in wrong, "the daemon's sandbox lets it start none by itself"
    user_manager.run("sh", "-c", wrong["units"][1])
    assert not faults(doctor())


def test_service_that_fails(doctor, user_manager):
    user_manager.drop_in(SERVICE, "ExecStart=", "ExecStart=/bin/false", "NoExecPaths=", "Restart=no")
    user_manager.systemctl("start", SERVICE, check=False)
    eventually(lambda: user_manager.show(SERVICE, "Result") != "success")
    found = doctor()
    (message,) = [message for result, message, _ in found["units"] if result == "wrong"]
    assert message in (f"{SERVICE} has failed (exit-code)", f"{SERVICE} is started again and again"), found
    assert any(advice.startswith(f"journalctl --user -u {SERVICE}") for _, _, advice in found["units"])


def test_masked(doctor, user_manager):
    user_manager.systemctl("stop", SERVICE)
    user_manager.systemctl("mask", DESKTOP)
    assert ("wrong", f"{DESKTOP} is masked", f"systemctl --user unmask {DESKTOP}") in doctor()["units"]


def test_display(doctor, user_manager):
    wrong = faults(doctor(DISPLAY=":7", XDG_SESSION_TYPE="x11"))
    message, advice = wrong.pop("display")
    assert not wrong and advice == "systemctl --user import-environment DISPLAY XDG_SESSION_TYPE"
    user_manager.run("env", "DISPLAY=:7", "XDG_SESSION_TYPE=x11", "sh", "-c", advice)
    assert doctor(DISPLAY=":7", XDG_SESSION_TYPE="x11")["display"] == [("ok", "a browser can be shown", "")]
    assert doctor()["display"][0][0] == "ok", "over SSH, too"
    assert doctor(DISPLAY=":7", XAUTHORITY="/x")["display"][0][2] == "systemctl --user import-environment XAUTHORITY"


def test_browser_of_the_session(doctor, user_manager):
    """The helper starts what the user manager says, not what this shell does."""
    user_manager.set_environment(BROWSER="no-such-browser")
    user_manager.systemctl("stop", SERVICE)
    assert "no-such-browser" in faults(doctor(BROWSER="/bin/true"))["browser"][0]
    user_manager.systemctl("disable", "--now", SOCKET, SERVICE)
    user_manager.set_environment(BROWSER="/bin/true 'of \\ mine'")
    assert doctor()["browser"] == [("ok", "/bin/true 'of \\ mine' opens the browser", "")], "without a daemon, too"


def test_mistake(doctor, user_manager):
    path = user_manager.config / "airstore-oauthd/airstore-oauthd.conf"
    user_manager.write(path, "[airstore]\nbase-url = ftp://nowhere\n")
    message, advice = faults(doctor())["configuration"]
    assert "airstore-oauthd.conf:2: base-url cannot be used" in message
    user_manager.write(path, "[airstore]\n")
    user_manager.run("airstore-oauth", "config", "--reload")
    assert not faults(doctor())
