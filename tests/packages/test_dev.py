# SPDX-License-Identifier: MIT
"""The commands that the README begins with, as a person types them: in the tree itself."""

import os
import re
import subprocess

from fresh import run
from programs import BUILD, ROOT, environment

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def dev(*arguments):
    return run([ROOT / "dev", *arguments], cwd=ROOT, env=environment(HOME=os.environ.get("HOME", "/")))


def test_run():
    """The last line is the ID of the connection."""
    assert ID.fullmatch(dev("run").splitlines()[-1])
    assert "gmail" in dev("run", "--", "integrations")


def test_build():
    dev("build")


def test_install(place):
    """Below the prefix, in a directory: the command line runs from there, with nothing set."""
    run(["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", place])
    program, = place.glob("**/bin/airstore-oauth")
    done = subprocess.run([program, "--version"], env=environment(), capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0 and done.stdout.startswith("airstore-oauth ")
    assert list(place.glob("**/libexec/airstore-oauthd"))
