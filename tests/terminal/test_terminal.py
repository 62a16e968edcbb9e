# SPDX-License-Identifier: MIT
"""connect in a window: what is to be seen at each step, at 80 and at 40 columns, while the window
changes, and when Ctrl-C is pressed."""

import os
import re
import signal
import subprocess

import pytest

from programs import DONE, FAILED, TIMEOUT
from terminal import photograph


ESCAPE = re.compile(r"\x1b")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
LEFT = r"^\d:\d\d left"


def lines_of(shown):
    return [line for line in shown.splitlines() if line]


def pending(daemon):
    """The one session that is under way."""
    (session,) = [one for one in daemon.call("ListSessions")["sessions"] if one["status"] == "pending"]
    return session


@pytest.mark.parametrize("columns, waiting", [
    (80, r"^\d:\d\d left to approve Gmail in the browser\. Ctrl-C cancels\.$"), (40, r"^\d:\d\d left\. Ctrl-C cancels\.$")])
def test_connect(at_terminal, daemon, sandbox, browser, columns, waiting):
    """The steps, then one line of result, then the ID; the live line is gone without a trace."""
    terminal = at_terminal(["connect", "gmail"], columns, DISPLAY=":0")
    shown = terminal.wait_for(waiting)
    assert lines_of(shown)[0] == "Connecting Gmail.", shown
    assert "Approve the access to Gmail" in shown
    sandbox.approve(browser.opened())
    assert terminal.wait() == DONE
    (connection,) = sandbox.connections()
    assert lines_of(terminal.shown())[-2:] == ["Gmail is connected.", connection["external_id"]]
    assert "left" not in terminal.shown()
    assert all(len(line) <= columns for line in terminal.shown().splitlines())


def test_says_what_will_be_renewed(at_terminal, daemon, sandbox, browser):
    """Also of a connection that only Airstore knows of, which is asked for it."""
    sandbox.approve(daemon.call("CreateSession", integration_type="gmail", workspace_id="ws_default", open_browser=False)
                    ["session"]["authorize_url"])
    terminal = at_terminal(["connect", "gmail", "-w", "ws_default"], DISPLAY=":0")
    shown = terminal.wait_for(LEFT)
    assert "Connecting Gmail to the workspace ws_default." in shown
    assert re.search(r"There is a connection already, last renewed .*\. It will\s+be\s+renewed", shown), shown


@pytest.mark.parametrize("known", [False, True])
def test_silence_of_airstore_holds_nothing_up(at_terminal, daemon, sandbox, browser, known):
    """Whether there is a connection is asked for two seconds; then it goes on. One whose workspace is not known is no answer."""
    if known:
        daemon.connect_account(sandbox)
    sandbox.misbehave("latency", ms=60000, path="/workspaces/ws_default/connections")
    terminal = at_terminal(["connect", "gmail", "-w", "ws_default"], DISPLAY=":0")
    sandbox.approve(browser.opened())
    assert terminal.wait() == DONE
    asked = [one["path"] for one in sandbox.requests() if one["path"].endswith("/workspaces/ws_default/connections")]
    assert len(asked) == 1, "nor is it asked before that, without a limit"
    sandbox.behave()


def test_airstore_takes_its_time(at_terminal, daemon, sandbox, browser):
    """Between the approval and Airstore's word for it, that is what is shown."""
    terminal = at_terminal(["connect", "gmail"], DISPLAY=":0")
    url = browser.opened()
    terminal.wait_for(LEFT)
    sandbox.misbehave("latency", ms=1500, path="/oauth/sessions/")
    sandbox.approve(url)
    terminal.wait_for(r"^Approved in the browser; Airstore is finishing Gmail …$")
    assert terminal.wait() == DONE


def test_interrupted_before_it_began(at_terminal, daemon, sandbox):
    sandbox.misbehave("latency", ms=60000, path="/workspaces/ws_default/connections")
    terminal = at_terminal(["connect", "gmail", "-w", "ws_default"], DISPLAY=":0")
    terminal.wait_for("^Asking Airstore what is connected")
    terminal.interrupt()
    assert terminal.wait() == FAILED
    assert lines_of(terminal.shown())[-1] == "Cancelled: nothing was begun."
    assert daemon.call("ListSessions")["sessions"] == []


