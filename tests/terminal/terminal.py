# SPDX-License-Identifier: MIT
"""A person's terminal, which is tmux: a window of some size, in which one command runs and which can be
looked at, typed into and made larger or smaller."""

import re
import shlex
import subprocess

from programs import TIMEOUT, eventually

CONFIGURATION = """
set -g status off
set -g remain-on-exit on
set -g remain-on-exit-format ''
set -sg escape-time 0
set -g default-terminal screen-256color
"""


class Terminal:
    def __init__(self, directory, columns, lines):
        self._directory = directory
        self._raw = directory / "terminal.raw"
        self._status = directory / "terminal.status"
        self._size = (columns, lines)
        (directory / "tmux.conf").write_text(CONFIGURATION)

    def _tmux(self, *arguments, **options):
        done = subprocess.run(
            ["tmux", "-S", self._directory / "tmux", "-f", self._directory / "tmux.conf", *map(str, arguments)],
            capture_output=True, text=True, timeout=TIMEOUT, check=True, **options)
        return done.stdout

    def run(self, command, variables):
        """Starts it, once everything that it writes is taken down."""
        waiting = ["sh", "-c", f"trap : INT; read -r _; \"$@\"; echo $? >{self._status}", "sh", *map(str, command)]
        columns, lines = self._size
        self._tmux("new-session", "-d", "-x", columns, "-y", lines, shlex.join(waiting), env=variables)
        self._tmux("pipe-pane", f"exec cat >{shlex.quote(str(self._raw))}")
        eventually(self._raw.exists)
        self.type("\n")

    def type(self, text):
        for part in re.split(r"(\n)", text):
            self._tmux("send-keys", *(["Enter"] if part == "\n" else ["-l", part]))

    def interrupt(self):
        self._tmux("send-keys", "C-c")

    def resize(self, columns, lines):
        self._tmux("resize-window", "-x", columns, "-y", lines)

    def shown(self, *options):
        """What there is to be seen now, without the blanks at the ends."""
        return self._tmux("capture-pane", "-p", *options)

    def wait_for(self, pattern):
        """Until this is to be seen; returns all that is."""
        eventually(lambda: re.search(pattern, self.shown(), re.MULTILINE))
        return self.shown()

    def wait(self):
        """Until the command has ended; returns its exit status. tmux 3.3 does not always come to know it."""
        eventually(lambda: self._status.exists() and self._status.read_text().endswith("\n"))
        return int(self._status.read_text())

    def raw(self):
        """What it wrote, escape sequences and all."""
        return self._raw.read_text()

    def close(self):
        if (self._directory / "tmux").exists():
            self._tmux("kill-server")


# ---- As a picture --------------------------------------------------------------------------------

SCALE = 4  # pixels that a module is wide
PALETTE = {"231": 255, "16": 0}
LIT = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}  # the upper and the lower half


def half_cells(captured, foreground, background):
    """Rows of shades, two a line, as a window with these colours of its own shows them."""
    ink, paper, rows = foreground, background, []
    for line in captured.splitlines():
        above, below = [], []
        for escape, character in re.findall(r"\x1b\[([0-9;]*)m|(.)", line):
            if character:
                upper, lower = LIT.get(character, (0, 0))
                above.append(ink if upper else paper)
                below.append(ink if lower else paper)
                continue
            for colour in re.findall(r"[34]8;5;\d+|\d+|^$", escape):
                if colour.startswith("38;5;"):
                    ink = PALETTE[colour[5:]]
                elif colour.startswith("48;5;"):
                    paper = PALETTE[colour[5:]]
                ink = foreground if colour in ("", "0", "39") else ink
                paper = background if colour in ("", "0", "49") else paper
        rows += [above, below]
    return rows


def photograph(terminal, path, foreground, background):
    """A PGM picture of the window."""
    rows = half_cells(terminal.shown("-e"), foreground, background)
    width = max(map(len, rows))
    pixels = bytearray()
    for row in rows:
        wide = b"".join(bytes([shade]) * SCALE for shade in row + [background] * (width - len(row)))
        pixels += wide * SCALE
    path.write_bytes(b"P5 %d %d 255\n" % (width * SCALE, len(rows) * SCALE) + pixels)
