# SPDX-License-Identifier: MIT
"""Where the key and the settings come from, which goes first, and how they change without a restart."""

import os
import pathlib
import pty
import signal

import pytest

from programs import API_KEY, Daemon, Files, Sandbox, Varlink, VarlinkError, eventually

WRONG_KEY = "tok_wrong"
CREDENTIAL = "systemd credential airstore-api-key"
ENVIRONMENT = "environment variable AIRSTORE_API_KEY"


class FilesAndCredentials(Files):
    """And what systemd hands over."""

    def __init__(self, place):
        super().__init__(place)
        self.credentials = place / "credentials"
        self.credentials.mkdir()

    def set_credential(self, key):
        (self.credentials / "airstore-api-key").write_text(key)


@pytest.fixture
def files(place):
    return FilesAndCredentials(place)


def source(daemon):
    return daemon.call("GetStatus").get("api_key_source")


def settings(daemon):
    return {(one["section"], one["key"]): (one.get("value"), one["source"])
            for one in daemon.call("GetConfiguration")["settings"]}


def accepted(daemon):
    """Whether Airstore accepts the key that the daemon has."""
    try:
        daemon.call("ListConnections", workspace_id="ws_default", refresh=True)
        return True
    except VarlinkError as error:
        assert error.name == "ApiError" and error.parameters["status"] == 401
        return False


# The key

@pytest.mark.parametrize("credential, environment, file, expected", [
    (API_KEY, None, None, CREDENTIAL),
    (None, API_KEY, None, ENVIRONMENT),
    (None, None, API_KEY, "file "),
    (API_KEY, WRONG_KEY, WRONG_KEY, CREDENTIAL),
    (None, API_KEY, WRONG_KEY, ENVIRONMENT),
    ("none", API_KEY, None, ENVIRONMENT),  # what the unit hands over for no key
    ("none", None, API_KEY, "file "),
])
def test_key(make_daemon, sandbox, files, credential, environment, file, expected):
    if credential:
        files.set_credential(credential)
    if file:
        files.set_key(file)
    daemon = make_daemon(
        sandbox.base_url, AIRSTORE_API_KEY=environment, CREDENTIALS_DIRECTORY=files.credentials).start()
    assert source(daemon) == (f"file {files.key}" if expected == "file " else expected)
    assert accepted(daemon)
    for name in ("environ", "cmdline"):
        assert API_KEY.encode() not in pathlib.Path(f"/proc/{daemon.pid}/{name}").read_bytes()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_key_that_others_can_read(make_daemon, sandbox, files, cli, mode):
    files.set_key(API_KEY, mode=mode)
    daemon = make_daemon(sandbox.base_url, AIRSTORE_API_KEY=None).start()
    assert source(daemon) is None
    (problem,) = daemon.call("GetStatus")["problems"]
    assert str(files.key) in problem and "chmod 600" in problem
    assert problem in daemon.log
    result = cli("connect", "gmail")
    assert result.status == 5 and "chmod 600" in result.stderr, result
    files.key.chmod(0o600)
    assert daemon.call("Reload") == {}
    assert accepted(daemon)


@pytest.mark.parametrize("content", [b"two words", b"a\nb", b"a\0b", "ключ".encode(), b"x" * 5000])
def test_key_that_is_none(make_daemon, sandbox, files, content):
    files.key.write_bytes(content)
    files.key.chmod(0o600)
    daemon = make_daemon(sandbox.base_url, AIRSTORE_API_KEY=None).start()
    (problem,) = daemon.call("GetStatus")["problems"]
    assert f"{files.key} is not an API key" in problem


def test_environment_that_is_no_key(make_daemon, sandbox):
    daemon = make_daemon(sandbox.base_url, AIRSTORE_API_KEY="two words").start()
    (problem,) = daemon.call("GetStatus")["problems"]
    assert problem.startswith("AIRSTORE_API_KEY cannot be used")
    assert b"two words" not in pathlib.Path(f"/proc/{daemon.pid}/environ").read_bytes()


def reload_by_method(daemon):
    daemon.call("Reload")


