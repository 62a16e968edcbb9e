# SPDX-License-Identifier: MIT
"""Growth, of three kinds: 1 to 10 000 pending sessions, 1 to 1000 who watch, 10 to 100 000 connections."""

import contextlib
import json
import re
import selectors
import sqlite3
import statistics
import time

import certificates
import click
import command
import mounts
import plot
import processes
import questions
import servers
import world

CONFIGURATION = """
[airstore]
poll-interval = {interval}s
[limits]
connections = 4000
connections-per-process = 4000
pending-sessions = 20000
"""


# Sessions


def create_sessions(ours, number):
    with ours.connect() as client:
        for _ in range(number):
            client.call("CreateSession", integration_type="github", always_new=True)


def settle(pid):
    """Until it does nothing but poll: what was created was asked about once."""
    processes.cpu_seconds(pid)
    time.sleep(1)


def with_sessions(tables, number, quick):
    """Nobody waits for them, so each is asked about at the daemon's own pace."""
    heap, cpu, latency = tables
    interval = 1 if number <= 1000 else 10
    with world.pair(configuration=CONFIGURATION.format(interval=interval)) as (airstore, ours):
        create_sessions(ours, 1)  # what the first one brings along, libraries and all
        click.once(airstore, ours)
        before = processes.memory(ours.pid)["Private_Dirty"]
        create_sessions(ours, number)
        settle(ours.pid)
        heap.add(f"{number} pending", world.OURS, (processes.memory(ours.pid)["Private_Dirty"] - before) / number)
        for _ in range(1 if quick else 3):
            cpu_before, asked_before = processes.cpu_seconds(ours.pid), airstore.request_count()
            time.sleep(1.2 * interval)
            asked = airstore.request_count() - asked_before
            cpu.add(f"{number} pending", world.OURS, (processes.cpu_seconds(ours.pid) - cpu_before) * 1e6 / asked)
        latency.add(f"{number} pending", world.OURS, *(click.once(airstore, ours) * 1000 for _ in range(2 if quick else 20)))


def measure_sessions(report, quick):
    heap = report.table("Memory of a pending session, KiB", "KiB")
    cpu = report.table("Processor time of a poll, µs", "µs", 1)
    latency = report.table("Click to ID beside pending sessions, ms", "ms")
    for number in (1, 10) if quick else (1, 10, 100, 1000, 10000):
        with_sessions((heap, cpu, latency), number, quick)


def measure_handshakes(report, quick):
    """Through TLS, which a front takes off."""
    table = report.table("TLS handshakes", "", 0)
    asked = report.table("Requests made by means of them", "", 0)
    for protocol, name in (("h2", "HTTP/2"), ("http/1.1", "HTTP/1.1")):
        for number in (1,) if quick else (1, 10, 100):
            with world.directory() as place, world.sandbox(place) as airstore:
                authority = certificates.Authority(place)
                front = servers.Front(authority.certify(), airstore.port, protocols=[protocol])
                with contextlib.closing(front), world.daemon(
                        place, airstore, CONFIGURATION.format(interval=1), prefix=authority.prefix,
                        AIRSTORE_BASE_URL=front.base_url) as ours:
                    create_sessions(ours, number)
                    time.sleep(2 if quick else 10)
                    assert set(front.spoken) == {protocol}
                    table.add(f"{number} pending, {name}", world.OURS, len(front.versions))
                    asked.add(f"{number} pending, {name}", world.OURS, airstore.request_count())


# Programs that watch


def drain(selector, watchers, wanted):
    """Reads until each has heard of something that has `wanted` in it."""
    missing = set(watchers)
    while missing:
        for key, _ in selector.select(10):
            if wanted in key.fileobj.recv(1 << 20):
                missing.discard(key.fileobj)


