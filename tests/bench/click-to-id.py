#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Click to ID: from the moment that Airstore sends the browser back to the moment that a waiting
program has the connection ID; ours beside the official SDK, which polls every 2 s.

    AIRSTORE_SDK=…/node_modules/@airstore/sdk tests/bench/click-to-id.py [RUNS] [LATENCY_MS]
"""

import json
import os
import pathlib
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from programs import API_KEY, Daemon, Sandbox  # noqa: E402

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 50
LATENCY_MS = int(sys.argv[2]) if len(sys.argv) > 2 else 0


def approve(sandbox, session_id):
    """The person clicks. Returns where Airstore sends the browser, and when it did."""
    answer = sandbox._ask("POST", "sandbox/approve", {"session_id": session_id})
    return answer.get("location"), time.time()


def browse(location):
    """The browser follows the redirect, and reads the page to its end."""
    url = urllib.parse.urlsplit(location)
    with socket.create_connection((url.hostname, url.port)) as browser:
        browser.sendall(f"GET {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: close\r\n\r\n".encode())
        while browser.recv(65536):
            pass


def ours(sandbox, daemon):
    taken = []
    for _ in range(RUNS):
        with daemon.connect() as client:
            session = client.call("CreateSession", integration_type="gmail")["session"]
            client.send("Poll", {"session_id": session["session_id"]})
            location, redirected = approve(sandbox, session["session_id"])
            browser = threading.Thread(target=browse, args=(location,))
            browser.start()
            assert client.result()[0]["session"]["connection_id"]
            taken.append(time.time() - redirected)
            browser.join()
    return taken


def sdk(sandbox):
    """All of the runs at once, each approved at a moment of its own."""
    script = pathlib.Path(__file__).with_name("sdk-poll.js")
    polling = subprocess.Popen(
        ["node", script, os.environ["AIRSTORE_SDK"], sandbox.base_url, API_KEY, str(RUNS)],
        stdout=subprocess.PIPE, text=True)
    sessions = [json.loads(polling.stdout.readline())["session_id"] for _ in range(RUNS)]
    redirected, moments = {}, sorted((random.uniform(0.2, 6.2), one) for one in sessions)
    start = time.time()

    def people():
        for moment, session in moments:
            time.sleep(max(0, start + moment - time.time()))
            redirected[session] = approve(sandbox, session)[1]

    clicking = threading.Thread(target=people)
    clicking.start()
    ended = [json.loads(polling.stdout.readline()) for _ in range(RUNS)]
    clicking.join()
    polling.wait()
    return [one["at"] - redirected[one["session_id"]] for one in ended]


def show(name, taken):
    milliseconds = [one * 1000 for one in taken]
    print(f"{name:28} {min(milliseconds):10.2f} {statistics.median(milliseconds):10.2f} {max(milliseconds):10.2f}")


def main():
    with tempfile.TemporaryDirectory(prefix="airstore-", dir="/tmp") as directory:
        place = pathlib.Path(directory)
        sandbox = Sandbox(place)
        if LATENCY_MS:
            sandbox.misbehave("latency", ms=LATENCY_MS, count=0)
        daemon = Daemon(place, AIRSTORE_API_KEY=API_KEY, AIRSTORE_BASE_URL=sandbox.base_url, BROWSER="true").start()
        here, there = ours(sandbox, daemon), sdk(sandbox)
        daemon.stop()
        sandbox.stop()
    print(f"Click to ID, {RUNS} runs, API round trip of {LATENCY_MS} ms; milliseconds")
    print(f"{'':28} {'minimum':>10} {'median':>10} {'maximum':>10}")
    show("airstore-oauthd", here)
    show("SDK, polling every 2 s", there)
    print(f"ratio of the medians: {statistics.median(there) / statistics.median(here):.0f}")


main()
