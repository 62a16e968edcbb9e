# SPDX-License-Identifier: MIT
"""What must not be found anywhere. The log and the store are searched for the key after every test."""

import contextlib
import pathlib
import urllib.parse

from programs import API_KEY


def test_key(daemon, browser):
    daemon.call("CreateSession", integration_type="gmail")
    browser.opened()
    for place in (browser.environment, f"/proc/{daemon.pid}/environ", f"/proc/{daemon.pid}/cmdline"):
        with contextlib.suppress(PermissionError):  # all the better
            assert API_KEY.encode() not in pathlib.Path(place).read_bytes(), place
    with daemon.connect() as client:
        client.send("GetStatus")
        assert API_KEY not in str(client.receive())


def test_debug_log(make_daemon, sandbox):
    """Whoever has the authorize_url or the nonce acts for the person: they are in no log either."""
    daemon = make_daemon(sandbox.base_url).start("--log-level", "debug")
    session = daemon.call("CreateSession", integration_type="gmail")["session"]
    nonce = sandbox.return_to(session["session_id"]).rpartition("/")[2]
    (state,) = urllib.parse.parse_qs(urllib.parse.urlsplit(session["authorize_url"]).query)["state"]
    sandbox.approve(session["authorize_url"])
    daemon.poll(session)
    daemon.stop()
    assert "Gmail" in daemon.log
    for secret in (API_KEY, nonce, state, session["session_id"]):
        assert secret not in daemon.log


def test_no_core_file(make_daemon, sandbox):
    daemon = make_daemon(sandbox.base_url)
    daemon.start(prefix=["sh", "-c", 'ulimit -S -c "$(ulimit -H -c)" && exec "$@"', "sh"])
    limits = pathlib.Path(f"/proc/{daemon.pid}/limits").read_text()
    (line,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    assert line.split()[4] == "0"
