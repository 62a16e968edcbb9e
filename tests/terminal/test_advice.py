# SPDX-License-Identifier: MIT
"""What people are told to type next leads on, is about what they asked for, and is about the same
workspace and profile; what they type as it is shown is understood."""

import itertools
import re

import pytest

from programs import (
    API_KEY, DENIED, DONE, FAILED, NOTHING_FOUND, NOT_CONFIGURED, NO_DAEMON, TIMED_OUT, USAGE, printed,
    script)


@pytest.fixture
def profile(files):
    """Before the daemon: a profile "work" with a workspace."""
    files.configure(f"[profile work]\nworkspace = ws_19c2\napi-key-file = {files.set_key(API_KEY, 'key')}\n")


# ---- The same workspace and profile ----------------------------------------------------------------

@pytest.mark.parametrize("arguments, status, advice", [
    (["connect", "slack", "-w", "ws_1", "--timeout", "0s"], TIMED_OUT, "connect slack -w ws_1"),
    (["connect", "slack", "-p", "work", "-w", "ws_1", "--timeout", "0s"], TIMED_OUT, "connect slack -p work -w ws_1"),
    (["get", "gmail", "-w", "ws_9"], NOTHING_FOUND, "connect gmail -w ws_9"),
    (["get", "gmail", "-w", "ws_9"], NOTHING_FOUND, "list --refresh -w ws_9"),
    (["get", "gmail", "-p", "work"], NOTHING_FOUND, "list --refresh -p work"),
    (["get", "gmail"], NOTHING_FOUND, "list --refresh -w WORKSPACE"),
    (["connect", "slack", "-w", "", "--timeout", "0s"], TIMED_OUT, 'connect slack -w ""'),
    (["list", "-p", "work"], DONE, "list --refresh -p work"),
    (["list"], DONE, "list --refresh -w WORKSPACE"),
    (["sessions", "-p", "work"], DONE, "connect INTEGRATION -p work"),
])
def test_again(profile, daemon, cli, arguments, status, advice):
    result = cli(*arguments, BROWSER=None)
    assert result.status == status, result
    assert any(line.endswith(f"airstore-oauth {advice}") for line in result.stderr.splitlines()), result


def test_again_after_a_denial(daemon, sandbox, browser, cli):
    connecting = cli.start("connect", "slack", "-w", "ws_1")
    sandbox.deny(browser.opened())
    result = cli.finish(connecting)
    assert result.status == DENIED and "Slack was not connected" in result.stderr, result
    assert result.stderr.endswith("airstore-oauth connect slack -w ws_1\n"), result


# ---- Ways out ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("arguments", [["list", "--refresh"], ["remove", "gmail"], ["add", "posthog", "--api-key-file", "-"]])
def test_which_workspace(daemon, cli, arguments):
    result = cli(*arguments, stdin="phx_made_up")
    assert result.status == NOT_CONFIGURED, result
    assert result.stderr.splitlines()[-2:] == [
        "It is not known which workspace is meant.",
        "Name it with -w WORKSPACE, or for good with 'workspace = ws_…' in airstore-oauthd.conf(5)"]


def test_login_says_when_a_workspace_is_needed(daemon, cli):
    assert "-w WORKSPACE" in cli("login", stdin=daemon.variables["AIRSTORE_API_KEY"]).stderr


def test_nothing_there(daemon, cli):
    """Whoever has just looked is not told to look."""
    result = cli("list", "--refresh", "-w", "ws_9")
    assert result.status == DONE and result.stderr.splitlines() == [
        "Airstore has no connections in ws_9.", "Make one with: airstore-oauth connect INTEGRATION -w ws_9"]


def test_no_key(make_daemon, sandbox, cli):
    """Nothing is announced, and the way out is the key, not the workspace."""
    make_daemon(sandbox.base_url, AIRSTORE_API_KEY=None).start()
    result = cli("connect", "gmail")
    assert result.status == NOT_CONFIGURED and "Connecting" not in result.stderr and "-w" not in result.stderr, result
    assert result.stderr.endswith("airstore-oauth login\n"), result


def test_source_of_a_wrong_key(make_daemon, sandbox, files, cli):
    key = files.set_key("tok_wrong")
    make_daemon(sandbox.base_url, AIRSTORE_API_KEY=None).start()
    result = cli("connect", "gmail")
    assert result.status == NOT_CONFIGURED and f"file {key}" in result.stderr, result
    assert "AIRSTORE_API_KEY" not in result.stderr, result


def test_without_systemd(cli):
    result = cli("list")
    assert result.status == NO_DAEMON and "systemctl" not in result.stderr, result
    assert re.search(r"^Start it with: /\S+/airstore-oauthd &$", result.stderr, re.MULTILINE), result


