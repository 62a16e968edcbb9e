# SPDX-License-Identifier: MIT
"""The command line: airstore-oauth get gmail, from exec to exit."""

import contextlib
import shutil
import subprocess

import world
from programs import BUILD, environment


def spawn(times, status, variables, *command):
    """Microseconds, each time."""
    done = subprocess.run([world.BENCH / "bench-spawn", str(times), str(status), *map(str, command)],
                          stdout=subprocess.PIPE, check=True, text=True, env=environment(**variables))
    return [float(line) for line in done.stdout.splitlines()]


def measure(report, quick):
    times, rounds = (3, 1) if quick else (200, 5)
    table = report.table("From exec to exit, ms", "ms")
    with contextlib.ExitStack() as stack:
        place = stack.enter_context(world.directory())
        ours = stack.enter_context(world.daemon(place, stack.enter_context(world.sandbox(place))))
        world.give_connection(ours)
        variables = {"AIRSTORE_OAUTHD_ADDRESS": f"unix:{ours.socket}"}
        subjects = [("airstore-oauth get gmail", 0, variables, BUILD / "cli/airstore-oauth", "get", "gmail"),
                    ("true", 0, {}, "true")]
        if shutil.which("ssh-agent"):
            agent = place / "ssh-agent"
            stack.enter_context(world.process("ssh-agent", "-D", "-a", agent, ready="SSH_AUTH_SOCK"))
            # 1: it has no keys.
            subjects.append(("ssh-add -l", 1, {"SSH_AUTH_SOCK": agent}, "ssh-add", "-l"))
        for _ in range(rounds):
            for name, *rest in subjects:
                table.add("one process", name, *(taken / 1000 for taken in spawn(times, *rest)))