def reload_by_signal(daemon):
    read = daemon.log.count("The configuration was read again")
    os.kill(daemon.pid, signal.SIGHUP)
    eventually(lambda: daemon.log.count("The configuration was read again") > read)


@pytest.mark.parametrize("reload", [reload_by_method, reload_by_signal])
@pytest.mark.parametrize("credential", [None, WRONG_KEY])
def test_changed_key(make_daemon, sandbox, files, reload, credential):
    """A credential is a copy of the file: of two, the newer one goes first."""
    files.set_key(WRONG_KEY)
    if credential:
        files.set_credential(credential)
    daemon = make_daemon(
        sandbox.base_url, AIRSTORE_API_KEY=None, CREDENTIALS_DIRECTORY=files.credentials if credential else None).start()
    assert not accepted(daemon)
    files.set_key(API_KEY)
    assert not accepted(daemon), "nothing is read before it is told to"
    reload(daemon)
    assert accepted(daemon) and source(daemon) == f"file {files.key}"
    files.key.unlink()
    reload(daemon)
    assert source(daemon) is None and daemon.call("GetStatus")["problems"]


@pytest.mark.parametrize("first, then, expected", [("keyring", None, ENVIRONMENT), (None, "keyring", "keyring")])
def test_changed_place(make_daemon, sandbox, files, first, then, expected):
    """The key goes into the keyring, or out of it: login and logout when systemd hands over what there was."""
    files.set_credential(first or "none")
    if first:
        files.set_key(first)
    daemon = make_daemon(sandbox.base_url, CREDENTIALS_DIRECTORY=files.credentials).start()
    assert source(daemon) == (first or ENVIRONMENT)
    if then:
        files.set_key(then)
    else:
        files.key.unlink()
    daemon.call("Reload")
    assert source(daemon) == expected


def test_changed_key_that_others_can_read(make_daemon, sandbox, files):
    files.set_key(API_KEY)
    daemon = make_daemon(sandbox.base_url, AIRSTORE_API_KEY=None).start()
    files.set_key(WRONG_KEY, mode=0o644)
    with pytest.raises(VarlinkError) as error:
        daemon.call("Reload")
    assert error.value.name == "InvalidConfiguration" and "chmod 600" in error.value.parameters["message"]
    assert accepted(daemon), "the old key stays"
    assert WRONG_KEY not in daemon.log


# Settings

def test_sources(make_daemon, sandbox, files, cli):
    conf = files.configure(f"[airstore]\nworkspace = ws_one\nbase-url = {sandbox.base_url}\n[limits]\npending-sessions = 2\n")
    other = files.configure("# a comment\n[airstore]\nworkspace = ws_two\n", "airstore-oauthd.conf.d/10-work.conf")
    daemon = make_daemon(None, BROWSER=None).start()
    found = settings(daemon)
    assert found["airstore", "workspace"] == ("ws_two", f"{other}:3")
    assert found["airstore", "base-url"] == (sandbox.base_url, f"{conf}:3")
    assert found["limits", "pending-sessions"] == ("2", f"{conf}:5")
    assert found["airstore", "poll-interval"] == ("10s", "default")
    assert found["airstore", "api-key"] == (None, ENVIRONMENT)
    assert API_KEY not in str(found)

    result = cli("config")
    assert result.status == 0, result
    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[0] == ["SECTION", "SETTING", "VALUE", "FROM"]
    assert ["airstore", "workspace", "ws_two", f"{other}:3"] in rows
    assert ["airstore", "api-key", "(not", "shown)", *ENVIRONMENT.split()] in rows
    assert {one["key"] for one in cli("config", "--json").json["settings"]} == {key for _, key in found}


def test_environment_goes_first(make_daemon, sandbox, files):
    files.configure("[airstore]\nworkspace = ws_one\nbase-url = https://airstore.example\n")
    daemon = make_daemon(sandbox.base_url, AIRSTORE_WORKSPACE_ID="ws_two").start()
    found = settings(daemon)
    assert found["airstore", "workspace"] == ("ws_two", "environment variable AIRSTORE_WORKSPACE_ID")
    assert found["airstore", "base-url"] == (sandbox.base_url, "environment variable AIRSTORE_BASE_URL")


