# SPDX-License-Identifier: MIT
"""Named profiles: one person, several organisations. Each has a server and a key of its own here, so
that whatever goes to the wrong one is refused, and seen."""

import contextlib
import pathlib
import sqlite3

import pytest

from programs import API_KEY, Sandbox, VarlinkError, eventually

WORK_KEY = "tok_the-made-up-key-of-the-other-organisation"


class Work(Sandbox):
    """The other organisation, which knows another key."""

    api_key = WORK_KEY


@pytest.fixture
def work(place):
    work = Work(place)
    yield work
    assert work.stop() == 0


@pytest.fixture
def configure(files):
    """configure(work, "api-key-file = …") writes [profile work]; without arguments, there is none."""
    key = files.set_key(WORK_KEY, "work-key")

    def write(work=None, *lines):
        lines = lines or (f"api-key-file = {key}",)
        text = "" if work is None else "\n".join(["[profile work]", f"base-url = {work.base_url}", *lines, ""])
        files.configure(text)
        return key

    return write


@pytest.fixture
def daemon(make_daemon, sandbox, work, configure):
    configure(work)
    return make_daemon(sandbox.base_url).start()


def get(daemon, integration="gmail", **parameters):
    return daemon.call("GetConnection", integration_type=integration, **parameters)["connection"]


def error_of(daemon, method, **parameters):
    with pytest.raises(VarlinkError) as error:
        daemon.call(method, **parameters)
    return error.value


def refused(server):
    return [one for one in server.requests() if one["status"] in (401, 403)]


def test_each_asks_its_own_server(daemon, sandbox, work):
    ours, theirs = daemon.connect_account(sandbox), daemon.connect_account(work, profile="work")
    assert "profile" not in ours and theirs["profile"] == "work"
    assert ours["connection_id"] != theirs["connection_id"]
    assert get(daemon)["connection_id"] == ours["connection_id"]
    assert get(daemon, profile="work")["connection_id"] == theirs["connection_id"]
    assert "profile" not in get(daemon) and get(daemon, profile="work")["profile"] == "work"
    for server in (sandbox, work):
        assert len(server.requests("POST", "/oauth/sessions")) == 1 and not refused(server)
        assert len(server.connections()) == 1


def test_only_the_profile_that_is_meant(daemon, sandbox, work):
    daemon.connect_account(work, profile="work")
    assert error_of(daemon, "GetConnection", integration_type="gmail").name == "NoSuchConnection"
    daemon.connect_account(sandbox, "slack")
    error = error_of(daemon, "GetConnection", integration_type="slack", profile="work")
    assert error.name == "NoSuchConnection"


def test_single_flight_apart(daemon, sandbox, work):
    with daemon.connect() as one, daemon.connect() as two, daemon.connect() as three:
        for client, profile in ((one, None), (two, "work"), (three, "work")):
            client.send("CreateSession", {"integration_type": "gmail", "open_browser": False, "profile": profile})
        ours, theirs, again = [client.result()[0]["session"] for client in (one, two, three)]
    assert ours["session_id"] != theirs["session_id"] and theirs == again
    assert ours["authorize_url"].startswith(f"http://127.0.0.1:{sandbox.port}/")
    assert theirs["authorize_url"].startswith(f"http://127.0.0.1:{work.port}/")
    later = daemon.call("CreateSession", integration_type="gmail", profile="work", open_browser=False)
    assert later["existing"] and later["session"] == theirs
    for server in (sandbox, work):
        assert len(server.requests("POST", "/oauth/sessions")) == 1


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_restart(daemon, sandbox, work, end):
    daemon.connect_account(sandbox)
    theirs = daemon.connect_account(work, profile="work")
    pending = daemon.create("slack", profile="work")
    before = daemon.call("ListSessions"), daemon.call("ListConnections")
    getattr(daemon, end)()
    daemon.start()
    assert daemon.call("ListSessions") == before[0]
    assert sorted(map(str, daemon.call("ListConnections")["connections"])) == sorted(map(str, before[1]["connections"]))
    assert get(daemon, profile="work")["connection_id"] == theirs["connection_id"]
    work.approve(pending["authorize_url"])
    assert daemon.poll(pending)["profile"] == "work"
    assert get(daemon, "slack", profile="work") and not refused(sandbox) and not refused(work)


