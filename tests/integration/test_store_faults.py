# SPDX-License-Identifier: MIT
"""The store cannot be written, or what is in it is damaged: the daemon goes on, says what is wrong,
and keeps what it can."""

import contextlib
import hashlib
import os
import resource
import sqlite3
import subprocess

import pytest

from programs import eventually

WORKSPACE = "ws_mine"
PAGE = 4096


@pytest.fixture
def daemon(make_daemon, sandbox):
    return make_daemon(sandbox.base_url, AIRSTORE_WORKSPACE_ID=WORKSPACE)


@pytest.fixture
def disk(place):
    """A small file system for the store."""
    state = place / "state"
    state.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k,mode=0700", "tmpfs", state], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"file systems cannot be mounted here: {mounted.stderr.strip()}")
    yield state
    subprocess.run(["umount", "--lazy", state], check=True)


def known(daemon):
    """Everything that the daemon knows."""
    sessions = {one["session_id"]: one["status"] for one in daemon.call("ListSessions")["sessions"]}
    connections = {one["connection_id"] for one in daemon.call("ListConnections")["connections"]}
    return sessions, connections


def problems(daemon):
    return daemon.call("GetStatus")["problems"]


def survives(daemon):
    """What is known now is there after a sudden death."""
    before = known(daemon)
    daemon.kill()
    daemon.start()
    assert known(daemon) == before


def use_everything(daemon, sandbox, pending):
    """Whatever writes to the store: all of it has to work without one, and the first of it shows that
    there is none."""
    sandbox.approve(pending["authorize_url"])
    daemon.poll(pending)
    (problem,) = problems(daemon)
    assert "database" in problem and str(daemon.state) in problem
    cancelled = daemon.create("slack")
    daemon.call("CancelSession", session_id=cancelled["session_id"])
    daemon.create("notion")
    token = daemon.call("CreateConnection", integration_type="github", access_token="gho_made_up")["connection"]
    daemon.call("CreateConnection", integration_type="posthog", api_key="phc_made_up")
    daemon.call("DeleteConnection", connection_id=token["connection_id"])
    assert token["connection_id"] not in known(daemon)[1] and len(known(daemon)[1]) >= 2


@contextlib.contextmanager
def locked(daemon, *pragmas):
    """Another program has the database."""
    with contextlib.closing(sqlite3.connect(daemon.state / "oauthd.db", isolation_level=None)) as other:
        for statement in (*pragmas, "BEGIN EXCLUSIVE"):
            other.execute(statement)
        yield


def fill(directory):
    with contextlib.suppress(OSError), open(directory / "filler", "wb", buffering=0) as filler:
        while True:
            filler.write(bytes(PAGE))
    # What does not fit a page anymore fits a byte.
    with contextlib.suppress(OSError), open(directory / "filler", "ab", buffering=0) as filler:
        while True:
            filler.write(bytes(1))


@contextlib.contextmanager
def full_disk(daemon):
    fill(daemon.state)
    yield
    (daemon.state / "filler").unlink()


@contextlib.contextmanager
def limited_files(daemon):
    before = resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (1, before[1]))
    yield
    resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, before)


def check_trouble(daemon, sandbox, trouble):
    pending = daemon.create()
    daemon.connect_account(sandbox, "linear")
    with trouble(daemon):
        use_everything(daemon, sandbox, pending)
        assert daemon.log.count("cannot be written") <= 1, "once, not once a try"
    eventually(lambda: problems(daemon) == [])
    survives(daemon)


def test_locked(daemon, sandbox):
    check_trouble(daemon.start(), sandbox, locked)
    assert "cannot be written" in daemon.log and "can be written again" in daemon.log


def test_file_size_limit(daemon, sandbox):
    check_trouble(daemon.start(), sandbox, limited_files)


def test_full_disk(disk, daemon, sandbox):
    check_trouble(daemon.start(), sandbox, full_disk)
    assert "full" in daemon.log


def test_stopped_while_behind(daemon, sandbox):
    """What could not be written is written at the end, when that is possible again."""
    daemon.start()
    with locked(daemon):
        session = daemon.create()
    daemon.restart()
    assert daemon.call("GetSession", session_id=session["session_id"])["session"]["status"] == "pending"


