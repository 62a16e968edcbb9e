# SPDX-License-Identifier: MIT
"""The daemon in its sandbox, the helper outside it, and the browser that belongs to neither."""

import contextlib
import os

import pytest

from manager import SERVICE
from programs import API_KEY, Browser, eventually

HELPERS = "airstore-oauth-desktop@*.service"


class StayingBrowser(Browser):
    """One that runs until it is told to quit, and says which process it is."""

    def __init__(self, manager):
        directory = manager.place / "staying"
        directory.mkdir()
        super().__init__(directory)
        quitting = directory / "quit"
        os.mkfifo(quitting)
        self._quitting = os.open(quitting, os.O_RDWR)
        self.command.write_text(
            f"#!/bin/sh\nprintf '%s %s\\n' $$ \"$1\" >'{directory}/browser.notes'\nread line <'{quitting}'\n")
        manager.give(directory, *directory.iterdir())
        manager.set_environment(BROWSER=self.command)

    def opened(self):
        """Its number inside, and the URL."""
        pid, url = super().opened().split()
        return int(pid), url

    def quit(self):
        os.write(self._quitting, b"\n")

    def close(self):
        super().close()
        os.close(self._quitting)


@pytest.fixture
def staying_browser(user_manager):
    with contextlib.closing(StayingBrowser(user_manager)) as browser:
        yield browser


def helpers(manager):
    return manager.systemctl("list-units", "--all", "--plain", "--no-legend", HELPERS).split()


def test_connect(user_manager, browser, sandbox):
    """All of it, through the units: socket, daemon, helper, browser, loopback page, ID."""
    session = user_manager.call("CreateSession", integration_type="gmail")["session"]
    assert browser.opened() == session["authorize_url"]
    with user_manager.connect() as client:
        client.send("Poll", {"session_id": session["session_id"]})
        assert "Gmail is connected" in sandbox.approve(session["authorize_url"])
        done = client.result()[0]["session"]
    [connection] = sandbox.connections()
    assert (done["status"], done["connection_id"]) == ("complete", connection["external_id"])

    user_manager.systemctl("stop", SERVICE)
    known = user_manager.call("GetConnection", integration_type="gmail")["connection"]
    assert known["connection_id"] == connection["external_id"]


def test_another_user_is_no_browser(user_manager, sandbox):
    """From within the daemon's user namespace, too, he looks different."""
    session = user_manager.call("CreateSession", integration_type="gmail", open_browser=True)["session"]
    sandbox.person = user_manager.uid + 1
    with pytest.raises(AssertionError, match="walk-consent: "):
        sandbox.approve(session["authorize_url"])
    assert "Refused a visit of another user" in user_manager.journal()


def test_browser_is_outside_the_sandbox(user_manager, staying_browser):
    user_manager.call("CreateSession", integration_type="gmail")
    pid, _ = staying_browser.opened()
    status = user_manager.proc(pid, "status").read_text()
    assert "Seccomp:\t0" in status and "NoNewPrivs:\t0" in status
    assert "/app.slice/" in user_manager.proc(pid, "cgroup").read_text()
    assert len({os.readlink(user_manager.proc(number, "ns/mnt")) for number in (pid, 1)}) == 1
    variables = user_manager.proc(pid, "environ").read_text()
    assert "DBUS_SESSION_BUS_ADDRESS=" in variables and "CREDENTIALS_DIRECTORY=" not in variables


def test_browser_outlives_both_services(user_manager, staying_browser):
    user_manager.call("CreateSession", integration_type="gmail")
    pid, _ = staying_browser.opened()
    with user_manager.process(pid) as browser:
        # The helper has done its work, and is gone before the browser.
        eventually(lambda: user_manager.main_pid(helpers(user_manager)[0]) == 0)
        user_manager.systemctl("stop", SERVICE)
        user_manager.systemctl("stop", HELPERS)
        assert helpers(user_manager)[2:4] == ["inactive", "dead"]
        assert not browser.has_ended()
        staying_browser.quit()
        browser.wait()
    eventually(lambda: helpers(user_manager) == [])


def test_unit_of_the_browser_ends_with_it(user_manager, staying_browser):
    user_manager.call("CreateSession", integration_type="gmail")
    staying_browser.opened()
    assert helpers(user_manager)[2:4] == ["active", "running"]
    staying_browser.quit()
    eventually(lambda: helpers(user_manager) == [])


def test_helper_socket_made_anew(user_manager, browser):
    """A daemon that is running finds the helper again: it sees the directory, not the one socket."""
    user_manager.call("GetStatus")
    user_manager.systemctl("stop", "airstore-oauth-desktop.socket")
    (user_manager.runtime / "airstore-oauthd/desktop").unlink()
    user_manager.systemctl("start", "airstore-oauth-desktop.socket")
    user_manager.call("CreateSession", integration_type="gmail")
    assert browser.opened()


def is_served(client):
    try:
        client.send("org.varlink.service.GetInfo")
        return client.receive() is not None
    except OSError:
        return False


def test_many_at_once(user_manager):
    """More connections than the socket allows are turned away; the others are served."""
    path = user_manager.runtime / "airstore-oauthd/desktop"
    clients = [user_manager.connect(path) for _ in range(20)]
    assert sum(map(is_served, clients)) == 16
    for client in clients:
        client.close()
    eventually(lambda: helpers(user_manager) == [])


def test_keyring(bare_manager, browser, sandbox):
    """The daemon cannot reach the session bus, and has its key from there all the same."""
    bare_manager.run(
        "systemd-run", "--user", "--service-type=dbus", "--property=BusName=org.freedesktop.secrets", "sh", "-c",
        "echo password | exec gnome-keyring-daemon --foreground --unlock --components=secrets")
    bare_manager.set_environment(AIRSTORE_BASE_URL=sandbox.base_url)
    bare_manager.enable()
    assert bare_manager.call("StoreAPIKey", api_key=API_KEY) == {}
    bare_manager.store_key("keyring")
    bare_manager.systemctl("reload", SERVICE)
    session = bare_manager.call("CreateSession", integration_type="gmail")["session"]
    assert browser.opened() == session["authorize_url"]
    assert bare_manager.call("GetStatus")["api_key_source"] == "keyring"
    # The next daemon has the word as its credential.
    bare_manager.systemctl("restart", SERVICE)
    bare_manager.create("slack")
    assert bare_manager.call("GetStatus")["api_key_source"] == "keyring"