def with_watchers(tables, number, quick):
    latency, cpu = tables
    with world.pair(configuration=CONFIGURATION.format(interval=10)) as (_, ours), selectors.DefaultSelector() as selector, \
            contextlib.ExitStack() as stack:
        watchers = []
        for _ in range(number):
            client = stack.enter_context(ours.connect())
            client.send("Watch", more=True)
            assert client.result() == ({}, True)
            selector.register(client.socket, selectors.EVENT_READ)
            watchers.append(client.socket)
        caller = stack.enter_context(ours.connect())
        for round_ in range(3 if quick else 20):
            cpu_before, began = processes.cpu_seconds(ours.pid), time.perf_counter()
            caller.call("CreateConnection", integration_type="gmail", workspace_id=f"ws_{round_}", access_token="made-up")
            drain(selector, watchers, f"ws_{round_}".encode())
            latency.add(f"{number} watching", world.OURS, (time.perf_counter() - began) * 1000)
            cpu.add(f"{number} watching", world.OURS, (processes.cpu_seconds(ours.pid) - cpu_before) * 1e6 / number)


def measure_watchers(report, quick):
    latency = report.table("From a change until all who watch know, ms", "ms")
    cpu = report.table("Processor time of a change for each who watches, µs", "µs", 1)
    for number in (1, 10) if quick else (1, 10, 100, 1000):
        with_watchers((latency, cpu), number, quick)


# Connections in the store


def fill(database, number):
    """As earlier runs of the daemon would have left it."""
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.executemany(
            "INSERT INTO connections (connection_id, integration_type, workspace_id, created_at, updated_at) VALUES (?, 'gmail', ?, ?, ?)",
            ((f"00000000-0000-4000-8000-{one:012}", f"ws_{one}", one, one) for one in range(number)))


def with_connections(tables, number, quick):
    start, memory, answer = tables
    case, times = f"{number} connections", 2 if quick else 10
    with questions.one_processor(), world.directory() as place, world.sandbox(place) as airstore:
        with world.daemon(place, airstore):
            pass  # makes the database
        database = place / "state/oauthd.db"
        fill(database, number)
        for _ in range(times):
            began = time.perf_counter()
            with world.daemon(place, airstore) as ours:
                start.add(case, world.OURS, (time.perf_counter() - began) * 1000)
                memory.add(case, world.OURS, processes.memory(ours.pid)["Private_Dirty"])
                question = json.loads(world.QUESTION)
                question["parameters"]["workspace_id"] = f"ws_{number // 2}"
                done = questions.load(ours.socket, "kept", "nul", 1, 0.05 if quick else 0.2, json.dumps(question))
                answer.add(case, world.OURS, done["seconds"] * 1e6 / done["questions"])
            (taken,) = command.spawn(1, 0, {}, world.BENCH / "bench-read-rows", database)
            start.add(case, "reading the rows", taken / 1000)


def measure_connections(report, quick):
    start = report.table("From exec until it is ready, ms", "ms")
    memory = report.table("Private dirty memory, KiB", "KiB", 0)
    answer = report.table("A question among so many connections, µs", "µs", 1)
    for number in (10, 100) if quick else (10, 100, 1000, 10000, 100000):
        with_connections((start, memory, answer), number, quick)


def measure(report, quick):
    world.many_descriptors()
    measure_sessions(report, quick)
    if not mounts.why_no_mounts():
        measure_handshakes(report, quick)
    measure_watchers(report, quick)
    measure_connections(report, quick)


PLOTS = {
    "sessions": ("pending sessions", ["Processor time of a poll, µs", "Click to ID beside pending sessions, ms", "Memory of a pending session, KiB"]),
    "watchers": ("programs that watch", ["From a change until all who watch know, ms", "Processor time of a change for each who watches, µs"]),
    "connections": ("connections in the store", ["From exec until it is ready, ms", "A question among so many connections, µs"]),
}


def curves(table):
    """{what is measured, and of whom unless it is ours: [(how many there are, the median), …]}"""
    found = {}
    for (case, subject), values in table.series.items():
        name = table.title if subject == world.OURS else f"{table.title}: {subject}"
        if statistics.median(values) > 0:  # else the axis has no place for it
            found.setdefault(name, []).append((int(re.match(r"\d+", case)[0]), statistics.median(values)))
    return found


def draw(report, directory):
    directory.mkdir(parents=True, exist_ok=True)
    tables = {table.title: table for table in report.tables}
    for name, (x_title, titles) in PLOTS.items():
        plot.draw(directory / f"{name}.svg", f"Growth with {x_title} (medians)", x_title,
                  {name: curve for title in titles for name, curve in curves(tables[title]).items()})
