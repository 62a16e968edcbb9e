# SPDX-License-Identifier: MIT
"""The benchmarks run to their end. What they measure is no matter for a test."""

import json
import os
import subprocess
import sys

import pytest

from programs import BUILD, ROOT, TIMEOUT

# Of the others, "counts" wants valgrind, which cannot run what was built with sanitizers, and "start" a user
# manager.
NAMES = ["click", "questions", "hostile", "idle", "growth", "cost", "command"]


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_measures_ours(name):
    done = subprocess.run(
        [sys.executable, ROOT / "tests/bench/bench.py", "--quick", "--json", name],
        env={**os.environ, "AIRSTORE_BUILD": str(BUILD)}, capture_output=True, text=True, timeout=4 * TIMEOUT)

    assert done.returncode == 0, done.stderr
    (report,) = json.loads(done.stdout)["benchmarks"]
    assert report["benchmark"] == name
    for table in report["tables"]:
        assert table["rows"], table["title"]
        assert all(row["minimum"] <= row["median"] <= row["maximum"] for row in table["rows"])


def test_a_benchmark_that_there_is_not():
    done = subprocess.run([sys.executable, ROOT / "tests/bench/bench.py", "speed"], capture_output=True, text=True, timeout=TIMEOUT)

    assert done.returncode == 2
    assert "there is no benchmark 'speed'; there are: click, " in done.stderr
