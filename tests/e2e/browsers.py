# SPDX-License-Identifier: MIT
"""Real browsers, headless, with profiles of their own, and silent towards the rest of the world.

Each is spoken to without a driver between: Chromium takes its DevTools protocol over a pipe, Firefox its Marionette
protocol over a socket. (Firefox's driver is packaged nowhere; Chromium's answers nothing while a page waits for its
successor, as ours does. Scripts wait for that in Chromium, too: title, url, screenshot and stop do not.)
"""

import base64
import contextlib
import fcntl
import json
import os
import pathlib
import select
import shutil
import socket
import subprocess
import tempfile
import time

from programs import TIMEOUT, environment, eventually


def found(names):
    """Where the first of these programs is that can be used, or None. A snap has a /tmp of its own."""
    for path in filter(None, map(shutil.which, names)):
        with open(path, "rb") as program:
            if "/snap" not in os.path.realpath(path) and b"/snap/" not in program.read(4096):
                return path
    return None


class BrowserError(Exception):
    """What was asked for could not be done; the page may just have been replaced."""


class Browser:
    """What a person does with it, and what a test wants to know of it. run() evaluates the body of a function with the
    arguments in "args", and awaits its result where that is a promise; the policy of the page does not apply to it."""

    def __init__(self, name):
        self._home = tempfile.TemporaryDirectory(prefix=f"{name}-", dir="/tmp", ignore_cleanup_errors=True)
        self.home = pathlib.Path(self._home.name)

    def _launch(self, *command, **options):
        self._process = subprocess.Popen(
            command, env=environment(HOME=self.home), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, **options)

    def close(self):
        self._quit()
        self._process.wait(TIMEOUT)
        self._home.cleanup()

    def text(self, css):
        return self.run("return document.querySelector(args[0]).innerText", css)

    def wait(self, holds, what):
        """Until it is so; a page that is just being replaced is looked at again."""
        deadline = time.monotonic() + TIMEOUT
        while True:
            with contextlib.suppress(BrowserError):
                if holds():
                    return
            assert time.monotonic() < deadline, f"{what} did not come; there is {self.url}: {self.title!r}"
            select.select([], [], [], 0.02)

    def wait_for_title(self, title):
        self.wait(lambda: self.title == title, repr(title))

    def click(self, css):
        self.wait(lambda: self.run("return document.readyState == 'complete' && !!document.querySelector(args[0])", css), css)
        self._click(css)


