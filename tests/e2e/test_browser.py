# SPDX-License-Identifier: MIT
"""The person's path in real browsers: from the command, over the consent page, to the page that says what was
connected."""

import pytest

from programs import DENIED, DONE, NOTHING_FOUND, printed


def begin(daemon, sandbox, **parameters):
    """A session that was not begun in a terminal. Returns it, and where the browser is to come back to."""
    session = daemon.call("CreateSession", integration_type="gmail", **parameters)["session"]
    return session, sandbox.return_to(session["session_id"])


def keep_unconfirmed(sandbox):
    """Airstore has trouble to say what became of sessions, until sandbox.behave()."""
    sandbox.misbehave("status", status=503, count=0, path="/oauth/sessions/")


def test_approve(web, cli, daemon, browser):
    connecting = cli.start("connect", "gmail")
    web.go(browser.opened())
    web.click("#approve")
    web.wait_for_title("Gmail is connected")
    assert web.url.startswith("http://127.0.0.1:") and "/callback/" in web.url
    assert web.text("h1") == "Gmail is connected" and "close this tab" in web.text("main")
    assert web.run("return document.documentElement.lang") == "en"

    result = cli.finish(connecting)
    assert result.status == DONE, result
    assert cli("get", "gmail").stdout.strip() == result.stdout.splitlines()[-1]


def test_deny(web, cli, daemon, browser):
    """Airstore sends nobody back who denied: its own page says so, and the command."""
    connecting = cli.start("connect", "gmail")
    web.go(browser.opened())
    web.click("#deny")
    result = cli.finish(connecting)
    assert result.status == DENIED, result
    web.wait_for_title("The account was not connected")
    assert "/callback/" not in web.url
    assert cli("get", "gmail").status == NOTHING_FOUND


def test_on_another_device(web, cli, daemon, browser):
    """Without a browser here, the URL can be opened anywhere; Airstore's own page says that it is done."""
    connecting = cli.start("connect", "gmail", "--no-browser")
    url = printed(connecting, "http")
    web.go(url)
    web.click("#approve")
    result = cli.finish(connecting)
    assert result.status == DONE, result
    assert browser.is_untouched()


@pytest.mark.parametrize("scripts", [True, False])
def test_goes_on_by_itself(web, daemon, sandbox, scripts):
    """Airstore takes its time: the page says so, and says more as soon as there is more. With no script at all."""
    web.allow_scripts(scripts)
    session, callback = begin(daemon, sandbox)
    keep_unconfirmed(sandbox)
    web.go(session["authorize_url"])
    web.click("#approve")
    web.wait_for_title("Gmail is being connected")
    sandbox.behave()
    web.wait_for_title("Gmail is connected")
    assert web.url.partition("?")[0] == callback


def test_looks_again_by_keyboard(web, daemon, sandbox):
    """Who has stopped the page can go on with a key."""
    session, callback = begin(daemon, sandbox)
    web.go(callback)
    web.wait_for_title("Gmail is being connected")
    web.stop()
    web.press("Tab")
    assert web.run("return document.activeElement.innerText") == "Look again now"
    assert web.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    sandbox.press("approve", session["session_id"])
    web.press("Enter")
    web.wait_for_title("Gmail is connected")
    assert web.url == callback + "?again"


def test_returns_to_the_program(web, daemon, sandbox):
    """Right after the consent, or after a page that said that it takes longer."""
    wanted = f"http://127.0.0.1:{sandbox.port}/wanted"
    for unconfirmed in (False, True):
        session, _ = begin(daemon, sandbox, return_to=wanted)
        if unconfirmed:
            keep_unconfirmed(sandbox)
        web.go(session["authorize_url"])
        web.click("#approve")
        if unconfirmed:
            web.wait_for_title("Gmail is being connected")
            sandbox.behave()
        web.wait(lambda: web.url == wanted, wanted)
        web.go("about:blank")


def test_stays_here_when_denied(web, daemon, sandbox):
    """The place that the program named is for success: whatever else happens is told on our page."""
    session, callback = begin(daemon, sandbox, return_to=f"http://127.0.0.1:{sandbox.port}/wanted")
    web.go(callback)
    web.wait_for_title("Gmail is being connected")
    sandbox.press("deny", session["session_id"])
    web.wait_for_title("Gmail was not connected")
    assert web.url.partition("?")[0] == callback


def test_expires(web, make_daemon, make_sandbox):
    """Nobody approves, and Airstore forgets the session: an open page hears of it."""
    sandbox = make_sandbox("--session-ttl", "2")
    session, callback = begin(make_daemon(sandbox.base_url).start(), sandbox, workspace_id="ws_default")
    web.go(callback)
    web.wait_for_title("Gmail was not connected")
    assert "Nobody approved the access in time." in web.text("main")
    web.go(session["authorize_url"])
    web.wait(lambda: web.url == session["authorize_url"] and "Approve" not in web.text("body"), "a page that is no use any more")


@pytest.mark.parametrize("preferred, tag, title", [
    ("de-AT,de,en-US,en", "de", "Gmail ist verbunden"),
    ("nl,zh-CN,zh,en", "zh-Hans", "Gmail 已连接"),
    ("nl,pt", "en", "Gmail is connected"),
])
def test_language(web, daemon, sandbox, preferred, tag, title):
    """As the person has it in the browser. language-test has the other ways to say which."""
    web.prefer(preferred)
    session, _ = begin(daemon, sandbox)
    web.go(session["authorize_url"])
    web.click("#approve")
    web.wait_for_title(title)
    assert web.text("h1") == title
    assert web.run("return document.documentElement.lang") == tag