def test_locked_at_start(daemon, sandbox):
    """Nothing is known then, but asked for all the same; and it goes on as soon as the lock is gone."""
    session = daemon.start().create()
    connection_id = daemon.connect_account(sandbox, "linear")["connection_id"]
    daemon.stop()
    with locked(daemon, "PRAGMA locking_mode = EXCLUSIVE"):
        daemon.start()
        (problem,) = problems(daemon)
        assert "cannot be opened" in problem
        new = daemon.create("slack")
        sandbox.approve(session["authorize_url"])
    assert_known = {session["session_id"]: "complete", new["session_id"]: "pending"}
    eventually(lambda: assert_known.items() <= known(daemon)[0].items())
    assert connection_id in known(daemon)[1] and problems(daemon) == []
    survives(daemon)


@pytest.mark.parametrize("empty, modes", [
    (True, {".": 0o500}), (False, {".": 0o500}), (False, {"oauthd.db": 0o400}),
    (False, {".": 0o500, "oauthd.db": 0o400})])
def test_read_only(daemon, sandbox, empty, modes):
    # Root may write everywhere; without this capability it is like everybody else.
    as_person = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.getuid() == 0 else []
    if not empty:
        connection_id = daemon.start().connect_account(sandbox, "linear")["connection_id"]
        daemon.stop()
    paths = [(daemon.state / name, mode) for name, mode in modes.items()]
    for path, mode in paths:
        path.chmod(mode)
    daemon.start(prefix=as_person)
    use_everything(daemon, sandbox, daemon.create())
    for path in [daemon.state, *daemon.state.iterdir()]:
        path.chmod(0o700 if path.is_dir() else 0o600)
    eventually(lambda: problems(daemon) == [])
    assert empty or connection_id in known(daemon)[1]
    survives(daemon)


# Damage


def overwrite(path, offset, size):
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(os.urandom(size))


def root_page(path, table):
    with contextlib.closing(sqlite3.connect(path)) as store:
        return store.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0] - 1


def garbage(path):
    overwrite(path, 0, path.stat().st_size)