class Chromium(Browser):
    name = "chromium"
    program = found(["chromium", "chromium-browser", "google-chrome"])

    def __init__(self):
        super().__init__(self.name)
        reading, writing = self._pipe(), self._pipe()

        def put_in_place():
            os.dup2(reading[0], 3)
            os.dup2(writing[1], 4)

        self._launch(
            self.program, "--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
            "--disable-quic", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-proxy-server", "--hide-scrollbars",
            f"--user-data-dir={self.home}/profile", pass_fds=(3, 4), preexec_fn=put_in_place)
        os.close(reading[0])
        os.close(writing[1])
        self._to, self._from, self._received = reading[1], writing[0], b""
        self._number, self._session = 0, {}
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = {"sessionId": self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]}
        self._agent = self._ask("Browser.getVersion")["userAgent"]

    @staticmethod
    def _pipe():
        """Away from the descriptors that it gets in the browser."""
        ends = os.pipe()
        moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
        for end in ends:
            os.close(end)
        return moved

    def _receive(self):
        """A message is JSON and a NUL."""
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._from], [], [], TIMEOUT)
            assert ready, "Chromium says nothing"
            received = os.read(self._from, 1 << 20)
            assert received, "Chromium has hung up"
            self._received += received
        message, _, self._received = self._received.partition(b"\0")
        return json.loads(message)

    def _ask(self, method, **parameters):
        self._number += 1
        message = json.dumps({"id": self._number, "method": method, "params": parameters, **self._session}).encode() + b"\0"
        while message:
            message = message[os.write(self._to, message):]
        while (reply := self._receive()).get("id") != self._number:
            pass
        if "error" in reply:
            raise BrowserError(method, reply["error"])
        return reply["result"]

    def _info(self):
        return self._ask("Target.getTargetInfo")["targetInfo"]

    @property
    def title(self):
        return self._info()["title"]

    @property
    def url(self):
        return self._info()["url"]

    def go(self, url):
        self._ask("Page.navigate", url=url)

    def stop(self):
        self._ask("Page.stopLoading")

    def run(self, script, *arguments):
        reply = self._ask("Runtime.evaluate", awaitPromise=True, returnByValue=True,
                          expression=f"(args => {{ {script} }})({json.dumps(arguments)})")
        if "exceptionDetails" in reply:
            raise BrowserError(reply["exceptionDetails"])
        return reply["result"].get("value")

    def _click(self, css):
        x, y = self.run("const box = document.querySelector(args[0]).getBoundingClientRect();"
                        "return [box.x + box.width / 2, box.y + box.height / 2]", css)
        for kind in ("mousePressed", "mouseReleased"):
            self._ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key):
        details = {"Tab": {"windowsVirtualKeyCode": 9}, "Enter": {"windowsVirtualKeyCode": 13, "text": "\r"}}[key]
        self._ask("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, **details)
        self._ask("Input.dispatchKeyEvent", type="keyUp", key=key, code=key)

    def screenshot(self):
        return base64.b64decode(self._ask("Page.captureScreenshot")["data"])

    def look_like(self, dark=False, width=1280, height=800):
        """How the person has set it up."""
        self._ask("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self._ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def prefer(self, languages):
        self._ask("Emulation.setUserAgentOverride", userAgent=self._agent, acceptLanguage=languages)

    def allow_scripts(self, allowed):
        self._ask("Emulation.setScriptExecutionDisabled", value=not allowed)

    def _quit(self):
        self._session = {}
        self._ask("Browser.close")
        os.close(self._to)
        os.close(self._from)


class Firefox(Browser):
    name = "firefox"
    program = found(["firefox-esr", "firefox"])

    def __init__(self):
        super().__init__(self.name)
        (self.home / "user.js").write_text('user_pref("marionette.port", 0);\nuser_pref("network.proxy.type", 0);\n')
        self._launch(self.program, "--headless", "--no-remote", "--marionette",
                     "--remote-allow-system-access", "--profile", self.home, "about:blank")
        port = self.home / "MarionetteActivePort"
        eventually(lambda: port.exists() and port.read_text())
        self._socket = socket.create_connection(("127.0.0.1", int(port.read_text())), timeout=TIMEOUT)
        self._replies = self._socket.makefile("rb")
        self._receive()  # it introduces itself
        self._number = 0
        self._ask("WebDriver:NewSession", capabilities={"alwaysMatch": {"pageLoadStrategy": "none"}})

    def _receive(self):
        """A message is its length, a colon and JSON."""
        length = b""
        while (byte := self._replies.read(1)) != b":":
            assert byte, "Firefox has hung up"
            length += byte
        return json.loads(self._replies.read(int(length)))

    def _ask(self, name, **parameters):
        self._number += 1
        message = json.dumps([0, self._number, name, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._receive()
        if error:
            raise BrowserError(name, error)
        return result

    def _tell(self, script, *arguments):
        """Runs a script with the rights of the browser itself."""
        self._ask("Marionette:SetContext", value="chrome")
        try:
            return self.run(script, *arguments)
        finally:
            self._ask("Marionette:SetContext", value="content")

    @property
    def title(self):
        return self._ask("WebDriver:GetTitle")["value"]

    @property
    def url(self):
        return self._ask("WebDriver:GetCurrentURL")["value"]

    def go(self, url):
        self._ask("WebDriver:Navigate", url=url)

    def stop(self):
        self.run("window.stop()")

    def run(self, script, *arguments):
        return self._ask("WebDriver:ExecuteScript", script=f"const args = arguments; {script}", args=arguments)["value"]

    def _click(self, css):
        [[element]] = [one.values() for one in self._ask("WebDriver:FindElements", using="css selector", value=css)]
        self._ask("WebDriver:ElementClick", id=element)

    def press(self, key):
        code = {"Tab": "\ue004", "Enter": "\ue007"}[key]
        strokes = [{"type": kind, "value": code} for kind in ("keyDown", "keyUp")]
        self._ask("WebDriver:PerformActions", actions=[{"type": "key", "id": "keyboard", "actions": strokes}])

    def screenshot(self):
        return base64.b64decode(self._ask("WebDriver:TakeScreenshot", full=False)["value"])

    def look_like(self, dark=False, width=1280, height=800):
        """How the person has set it up. A window has a least width, the page in it has none."""
        self._tell("Services.prefs.setIntPref('layout.css.prefers-color-scheme.content-override', args[0])", 0 if dark else 1)
        self._tell("gBrowser.selectedBrowser.style.maxWidth = args[0] + 'px'", width)
        self._ask("WebDriver:SetWindowRect", width=max(width, 500), height=height)

    def prefer(self, languages):
        self._tell("Services.prefs.setStringPref('intl.accept_languages', args[0])", languages)

    def allow_scripts(self, allowed):
        self._tell("Services.prefs.setBoolPref('javascript.enabled', args[0])", allowed)

    def _quit(self):
        self._ask("Marionette:Quit", flags=["eForceQuit"])
        self._socket.close()


BROWSERS = {browser.name: browser for browser in (Chromium, Firefox)}
