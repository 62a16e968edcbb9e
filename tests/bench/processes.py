# SPDX-License-Identifier: MIT
"""What the kernel knows of a process and its children."""

import pathlib
import re


def family(pid):
    """A process and all below it."""
    pids = [pid]
    for one in pids:
        for task in pathlib.Path(f"/proc/{one}/task").iterdir():
            pids += map(int, (task / "children").read_text().split())
    return pids


def cpu_seconds(*pids):
    """To the nanosecond, where times are counted in ticks."""
    return sum(int((task / "schedstat").read_text().split()[0]) for pid in pids
               for task in pathlib.Path(f"/proc/{pid}/task").iterdir()) / 1e9


def wake_ups(*pids):
    """How often they were put onto a processor."""
    return sum(int(number) for pid in pids for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
               for number in re.findall(r"ctxt_switches:\t(\d+)", (task / "status").read_text()))


def memory(*pids):
    """KiB: {"Private_Dirty": …, "Pss": …, …}, all of them together."""
    total = {}
    for pid in pids:
        for name, number in re.findall(r"(\w+): +(\d+) kB", pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()):
            total[name] = total.get(name, 0) + int(number)
    return total
