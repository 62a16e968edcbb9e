# SPDX-License-Identifier: MIT
"""The public Varlink package for Go against the daemon."""

import os
import subprocess

import pytest

from programs import INTERFACE, ROOT, TIMEOUT, environment

SOURCE = ROOT / "tests/interop/clients/go"
CACHE = ROOT / "build/go"  # for all builds


@pytest.fixture
def client(place):
    """Built from the locked version of the package, which is downloaded the first time."""
    program = place / "client"
    variables = {
        **os.environ, "GOPATH": CACHE, "GOMODCACHE": CACHE / "modules", "GOCACHE": CACHE / "cache",
        "GOFLAGS": "-mod=readonly -modcacherw", "CGO_ENABLED": "0"}
    built = subprocess.run(
        ["go", "build", "-o", program, "."], cwd=SOURCE, env={name: str(value) for name, value in variables.items()},
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return program


def check_what_it_says(lines, session, sandbox):
    assert next(lines) == "product airstore-oauthd\n"
    assert set(next(lines).split()) == {"interfaces", "org.varlink.service", INTERFACE}
    text = (ROOT / f"daemon/{INTERFACE}.varlink").read_text()
    assert next(lines) == f"description of {len(text.splitlines())} lines\n"
    assert next(lines) == "status pending\n"
    sandbox.approve(session["authorize_url"])
    *_, complete, connection, error = lines
    assert complete == "status complete\n"
    assert connection == f"connection {sandbox.connections()[0]['external_id']}\n"
    assert error == f"error {INTERFACE}.NoSuchConnection\n"


@pytest.mark.timeout(600)
def test_go_client(client, daemon, sandbox):
    session = daemon.create()
    with subprocess.Popen(
            [client, f"unix:{daemon.socket}", session["session_id"]], env=environment(), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        try:
            check_what_it_says(iter(process.stdout), session, sandbox)
            assert process.wait(TIMEOUT) == 0
        finally: # it waits for the session, which may never end when something is wrong
            process.kill()
