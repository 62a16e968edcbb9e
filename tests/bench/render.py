#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tables of a README from what ./dev bench --json has printed.

    ./dev bench --json >after.json; tests/bench/render.py after.json
    tests/bench/render.py before.json after.json
"""

import json
import sys


def load(path):
    """{(benchmark, table, case, subject): row}, in the order of measuring."""
    with open(path, encoding="utf-8") as source:
        measured = json.load(source)
    rows = {(one["benchmark"], table["title"], row["case"], row["subject"]): row
            for one in measured["benchmarks"] for table in one["tables"] for row in table["rows"]}
    return measured["machine"], rows


def number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"


def cells(row):
    return ["", "", "", ""] if row is None else [number(row[name]) for name in ("minimum", "median", "maximum", "ratio")]


def main(paths):
    loaded = [load(path) for path in paths]
    machine, rows = loaded[-1]
    before = loaded[0][1] if len(loaded) > 1 else None
    print(", ".join(f"{name} {value}" for name, value in machine.items()))
    last = None
    for key, row in rows.items():
        if key[:2] != last:
            columns = ["min", "median", "max", "ours / theirs"] + (["median before"] if before is not None else [])
            print(f"\n| {key[1]} | | " + " | ".join(columns) + " |")
            print("| --- | --- |" + " ---: |" * len(columns))
            last = key[:2]
        earlier = [] if before is None else [number(before[key]["median"]) if key in before else ""]
        print("| " + " | ".join([key[2], key[3], *cells(row), *earlier]) + " |")


main(sys.argv[1:])
