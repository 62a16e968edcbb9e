# SPDX-License-Identifier: MIT
"""What the Tab key offers, in real shells; and that asking for it costs and changes nothing."""

import re
import socket
import time

import pytest

from programs import TIMEOUT
from shells import TAB, Shell


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(request, place):
    return Shell(request.param, place, AIRSTORE_OAUTHD_ADDRESS=f"unix:{place}/socket")


@pytest.fixture
def world(daemon, sandbox):
    """A connection to Gmail and an authorization of Slack that is under way."""
    connection = daemon.connect_account(sandbox, workspace_id="ws_default")["connection_id"]
    pending = daemon.create("slack")["session_id"]
    return connection, pending


@pytest.fixture
def make_daemon(make_daemon, files):
    files.configure("[profile work]\nworkspace = ws_19c2\n")
    return make_daemon


def test_every_shell(shell, world, place):
    connection, session = world
    (place / "key.txt").touch()
    for line, expected in {
            "co": ["connect", "config"],
            "connect g": ["gmail", "gdrive", "github"],
            "connect posth": [],
            "connect --no": ["--no-browser"],
            "connect gmail --no": ["--no-browser"],
            "add post": ["posthog"],
            "add gma": [],
            "get ": ["gmail"],
            "get -w ws_default ": ["gmail"],
            "get -w ws_other ": [],
            "get -p work ": [],
            "list -w ws_": ["ws_default", "ws_19c2"],
            "list --workspace=ws_d": ["--workspace=ws_default"],
            "list -p ": ["work"],
            "list -p gone -p ": ["work"],
            "remove ": ["gmail", connection],
            "cancel ": ["slack", session],
            "add posthog --api-key-file ke": ["key.txt"],
            "add posthog --api-key-file=ke": ["--api-key-file=key.txt"],
            "status --js": ["--json"],
            "connect -- --no": [],
            "nonsense ": [],
    }.items():
        completed = shell.completions(f"airstore-oauth {line}")
        # A shell with nothing to offer leaves the line as it is.
        unchanged = [line.rpartition(" ")[2]] if shell.name != "fish" and line[-1] != " " else []
        assert sorted(completed) == sorted(expected or unchanged), (shell.name, line)


def test_names_before_ids(shell, world):
    assert shell.completions("airstore-oauth remove ") == ["gmail", world[0]]


@pytest.mark.parametrize("name", ["bash", "zsh"])
def test_one_tab(name, world, place):
    shell = Shell(name, place, AIRSTORE_OAUTHD_ADDRESS=f"unix:{place}/socket")
    assert shell.typed("airstore-oauth conn") == "airstore-oauth connect "
    assert shell.typed("airstore-oauth connect gm") == "airstore-oauth connect gmail "
    assert shell.typed("airstore-oauth list --workspace=ws_d").strip() == "airstore-oauth list --workspace=ws_default"


def test_descriptions(world, place):
    connection, _ = world
    fish = Shell("fish", place, AIRSTORE_OAUTHD_ADDRESS=f"unix:{place}/socket")
    assert ("gmail", "Gmail") in fish.fish("airstore-oauth connect ")
    assert dict(fish.fish("airstore-oauth remove "))[connection] == "gmail of ws_default"
    zsh = Shell("zsh", place, AIRSTORE_OAUTHD_ADDRESS=f"unix:{place}/socket")
    assert re.search(r"gmail +-- Gmail", zsh.screen(f"airstore-oauth connect g{TAB}{TAB}", "-- Gmail"))


def test_without_a_daemon(shell):
    """Silent; what the program knows by itself is offered all the same."""
    assert [word for word in shell.completions("airstore-oauth connect ") if word] == []
    assert shell.completions("airstore-oauth connect --no") == ["--no-browser"]


def complete(cli, *words):
    result = cli("complete", "--", *words)
    assert (result.status, result.stderr) == (0, ""), result
    return [line.split("\t")[0] for line in result.stdout.splitlines()]


def test_every_verb_and_option(cli):
    """The same tables: what the help names, and nothing else."""
    verbs = cli.verbs()
    assert len(verbs) >= 13 and complete(cli, "") == verbs
    for verb in verbs:
        options = cli.options(verb)
        assert "--help" in options and complete(cli, verb, "-") == options
    assert complete(cli, "-") == ["--help", "--version"]


def test_costs_nothing(cli, world, sandbox, browser):
    """No request to Airstore, no browser, whatever is completed."""
    known = len(sandbox.sessions())
    before = [one for one in sandbox.requests() if one["method"] != "GET" or "sessions/" not in one["path"]]
    for verb in complete(cli, ""):
        for words in ([""], ["-"], ["-w", ""], ["-p", ""], ["gmail", ""]):
            complete(cli, verb, *words)
    # The session that is under way is asked about, by the daemon, all the time.
    after = [one for one in sandbox.requests() if one["method"] != "GET" or "sessions/" not in one["path"]]
    assert after == before and len(sandbox.sessions()) == known and browser.is_untouched()


def test_does_not_wait(cli, place):
    """Half a second, for a daemon that says nothing."""
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(place / "socket"))
        silent.listen()
        begin = time.monotonic()
        assert complete(cli, "connect", "") == []
        assert 0.4 < time.monotonic() - begin < TIMEOUT / 3


def test_offers_nothing_that_a_shell_would_run(cli, make_daemon, sandbox, place):
    conf = place / "config/airstore-oauthd/airstore-oauthd.conf"
    conf.write_text("[airstore]\nworkspace = ws_$(touch${IFS}x)\n[profile fine]\nworkspace = ws_fine\n")
    make_daemon(sandbox.base_url).start()
    assert complete(cli, "list", "-w", "") == ["ws_fine"]
