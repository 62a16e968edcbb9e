# SPDX-License-Identifier: MIT
"""The memory of the running daemon, searched after each step for what should not be there any more."""

import subprocess

import pytest

import memory
import nobody
from programs import API_KEY, eventually

pytestmark = [pytest.mark.plain, pytest.mark.usefixtures("root")]

KEY = API_KEY.encode()
ACCESS, REFRESH, APP_KEY = "access-token-of-the-test-1f6e", "refresh-token-of-the-test-22b9", "key-of-an-app-of-the-test-7c"
CANDIDATE = "tok_a-key-that-is-only-tried-out-51d0"
LOADED = "tok_a-key-that-comes-with-a-reload-83ac"


def key_is_kept_once(daemon, key=KEY):
    """Nowhere but in the vault, and no header with it is left, once what was asked last has been cleared away: a client
    has its reply some microseconds before that."""
    eventually(lambda: len(memory.find(daemon.pid, key)) <= 1 and not memory.find(daemon.pid, b"Bearer tok"))
    return memory.find(daemon.pid, key) != []


def is_gone(daemon, *secrets):
    places = [None]

    def nowhere():
        places[:] = [place for secret in secrets for place in memory.find(daemon.pid, secret.encode())]
        return not places

    try:
        eventually(nowhere)
    except AssertionError:
        raise AssertionError(f"still there: {places}") from None


def test_the_search_finds(daemon):
    """It would find what is there: what the daemon says of itself is."""
    assert memory.find(daemon.pid, str(daemon.socket).encode())


def test_at_start(daemon):
    assert key_is_kept_once(daemon)


def test_vault(daemon):
    """Neither swapped out, nor dumped, nor seen by children."""
    assert {"lo", "dd", "wf"} <= set(memory.flags(daemon.pid, KEY))


def may_look_into(pid):
    """Whether another program of the same user, nobody, can read the memory of this one."""
    return nobody.run("head", "-c", "1", f"/proc/{pid}/environ").returncode == 0


def test_not_dumpable(make_daemon, sandbox):
    """As nobody, since root may look into everything; a process that has not protected itself is read."""
    daemon = nobody.launch(make_daemon(sandbox.base_url))
    with subprocess.Popen([*nobody.AS_NOBODY, "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/") as other:
        other.stdin.write(b"x\n")
        other.stdin.flush()
        assert other.stdout.readline()
        assert may_look_into(other.pid)
        assert not may_look_into(daemon.pid)
        other.stdin.close()


def test_a_login(daemon, sandbox, browser):
    """A client is connected all the time, and so are the connections to Airstore."""
    with daemon.connect() as client:
        session = client.call("CreateSession", integration_type="gmail")["session"]
        assert key_is_kept_once(daemon)
        assert browser.opened() == session["authorize_url"]
        client.send("Poll", {"session_id": session["session_id"], "interval": 100}, more=True)
        client.result()
        seen = len(sandbox.requests("GET"))
        eventually(lambda: len(sandbox.requests("GET")) > seen + 1)
        sandbox.approve(session["authorize_url"])
        while client.result()[1]:
            pass
        assert key_is_kept_once(daemon)


@pytest.mark.parametrize("tokens", [
    {"access_token": ACCESS, "refresh_token": REFRESH, "extra": {"more": ACCESS[::-1]}}, {"api_key": APP_KEY}],
    ids=["tokens", "key"])
def test_tokens_handed_over(daemon, tokens):
    """The client that has sent them is still there, and has sent nothing since."""
    with daemon.connect() as client:
        client.call("CreateConnection", workspace_id="ws_mine", integration_type="github" if "api_key" not in tokens else "linear", **tokens)
        is_gone(daemon, ACCESS, REFRESH, APP_KEY, ACCESS[::-1])
        assert key_is_kept_once(daemon)


def test_tokens_that_are_refused(daemon, sandbox):
    for fault in ({"status": 422}, {"status": 500, "count": 0, "retry_after_ms": 10}):
        sandbox.misbehave("status", method="POST", **fault)
        with daemon.connect() as client:
            client.send("CreateConnection", {"workspace_id": "ws_mine", "integration_type": "github", "access_token": ACCESS})
            assert "error" in client.receive()
            is_gone(daemon, ACCESS)


def test_tokens_in_a_broken_call(daemon):
    with daemon.connect() as client:
        client.send("CreateConnection", {"integration_type": "github", "access_token": ACCESS, "nonsense": 1})
        assert "error" in client.receive()
        is_gone(daemon, ACCESS)


def test_tokens_of_who_hangs_up(daemon):
    """In the middle of the message, and before it is answered."""
    with daemon.connect() as client:
        client.send_bytes(b'{"method":"ai.airstore.OAuth.CreateConnection","parameters":{"access_token":"' + ACCESS.encode())
        eventually(lambda: memory.find(daemon.pid, ACCESS.encode()))
    is_gone(daemon, ACCESS)
    with daemon.connect() as client:
        client.send("CreateConnection", {"workspace_id": "ws_mine", "integration_type": "github", "access_token": ACCESS})
    eventually(lambda: len(daemon.call("ListConnections")["connections"]) == 1)
    is_gone(daemon, ACCESS)


def test_key_tried_out(daemon):
    with daemon.connect() as client:
        client.send("CheckAPIKey", {"api_key": CANDIDATE})
        assert client.receive()
        is_gone(daemon, CANDIDATE)
        client.send("CheckAPIKey", {"api_key": API_KEY})
        assert client.receive()
        assert key_is_kept_once(daemon)


def test_reload_and_logout(make_daemon, sandbox, files):
    """Another key, then none."""
    files.set_key(API_KEY)
    daemon = make_daemon(sandbox.base_url, AIRSTORE_API_KEY=None).start()
    daemon.call("ListConnections", workspace_id="ws_default", refresh=True)
    files.set_key(LOADED)
    daemon.call("Reload")
    assert key_is_kept_once(daemon, LOADED.encode())
    is_gone(daemon, API_KEY)
    files.key.unlink()
    daemon.call("Reload")
    is_gone(daemon, LOADED, API_KEY)


def test_during_a_request(daemon, sandbox):
    """libcurl and what it is made of have copies while a request runs: only then, and so many."""
    sandbox.misbehave("latency", ms=20000, method="POST")
    with daemon.connect() as client:
        client.send("CreateSession", {"integration_type": "gmail", "open_browser": False})
        eventually(lambda: len(memory.find(daemon.pid, KEY)) > 1)
        assert len(memory.find(daemon.pid, KEY)) <= 5
    daemon.kill()  # which would wait for the reply
