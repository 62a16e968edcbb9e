# SPDX-License-Identifier: MIT
"""The entry of the menu: it is well-formed, speaks the languages that we have, and its window can be read."""

import configparser
import shlex
import subprocess
import xml.etree.ElementTree

import pytest

from programs import BUILD, ROOT, TIMEOUT
from window import Terminal

MENU = ROOT / "menu"
LANGUAGES = ["de", "fr", "es", "zh_CN", "ja"]
CLOSE = "Press Enter to close this window."


@pytest.fixture(scope="module")
def entry():
    parser = configparser.ConfigParser(delimiters="=", interpolation=None)
    parser.optionxform = str
    parser.read(MENU / "airstore-oauth.desktop", "utf-8")
    return parser


def test_is_valid():
    done = subprocess.run(
        ["desktop-file-validate", "--warn-kde", MENU / "airstore-oauth.desktop"], capture_output=True, text=True,
        stdin=subprocess.DEVNULL, timeout=TIMEOUT)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_languages(entry):
    main = entry["Desktop Entry"]
    for key in ("Name", "Comment"):
        texts = [main[key], *(main[f"{key}[{language}]"] for language in LANGUAGES)]
        assert all(texts) and len(set(texts)) == len(texts)


def test_icon(entry):
    icon = xml.etree.ElementTree.parse(MENU / f"{entry['Desktop Entry']['Icon']}.svg").getroot()
    assert icon.tag == "{http://www.w3.org/2000/svg}svg" and icon.get("viewBox") == "0 0 128 128"


def test_actions_are_the_integrations_of_the_browser(entry, daemon):
    listed = {one["integration_type"]: one["name"] for one in daemon.call("ListIntegrations")["integrations"]
              if one["authentication"] != "api_key"}
    actions = entry["Desktop Entry"]["Actions"].strip(";").split(";")
    assert {action: entry[f"Desktop Action {action}"]["Name"] for action in actions} == listed
    main = entry["Desktop Entry"]["Exec"]
    for action in actions:
        assert entry[f"Desktop Action {action}"]["Exec"] == main.replace("connect;", f"connect {action};")


@pytest.fixture
def window(entry, daemon, cli, place):
    """What a desktop opens for "Gmail"."""
    command = shlex.split(entry["Desktop Action gmail"]["Exec"])
    with Terminal(command, {**cli.variables, "PATH": f"{BUILD / 'cli'}:/usr/bin:/bin", "TERM": "vt100"}, place) as window:
        yield window


def test_window_stays_until_it_was_read(window, daemon, sandbox, browser):
    sandbox.approve(browser.opened())
    seen = window.type("", CLOSE)
    assert "Gmail is connected." in seen and sandbox.connections()[0]["external_id"] in seen
    assert window.process.poll() is None
    window.type("\n", "\n")
    assert window.process.wait(TIMEOUT) == 0


def test_window_stays_after_control_c(window, browser):
    browser.opened()
    assert "Cancelled" in window.type("\x03", CLOSE)
    assert window.process.poll() is None
