# SPDX-License-Identifier: MIT
"""Another user of the machine: nobody, whom only root can become."""

import shutil
import subprocess

from programs import BUILD, TIMEOUT, environment, eventually

AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def run(*command):
    return subprocess.run(
        [*AS_NOBODY, *map(str, command)], env=environment(), capture_output=True, text=True, timeout=TIMEOUT, cwd="/")


def launch(daemon):
    """The daemon is nobody's then, its directories included. From a copy: nobody may not see where it was built."""
    program = shutil.copy(BUILD / "daemon/airstore-oauthd", daemon.directory)
    for path in (daemon.directory, daemon.state):
        shutil.chown(path, 65534, 65534)
    daemon.launch(prefix=["sh", "-c", f'shift; exec {" ".join(AS_NOBODY)} "$0" "$@"', program])
    eventually(daemon.socket.exists)
    return daemon