def test_reload_adds_a_profile(make_daemon, sandbox, work, configure):
    daemon = make_daemon(sandbox.base_url).start()
    assert daemon.call("GetStatus")["profiles"] == []
    error = error_of(daemon, "CreateSession", integration_type="gmail", profile="work", open_browser=False)
    assert error.name == "NotConfigured"
    assert "no profile 'work'" in error.parameters["message"] and "[profile work]" in error.parameters["message"]
    configure(work)
    assert daemon.call("Reload") == {}
    assert daemon.call("GetStatus")["profiles"] == ["work"]
    assert daemon.connect_account(work, profile="work")["profile"] == "work"


def test_reload_takes_a_profile_away(daemon, sandbox, work, configure):
    """What is pending waits for it to come back."""
    session = daemon.create(profile="work")
    configure()
    daemon.call("Reload")
    with daemon.connect() as client:
        changes = client.call_more("Poll", session_id=session["session_id"], interval=100)
        trouble = next(change["session"]["trouble"] for change in changes if "trouble" in change["session"])
        assert "no profile 'work'" in trouble and "[profile work]" in trouble
        assert daemon.create()["session_id"] != session["session_id"]
        configure(work)
        daemon.call("Reload")
        work.approve(session["authorize_url"])
        *_, last = changes
        assert last["session"]["status"] == "complete" and not refused(sandbox)


@pytest.mark.parametrize("method, parameters", [
    ("CreateSession", {"integration_type": "gmail", "open_browser": False}),
    ("GetConnection", {"integration_type": "gmail"}),
    ("ListConnections", {}),
    ("ListConnections", {"refresh": True}),
    ("CreateConnection", {"integration_type": "gmail", "access_token": "made-up"}),
    ("DeleteConnection", {"connection_id": "made-up", "workspace_id": "ws_default"}),
    ("CheckAPIKey", {"api_key": "made-up"}),
    ("StoreAPIKey", {"api_key": "made-up"}),
    ("ForgetAPIKey", {}), ("GetStatus", {}),
])
def test_unknown_profile(daemon, sandbox, work, method, parameters):
    error = error_of(daemon, method, profile="play", **parameters)
    assert error.name == "NotConfigured" and "[profile play]" in error.parameters["message"]
    assert sandbox.requests() == [] and work.requests() == []


def test_profile_without_a_key(make_daemon, sandbox, work, configure):
    configure(work, "workspace = ws_default")
    daemon = make_daemon(sandbox.base_url).start()
    for method, parameters in (("CreateSession", {"integration_type": "gmail"}), ("ListConnections", {"refresh": True})):
        error = error_of(daemon, method, profile="work", **parameters)
        assert error.name == "NotConfigured" and "api-key-file" in error.parameters["message"]
    assert any("'work'" in problem for problem in daemon.call("GetStatus")["problems"])
    assert work.requests() == []


def test_connections(daemon, sandbox, work):
    """Made with a token, listed by all or by one, and deleted, each where it belongs."""
    made = {profile: daemon.call(
        "CreateConnection", integration_type="gmail", access_token="made-up", workspace_id="ws_default", profile=profile
    )["connection"] for profile in (None, "work")}
    listed = daemon.call("ListConnections")["connections"]
    assert {one.get("profile") for one in listed} == {None, "work"}
    assert daemon.call("ListConnections", profile="work")["connections"] == [made["work"]]
    # Without a workspace: the only one that is known of.
    assert daemon.call("ListConnections", profile="work", refresh=True)["connections"][0]["profile"] == "work"
    assert len(daemon.call("ListConnections", refresh=True)["connections"]) == 1
    assert len(daemon.call("ListConnections")["connections"]) == 2
    daemon.call("DeleteConnection", connection_id=made["work"]["connection_id"])
    assert work.connections() == [] and len(sandbox.connections()) == 1
    assert [one.get("profile") for one in daemon.call("ListConnections")["connections"]] == [None]
    assert not refused(sandbox) and not refused(work)


