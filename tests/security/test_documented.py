# SPDX-License-Identifier: MIT
"""SECURITY.md names tests that there are, and every row of its table has one."""

import re

from programs import ROOT

TEXT = (ROOT / "SECURITY.md").read_text()
ROWS = [line for line in TEXT.splitlines() if line.startswith("|")][2:]


def test_every_row_is_shown():
    assert len(ROWS) > 20
    for row in ROWS:
        assert "`test_" in row.split("|")[4], row


def test_every_test_exists():
    named = re.findall(r"`(test_\w+)(?:::(test_\w+))?`", TEXT)
    assert named
    for file, test in named:
        places = list(ROOT.glob(f"tests/*/{file}.py"))
        assert places, f"there is no tests/*/{file}.py"
        assert not test or any(f"def {test}(" in place.read_text() for place in places), f"{file} has no {test}"
