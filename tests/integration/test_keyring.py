# SPDX-License-Identifier: MIT
"""The API key in the keyring: login --keyring, and the daemon that asks for it when it is needed.

The keyring is GNOME's, on a private session bus; the daemon starts the helper by itself."""

import contextlib
import pathlib
import secrets
import shutil

import pytest

from programs import API_KEY, BUILD, VarlinkError
from session_bus import Helper

WORD = "keyring\n"


@pytest.fixture
def keyring(session_bus):
    return session_bus.keyring()


@pytest.fixture
def key_file(place):
    return place / "config/airstore-oauthd/api-key"


@pytest.fixture
def daemon(make_daemon, sandbox, session_bus):
    """Without a key."""
    return make_daemon(sandbox.base_url, AIRSTORE_API_KEY=None,
                       DBUS_SESSION_BUS_ADDRESS=session_bus.address).start()


def log_in(cli):
    result = cli("login", "--keyring", stdin=API_KEY + "\n")
    assert result.status == 0, result
    return result


def refusal(daemon):
    with pytest.raises(VarlinkError) as error:
        daemon.create()
    assert error.value.name == "NotConfigured"
    return error.value.parameters["message"]


def status(daemon):
    return daemon.call("GetStatus")


def test_login(daemon, cli, keyring, key_file, place):
    """Stored there, used from there, also by the next daemon; and nowhere else."""
    result = log_in(cli)
    assert "in your keyring" in result.stderr and "its key from: keyring" in result.stderr, result
    assert key_file.read_text() == WORD and key_file.stat().st_mode & 0o777 == 0o600
    assert status(daemon)["api_key_source"] == "keyring" and status(daemon)["problems"] == []
    assert daemon.create()["status"] == "pending"
    daemon.restart()
    assert status(daemon)["api_key_source"] == "keyring" and status(daemon)["problems"] == []
    assert daemon.create("slack")["status"] == "pending"
    for path in place.rglob("*"):
        if path.is_file():
            assert API_KEY.encode() not in path.read_bytes(), path


def test_requests(daemon, cli, keyring, sandbox):
    """Whatever needs the key waits for it, and those that need none do not ask for it."""
    log_in(cli)
    daemon.restart()
    assert daemon.call("ListConnections") == {"connections": []}
    made = daemon.call("CreateConnection", integration_type="gmail", access_token="made-up", workspace_id="ws_default")
    daemon.restart()
    assert len(daemon.call("ListConnections", refresh=True, workspace_id="ws_default")["connections"]) == 1
    daemon.restart()
    daemon.call("DeleteConnection", connection_id=made["connection"]["connection_id"])
    assert sandbox.connections() == []
    assert not [one for one in sandbox.requests() if one["status"] in (401, 403)]


@pytest.mark.parametrize("method, parameters, error", [
    ("CreateConnection", {"integration_type": "gmail", "access_token": "made-up", "workspace_id": "ws_default"}, None),
    ("DeleteConnection", {"connection_id": "no-such-connection", "workspace_id": "ws_default"}, "ApiError"),
])
def test_request_after_a_mistake(daemon, cli, keyring, place, method, parameters, error):
    """Whoever comes first once it is mended waits for the key as well."""
    log_in(cli)
    conf = place / "config/airstore-oauthd/airstore-oauthd.conf"
    conf.write_text("[airstore]\ncolour = red\n")
    daemon.restart()
    conf.write_text("[airstore]\n")
    with pytest.raises(VarlinkError, match=error) if error else contextlib.nullcontext():
        daemon.call(method, **parameters)


def test_pending_session(daemon, cli, keyring, sandbox):
    """A daemon that was started anew asks for the key by itself, since somebody waits for the session."""
    log_in(cli)
    session = daemon.create()
    daemon.stop()
    sandbox.approve(session["authorize_url"])
    daemon.start()
    done = daemon.poll(session)
    assert done["status"] == "complete"
    assert not [one for one in sandbox.requests() if one["status"] in (401, 403)]


def test_overdue_session(daemon, cli, keyring, sandbox):
    """It is asked about, however late, as soon as the key is there: it may have been approved while the computer slept."""
    log_in(cli)
    session = daemon.create()
    daemon.stop()
    sandbox.approve(session["authorize_url"])
    daemon.make_older(session, minutes=20)
    daemon.start()
    assert daemon.poll(session)["status"] == "complete"


