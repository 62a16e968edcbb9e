# SPDX-License-Identifier: MIT
"""How the helper opens a browser: which ways it tries, in which order, and what it says when none works.

The helper is the real one; browsers are commands that note the URL, and the portal is a stand-in on
a private session bus."""

import contextlib
import os
import socket

import pytest

from programs import script

from session_bus import Helper

URL = "https://accounts.example/consent?a=1&b=$HOME;c"
# There is one, as far as anybody can tell who does not try to draw on it.
DISPLAY = {"DISPLAY": ":77"}


@pytest.fixture
def helper(place):
    """helper(NAME=value…): with these variables, and none of a desktop otherwise."""
    made = []

    def make(**variables):
        made.append(Helper(place, **{"PATH": place / "bin", **variables}))
        return made[-1]

    yield make
    for one in made:
        one.destroy()


@pytest.fixture
def xdg_open(place):
    """xdg_open(STATUS) puts one in the way, and nothing else is found there."""
    def make(status=0):
        (place / "bin").mkdir(exist_ok=True)
        script(place / "bin/xdg-open", f'printf "%s\\n" "$1" >>"{place}/xdg-open.notes"\nexit {status}')
    make.notes = place / "xdg-open.notes"
    return make


@pytest.fixture
def command(place):
    return lambda name, text: script(place / name, text)


def test_order(helper, place, command, files, session_bus, xdg_open):
    """Each is tried after those before it have failed, and all are told of."""
    files.configure(f"[airstore]\nbrowser = {command('second', 'exit 2')}\n")
    xdg_open(3)
    portal = session_bus.portal(2)
    problem = helper(BROWSER=command("first", "exit 1"), DBUS_SESSION_BUS_ADDRESS=session_bus.address,
                     **DISPLAY).ask("OpenURL", url=URL)
    assert problem == (
        f"{place}/first failed with exit status 1; {place}/second failed with exit status 2; "
        "the desktop portal opened nothing; xdg-open failed with exit status 3 (it found no browser)")
    assert portal.called("OpenURI")[:2] == ["", URL] and xdg_open.notes.read_text() == URL + "\n"


def test_browser_of_a_profile_is_the_only_way(helper, place, browser, command, files, session_bus, xdg_open):
    """It keeps accounts apart: those of the one are not to meet the cookies of the other."""
    files.configure(f"[airstore]\nbrowser = {browser.command}\n[profile work]\nbrowser = {command('work', 'exit 1')}\n")
    xdg_open()
    portal = session_bus.portal(0)
    one = helper(BROWSER=browser.command, DBUS_SESSION_BUS_ADDRESS=session_bus.address, **DISPLAY)
    assert one.ask("OpenURL", url=URL, profile="work") == f"{place}/work failed with exit status 1"
    assert browser.is_untouched() and portal.is_left_alone() and not xdg_open.notes.exists()
    assert one.ask("OpenURL", url=URL) is None and browser.opened() == URL


@pytest.mark.parametrize("script, reason", [
    ("exit 7", "failed with exit status 7"),
    ("kill -SEGV $$", "was ended by signal 11"),
    (None, "could not be started: No such file or directory"),
])
def test_command_fails(helper, place, command, script, reason):
    path = command("one", script) if script else place / "one"
    assert helper(BROWSER=path).ask("OpenURL", url=URL) == f"{path} {reason}; there is no display"


def test_command_that_stays(helper, place, command):
    """Two seconds without a failure: that is a browser. It goes on when the helper is gone."""
    os.mkfifo(place / "quit")
    quitting = os.open(place / "quit", os.O_RDWR)
    one = helper(BROWSER=command("stays", f"read line <'{place}/quit'"))
    assert one.ask("OpenURL", url=URL) is None
    one.finish()
    os.write(quitting, b"\n")
    os.close(quitting)


def test_several_commands(helper, place, command, browser):
    commands = f"{place}/none:{command('bad', 'exit 1')}:{browser.command} %s --new"
    assert helper(BROWSER=commands).ask("OpenURL", url=URL) is None
    assert browser.opened() == URL


def test_portal_opens(helper, session_bus, xdg_open):
    xdg_open()
    portal = session_bus.portal(0)
    one = helper(DBUS_SESSION_BUS_ADDRESS=session_bus.address, **DISPLAY)
    assert one.ask("OpenURL", url=URL) is None
    _, url, options = portal.called("OpenURI")
    assert url == URL and len(options["handle_token"]) == 40
    assert not xdg_open.notes.exists()
    one.finish()