def test_watch(daemon, sandbox, work):
    daemon.connect_account(work, profile="work")
    with daemon.connect() as client:
        client.send("Watch", {}, more=True)
        known = [client.result()[0] for _ in range(3)]
    assert known[0]["connection"]["profile"] == known[1]["session"]["profile"] == "work" and known[2] == {}


def test_workspace_of_the_profile(make_daemon, sandbox, work, configure):
    key = configure(work)
    configure(work, f"api-key-file = {key}", "workspace = ws_default")
    daemon = make_daemon(sandbox.base_url, AIRSTORE_WORKSPACE_ID="ws_other").start()
    assert daemon.create(profile="work")["workspace_id"] == "ws_default"
    assert daemon.call("ListConnections", profile="work", refresh=True) == {"connections": []}


def test_browser_of_the_profile(make_daemon, sandbox, work, configure, browser):
    key = configure(work)
    configure(work, f"api-key-file = {key}", f"browser = {browser.command}")
    daemon = make_daemon(sandbox.base_url, BROWSER="false").start()
    reply = daemon.call("CreateSession", integration_type="gmail", profile="work")
    assert reply["browser_opened"] and browser.opened() == reply["session"]["authorize_url"]
    assert not daemon.call("CreateSession", integration_type="gmail")["browser_opened"]


def test_damaged_store(make_daemon, sandbox, work, configure):
    """Each profile's connections come from its own server again."""
    key = configure(work)
    configure(work, f"api-key-file = {key}", "workspace = ws_default")
    daemon = make_daemon(sandbox.base_url, AIRSTORE_WORKSPACE_ID="ws_default").start()
    daemon.connect_account(sandbox)
    daemon.connect_account(work, profile="work")
    daemon.stop()
    for ending in ("", "-wal", "-shm"):
        pathlib.Path(f"{daemon.state}/oauthd.db{ending}").unlink(missing_ok=True)
    (daemon.state / "oauthd.db").write_text("x" * 20000)
    daemon.start()
    eventually(lambda: len(daemon.call("ListConnections")["connections"]) == 2)
    assert get(daemon) and get(daemon, profile="work")["profile"] == "work"


def test_store_of_the_first_version(daemon, sandbox):
    """Read by this one, with what it holds kept for the default profile."""
    before = daemon.connect_account(sandbox)
    pending = daemon.create("slack")
    daemon.stop()
    with contextlib.closing(sqlite3.connect(daemon.state / "oauthd.db", isolation_level=None)) as store:
        for table in ("sessions", "connections"):
            store.execute(f"ALTER TABLE {table} DROP COLUMN profile")
        store.execute("ALTER TABLE sessions DROP COLUMN base_url")
        store.execute("PRAGMA user_version = 1")
    daemon.start()
    assert get(daemon)["connection_id"] == before["connection_id"]
    assert daemon.create("slack") == pending


def test_status(daemon, sandbox, work, configure):
    ours, theirs = daemon.call("GetStatus"), daemon.call("GetStatus", profile="work")
    assert (ours["api_base_url"], theirs["api_base_url"]) == (sandbox.base_url, work.base_url)
    assert theirs["api_key_source"] == f"file {configure(work)}" != ours["api_key_source"]
    assert ours | {name: theirs[name] for name in ("api_base_url", "api_key_source", "uptime")} == theirs