@pytest.mark.parametrize("arguments", [["--help"], ["connect", "--help"], ["connect"]])
def test_narrow_help(at_terminal, daemon, arguments):
    """Nothing is broken within a word, and what goes on stands below its beginning."""
    terminal = at_terminal(arguments, columns=40, lines=90)
    if arguments == ["connect"]:
        terminal.wait_for(r"^Number or name")
        terminal.type("\n")
    terminal.wait()
    assert lines_of(terminal.shown()) == [line.rstrip() for line in lines_of(terminal.shown("-J"))]


def test_resized_while_waiting(at_terminal, daemon, browser):
    """Narrower, then wider: there is one live line, and it fits."""
    terminal = at_terminal(["connect", "gmail"], DISPLAY=":0")
    terminal.wait_for(LEFT + " to approve Gmail in the browser")
    browser.opened()
    terminal.resize(40, 40)
    shown = terminal.wait_for(LEFT + r"\. Ctrl-C cancels\.$")
    assert shown.count("left") == 1, shown
    terminal.resize(10, 40)
    shown = terminal.wait_for(r"^\d:\d\d left$")
    assert shown.count(" left") == 1, shown
    terminal.resize(80, 40)
    shown = terminal.wait_for(LEFT + " to approve Gmail in the browser")
    assert shown.count(" left") == 1, shown


def test_interrupted_once(at_terminal, daemon, browser):
    """The session is cancelled, and that is what is said."""
    terminal = at_terminal(["connect", "gmail"], DISPLAY=":0")
    terminal.wait_for(LEFT)
    browser.opened()
    terminal.interrupt()
    assert terminal.wait() == FAILED
    assert lines_of(terminal.shown())[-2:] == [
        "Cancelled: Gmail was not connected.", "Try again with: airstore-oauth connect gmail"]
    assert "^C" not in terminal.shown() and "left" not in terminal.shown()
    (session,) = daemon.call("ListSessions")["sessions"]
    assert session["failure"] == "cancelled"


def test_interrupted_twice(at_terminal, daemon, sandbox):
    """Who cannot wait for Airstore's answer need not."""
    sandbox.misbehave("latency", ms=60000, path="/oauth/sessions")
    terminal = at_terminal(["connect", "gmail"], DISPLAY=":0")
    terminal.wait_for("^Asking Airstore for the page")
    terminal.interrupt()
    terminal.wait_for("Ctrl-C again leaves at once")
    terminal.interrupt()
    assert terminal.wait() == FAILED
    assert "airstore-oauth sessions" in terminal.shown()
    sandbox.behave()


def test_interrupted_while_the_daemon_hangs(at_terminal, daemon, browser):
    terminal = at_terminal(["connect", "gmail"], DISPLAY=":0")
    terminal.wait_for(LEFT)
    browser.opened()
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        terminal.interrupt()
        terminal.wait_for("^Cancelling … Ctrl-C again leaves at once")
        terminal.interrupt()
        assert terminal.wait() == FAILED
    finally:
        os.kill(daemon.pid, signal.SIGCONT)
    assert "Left without waiting any longer." in terminal.shown()


def test_no_colour(at_terminal, daemon, sandbox):
    """NO_COLOR: the line moves, but nothing is coloured or bold."""
    sandbox.approve(daemon.create()["authorize_url"])
    terminal = at_terminal(["connect", "slack"], DISPLAY=":0", NO_COLOR="1")
    terminal.wait_for(LEFT)
    assert ESCAPE.search(terminal.raw()) and not COLOUR.search(terminal.raw())


