# SPDX-License-Identifier: MIT
"""The browsers that the tests ask for. Starting one takes seconds, so each is started once and all its tests are run
by the same worker; whatever a test sets up in it is undone for the next one."""

import pathlib

import pytest

from browsers import BROWSERS


def pytest_addoption(parser):
    parser.addoption("--screenshots", type=pathlib.Path, metavar="DIRECTORY",
                     help="keep pictures of our page there, of each outcome as light, dark and narrow")


@pytest.fixture(scope="session", params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in BROWSERS])
def started(request):
    if not BROWSERS[request.param].program:
        pytest.skip(f"there is no {request.param} here, but for a snap (as on Ubuntu)")
    browser = BROWSERS[request.param]()
    yield browser
    browser.close()


@pytest.fixture
def web(started):
    """A browser as it comes, at a blank page."""
    started.look_like()
    started.prefer("en-US,en")
    yield started
    started.allow_scripts(True)
    started.go("about:blank")


@pytest.fixture
def keep(request, started):
    """keep("denied-dark") keeps a picture of what the browser shows, where that was asked for."""
    directory = request.config.getoption("--screenshots")

    def save(name):
        if directory:
            directory.mkdir(parents=True, exist_ok=True)
            (directory / f"{name}-{started.name}.png").write_bytes(started.screenshot())

    return save
