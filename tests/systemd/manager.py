# SPDX-License-Identifier: MIT
"""A real user manager with our units installed, for a person who has just logged in; and what a test
does to them. How it comes about is user-manager's business."""

import contextlib
import json
import os
import pathlib
import secrets
import select
import shutil
import socket
import subprocess
import tempfile

from mounts import why_no_mounts
from programs import API_KEY, BUILD, TIMEOUT, Browser, Calls, Varlink, environment

SCRIPT = pathlib.Path(__file__).with_name("user-manager")
SERVICE = "airstore-oauthd.service"
SOCKET = "airstore-oauthd.socket"


def why_not():
    """Why there can be no user manager here, or None."""
    if not os.path.exists("/lib/systemd/systemd"):
        return "systemd is not installed"
    if os.geteuid() != 0:
        return "only root can start a user manager for somebody else (try with sudo)"
    return why_no_mounts()


def why_no_namespaces():
    """Why units of a person cannot have user namespaces of their own here, or None."""
    tried = subprocess.run(
        ["setpriv", "--reuid=61184", "--regid=61184", "--clear-groups",
         "unshare", "--user", "--map-root-user", "--mount", "true"],
        capture_output=True, text=True, cwd="/")
    return f"people may have no user namespaces here: {tried.stderr.strip()}" if tried.returncode else None


def install(directory):
    """What `meson install` puts below the prefix, which stands for /usr/local; without the part of the
    sandbox that is impossible here, as a package for such a system would have it."""
    subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", directory / "root"],
                   check=True, stdout=subprocess.DEVNULL)
    prefix = directory / "root/usr/local"
    assert (prefix / "lib/systemd/user" / SERVICE).exists(), "this suite needs a build with the prefix /usr/local"
    if why_no_namespaces():
        shutil.rmtree(prefix / f"lib/systemd/user/{SERVICE}.d")
    probe = shutil.copy2(BUILD / "tests/systemd/probe", prefix / "libexec/probe")
    shutil.copy2(probe, prefix / "libexec/probe-suid")
    os.chmod(prefix / "libexec/probe-suid", 0o4755)
    for path in (directory, prefix):
        path.chmod(0o755)
    (prefix / "for-everybody").mkdir()
    (prefix / "for-everybody").chmod(0o777)
    return prefix


class Process:
    """A process of the inside, whatever becomes of its number."""

    def __init__(self, pid):
        self._fd = os.pidfd_open(pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._fd)

    def has_ended(self, timeout=0):
        ended, _, _ = select.select([self._fd], [], [], timeout)
        return bool(ended)

    def wait(self):
        assert self.has_ended(TIMEOUT), "the process does not end"


