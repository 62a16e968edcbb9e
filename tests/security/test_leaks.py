# SPDX-License-Identifier: MIT
"""That no test finds a leak is worth something where each would: programs that leak fail those that start them."""

import contextlib
import os

import pytest

from programs import BUILD
from session_bus import Helper

OPTIONS = os.environ.get("ASAN_OPTIONS", "")
LEAKING = {"LD_PRELOAD": str(BUILD / "tests/security/leak.so"), "ASAN_OPTIONS": f"{OPTIONS}:verify_asan_link_order=0"}

pytestmark = pytest.mark.sanitized


def failure():
    """Unless `./dev test` has said that this machine does not allow to look for leaks."""
    if "detect_leaks=0" in OPTIONS:
        return contextlib.nullcontext()
    return pytest.raises(AssertionError, match="detected memory leaks")


def test_of_the_daemon(make_daemon, sandbox):
    daemon = make_daemon(sandbox.base_url, **LEAKING).start()
    with failure():
        daemon.stop()
    daemon._program = None


def test_of_the_helper(place):
    helper = Helper(place, **LEAKING)
    with failure():
        helper.finish()


def test_of_the_command_line(daemon, cli):
    with failure():
        assert cli("status", **LEAKING).status == 0
