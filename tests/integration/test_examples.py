# SPDX-License-Identifier: MIT
"""The examples of the library, of the README and of the manual pages do what is said of them.

Each example is run as it stands there, in a world where Airstore approves everything and Gmail is connected
already, unless the example connects it. What an example shows has to come out of it."""

import json
import os
import re
import subprocess
import sys

import pytest

from examples import ELSEWHERE, elsewhere, examples, read, shown_as
from programs import API_KEY, BUILD, ROOT, TIMEOUT, WALK_CONSENT, Files, environment, said_by, script
from window import Terminal

SANITIZERS = ["-fsanitize=address,undefined"] if BUILD.name == "sanitize" else []


@pytest.fixture
def connection_id(daemon, sandbox):
    return daemon.connect_account(sandbox)["connection_id"]


def run_example(daemon, *command, status=0, **variables):
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT,
        env=environment(AIRSTORE_OAUTHD_ADDRESS=f"unix:{daemon.socket}", **variables))
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


def test_get_connection(daemon, connection_id):
    assert run_example(daemon, BUILD / "lib/oauthd/get-connection") == connection_id + "\n"


def test_not_connected(daemon, place):
    """Examples are copied: what they do not expect has to be told as well as the rest."""
    assert run_example(daemon, BUILD / "lib/oauthd/get-connection", status=1) == (
        "No Gmail connection: There is no such connection or session.\n")
    (place / "airstore-oauthd").mkdir(exist_ok=True)
    (place / "airstore-oauthd/ai.airstore.OAuth").symlink_to(daemon.socket)
    (python,) = (example for example in read(ROOT / "README.md") if example.language == "python")
    assert run_example(daemon, sys.executable, "-c", python.text, status=1, XDG_RUNTIME_DIR=place) == (
        "No Gmail connection: ai.airstore.OAuth.NoSuchConnection\n")


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
            session = daemon.create("slack")
            assert next(lines) == f"session {session['session_id']} of slack\n"
        finally:
            watch.kill()


