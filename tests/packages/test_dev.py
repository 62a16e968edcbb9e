# SPDX-License-Identifier: MIT
"""The commands that the README begins with, as a person types them: in the tree itself."""

import os
import re
import subprocess

from fresh import run
from programs import BUILD, ROOT, environment

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def dev(*arguments, given=""):
    return run([ROOT / "dev", *arguments], given, cwd=ROOT, env=environment(HOME=os.environ.get("HOME", "/")))


def test_run():
    """The last line is the ID of the connection."""
    assert ID.fullmatch(dev("run").splitlines()[-1])
    assert "gmail" in dev("run", "--", "integrations")


def test_shell():
    """In it, everything is at hand; when it is over, nothing is left."""
    typed = "airstore-oauth connect gmail -q; ls ${MANPATH%:}/man1; complete -p airstore-oauth; echo $AIRSTORE_OAUTHD_ADDRESS"
    shown = dev("shell", given=typed).splitlines()
    assert ID.fullmatch(shown[0]) and shown[1] == "airstore-oauth.1" and "_airstore_oauth" in shown[2], shown
    assert not os.path.exists(os.path.dirname(shown[3].removeprefix("unix:"))), shown


def test_build():
    dev("build")


def test_install(place):
    """Below the prefix, in a directory: the command line runs from there, with nothing set."""
    run(["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", place])
    program, = place.glob("**/bin/airstore-oauth")
    done = subprocess.run([program, "--version"], env=environment(), capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0 and done.stdout.startswith("airstore-oauth ")
    assert list(place.glob("**/libexec/airstore-oauthd"))