def test_sessions(daemon, sandbox, work, configure):
    """Of one that is gone from the configuration as well."""
    ours, theirs = daemon.create(), daemon.create(profile="work")
    assert daemon.call("ListSessions")["sessions"] == [theirs, ours]
    assert daemon.call("ListSessions", profile="work")["sessions"] == [theirs]
    assert daemon.call("ListSessions", profile="play")["sessions"] == []
    configure()
    daemon.call("Reload")
    assert [one["session_id"] for one in daemon.call("ListSessions", profile="work")["sessions"]] == [theirs["session_id"]]


# The command line

def test_connect_and_get(daemon, cli, work, browser):
    process = cli.start("connect", "gmail", "-p", "work")
    work.approve(browser.opened())
    result = cli.finish(process)
    assert result.status == 0, result
    id = result.stdout.strip()
    assert cli("get", "gmail", "--profile", "work").stdout.strip() == id
    assert cli("get", "gmail").status == 8
    assert cli("get", "gmail", AIRSTORE_PROFILE="work").stdout.strip() == id
    assert cli("get", "gmail", "-p", "", AIRSTORE_PROFILE="work").status == 8
    # A workspace of the environment is for the profile of the environment.
    assert cli("get", "gmail", "-p", "work", AIRSTORE_WORKSPACE_ID="ws_other").stdout.strip() == id
    # What is advised is about the same profile.
    assert "connect slack -p work\n" in cli("get", "slack", "-p", "work").stderr
    result = cli("get", "gmail", "-p", "play")
    assert result.status == 5 and "[profile play]" in result.stderr, result


def test_workspace_that_is_not_known(daemon, sandbox, work):
    """The server of the profile is asked, with its key, and for its own connections only."""
    theirs = daemon.connect_account(work, profile="work")["connection_id"]
    asked = sandbox.requests()
    assert error_of(daemon, "GetConnection", integration_type="gmail", workspace_id="ws_default").name == "NoSuchConnection"
    assert error_of(
        daemon, "GetConnection", integration_type="gmail", workspace_id="ws_9", profile="work").name == "NoSuchConnection"
    assert get(daemon, profile="work", workspace_id="ws_default")["connection_id"] == theirs
    error = error_of(daemon, "DeleteConnection", connection_id=theirs, workspace_id="ws_9")
    assert error.parameters["status"] == 404 and len(work.connections()) == 1
    assert sandbox.requests() == asked


def test_tables(daemon, cli, sandbox, work):
    daemon.connect_account(sandbox)
    for verb in ("list", "sessions"):
        assert "PROFILE" not in cli(verb).stdout
    theirs = daemon.connect_account(work, profile="work", workspace_id="ws_default")
    for verb in ("list", "sessions"):
        rows = [line.split() for line in cli(verb).stdout.splitlines()]
        assert rows[0][0] == "PROFILE" and sorted(row[0] for row in rows[1:]) == ["-", "work"]
    (row,) = cli("list", "-p", "work").stdout.splitlines()[1:]
    assert theirs["connection_id"] in row
    assert cli("list", "-p", "work", "--refresh").status == 0
    assert "Profile      work" in cli("status").stdout


def test_remove(daemon, cli, sandbox, work):
    """By the integration, that of the profile that is meant; by the ID, wherever it is."""
    daemon.connect_account(sandbox, workspace_id="ws_default")
    daemon.connect_account(work, profile="work", workspace_id="ws_default")
    slack = daemon.connect_account(work, "slack", profile="work", workspace_id="ws_default")
    assert cli("remove", "gmail").status == 0
    assert sandbox.connections() == [] and len(work.connections()) == 2
    assert cli("remove", "gmail", "-p", "work").status == 0
    assert cli("remove", slack["connection_id"]).status == 0
    assert work.connections() == []


