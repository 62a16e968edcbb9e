#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs benchmarks: each measures ours and what it is compared with in turn, in the same run, several
times. See README.md beside this file.

    ./dev bench [--quick] [--json] [--plots DIRECTORY] [NAME…]
"""

import argparse
import importlib
import json
import os
import pathlib
import sys
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "systemd"), str(HERE.parent / "security")]

import report  # noqa: E402

# One module each, with a first line that says what it measures, and measure(report, quick).
NAMES = ["click", "questions", "counts", "hostile", "idle", "growth", "start", "cost", "command"]


def arguments():
    summaries = "\n".join(f"  {name:10} {summary(name)}" for name in NAMES)
    parser = argparse.ArgumentParser(
        prog="./dev bench", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures ours beside others.", epilog=f"benchmarks:\n{summaries}")
    parser.add_argument("names", metavar="NAME", nargs="*", help="which ones; all of them unless you say so")
    parser.add_argument("--quick", action="store_true", help="run each once and briefly: shows that it works, not how fast")
    parser.add_argument("--json", action="store_true", help="print everything that was measured as JSON; the tables go to standard error")
    parser.add_argument("--plots", type=pathlib.Path, metavar="DIRECTORY", help="draw the curves of growth there, as SVG")
    chosen = parser.parse_args()
    for name in chosen.names:
        if name not in NAMES:
            parser.error(f"there is no benchmark '{name}'; there are: {', '.join(NAMES)}")
    return chosen


def summary(name):
    with open(HERE / f"{name}.py", encoding="utf-8") as source:
        return next(line for line in source if line.startswith('"""')).strip('"\n').rstrip(".")


def main():
    chosen = arguments()
    out = sys.stderr if chosen.json else sys.stdout
    os.sync()  # a program that was just built counts as dirty memory until it is on the disk
    about, reports = report.machine(), []
    print(textwrap.fill(", ".join(f"{name} {value}" for name, value in about.items()), 110), file=out, flush=True)
    for name in chosen.names or NAMES:
        module = importlib.import_module(name)
        why_not = getattr(module, "why_not", lambda: None)()
        print(f"\n{name}: {summary(name)}", file=out, flush=True)
        if why_not:
            print(f"  not measured: {why_not}", file=out)
            continue
        one = report.Report(name)
        module.measure(one, chosen.quick)
        reports.append(one)
        for table in one.tables:
            print(table.text(), file=out, flush=True)
        if chosen.plots and hasattr(module, "draw"):
            module.draw(one, chosen.plots)
    if chosen.json:
        json.dump({"machine": about, "benchmarks": [one.as_json() for one in reports]}, sys.stdout, indent=1)
        print()


if __name__ == "__main__":
    main()
