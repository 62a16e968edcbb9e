# SPDX-License-Identifier: MIT
"""Notifications: what the daemon has shown and when, and how the helper shows it.

For the first part, the test listens where systemd would listen for the helper. For the second one,
there is a stand-in for the desktop's service on a private session bus. In the last part everything
is as it is for a person without systemd."""

import contextlib
import json
import select
import socket
import sqlite3

import pytest

from programs import TIMEOUT
from session_bus import Helper


class Desktop:
    def __init__(self, place):
        (place / "airstore-oauthd").mkdir()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(place / "airstore-oauthd/desktop"))
        self._listening.listen()

    def call(self):
        """The next call: its method, its parameters, and the connection for the answer."""
        ready, _, _ = select.select([self._listening], [], [], TIMEOUT)
        assert ready, "nothing was asked"
        client, _ = self._listening.accept()
        client.settimeout(TIMEOUT)
        data = b""
        while not data.endswith(b"\0"):
            data += client.recv(4096)
        call = json.loads(data[:-1])
        return call["method"].removeprefix("ai.airstore.Desktop."), call["parameters"], client

    def asked(self, **error):
        """The next call, which is answered."""
        method, parameters, client = self.call()
        with client:
            client.sendall(json.dumps(error or {"parameters": {}}).encode() + b"\0")
        return method, parameters

    def is_left_alone(self):
        return not select.select([self._listening], [], [], 0)[0]

    def close(self):
        self._listening.close()


@pytest.fixture
def desktop(place):
    with contextlib.closing(Desktop(place)) as desktop:
        yield desktop


def wait(daemon, session):
    with daemon.connect() as client:
        client.send("Poll", {"session_id": session["session_id"], "interval": 100})
        return client.receive()


def notice_of_the_end(daemon, session):
    """Told by Watch, which is no waiting for this session."""
    with daemon.connect() as client:
        for news in client.call_more("Watch"):
            one = news.get("session", {})
            if one.get("session_id") == session["session_id"] and one["status"] != "pending":
                return


def test_nobody_waited(make_daemon, sandbox, desktop):
    daemon = make_daemon(sandbox.base_url).start()
    session = daemon.create("gmail")
    sandbox.approve(session["authorize_url"])
    assert desktop.asked() == ("Notify", {"title": "Gmail is connected", "body": "The API key's own workspace"})
    session = daemon.create("slack")
    sandbox.deny(session["authorize_url"])
    method, parameters = desktop.asked()
    assert (method, parameters["title"]) == ("Notify", "Slack was not connected")
    assert parameters["failed"] is True and parameters["body"].splitlines() == [
        "Access was denied in the browser (slack: access_denied)", "The API key's own workspace",
        "Try again with: airstore-oauth connect slack"]


def test_what_to_type_next(make_daemon, sandbox, desktop):
    """It is about the same workspace; and what cannot be known is looked for first."""
    daemon = make_daemon(sandbox.base_url, AIRSTORE_WORKSPACE_ID="ws_9").start()
    sandbox.deny(daemon.create("gmail")["authorize_url"])
    assert desktop.asked()[1]["body"].endswith(
        "\nWorkspace ws_9\nTry again with: airstore-oauth connect gmail -w ws_9")
    sandbox.misbehave("status", status=404, path="/workspaces/")
    sandbox.vanish(daemon.create("slack")["session_id"])
    assert desktop.asked()[1]["body"].endswith(
        "check the workspace\nWorkspace ws_9\nLook with: airstore-oauth list --refresh -w ws_9")
    sandbox.misbehave("status", status=403, path="/oauth/sessions/")
    daemon.create("github")
    assert desktop.asked()[1]["body"].endswith(
        "allowed to do\nWorkspace ws_9\nLook with: airstore-oauth list --refresh -w ws_9")


def test_names_that_are_no_words(make_daemon, sandbox, desktop):
    """What somebody has written into the database is not what to type next."""
    daemon = make_daemon(sandbox.base_url).start()
    session = daemon.create("gmail")
    daemon.stop()
    with contextlib.closing(sqlite3.connect(daemon.state / "oauthd.db", isolation_level=None)) as store:
        store.execute("UPDATE sessions SET integration_type = 'gmail; reboot'")
    daemon.start()
    sandbox.press("deny", session["session_id"])
    _, parameters = desktop.asked()
    assert parameters["failed"] and "reboot" not in parameters["body"], parameters


