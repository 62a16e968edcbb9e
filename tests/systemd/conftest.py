# SPDX-License-Identifier: MIT
"""User managers for tests."""

import contextlib
import pathlib
import shutil
import tempfile

import pytest

from manager import UserManager, install, why_not


@pytest.fixture(scope="session")
def installation():
    """Our programs and units, installed below a prefix."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="airstore-install-", dir="/tmp"))
    yield install(directory)
    shutil.rmtree(directory)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """The journal goes with the report of a failure."""
    report = yield
    if report.failed and hasattr(item, "_manager"):
        report.sections.append(("journal", item._manager.journal()[-16000:]))
        report.sections.append(("user manager", item._manager.messages[-4000:]))
    return report


@pytest.fixture
def bare_manager(request, installation):
    """A person's session in which nothing of ours is in use yet."""
    manager = request.node._manager = UserManager(installation)
    try:
        yield manager
        manager.check_secrets()
    finally:
        manager.close()


@pytest.fixture
def browser(bare_manager):
    with contextlib.closing(bare_manager.make_browser()) as browser:
        yield browser


@pytest.fixture
def user_manager(bare_manager, browser, sandbox):
    """With the socket enabled, a key, the sandbox as Airstore, and a browser that takes notes."""
    sandbox.person = bare_manager.uid
    bare_manager.set_environment(AIRSTORE_BASE_URL=sandbox.base_url)
    bare_manager.store_key()
    bare_manager.enable()
    return bare_manager
