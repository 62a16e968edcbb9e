# SPDX-License-Identifier: MIT
"""Watch with more than fits into the daemon's queue: everything arrives, at the pace of the reader, and
what changes meanwhile is neither lost nor told in the wrong order."""

import contextlib
import json
import pathlib
import random
import select
import sqlite3

import pytest

from programs import said_by

WORKSPACES = 10
IN_A_WORKSPACE = 800  # with the scope, close to the 1 MiB that a list may have
SESSION = "a-session"


def listed(workspace, numbers=range(IN_A_WORKSPACE), scope="x"):
    return [{
        "external_id": f"{workspace}-{number}", "workspace_id": workspace, "integration_type": f"type-{number}",
        "scope": scope * 1000, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
        for number in numbers]


class Crowd:
    """A daemon that knows thousands of connections, and an Airstore that can be told to have others."""

    def __init__(self, make_daemon, fake_airstore):
        self.lists = {f"ws_{number}": listed(f"ws_{number}") for number in range(WORKSPACES)}
        replies = {("GET", f"/workspaces/{workspace}/connections"): [self._list(workspace)] for workspace in self.lists}
        replies["POST", "/oauth/sessions"] = [
            (201, {"session_id": SESSION, "authorize_url": "https://airstore.example/authorize"})]
        self.session = (200, {"status": "pending"})
        replies["GET", f"/oauth/sessions/{SESSION}"] = [lambda _: self.session]
        self.daemon = make_daemon(fake_airstore(replies).base_url).start()
        for workspace in self.lists:
            self.refresh(workspace)

    def _list(self, workspace):
        return lambda _: (200, self.lists[workspace])

    def refresh(self, workspace):
        self.daemon.call("ListConnections", workspace_id=workspace, refresh=True, integration_type="none")

    def expected(self):
        return {one["external_id"]: one["scope"] for connections in self.lists.values() for one in connections}


@pytest.fixture
def crowd(make_daemon, fake_airstore):
    return Crowd(make_daemon, fake_airstore)


class Picture:
    """What a watcher knows, from what it was told."""

    def __init__(self):
        self.connections, self.sessions, self.complete, self.told = {}, {}, False, 0

    def learn(self, news):
        self.told += 1
        if "connection" in news:
            self.connections[news["connection"]["connection_id"]] = news["connection"].get("scope")
        elif "deleted_connection_id" in news:
            # It cannot forget what it has never heard of.
            del self.connections[news["deleted_connection_id"]]
        elif "session" in news:
            session = news["session"]
            self.sessions[session["session_id"]] = session["status"]
            if session["status"] == "complete":
                assert session["connection_id"] in self.connections, "the session was told before its connection"
        else:
            assert not self.complete
            self.complete = True


def test_snapshot_of_any_size(crowd):
    picture = Picture()
    with crowd.daemon.connect() as watcher:
        for news in watcher.call_more("Watch"):
            picture.learn(news)
            if picture.complete:
                break
        assert picture.connections == crowd.expected()
        assert picture.told == len(crowd.expected()) + 1, "each is told once"


def cpu_time_of_a_snapshot(daemon, n):
    """In nanoseconds, of a daemon that knows this many connections."""
    daemon.stop()
    with contextlib.closing(sqlite3.connect(daemon.state / "oauthd.db")) as store:
        store.executemany(
            "INSERT OR IGNORE INTO connections (connection_id, integration_type, workspace_id) VALUES (?, ?, ?)",
            ((f"{number}-of-many", f"type-{number % 50}", f"ws_{number // 50}") for number in range(n)))
        store.commit()
    daemon.start()
    used = pathlib.Path(f"/proc/{daemon.pid}/schedstat")
    before = int(used.read_text().split()[0])
    with daemon.connect() as watcher:
        watcher.send("Watch", more=True)
        while n >= 0:  # and a last one, that says that this was all
            n -= watcher.receive_bytes().count(b"\0")
    return int(used.read_text().split()[0]) - before


def test_growth(daemon):
    """Twenty times as much takes some twenty times as long (up to forty were seen, for less of it is in the processor's
    cache), and not four hundred."""
    few = cpu_time_of_a_snapshot(daemon, 5000)
    assert cpu_time_of_a_snapshot(daemon, 100000) < 90 * few


def test_command_line(crowd, cli):
    process = cli.start("watch", "--json")
    seen = set()
    for news in map(json.loads, said_by(process, process.stdout)):
        if news == {"schema": 1}:
            break
        seen.add(news["connection"]["connection_id"])
    else:
        pytest.fail("it did not say that this was all")
    process.terminate()
    assert seen == set(crowd.expected())


def test_others_are_answered_meanwhile(crowd):
    """Those who never read cost nobody else anything."""
    idle = [crowd.daemon.connect() for _ in range(20)]
    for watcher in idle:
        watcher.send("Watch", more=True)
    for _ in range(100):
        assert crowd.daemon.call("GetConnection", integration_type="type-1", workspace_id="ws_1")
    for watcher in idle:
        watcher.close()


@pytest.mark.parametrize("seed", range(4))
def test_changes_meanwhile(crowd, seed):
    """Changes of all kinds, of things that were told already and of things that were not, at several moments."""
    chance = random.Random(seed)
    crowd.daemon.call("CreateSession", integration_type="gmail", workspace_id="ws_0", open_browser=False)
    picture = Picture()
    with crowd.daemon.connect() as watcher:
        watcher.send("Watch", more=True)

        def read(n):
            for _ in range(n):
                picture.learn(watcher.result()[0])

        read(chance.randrange(1, 400))
        for _ in range(3):
            workspace = chance.choice(list(crowd.lists))
            kept = chance.sample(range(IN_A_WORKSPACE), IN_A_WORKSPACE - 200)
            crowd.lists[workspace] = [
                *listed(workspace, kept[:200], scope=chance.choice("abc")), *listed(workspace, kept[200:]),
                *listed(workspace, range(1000, 1100))]
            crowd.refresh(workspace)
            read(chance.randrange(2000, 2500))
        crowd.session = (200, {"status": "complete", "connection_id": "a-new-one"})
        crowd.daemon.call("Poll", session_id=SESSION, interval=100)
        while not picture.complete:
            read(1)
        assert picture.sessions == {SESSION: "complete"}
        assert picture.connections == {**crowd.expected(), "a-new-one": None}

        crowd.lists["ws_1"] = []
        crowd.refresh("ws_1")
        while any(one.startswith("ws_1-") for one in picture.connections):
            read(1)
        assert not select.select([watcher.socket], [], [], 0)[0] and b"\0" not in watcher._received
        assert picture.connections == {**crowd.expected(), "a-new-one": None}
