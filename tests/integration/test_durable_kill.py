# SPDX-License-Identifier: MIT
"""The daemon is killed three hundred times while people connect accounts, and nothing is lost.
tests/soak/driver.py says how; `./dev soak` does it ten times as often."""

import os
import random

from soak import driver

KILLS = 300


def test_nothing_is_lost(place, record_property):
    seed = int(os.environ.get("AIRSTORE_SOAK_SEED", random.SystemRandom().randrange(1 << 32)))
    record_property("seed", seed)
    print(f"seed {seed}; AIRSTORE_SOAK_SEED={seed} has the same dice thrown again")
    figures = driver.run(place, KILLS, seed)
    print(driver.table(figures))
    for what, number in figures.items():
        record_property(what, number)
    assert figures["kills"] == KILLS
    assert figures["looks into the store"] == KILLS + figures["rounds"]
    # It is no proof where nothing happened.
    for outcome in ("complete", "denied", "cancelled"):
        assert figures[f"flows that ended {outcome}"] > 0, figures
    assert figures["pages that said connected"] > 0 and figures["news heard by the watcher"] > 0, figures
