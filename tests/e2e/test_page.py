# SPDX-License-Identifier: MIT
"""Our page in real browsers, in each of its outcomes: it says what happened, can be read by everybody, and asks the
network for nothing."""

import re
import urllib.request

import pytest

from programs import ROOT, TIMEOUT
from test_browser import begin

AXE = ROOT / "build/npm/e2e/axe/node_modules/axe-core/axe.min.js"  # put there by ./dev test
WORKSPACE = "ws_default"
SIZES = ((1280, 800), (640, 640), (320, 800))


def connected(daemon, sandbox, session):
    sandbox.press("approve", session["session_id"])


def finishing(daemon, sandbox, session):
    pass


def denied(daemon, sandbox, session):
    sandbox.press("deny", session["session_id"])


def expired(daemon, sandbox, session):
    sandbox.vanish(session["session_id"])


def cancelled(daemon, sandbox, session):
    daemon.call("CancelSession", session_id=session["session_id"])


def unauthorized(daemon, sandbox, session):
    sandbox.misbehave("status", status=403, path="/oauth/sessions/")


def unknown(daemon, sandbox, session):
    sandbox.misbehave("status", status=404, path="/workspaces/")
    sandbox.vanish(session["session_id"])  # now, for the daemon may ask at any moment


def gone(daemon, sandbox, session):
    pass


# How it comes to each outcome while the page is open, and what the page says then.
OUTCOMES = {
    connected: ("Gmail is connected", ["can use the account", "close this tab", WORKSPACE]),
    finishing: ("Gmail is being connected", ["has not confirmed it yet", "Look again now", WORKSPACE]),
    denied: ("Gmail was not connected", [
        "Access was not granted", "Reported by Airstore\ngoogle: access_denied", f"airstore-oauth connect gmail -w {WORKSPACE}"]),
    expired: ("Gmail was not connected", ["Nobody approved the access in time", "airstore-oauth connect gmail"]),
    cancelled: ("Gmail was not connected", ["cancelled on this computer", "airstore-oauth connect gmail"]),
    unauthorized: ("Gmail may not be connected", [
        "could not say what became of it", "Details\nAirstore refused", "check what the API key is allowed to do"]),
    unknown: ("Gmail may not be connected", [
        "could not say what became of it", "check the workspace", f"airstore-oauth list --refresh -w {WORKSPACE}"]),
    gone: ("Nothing is waiting here any more", ["has ended", "close this tab"]),
}


@pytest.fixture(params=OUTCOMES, ids=lambda outcome: outcome.__name__)
def outcome(request, web, daemon, sandbox):
    """The browser shows it."""
    outcome = request.param
    session, callback = begin(daemon, sandbox, workspace_id=WORKSPACE)
    web.go(callback + "0" if outcome is gone else callback)
    if outcome is not gone:
        web.wait_for_title("Gmail is being connected")
    outcome(daemon, sandbox, session)
    if outcome not in (finishing, gone):
        urllib.request.urlopen(callback + "?again", timeout=TIMEOUT).close()  # the daemon asks Airstore at once
    web.wait_for_title(OUTCOMES[outcome][0])
    if outcome is finishing:
        web.stop()  # else it is replaced in the middle of the test
    web.wait(lambda: web.run("return document.readyState") == "complete", "the whole page")
    return outcome


def violations(web):
    """What axe-core finds. It is put into the page by the driver: the page itself admits no script."""
    return web.run(AXE.read_text() + """;
        return window.axe.run(document).then(found => found.violations.map(one =>
            one.id + ": " + one.nodes.map(node => node.html + " " + node.failureSummary).join("; ")));""")


def overflow(web):
    """By how much the page is wider than the window."""
    return web.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_outcome(web, outcome, keep):
    """It is told, and everybody can read it."""
    _, texts = OUTCOMES[outcome]
    for text in texts:
        assert text in web.text("main")
    for dark in (False, True):
        for width, height in SIZES:
            web.look_like(dark=dark, width=width, height=height)
            web.wait(lambda: web.run("return [innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]") == [width, dark],
                     "the other look")
            if dark is (width == SIZES[-1][0]):  # axe-core sees colours and how lines wrap: all of both, not each with each
                assert violations(web) == []
            assert overflow(web) == 0
            keep(f"{outcome.__name__}-{'dark' if dark else 'light'}-{width}")
    # Still 320 pixels wide, with letters of twice the size.
    web.run("document.documentElement.style.fontSize = '200%'")
    assert overflow(web) == 0
    keep(f"{outcome.__name__}-large")


def test_asks_for_nothing_else(web, make_daemon, sandbox):
    """Neither of us, be it an icon, nor of others; and its own policy does not keep it from looking as it should."""
    daemon = make_daemon(sandbox.base_url).start("--log-level", "debug")
    session, callback = begin(daemon, sandbox)
    sandbox.press("approve", session["session_id"])
    for _ in range(2):  # what the browser asks for after the page, it has asked for before it gets the next one
        web.go(callback)
        web.wait_for_title("Gmail is connected")
        web.wait(lambda: web.run("return document.readyState") == "complete", "the whole page")
        assert web.run("return performance.getEntriesByType('resource').length") == 0
        assert web.run("return getComputedStyle(document.querySelector('main')).maxWidth") == "432px"
        web.go("about:blank")
        web.wait(lambda: web.url == "about:blank", "a blank page")
    assert re.findall("A browser was answered with ([0-9]+)", daemon.log) == ["200", "200"]
