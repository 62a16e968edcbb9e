# SPDX-License-Identifier: MIT
"""login and logout: the key from the person to the file, tried on the way, and taken by the daemon at once."""

import stat

import pytest

from programs import API_KEY, TIMEOUT
from window import Terminal


@pytest.fixture
def daemon(make_daemon, sandbox):
    """Without a key."""
    return make_daemon(sandbox.base_url, AIRSTORE_API_KEY=None).start()


@pytest.fixture
def key_file(place):
    return place / "config/airstore-oauthd/api-key"


def log_in_at_terminal(cli, place, typed):
    """Types the answer once it is asked for; returns the exit status and all that the terminal showed."""
    with Terminal([*cli.program, "login"], {**cli.variables, "TERM": "xterm"}, place) as terminal:
        shown = terminal.type("", "(it is not shown): ")
        shown += terminal.type(f"{typed}\n", "\n") + terminal.rest()
        return terminal.process.wait(TIMEOUT), shown


def source(daemon):
    return daemon.call("GetStatus").get("api_key_source")


def test_stdin(daemon, cli, key_file, browser):
    assert "login" in " ".join(daemon.call("GetStatus")["problems"])
    result = cli("login", stdin=API_KEY + "\n")
    assert result.status == 0, result
    assert str(key_file) in result.stderr and f"file {key_file}" in result.stderr
    assert key_file.read_text() == API_KEY + "\n"
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    assert list(key_file.parent.iterdir()) == [key_file], "nothing else is left behind"
    assert source(daemon) == f"file {key_file}"
    assert daemon.call("CreateSession", integration_type="gmail")["session"]["status"] == "pending"


def test_terminal(daemon, cli, place, key_file):
    status, shown = log_in_at_terminal(cli, place, API_KEY)
    assert status == 0, shown
    assert "API key (it is not shown): " in shown and str(key_file) in shown
    assert API_KEY not in shown
    assert key_file.read_text() == API_KEY + "\n"
    assert source(daemon) == f"file {key_file}"


def test_nothing_typed(daemon, cli, place, key_file):
    status, shown = log_in_at_terminal(cli, place, "")
    assert status == 1 and "is empty" in shown
    assert not key_file.exists() and source(daemon) is None


def test_too_long_to_be_typed(daemon, cli, place, key_file):
    """Terminals cut it without a word; what is left of it is not tried."""
    status, shown = log_in_at_terminal(cli, place, "x" * 5000)
    assert status == 1 and "too long to be typed" in shown and "airstore-oauth login < FILE" in shown, shown
    assert not key_file.exists()


def test_json(daemon, cli, key_file):
    result = cli("login", "--json", stdin=API_KEY)
    assert result.status == 0, result
    assert result.json["api_key_source"] == f"file {key_file}"


@pytest.mark.parametrize("key, status, reason", [
    ("tok_that_nobody_knows", 5, "does not accept this API key"),
    ("two words", 1, "not an API key"),
    ("", 1, "empty"),
    ("x" * 5000, 1, "not an API key"),
    ("tok_a\ntok_b\n", 1, "several lines"),
])
def test_wrong_key(daemon, cli, key_file, key, status, reason):
    result = cli("login", stdin=key)
    assert result.status == status and reason in result.stderr, result
    assert not key or key not in result.stderr
    assert not key_file.exists() and source(daemon) is None


def test_refused_key_in_json(daemon, cli, sandbox):
    """As of every other error: what programs and Airstore's support go by."""
    error = cli("login", "--json", stdin="tok_that_nobody_knows").json["error"]
    assert error["name"] == "ai.airstore.OAuth.ApiError" and error["status"] == 401
    assert error["message"].endswith(".") and not error["message"].endswith("..")
    assert any(error["request_id"] in advice for advice in error["advice"])
    assert cli("login", "--json", stdin="two words").json["error"]["parameter"] == "api_key"


def test_wrong_key_leaves_the_old_one(daemon, cli, key_file):
    assert cli("login", stdin=API_KEY).status == 0
    assert cli("login", stdin="tok_that_nobody_knows").status == 5
    assert key_file.read_text() == API_KEY + "\n"


def test_unreachable(daemon, cli, key_file, sandbox):
    sandbox.misbehave("reset", count=0)
    result = cli("login", stdin=API_KEY)
    assert result.status == 7 and "Nothing was stored" in result.stderr, result
    assert not key_file.exists()


def test_no_daemon(cli, key_file):
    assert cli("login", stdin=API_KEY).status == 6
    assert not key_file.exists()


def test_directory_cannot_be_made(daemon, cli, place):
    (place / "config").write_text("in the way")
    result = cli("login", stdin=API_KEY)
    assert result.status == 1 and "cannot be stored" in result.stderr, result
    result = cli("login", "--quiet", "--json", stdin=API_KEY)
    assert result.status == 1 and "cannot be stored" in result.stderr, result
    assert "cannot be stored" in result.json["error"]["message"]


def test_logout(daemon, cli, key_file):
    assert cli("login", stdin=API_KEY).status == 0
    result = cli("logout")
    assert result.status == 0 and "no key any more" in result.stderr, result
    assert not key_file.exists() and source(daemon) is None
    result = cli("logout")
    assert result.status == 0 and "There is no API key in" in result.stderr, result


def test_logout_with_another_source(make_daemon, sandbox, cli, key_file):
    daemon = make_daemon(sandbox.base_url).start()
    result = cli("login", stdin=API_KEY)
    assert result.status == 0 and "environment variable AIRSTORE_API_KEY" in result.stderr, result
    result = cli("logout")
    assert "still has a key, from: environment variable AIRSTORE_API_KEY" in result.stderr, result
    assert not key_file.exists() and source(daemon) == "environment variable AIRSTORE_API_KEY"


def test_check_api_key(daemon, sandbox):
    """Only tries it: nothing is kept, and nothing begun at Airstore."""
    assert daemon.call("CheckAPIKey", api_key=API_KEY) == {}
    assert [(one["method"], one["status"]) for one in sandbox.requests()] == [("GET", 404)]
    assert source(daemon) is None and sandbox.sessions() == []