class World:
    """A person with a terminal, and what is installed on their computer."""

    def __init__(self, place, make_daemon, sandbox):
        self.place, self.sandbox = place, sandbox
        self._make_programs()
        self.files = Files(place)
        (place / ".config").symlink_to("config")
        self.files.configure("[profile work]\napi-key-file = ~/.config/airstore-oauthd/api-key.work\n")
        for name in ("api-key", "api-key.work"):
            self.files.set_key(API_KEY, name)
        # Where programs look that have no address.
        (place / "airstore-oauthd").mkdir()
        (place / "airstore-oauthd/ai.airstore.OAuth").symlink_to(place / "socket")
        self.variables = environment(
            HOME=place, XDG_RUNTIME_DIR=place, BROWSER="there is one",
            PATH=f"{place / 'bin'}:{BUILD / 'cli'}:/usr/local/bin:/usr/bin:/bin", LD_LIBRARY_PATH=BUILD / "lib/oauthd")
        self.daemon = make_daemon(sandbox.base_url, AIRSTORE_API_KEY=None, BROWSER=WALK_CONSENT)

    def _make_programs(self):
        """Stand-ins for what people use beside ours: a password manager."""
        (self.place / "bin").mkdir()
        script(self.place / "bin/pass", f"case $2 in airstore*) echo {API_KEY} ;; *) echo secret-of-$2 ;; esac")

    def prepare(self, text):
        """Gmail is connected, unless the example is about that, or about an error."""
        self.daemon.start()
        if not re.search(r"connect gmail|\.error\b", text):
            self.succeed(["airstore-oauth", "connect", "gmail"])

    def look(self, command):
        """What is on the terminal when it is over. Its input is the API key, as from a password manager."""
        variables = {**self.variables, "TERM": "xterm"}
        reading, writing = os.pipe()
        os.write(writing, f"{API_KEY}\n".encode())
        os.close(writing)
        with Terminal(["bash", "-c", command], variables, self.place, columns=100, stdin=reading) as terminal:
            os.close(reading)
            seen = terminal.rest()
            assert terminal.process.wait(TIMEOUT) == 0, f"{command}:\n{seen}"
        return seen

    def succeed(self, command):
        """What it says, in all. Its input is the API key, for those who ask for it."""
        done = subprocess.run(
            [str(word) for word in command], env=self.variables, cwd=self.place, text=True,
            input=API_KEY + "\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT)
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def check_id(self, text, said):
        """Whoever asks for the connection to Gmail is told its ID, or why there is none."""
        if ".error" in text:
            assert "is not connected" in said
        elif re.search(r"airstore-oauth get gmail|GetConnection|get_connection|connect gmail", text):
            profile = {"profile": "work"} if "-p work" in text else {}
            connection = self.daemon.call("GetConnection", integration_type="gmail", **profile)["connection"]
            assert connection["connection_id"] in said


@pytest.fixture
def world(place, make_daemon, sandbox):
    return World(place, make_daemon, sandbox)


def check_syntax(command):
    done = subprocess.run(["bash", "-n", "-c", command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stderr) == (0, ""), command


def run_console(world, example):
    for command, shown in example.commands():
        check_syntax(command)
        if not elsewhere(command):
            said = world.look(command)
            if shown:
                assert shown_as(said) == shown_as(shown)
                world.check_id(command, said)


def run_sh(world, example):
    """As one script. At its end, what it has in $id is printed."""
    check_syntax(example.text)
    lines = [line for line in example.text.splitlines() if not elsewhere(line)]
    if lines:
        said = world.succeed(["bash", "-e", "-c", "\n".join([*lines, 'printf "%s\\n" "${id-}"'])])
        world.check_id(example.text, said)


def run_c(world, example):
    """Built as its page says. Programs that talk to Airstore themselves show a URL, which is approved."""
    library = "libairstore-oauthd" if "<airstore-oauthd.h>" in example.text else "libairstore"
    source, program = world.place / "example.c", world.place / "example"
    source.write_text(example.text)
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", library], check=True, capture_output=True, text=True,
        env={**environment(), "PKG_CONFIG_PATH": str(BUILD / "meson-uninstalled")}).stdout.split()
    world.succeed(["cc", "-Wall", "-Wextra", "-Werror", *SANITIZERS, "-o", program, source, "-I", ROOT / "lib", *flags])
    if library == "libairstore-oauthd":
        world.check_id(example.text, world.succeed([program]))
    else:
        variables = {**world.variables, "AIRSTORE_API_KEY": API_KEY, "AIRSTORE_BASE_URL": world.sandbox.base_url,
                     "LD_LIBRARY_PATH": str(BUILD / "lib/api")}
        with subprocess.Popen(
                [program], env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
            world.sandbox.approve(re.search(r"http\S+", next(said_by(process, process.stdout)))[0])
            said, _ = process.communicate(timeout=TIMEOUT)
        assert process.returncode == 0 and world.sandbox.connections()[0]["external_id"] in said


def run_python(world, example):
    world.check_id(example.text, world.succeed([sys.executable, "-c", example.text]))


def run_ini(world, example):
    """A configuration that the daemon takes, value by value."""
    world.daemon.stop()
    file = world.files.configure(example.text)
    world.daemon.start()
    settings = json.loads(world.succeed(["airstore-oauth", "config", "--json"]))["settings"]
    values = {(one["section"], one["key"]): one.get("value") for one in settings if one["source"].startswith(f"{file}:")}
    section = None
    expected = {}
    for line in example.text.splitlines():
        if match := re.fullmatch(r"\[(.*)\]", line):
            section = match[1]
        elif line and line[0] not in "#;":
            key, value = line.split(" = ")
            expected[section, key] = value
    assert values == expected


def run_call(world, example):
    """A call of the interface, which is answered."""
    call = json.loads(example.text)
    assert "connection_id" in json.dumps(world.daemon.call(call["method"], **call.get("parameters", {})))


def run_varlink(world, example):
    """No example, but what the interface itself says; the page may have shorter lines."""
    def words(text):
        return " ".join(text.replace("#", "").split())
    assert words(example.text) in words((ROOT / "daemon/ai.airstore.OAuth.varlink").read_text())


RUN = {"console": run_console, "sh": run_sh, "c": run_c, "python": run_python, "ini": run_ini, "call": run_call,
       "varlink": run_varlink}


@pytest.mark.parametrize("example", [one for one in examples() if one.language != "varlink"], ids=str)
def test_example(world, example):
    world.prepare(example.text)
    RUN[example.language](world, example)


def test_interface_of_the_page():
    declarations = [one for one in examples() if one.language == "varlink"]
    assert declarations
    for declaration in declarations:
        run_varlink(None, declaration)


def test_c_of_the_readme_is_the_example():
    text, = (one.text for one in read(ROOT / "README.md") if one.language == "c")
    assert text.partition("#include <airstore-oauthd.h>")[2].strip() in (ROOT / "lib/examples/get-connection.c").read_text()


@pytest.mark.parametrize("pattern, where", [(pattern, where) for pattern, _, where in ELSEWHERE])
def test_elsewhere(pattern, where):
    """What is not run here stands in some example, and is run where it is said to be."""
    lines = [line.removeprefix("$ ") for one in examples() for line in one.text.splitlines()]
    matches = [match for line in lines if (match := re.match(pattern, line))]
    assert matches
    for match in matches:
        file, _, text = where.format(*match.groups()).partition("::")
        assert text in (ROOT / file).read_text()


def completions(*words):
    done = subprocess.run(
        [BUILD / "cli/airstore-oauth", "complete", "--", *words], env=environment(), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=True)
    return [line.split("\t")[0] for line in done.stdout.splitlines()]


def test_commands_in_the_text():
    """Whatever verb the README or a page names exists, and so do the options behind it."""
    texts = [(ROOT / "README.md").read_text(), *(page.read_text().replace("*", "`") for page in (ROOT / "man").glob("*.scd"))]
    named = [match[1] for text in texts for match in re.finditer(r"`airstore-oauth`? `?([a-z][^`]*)`", text)]
    assert named
    for command in named:
        verb, *words = command.split()
        assert verb in completions("")
        assert {word for word in words if word.startswith("--")} <= set(completions(verb, "-")), command
