# SPDX-License-Identifier: MIT
"""The daemon leaves when nobody needs it, and nobody notices."""

import json
import multiprocessing
import os
import random
import re
import select

import pytest

from manager import SERVICE, SOCKET
from programs import TIMEOUT, Varlink, eventually

QUESTIONS = 10_000
ASKING = 4  # processes at once


def set_idle_exit(manager, time):
    manager.drop_in(SERVICE, "ExecStart=", f"ExecStart=/usr/local/libexec/airstore-oauthd --idle-exit={time}")


def is_gone(manager):
    return manager.show(SERVICE, "ActiveState") == "inactive"


def test_leaves(user_manager):
    set_idle_exit(user_manager, "200ms")
    user_manager.call("GetStatus")
    eventually(lambda: is_gone(user_manager))
    assert user_manager.show(SERVICE, "Result") == "success"
    assert user_manager.show(SOCKET, "SubState") == "listening"
    assert user_manager.call("GetStatus")


def test_stays_as_long_as_it_is_needed(user_manager, browser, sandbox):
    """For a client that says nothing, and for a session that is pending; then it leaves."""
    set_idle_exit(user_manager, "100ms")
    with user_manager.connect() as client:
        client.call("GetStatus")
        with user_manager.process(user_manager.main_pid()) as daemon:
            assert not daemon.has_ended(1)
            session = client.call("CreateSession", integration_type="gmail")["session"]
            client.close()
            assert not daemon.has_ended(1)
            sandbox.approve(browser.opened())
            daemon.wait()
    again = user_manager.call("GetSession", session_id=session["session_id"])["session"]
    assert again["status"] == "complete"


def test_nothing_is_held_while_idle(user_manager, browser):
    """No TCP port, and no timer that would run out before the one for leaving, which is a minute off."""
    session = user_manager.call("CreateSession", integration_type="gmail")["session"]
    browser.opened()
    user_manager.call("CancelSession", session_id=session["session_id"])
    pid = user_manager.main_pid()
    # The connection to Airstore may stay open for a while.
    eventually(lambda: next_timer(user_manager, pid) > 50)
    assert listening_ports(user_manager, pid) == []


def next_timer(manager, pid):
    """In how many seconds the process will be woken up; infinity for never."""
    times = []
    for name in os.listdir(manager.proc(pid, "fdinfo")):
        match = re.search(r"it_value: \((\d+), (\d+)\)", manager.proc(pid, f"fdinfo/{name}").read_text())
        if match and match.groups() != ("0", "0"):
            times.append(int(match[1]))
    return min(times, default=float("inf"))


def listening_ports(manager, pid):
    sockets = set()
    for name in os.listdir(manager.proc(pid, "fd")):
        sockets.update(re.findall(r"socket:\[(\d+)\]", os.readlink(manager.proc(pid, f"fd/{name}"))))
    tables = [manager.proc(pid, f"net/{table}").read_text().splitlines()[1:] for table in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table]
    return [row[1] for row in rows if row[3] == "0A" and row[9] in sockets]


def become(uid):
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def ask(path, count, idle_seconds, seed):
    """Asks again and again, mostly at once, now and then when the daemon is just about to leave.

    Every question has a connection of its own, and an answer that only it can have. Returns how many
    were answered, and what went wrong with the others.
    """
    chance = random.Random(seed)
    wrong = []
    for number in range(count):
        if chance.random() < 0.04:
            # Timers of sd-event are up to 250 ms late.
            select.select([], [], [], chance.uniform(idle_seconds, idle_seconds + 0.3))
        question = f"question {seed} {number}"
        try:
            with Varlink(path) as client:
                client.send("GetSession", {"session_id": question})
                reply = client.receive()
        except OSError as error:
            reply = repr(error)
        if not isinstance(reply, dict) or reply.get("parameters") != {"session_id": question}:
            wrong.append(f"{question}: {json.dumps(reply)}")
    return count - len(wrong), wrong


@pytest.mark.timeout(400)
@pytest.mark.parametrize("asking", [1, ASKING])
def test_ten_thousand_questions(user_manager, asking):
    """None is refused, none lost, whatever the moment: across idle exits and restarts.

    One process alone sees the daemon leave often, in each of its pauses; several at once see it in
    the midst of work.
    """
    idle_seconds = 0.05
    set_idle_exit(user_manager, f"{int(idle_seconds * 1000)}ms")
    chance = random.Random(asking)
    context = multiprocessing.get_context("fork")
    with context.Pool(asking, become, (user_manager.uid,)) as pool:
        results = [pool.apply_async(ask, (user_manager.socket, QUESTIONS // 2 // asking, idle_seconds, seed))
                   for seed in range(asking)]
        n_restarts = 0
        while not all(result.ready() for result in results):
            user_manager.systemctl(chance.choice(["restart", "stop"]), SERVICE)
            n_restarts += 1
            results[0].wait(chance.uniform(0, 0.5))
        outcomes = [result.get(TIMEOUT) for result in results]
    assert [wrong for _, wrong in outcomes if wrong] == []
    assert sum(answered for answered, _ in outcomes) == QUESTIONS // 2
    starts = user_manager.journal().count("Started " + SERVICE)
    assert n_restarts > 10 and starts > n_restarts, (n_restarts, starts)