def test_overdue_session_without_a_key(daemon, cli, keyring, sandbox):
    """It ends when the keyring has said that there is none."""
    log_in(cli)
    session = daemon.create()
    keyring.lock()
    daemon.stop()
    daemon.make_older(session, minutes=20)
    daemon.start()
    with pytest.raises(VarlinkError) as error:
        daemon.poll(session)
    assert error.value.parameters["failure"] == "unknown"


def test_many_at_once(daemon, cli, keyring):
    """One look into the keyring does for all of them."""
    log_in(cli)
    daemon.restart()
    clients = [daemon.connect() for _ in range(10)]
    for client in clients:
        client.send("CreateSession", {"integration_type": "gmail", "open_browser": False})
    assert len({client.result()[0]["session"]["session_id"] for client in clients}) == 1
    for client in clients:
        client.close()


def test_locked(daemon, cli, keyring):
    """With nobody who could unlock it. Once it is unlocked, it goes on."""
    log_in(cli)
    keyring.lock()
    daemon.restart()
    message = refusal(daemon)
    assert "it is locked" in message and "airstore-oauth login" in message
    assert message in status(daemon)["problems"]
    keyring.close()
    keyring.start()
    assert daemon.create()["status"] == "pending" and status(daemon)["problems"] == []


def test_person_is_asked_to_unlock(daemon, cli, keyring, session_bus):
    """And takes their time: whoever needs the key is told so, and nobody else has to wait."""
    prompter = session_bus.prompter()
    log_in(cli)
    keyring.lock()
    daemon.restart()
    with daemon.connect() as client:
        client.send("CreateSession", {"integration_type": "gmail", "open_browser": False})
        prompter.called("BeginPrompting")
        assert status(daemon)["problems"] == [] and daemon.call("ListSessions") == {"sessions": []}
        reply = client.receive()
    assert reply["error"].endswith("NotConfigured") and "has to be unlocked first" in reply["parameters"]["message"]
    assert prompter.is_left_alone(), "they were asked once"


def test_the_end_meanwhile(daemon, cli, keyring, session_bus):
    """Of the daemon: who waits for the keyring is told, and nothing that is begun then stays behind."""
    prompter = session_bus.prompter()
    log_in(cli)
    keyring.lock()
    daemon.restart()
    with daemon.connect() as doctor, daemon.connect() as login:
        doctor.send("Diagnose")
        prompter.called("BeginPrompting")
        login.send("StoreAPIKey", {"api_key": API_KEY})
        daemon.stop()
        reply = login.receive()
        assert reply["error"].endswith("NotConfigured") and "is about to end" in reply["parameters"]["message"]
        assert doctor.receive() is None


def test_nobody_waits_any_more(place, keyring, session_bus):
    """Then the helper ends, though the person has not answered."""
    prompter = session_bus.prompter()
    keyring.lock()
    helper = Helper(place, DBUS_SESSION_BUS_ADDRESS=session_bus.address)
    helper.send("ai.airstore.Desktop.StoreKey", {"api_key": API_KEY, "base_url": "https://api.airstore.ai/api/v1"})
    prompter.called("BeginPrompting")
    helper.finish()


def test_no_keyring(daemon, cli, key_file, session_bus):
    result = cli("login", "--keyring", stdin=API_KEY)
    assert result.status == 5 and "org.freedesktop.secrets" in result.stderr, result
    assert "Nothing was stored" in result.stderr and not key_file.exists()


def test_no_default_keyring(daemon, cli, key_file, session_bus):
    """As on a computer where nobody has ever logged in with a password."""
    session_bus.keyring(empty=True)
    result = cli("login", "--keyring", stdin=API_KEY)
    assert result.status == 5 and not key_file.exists(), result
    said = " ".join(result.stderr.split())
    assert "The keyring cannot be used: it has no default keyring" in said and "create or unlock one" in said, result
    assert "/org/freedesktop" not in said and "-w" not in said and "Nothing was stored" in said, result


def test_no_library(place, session_bus, keyring):
    """The helper without its part for keyrings, which packages do without where libsecret is missing."""
    program = shutil.copy2(BUILD / "daemon/airstore-oauth-desktop", place)
    helper = Helper(place, program, DBUS_SESSION_BUS_ADDRESS=session_bus.address)
    for method, key in (("StoreKey", {"api_key": API_KEY}), ("LookUpKey", {}), ("ClearKey", {})):
        assert "takes libsecret" in helper.ask(method, base_url="https://api.airstore.ai/api/v1", **key)
    helper.finish()


