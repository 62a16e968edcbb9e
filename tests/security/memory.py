# SPDX-License-Identifier: MIT
"""The memory of a process, as root reads it."""

import re


def mappings(pid):
    """(first address, one behind the last, permissions, name) of each."""
    with open(f"/proc/{pid}/maps") as table:
        for line in table:
            bounds, permissions, _, _, _, *name = line.split(maxsplit=5)
            begin, end = (int(bound, 16) for bound in bounds.split("-"))
            yield begin, end, permissions, name[0].strip() if name else ""


def find(pid, text):
    """Where the text stands in the memory that the process can write to: (what is mapped there, the text around it)."""
    found = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for begin, end, permissions, name in mappings(pid):
            if "rw" not in permissions:
                continue
            memory.seek(begin)
            data = read_whole(memory, end - begin)
            for match in re.finditer(re.escape(text), data):
                around = data[max(0, match.start() - 32):match.end() + 16]
                found.append((name or "anonymous", around))
    return found


def read_whole(memory, size):
    data = b""
    while len(data) < size:
        more = memory.read(size - len(data))
        if not more:
            break
        data += more
    return data


def flags(pid, text):
    """What the kernel knows of the mapping in which the text stands (VmFlags of smaps)."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for begin, end, permissions, _ in mappings(pid):
            if "rw" not in permissions:
                continue
            memory.seek(begin)
            if text in read_whole(memory, end - begin):
                return flags_of(pid, begin)
    return None


def flags_of(pid, begin):
    with open(f"/proc/{pid}/smaps") as table:
        text = table.read()
    part = text[text.index(f"{begin:x}-"):]
    return re.search("VmFlags: (.*)", part)[1].split()