def test_where(make_daemon, sandbox, desktop):
    """The workspace and the profile."""
    daemon = make_daemon(sandbox.base_url, AIRSTORE_WORKSPACE_ID="ws_default").start()
    sandbox.approve(daemon.create("gmail")["authorize_url"])
    assert desktop.asked() == ("Notify", {"title": "Gmail is connected", "body": "Workspace ws_default"})


def test_somebody_waited_or_cancelled(make_daemon, sandbox, desktop):
    daemon = make_daemon(sandbox.base_url).start()
    session = daemon.create("gmail")
    sandbox.approve(session["authorize_url"])
    assert wait(daemon, session)["parameters"]["session"]["status"] == "complete"
    daemon.call("CancelSession", session_id=daemon.create("slack")["session_id"])
    daemon.call("GetStatus")
    assert desktop.is_left_alone()


def test_switched_off(make_daemon, sandbox, desktop, files):
    files.configure("[airstore]\nnotifications = no\npoll-interval = 1s\n")
    daemon = make_daemon(sandbox.base_url).start()
    session = daemon.create("gmail")
    sandbox.approve(session["authorize_url"])
    notice_of_the_end(daemon, session)
    daemon.call("GetStatus")
    assert desktop.is_left_alone()


# When no browser could be opened

NO_BROWSER = {"error": "ai.airstore.Desktop.Unavailable", "parameters": {"message": "there is no display"}}


def begin_without_browser(daemon, desktop, integration="gmail"):
    """A program wishes for a browser, and there is none."""
    with daemon.connect() as client:
        client.send("CreateSession", {"integration_type": integration})
        assert desktop.asked(**NO_BROWSER)[0] == "OpenURL"
        created = client.result()[0]
    assert not created["browser_opened"] and created["browser_problem"] == "there is no display"
    return created["session"]


def next_is_about_slack(daemon, desktop):
    """Nothing else was to be offered: it would have come first, since what is begun later is offered later."""
    begin_without_browser(daemon, desktop, "slack")
    method, parameters, other = desktop.call()
    other.close()
    return method == "Notify" and parameters["title"] == "Approve the access to Slack"


def has_hung_up(client):
    return client.recv(1) == b""


def test_offered(make_daemon, sandbox, desktop):
    """Nobody shows it: a notification does, until the session ends."""
    daemon = make_daemon(sandbox.base_url, AIRSTORE_WORKSPACE_ID="ws_default").start()
    session = begin_without_browser(daemon, desktop)
    method, parameters, client = desktop.call()
    with client:
        assert (method, parameters) == ("Notify", {
            "title": "Approve the access to Gmail", "url": session["authorize_url"],
            "body": "No browser could be opened by itself. Click to open the page.\nWorkspace ws_default"})
        sandbox.approve(session["authorize_url"])
        assert has_hung_up(client)
    assert desktop.asked()[1]["title"] == "Gmail is connected"


def test_offered_once(make_daemon, sandbox, desktop):
    daemon = make_daemon(sandbox.base_url).start()
    begin_without_browser(daemon, desktop)
    begin_without_browser(daemon, desktop)
    method, _, client = desktop.call()
    with client:
        assert method == "Notify"
        assert next_is_about_slack(daemon, desktop)


def test_offered_and_clicked(make_daemon, sandbox, desktop):
    """A browser has it now: the next one who asks for this session opens no second one."""
    daemon = make_daemon(sandbox.base_url).start()
    begin_without_browser(daemon, desktop)
    assert desktop.asked()[0] == "Notify"
    daemon.call("GetStatus")  # the answer above was there before
    assert daemon.call("CreateSession", integration_type="gmail")["browser_opened"]
    assert desktop.is_left_alone()


def test_closed(make_daemon, sandbox, desktop):
    """Then it is not shown again."""
    daemon = make_daemon(sandbox.base_url).start()
    session = begin_without_browser(daemon, desktop)
    assert desktop.asked(error="ai.airstore.Desktop.Closed")[0] == "Notify"
    assert next_is_about_slack(daemon, desktop)
    assert daemon.call("GetSession", session_id=session["session_id"])["session"]["status"] == "pending"
    assert "ERROR" not in daemon.log


