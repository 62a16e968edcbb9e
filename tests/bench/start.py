# SPDX-License-Identifier: MIT
"""Cold start: from the first connect() on systemd's socket to the first reply.

In a user manager of its own; beside a program in the same unit that is only linked with the same
libraries and answers at once.
"""

import contextlib
import os
import pathlib
import shutil
import tempfile
import time

import world
from manager import SERVICE, UserManager, install, why_not
from programs import BUILD, Sandbox

LINKED = "only linked with its libraries"


def first_reply(manager):
    """Milliseconds, for a service that is not there."""
    manager.systemctl("stop", SERVICE)
    began = time.perf_counter()
    with manager.connect() as client:
        client.send("GetStatus")
        client.receive()
    return (time.perf_counter() - began) * 1000


def replace(program, by):
    """In its place, for no other may be started there."""
    shutil.copy2(by, f"{program}.new")
    os.rename(f"{program}.new", program)


def measure_case(manager, table, case, program, runs, rounds):
    """In turn, ours and the one that is only linked."""
    for _ in range(rounds):
        for subject, file in ((world.OURS, BUILD / "daemon/airstore-oauthd"), (LINKED, world.BENCH / "bench-linked")):
            replace(program, file)
            table.add(case, subject, *(first_reply(manager) for _ in range(runs)))


def measure(report, quick):
    runs, rounds = (2, 1) if quick else (20, 3)
    table = report.table("From connect() to the first reply, ms", "ms")
    with contextlib.ExitStack() as stack:
        directory = pathlib.Path(tempfile.mkdtemp(prefix="airstore-install-", dir="/tmp"))
        stack.callback(shutil.rmtree, directory)
        installation = install(directory)
        program = installation / "libexec/airstore-oauthd"
        manager = UserManager(installation)
        stack.callback(manager.close)
        sandbox = Sandbox(manager.place)
        stack.callback(sandbox.stop)
        manager.set_environment(AIRSTORE_BASE_URL=sandbox.base_url)
        manager.store_key()
        manager.enable()
        measure_case(manager, table, "as installed", program, runs, rounds)
        # An empty file of the person's hides the one of that name that is installed.
        manager.write(manager.units / f"{SERVICE}.d/50-namespaces.conf", "")
        manager.systemctl("daemon-reload")
        measure_case(manager, table, "without the namespaces of 50-namespaces.conf", program, runs, rounds)