def test_without_a_session(cli):
    result = cli("list", XDG_RUNTIME_DIR=None, AIRSTORE_OAUTHD_ADDRESS=None)
    assert result.status == NO_DAEMON and "export XDG_RUNTIME_DIR=" in result.stderr, result


def test_daemon_dies(daemon, browser, cli):
    """What it has begun is on the disk."""
    connecting = cli.start("connect", "gmail", "-w", "ws_1")
    browser.opened()
    printed(connecting, "Waiting for the approval")
    daemon.kill()
    result = cli.finish(connecting)
    assert result.status == NO_DAEMON, result
    assert "What was begun is kept" in result.stderr and result.stderr.endswith("connect gmail -w ws_1\n"), result


# ---- What was meant ----------------------------------------------------------------------------------

@pytest.mark.parametrize("arguments, status, advice", [
    (["conect"], USAGE, "Did you mean: airstore-oauth connect"),
    (["help", "conect"], USAGE, "Did you mean: airstore-oauth connect"),
    (["connect", "gmial"], FAILED, "Did you mean gmail?"),
    (["connect", "Gmial"], USAGE, "Did you mean gmail?"),
    (["get", "gmial"], NOTHING_FOUND, "Did you mean gmail?"),
    (["connect", "foo"], FAILED, "See what can be connected with: airstore-oauth integrations"),
    (["connect", "Foo Bar"], USAGE, "airstore-oauth integrations"),
    (["get", "Foo Bar"], USAGE, "airstore-oauth integrations"),
])
def test_misspelt(daemon, cli, arguments, status, advice):
    result = cli(*arguments)
    assert result.status == status and advice in result.stderr, result
    assert "organisation" not in result.stderr, result


@pytest.mark.parametrize("typed, blamed", [
    ("-z", "has no option -z"), ("-zq", "has no option -z"), ("-qz", "has no option -z"), ("-qé", "has no option -qé"),
    ("--fly", "has no option --fly"), ("--json=3", "has no option --json=3"),
    ("-w", "-w needs a value"), ("-qw", "-w needs a value"), ("--workspace", "--workspace needs a value")])
def test_which_option(cli, typed, blamed):
    result = cli("list", typed)
    assert result.status == USAGE and blamed + ".\n" in result.stderr, result


def test_nothing_was_misspelt(daemon, sandbox, cli):
    """Where no integration was named, none is to blame."""
    sandbox.misbehave("status", status=400)
    result = cli("list", "--refresh", "-w", "ws_1")
    assert result.status == FAILED and "airstore-oauth doctor" in result.stderr, result
    assert "airstore-oauth integrations" not in result.stderr, result


def test_names_as_they_are_shown(daemon, sandbox, browser, cli):
    connecting = cli.start("connect", "Google Drive", "-w", "ws_1")
    sandbox.approve(browser.opened())
    connected = cli.finish(connecting)
    assert connected.status == DONE, connected
    for typed in ("Google Drive", "google drive", "GDRIVE", "gdrive"):
        assert cli("get", typed, "-w", "ws_1").stdout == connected.stdout
    removed = cli("remove", "Google Drive")
    assert removed.status == DONE and "Google Drive is not connected any more." in removed.stderr, removed
    assert "the connection to Google Drive of the workspace ws_1" in removed.stderr, removed


def test_removed_by_somebody_else(daemon, sandbox, cli):
    """Who names an ID is told about its integration, which can be connected again."""
    connection_id = daemon.connect_account(sandbox, workspace_id="ws_1")["connection_id"]
    sandbox.misbehave("status", status=404)
    removed = cli("remove", connection_id, AIRSTORE_WORKSPACE_ID="ws_9")
    assert removed.status == NOTHING_FOUND and "Gmail is not connected in ws_1." in removed.stderr, removed
    assert "airstore-oauth connect gmail -w ws_1\n" in removed.stderr, removed


def test_nothing_to_cancel(daemon, cli):
    result = cli("cancel", "slack")
    assert result.status == NOTHING_FOUND and "No authorization of Slack is under way." in result.stderr, result


@pytest.mark.parametrize("variables, arguments, where", [
    ({"AIRSTORE_WORKSPACE_ID": "ws_55"}, [], " in ws_55 (from AIRSTORE_WORKSPACE_ID)"),
    ({"AIRSTORE_WORKSPACE_ID": "ws_55"}, ["-w", "ws_9"], " in ws_9"), ({}, [], "")])
def test_where_it_is_not_connected(daemon, cli, variables, arguments, where):
    assert f"Gmail is not connected{where}.\n" in cli("get", "gmail", *arguments, **variables).stderr


