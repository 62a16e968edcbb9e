# SPDX-License-Identifier: MIT
"""What a test can ask for. Each gets programs of its own in a directory of its own, so that tests
can run side by side; programs.py says what they can do."""

import contextlib
import pathlib
import shutil
import tempfile

import pytest

from programs import API_KEY, Browser, CommandLine, Daemon, FakeAirstore, Files, Sandbox
from session_bus import SessionBus


def pytest_make_parametrize_id(val):
    """Names of cases that stay short and printable, whatever is sent."""
    return ascii(val)[:40] if isinstance(val, (str, bytes, dict)) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """What the programs wrote goes with the report of a failure."""
    report = yield
    directory = getattr(item, "_place", None)
    if report.failed and directory:
        for path in sorted(directory.glob("*.err")):
            report.sections.append((path.name, path.read_text(errors="replace")[-8000:]))
    return report


@pytest.fixture
def place(request):
    """A private directory, with a name short enough for sockets."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="airstore-", dir="/tmp"))
    request.node._place = directory
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def files(place):
    """What the person has configured: nothing yet."""
    return Files(place)


@pytest.fixture
def make_sandbox(place):
    """For a stand-in with options: make_sandbox("--session-ttl", "2")."""
    made = []

    def make(*arguments):
        made.append(Sandbox(place, *arguments))
        return made[-1]

    yield make
    for sandbox in made:
        status = sandbox.stop()
        assert status == 0, f"the sandbox ended with {status}"


@pytest.fixture
def sandbox(make_sandbox):
    return make_sandbox()


@pytest.fixture
def browser(place):
    with contextlib.closing(Browser(place)) as browser:
        yield browser


@pytest.fixture
def session_bus(place):
    """A private one, with nobody on it yet."""
    with contextlib.closing(SessionBus(place)) as bus:
        yield bus


@pytest.fixture
def make_daemon(place, browser):
    """For a daemon in an unusual environment. It is not started yet; None leaves a variable out."""
    made = []

    def make(base_url, **variables):
        made.append(Daemon(place, **{
            "AIRSTORE_API_KEY": API_KEY, "AIRSTORE_BASE_URL": base_url, "BROWSER": browser.command, **variables}))
        return made[-1]

    yield make
    try:
        for daemon in made:
            daemon.stop()
    finally:
        for daemon in made:
            daemon.kill()


@pytest.fixture
def daemon(make_daemon, sandbox):
    """Running, and in touch with the sandbox."""
    return make_daemon(sandbox.base_url).start()


@pytest.fixture
def cli(place):
    """cli("get", "gmail") runs airstore-oauth; cli.start() and cli.finish() for what takes its time."""
    with contextlib.closing(CommandLine(place, place / "socket")) as cli:
        yield cli


@pytest.fixture
def fake_airstore():
    """fake_airstore({("POST", "/oauth/sessions"): [(201, {…})]}): a server that says just that."""
    with contextlib.ExitStack() as made:
        yield lambda replies: made.enter_context(contextlib.closing(FakeAirstore(replies)))
