# SPDX-License-Identifier: MIT
"""The person's path in a real browser: from the command, over the consent page, to the page that says
what was connected."""

import shutil

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.ui import WebDriverWait

from programs import TIMEOUT

DONE, DENIED, NOTHING_FOUND = 0, 3, 8


@pytest.fixture
def chromium(place):
    """Headless, with an empty profile, and silent towards the rest of the world."""
    options = webdriver.ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    for argument in (
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--no-proxy-server", f"--user-data-dir={place}/chromium"):
        options.add_argument(argument)
    # A driver that is named is not looked for elsewhere.
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    driver.set_page_load_timeout(TIMEOUT)
    yield driver
    driver.quit()


def press(chromium, label):
    button = f"//button[contains(., '{label}')] | //input[@type='submit' and contains(@value, '{label}')]"
    WebDriverWait(chromium, TIMEOUT).until(expected.element_to_be_clickable((By.XPATH, button))).click()


def wait_for_heading(chromium, text):
    WebDriverWait(chromium, TIMEOUT).until(expected.text_to_be_present_in_element((By.TAG_NAME, "h1"), text))


def test_approve(chromium, cli, daemon, browser):
    connecting = cli.start("connect", "gmail")
    chromium.get(browser.opened())
    press(chromium, "Approve")
    wait_for_heading(chromium, "Gmail is connected")
    assert chromium.current_url.startswith("http://127.0.0.1:") and "/callback/" in chromium.current_url
    assert "Gmail is connected" in chromium.title
    assert "close this tab" in chromium.find_element(By.TAG_NAME, "body").text

    result = cli.finish(connecting)
    assert result.status == DONE, result
    assert cli("get", "gmail").stdout.strip() == result.stdout.splitlines()[-1]
    # Its own policy must not have kept the page from looking as it should.
    assert [entry for entry in chromium.get_log("browser") if "Content Security Policy" in entry["message"]] == []


def test_deny(chromium, cli, daemon, browser):
    connecting = cli.start("connect", "gmail")
    chromium.get(browser.opened())
    press(chromium, "Deny")
    result = cli.finish(connecting)
    assert result.status == DENIED, result
    assert "/callback/" not in chromium.current_url
    assert cli("get", "gmail").status == NOTHING_FOUND


def test_on_another_device(chromium, cli, daemon, browser):
    """Without a browser here, the URL can be opened anywhere; Airstore's own page says that it is done."""
    connecting = cli.start("connect", "gmail", "--no-browser")
    url = next(word for line in connecting.stderr for word in line.split() if word.startswith("http"))
    chromium.get(url)
    press(chromium, "Approve")
    result = cli.finish(connecting)
    assert result.status == DONE, result
    assert browser.is_untouched()
