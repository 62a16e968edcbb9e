# SPDX-License-Identifier: MIT
"""The person's session bus, private to a test: what is on it, and our helper that talks to it."""

import json
import os
import pathlib
import select
import signal
import socket
import subprocess

from programs import BUILD, TIMEOUT, Varlink, environment

PEER = pathlib.Path(__file__).with_name("session-bus-peer")
# Nothing is started by being asked for unless the test says so: what is on the bus, it has put there.
CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type><listen>unix:path={place}/bus</listen><servicedir>{place}/services</servicedir><auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
"""


class Peer:
    """Somebody on the bus who says what they are asked for."""

    def __init__(self, bus, *arguments):
        self._buffer = b""
        self._process = subprocess.Popen(
            [PEER, *arguments], env=bus.variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._line() == "ready"

    def _line(self):
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([self._process.stdout], [], [], TIMEOUT)
            assert ready, "nothing was asked for"
            data = os.read(self._process.stdout.fileno(), 65536)
            assert data, "it has ended"
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return json.loads(line)

    def called(self, method):
        """The arguments of the next call, which has to be of this method."""
        name, arguments = self._line()
        assert name == method, (name, arguments)
        return arguments

    def is_left_alone(self):
        return not self._buffer and not select.select([self._process.stdout], [], [], 0)[0]

    def emit(self, name, signature, *arguments):
        self._process.stdin.write(json.dumps([name, signature, arguments]).encode() + b"\n")
        self._process.stdin.flush()

    def freeze(self):
        """It is there, and answers nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def close(self):
        self._process.kill()
        self._process.wait(TIMEOUT)
        self._process.stdin.close()
        self._process.stdout.close()


class Keyring:
    """gnome-keyring-daemon, unlocked; or without any keyring in it."""

    PASSWORD = "of-the-keyring"

    def __init__(self, bus, empty=False):
        self._bus = bus
        self.directory = bus.place / "data/keyrings"
        self._process = None
        self.start(empty)

    def start(self, empty=False):
        self._process = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", *([] if empty else ["--unlock"]), "--components=secrets",
             f"--control-directory={self._bus.place}/keyring"],
            env={**self._bus.variables, "XDG_DATA_HOME": str(self._bus.place / "data")}, stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=open(self._bus.place / "keyring.err", "ab"))
        self._process.stdin.write(self.PASSWORD.encode())
        self._process.stdin.close()
        self._bus.run("wait", "org.freedesktop.secrets")

    def lock(self):
        self._bus.run("lock")

    def close(self):
        self._process.kill()
        self._process.wait(TIMEOUT)


class SessionBus:
    def __init__(self, place):
        self.place = place
        self.address = f"unix:path={place}/bus"
        self.variables = environment(HOME=place, XDG_RUNTIME_DIR=place, DBUS_SESSION_BUS_ADDRESS=self.address)
        self._others = []
        (place / "services").mkdir()
        configuration = place / "bus.conf"
        configuration.write_text(CONFIGURATION.format(place=place))
        self._process = subprocess.Popen(
            ["dbus-daemon", "--nofork", "--nopidfile", f"--config-file={configuration}", "--print-address"],
            env=environment(HOME=place), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        ready, _, _ = select.select([self._process.stdout], [], [], TIMEOUT)
        assert ready and self._process.stdout.readline(), "there is no session bus"

    def run(self, *arguments):
        subprocess.run([PEER, *arguments], env=self.variables, check=True, timeout=TIMEOUT)

    def _add(self, other):
        self._others.append(other)
        return other

    def when_asked_for(self, name, command):
        """What is started for somebody who wants to talk to this name."""
        (self.place / f"services/{name}.service").write_text(f"[D-BUS Service]\nName={name}\nExec={command}\n")
        self.run("reload")

    def notifications(self, *capabilities):
        return self._add(Peer(self, "notifications", *(capabilities or ("body", "actions"))))

    def portal(self, response):
        return self._add(Peer(self, "portal", str(response)))

    def prompter(self):
        return self._add(Peer(self, "prompter"))

    def keyring(self, empty=False):
        return self._add(Keyring(self, empty))

    def close(self):
        for other in self._others:
            other.close()
        self._process.kill()
        self._process.wait(TIMEOUT)
        self._process.stdout.close()


class Helper(Varlink):
    """airstore-oauth-desktop with us at the other end of its standard input, as systemd starts it."""

    def __init__(self, place, program=BUILD / "daemon/airstore-oauth-desktop", **variables):
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(TIMEOUT)
        self._received = b""
        self.err = place / "helper.err"
        with theirs, open(self.err, "ab") as err:
            self.process = subprocess.Popen(
                [program], stdin=theirs, stdout=subprocess.DEVNULL, stderr=err,
                env=environment(**{"HOME": place, "XDG_RUNTIME_DIR": place, "XDG_CONFIG_HOME": place / "config",
                                   **variables}))

    def ask(self, method, **parameters):
        """One call: None when it went well, else what the error says."""
        self.send(f"ai.airstore.Desktop.{method}", parameters)
        return self.answer()

    def answer(self):
        reply = self.receive()
        assert reply is not None, self.err.read_text()
        if "error" not in reply:
            return None
        return reply["parameters"].get("message", reply["error"]) if "parameters" in reply else reply["error"]

    def finish(self):
        """Hangs up; it has to end by itself."""
        self.close()
        assert self.process.wait(TIMEOUT) == 0, self.err.read_text()
        assert "Sanitizer" not in self.err.read_text()

    def destroy(self):
        self.close()
        self.process.kill()
        self.process.wait(TIMEOUT)