class UserManager(Calls):
    """Started at once."""

    def __init__(self, installation):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="airstore-", dir="/tmp"))
        # Of the range for such users, and of nobody else who runs this suite at the same time: the
        # kernel counts and keeps some things for each user.
        self.uid = 61184 + secrets.randbelow(4000)
        self.home = self.place / "home"
        # In memory, as it has to be; systemd refuses to clean up behind credentials elsewhere.
        self.runtime = pathlib.Path(tempfile.mkdtemp(prefix="airstore-", dir="/dev/shm"))
        self.config = self.home / ".config"
        self.units = self.config / "systemd/user"
        self._installation = installation
        try:
            self._write_files()
            self._start()
        except BaseException:
            self._remove_files()
            raise

    def _write_files(self):
        etc = self.place / "etc"
        for path in (self.units, etc):
            path.mkdir(parents=True)
        self.home.chmod(0o700)
        (self.place / "runtime").symlink_to(self.runtime)
        (self.place / "install").symlink_to(self._installation)
        (etc / "passwd").write_text(
            f"root:x:0:0::/root:/bin/sh\nperson:x:{self.uid}:{self.uid}::/home/person:/bin/sh\n")
        (etc / "group").write_text(f"root:x:0:\nperson:x:{self.uid}:\n")
        (etc / "machine-id").write_text(secrets.token_hex(16) + "\n")
        (self.home / "secret").write_text("of nobody's concern\n")
        self.give(self.place, self.home, *self.home.rglob("*"), self.runtime)

    def _start(self):
        notify = self.place / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready, open(self.place / "manager.err", "wb") as err:
            ready.bind(str(notify))
            self.give(notify)
            self._process = subprocess.Popen(
                [SCRIPT, self.place, str(self.uid)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err,
                env=environment(), cwd="/", text=True)
            try:
                self._await_ready(ready)
            except BaseException:
                self._process.stdin.close()
                self._process.wait(TIMEOUT)
                raise

    def _await_ready(self, ready):
        started, _, _ = select.select([self._process.stdout], [], [], TIMEOUT)
        line = self._process.stdout.readline() if started else ""
        assert line, f"no user manager: {self.messages}"
        self._pid = int(line)
        while True:
            readable, _, _ = select.select([ready, self._process.stdout], [], [], TIMEOUT)
            assert ready in readable, f"the user manager does not become ready: {self.messages}"
            if b"READY=1" in ready.recv(4096).split(b"\n"):
                return

    @property
    def messages(self):
        """What the manager itself has said."""
        return (self.place / "manager.err").read_text(errors="replace")

    def close(self):
        """Ends all that runs in it."""
        self._process.stdin.close()
        status = self._process.wait(TIMEOUT)
        self._process.stdout.close()
        self._remove_files()
        assert status == 0, f"user-manager ended with {status}"

    def _remove_files(self):
        shutil.rmtree(self.place)
        shutil.rmtree(self.runtime)

    # The person's commands

    def _command(self, *arguments, as_root=False):
        person = [] if as_root else ["--setuid", str(self.uid), "--setgid", str(self.uid)]
        return ["nsenter", "--target", str(self._pid), "--mount", "--pid", *person, "--", *map(str, arguments)]

    def run(self, *arguments, check=True, as_root=False):
        """A command of the person (or of root), inside. Its output, both kinds."""
        variables = environment(
            PATH="/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME="/home/person",
            XDG_RUNTIME_DIR=f"/run/user/{self.uid}")
        done = subprocess.run(
            self._command(*arguments, as_root=as_root), env=variables, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT)
        assert done.returncode == 0 or not check, f"{arguments} ended with {done.returncode}: {done.stdout}"
        return done.stdout

    def systemctl(self, *arguments, check=True):
        return self.run("systemctl", "--user", *arguments, check=check)

    def show(self, unit, name):
        """A property of a unit."""
        return self.systemctl("show", "--value", "--property", name, "--", unit).strip()

    def main_pid(self, unit=SERVICE):
        """The number that the main process of a unit has inside; 0 when there is none."""
        return int(self.show(unit, "MainPID"))

    def proc(self, pid, name):
        """A file below /proc of a process of the inside."""
        return pathlib.Path(f"/proc/{self._pid}/root/proc/{pid}/{name}")

    def process(self, pid):
        """For a number of the inside, as main_pid() returns it."""
        for path in pathlib.Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(OSError):
                numbers = next(line.split()[1:] for line in path.open() if line.startswith("NSpid:"))
                same_namespace = os.path.samefile(path.parent / "ns/pid", f"/proc/{self._pid}/ns/pid")
                if same_namespace and numbers[-1] == str(pid):
                    return Process(int(numbers[0]))
        raise ProcessLookupError(pid)

    def journal(self, *arguments):
        """All that was said up to now, by the units and by the manager about them."""
        self.run("journalctl", "--sync", check=False, as_root=True)
        return self.run("journalctl", "--quiet", "--no-pager", "--output", "short-precise", *arguments,
                        check=False, as_root=True)

    def journal_entries(self, *matches):
        """The same as dictionaries."""
        self.run("journalctl", "--sync", check=False, as_root=True)
        lines = self.run("journalctl", "--quiet", "--output", "json", *matches, as_root=True)
        return [json.loads(line) for line in lines.splitlines()]

    def give(self, *paths):
        """Makes them the person's."""
        for path in paths:
            os.chown(path, self.uid, self.uid)

    def write(self, path, text):
        """A file of the person's, in their home."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.give(path, *(parent for parent in path.parents if self.home in parent.parents))

    def drop_in(self, unit, *lines, section="Service"):
        """Changes a unit as `systemctl edit` does."""
        self.write(self.units / f"{unit}.d/90-test.conf", "\n".join([f"[{section}]", *lines, ""]))
        self.systemctl("daemon-reload")

    def set_environment(self, **variables):
        """Of the person's session, and so of all that is started from now on."""
        self.systemctl("set-environment", *(f"{name}={value}" for name, value in variables.items()))

    def store_key(self, key=API_KEY):
        self.write(self.config / "airstore-oauthd/api-key", key + "\n")
        (self.config / "airstore-oauthd/api-key").chmod(0o600)

    def make_browser(self):
        """A browser that takes notes, started by whatever runs in the person's session."""
        browser = Browser(self.place)
        self.give(browser.command, self.place / "browser.notes")
        self.set_environment(BROWSER=browser.command)
        return browser

    def enable(self):
        self.systemctl("enable", "--now", SOCKET)

    # The daemon, as programs of the person see it

    @property
    def socket(self):
        return self.runtime / "airstore-oauthd/ai.airstore.OAuth"

    @contextlib.contextmanager
    def _as_person(self):
        os.seteuid(self.uid)
        try:
            yield
        finally:
            os.seteuid(0)

    def connect(self, path=None):
        with self._as_person():
            return Varlink(path or self.socket)

    def call(self, method, **parameters):
        """One call on a connection of its own."""
        with self.connect() as client:
            return client.call(method, **parameters)

    def check_secrets(self):
        assert API_KEY not in self.journal("--output", "export") + self.messages
