# SPDX-License-Identifier: MIT
"""Questions a second, and how long the answers take.

GetConnection beside a bare epoll server, the floor, and beside oidc-agent, which is asked whether it is
there, its lightest question.
"""

import contextlib
import json
import os
import subprocess

import world

# How connections are used, how many clients there are.
CASES = [("kept", 1), ("fresh", 1), ("kept", 100), ("fresh", 100)]
NAMES = {"kept": "connection kept", "fresh": "a connection a question"}


def load(path, mode, ending, clients, seconds, question):
    done = subprocess.run(
        [world.BENCH / "bench-load", path, mode, ending, str(clients), str(seconds), question],
        stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


@contextlib.contextmanager
def one_processor():
    """Client and server take turns anyway. Whether they do so on one processor or on two, the kernel decides
    anew each time, and that says more than the servers do."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def measure(report, quick):
    rounds, seconds = (1, 0.05) if quick else (7, 1)
    rate = report.table("Questions a second", "1/s", 0)
    half = report.table("Half of the answers within, µs", "µs", 0)
    most = report.table("99 % of the answers within, µs", "µs", 0)
    rest = report.table("99.9 % of the answers within, µs", "µs", 0)
    with contextlib.ExitStack() as stack:
        stack.enter_context(one_processor())
        place = stack.enter_context(world.directory())
        ours = stack.enter_context(world.daemon(place, stack.enter_context(world.sandbox(place))))
        size = world.give_connection(ours)
        stack.enter_context(world.process(world.BENCH / "bench-echo-server", place / "echo", size, ready="listening"))
        subjects = [(world.OURS, ours.socket, "nul", world.QUESTION), ("bare epoll server", place / "echo", "nul", world.QUESTION)]
        if world.has_oidc_agent():
            path, _ = stack.enter_context(world.oidc_agent(place))
            subjects.append(("oidc-agent", path, "end", world.OIDC_AGENT_QUESTION))
        for mode, clients in CASES:
            case = f"{NAMES[mode]}, {clients} client{'s' if clients > 1 else ''}"
            for _ in range(rounds):
                for name, path, ending, question in subjects:
                    # oidc-agent has no kept connections: its case is a connection a question there, too.
                    done = load(path, mode if ending == "nul" else "fresh", ending, clients, seconds, question)
                    rate.add(case, name, done["questions"] / done["seconds"])
                    half.add(case, name, done["p50"])
                    most.add(case, name, done["p99"])
                    rest.add(case, name, done["p999"])
