#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What being there on demand costs: from the first connect() to the first reply when the socket starts
the daemon, and the memory of the daemon. In a user manager of its own; as root.

    AIRSTORE_BUILD=… tests/bench/systemd-start.py [RUNS]
"""

import pathlib
import re
import shutil
import statistics
import sys
import tempfile
import time

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "systemd")]
from manager import SERVICE, UserManager, install, why_not  # noqa: E402
from programs import Sandbox  # noqa: E402

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 50


def first_reply(manager):
    """Milliseconds, for a daemon that is not there."""
    manager.systemctl("stop", SERVICE)
    began = time.perf_counter()
    manager.call("GetStatus")
    return (time.perf_counter() - began) * 1000


def show_times(title, times):
    times = sorted(times)
    print(f"{title}: median {statistics.median(times):.1f} ms, 90% within {times[len(times) * 9 // 10]:.1f} ms, "
          f"at best {times[0]:.1f} ms")


def show_memory(title, manager):
    text = manager.proc(manager.main_pid(), "smaps_rollup").read_text()
    kilobytes = {name: int(number) for name, number in re.findall(r"(\w+): +(\d+) kB", text)}
    print(f"{title}: private dirty {kilobytes['Private_Dirty']} KiB, PSS {kilobytes['Pss']} KiB, RSS {kilobytes['Rss']} KiB")


def measure(manager, sandbox):
    browser = manager.make_browser()
    manager.set_environment(AIRSTORE_BASE_URL=sandbox.base_url)
    manager.store_key()
    manager.enable()
    show_times("First reply", [first_reply(manager) for _ in range(RUNS)])
    show_memory("Idle", manager)
    manager.call("CreateSession", integration_type="gmail")
    show_memory("One session pending", manager)
    sandbox.approve(browser.opened())
    # An empty file of the person's hides the one of that name that is installed.
    manager.write(manager.units / f"{SERVICE}.d/50-namespaces.conf", "")
    manager.systemctl("daemon-reload")
    show_times("First reply without 50-namespaces.conf", [first_reply(manager) for _ in range(RUNS)])
    browser.close()


def main():
    reason = why_not()
    if reason:
        sys.exit(f"systemd-start: {reason}")
    directory = pathlib.Path(tempfile.mkdtemp(prefix="airstore-install-", dir="/tmp"))
    manager = UserManager(install(directory))
    sandbox = Sandbox(manager.place)
    try:
        measure(manager, sandbox)
    finally:
        sandbox.stop()
        manager.close()
        shutil.rmtree(directory)


main()
