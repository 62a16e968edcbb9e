# SPDX-License-Identifier: MIT
"""The real programs, as the tests see them: the stand-in for Airstore, the daemon, the command
line, a browser that only takes down where it was sent, and a bare Varlink client.

Nothing here sleeps. Whoever waits, waits for an event (a line, a datagram, a reply, the end of a
process), at most TIMEOUT seconds long.
"""

import contextlib
import datetime
import http.server
import json
import os
import pathlib
import re
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("AIRSTORE_BUILD", ROOT / "build"))
WALK_CONSENT = ROOT / "tests/e2e/walk-consent"
INTERFACE = "ai.airstore.OAuth"
API_KEY = "tok_a-made-up-key-that-no-log-may-show"
TIMEOUT = 30
# What airstore-oauth's exit status says.
DONE, FAILED, USAGE, DENIED, TIMED_OUT, NOT_CONFIGURED, NO_DAEMON, UNREACHABLE, NOTHING_FOUND = range(9)


def environment(**variables):
    """The variables of a program under test: nothing of the person who runs the tests."""
    passed_on = {name: value for name, value in os.environ.items() if name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS")}
    return {**passed_on, "LANG": "C.UTF-8", **{name: str(value) for name, value in variables.items() if value is not None}}


def eventually(holds):
    """Waits for what announces itself in no other way."""
    deadline = time.monotonic() + TIMEOUT
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        select.select([], [], [], 0.05)


def seconds(time_stamp):
    """Since 1970."""
    return datetime.datetime.strptime(time_stamp, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()


def said_by(process, stream=None):
    """The lines that a program says on its standard error, or on this pipe, as they come. One that says nothing more and
    does not end is killed."""
    while True:
        silence = threading.Timer(TIMEOUT, process.kill)
        silence.start()
        line = (stream or process.stderr).readline()
        silence.cancel()
        if not line:
            return
        yield line


def printed(process, text):
    """Reads what it says until there is this text; returns the line."""
    said = []
    for line in said_by(process):
        said.append(line)
        if text in line:
            return line.strip()
    raise AssertionError(f"it did not say {text!r} but {said}")


def script(path, text):
    """Makes a program of these lines for the shell; returns its path."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


class Program:
    """A process of ours. What it writes goes to files, which are shown when a test fails."""

    def __init__(self, directory, name, arguments, variables, **options):
        self.out, self.err = directory / f"{name}.out", directory / f"{name}.err"
        with open(self.out, "ab") as out, open(self.err, "ab") as err:
            self.process = subprocess.Popen(
                [str(argument) for argument in arguments], env=variables, stdout=out, stderr=err,
                stdin=subprocess.DEVNULL, cwd=directory, **options)
        self.ended = os.pidfd_open(self.process.pid)

    def wait(self):
        """The exit status, negative for a signal."""
        status = self.process.wait(TIMEOUT)
        if self.ended is not None:
            os.close(self.ended)
            self.ended = None
        assert "Sanitizer" not in self.err.read_text(errors="replace"), self.err.read_text(errors="replace")
        return status

    def send(self, signal_number):
        if self.process.poll() is None:
            self.process.send_signal(signal_number)

    def destroy(self):
        self.send(signal.SIGKILL)
        self.wait()


class Sandbox:
    """airstore-sandbox, with what a person would do on its consent page."""

    api_key = API_KEY  # that it knows
    person = None  # the number of the user whose browser it is; None: who runs the tests

    def __init__(self, directory, *arguments):
        self._directory = directory
        self._arguments = arguments
        self.port = 0
        self.start()

    def start(self):
        """Once more on the same port, after stop()."""
        reading, writing = os.pipe()
        with open(self._directory / "sandbox.err", "ab") as err:
            self._process = subprocess.Popen(
                [BUILD / "tests/sandbox/airstore-sandbox", "--port", str(self.port), "--api-key", self.api_key,
                 *self._arguments],
                env=environment(), stdin=subprocess.DEVNULL, stdout=writing, stderr=err, cwd=self._directory)
        os.close(writing)
        self._lines = os.fdopen(reading)
        ready, _, _ = select.select([self._lines], [], [], TIMEOUT)
        line = self._lines.readline() if ready else ""
        match = re.fullmatch(r"listening on (http://127\.0\.0\.1:(\d+)/api/v1)\n", line)
        assert match, f"the sandbox said {line!r}"
        self.base_url, self.port = match[1], int(match[2])

    def stop(self):
        if self._process.poll() is None:
            self._process.terminate()
        status = self._process.wait(TIMEOUT)
        self._lines.close()
        return status

    def _ask(self, method, path, body=None, **headers):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/{path}", method=method, headers=headers,
            data=None if body is None else json.dumps(body).encode())
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=TIMEOUT) as reply:
            return json.loads(reply.read() or "null")

    def requests(self, method=None, path=None):
        """What Airstore was asked so far, by whomever."""
        return [one for one in self._ask("GET", "sandbox/requests")["requests"]
                if method in (None, one["method"]) and path in (None, one["path"])]

    def request_count(self):
        return self._ask("GET", "sandbox/requests")["count"]

    def sessions(self):
        return self._ask("GET", "sandbox/sessions")["sessions"]

    def return_to(self, session_id):
        """Where the browser is to go after success, None for a page of Airstore's own."""
        return next(one.get("return_to") for one in self.sessions() if one["session_id"] == session_id)

    def connections(self, workspace="ws_default"):
        """As Airstore lists them. A workspace key belongs to ws_default."""
        listed = self._ask("GET", f"api/v1/workspaces/{workspace}/connections", Authorization=f"Bearer {self.api_key}")
        return listed["data"] or []

    def misbehave(self, kind, **details):
        """sandbox.misbehave("status", status=503, count=2); see sandbox/README.md."""
        self._ask("POST", "sandbox/faults", {"kind": kind, **details})

    def faults(self):
        """Those that are still to be met."""
        return self._ask("GET", "sandbox/faults")["faults"]

    def behave(self):
        self._ask("POST", "sandbox/reset")

    def vanish(self, session_id):
        self._ask("POST", "sandbox/vanish", {"session_id": session_id})

    def press(self, button, session_id):
        """What "approve" and "deny" do, without a browser. Says among other things where that would go now."""
        return self._ask("POST", f"sandbox/{button}", {"session_id": session_id})

    def consent(self, authorize_url, choice="approve"):
        """Walks the consent page; returns the title of the page where that ended."""
        walk = subprocess.run(
            [WALK_CONSENT, authorize_url],
            env=environment(WALK_CONSENT=choice, WALK_CONSENT_USER=self.person), capture_output=True, text=True,
            timeout=TIMEOUT, stdin=subprocess.DEVNULL)
        assert walk.returncode == 0, walk.stdout + walk.stderr
        return walk.stdout.strip()

    def approve(self, authorize_url):
        return self.consent(authorize_url, "approve")

    def deny(self, authorize_url):
        return self.consent(authorize_url, "deny")


class Browser:
    """A command for BROWSER that notes the URL and leaves the rest to the test."""

    def __init__(self, directory, status=0):
        notes = directory / "browser.notes"
        os.mkfifo(notes)
        # Opened for both directions: the command never waits for us, nor do we see an end.
        self._notes = os.open(notes, os.O_RDWR)
        self.environment = directory / "browser.environment"
        # By its own place, so that it does the same where that place has another name: in a root of its own.
        self.command = script(
            directory / "browser", 'place=${0%/*}\nenv >"$place/browser.environment"\n'
            f'printf "%s\\n" "$1" >"$place/browser.notes"\nexit {status}')

    def opened(self):
        """The URL that it was sent to."""
        ready, _, _ = select.select([self._notes], [], [], TIMEOUT)
        assert ready, "the browser was not opened"
        url, end, rest = os.read(self._notes, 65536).decode().partition("\n")
        assert end and not rest, "the browser was opened more than once"
        return url

    def is_untouched(self):
        ready, _, _ = select.select([self._notes], [], [], 0)
        return not ready

    def close(self):
        os.close(self._notes)


class Files:
    """The person's configuration directory."""

    def __init__(self, home):
        self.directory = home / "config/airstore-oauthd"
        self.directory.mkdir(parents=True, mode=0o700)
        self.key, self.configuration = self.directory / "api-key", self.directory / "airstore-oauthd.conf"

    def set_key(self, key, name="api-key", mode=0o600):
        path = self.directory / name
        path.touch(mode)
        path.write_text(key + "\n")
        path.chmod(mode)
        return path

    def configure(self, text, name="airstore-oauthd.conf"):
        path = self.directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path


class Calls:
    """What tests call more often than anything else, for whatever has call()."""

    def create(self, integration="gmail", **parameters):
        """A session, without a browser."""
        return self.call("CreateSession", integration_type=integration, **{"open_browser": False, **parameters})["session"]

    def poll(self, session):
        """Waits for its end; the session then."""
        return self.call("Poll", session_id=session["session_id"], interval=100)["session"]

    def connect_account(self, sandbox, integration="gmail", **parameters):
        """The whole path; the session at its end."""
        session = self.create(integration, **parameters)
        sandbox.approve(session["authorize_url"])
        return self.poll(session)


class Daemon(Calls):
    """airstore-oauthd in directories of its own."""

    def __init__(self, directory, **variables):
        self.directory = directory
        self.socket = directory / "socket"
        self.state = directory / "state"
        self.state.mkdir(mode=0o700, exist_ok=True)
        self.variables = environment(
            HOME=directory, XDG_CONFIG_HOME=directory / "config", XDG_RUNTIME_DIR=directory,
            STATE_DIRECTORY=self.state, AIRSTORE_OAUTHD_ADDRESS=f"unix:{self.socket}", **variables)
        self._program = None

    def start(self, *arguments, **options):
        """Returns once it says READY=1. Fails when it ends before that."""
        notify = self.directory / "notify"
        notify.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
            ready.bind(str(notify))
            self.launch(*arguments, NOTIFY_SOCKET=notify, **options)
            while True:
                readable, _, _ = select.select([ready, self._program.ended], [], [], TIMEOUT)
                assert readable, f"the daemon does not become ready: {self.log}"
                assert ready in readable, f"the daemon ended with {self._program.wait()}: {self.log}"
                if b"READY=1" in ready.recv(4096).split(b"\n"):
                    return self

    def start_with(self, listening):
        """As systemd does it: this socket is descriptor 3, and the process that it is meant for is named."""
        give = ("import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ['LISTEN_PID'] = str(os.getpid()); "
                "os.execv(sys.argv[2], sys.argv[2:])")
        number = listening.fileno()
        return self.start(prefix=[sys.executable, "-c", give, number], pass_fds=[number], LISTEN_FDS=1)

    def launch(self, *arguments, prefix=(), pass_fds=(), **variables):
        """Only starts it: for the cases in which it is not to become ready."""
        self._program = Program(
            self.directory, "daemon", [*prefix, BUILD / "daemon/airstore-oauthd", *arguments],
            {**self.variables, **{name: str(value) for name, value in variables.items()}}, pass_fds=pass_fds)
        return self._program

    @property
    def log(self):
        path = self.directory / "daemon.err"
        return path.read_text() if path.exists() else ""

    @property
    def pid(self):
        return self._program.process.pid

    def stop(self):
        """As systemd would: it has to end in good order, and to have kept its secrets."""
        if self._program is None:
            return
        self._program.send(signal.SIGTERM)
        status = self._program.wait()
        self._program = None
        assert status == 0, f"the daemon ended with {status}: {self.log}"
        self.check_secrets()

    def kill(self):
        if self._program is not None:
            self._program.destroy()
            self._program = None

    def restart(self):
        self.stop()
        return self.start()

    def make_older(self, session, minutes):
        """While it does not run: as if the session had been created, and last heard of, that much earlier."""
        with contextlib.closing(sqlite3.connect(self.state / "oauthd.db", isolation_level=None)) as store:
            store.execute("UPDATE sessions SET created_at = created_at - ?1, began_at = began_at - ?1, "
                          "expires_at = expires_at - ?1 WHERE session_id = ?2",
                          (minutes * 60 * 1000000, session["session_id"]))

    def check_secrets(self):
        assert API_KEY not in self.log
        for path in self.state.rglob("*"):
            assert not path.is_file() or API_KEY.encode() not in path.read_bytes(), path

    def connect(self):
        return Varlink(self.socket)

    def call(self, method, **parameters):
        """One call on a connection of its own."""
        with self.connect() as client:
            return client.call(method, **parameters)


class VarlinkError(Exception):
    def __init__(self, name, parameters):
        super().__init__(f"{name} {json.dumps(parameters)}")
        self.name = name.removeprefix(INTERFACE + ".")
        self.parameters = parameters


class Varlink(Calls):
    """Messages over the socket as they are, with no library between."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(TIMEOUT)
        self._socket.connect(str(path))
        self._received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._socket.close()

    @property
    def socket(self):
        return self._socket

    def send(self, method, parameters=None, **flags):
        method = method if "." in method else f"{INTERFACE}.{method}"
        message = {"method": method, **flags}
        if parameters is not None:
            message["parameters"] = parameters
        self.send_bytes(json.dumps(message).encode() + b"\0")

    def send_bytes(self, data):
        self._socket.sendall(data)

    def receive_bytes(self):
        """Some of what comes next, as it comes."""
        data = self._socket.recv(65536)
        assert data, "the daemon closed the connection"
        return data

    def receive(self):
        """The next reply as it came; None when the daemon has closed the connection."""
        while b"\0" not in self._received:
            try:
                data = self._socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                return None
            self._received += data
        message, _, self._received = self._received.partition(b"\0")
        return json.loads(message)

    def result(self):
        """The parameters of the next reply, and whether more will follow."""
        reply = self.receive()
        assert reply is not None, "the daemon closed the connection"
        if "error" in reply:
            raise VarlinkError(reply["error"], reply.get("parameters", {}))
        return reply.get("parameters", {}), reply.get("continues", False)

    def call(self, method, **parameters):
        self.send(method, parameters)
        result, continues = self.result()
        assert not continues
        return result

    def call_more(self, method, **parameters):
        self.send(method, parameters, more=True)
        continues = True
        while continues:
            result, continues = self.result()
            yield result


class Finished:
    def __init__(self, status, stdout, stderr):
        self.status, self.stdout, self.stderr = status, stdout, stderr
        assert API_KEY not in stdout + stderr
        assert "Sanitizer" not in stderr, self

    def __repr__(self):
        return f"exit status {self.status}\n--- stdout\n{self.stdout}--- stderr\n{self.stderr}"

    @property
    def json(self):
        return json.loads(self.stdout)


class CommandLine:
    """airstore-oauth, asking the daemon at this socket."""

    program = (BUILD / "cli/airstore-oauth",)

    def __init__(self, directory, path):
        self._directory = directory
        # BROWSER is the daemon's affair; here it says that a person sits in front of one.
        self.variables = environment(
            HOME=directory, XDG_CONFIG_HOME=directory / "config", XDG_RUNTIME_DIR=directory, BROWSER="there is one",
            AIRSTORE_OAUTHD_ADDRESS=f"unix:{path}")
        self._running = []

    def start(self, *arguments, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, **variables):
        """With these variables changed; None leaves one out."""
        variables = {name: value for name, value in {**self.variables, **variables}.items() if value is not None}
        process = subprocess.Popen(
            [*self.program, *arguments], env=variables, text=True, cwd=self._directory,
            stdin=stdin, stdout=subprocess.PIPE, stderr=stderr)
        self._running.append(process)
        return process

    def finish(self, process, stdin=None):
        stdout, stderr = process.communicate(stdin, TIMEOUT)
        return Finished(process.returncode, stdout, stderr or "")

    def __call__(self, *arguments, stdin="", **variables):
        """With this text to read."""
        return self.finish(self.start(*arguments, stdin=subprocess.PIPE, **variables), stdin)

    def verbs(self):
        """As the help lists them, in groups."""
        return re.findall(r"^(?:  [A-Z]\w+ +| {10})([a-z]+)", self("--help").stdout, re.MULTILINE)

    def options(self, verb):
        """As the help for the verb lists them: without their letters."""
        return re.findall(r"^  (?:-\w,|   ) (--[\w-]+)", self(verb, "--help").stdout, re.MULTILINE)

    def close(self):
        for process in self._running:
            if process.poll() is None:
                process.kill()
                process.communicate()


class FakeAirstore:
    """A server that answers each request with what the test laid ready for it, well-formed or not.

    Replies are (status, body) or a function of the request's body that returns that; a body that is
    not bytes is sent as JSON. The last one laid ready for a path is given again and again.
    """

    def __init__(self, replies):
        self.requests = []  # (method, path, body)
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                path = self.path.removeprefix("/api/v1")
                fake.requests.append((self.command, path, json.loads(body) if body else None))
                queue = replies[self.command, path]
                reply = queue.pop(0) if len(queue) > 1 else queue[0]
                status, data = reply(fake.requests[-1][2]) if callable(reply) else reply
                data = data if isinstance(data, bytes) else json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                with contextlib.suppress(OSError):  # it may have seen enough
                    self.wfile.write(data)

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self._server.server_port}/api/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
