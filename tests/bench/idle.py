# SPDX-License-Identifier: MIT
"""What being there costs.

Processor time, wake-ups and memory of a minute in which nothing happens, and with one session pending.
"""

import contextlib
import json
import time

import processes
import world


def pending(ours):
    return ours.call("CreateSession", integration_type="gmail")["session"]["session_id"]


def start_ours(stack):
    """Nothing pending; a session that nobody waits for; and one that a program waits for."""
    daemons = [stack.enter_context(world.pair())[1] for _ in range(3)]
    pending(daemons[1])
    waiting = stack.enter_context(daemons[2].connect())
    waiting.send("Poll", {"session_id": pending(daemons[2])})
    return [daemon.pid for daemon in daemons]


def start_sdk(stack):
    place = stack.enter_context(world.directory())
    polling = stack.enter_context(world.polling_sdk(stack.enter_context(world.sandbox(place)), 1))
    assert json.loads(polling.stdout.readline())["session_id"]
    return polling.pid


def start(stack):
    """{(case, subject): process}, ours first."""
    nothing, unwatched, waited_for = start_ours(stack)
    linked = stack.enter_context(world.process(world.BENCH / "bench-linked", "wait", ready="waiting"))
    started = {("nothing pending", world.OURS): nothing,
               ("nothing pending", "only linked with its libraries"): linked.pid}
    if world.has_oidc_agent():
        started["nothing pending", "oidc-agent"] = stack.enter_context(
            world.oidc_agent(stack.enter_context(world.directory())))[1]
    started["one session, nobody waits", world.OURS] = unwatched
    started["one session, somebody waits", world.OURS] = waited_for
    if world.SDK:
        started["one session, somebody waits", "Node with the official SDK"] = start_sdk(stack)
    return started


def measure(report, quick):
    """All of them side by side: they do next to nothing."""
    seconds = 1 if quick else 60
    cpu = report.table(f"Processor time in {seconds} s, ms", "ms")
    wake_ups = report.table(f"Wake-ups in {seconds} s", "", 0)
    # Of pages that parent and child of oidc-agent share, and nobody else, the halves add up.
    private = report.table("Dirty memory, KiB", "KiB", 0)
    shared = report.table("Proportional share of memory (PSS), KiB", "KiB", 0)
    with contextlib.ExitStack() as stack:
        families = {key: processes.family(pid) for key, pid in start(stack).items()}
        time.sleep(seconds / 12)  # whatever they still do after their start
        before = {key: (processes.cpu_seconds(*pids), processes.wake_ups(*pids)) for key, pids in families.items()}
        time.sleep(seconds)
        for key, pids in families.items():
            cpu.add(*key, (processes.cpu_seconds(*pids) - before[key][0]) * 1000)
            wake_ups.add(*key, processes.wake_ups(*pids) - before[key][1])
            used = processes.memory(*pids)
            private.add(*key, used["Pss_Dirty"])
            shared.add(*key, used["Pss"])