MISTAKES = [
    ("[airstore]\nworkspace = two words\n", 2, "workspace is not the ID of a workspace"),
    ("[airstore]\nworkspace = ..\n", 2, "workspace is not the ID of a workspace"),
    ("[airstore]\n\nbase-url = http://airstore.example\n", 3, "base-url cannot be used"),
    ("[airstore]\ncolour = red\n", 2, "no setting 'colour' in [airstore]"),
    ("[colours]\nsky = blue\n", 2, "no such section"),
    ("[limits]\npending-sessions = 0\n", 2, "from 1 to 1000000"),
    ("[limits]\nconnections = many\n", 2, "from 1 to 1000000"),
    ("[airstore]\npoll-interval = 1h\n", 2, "from 1s to 20s"),
    ("[airstore]\nnotifications = perhaps\n", 2, "yes or no"),
    ("[airstore]\napi-key-file = api-key\n", 2, "has to begin with /"),
    ("[airstore]\nworkspace\n", 2, "neither"),
    ("[airstore]\n# \nbrowser = " + "x" * 2000 + "\n", 3, "too long"),
]


@pytest.mark.parametrize("text, line, reason", MISTAKES)
def test_reload_of_a_mistake(make_daemon, sandbox, files, cli, text, line, reason):
    files.configure("[airstore]\nworkspace = ws_one\n")
    daemon = make_daemon(sandbox.base_url).start()
    conf = files.configure(text)
    before = settings(daemon)
    with pytest.raises(VarlinkError) as error:
        daemon.call("Reload")
    message = error.value.parameters["message"]
    assert error.value.name == "InvalidConfiguration"
    assert f"{conf}:{line}: " in message and reason in message
    assert daemon.log.count(f"{conf}:{line}: ") == 1 and daemon.log.count("stays as it was") == 1
    assert settings(daemon) == before
    # login and logout tell of it as well.
    result = cli("logout")
    assert result.status == 1 and f"{conf}:{line}: " in result.stderr, result

    files.configure("[airstore]\nworkspace = ws_two\n")
    assert daemon.call("Reload") == {}
    assert settings(daemon)["airstore", "workspace"] == ("ws_two", f"{conf}:2")


def test_all_mistakes_are_told(make_daemon, sandbox, files):
    daemon = make_daemon(sandbox.base_url).start()
    conf = files.configure("[airstore]\ncolour = red\nshape = round\n")
    with pytest.raises(VarlinkError) as error:
        daemon.call("Reload")
    assert f"{conf}:2: " in error.value.parameters["message"]
    assert f"; {conf}:3: " in error.value.parameters["message"]


def test_reload_by_signal_of_a_mistake(make_daemon, sandbox, files):
    daemon = make_daemon(sandbox.base_url).start()
    conf = files.configure("[airstore]\ncolour = red\n")
    os.kill(daemon.pid, signal.SIGHUP)
    eventually(lambda: "stays as it was" in daemon.log)
    assert f"{conf}:2: there is no setting 'colour'" in daemon.log
    assert accepted(daemon)


NEED_THE_CONFIGURATION = [
    ("CreateSession", {"integration_type": "gmail"}), ("GetConnection", {"integration_type": "gmail"}),
    ("ListConnections", {}), ("CreateConnection", {"integration_type": "posthog", "api_key": "x"}),
    ("DeleteConnection", {"connection_id": "x"}), ("CheckAPIKey", {"api_key": "x"}), ("GetConfiguration", {}), ("Reload", {}),
]
DO_NOT = [("ListSessions", {}), ("ListIntegrations", {}), ("GetStatus", {})]


def mend(daemon, files):
    """The next question finds it mended."""


def mend_by_method(daemon, files):
    assert daemon.call("Reload") == {}


def mend_by_signal(daemon, files):
    reload_by_signal(daemon)