def test_remove_from_another_environment(daemon, cli, sandbox, work):
    """The ID says which one; the environment is for what is named otherwise."""
    gmail = daemon.connect_account(sandbox, workspace_id="ws_default")["connection_id"]
    slack = daemon.connect_account(work, "slack", profile="work", workspace_id="ws_default")["connection_id"]
    removed = cli("remove", slack, AIRSTORE_WORKSPACE_ID="ws_9")
    assert removed.status == 0 and "the connection to Slack of the workspace ws_default" in removed.stderr, removed
    assert cli("remove", gmail, "-w", "ws_9").status == 8, "what is typed counts"
    removed = cli("remove", gmail, AIRSTORE_WORKSPACE_ID="ws_9", AIRSTORE_PROFILE="work")
    assert removed.status == 0 and "Gmail is not connected any more." in removed.stderr, removed
    assert sandbox.connections() == work.connections() == []


def test_cancel_from_another_environment(daemon, cli, work):
    daemon.create()
    daemon.create("slack", profile="work")
    assert cli("cancel", "gmail", AIRSTORE_PROFILE="work").status == 0
    assert cli("cancel", "slack").status == 0
    assert daemon.call("GetStatus")["pending_sessions"] == 0


def test_add(daemon, cli, work, place):
    token = place / "token"
    token.write_text("made-up")
    result = cli("add", "gmail", "--access-token-file", str(token), "-w", "ws_default", "-p", "work")
    assert result.status == 0, result
    assert len(work.connections()) == 1


def test_login(daemon, cli, work, sandbox, configure):
    key = configure(work)
    key.unlink()
    daemon.call("Reload")
    result = cli("login", "-p", "work", stdin=API_KEY)
    assert result.status == 5 and "does not accept" in result.stderr and not key.exists(), result
    result = cli("login", "-p", "work", "--json", stdin=WORK_KEY)
    assert result.status == 0 and str(key) in result.stderr, result
    assert result.json["api_base_url"] == work.base_url and str(key) in result.json["api_key_source"]
    result = cli("login", "-p", "work", stdin=WORK_KEY)
    assert result.status == 0 and str(key) in result.stderr and "the profile work" in result.stderr, result
    assert WORK_KEY not in result.stderr
    assert key.read_text() == WORK_KEY + "\n" and key.stat().st_mode & 0o777 == 0o600
    assert not (key.parent / "api-key").exists() and sandbox.requests() == []
    assert daemon.create(profile="work")["profile"] == "work"
    result = cli("logout", "-p", "work", "--json")
    assert result.status == 0 and not key.exists(), result
    assert result.json["api_base_url"] == work.base_url and "api_key_source" not in result.json
    assert error_of(daemon, "CreateSession", integration_type="slack", profile="work").name == "NotConfigured"


def test_login_without_a_file(make_daemon, cli, sandbox, work, configure):
    configure(work, "workspace = ws_default")
    make_daemon(sandbox.base_url).start()
    for name in ("work", "play"):
        result = cli("login", "-p", name, stdin=WORK_KEY)
        assert result.status == 5 and f"[profile {name}]\napi-key-file = ~/" in result.stderr, result
    assert work.requests() == []


def test_login_that_the_daemon_does_not_see(make_daemon, cli, sandbox, work, configure, place):
    """As in its sandbox, where it has a home directory without the file."""
    configure(work, "api-key-file = ~/keys/work")
    make_daemon(sandbox.base_url).start()
    result = cli("login", "-p", "work", stdin=WORK_KEY, HOME=str(place / "elsewhere"))
    assert result.status == 1 and "does not see" in result.stderr, result


def test_login_in_the_home_directory(make_daemon, cli, sandbox, work, configure, place):
    configure(work, "api-key-file = ~/keys/work")
    daemon = make_daemon(sandbox.base_url).start()
    result = cli("login", "-p", "work", stdin=WORK_KEY)
    assert result.status == 0 and (place / "keys/work").exists(), result
    assert daemon.create(profile="work")


def test_secrets(daemon, work):
    daemon.connect_account(work, profile="work")
    daemon.stop()
    assert WORK_KEY not in daemon.log
    for path in daemon.state.rglob("*"):
        assert WORK_KEY.encode() not in path.read_bytes(), path