def test_not_offered_to_who_waits(make_daemon, sandbox, desktop):
    """The command line, say: it has printed the URL."""
    daemon = make_daemon(sandbox.base_url).start()
    waited = begin_without_browser(daemon, desktop)
    with daemon.connect() as client:
        client.send("Poll", {"session_id": waited["session_id"]}, more=True)
        client.result()
        assert next_is_about_slack(daemon, desktop)


def test_not_offered_to_who_shows_it(make_daemon, sandbox, desktop):
    """A program that wants no browser has a way of its own."""
    daemon = make_daemon(sandbox.base_url).start()
    daemon.create("gmail")
    assert next_is_about_slack(daemon, desktop)


def test_not_offered_when_switched_off(make_daemon, sandbox, desktop, files):
    files.configure("[airstore]\nnotifications = no\n")
    daemon = make_daemon(sandbox.base_url).start()
    begin_without_browser(daemon, desktop)
    files.configure("")
    daemon.call("Reload")
    assert next_is_about_slack(daemon, desktop)


def test_not_too_many_at_once(make_daemon, sandbox, desktop):
    daemon = make_daemon(sandbox.base_url).start()
    for integration in ("gmail", "slack", "github", "notion", "linear"):
        begin_without_browser(daemon, desktop, integration)
    with contextlib.ExitStack() as stack:
        offered = {}
        for _ in range(4):
            _, parameters, client = desktop.call()
            stack.enter_context(client)
            offered[parameters["title"].split()[-1]] = parameters["url"], client
        assert set(offered) == {"Gmail", "Slack", "GitHub", "Notion"}
        # Room again, and a new occasion.
        url, client = offered["Slack"]
        sandbox.approve(url)
        assert has_hung_up(client)
        assert desktop.asked()[1]["title"] == "Slack is connected"
        begin_without_browser(daemon, desktop, "linear")
        assert desktop.asked()[1]["title"] == "Approve the access to Linear"


# The helper, and the desktop's service

URL = "https://accounts.example/consent"


@pytest.fixture
def helper(place, session_bus, browser):
    helper = Helper(place, DBUS_SESSION_BUS_ADDRESS=session_bus.address, BROWSER=browser.command)
    yield helper
    helper.destroy()


def shown(notifications):
    """The text, the actions, the hints and the time-out of what is shown."""
    assert notifications.called("GetCapabilities") == []
    name, replaces, icon, title, body, actions, hints, expires = notifications.called("Notify")
    assert (name, replaces, icon) == ("Airstore", 0, "")
    return title, body, actions, hints, expires


def test_good_news(helper, session_bus):
    notifications = session_bus.notifications("body", "actions")
    assert helper.ask("Notify", title="Gmail is connected", body="Workspace ws_1") is None
    title, body, actions, hints, expires = shown(notifications)
    assert (title, body, actions, expires) == ("Gmail is connected", "Workspace ws_1", [], -1)
    assert hints == {"desktop-entry": "airstore-oauth", "category": "x-airstore.connected", "urgency": 0,
                     "transient": 1}
    helper.finish()


def test_bad_news(helper, session_bus):
    notifications = session_bus.notifications("body")
    assert helper.ask("Notify", title="Gmail was not connected", failed=True) is None
    _, body, _, hints, _ = shown(notifications)
    assert body == "" and (hints["urgency"], hints["transient"]) == (1, 0)


@pytest.mark.parametrize("capabilities, body", [
    (["body"], "<b>Tom & \"Jerry\"</b>"), (["body", "body-markup"], '&lt;b&gt;Tom &amp; "Jerry"&lt;/b&gt;')])
def test_markup(helper, session_bus, capabilities, body):
    """What we say is text, whatever the service makes of markup."""
    notifications = session_bus.notifications(*capabilities)
    helper.ask("Notify", title="x", body='<b>Tom & "Jerry"</b>')
    assert shown(notifications)[1] == body


