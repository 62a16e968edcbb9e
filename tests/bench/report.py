# SPDX-License-Identifier: MIT
"""What a benchmark has measured: series of numbers, ours and those of what it is measured beside."""

import os
import pathlib
import platform
import statistics
import subprocess


class Report:
    """Tables of series. A case ("API round trip of 20 ms") has one series of ours and some of others."""

    def __init__(self, name):
        self.name = name
        self.tables = []

    def table(self, title, unit, digits=2):
        table = Table(title, unit, digits)
        self.tables.append(table)
        return table

    def as_json(self):
        return {"benchmark": self.name, "tables": [table.as_json() for table in self.tables]}


class Table:
    def __init__(self, title, unit, digits):
        self.title, self.unit, self.digits = title, unit, digits
        self.series = {}  # (case, subject): values

    def add(self, case, subject, *values):
        """The first subject of a case is ours; the others are what it is compared with."""
        self.series.setdefault((case, subject), []).extend(values)

    def ours(self, case):
        return next(subject for known, subject in self.series if known == case)

    def ratio(self, case, subject):
        """Our median divided by theirs."""
        ours, theirs = (statistics.median(self.series[case, who]) for who in (self.ours(case), subject))
        return ours / theirs if theirs else None

    def rows(self):
        for (case, subject), values in self.series.items():
            ratio = None if subject == self.ours(case) else self.ratio(case, subject)
            yield case, subject, min(values), statistics.median(values), max(values), ratio

    def text(self):
        def number(value):
            return "" if value is None else f"{value:,.{self.digits}f}"

        lines = [[self.title, "", "min", "median", "max", "ours / theirs"]]
        lines += [[case, subject, number(least), number(median), number(most), "" if ratio is None else f"{ratio:.3g}"]
                  for case, subject, least, median, most, ratio in self.rows()]
        widths = [max(len(line[column]) for line in lines) for column in range(6)]
        texts = ["| " + " | ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths))) + " |" for line in lines]
        rule = "| " + " | ".join("-" * width if column < 2 else "-" * (width - 1) + ":" for column, width in enumerate(widths)) + " |"
        return "\n".join(["", texts[0], rule, *texts[1:]])

    def as_json(self):
        return {
            "title": self.title, "unit": self.unit,
            "rows": [{"case": case, "subject": subject, "minimum": least, "median": median, "maximum": most,
                      "ratio": ratio, "values": self.series[case, subject]}
                     for case, subject, least, median, most, ratio in self.rows()],
        }


def machine():
    """Where the numbers come from."""
    model = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    system = next((line.split("=", 1)[1].strip('"') for line in pathlib.Path("/etc/os-release").read_text().splitlines()
                   if line.startswith("PRETTY_NAME=")), "")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True,
                            cwd=pathlib.Path(__file__).parent).stdout.strip()
    return {"processor": model, "processors": os.cpu_count(), "kernel": platform.release(), "system": system,
            "load_before": os.getloadavg()[0], "commit": commit}