@pytest.mark.parametrize("response, reason", [
    (1, "the choice of a browser was cancelled"),
    (2, "the desktop portal opened nothing"),
    ("refuse", "the desktop portal failed"),
])
def test_portal_refuses(helper, session_bus, xdg_open, response, reason):
    xdg_open(4)
    session_bus.portal(response)
    problem = helper(DBUS_SESSION_BUS_ADDRESS=session_bus.address, **DISPLAY).ask("OpenURL", url=URL)
    assert problem == f"{reason}; xdg-open failed with exit status 4 (it found no browser)"


def test_portal_is_silent(helper, session_bus, xdg_open):
    """After three seconds its request is closed, lest two browsers open."""
    xdg_open()
    portal = session_bus.portal("silent")
    assert helper(DBUS_SESSION_BUS_ADDRESS=session_bus.address, **DISPLAY).ask("OpenURL", url=URL) is None
    portal.called("OpenURI")
    portal.called("Close")
    assert xdg_open.notes.read_text() == URL + "\n"


def test_portal_hangs(helper, session_bus, xdg_open):
    xdg_open(1)
    session_bus.portal(0).freeze()
    problem = helper(DBUS_SESSION_BUS_ADDRESS=session_bus.address, **DISPLAY).ask("OpenURL", url=URL)
    assert problem == "the desktop portal does not answer; xdg-open failed with exit status 1"


def test_bus_hangs(helper, place, xdg_open):
    xdg_open()
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as bus:
        bus.bind(str(place / "bus"))
        bus.listen()
        one = helper(DBUS_SESSION_BUS_ADDRESS=f"unix:path={place}/bus", **DISPLAY)
        assert one.ask("OpenURL", url=URL) is None
        one.finish()
    assert xdg_open.notes.read_text() == URL + "\n"


def test_no_portal(helper, session_bus, xdg_open):
    xdg_open(1)
    problem = helper(DBUS_SESSION_BUS_ADDRESS=session_bus.address, **DISPLAY).ask("OpenURL", url=URL)
    assert problem == "there is no desktop portal; xdg-open failed with exit status 1"


def test_no_bus(helper, xdg_open):
    xdg_open()
    assert helper(WAYLAND_DISPLAY="wayland-0").ask("OpenURL", url=URL) is None
    assert xdg_open.notes.read_text() == URL + "\n"


def test_no_xdg_open(helper):
    assert helper(**DISPLAY).ask("OpenURL", url=URL) == "xdg-open could not be started: No such file or directory"


def test_no_display(helper, session_bus, xdg_open):
    """xdg-open would start a text browser that nobody sees."""
    xdg_open()
    assert helper().ask("OpenURL", url=URL) == "there is no display"
    assert helper(DBUS_SESSION_BUS_ADDRESS=session_bus.address).ask("OpenURL", url=URL) == "there is no display"
    assert not xdg_open.notes.exists()


def test_portal_is_started(helper, place, session_bus, xdg_open):
    """Where there is a display. Without one it would only hang."""
    xdg_open(1)
    session_bus.when_asked_for("org.freedesktop.portal.Desktop", f"/bin/sh -c 'mkdir {place}/started; exit 1'")
    assert helper(DBUS_SESSION_BUS_ADDRESS=session_bus.address).ask("OpenURL", url=URL) == "there is no display"
    assert not (place / "started").exists()
    problem = helper(DBUS_SESSION_BUS_ADDRESS=session_bus.address, **DISPLAY).ask("OpenURL", url=URL)
    assert (place / "started").exists()
    assert problem == "the desktop portal failed; xdg-open failed with exit status 1"


def test_container(helper, session_bus):
    """No display here, but a bus that leads to the portal of the host."""
    portal = session_bus.portal(0)
    assert helper(DBUS_SESSION_BUS_ADDRESS=session_bus.address).ask("OpenURL", url=URL) is None
    assert portal.called("OpenURI")[1] == URL


def test_windows(helper, xdg_open):
    """In WSL, xdg-open finds the browser of Windows."""
    xdg_open()
    assert helper(WSL_DISTRO_NAME="Debian").ask("OpenURL", url=URL) is None
    assert xdg_open.notes.read_text() == URL + "\n"


@pytest.mark.parametrize("url", [
    "file:///etc/passwd", "javascript:alert(1)", "--help", "http://other.example/", "https://a b", "", "x" * 9000])
def test_urls_that_are_not_opened(helper, browser, session_bus, url):
    portal = session_bus.portal(0)
    one = helper(BROWSER=browser.command, DBUS_SESSION_BUS_ADDRESS=session_bus.address, **DISPLAY)
    one.send("ai.airstore.Desktop.OpenURL", {"url": url})
    assert one.receive()["error"] == "ai.airstore.Desktop.InvalidURL"
    assert browser.is_untouched() and portal.is_left_alone()