def test_help(cli):
    assert cli("help").stdout == cli("--help").stdout
    assert cli("help", "get").stdout == cli("get", "--help").stdout


# ---- Profiles ------------------------------------------------------------------------------------------

def test_status_of_a_profile(profile, daemon, cli):
    shown = cli("status", "-p", "work").stdout
    assert re.search(r"^Workspace +ws_19c2$", shown, re.MULTILINE) and re.search(r"^API key .*/key$", shown, re.MULTILINE)
    assert cli("status", "-p", "work", "--json").json["default_workspace_id"] == "ws_19c2"
    assert "default_workspace_id" not in cli("status", "--json").json
    refused = cli("status", "-p", "play")
    assert refused.status == NOT_CONFIGURED and "There is no profile 'play'" in refused.stderr, refused
    assert "See those that there are with: airstore-oauth status -p \"\"" in refused.stderr, refused


def test_status_knows_the_environment(daemon, cli):
    shown = cli("status", AIRSTORE_WORKSPACE_ID="ws_55").stdout
    assert re.search(r"^Workspace +ws_55, from AIRSTORE_WORKSPACE_ID here$", shown, re.MULTILINE), shown


def test_sessions_of_a_profile(files, make_daemon, sandbox, cli):
    files.configure("[profile work]\nworkspace = ws_19c2\n")
    daemon = make_daemon(sandbox.base_url).start()
    of_default = daemon.create()["session_id"]
    assert of_default in cli("sessions").stdout
    assert of_default not in cli("sessions", "-p", "work").stdout
    assert cli("sessions", "-p", "work", "--json").json == {"schema": 1, "sessions": []}
    assert [one["session_id"] for one in cli("sessions", "--json").json["sessions"]] == [of_default]


def test_what_a_profile_lacks(files, make_daemon, sandbox, cli):
    """A profile of which little is set is one all the same."""
    files.configure("[profile keyless]\nworkspace = ws_19c2\n"
                    f"[profile work]\napi-key-file = {files.set_key(API_KEY, 'key')}\n")
    make_daemon(sandbox.base_url).start()
    lacks_key = cli("connect", "gmail", "-p", "keyless", "--no-browser")
    assert lacks_key.stderr.endswith("airstore-oauth login -p keyless\n"), lacks_key
    lacks_workspace = cli("list", "--refresh", "-p", "work")
    assert "Name it with -w WORKSPACE" in lacks_workspace.stderr, lacks_workspace


def test_workspace_of_a_profile_is_told(profile, daemon, cli):
    result = cli("connect", "gmail", "-p", "work", "--no-browser", "--timeout", "0s")
    assert result.stderr.startswith("Connecting Gmail to the workspace ws_19c2, with the profile work.\n"), result


def test_configuration_by_sections(profile, daemon, cli):
    sections = [line.split("  ")[0] for line in cli("config").stdout.splitlines()[1:]]
    assert len(set(sections)) == len(list(itertools.groupby(sections))), sections


# ---- doctor --------------------------------------------------------------------------------------------

def test_quiet_doctor(daemon, cli):
    assert cli("doctor", "-q").stdout == ""


@pytest.mark.parametrize("found, result", [("", "warning"), ("firefox.desktop", "ok")])
def test_doctor_looks_for_a_browser(make_daemon, sandbox, place, cli, found, result):
    """xdg-open alone opens nothing."""
    make_daemon(sandbox.base_url, BROWSER=None).start()
    programs = place / "programs"
    programs.mkdir()
    for name, text in {"xdg-open": "", "xdg-settings": f"echo '{found}'"}.items():
        script(programs / name, text)
    done = cli("doctor", "--json", DISPLAY=":0", BROWSER=None, PATH=f"{programs}:{cli.variables['PATH']}")
    assert [one["result"] for one in done.json["checks"] if one["check"] == "browser"] == [result], done


def test_doctor_on_a_key_that_others_can_read(make_daemon, sandbox, files, cli):
    key = files.set_key(API_KEY, mode=0o644)
    make_daemon(sandbox.base_url, AIRSTORE_API_KEY=None).start()
    done = cli("doctor", "--json")
    assert f"chmod 600 {key}; then: airstore-oauth config --reload" in [one.get("advice") for one in done.json["checks"]]


def test_doctor_without_systemd(cli):
    done = cli("doctor", "--json", AIRSTORE_OAUTHD_ADDRESS=None)
    (advice,) = [one["advice"] for one in done.json["checks"] if one["check"] == "socket"]
    assert advice.endswith("/airstore-oauthd &"), done