@pytest.mark.parametrize("action", ["default", "open"])
def test_click(helper, session_bus, browser, action):
    notifications = session_bus.notifications()
    helper.send("ai.airstore.Desktop.Notify", {"title": "x", "url": URL})
    _, _, actions, hints, expires = shown(notifications)
    assert actions == ["default", "Open", "open", "Open"] and expires == 0 and hints["transient"] == 0
    # Clicks on what others show are none of its business.
    notifications.emit("ActionInvoked", "us", 7, action)
    notifications.emit("NotificationClosed", "uu", 7, 2)
    notifications.emit("ActionInvoked", "us", 1, action)
    assert browser.opened() == URL
    assert helper.answer() is None
    assert notifications.called("CloseNotification") == [1]
    helper.finish()


def test_click_without_a_browser(session_bus, place):
    """Whoever has clicked hears of it where they are looking."""
    notifications = session_bus.notifications()
    helper = Helper(place, DBUS_SESSION_BUS_ADDRESS=session_bus.address, BROWSER="/none")
    helper.send("ai.airstore.Desktop.Notify", {"title": "x", "url": URL})
    shown(notifications)
    notifications.emit("ActionInvoked", "us", 1, "default")
    problem = "/none could not be started: No such file or directory; there is no display"
    assert helper.answer() == problem
    assert notifications.called("CloseNotification") == [1]
    title, body, actions, _, _ = shown(notifications)
    assert (title, body, actions) == ("No browser could be opened", problem, [])
    helper.finish()


def test_close(helper, session_bus, browser):
    notifications = session_bus.notifications()
    helper.send("ai.airstore.Desktop.Notify", {"title": "x", "url": URL})
    shown(notifications)
    notifications.emit("NotificationClosed", "uu", 1, 2)
    assert helper.answer() == "ai.airstore.Desktop.Closed"
    helper.finish()
    assert browser.is_untouched()


def test_withdrawn(helper, session_bus):
    """Nobody wants to know any more."""
    notifications = session_bus.notifications()
    helper.send("ai.airstore.Desktop.Notify", {"title": "x", "url": URL})
    shown(notifications)
    helper.finish()
    assert notifications.called("CloseNotification") == [1]


def test_no_actions(helper, session_bus):
    """What cannot be clicked is not shown."""
    notifications = session_bus.notifications("body")
    assert "nothing here shows" in helper.ask("Notify", title="x", url=URL)
    assert notifications.called("GetCapabilities") == [] and notifications.is_left_alone()


def test_no_service(helper):
    assert "nothing here shows" in helper.ask("Notify", title="x")
    helper.finish()


def test_no_bus(place):
    helper = Helper(place)
    assert "nothing here shows" in helper.ask("Notify", title="x")
    helper.finish()


# All of it

def test_person_clicks(make_daemon, sandbox, session_bus, place, browser):
    """No browser at first (the screen is only coming up, say), then one."""
    choice = place / "chosen"
    choice.symlink_to("/none")
    daemon = make_daemon(sandbox.base_url, BROWSER=choice, DBUS_SESSION_BUS_ADDRESS=session_bus.address).start()
    notifications = session_bus.notifications()
    created = daemon.call("CreateSession", integration_type="gmail")
    assert "chosen could not be started" in created["browser_problem"]
    assert shown(notifications)[0] == "Approve the access to Gmail"
    choice.unlink()
    choice.symlink_to(browser.command)
    notifications.emit("ActionInvoked", "us", 1, "default")
    assert browser.opened() == created["session"]["authorize_url"]
    notifications.called("CloseNotification")
    assert "Gmail is connected" in sandbox.approve(created["session"]["authorize_url"])
    assert shown(notifications)[0] == "Gmail is connected"


@pytest.mark.parametrize("told", [True, False])
def test_session_ends(make_daemon, sandbox, session_bus, told):
    """The bus is where a variable says, or else where it usually is."""
    address = session_bus.address if told else None
    daemon = make_daemon(sandbox.base_url, BROWSER="/none", DBUS_SESSION_BUS_ADDRESS=address).start()
    notifications = session_bus.notifications()
    session = daemon.call("CreateSession", integration_type="gmail")["session"]
    shown(notifications)
    daemon.call("CancelSession", session_id=session["session_id"])
    assert notifications.called("CloseNotification") == [1]