@pytest.mark.parametrize("mend", [mend, mend_by_method, mend_by_signal])
def test_start_with_a_mistake(make_daemon, sandbox, files, cli, mend):
    """It answers, and says what is wrong; nothing is done that rests on what cannot be read."""
    conf = files.configure("[limits]\nsessions = 3\n")
    daemon = make_daemon(sandbox.base_url).start()
    for method, parameters in NEED_THE_CONFIGURATION:
        with pytest.raises(VarlinkError) as error:
            daemon.call(method, **parameters)
        assert error.value.name == "InvalidConfiguration", method
        assert f"{conf}:2: there is no setting 'sessions' in [limits]" in error.value.parameters["message"]
    for method, parameters in DO_NOT:
        assert daemon.call(method, **parameters)
    (problem,) = daemon.call("GetStatus")["problems"]
    assert f"{conf}:2: " in problem
    assert daemon.log.count(f"{conf}:2: ") == 1, "it is logged once, however often it is met"
    result = cli("status", "-p", "work")
    assert result.status == 0 and f"{conf}:2: " in result.stdout, result
    result = cli("connect", "gmail")
    assert result.status == 1 and f"{conf}:2: " in result.stderr and "airstore-oauth doctor" in result.stderr, result
    assert API_KEY.encode() not in pathlib.Path(f"/proc/{daemon.pid}/environ").read_bytes()
    assert not sandbox.requests()

    other = files.configure("[limits]\npending-sessions = none\n", "airstore-oauthd.conf.d/1.conf")
    conf.unlink()
    (problem,) = daemon.call("GetStatus")["problems"]
    assert f"{other}:2: " in problem and f"{conf}:" not in problem
    assert daemon.log.count(f"{other}:2: ") == 1

    files.configure("[airstore]\nworkspace = ws_one\n", "airstore-oauthd.conf.d/1.conf")
    mend(daemon, files)
    assert daemon.call("GetStatus")["problems"] == []
    assert accepted(daemon)
    assert settings(daemon)["airstore", "workspace"][0] == "ws_one"


def test_start_with_a_mistake_in_a_variable(make_daemon, files):
    daemon = make_daemon("ftp://nowhere").start()
    with pytest.raises(VarlinkError, match="AIRSTORE_BASE_URL") as error:
        daemon.call("GetConnection", integration_type="gmail")
    assert error.value.name == "InvalidConfiguration"


@pytest.mark.parametrize("by_whom", ["waiter", "nobody"])
def test_pending_sessions_outlive_a_mistake(make_daemon, sandbox, files, by_whom):
    """They are neither asked about at another server, nor changed, and go on once it is mended."""
    daemon = make_daemon(sandbox.base_url, AIRSTORE_WORKSPACE_ID="ws_default").start()
    session = daemon.create()
    daemon.stop()
    asked = len(sandbox.requests())
    files.configure("[airstore]\ncolour = red\n")
    daemon.start()
    found = daemon.call("GetSession", session_id=session["session_id"])["session"]
    assert found["status"] == "pending" and "airstore-oauth status" in found.pop("trouble")
    assert found == session
    sandbox.approve(session["authorize_url"])
    with daemon.connect() as client:
        if by_whom == "waiter":
            client.send("Poll", {"session_id": session["session_id"], "interval": 100}, more=True)
            assert "trouble" in client.result()[0]["session"]
        assert len(sandbox.requests()) == asked
        files.configure("[airstore]\n")
        daemon.call("Reload")
        if by_whom == "nobody":
            client.send("Poll", {"session_id": session["session_id"]}, more=True)
        while (result := client.result())[1]:
            pass
    assert result[0]["session"]["status"] == "complete" and "trouble" not in result[0]["session"]


def test_cancelling_despite_a_mistake(make_daemon, sandbox, files):
    """Once there is none any more, what was cancelled does not go on."""
    daemon = make_daemon(sandbox.base_url).start()
    session = daemon.call("CreateSession", integration_type="gmail")["session"]
    files.configure("[airstore]\ncolour = red\n")
    daemon.restart()
    daemon.call("CancelSession", session_id=session["session_id"])
    assert daemon.call("GetSession", session_id=session["session_id"])["session"]["failure"] == "cancelled"
    files.configure("[airstore]\n")
    daemon.call("Reload")
    assert "goes on after a restart" not in daemon.log
    assert "callback_address" not in daemon.call("GetStatus")


