# SPDX-License-Identifier: MIT
"""coverage.py SUMMARY LINES TABLE: writes what gcovr has counted as a table of files, and prints the sums. Fails below the
aims."""

import json
import re
import subprocess
import sys

LINES, BRANCHES = 90, 80  # per cent

HEAD = """# What the tests reach

Written by `./dev coverage`: lines and branches of `lib/` and `daemon/` that the suites reach (units with the corpora of the
fuzzers, integration, interop, security, terminal), counted by gcov and gcovr with `--exclude-unreachable-branches`; each
direction of each condition counts, those of `&&`, `||` and `?:` too. Programs that are killed lose their counts. The aims
are 90 % of lines and 80 % of branches.

Not reached, and why:

- **The way out when memory, descriptors or the event loop fail** in the middle of something: nearly all of what is left.
  `tests/security/test_out_of_memory.py` takes those ways, some fifty of each method's here, all of them with
  `AIRSTORE_ALLOCATIONS=100000`; some need two failures at once.
- **What needs systemd**: `idle.c`, the watchdog, sockets that are handed over (`listen.c`, `main.c`), peers behind a user
  namespace (`peer.c`). The systemd suite is left out, since daemons in the sandbox of their unit cannot write their counts.
- **Libraries that are missing** (`library.c`, `curl-on-demand.c`, `keyring-load.c`): packages depend on them.
- **A clock that is set** (`wakeup.c`): it would be that of the machine.

"""


def main(summary, lines, table):
    with open(summary) as file:
        counted = json.load(file)
    missing = {}
    with open(lines) as file:
        for line in file:
            if match := re.match(r"(\S+\.[ch])\s+\d+\s+\d+\s+\d+%\s*(.*)", line):
                name, missing[match[1]] = match[1], match[2]
            elif match := re.match(r"\s+([\d,-]+)$", line):
                missing[name] += match[1]
    with open(table, "w") as out:
        out.write(HEAD)
        commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
        out.write(f"In all, at {commit}: {counted['line_percent']} % of {counted['line_total']} lines, "
                  f"{counted['branch_percent']} % of {counted['branch_total']} branches.\n\n")
        out.write("| file | lines | branches | lines not reached |\n| --- | --- | --- | --- |\n")
        for file in counted["files"]:
            name = file["filename"]
            branches = file["branch_percent"] if file["branch_total"] else 100
            out.write(f"| {name} | {file['line_percent']} % | {branches} % | {missing.get(name, '').replace(',', ', ')} |\n")
    print(f"lines {counted['line_percent']} % (of {counted['line_total']}), "
          f"branches {counted['branch_percent']} % (of {counted['branch_total']}); see {table}")
    return 0 if counted["line_percent"] >= LINES and counted["branch_percent"] >= BRANCHES else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
