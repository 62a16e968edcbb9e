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
from programs import Varlink, eventually

QUESTIONS = 10_000
IDLE_SECONDS = 0.05


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
        if chance.random() < 0.02:
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


class Asking:
    """Half of the questions, from several processes of the person's."""

    def __init__(self, manager, processes):
        set_idle_exit(manager, f"{int(IDLE_SECONDS * 1000)}ms")
        self._manager = manager
        self._processes = processes
        self._wanted = QUESTIONS // 2

    def __enter__(self):
        context = multiprocessing.get_context("fork")
        self._pool = context.Pool(self._processes, become, (self._manager.uid,))
        self._results = [
            self._pool.apply_async(ask, (self._manager.socket, self._wanted // self._processes, IDLE_SECONDS, seed))
            for seed in range(self._processes)]
        return self

    def __exit__(self, *_):
        self._pool.terminate()
        self._pool.join()

    def goes_on(self, seconds):
        """Whether it does after this time."""
        self._results[0].wait(seconds)
        return not all(result.ready() for result in self._results)

    def check(self):
        outcomes = [result.get(300) for result in self._results]
        assert [wrong for _, wrong in outcomes if wrong] == []
        assert sum(answered for answered, _ in outcomes) == self._wanted


@pytest.mark.timeout(400)
def test_five_thousand_questions_across_idle_exits(user_manager):
    with Asking(user_manager, 1) as asking:
        asking.check()
    assert user_manager.journal().count("ending until somebody does") > 30


@pytest.mark.timeout(400)
def test_five_thousand_questions_across_restarts(user_manager):
    """From several processes at once, so that there is always one in the midst of asking."""
    chance = random.Random(1)
    n_restarts = 0
    with Asking(user_manager, 4) as asking:
        while asking.goes_on(chance.uniform(0, 0.5)):
            user_manager.systemctl(chance.choice(["restart", "stop"]), SERVICE)
            n_restarts += 1
        asking.check()
    assert n_restarts > 10
