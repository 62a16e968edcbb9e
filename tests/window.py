# SPDX-License-Identifier: MIT
"""A terminal window, as far as programs can tell: keys go in, and what is written to it is seen."""

import errno
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios

from programs import TIMEOUT


class Terminal:
    def __init__(self, command, variables, directory, columns=400, stdin=None):
        self._terminal, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen(
            command, env=variables, cwd=directory, stdin=inner if stdin is None else stdin, stdout=inner, stderr=inner, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(1, termios.TIOCSCTTY, 0))
        os.close(inner)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(TIMEOUT)
        os.close(self._terminal)

    def type(self, keys, end):
        """What is written after these keys, until that comes."""
        os.write(self._terminal, keys.encode())
        seen = b""
        while end.encode() not in seen:
            ready, _, _ = select.select([self._terminal], [], [], TIMEOUT)
            assert ready, f"the terminal shows {seen!r}, and no {end!r}"
            seen += os.read(self._terminal, 65536)
        return seen.decode()

    def rest(self):
        """What stands there when everybody has left: without what was written over."""
        seen = b""
        while True:
            ready, _, _ = select.select([self._terminal], [], [], TIMEOUT)
            assert ready, f"nobody leaves; the terminal shows {seen!r}"
            try:
                seen += os.read(self._terminal, 65536)
            except OSError as error:
                assert error.errno == errno.EIO
                return looks_like(seen.decode())


def looks_like(written):
    """The lines of the window, for programs that only ever write over the last one."""
    written = written.replace("\r\n", "\n")
    lines = [re.sub(r"\x1b\]8;[^\x1b\x07]*(\x1b\\|\x07)|\x1b\[[\d;?]*[a-zJ-Z]", "", re.split(r"\r(?:\x1b\[K)?", line)[-1])
             for line in written.split("\n")]
    return "\n".join(lines)
