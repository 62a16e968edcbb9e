# SPDX-License-Identifier: MIT
"""What a login costs Airstore: requests until a program has the ID, for a person who takes 5, 30 and 120 s."""

import concurrent.futures
import json
import time

import click
import world
from programs import API_KEY, BUILD, environment

PEOPLE_TAKE = [5, 30, 120]
ROUNDS = 3


def ours(seconds, open_browser=True):
    with world.pair() as (airstore, daemon), daemon.connect() as client:
        session = client.call("CreateSession", integration_type="gmail", open_browser=open_browser)["session"]
        client.send("Poll", {"session_id": session["session_id"]})
        time.sleep(seconds)
        location, _ = click.approve(airstore, session["session_id"])
        if open_browser:
            click.browse(location)
        assert client.result()[0]["session"]["connection_id"]
        return airstore.request_count()


def other_device(seconds):
    return ours(seconds, open_browser=False)


def sdk(seconds):
    with world.directory() as place, world.sandbox(place) as airstore, world.polling_sdk(airstore, 1) as polling:
        session_id = json.loads(polling.stdout.readline())["session_id"]
        time.sleep(seconds)
        click.approve(airstore, session_id)
        assert json.loads(polling.stdout.readline())["at"]
        return airstore.request_count()


def libairstore(seconds):
    with world.directory() as place, world.sandbox(place) as airstore, world.process(
            BUILD / "lib/api/connect", "gmail", ready="Open this",
            env=environment(AIRSTORE_API_KEY=API_KEY, AIRSTORE_BASE_URL=airstore.base_url)) as polling:
        time.sleep(seconds)
        click.approve(airstore, airstore.sessions()[0]["session_id"])
        assert polling.stdout.readline()
        return airstore.request_count()


SUBJECTS = [("airstore-oauthd", ours), ("the same, approved on another device", other_device),
            ("official SDK", sdk), ("libairstore's poll", libairstore)]


def measure(report, quick):
    """All at once: they wait most of the time, each with an Airstore of its own."""
    table = report.table("Requests to Airstore", "", 0)
    subjects = [(name, count) for name, count in SUBJECTS if name != "official SDK" or world.SDK]
    cases = [(seconds, name, count) for seconds in ([1] if quick else PEOPLE_TAKE) for name, count in subjects]
    with concurrent.futures.ThreadPoolExecutor(max_workers=len(cases) * ROUNDS) as pool:
        counts = [[pool.submit(count, seconds) for _ in range(1 if quick else ROUNDS)] for seconds, _, count in cases]
    for (seconds, name, _), logins in zip(cases, counts):
        table.add(f"the person takes {seconds} s", name, *(login.result() for login in logins))
