# SPDX-License-Identifier: MIT
"""The programs that are measured, in places of their own: ours, and those beside it."""

import contextlib
import json
import os
import pathlib
import resource
import shutil
import subprocess
import tempfile

from programs import API_KEY, BUILD, INTERFACE, TIMEOUT, Daemon, Sandbox, environment

OURS = "airstore-oauthd"
BENCH = BUILD / "tests/bench"
SDK = os.environ.get("AIRSTORE_SDK")
QUESTION = json.dumps({"method": f"{INTERFACE}.GetConnection", "parameters": {"integration_type": "gmail"}},
                      separators=(",", ":"))


def many_descriptors():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))


@contextlib.contextmanager
def directory():
    """In memory: what is measured is the programs, not the disk."""
    place = pathlib.Path(tempfile.mkdtemp(prefix="airstore-bench-", dir="/dev/shm"))
    try:
        yield place
    finally:
        shutil.rmtree(place)


@contextlib.contextmanager
def sandbox(place, latency_ms=0):
    airstore = Sandbox(place)
    try:
        if latency_ms:
            airstore.misbehave("latency", ms=latency_ms, count=0)
        yield airstore
    finally:
        airstore.stop()


@contextlib.contextmanager
def daemon(place, airstore, configuration=None, prefix=(), **variables):
    """Ours, told to use that sandbox and a browser that does nothing."""
    if configuration:
        (place / "config/airstore-oauthd").mkdir(parents=True, exist_ok=True)
        (place / "config/airstore-oauthd/airstore-oauthd.conf").write_text(configuration)
    ours = Daemon(place, **{"AIRSTORE_API_KEY": API_KEY, "AIRSTORE_BASE_URL": airstore.base_url, "BROWSER": "true", **variables})
    try:
        yield ours.start(prefix=prefix)
        ours.stop()
    finally:
        ours.kill()


@contextlib.contextmanager
def pair(latency_ms=0, **options):
    """A sandbox and a daemon of ours."""
    with directory() as place, sandbox(place, latency_ms) as airstore, daemon(place, airstore, **options) as ours:
        yield airstore, ours


def give_connection(ours):
    """So that there is something to ask for. Returns the size of the answer to QUESTION."""
    ours.call("CreateConnection", integration_type="gmail", workspace_id="ws_default", access_token="made-up")
    with ours.connect() as client:
        client.send_bytes(QUESTION.encode() + b"\0")
        return len(json.dumps(client.receive(), separators=(",", ":"))) + 1


@contextlib.contextmanager
def process(*command, ready=None, **options):
    """Any other program, until the end of the block; ready: how its first line begins."""
    started = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               stdin=subprocess.DEVNULL, text=True, **options)
    try:
        if ready:
            line = started.stdout.readline()
            assert line.startswith(ready), f"{command[0]} said {line!r}"
        yield started
    finally:
        if started.poll() is None:
            started.terminate()
        started.wait(TIMEOUT)
        started.stdout.close()


def has_oidc_agent():
    return shutil.which("oidc-agent") is not None


@contextlib.contextmanager
def oidc_agent(place):
    """The closest relative, in the foreground. The path of its socket."""
    path, home = place / "oidc-agent", place / "oidc-home"
    home.mkdir()
    with process("oidc-agent", "--console", "--no-autoload", "--quiet", "-a", path,
                 env=environment(HOME=home, OIDC_CONFIG_DIR=home)) as agent:
        from programs import eventually
        eventually(path.exists)
        yield path, agent.pid


# The lightest question there is: whether it is there.
OIDC_AGENT_QUESTION = '{"request":"check"}'


def polling_sdk(airstore, sessions):
    """A Node process that begins so many sessions and polls them with the SDK."""
    script = pathlib.Path(__file__).with_name("sdk-poll.js")
    return process("node", script, SDK, airstore.base_url, API_KEY, sessions)
