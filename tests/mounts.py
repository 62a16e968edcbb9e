# SPDX-License-Identifier: MIT
"""File systems of a program's own: what is mounted for it is gone when it ends."""

import subprocess


def why_no_mounts():
    """Why there can be none here; None when there can."""
    tried = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "mount", "--bind", "/etc", "/etc"], capture_output=True, text=True)
    return f"nothing can be mounted here: {tried.stderr.strip()}" if tried.returncode else None


def mounting(*commands):
    """The beginning of a command line that goes on with a program, which sees what these commands have mounted."""
    return ["unshare", "--mount", "sh", "-c", " && ".join([*commands, 'exec "$@"']), "sh"]