@pytest.mark.parametrize("status", [401, 403])
def test_refused_key_is_a_problem(daemon, sandbox, status):
    """Until it works, whoever found out; not for what says nothing of the key."""
    def problems():
        return daemon.call("GetStatus")["problems"]

    def create():
        return daemon.call("CreateSession", integration_type="gmail", open_browser=False, always_new=True)

    sandbox.misbehave("status", status=status, error="made up", count=1, path="/oauth/sessions")
    with pytest.raises(VarlinkError):
        create()
    (problem,) = problems()
    assert problem.startswith("Airstore has refused the API key (environment variable AIRSTORE_API_KEY): made up"), problem
    assert "'airstore-oauth login'" in problem
    daemon.call("Reload")
    assert problems() == [problem]
    sandbox.misbehave("status", status=400, count=1, path="/oauth/sessions")
    with pytest.raises(VarlinkError):
        create()
    assert problems() == [problem]
    create()
    assert problems() == []


def test_refused_key_that_is_replaced(make_daemon, sandbox, files):
    key = files.set_key("tok_that-nobody-knows")
    daemon = make_daemon(sandbox.base_url, AIRSTORE_API_KEY=None).start()
    with pytest.raises(VarlinkError):
        daemon.create()
    (problem,) = daemon.call("GetStatus")["problems"]
    assert str(key) in problem and "tok_" not in problem
    key.write_text(API_KEY + "\n")
    daemon.call("Reload")
    assert daemon.call("GetStatus")["problems"] == []


@pytest.mark.parametrize("method", [
    "Reload", "GetConfiguration", "CheckAPIKey", "StoreAPIKey", "ForgetAPIKey"])
def test_readonly_socket(daemon, method):
    parameters = {"api_key": API_KEY} if method in ("CheckAPIKey", "StoreAPIKey") else {}
    with Varlink(f"{daemon.socket}.ReadOnly") as client, pytest.raises(VarlinkError) as error:
        client.call(method, **parameters)
    assert error.value.name == "org.varlink.service.PermissionDenied"


# Limits

def test_pending_sessions(make_daemon, sandbox, files):
    files.configure("[limits]\npending-sessions = 1\n")
    daemon = make_daemon(sandbox.base_url).start()
    daemon.create()
    with pytest.raises(VarlinkError) as error:
        daemon.create("github")
    assert error.value.name == "LimitReached"
    assert error.value.parameters == {"limit": "pending sessions", "maximum": 1}
    files.configure("[limits]\npending-sessions = 2\n")
    daemon.call("Reload")
    daemon.create("github")


@pytest.mark.parametrize("setting, name", [
    ("connections", "connections"), ("connections-per-process", "connections of one process")])
def test_connections(make_daemon, sandbox, files, setting, name):
    """In force from the start, and from each Reload on."""
    files.configure(f"[limits]\n{setting} = 2\n")
    daemon = make_daemon(sandbox.base_url).start()
    with daemon.connect() as first, daemon.connect() as second:
        assert first.call("GetStatus") and second.call("GetStatus")
        with daemon.connect() as third:
            reply = third.receive()
        assert reply["error"].endswith(".LimitReached")
        assert reply["parameters"] == {"limit": name, "maximum": 2}
        files.configure(f"[limits]\n{setting} = 3\n")
        first.call("Reload")
        with daemon.connect() as third, daemon.connect() as fourth:
            assert third.call("GetStatus")
            assert fourth.receive()["parameters"] == {"limit": name, "maximum": 3}


def test_poll_interval(make_daemon, sandbox, files):
    """While nobody waits, too, the end is noticed."""
    files.configure("[airstore]\npoll-interval = 1s\n")
    daemon = make_daemon(sandbox.base_url).start()
    session = daemon.create()
    asked = f"/oauth/sessions/{session['session_id']}"
    eventually(lambda: len(sandbox.requests("GET", asked)) >= 4)


