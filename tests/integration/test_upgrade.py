# SPDX-License-Identifier: MIT
"""The daemon is replaced while it is used: no session and no answer is lost, and who waits goes on
waiting without noticing."""

import json
import socket
import threading

import pytest

from programs import TIMEOUT, eventually, printed

TIMES = 5


class OwnSocket:
    """The daemon makes its socket, which is gone for a moment."""

    always_there = False

    def __init__(self, daemon):
        self._daemon = daemon

    def start(self):
        self._daemon.start()

    def replace(self):
        self._daemon.stop()
        self.start()

    def close(self):
        pass


class HandedOver(OwnSocket):
    """Somebody else holds the socket, as systemd does, and no client is ever refused."""

    always_there = True

    def __init__(self, daemon):
        super().__init__(daemon)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(daemon.socket))
        self._listener.listen(128)

    def start(self):
        self._daemon.start_with(self._listener)

    def close(self):
        self._listener.close()


@pytest.fixture(params=[OwnSocket, HandedOver], ids=lambda kind: kind.__name__)
def service(request, make_daemon, sandbox):
    daemon = make_daemon(sandbox.base_url)
    service = request.param(daemon)
    service.daemon = daemon
    service.start()
    yield service
    daemon.stop()
    service.close()


def sessions(daemon):
    return {session["session_id"]: session for session in daemon.call("ListSessions")["sessions"]}


class Load:
    """Clients that ask one question after the other, as raw as can be."""

    def __init__(self, service, connection_id, clients=8):
        self._service, self._connection_id = service, connection_id
        self._stop = threading.Event()
        self.answers = self.refused = self.cut_off = 0
        self.wrong = []
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def _ask(self):
        while not self._stop.is_set():
            try:
                with self._service.daemon.connect() as client:
                    while not self._stop.is_set():
                        client.send("GetConnection", {"integration_type": "gmail"})
                        reply = client.receive()
                        if reply is None:
                            self.cut_off += 1
                            break
                        if reply.get("parameters", {}).get("connection", {}).get("connection_id") != self._connection_id:
                            self.wrong.append(reply)
                        self.answers += 1
            except (BrokenPipeError, ConnectionResetError):
                self.cut_off += 1
            except (FileNotFoundError, ConnectionRefusedError):
                self.refused += 1

    def more(self, n=200):
        """Waits until there were so many more answers."""
        wanted = self.answers + n
        eventually(lambda: self.answers >= wanted or self.wrong)

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join(TIMEOUT)
        assert self.wrong == []


def test_under_load(service, sandbox, cli):
    """Questions all the time, sessions pending, people waiting at the command line: all get their answers."""
    daemon = service.daemon
    load = Load(service, daemon.connect_account(sandbox)["connection_id"])
    try:
        waiting = {name: cli.start("connect", name, "--no-browser") for name in ("slack", "linear", "notion")}
        urls = {}
        for name, process in waiting.items():
            urls[name] = printed(process, "http://127.0.0.1")
        watching = cli.start("watch", "--json")
        assert "connection" in json.loads(next(watching.stdout))
        pending = sessions(daemon)
        for _ in range(TIMES):
            service.replace()
            load.more()
            assert sessions(daemon) == pending
        for name in ("slack", "linear"):
            sandbox.approve(urls[name])
        service.replace()
        results = {name: cli.finish(waiting[name]) for name in ("slack", "linear")}
        sandbox.deny(urls["notion"])
        service.replace()
        assert cli.finish(waiting["notion"]).status == 3
        for name, result in results.items():
            assert result.status == 0, result
            known = daemon.call("GetConnection", integration_type=name)["connection"]
            assert known["connection_id"] == result.stdout.strip()
        heard = set()
        while not set(results) <= heard:
            news = json.loads(next(watching.stdout))
            if news.get("session", {}).get("status") == "complete":
                heard.add(news["session"]["integration_type"])
    finally:
        load.stop()
    assert load.answers > TIMES * 200
    if service.always_there:
        assert load.refused == 0
    assert len(sessions(daemon)) == 4


def test_creation_in_flight(service, sandbox):
    """Airstore is asked for a session just when the daemon has to go: the answer is waited for and told."""
    daemon = service.daemon
    for number in range(TIMES):
        sandbox.misbehave("latency", ms=300, method="POST")
        before = len(sandbox.requests("POST"))
        with daemon.connect() as client:
            client.send("CreateSession", {
                "integration_type": "gmail", "workspace_id": f"ws_{number}", "open_browser": False})
            eventually(lambda: not sandbox.faults())  # Airstore has the request, and takes its time
            service.replace()
            session = client.result()[0]["session"]
        eventually(lambda: len(sandbox.requests("POST")) > before)
        assert daemon.call("GetSession", session_id=session["session_id"])["session"]["status"] == "pending"
    assert len(sandbox.sessions()) == TIMES


def test_library_waits_for_the_daemon(service, sandbox, cli):
    """Killed rather than stopped, and gone for a while: `connect` sees nothing of it."""
    daemon = service.daemon
    process = cli.start("connect", "gmail", "--no-browser")
    url = printed(process, "http://127.0.0.1")
    for _ in range(TIMES):
        daemon.kill()
        service.start()
    sandbox.approve(url)
    result = cli.finish(process)
    assert result.status == 0, result
    assert result.stdout.strip() == sandbox.connections()[0]["external_id"]


def test_library_gives_up(make_daemon, sandbox, cli):
    """Nobody comes back: it ends and says so."""
    daemon = make_daemon(sandbox.base_url).start()
    process = cli.start("connect", "gmail", "--no-browser")
    printed(process, "http://127.0.0.1")
    daemon.stop()
    result = cli.finish(process)
    assert result.status == 6, result
