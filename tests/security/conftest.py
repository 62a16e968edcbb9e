# SPDX-License-Identifier: MIT
"""Tests marked `plain` look at the programs as they are shipped: they are left out where those are built with sanitizers,
which keep freed memory, and copies of it, for themselves. Those marked `sanitized` look at the sanitizers."""

import os

import pytest

from programs import BUILD


def pytest_configure(config):
    config.addinivalue_line("markers", "plain: not with sanitizers")
    config.addinivalue_line("markers", "sanitized: only with sanitizers")


def pytest_collection_modifyitems(config, items):
    out = "plain" if BUILD.name == "sanitize" else "sanitized"
    left_out = [item for item in items if item.get_closest_marker(out)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def root():
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else, look into the daemon, or put certificates in place")
