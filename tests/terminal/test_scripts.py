# SPDX-License-Identifier: MIT
"""The same without a terminal, and over SSH: what scripts and programs get to see."""

import itertools
import json
import os
import re
import signal
import subprocess

import jsonschema
import pytest

from programs import (
    API_KEY, DONE, FAILED, NOTHING_FOUND, NOT_CONFIGURED, NO_DAEMON, ROOT, TIMED_OUT, TIMEOUT, USAGE,
    eventually, said_by, script)

SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22", "BROWSER": None}
SCHEMA = json.loads((ROOT / "cli/airstore-oauth.schema.json").read_text())


class Told:
    """What connect says, read as it comes."""

    def __init__(self, cli, process):
        self._cli, self._process, self.before = cli, process, ""

    def url(self):
        """The next line that is one."""
        for line in said_by(self._process):
            if line.startswith("http"):
                return line.strip()
            self.before += line
        raise AssertionError(f"no URL: {self.before}")

    def finish(self):
        """The result, and everything that was said but for the URL."""
        result = self._cli.finish(self._process)
        return result, self.before + result.stderr


# ---- Without a terminal --------------------------------------------------------------------------

def test_pipes(cli, daemon, sandbox, browser):
    """Steps as lines on stderr, nothing but the ID on stdout, and nothing that moves or is coloured."""
    connecting = cli.start("connect", "gmail", TERM="xterm-256color")
    sandbox.approve(browser.opened())
    result = cli.finish(connecting)
    (connection,) = sandbox.connections()
    assert result.stdout == connection["external_id"] + "\n"
    assert result.stderr.splitlines() == [
        "Connecting Gmail.",
        "Approve the access to Gmail in the browser, which is being opened.",
        "Waiting for the approval. Ctrl-C cancels.",
        "Gmail is connected."]


