# SPDX-License-Identifier: MIT
"""What a person finds with `journalctl`: what airstore-oauthd(8) promises under JOURNAL, and no secrets."""

import re
import urllib.parse

import pytest

from manager import SERVICE
from programs import API_KEY, ROOT, eventually

# By what the man page calls them: people search for these, so that they are written down once more.
STARTED = "7ed7e14cda1a4d478554f359841fa473"
RESUMED = "ae12a6c2b6a24998bcdbd25002a740e8"
COMPLETE = "5ac2124ad3ea423891b4eda03a33753e"
FAILED = "501dad8c168046b2a1570d4014697c28"
CONFIGURATION_READ = "3a6abf70ab984c21858bf0329f9ff40b"
CONFIGURATION_MISTAKE = "c798125115004760be79f0a9d63d3862"

ERROR, INFO = "3", "6"


@pytest.fixture
def session(user_manager, browser):
    """Begun, for a workspace, and shown to the person."""
    session = user_manager.call("CreateSession", integration_type="gmail", workspace_id="ws_journal")["session"]
    browser.opened()
    return session


def entries(manager, message):
    """Those of one kind, at least one. The daemon may answer before it says so."""
    found = []

    def is_there():
        found[:] = manager.journal_entries(f"MESSAGE_ID={message}")
        return found

    eventually(is_there)
    for one in found:
        assert one["_TRANSPORT"] == "journal", "sent with its fields, not as a line on standard error"
        assert one["SYSLOG_IDENTIFIER"] == "airstore-oauthd"
    return found


def entry(manager, message):
    [found] = entries(manager, message)
    return found


def check_session(entry, session):
    assert entry["PRIORITY"] == INFO
    assert re.fullmatch("[0-9a-f]{8}", entry["SESSION"])
    assert entry["INTEGRATION"] == session["integration_type"]
    assert entry["WORKSPACE"] == session["workspace_id"] == "ws_journal"
    assert entry["SESSION"] in entry["MESSAGE"], "who reads without fields finds it, too"


def check_secrets(manager, session):
    """Nothing with which one could act for the person, in any field of any entry."""
    journal = manager.journal("--output", "export")
    assert "SYSLOG_IDENTIFIER=airstore-oauthd" in journal, "it is the daemon's lines that are looked through"
    url = urllib.parse.urlsplit(session["authorize_url"])
    values = [value for _, value in urllib.parse.parse_qsl(url.query) if len(value) >= 16]
    for secret in (API_KEY, session["session_id"], session["authorize_url"], url.query or url.path, *values):
        assert secret and secret not in journal


def complete(manager, sandbox, session):
    sandbox.approve(session["authorize_url"])
    eventually(lambda: manager.poll(session)["status"] == "complete")


def test_connected(user_manager, sandbox, session):
    complete(user_manager, sandbox, session)
    started, done = entry(user_manager, STARTED), entry(user_manager, COMPLETE)
    check_session(started, session)
    check_session(done, session)
    assert started["SESSION"] == done["SESSION"], "one search gives the whole story"
    story = user_manager.journal_entries(f"SESSION={started['SESSION']}")
    assert story[0]["MESSAGE_ID"] == STARTED and story[-1]["MESSAGE_ID"] == COMPLETE
    assert started["_PID"] == str(user_manager.main_pid())
    check_secrets(user_manager, session)


def test_connected_with_every_detail(user_manager, sandbox, browser):
    """The level that tells most keeps the secrets as well."""
    user_manager.drop_in(SERVICE, "ExecStart=", "ExecStart=/usr/local/libexec/airstore-oauthd --log-level=debug")
    session = user_manager.call("CreateSession", integration_type="gmail", workspace_id="ws_journal")["session"]
    browser.opened()
    complete(user_manager, sandbox, session)
    check_session(entry(user_manager, COMPLETE), session)
    assert user_manager.journal_entries("PRIORITY=7", "SYSLOG_IDENTIFIER=airstore-oauthd")
    check_secrets(user_manager, session)


def test_denied(user_manager, sandbox, session):
    sandbox.deny(session["authorize_url"])
    check_session(entry(user_manager, FAILED), session)
    assert not user_manager.journal_entries(f"MESSAGE_ID={COMPLETE}")
    check_secrets(user_manager, session)


def test_resumed(user_manager, session):
    user_manager.systemctl("restart", SERVICE)
    started, resumed = entry(user_manager, STARTED), entry(user_manager, RESUMED)
    check_session(resumed, session)
    assert started["SESSION"] != resumed["SESSION"], "nobody can follow a session by it for longer than a run"
    check_secrets(user_manager, session)


def test_configuration(user_manager):
    file = user_manager.config / "airstore-oauthd/airstore-oauthd.conf"
    user_manager.call("GetStatus")
    user_manager.write(file, "[airstore]\nworkspace = ws_journal\n")
    user_manager.systemctl("reload", SERVICE)
    assert entry(user_manager, CONFIGURATION_READ)["PRIORITY"] == INFO
    user_manager.write(file, "[airstore]\nbase-url = ftp://nowhere\n")
    user_manager.systemctl("reload", SERVICE)
    mistakes = entries(user_manager, CONFIGURATION_MISTAKE)
    assert "airstore-oauthd.conf:2" in mistakes[0]["MESSAGE"]
    for mistake in mistakes:
        assert mistake["PRIORITY"] == ERROR
        assert not {"SESSION", "INTEGRATION", "WORKSPACE"} & mistake.keys()


@pytest.mark.parametrize("message", [STARTED, RESUMED, COMPLETE, FAILED, CONFIGURATION_READ, CONFIGURATION_MISTAKE])
def test_documented(message):
    assert message in (ROOT / "man/airstore-oauthd.8.scd").read_text()
