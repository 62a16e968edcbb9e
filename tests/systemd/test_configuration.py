# SPDX-License-Identifier: MIT
"""What the daemon is told as a unit: by credentials, by variables, and by files that it reads anew."""

import pytest

from manager import SERVICE
from programs import API_KEY, VarlinkError, eventually

CREDENTIAL = "systemd credential airstore-api-key"


def source(manager):
    return manager.call("GetStatus").get("api_key_source")


def write_config(manager, text):
    manager.write(manager.config / "airstore-oauthd/airstore-oauthd.conf", text)


def workspace(manager):
    return manager.call("GetStatus").get("default_workspace_id")


def test_key_as_credential(user_manager, browser):
    assert source(user_manager) == CREDENTIAL
    assert user_manager.call("CreateSession", integration_type="gmail")
    assert browser.opened()


def test_no_key(bare_manager):
    """The unit starts all the same, and says what is missing to whoever wants something."""
    bare_manager.enable()
    assert source(bare_manager) is None
    with pytest.raises(VarlinkError, match="NotConfigured"):
        bare_manager.call("CreateSession", integration_type="gmail")


def test_key_as_variable(bare_manager):
    bare_manager.set_environment(AIRSTORE_API_KEY=API_KEY)
    bare_manager.enable()
    assert source(bare_manager) == "environment variable AIRSTORE_API_KEY"


def test_credential_goes_before_variable(user_manager):
    user_manager.set_environment(AIRSTORE_API_KEY="another-one")
    assert source(user_manager) == CREDENTIAL


def test_key_stored_while_running(bare_manager, sandbox):
    """The sandbox was set up when there was no such file, nor its directory."""
    bare_manager.set_environment(AIRSTORE_BASE_URL=sandbox.base_url)
    bare_manager.enable()
    assert source(bare_manager) is None
    pid = bare_manager.main_pid()
    bare_manager.store_key()
    bare_manager.systemctl("reload", SERVICE)
    eventually(lambda: source(bare_manager))
    assert "api-key" in source(bare_manager)
    assert bare_manager.main_pid() == pid
    assert bare_manager.call("ListConnections") is not None


def test_reload(user_manager):
    write_config(user_manager, "[airstore]\nworkspace = ws_first\n")
    assert workspace(user_manager) == "ws_first"
    pid = user_manager.main_pid()
    write_config(user_manager, "[airstore]\nworkspace = ws_second\n")
    user_manager.systemctl("reload", SERVICE)
    eventually(lambda: workspace(user_manager) == "ws_second")
    assert user_manager.main_pid() == pid
    eventually(lambda: user_manager.show(SERVICE, "SubState") == "running")


def test_reload_of_a_mistake(user_manager):
    write_config(user_manager, "[airstore]\nworkspace = ws_first\n")
    assert workspace(user_manager) == "ws_first"
    write_config(user_manager, "[airstore]\nworkspace = ws_second\nbase-url = ftp://nowhere\n")
    user_manager.systemctl("reload", SERVICE)
    eventually(lambda: "airstore-oauthd.conf:3" in user_manager.journal())
    assert workspace(user_manager) == "ws_first"
    assert user_manager.show(SERVICE, "ActiveState") == "active"


def test_start_with_a_mistake(user_manager):
    """Whoever asks is told at once, rather than left waiting for a daemon that cannot start."""
    write_config(user_manager, "[airstore]\ncolour = red\n")
    with pytest.raises(VarlinkError, match="airstore-oauthd.conf:2: there is no setting 'colour'") as error:
        user_manager.call("GetConnection", integration_type="gmail")
    assert error.value.name == "InvalidConfiguration"
    assert user_manager.show(SERVICE, "ActiveState") == "active"
    assert "airstore-oauthd.conf:2" in user_manager.show(SERVICE, "StatusText")
    assert user_manager.show(SERVICE, "NRestarts") == "0"
    pid = user_manager.main_pid()
    assert user_manager.journal("_PID=%d" % pid).count("airstore-oauthd.conf:2: ") == 1
    write_config(user_manager, "[airstore]\nworkspace = ws_first\n")
    user_manager.systemctl("reload", SERVICE)
    eventually(lambda: "pending" in user_manager.show(SERVICE, "StatusText"))
    assert workspace(user_manager) == "ws_first"
    assert user_manager.main_pid() == pid and source(user_manager) == CREDENTIAL


def test_state_directory(user_manager):
    """Made by systemd, where this version of it has such things, for nobody else to look into."""
    user_manager.call("GetStatus")
    [database] = user_manager.home.rglob("airstore-oauthd/oauthd.db")
    assert database.parent.stat().st_mode & 0o777 == 0o700
    assert database.stat().st_mode & 0o077 == 0
