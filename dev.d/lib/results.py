#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts what the suites found, names what failed and why something was skipped.

Given a directory with NAME.xml (JUnit) and NAME.status (the exit status) for each run. A test
program of cmocka is one case to Meson; the cases inside it are taken from the XML that it printed.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as xml


def cases(tree):
    """(name, what became of it, why) of every test case, with those inside cmocka's programs."""
    for case in tree.iter("testcase"):
        name = " ".join(filter(None, [case.get("classname"), case.get("name")]))
        printed = case.findtext("system-out") or ""
        inner = re.findall(r"<testsuites>.*?</testsuites>", printed, re.DOTALL)
        failed = False
        for text in inner:
            for inner_name, outcome, why in cases(xml.fromstring(text)):
                failed = failed or outcome == "failed"
                yield f"{case.get('name')}: {inner_name}", outcome, why
        broken = next((x for x in (case.find("failure"), case.find("error")) if x is not None), None)
        skipped = case.find("skipped")
        if broken is not None and not failed:
            yield name, "failed", (broken.get("message") or broken.text or "it ended early").strip()
        elif skipped is not None:
            yield name, "skipped", (skipped.get("message") or skipped.text or "no reason given").strip()
        elif not inner:
            yield name, "passed", ""


def run(path):
    """The cases of one run. One that ended badly or found nothing at all has failed as a whole."""
    status = int(path.read_text())
    try:
        found = list(cases(xml.parse(path.with_suffix(".xml"))))
    except (OSError, xml.ParseError) as error:
        return [(path.stem, "failed", f"it left no results: {error}")]
    if status != 0 and not any(outcome == "failed" for _, outcome, _ in found):
        found.append((path.stem, "failed", f"it ended with exit status {status}"))
    if not found:
        found.append((path.stem, "failed", "it ran no tests"))
    return [(f"{path.stem}: {name}", outcome, why) for name, outcome, why in found]


def main():
    count = {"passed": 0, "failed": 0, "skipped": 0}
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.status")):
        for name, outcome, why in run(path):
            count[outcome] += 1
            if outcome != "passed":
                print(f"{outcome}: {name}: {(why.splitlines() or [''])[0]}")
    print(", ".join(f"{number} {outcome}" for outcome, number in count.items()))
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
