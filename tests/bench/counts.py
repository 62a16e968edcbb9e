# SPDX-License-Identifier: MIT
"""What a question costs, counted rather than timed: the same on a busy machine."""

import re
import shutil
import signal
import socket
import subprocess

import world

QUESTION = world.QUESTION.encode() + b"\0"


def why_not():
    missing = [tool for tool in ("strace", "valgrind") if not shutil.which(tool)]
    return f"{' and '.join(missing)} cannot be found" if missing else None


def ask_kept(path, times):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        for _ in range(times):
            client.sendall(QUESTION)
            assert client.recv(65536).endswith(b"\0")


def ask_fresh(path, times):
    for _ in range(times):
        ask_kept(path, 1)


WAYS = {"connection kept": ask_kept, "a connection a question": ask_fresh}


def system_calls(place, pid, path, ask, times):
    """Those of a process that is asked so often."""
    trace = place / "trace"
    tracing = subprocess.Popen(["strace", "-p", str(pid), "-f", "-e", "signal=none", "-o", trace],
                               stderr=subprocess.PIPE, text=True)
    assert "attached" in tracing.stderr.readline()
    ask(path, times)
    tracing.send_signal(signal.SIGINT)
    tracing.communicate()
    return len(trace.read_text().splitlines())


def under_valgrind(airstore, place, tool, ask, times):
    """What the tool says in the end of a daemon that was asked so often."""
    place.mkdir()
    prefix = ["valgrind", f"--tool={tool}", *(["--callgrind-out-file=/dev/null"] if tool == "callgrind" else [])]
    with world.daemon(place, airstore, prefix=prefix) as ours:
        world.give_connection(ours)
        ask(ours.socket, times)
        ours.stop()
        said = ours.log
    shutil.rmtree(place)
    return said


def per_question(airstore, place, tool, pattern, ask, times):
    """Of twice as many, minus those of one run: start and end are left out."""
    counts = []
    for factor in (1, 2):
        said = under_valgrind(airstore, place / tool, tool, ask, times * factor)
        counts.append(int(re.search(pattern, said)[1].replace(",", "")))
    return (counts[1] - counts[0]) / times


def measure(report, quick):
    times = 20 if quick else 500
    calls = report.table("System calls a question", "", 1)
    allocations = report.table("Allocations a question", "", 1)
    instructions = report.table("Instructions a question, without the kernel's", "", 0)
    with world.directory() as place, world.sandbox(place) as airstore:
        for way, ask in WAYS.items():
            with world.daemon(place, airstore) as ours, world.process(
                    world.BENCH / "bench-echo-server", place / "echo", world.give_connection(ours), ready="listening") as floor:
                for name, pid, path in ((world.OURS, ours.pid, ours.socket), ("bare epoll server", floor.pid, place / "echo")):
                    ask(path, 10)
                    calls.add(way, name, round(system_calls(place, pid, path, ask, times) / times, 1))
            (place / "echo").unlink()
            allocations.add(way, world.OURS, per_question(
                airstore, place, "memcheck", r"total heap usage: ([\d,]+) allocs", ask, times))
            instructions.add(way, world.OURS, per_question(
                airstore, place, "callgrind", r"Collected : (\d+)", ask, times))