def test_no_bus(make_daemon, sandbox, cli, key_file):
    make_daemon(sandbox.base_url, AIRSTORE_API_KEY=None).start()
    result = cli("login", "--keyring", stdin=API_KEY)
    assert result.status == 5 and "no session bus" in result.stderr and not key_file.exists(), result


def test_locked_at_login(daemon, cli, keyring, key_file):
    keyring.lock()
    result = cli("login", "--keyring", stdin=API_KEY)
    assert result.status == 5 and "locked" in result.stderr and not key_file.exists(), result


def test_wrong_key(daemon, cli, keyring, key_file):
    result = cli("login", "--keyring", stdin="tok_that_nobody_knows")
    assert result.status == 5 and not key_file.exists(), result


def test_logout(daemon, cli, keyring, key_file):
    log_in(cli)
    result = cli("logout")
    assert result.status == 0 and "in your keyring is removed" in result.stderr, result
    assert not key_file.exists() and "api_key_source" not in status(daemon)
    key_file.write_text(WORD)
    key_file.chmod(0o600)
    daemon.call("Reload")
    assert "there is no API key in the keyring" in refusal(daemon)


def test_logout_while_locked(daemon, cli, keyring, key_file):
    log_in(cli)
    keyring.lock()
    result = cli("logout")
    assert result.status == 5 and "still in the keyring" in result.stderr, result
    assert key_file.read_text() == WORD


def test_to_a_file_and_back(daemon, cli, keyring, key_file, sandbox, place, session_bus):
    """The other place has no key any more."""
    log_in(cli)
    assert cli("login", stdin=API_KEY).status == 0
    assert key_file.read_text() == API_KEY + "\n" and status(daemon)["api_key_source"] == f"file {key_file}"
    helper = Helper(place, DBUS_SESSION_BUS_ADDRESS=session_bus.address)
    helper.send("ai.airstore.Desktop.LookUpKey", {"base_url": sandbox.base_url})
    assert helper.receive() == {"parameters": {}}
    helper.finish()
    log_in(cli)
    assert key_file.read_text() == WORD and daemon.create()


def test_profiles(make_daemon, sandbox, session_bus, cli, keyring, files):
    """Each has a key of its own."""
    files.configure("[profile work]\napi-key-file = ~/config/airstore-oauthd/work\n")
    daemon = make_daemon(sandbox.base_url, AIRSTORE_API_KEY=None,
                         DBUS_SESSION_BUS_ADDRESS=session_bus.address).start()
    result = cli("login", "--keyring", "-p", "work", stdin=API_KEY)
    assert result.status == 0 and (files.directory / "work").read_text() == WORD, result
    assert daemon.create(profile="work")["profile"] == "work"
    files.set_key(WORD.strip())
    daemon.call("Reload")
    assert "there is no API key in the keyring" in refusal(daemon)


def test_other_server(daemon, cli, keyring):
    """A key is for the server that it was stored for."""
    log_in(cli)
    daemon.stop()
    daemon.start(AIRSTORE_BASE_URL="http://127.0.0.1:1/api/v1")
    assert "there is no API key in the keyring" in refusal(daemon)


def test_environment_goes_first(make_daemon, sandbox, session_bus, cli, keyring):
    daemon = make_daemon(sandbox.base_url, DBUS_SESSION_BUS_ADDRESS=session_bus.address).start()
    assert "environment variable AIRSTORE_API_KEY" in log_in(cli).stderr
    assert daemon.create()


@pytest.mark.parametrize("stored", ["two words", "", "x" * 5000])
def test_something_else_in_the_keyring(daemon, cli, keyring, key_file, place, sandbox, session_bus, stored):
    log_in(cli)
    helper = Helper(place, DBUS_SESSION_BUS_ADDRESS=session_bus.address)
    assert helper.ask("StoreKey", api_key=stored, base_url=sandbox.base_url) is None
    daemon.restart()
    assert "something else than an API key" in refusal(daemon)


def test_arguments_and_variables(daemon, keyring, session_bus):
    """Of no process at all, while the person is being asked to unlock the keyring."""
    key = f"tok_{secrets.token_hex(16)}".encode()
    prompter = session_bus.prompter()
    keyring.lock()
    with daemon.connect() as client:
        client.send("StoreAPIKey", {"api_key": key.decode()})
        prompter.called("BeginPrompting")
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            for name in ("cmdline", "environ"):
                with contextlib.suppress(OSError):
                    assert key not in (process / name).read_bytes(), process
    assert key.decode() not in daemon.log
