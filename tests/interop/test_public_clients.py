# SPDX-License-Identifier: MIT
"""The public Varlink package for Python against the daemon: its command line, its client class, its
parser of interface descriptions."""

import json
import subprocess
import sys

import pytest
import varlink

from programs import INTERFACE, ROOT, TIMEOUT, environment


def varlink_command(verb, *arguments):
    return [sys.executable, "-u", "-m", "varlink.cli", verb, *arguments]


@pytest.fixture
def command(daemon):
    """Runs `varlink VERB [--more] unix:SOCKET[/NAME] [PARAMETERS]`."""
    def run(verb, name="", parameters=None, options=()):
        arguments = [] if parameters is None else [json.dumps(parameters)]
        done = subprocess.run(
            varlink_command(verb, *options, f"unix:{daemon.socket}{name}", *arguments),
            env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT)
        assert done.returncode == 0, done.stderr
        return done

    return run


class Objects:
    """The JSON objects that a running command prints, one after the other."""

    def __init__(self, arguments):
        self.process = subprocess.Popen(
            arguments, env=environment(), text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(TIMEOUT)
        self.process.stdout.close()

    def __iter__(self):
        text = ""
        for line in self.process.stdout:
            text += line
            if line == "}\n":
                yield json.loads(text)
                text = ""


def test_info(command):
    printed = command("info").stdout
    assert "airstore-oauthd" in printed and INTERFACE in printed and "org.varlink.service" in printed


def test_help(command):
    assert command("help", f"/{INTERFACE}").stdout == (ROOT / f"daemon/{INTERFACE}.varlink").read_text() + "\n"
    assert "method GetInfo()" in command("help", "/org.varlink.service").stdout


def test_call(command, daemon, sandbox):
    daemon.connect_account(sandbox)
    (connection,) = json.loads(command("call", f"/{INTERFACE}.ListConnections").stdout)["connections"]
    (same,) = json.loads(command("call", f"/{INTERFACE}.ListConnections", {}).stdout)["connections"]
    assert connection == same and connection["integration_type"] == "gmail"


def test_call_fails(command):
    done = command("call", f"/{INTERFACE}.GetConnection", {"integration_type": "gmail"})
    assert done.stdout == "" and f"{INTERFACE}.NoSuchConnection" in done.stderr


def test_poll_with_more(daemon, sandbox):
    session = daemon.create()
    arguments = varlink_command(
        "call", "--more", f"unix:{daemon.socket}/{INTERFACE}.Poll", json.dumps({"session_id": session["session_id"]}))
    with Objects(arguments) as replies:
        changes = iter(replies)
        assert next(changes)["session"]["status"] == "pending"
        sandbox.approve(session["authorize_url"])
        assert list(changes)[-1]["session"]["status"] == "complete"
        assert replies.process.wait(TIMEOUT) == 0


def test_watch(daemon, sandbox):
    session = daemon.create()
    with Objects(varlink_command("call", "--more", f"unix:{daemon.socket}/{INTERFACE}.Watch")) as replies:
        news = iter(replies)
        assert next(news) == {"session": session}
        sandbox.approve(session["authorize_url"])
        ids = {"session": None, "connection": None}
        while not all(ids.values()):
            ((kind, thing),) = next(news).items()
            ids[kind] = thing.get("connection_id")
        assert set(ids.values()) == {sandbox.connections()[0]["external_id"]}


def test_client_class(daemon, sandbox):
    with varlink.Client.new_with_address(f"unix:{daemon.socket}") as client, client.open(INTERFACE) as oauth:
        session = oauth.CreateSession("gmail", None, None, False)["session"]
        changes = oauth.Poll(session["session_id"], _more=True)
        assert next(changes)["session"]["status"] == "pending"
        sandbox.approve(session["authorize_url"])
        connection_id = list(changes)[-1]["session"]["connection_id"]
        assert oauth.GetConnection("gmail")["connection"]["connection_id"] == connection_id
        with pytest.raises(varlink.VarlinkError) as error:
            oauth.GetConnection("github")
        assert error.value.error() == f"{INTERFACE}.NoSuchConnection"


def test_program(daemon, sandbox):
    """Ten lines of Python that print the ID."""
    connection_id = daemon.connect_account(sandbox)["connection_id"]
    done = subprocess.run(
        [sys.executable, ROOT / "tests/interop/clients/gmail.py"], stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=TIMEOUT, env=environment(AIRSTORE_OAUTHD_ADDRESS=f"unix:{daemon.socket}"))
    assert (done.returncode, done.stdout) == (0, connection_id + "\n"), done.stderr


@pytest.mark.parametrize("name", [INTERFACE, "org.varlink.service"])
def test_description_can_be_parsed(daemon, name):
    text = daemon.call("org.varlink.service.GetInterfaceDescription", interface=name)["description"]
    interface = varlink.Interface(text)
    assert interface.name == name and interface.doc.strip()
    assert interface.get_description() == text


def test_description_has_comments(daemon):
    text = daemon.call("org.varlink.service.GetInterfaceDescription", interface=INTERFACE)["description"]
    members = varlink.Interface(text).members
    assert "Wait until the session is complete" in members["Poll"].doc
    assert "Whoever opens it acts for the person" in members["Session"].doc
