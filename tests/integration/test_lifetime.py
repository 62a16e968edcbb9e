# SPDX-License-Identifier: MIT
"""Starting, stopping and being killed: what was told is never forgotten, and nothing stays behind."""

import contextlib
import pathlib
import socket
import stat

import pytest

from programs import TIMEOUT


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_connections_are_kept(daemon, sandbox, end):
    connection_id = daemon.connect_account(sandbox)["connection_id"]
    getattr(daemon, end)()
    daemon.start()
    assert daemon.call("GetConnection", integration_type="gmail")["connection"]["connection_id"] == connection_id


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_pending_sessions_go_on(daemon, sandbox, end):
    """Approved while nobody was there to see it."""
    session = daemon.create()
    getattr(daemon, end)()
    sandbox.approve(session["authorize_url"])
    daemon.start()
    done = daemon.poll(session)
    assert done["connection_id"] == daemon.call("GetConnection", integration_type="gmail")["connection"]["connection_id"]


def test_the_browser_comes_back_after_a_restart(daemon, sandbox, browser):
    """return_to was given to Airstore before the restart, and holds after it."""
    session = daemon.call("CreateSession", integration_type="gmail")["session"]
    daemon.restart()
    with daemon.connect() as waiter:
        waiter.send("Poll", {"session_id": session["session_id"]})
        assert sandbox.approve(session["authorize_url"]).startswith("Gmail is connected")
        assert waiter.result()[0]["session"]["status"] == "complete"


def test_stop_while_busy(daemon, sandbox):
    """With somebody waiting and a request under way, SIGTERM still ends it at once."""
    session = daemon.create()
    sandbox.misbehave("latency", ms=TIMEOUT * 1000)
    with daemon.connect() as waiter:
        waiter.send("Poll", {"session_id": session["session_id"]})
        waiter.send("ListSessions")
        daemon.stop()
        assert waiter.receive() is None
    sandbox.behave()


def test_network_libraries_are_loaded_when_needed(daemon, sandbox):
    """Who asks for a connection that is known does not wait for libcurl and all that it brings along."""
    def loaded():
        mapped = pathlib.Path(f"/proc/{daemon.pid}/maps").read_text()
        return {name for name in ("libcurl", "libmicrohttpd", "libssl", "libgnutls") if f"/{name}" in mapped}

    daemon.call("GetStatus")
    assert loaded() == set()
    daemon.call("CreateSession", integration_type="gmail")
    assert {"libcurl", "libmicrohttpd"} <= loaded()


def test_only_one_at_an_address(daemon, make_daemon, sandbox):
    second = make_daemon(sandbox.base_url)
    assert second.launch().wait() not in (0, None)
    second.kill()
    assert daemon.call("ListSessions") == {"sessions": []}


def test_who_is_there_is_not_called_for_long(make_daemon, sandbox):
    """For the second in which the child of one that was killed may have its socket still."""
    daemon = make_daemon(sandbox.base_url)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(daemon.socket))
        listener.listen(1000)
        assert daemon.launch().wait() == 1
        assert f"Another airstore-oauthd is listening on {daemon.socket} already" in daemon.log
        listener.setblocking(False)
        calls = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                listener.accept()[0].close()
                calls += 1
    assert 1 < calls <= 20
    daemon.kill()


def test_left_over_socket(daemon):
    daemon.kill()
    assert daemon.socket.exists()
    daemon.start()
    assert daemon.call("ListSessions") == {"sessions": []}


def test_state_is_private(daemon, sandbox):
    daemon.connect_account(sandbox)
    for path in daemon.state.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_socket_activation(make_daemon, sandbox):
    """systemd holds the socket: a client that came before the daemon is served."""
    daemon = make_daemon(sandbox.base_url)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(daemon.socket))
        listener.listen()
        with daemon.connect() as client:
            client.send("ListSessions")
            daemon.start_with(listener)
            assert client.result()[0] == {"sessions": []}
        daemon.stop()
        assert daemon.socket.exists()  # it is not the daemon's to remove


@pytest.mark.parametrize("count, reason", [
    (5, "systemd handed over 5 sockets, where 4 at most make sense"), (50, "Ending: Bad file descriptor")])
def test_sockets_that_make_no_sense(make_daemon, sandbox, count, reason):
    """Too many, and such as are not there: it does not end without a word."""
    daemon = make_daemon(sandbox.base_url)
    give = 'exec 3<&0 4<&0 5<&0 6<&0 7<&0; LISTEN_PID=$$ exec "$@"'
    assert daemon.launch(prefix=["sh", "-c", give, "sh"], LISTEN_FDS=count).wait() == 1
    assert reason in daemon.log
    daemon.kill()


def test_address_on_the_command_line(make_daemon, sandbox, place):
    daemon = make_daemon(sandbox.base_url)
    daemon.socket = place / "elsewhere"
    daemon.start("--address", f"unix:{daemon.socket}")
    assert daemon.call("ListSessions") == {"sessions": []}


@pytest.mark.parametrize("arguments", [["--fly"], ["extra"], ["--address"], ["--address", "tcp:1"], ["--log-level", "loud"]])
def test_wrong_arguments(make_daemon, sandbox, arguments):
    daemon = make_daemon(sandbox.base_url)
    assert daemon.launch(*arguments).wait() > 0
    assert daemon.log
    daemon.kill()


def test_version(make_daemon, sandbox):
    daemon = make_daemon(sandbox.base_url)
    program = daemon.launch("--version")
    assert program.wait() == 0
    assert "0." in program.out.read_text()
    daemon.kill()