def test_closed_files(cli, daemon):
    """What was closed stays so: no socket takes its place, to be written to."""
    connecting = subprocess.Popen(
        ["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *cli.program, "connect", "gmail", "--no-browser"], env=cli.variables)
    eventually(lambda: daemon.call("ListSessions")["sessions"])
    assert [os.readlink(f"/proc/{connecting.pid}/fd/{number}") for number in (1, 2)] == ["/dev/null", "/dev/null"]
    connecting.send_signal(signal.SIGINT)
    assert connecting.wait(TIMEOUT) == FAILED


def test_which_needs_a_terminal(cli, daemon):
    result = cli("connect")
    assert result.status == USAGE and "airstore-oauth integrations" in result.stderr, result


def test_several_workspaces(cli, make_daemon, make_sandbox):
    """The key of an organisation, and no workspace: what is missing is said."""
    sandbox = make_sandbox("--api-key", "org_" + API_KEY)
    make_daemon(sandbox.base_url, AIRSTORE_API_KEY="org_" + API_KEY).start()
    result = cli("connect", "gmail")
    assert result.status == FAILED and "workspace_id required" in result.stderr, result
    assert "-w WORKSPACE" in result.stderr, result


# ---- Where the browser is ------------------------------------------------------------------------

@pytest.mark.parametrize("variables, where", [
    ({"DISPLAY": ":0"}, "daemon"),
    ({"WAYLAND_DISPLAY": "wayland-0"}, "daemon"),
    ({"BROWSER": "firefox"}, "daemon"),
    ({"WSL_DISTRO_NAME": "Debian"}, "daemon"),
    ({}, "nowhere"),
    ({"SSH_CONNECTION": "1 2 3 4"}, "nowhere"),
    ({"SSH_TTY": "/dev/pts/1", "DISPLAY": "localhost:10.0"}, "nowhere"),
    ({"SSH_CONNECTION": "1 2 3 4", "BROWSER": "own"}, "here"),
])
def test_where_the_browser_is(cli, daemon, sandbox, browser, place, variables, where):
    """The daemon opens it on the desktop, this command with the BROWSER that a remote editor has set, or
    nobody does, and the address is for any device. Only the first comes back to this computer."""
    if variables.get("BROWSER") == "own":
        variables = {**variables, "BROWSER": script(place / "own", f'exec {browser.command} "$@"')}
    connecting = cli.start("connect", "gmail", **{"BROWSER": None, **variables})
    told = Told(cli, connecting)
    url = told.url() if where == "nowhere" else browser.opened()
    (session,) = sandbox.sessions()
    assert ("return_to" in session) == (where == "daemon")
    sandbox.approve(url)
    result, said = told.finish()
    assert result.status == DONE, result
    assert ("on any device" in said) == (where == "nowhere")
    assert browser.is_untouched()


def test_browser_of_this_terminal(cli, make_daemon, sandbox, browser):
    """The daemon finds no browser, for its environment is that of the login; BROWSER here leads to one. The
    first command in it does not work, and the second gets the URL where it wants it."""
    make_daemon(sandbox.base_url, BROWSER="/bin/false").start()
    connecting = cli.start("connect", "gmail", BROWSER=f"/does/not/exist:false --url %s:{browser.command} %s --new")
    sandbox.approve(browser.opened())
    result = cli.finish(connecting)
    assert result.status == DONE and "which is being opened" in result.stderr, result


def test_browser_that_fails_late(cli, daemon, sandbox):
    """Then the address is printed after all."""
    connecting = cli.start("connect", "gmail", **{**SSH, "BROWSER": "/bin/false"})
    told = Told(cli, connecting)
    sandbox.approve(told.url())
    result, said = told.finish()
    assert result.status == DONE, result
    assert "No browser could be opened: /bin/false failed (exit status 1).\nTo connect Gmail, open this page in a browser on any device:\n" in said


def test_authorize_url_is_not_a_shell_command(cli, make_daemon, fake_airstore, browser):
    url = "https://airstore.example/$(touch$IFSowned);touch'owned'&owned"
    airstore = fake_airstore({
        ("POST", "/oauth/sessions"): [(201, {"data": {"session_id": "s1", "authorize_url": url}})],
        ("GET", "/oauth/sessions/s1"): [(200, {"data": {"status": "pending"}})],
    })
    make_daemon(airstore.base_url).start()
    connecting = cli.start("connect", "brand-new", **{**SSH, "BROWSER": browser.command})
    assert browser.opened() == url
    connecting.terminate()
    cli.finish(connecting)


# ---- Refused while it is waited ------------------------------------------------------------------

def test_key_refused_while_waiting(cli, daemon, sandbox, browser):
    connecting = cli.start("connect", "gmail", "--json")
    browser.opened()
    sandbox.misbehave("status", status=401, path="/oauth/sessions/")
    result = cli.finish(connecting)
    assert result.status == NOT_CONFIGURED and "airstore-oauth login" in result.stderr, result
    assert result.json["error"]["failure"] == "unauthorized"
    sandbox.behave()
    assert "unauthorized" in cli("sessions").stdout
    daemon.restart()
    assert cli("sessions", "--json").json["sessions"][0]["failure"] == "unauthorized"


# ---- --quiet -------------------------------------------------------------------------------------

def test_quiet(cli, daemon, sandbox, browser):
    connecting = cli.start("connect", "gmail", "--quiet")
    sandbox.approve(browser.opened())
    result = cli.finish(connecting)
    (connection,) = sandbox.connections()
    assert (result.stdout, result.stderr) == (connection["external_id"] + "\n", ""), result
    for arguments in (["get", "gmail"], ["list"], ["sessions"], ["integrations"], ["status"], ["config"]):
        result = cli(*arguments, "-q")
        assert result.status == DONE and result.stdout and not result.stderr, (arguments, result)


def test_quiet_leaves_the_address(cli, daemon, sandbox):
    """Without it, nobody could go on."""
    connecting = cli.start("connect", "gmail", "-q", **SSH)
    told = Told(cli, connecting)
    sandbox.approve(told.url())
    result, said = told.finish()
    assert result.status == DONE and said == "", result


def test_quiet_tells_errors(cli, daemon):
    result = cli("get", "gmail", "-q")
    assert result.status == NOTHING_FOUND and "airstore-oauth connect gmail" in result.stderr, result


# ---- --json --------------------------------------------------------------------------------------

def strict(schema):
    """The same schema, with no room for members that it does not name."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: strict(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict):
        closed["additionalProperties"] = False
    return closed


def check(verb, document):
    schema = strict({"$defs": SCHEMA["$defs"], "$ref": f"#/$defs/{verb}"})
    jsonschema.Draft202012Validator(schema).validate(document)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    return document


def test_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def watched(cli, count):
    """The first lines of a watch."""
    watching = cli.start("watch", "--json")
    lines = [json.loads(line) for line in itertools.islice(said_by(watching, watching.stdout), count)]
    watching.kill()
    watching.communicate()
    return lines


def test_json_of_every_verb(cli, make_daemon, sandbox, browser):
    """Each against its place in the schema, strictly: what is printed is described, and what has to be is
    printed."""
    daemon = make_daemon(sandbox.base_url).start()
    seen = {}

    def ask(verb, *arguments, stdin=""):
        result = cli(verb, *arguments, "--json", stdin=stdin)
        assert result.status == DONE and result.stdout.count("\n") == 1, result
        seen[verb] = check(verb, result.json)
        return result.json

    connecting = cli.start("connect", "gmail", "--json", "-w", "ws_default")
    sandbox.approve(browser.opened())
    seen["connect"] = check("connect", cli.finish(connecting).json)
    denied = cli.start("connect", "slack", "--json")
    sandbox.deny(browser.opened())
    check("error", cli.finish(denied).json)
    daemon.create("notion")

    ask("get", "gmail", "-w", "ws_default")
    ask("list")
    ask("list", "--refresh", "-w", "ws_default")
    assert {one["status"] for one in ask("sessions")["sessions"]} == {"pending", "complete", "error"}
    ask("integrations")
    ask("status")
    ask("config")
    ask("doctor")
    ask("add", "posthog", "--api-key-file", "-", "-w", "ws_default", stdin="phx_made_up")
    lines = watched(cli, 6)
    assert {"schema": 1} in lines
    for line in lines:
        seen["watch"] = check("watch", line)
    ask("cancel", "notion")
    ask("remove", "posthog", "-w", "ws_default")
    ask("login", stdin=API_KEY)
    ask("logout")
    assert all(document["schema"] == 1 for document in seen.values())
    assert set(seen) == set(cli.verbs()), "a verb without a test of its JSON"


@pytest.mark.parametrize("arguments, status, name", [
    (["get", "gmail"], NOTHING_FOUND, "NoSuchConnection"),
    (["cancel", "x"], NOTHING_FOUND, "NoSuchSession"),
    (["connect", "posthog"], USAGE, "InvalidIntegration"),
    (["connect", "gmail", "--timeout", "0s"], TIMED_OUT, "TimedOut"),
    (["connect", "gmail", "-p", "nobody"], NOT_CONFIGURED, "NotConfigured"),
    (["fly"], USAGE, None), (["connect"], USAGE, None), (["get"], USAGE, None), (["list", "x"], USAGE, None),
    (["connect", "gmail", "--fly"], USAGE, None), (["connect", "gmail", "--timeout", "soon"], USAGE, None),
    (["add", "posthog"], USAGE, None), (["add", "posthog", "--api-key-file", "/does/not/exist"], FAILED, None),
    ([], USAGE, None),
])
def test_json_of_errors(cli, daemon, browser, arguments, status, name):
    """One document, with the exit status, what people are told, and what to do next."""
    result = cli(*arguments, "--json")
    error = check("error", result.json)["error"]
    assert result.status == status == error["exit_status"], result
    assert error.get("name") == (f"ai.airstore.OAuth.{name}" if name else None)
    assert " ".join(error["message"].split()) in " ".join(result.stderr.split()), result
    if "cannot be read" not in error["message"]:
        assert any("airstore-oauth" in line for line in error["advice"]), result


def test_absent_daemon(cli):
    """Nothing is announced that cannot be done."""
    result = cli("connect", "gmail")
    assert result.status == NO_DAEMON and "Connecting" not in result.stderr, result


def test_json_of_an_absent_daemon(cli):
    result = cli("list", "--json")
    assert result.status == NO_DAEMON and check("error", result.json)["error"]["exit_status"] == NO_DAEMON


def test_times_are_exact_in_json_and_relative_for_people(cli, daemon, sandbox):
    session = daemon.connect_account(sandbox)
    assert re.search(r"just now|\d+ seconds? ago", cli("sessions").stdout)
    assert cli("sessions", "--json").json["sessions"][0]["created_at"] == session["created_at"]
