# SPDX-License-Identifier: MIT
"""From the click to the ID.

From the answer in which Airstore sends the browser back to the moment that a waiting program has the
connection ID.
"""

import contextlib
import json
import random
import socket
import threading
import time
import urllib.parse

import world
from programs import API_KEY, BUILD, environment

LATENCIES_MS = [0, 20, 100]


def approve(airstore, session_id):
    """The person clicks. Where Airstore sends the browser, and when it did."""
    return airstore.press("approve", session_id).get("location"), time.time()


def browse(location):
    """The browser follows the redirect, and reads the page to its end."""
    url = urllib.parse.urlsplit(location)
    with socket.create_connection((url.hostname, url.port)) as browser:
        browser.sendall(f"GET {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: close\r\n\r\n".encode())
        while browser.recv(65536):
            pass


def once(airstore, ours):
    """Seconds, with airstore-oauthd."""
    with ours.connect() as client:
        session = client.call("CreateSession", integration_type="gmail")["session"]
        client.send("Poll", {"session_id": session["session_id"]})
        location, redirected = approve(airstore, session["session_id"])
        browser = threading.Thread(target=browse, args=(location,))
        browser.start()
        reply, _ = client.result()
        taken = time.time() - redirected
        assert reply["session"]["connection_id"]
        browser.join()
    return taken


def approved_by_people(airstore, sessions, ended):
    """Approves each at a moment of its own; `ended` tells when whoever polls has noticed which one."""
    redirected, moments = {}, sorted((random.uniform(0.2, 4.2), one) for one in sessions)
    start = time.time()

    def people():
        for moment, session in moments:
            time.sleep(max(0, start + moment - time.time()))
            redirected[session] = approve(airstore, session)[1]

    clicking = threading.Thread(target=people)
    clicking.start()
    noticed = ended()
    clicking.join()
    return [noticed[session] - redirected[session] for session in sessions]


def with_sdk(airstore, runs):
    with world.polling_sdk(airstore, runs) as polling:
        sessions = [json.loads(polling.stdout.readline())["session_id"] for _ in range(runs)]

        def ended():
            lines = [json.loads(polling.stdout.readline()) for _ in range(runs)]
            return {one["session_id"]: one["at"] for one in lines}

        return approved_by_people(airstore, sessions, ended)


def with_libairstore(airstore, runs):
    """A process a session: airstore_poll() blocks."""
    variables = environment(AIRSTORE_API_KEY=API_KEY, AIRSTORE_BASE_URL=airstore.base_url)
    known = {one["session_id"] for one in airstore.sessions()}
    waiting, noticed = {}, {}

    def notice(session_id, polling):
        if polling.stdout.readline():
            noticed[session_id] = time.time()

    with contextlib.ExitStack() as stack:
        for _ in range(runs):
            polling = stack.enter_context(world.process(
                BUILD / "lib/api/connect", "gmail", ready="Open this", env=variables))
            session_id = next(one["session_id"] for one in airstore.sessions() if one["session_id"] not in known)
            known.add(session_id)
            waiting[session_id] = threading.Thread(target=notice, args=(session_id, polling))
            waiting[session_id].start()

        def ended():
            for thread in waiting.values():
                thread.join()
            return noticed

        return approved_by_people(airstore, list(waiting), ended)


def measure(report, quick):
    table = report.table("Click to ID, ms", "ms")
    runs, rounds = (2, 1) if quick else (20, 3)
    for latency_ms in LATENCIES_MS[:1] if quick else LATENCIES_MS:
        case = f"API round trip {latency_ms} ms"
        with world.pair(latency_ms) as (airstore, ours):
            for _ in range(rounds):
                table.add(case, world.OURS, *(once(airstore, ours) * 1000 for _ in range(runs)))
                if world.SDK:
                    table.add(case, "official SDK's poll", *(taken * 1000 for taken in with_sdk(airstore, runs)))
                table.add(case, "libairstore's poll", *(taken * 1000 for taken in with_libairstore(airstore, runs)))
