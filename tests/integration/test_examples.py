# SPDX-License-Identifier: MIT
"""The examples of the library and of the README do what is said of them."""

import re
import subprocess
import sys

import pytest

from programs import BUILD, ROOT, TIMEOUT, environment

README = (ROOT / "README.md").read_text()


@pytest.fixture
def connection_id(daemon, sandbox):
    session = daemon.call("CreateSession", integration_type="gmail", open_browser=False)["session"]
    sandbox.approve(session["authorize_url"])
    return daemon.call("Poll", session_id=session["session_id"])["session"]["connection_id"]


def run(daemon, *command, **variables):
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT,
        env=environment(AIRSTORE_OAUTHD_ADDRESS=f"unix:{daemon.socket}", **variables))
    assert done.returncode == 0, done.stderr
    return done.stdout


def examples(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def in_the_usual_place(daemon):
    """Where programs look that have no address: under XDG_RUNTIME_DIR."""
    place = daemon.directory / "airstore-oauthd"
    place.mkdir()
    (place / "ai.airstore.OAuth").symlink_to(daemon.socket)
    return daemon.directory


def test_get_connection(daemon, connection_id):
    assert run(daemon, BUILD / "lib/oauthd/get-connection") == connection_id + "\n"


def test_watch(daemon, connection_id):
    """What is known first, then what happens; it goes on when the daemon is another one."""
    with subprocess.Popen(
            [BUILD / "lib/oauthd/watch"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            env=environment(AIRSTORE_OAUTHD_ADDRESS=f"unix:{daemon.socket}")) as watch:
        try:
            lines = iter(watch.stdout)
            assert next(lines) == f"connection {connection_id} to gmail\n"
            assert next(lines).startswith("session ")
            assert next(lines) == "changes follow\n"
            session = daemon.call("CreateSession", integration_type="slack", open_browser=False)["session"]
            assert next(lines) == f"session {session['session_id']} of slack\n"
        finally:
            watch.kill()


def test_c_of_the_readme_is_the_example():
    (text,) = examples("c")
    example = (ROOT / "lib/examples/get-connection.c").read_text()
    body = text.split("#include <airstore-oauthd.h>")[1].strip()
    assert body in example


def test_python_of_the_readme(daemon, connection_id):
    (text,) = examples("python")
    output = run(daemon, sys.executable, "-c", text, XDG_RUNTIME_DIR=in_the_usual_place(daemon))
    assert output == connection_id + "\n"


def test_shell_of_the_readme(daemon, connection_id):
    (text,) = examples("sh")
    output = run(
        daemon, "bash", "-c", text + '\nprintf "%s\\n" "$id"',
        XDG_RUNTIME_DIR=in_the_usual_place(daemon), PATH=f"{BUILD / 'cli'}:/usr/bin:/bin")
    assert output.count(connection_id) == 2
