# SPDX-License-Identifier: MIT
"""What the desktop helper is asked to show. The test listens where systemd would listen for the helper."""

import contextlib
import json
import select
import socket

import pytest

from programs import TIMEOUT


class Desktop:
    def __init__(self, place):
        (place / "airstore-oauthd").mkdir()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(place / "airstore-oauthd/desktop"))
        self._listening.listen()

    def asked(self):
        """The next call, which is answered."""
        ready, _, _ = select.select([self._listening], [], [], TIMEOUT)
        assert ready, "nothing was asked"
        client, _ = self._listening.accept()
        with client:
            data = b""
            while not data.endswith(b"\0"):
                data += client.recv(4096)
            client.sendall(b'{"parameters":{}}\0')
        call = json.loads(data[:-1])
        return call["method"].removeprefix("ai.airstore.Desktop."), call["parameters"]

    def is_left_alone(self):
        return not select.select([self._listening], [], [], 0)[0]

    def close(self):
        self._listening.close()


@pytest.fixture
def desktop(place):
    with contextlib.closing(Desktop(place)) as desktop:
        yield desktop


def begin(daemon, integration):
    return daemon.call("CreateSession", integration_type=integration, open_browser=False)["session"]


def wait(daemon, session):
    with daemon.connect() as client:
        client.send("Poll", {"session_id": session["session_id"], "interval": 100})
        return client.receive()


def notice_of_the_end(daemon, session):
    """Told by Watch, which is no waiting for this session."""
    with daemon.connect() as client:
        for news in client.call_more("Watch"):
            one = news.get("session", {})
            if one.get("session_id") == session["session_id"] and one["status"] != "pending":
                return


def test_nobody_waited(make_daemon, sandbox, desktop):
    daemon = make_daemon(sandbox.base_url).start()
    session = begin(daemon, "gmail")
    sandbox.approve(session["authorize_url"])
    assert desktop.asked() == ("Notify", {"title": "Gmail is connected"})
    session = begin(daemon, "slack")
    sandbox.deny(session["authorize_url"])
    method, parameters = desktop.asked()
    assert (method, parameters["title"]) == ("Notify", "Slack was not connected")
    assert "denied" in parameters["body"]


def test_somebody_waited_or_cancelled(make_daemon, sandbox, desktop):
    daemon = make_daemon(sandbox.base_url).start()
    session = begin(daemon, "gmail")
    sandbox.approve(session["authorize_url"])
    assert wait(daemon, session)["parameters"]["session"]["status"] == "complete"
    daemon.call("CancelSession", session_id=begin(daemon, "slack")["session_id"])
    daemon.call("GetStatus")
    assert desktop.is_left_alone()


def test_switched_off(make_daemon, sandbox, desktop, place):
    (place / "config/airstore-oauthd").mkdir(parents=True)
    (place / "config/airstore-oauthd/airstore-oauthd.conf").write_text(
        "[airstore]\nnotifications = no\npoll-interval = 1s\n")
    daemon = make_daemon(sandbox.base_url).start()
    session = begin(daemon, "gmail")
    sandbox.approve(session["authorize_url"])
    notice_of_the_end(daemon, session)
    daemon.call("GetStatus")
    assert desktop.is_left_alone()