@pytest.mark.parametrize("variables, bold", [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_headings(at_terminal, daemon, variables, bold):
    terminal = at_terminal(["integrations"], **variables)
    assert terminal.wait() == DONE
    assert bool(ESCAPE.search(terminal.raw())) == bold, terminal.raw()


def test_dumb_terminal(at_terminal, daemon, sandbox):
    """TERM=dumb: nothing moves, nothing links; the steps are lines."""
    terminal = at_terminal(["connect", "gmail", "--no-browser"], TERM="dumb")
    shown = terminal.wait_for(r"^Waiting for the approval\. Ctrl-C cancels\.$")
    assert "on any device:" in shown and "█" not in shown
    sandbox.approve(pending(daemon)["authorize_url"])
    assert terminal.wait() == DONE
    assert not ESCAPE.search(terminal.raw()), terminal.raw()


# ---- Another device ------------------------------------------------------------------------------

def read_code(terminal, path, foreground, background):
    """What a camera that sees the window reads in it."""
    photograph(terminal, path, foreground, background)
    done = subprocess.run(["zbarimg", "--quiet", "--raw", path], capture_output=True, text=True, timeout=TIMEOUT)
    return done.stdout.strip()


@pytest.mark.parametrize("foreground, background, variables", [
    (229, 0, {}), (40, 255, {}), (229, 0, {"NO_COLOR": "1"})], ids=["dark", "light", "dark, without colours"])
def test_code(at_terminal, daemon, sandbox, browser, place, foreground, background, variables):
    """At a terminal without a display: another device reads the code, approves there, and is not sent back
    to this computer, of which it cannot see the loopback."""
    terminal = at_terminal(["connect", "gmail"], **variables)
    shown = terminal.wait_for(LEFT)
    assert "open this page in a browser on any device:" in shown
    url = read_code(terminal, place / "window.pgm", foreground, background)
    assert url == pending(daemon)["authorize_url"]
    assert sandbox.return_to(pending(daemon)["session_id"]) is None
    assert "callback_address" not in daemon.call("GetStatus")
    assert sandbox.approve(url) == "Gmail is connected"
    assert terminal.wait() == DONE
    assert browser.is_untouched()


def test_code_appears_when_there_is_room(at_terminal, daemon, place):
    terminal = at_terminal(["connect", "gmail"], lines=24)
    shown = terminal.wait_for(LEFT)
    room = re.search(r"A window of (\d+) columns and (\d+) lines shows it as a QR code", shown)
    assert room and "█" not in shown, shown
    terminal.resize(*room.groups())
    terminal.wait_for("██")
    terminal.wait_for(LEFT)
    assert read_code(terminal, place / "window.pgm", 229, 0) == pending(daemon)["authorize_url"]


def test_code_again(at_terminal, daemon, place):
    """Who waits again for the same authorization can still use the other device."""
    session = daemon.create()
    terminal = at_terminal(["connect", "gmail"])
    shown = terminal.wait_for(r"^\d:\d\d left to approve Gmail in the browser\. Ctrl-C leaves\.$")
    assert "is under way; it goes on." in shown
    assert read_code(terminal, place / "window.pgm", 229, 0) == session["authorize_url"]
    terminal.interrupt()
    assert terminal.wait() == FAILED
    assert f"airstore-oauth cancel {session['session_id']}" in " ".join(terminal.shown().split())
    assert pending(daemon)["session_id"] == session["session_id"]


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_no_code_without_unicode(at_terminal, daemon, locale):
    terminal = at_terminal(["connect", "gmail"], LANG=locale)
    shown = terminal.wait_for(LEFT)
    assert "on any device:" in shown and "QR" not in shown
    assert "▄" not in terminal.raw()


@pytest.mark.parametrize("term, link", [(None, True), ("linux", False)])
def test_link(at_terminal, daemon, term, link):
    """The address can be clicked on, also where it takes several lines."""
    terminal = at_terminal(["connect", "gmail", "--no-browser"], columns=40, TERM=term)
    terminal.wait_for(LEFT)
    url = pending(daemon)["authorize_url"]
    assert (f"\x1b]8;;{url}\x1b\\{url}\x1b]8;;\x1b\\" in terminal.raw()) == link
    assert url in terminal.raw()


# ---- Choosing ------------------------------------------------------------------------------------

@pytest.mark.parametrize("answer", ["2", "gdrive", "google drive", " GDrive "])
def test_choose(at_terminal, daemon, sandbox, browser, answer):
    """connect alone lists what there is; a number or a name will do, and what makes no sense is asked again."""
    terminal = at_terminal(["connect"], DISPLAY=":0")
    shown = terminal.wait_for(r"^Number or name")
    assert re.search(r"^  1  Gmail$", shown, re.MULTILINE) and "PostHog        with an API key" in shown
    terminal.type("99\n")
    terminal.wait_for(r'^"99" is none of them')
    terminal.type(answer + "\n")
    terminal.wait_for(LEFT)
    assert pending(daemon)["integration_type"] == "gdrive"
    sandbox.approve(browser.opened())
    assert terminal.wait() == DONE


def test_choose_shows_what_is_connected(at_terminal, daemon, sandbox):
    daemon.connect_account(sandbox)
    terminal = at_terminal(["connect"], columns=40)
    shown = terminal.wait_for(r"^Number or name")
    assert re.search(r"^  1  Gmail +connected (just now|\d+ seconds? ago)$", shown, re.MULTILINE), shown
    terminal.type("\n")
    assert terminal.wait() == FAILED
    assert "Nothing was chosen." in terminal.shown()
    assert len(sandbox.sessions()) == 1


def test_choose_what_takes_a_key(at_terminal, daemon, sandbox):
    """It is asked for at once, unseen."""
    terminal = at_terminal(["connect", "-w", "ws_default"])
    terminal.wait_for(r"^Number or name")
    terminal.type("posthog\n")
    terminal.wait_for(r"^API key \(it is not shown\):")
    terminal.type("phx_made_up\n")
    assert terminal.wait() == DONE
    assert "phx_made_up" not in terminal.raw() and "PostHog is connected." in terminal.shown()
    assert [one["integration_type"] for one in sandbox.connections()] == ["posthog"]


# ---- Secrets -------------------------------------------------------------------------------------

@pytest.mark.parametrize("arguments", [["login"], ["add", "posthog"], ["add", "github"]])
def test_interrupted_at_a_key(at_terminal, daemon, place, arguments):
    """Ctrl-C ends it, with half a key typed."""
    terminal = at_terminal(arguments)
    terminal.wait_for(r"\(it is not shown\):")
    terminal.type("half_a_")
    terminal.interrupt()
    assert terminal.wait() == FAILED
    assert lines_of(terminal.shown())[-1] == "Cancelled: nothing was stored."
    assert not (place / "config/airstore-oauthd/api-key").exists()


def test_empty_key(at_terminal, daemon):
    terminal = at_terminal(["login"])
    terminal.wait_for(r"\(it is not shown\):")
    terminal.type("\n")
    assert terminal.wait() == FAILED
    assert "The API key from the terminal is empty." in terminal.shown()


# ---- Removing ------------------------------------------------------------------------------------

@pytest.mark.parametrize("answer, status, left", [("\n", FAILED, 1), ("n\n", FAILED, 1), ("y\n", DONE, 0)])
def test_remove_asks(at_terminal, daemon, connected, answer, status, left):
    terminal = at_terminal(["remove", "gmail"])
    shown = terminal.wait_for(r"^Delete it\? \[y/N\]")
    assert "Gmail of the workspace ws_tokyo" in shown and connected in "".join(shown.split()), shown
    terminal.type(answer)
    assert terminal.wait() == status
    assert len(daemon.call("ListConnections")["connections"]) == left
    assert ("airstore-oauth remove gmail --yes" in terminal.shown()) == (status == FAILED)


def test_remove_need_not_ask(at_terminal, daemon, connected):
    assert at_terminal(["remove", "gmail", "--yes"]).wait() == DONE
    assert daemon.call("ListConnections")["connections"] == []


# ---- Lists ---------------------------------------------------------------------------------------

@pytest.fixture
def connected(daemon, sandbox):
    """One connection, and one session that was denied."""
    done = daemon.create(workspace_id="ws_tokyo")
    sandbox.press("approve", done["session_id"])
    denied = daemon.create("slack")
    sandbox.press("deny", denied["session_id"])
    return daemon.poll(done)["connection_id"]


@pytest.mark.parametrize("columns", [40, 80])
@pytest.mark.parametrize("verb", ["list", "sessions", "status", "integrations", "config"])
def test_lists_fit(at_terminal, connected, verb, columns):
    """Nothing is broken within a word, and the IDs, which people copy, are whole."""
    terminal = at_terminal([verb], columns)
    assert terminal.wait() == DONE
    broken = terminal.shown("-S", "-")
    whole = terminal.shown("-S", "-", "-J")  # lines that the terminal had to break are joined
    if verb != "config":  # paths of files are longer than such a window
        assert [line.rstrip() for line in broken.splitlines()] == [line.rstrip() for line in whole.splitlines()]
    if verb in ("list", "sessions"):
        assert connected in broken, broken


@pytest.mark.parametrize("columns, scope", [(90, "読み取り専用の権限と書き込みの権限"), (76, "読み取り専用の権限と書…")])
def test_wide_characters(at_terminal, make_daemon, fake_airstore, columns, scope):
    """They take two columns each, whether they fit or are cut: what follows stands below its heading."""
    airstore = fake_airstore({("GET", "/workspaces/ws_1/connections"): [(200, {"data": [{
        "external_id": "c" * 12, "workspace_id": "ws_1", "integration_type": "gmail", "scope": "読み取り専用の権限と書き込みの権限",
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}]})]})
    make_daemon(airstore.base_url).start()
    terminal = at_terminal(["list", "--refresh", "-w", "ws_1"], columns)
    assert terminal.wait() == DONE
    heading, row = lines_of(terminal.shown())
    assert scope in row
    wide = sum(ord(character) > 0x3000 for character in row)
    assert heading.index("UPDATED") == re.search(r"\d+ day", row).start() + wide, terminal.shown()
