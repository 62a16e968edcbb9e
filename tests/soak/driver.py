#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Kills the daemon at every instant and sees whether anything is lost.

People connect accounts (approve, deny, cancel, walk away; in the browser or by polling alone) while
the daemon is killed with SIGKILL, at random moments and right behind those that matter, and started
again. After each death the store is looked at as the daemon has left it, in a copy: whatever any
client, page or watcher was told has to be in there. At the end every approval has to be a complete
session with the connection that Airstore made.

    tests/soak/driver.py --kills 3000 --seed 7
"""

import argparse
import collections
import contextlib
import http.client
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from programs import API_KEY, TIMEOUT, Daemon, Sandbox, Varlink, VarlinkError  # noqa: E402

INTEGRATIONS = ["gmail", "gdrive", "github", "notion", "linear", "slack"]
PEOPLE = 8
ROUND = 800  # sessions, after which everything begins anew: the daemon remembers a thousand that have ended
MOMENTS = ["created", "approved", "denied", "visited", "told"]
PLANS = ["approve"] * 10 + ["deny"] * 3 + ["cancel"] + ["walk away"] * 2 + ["approve and leave"] * 2

LOST = (OSError, EOFError)  # what a client sees of a daemon that dies


class Failure(Exception):
    """Something was lost."""


class Told:
    """What the daemon has told anybody, in the order in which it was heard."""

    def __init__(self):
        self._lock = threading.Lock()
        self.sessions = {}  # session_id: (status, connection_id or failure)
        self.connections = set()

    def session(self, session):
        status = session["status"]
        outcome = session.get("connection_id") or session.get("failure")
        with self._lock:
            before = self.sessions.get(session["session_id"])
            if before and before[0] != "pending" and status != "pending" and before != (status, outcome):
                raise Failure(f"a session was told to be {before} and then {(status, outcome)}")
            if not before or before[0] == "pending":
                self.sessions[session["session_id"]] = (status, outcome)

    def failed(self, session_id, failure):
        self.session({"session_id": session_id, "status": "error", "failure": failure})

    def connection(self, connection_id):
        with self._lock:
            self.connections.add(connection_id)

    def snapshot(self):
        with self._lock:
            return dict(self.sessions), set(self.connections)


class World:
    """The stand-in for Airstore, the daemon that dies, and what everybody was told."""

    def __init__(self, directory, seed):
        self.directory = directory
        self.random = random.Random(seed)
        self.sandbox = Sandbox(directory, "--complete-ttl", "5m")
        self.sandbox.misbehave("latency", ms=2, count=0)
        # The browser is opened by somebody else: the people below walk through its pages themselves.
        self.daemon = Daemon(directory, AIRSTORE_API_KEY=API_KEY, AIRSTORE_BASE_URL=self.sandbox.base_url,
                             BROWSER="/bin/true")
        self.told = Told()
        self.figures = collections.Counter()
        self.approved = {}  # session_id: the connection that Airstore made of it
        self.stop = threading.Event()
        self.failures = []
        self._armed = None
        self._strike = threading.Lock()
        self.dead = threading.Event()

    def count(self, what):
        with self._strike:
            self.figures[what] += 1

    # Dying

    def moment(self, name):
        """Somebody has come this far: the daemon dies here if it is to."""
        if self._armed == name:
            self.kill(f"killed when {name}")

    def kill(self, how):
        with self._strike:
            if self.dead.is_set():
                return
            self._armed = None
            os.kill(self.daemon.pid, signal.SIGKILL)
            self.dead.set()
            self.figures["kills"] += 1
            self.figures[how] += 1

    def kill_once(self):
        """Half of the time at any moment, half of the time right behind one that matters."""
        if self.random.random() < 0.5:
            self.stop.wait(self.random.uniform(0, 0.06))
            self.kill("killed at random")
        else:
            self._armed = self.random.choice(MOMENTS)
            self.dead.wait(0.15)
            self.kill("killed at random")
        self.daemon.kill()
        self.check_store()
        self.daemon.start()
        self.dead.clear()

    # What is left

    def check_store(self):
        """The daemon is dead. A copy is read, so that nothing is repaired before it starts again."""
        sessions, connections = self.told.snapshot()
        copy = self.directory / "copy"
        shutil.copytree(self.daemon.state, copy)
        with contextlib.closing(sqlite3.connect(copy / "oauthd.db")) as store:
            stored = {}
            words = {1: "denied", 2: "expired", 3: "cancelled", 4: "unknown", 5: "unauthorized"}
            for session_id, status, connection_id, failure in store.execute(
                    "SELECT session_id, status, connection_id, failure FROM sessions"):
                stored[session_id] = (status, connection_id or words.get(failure))
            kept = {row[0] for row in store.execute("SELECT connection_id FROM connections")}
        shutil.rmtree(copy)
        for session_id, told in sessions.items():
            if session_id not in stored:
                raise Failure(f"session {session_id} was told and is not in the store")
            if told[0] != "pending" and stored[session_id] != told:
                raise Failure(f"session {session_id} was told to be {told}, the store says {stored[session_id]}")
        if connections - kept:
            raise Failure(f"connections were told and are not in the store: {connections - kept}")
        self.figures["looks into the store"] += 1

    # Asking

    def ask(self, method, parameters):
        """Asks until there is an answer: whoever is cut off asks again."""
        while True:
            try:
                with Varlink(self.daemon.socket) as client:
                    client.send(method, parameters)
                    return self.answer(client)
            except LOST:
                self.count("answers cut off")
                if self.stop.wait(0.005) and self.failures:
                    raise Failure("somebody else has failed") from None

    @staticmethod
    def answer(client):
        reply = client.receive()
        if reply is None:
            raise EOFError
        if "error" in reply:
            raise VarlinkError(reply["error"], reply.get("parameters", {}))
        return reply.get("parameters", {})

    def guarded(self, work):
        """Runs in a thread; the first failure ends everything."""
        try:
            work()
        except BaseException as error:  # noqa: BLE001, it is raised again in the main thread
            self.failures.append(error)
            self.stop.set()


class Person(threading.Thread):
    """Connects one account after the other, in a workspace of their own."""

    def __init__(self, world, number, seed):
        super().__init__(name=f"person {number}")
        self.world, self.random = world, random.Random(seed)
        self.workspace = f"ws_{number}"
        self.pending = {}  # integration_type: the session that was left behind pending

    def run(self):
        self.world.guarded(self.connect_accounts)

    def connect_accounts(self):
        while not self.world.stop.is_set():
            self.connect(self.random.choice(INTEGRATIONS), self.random.choice(PLANS))

    def connect(self, integration, plan):
        world = self.world
        session = self.create(integration)
        session_id = session["session_id"]
        if plan == "walk away" and session_id not in world.approved:
            self.pending[integration] = session_id
            world.count("walked away")
            return
        self.pending.pop(integration, None)
        with contextlib.closing(Waiter(world, session_id, self.random)) as waiter:
            if self.random.random() < 0.5:
                waiter.begin()
            if self.random.random() < 0.5:
                time.sleep(self.random.uniform(0, 0.02))
            expected = self.decide(plan, session_id)
            if plan == "approve and leave":
                world.count("approved and left")
                return
            outcome = waiter.finish()
        if outcome != expected:
            raise Failure(f"{integration} of {self.workspace}: {outcome}, expected {expected}")
        world.count(f"flows that ended {outcome[0] if outcome[0] == 'complete' else outcome[1]}")
        if outcome[0] == "complete":
            self.get(integration, outcome[1])

    def create(self, integration):
        """One session, however often it takes and whoever else asks for the same at once."""
        wish = {"integration_type": integration, "workspace_id": self.workspace,
                "open_browser": self.random.random() < 0.6}
        sessions = []

        def ask():
            sessions.append(self.world.ask("CreateSession", wish)["session"])
            self.world.told.session(sessions[-1])

        if self.random.random() < 0.2:
            second = threading.Thread(target=self.world.guarded, args=(ask,))
            second.start()
            ask()
            second.join()
            self.world.count("asked twice at once")
        else:
            ask()
        self.world.moment("created")
        # Somebody may have approved the one before and left, and the daemon learns of it just now.
        fresh = [session for session in sessions if session["session_id"] not in self.world.approved]
        ids = {session["session_id"] for session in fresh}
        if self.pending.get(integration):
            ids.add(self.pending[integration])
        if len(ids) > 1:
            raise Failure(f"{integration} of {self.workspace} has more than one session: {ids}")
        return (fresh or sessions)[0]

    def decide(self, plan, session_id):
        """What the person does; returns what has to become of the session."""
        world = self.world
        if session_id in world.approved:  # by somebody who left, and the daemon does not know it yet
            return ("complete", world.approved[session_id])
        if plan == "deny":
            world.sandbox.press("deny", session_id)
            world.moment("denied")
            return ("error", "denied")
        if plan == "cancel":
            world.ask("CancelSession", {"session_id": session_id})
            return ("error", "cancelled")
        pressed = world.sandbox.press("approve", session_id)
        world.approved[session_id] = pressed["connection_id"]
        world.count("approvals")
        world.moment("approved")
        if "location" in pressed and self.random.random() < 0.8:
            self.visit(pressed["location"], session_id, pressed["connection_id"])
        return ("complete", pressed["connection_id"])

    def visit(self, url, session_id, connection_id):
        """The browser goes where Airstore sends it. What its page says counts as told."""
        parts = urllib.parse.urlsplit(url)
        try:
            with contextlib.closing(http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)) as browser:
                browser.request("GET", parts.path)
                self.world.moment("visited")
                page = browser.getresponse().read()
        except (OSError, http.client.HTTPException):
            self.world.count("pages that did not come")
            return
        if b"is connected" in page:
            self.world.told.session({"session_id": session_id, "status": "complete", "connection_id": connection_id})
            self.world.count("pages that said connected")

    def get(self, integration, connection_id):
        answer = self.world.ask("GetConnection", {"integration_type": integration, "workspace_id": self.workspace})
        if answer["connection"]["connection_id"] != connection_id:
            raise Failure(f"{integration} of {self.workspace} is {answer}, expected {connection_id}")
        self.world.told.connection(connection_id)
        self.world.moment("told")


class Waiter:
    """A client in Poll, which asks again when it is cut off."""

    def __init__(self, world, session_id, chance):
        self._world, self._session_id = world, session_id
        self._interval = chance.choice([100, 200, 2000])
        self._client = None

    def begin(self):
        try:
            self._client = Varlink(self._world.daemon.socket)
            self._client.send("Poll", {"session_id": self._session_id, "interval": self._interval})
        except LOST:
            self.close()

    def finish(self):
        try:
            session = self._wait()["session"]
        except VarlinkError as error:
            if error.name != "AuthorizationFailed":
                raise Failure(f"Poll of {self._session_id}: {error}") from None
            self._world.told.failed(self._session_id, error.parameters["failure"])
            return ("error", error.parameters["failure"])
        self._world.told.session(session)
        return (session["status"], session["connection_id"])

    def _wait(self):
        if self._client:
            with contextlib.suppress(*LOST):
                return self._world.answer(self._client)
            self._world.count("waiters cut off")
        return self._world.ask("Poll", {"session_id": self._session_id, "interval": self._interval})

    def close(self):
        if self._client:
            self._client.close()
            self._client = None


class Watcher(threading.Thread):
    """Hears everything, and counts as told."""

    def __init__(self, world):
        super().__init__(name="watcher")
        self._world = world

    def run(self):
        self._world.guarded(self._watch)

    def _watch(self):
        while not self._world.stop.is_set():
            try:
                with Varlink(self._world.daemon.socket) as client:
                    client.send("Watch", more=True)
                    while True:
                        self._hear(self._world.answer(client))
            except LOST:
                self._world.stop.wait(0.005)

    def _hear(self, news):
        if "session" in news:
            self._world.told.session(news["session"])
        elif "connection" in news:
            self._world.told.connection(news["connection"]["connection_id"])
        self._world.count("news heard by the watcher")


def approve_unheard(world):
    """Sessions that nobody was told of: Airstore knows them, the daemon perhaps. A person approves one
    all the same. Whether the session is known or not, the connection is found."""
    known = {one["session_id"] for one in world.ask("ListSessions", {})["sessions"]}
    unheard = [one for one in world.sandbox.sessions() if one["status"] == "pending" and one["session_id"] not in known]
    for one in unheard:
        connection_id = world.sandbox.press("approve", one["session_id"])["connection_id"]
        listed = world.ask("ListConnections", {"workspace_id": one["workspace_id"], "refresh": True})["connections"]
        if connection_id not in {connection["connection_id"] for connection in listed}:
            raise Failure(f"the connection {connection_id} of an unheard session is not found")
        world.count("approvals of sessions that nobody heard of")


def check_end(world):
    """Every approval is a complete session with the right ID, and nothing is there twice."""
    for session_id, connection_id in world.approved.items():
        try:
            session = world.ask("Poll", {"session_id": session_id, "interval": 100})["session"]
        except VarlinkError as error:
            raise Failure(f"session {session_id} was approved and ended with {error}") from None
        if session["connection_id"] != connection_id:
            raise Failure(f"session {session_id} is {session}, and its connection {connection_id}")
    sessions = world.ask("ListSessions", {})["sessions"]
    ids = [session["session_id"] for session in sessions]
    if len(set(ids)) != len(ids):
        raise Failure("a session is listed twice")
    pending = collections.Counter(
        (one["integration_type"], one["workspace_id"]) for one in sessions if one["status"] == "pending")
    if pending and max(pending.values()) > 1:
        raise Failure(f"there is more than one pending session of {pending.most_common(1)}")
    world.figures["sessions in the store"] = len(ids)


def run_round(directory, kills, seed):
    """Returns the figures, or raises what went wrong."""
    world = World(directory, seed)
    threads = []
    try:
        world.daemon.start()
        threads = [Person(world, number, seed * 1000 + number) for number in range(PEOPLE)] + [Watcher(world)]
        for thread in threads:
            thread.start()
        began = time.monotonic()
        while world.figures["kills"] < kills and len(world.told.sessions) < ROUND and not world.stop.is_set():
            world.kill_once()
        world.figures["seconds"] = round(time.monotonic() - began)
        world.stop.set()
        for thread in threads[:-1]:
            thread.join()
        if not world.failures:
            check_end(world)
            approve_unheard(world)
        world.daemon.kill()  # which ends the watch
        threads[-1].join()
        if world.failures:
            raise world.failures[0]
        world.check_store()
        world.daemon.check_secrets()
        world.daemon.start().stop()
    except Failure as failure:
        raise Failure(f"{failure}\nThe daemon's last words:\n{world.daemon.log[-4000:]}") from failure
    finally:
        world.stop.set()
        world.daemon.kill()
        world.sandbox.stop()
        for thread in threads:
            thread.join(TIMEOUT)
    return world.figures


def run(directory, kills, seed):
    """As many rounds as it takes, each with an empty store. Returns the figures of all, or raises what
    went wrong."""
    figures = collections.Counter()
    while figures["kills"] < kills:
        place = directory / f"round-{figures['rounds']}"
        place.mkdir()
        figures += run_round(place, kills - figures["kills"], seed + figures["rounds"])
        figures["rounds"] += 1
        shutil.rmtree(place)
    return figures


def table(figures):
    return "".join(f"{number:8} {what}\n" for what, number in sorted(figures.items()))


def main():
    parser = argparse.ArgumentParser(description="Kill the daemon at every instant and see whether anything is lost.")
    parser.add_argument("--kills", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="airstore-", dir="/tmp"))
    try:
        print(table(run(directory, arguments.kills, arguments.seed)), end="")
    except Failure as failure:
        print(f"Lost: {failure}\nWhat the programs wrote is in {directory}.", file=sys.stderr)
        return 1
    shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