# The log

def log_a_mistake(place, stderr, **variables):
    """A daemon that says one thing, there, and ends."""
    daemon = Daemon(place, AIRSTORE_API_KEY=API_KEY, **variables)
    program = daemon.launch("--address=here", prefix=["sh", "-c", f'exec "$@" 2>"{stderr}"', "sh"])
    assert program.wait() == 1


def test_levels_for_the_journal(place):
    """JOURNAL_STREAM says which file is the journal. Where its socket is missing, lines bring their level."""
    if pathlib.Path("/run/systemd/journal/socket").exists():
        pytest.skip("a journal runs here, and would get the lines")
    log = place / "journal"
    log.touch()
    stat = log.stat()
    log_a_mistake(place, log, JOURNAL_STREAM=f"{stat.st_dev}:{stat.st_ino}")
    assert log.read_text().startswith("<3>The address has to look like")


def test_stderr_that_is_not_the_journal(place):
    log = place / "journal"
    log_a_mistake(place, log, JOURNAL_STREAM="1:2")
    assert log.read_text().startswith("The address has to look like")


@pytest.mark.parametrize("variables, coloured", [
    ({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colours(place, variables, coloured):
    ours, theirs = pty.openpty()
    try:
        log_a_mistake(place, os.ttyname(theirs), **variables)
        shown = os.read(ours, 4096).decode()
    finally:
        os.close(theirs)
        os.close(ours)
    assert "The address has to look like" in shown
    assert shown.startswith("\033[1;31m") == coloured and ("\033" in shown) == coloured


def test_catalog():
    """Every message with a number is explained in the man page."""
    root = pathlib.Path(__file__).resolve().parents[2]
    numbers = [word.strip('",') for word in (root / "daemon/log-journal.c").read_text().split() if len(word.strip('",')) == 32]
    page = (root / "man/airstore-oauthd.8.scd").read_text()
    assert len(numbers) == len(set(numbers)) >= 8
    assert [number for number in numbers if number not in page] == []


@pytest.fixture
def other(place):
    """Another server."""
    (place / "other").mkdir()
    other = Sandbox(place / "other")
    yield other
    other.stop()


def use(server, files, daemon=None):
    files.configure(f"[airstore]\nbase-url = {server.base_url}\n")
    if daemon:
        daemon.call("Reload")


def test_another_server_is_not_asked_about_old_sessions(make_daemon, sandbox, files, other):
    """It knows nothing of them, and its key is not for the old one: they wait until the server is back."""
    use(sandbox, files)
    daemon = make_daemon(None).start()
    session = daemon.create()
    sandbox.approve(session["authorize_url"])
    use(other, files, daemon)
    with daemon.connect() as client:
        client.send("Poll", {"session_id": session["session_id"], "interval": 100}, more=True)
        while "trouble" not in (waiting := client.result()[0]["session"]):
            pass
        assert sandbox.base_url in waiting["trouble"]
        assert not other.requests()
        use(sandbox, files, daemon)
        while (result := client.result())[1]:
            pass
        assert result[0]["session"]["status"] == "complete"


def test_another_server_is_asked_for_new_sessions(make_daemon, sandbox, files, other):
    """Nobody is handed one that is pending at the old one, or that is still asked for there."""
    def create(integration_type):
        return daemon.call("CreateSession", integration_type=integration_type, open_browser=False)

    use(sandbox, files)
    daemon = make_daemon(None).start()
    old = create("gmail")["session"]
    sandbox.misbehave("latency", ms=20000, method="POST")
    with daemon.connect() as client:
        client.send("CreateSession", {"integration_type": "slack", "open_browser": False})
        eventually(lambda: len(sandbox.requests("POST")) == 2)
        use(other, files, daemon)
        for integration_type in ("gmail", "slack"):
            new = create(integration_type)
            assert not new["existing"]
            assert new["session"]["session_id"] in [one["session_id"] for one in other.sessions()]
    use(sandbox, files, daemon)
    assert create("gmail")["session"]["session_id"] == old["session_id"]
    daemon.kill()  # which would wait for the reply