def truncated(path):
    os.truncate(path, path.stat().st_size // 2)


def flipped_connections(path):
    overwrite(path, root_page(path, "connections") * PAGE, PAGE)


def flipped_sessions(path):
    overwrite(path, root_page(path, "sessions") * PAGE, PAGE)


def set_aside(daemon):
    return list(daemon.state.glob("oauthd.db.damaged-*"))


@pytest.mark.parametrize("damage", [garbage, truncated, flipped_connections, flipped_sessions])
def test_damaged(daemon, sandbox, damage):
    """Moved aside and not deleted; said; and what Airstore knows is there again."""
    connection_id = daemon.start().connect_account(sandbox)["connection_id"]
    pending = daemon.create("slack")
    daemon.stop()
    path = daemon.state / "oauthd.db"
    damage(path)
    damaged = path.read_bytes()
    daemon.start()
    (moved,) = set_aside(daemon)
    assert moved.read_bytes() == damaged
    assert str(moved) in daemon.log
    (problem,) = problems(daemon)
    assert str(moved) in problem
    eventually(lambda: known(daemon)[1] == {connection_id})
    if damage is flipped_connections:  # what can still be read is kept
        sandbox.approve(pending["authorize_url"])
        assert daemon.poll(pending)["status"] == "complete"
    daemon.connect_account(sandbox, "notion")
    survives(daemon)
    assert problems(daemon) == [] and set_aside(daemon) == [moved]


def test_damaged_without_a_workspace(make_daemon, sandbox):
    """Which connections there were cannot be known then; how to have them listed is said."""
    daemon = make_daemon(sandbox.base_url).start()
    connection_id = daemon.connect_account(sandbox)["connection_id"]
    daemon.stop()
    garbage(daemon.state / "oauthd.db")
    daemon.start()
    assert "list --refresh" in problems(daemon)[0]
    daemon.call("ListConnections", workspace_id="ws_default", refresh=True)
    assert daemon.call("GetConnection", integration_type="gmail")["connection"]["connection_id"] == connection_id


def test_damaged_while_running(daemon, sandbox):
    """It is noticed when it is read, at the latest after the next start. Until then all is answered."""
    connection_id = daemon.start().connect_account(sandbox)["connection_id"]
    pending = daemon.create("slack")
    garbage(daemon.state / "oauthd.db")
    sandbox.approve(pending["authorize_url"])
    slack = daemon.poll(pending)["connection_id"]
    assert known(daemon)[1] == {connection_id, slack}
    daemon.kill()
    daemon.start()
    eventually(lambda: known(daemon)[1] == {connection_id, slack})
    daemon.connect_account(sandbox, "notion")
    survives(daemon)


def test_newer_schema(daemon, sandbox):
    daemon.start().connect_account(sandbox)
    daemon.stop()
    path = daemon.state / "oauthd.db"
    with contextlib.closing(sqlite3.connect(path)) as store:
        store.execute("PRAGMA user_version = 99")
    before = hashlib.sha256(path.read_bytes()).digest()
    assert daemon.launch().wait() == 1
    assert "newer version" in daemon.log
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert [one.name for one in daemon.state.iterdir()] == ["oauthd.db"]
    daemon.kill()


def test_forgotten_after_30_days(daemon, sandbox):
    daemon.start().connect_account(sandbox)
    old, young = daemon.create("slack"), daemon.create("linear")
    for session in (old, young):
        daemon.call("CancelSession", session_id=session["session_id"])
    daemon.stop()
    with contextlib.closing(sqlite3.connect(daemon.state / "oauthd.db", isolation_level=None)) as store:
        for session, days in ((old, 31), (young, 29)):
            store.execute("UPDATE sessions SET ended_at = ended_at - ? WHERE session_id = ?",
                          (days * 24 * 3600 * 1000000, session["session_id"]))
    daemon.start()
    sessions, connections = known(daemon)
    assert young["session_id"] in sessions and old["session_id"] not in sessions and len(connections) == 1


def cancel_one(daemon):
    daemon.call("CancelSession", session_id=daemon.create()["session_id"])


def add_ended(daemon, ages):
    """While it does not run: sessions like the one that it has, which ended so many microseconds ago."""
    created, ended = 11, 14
    with contextlib.closing(sqlite3.connect(daemon.state / "oauthd.db")) as store, store:
        (row,) = store.execute("SELECT * FROM sessions").fetchall()
        for age in ages:
            copy = [f"{age} ago", *row[1:]]
            copy[created] -= age
            copy[ended] -= age
            store.execute(f"INSERT INTO sessions VALUES ({', '.join('?' * len(copy))})", copy)


def kept(daemon):
    with contextlib.closing(sqlite3.connect(daemon.state / "oauthd.db")) as store:
        return {session_id for session_id, in store.execute("SELECT session_id FROM sessions")}


def test_only_a_thousand_are_kept(daemon):
    """In the file, too, and while it runs."""
    cancel_one(daemon.start())
    daemon.stop()
    add_ended(daemon, range(1, 1000))
    daemon.start()
    cancel_one(daemon)
    assert len(kept(daemon)) == 1000 and "999 ago" not in kept(daemon) and "998 ago" in kept(daemon)
    assert known(daemon)[0].keys() == kept(daemon)


def test_only_thirty_days_are_kept(daemon):
    """While it runs: a session is forgotten that was not so old yet when it began."""
    cancel_one(daemon.start())
    daemon.stop()
    add_ended(daemon, [(30 * 24 * 3600 - 4) * 1000000])
    daemon.start()

    def forgotten():
        cancel_one(daemon)
        return not any("ago" in session_id for session_id in kept(daemon) | known(daemon)[0].keys())

    eventually(forgotten)


def test_nothing_secret_stays(daemon, sandbox):
    """The authorize URL of a session that has ended is nowhere in the files, nor is its callback."""
    session = daemon.start().call("CreateSession", integration_type="gmail")["session"]
    assert "authorize_url" in session
    location = sandbox.return_to(session["session_id"])
    sandbox.approve(session["authorize_url"])
    daemon.poll(session)
    daemon.stop()
    for path in daemon.state.iterdir():
        data = path.read_bytes()
        assert session["authorize_url"].encode() not in data and location.encode() not in data, path
