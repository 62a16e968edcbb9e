# SPDX-License-Identifier: MIT
"""airstore-oauth doctor: one broken environment after the other, each of which it has to name together
with what to do; and a healthy one, in which it finds nothing."""

import contextlib
import datetime
import os
import pathlib
import shutil
import signal
import socket

import pytest

from certificates import Authority, Front, system_authorities
from mounts import mounting, why_no_mounts
from network import PrivateNetwork, namespaces_are_forbidden
from programs import API_KEY, BUILD, TIMEOUT, script
from window import Terminal


class Doctor:
    def __init__(self, cli):
        self._cli = cli

    def __call__(self, **variables):
        """What it found: {check: (result, message, advice)}. The exit status has to fit."""
        done = self._cli.finish(self._cli.start("doctor", "--json", **variables))
        found = {one["check"]: (one["result"], one["message"], one.get("advice", "")) for one in done.json["checks"]}
        results = [result for result, _, _ in found.values()]
        assert done.status == (1 if "wrong" in results else 0), done
        return found

    def fault(self, check, **variables):
        """The one thing that is wrong."""
        found = self(**variables)
        wrong = {name: one for name, one in found.items() if one[0] == "wrong"}
        assert list(wrong) == [check], wrong
        return wrong[check][1:]


@pytest.fixture
def doctor(cli, browser):
    cli.variables["BROWSER"] = str(browser.command)
    return Doctor(cli)


@pytest.fixture
def configuration(files):
    return files.configuration


NO_MOUNTS = why_no_mounts()
needs_mounts = pytest.mark.skipif(NO_MOUNTS is not None, reason=str(NO_MOUNTS))


# A healthy one

CHECKS = ["runtime", "socket", "daemon", "units", "display", "browser", "configuration", "state", "loopback", "helper",
          "server", "tls", "clock", "key"]


def test_healthy(daemon, doctor, cli):
    found = doctor()
    assert list(found) == CHECKS
    assert {result for result, _, _ in found.values()} == {"ok"}, found
    assert not any(advice for _, _, advice in found.values())

    result = cli("doctor")
    assert result.status == 0 and result.stderr == "All is well.\n"
    assert [line.split()[:2] for line in result.stdout.splitlines()] == [["ok", check] for check in CHECKS]


def test_terminal(make_daemon, sandbox, cli, place):
    """Marks, where they can be read."""
    make_daemon(sandbox.base_url, AIRSTORE_API_KEY=None).start()
    with Terminal([*cli.program, "doctor"], {**cli.variables, "TERM": "xterm"}, place) as terminal:
        shown = terminal.rest()
        assert terminal.process.wait(TIMEOUT) == 1
    assert "✓ socket" in shown and "✗ key" in shown and "→ airstore-oauth login" in shown, shown


# The way to the daemon

def test_no_daemon(place, doctor):
    message, advice = doctor.fault("socket")
    assert message == f"there is no {place}/socket: nobody listens"
    assert "start airstore-oauthd" in advice


def place_of_systemd(place):
    """As a person's systemd looks from outside; where it would listen."""
    for name in ("systemd", "airstore-oauthd"):
        (place / name).mkdir()
    (place / "systemd/private").touch()
    return place / "airstore-oauthd/ai.airstore.OAuth"


def test_no_daemon_where_systemd_would_listen(place, doctor):
    """No systemd answers either, here."""
    standard = place_of_systemd(place)
    found = doctor(AIRSTORE_OAUTHD_ADDRESS=None)
    assert found["socket"] == (
        "wrong", f"there is no {standard}: nobody listens",
        "systemctl --user enable --now airstore-oauthd.socket")
    assert found["units"][0] == "warning"


def test_systemd_that_hangs(daemon, place, doctor):
    """Nothing is waited for longer than for a few seconds, whatever it does with its output."""
    (place / "bin").mkdir()
    script(place / "bin/systemctl", "exec >&-\nexec sleep 60")
    found = doctor(AIRSTORE_OAUTHD_ADDRESS=None, PATH=f"{place}/bin:{os.environ['PATH']}")
    assert found["units"][0] == "warning" and "no systemd of yours answers" in found["units"][1]


def test_stale_socket(place, doctor):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(place / "socket"))
        os.chmod(place / "socket", 0o600)
    message, _ = doctor.fault("socket")
    assert message == f"{place}/socket was left behind: nobody listens there any more"


def test_no_socket_at_all(place, doctor):
    (place / "socket").write_text("")
    message, advice = doctor.fault("socket")
    assert message.endswith("/socket is no socket") and advice.startswith(f"rm {place}/socket")


def test_socket_for_everybody(daemon, doctor):
    daemon.socket.chmod(0o666)
    message, advice = doctor.fault("socket")
    assert "may be used by others" in message and advice == f"chmod 600 {daemon.socket}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give it to somebody else")
def test_socket_of_somebody_else(daemon, doctor):
    os.chown(daemon.socket, 12345, -1)
    message, advice = doctor.fault("socket")
    assert "belongs to user 12345" in message and advice.startswith(f"rm {daemon.socket}")


@pytest.mark.parametrize("by_systemd, journal", [(False, "see what airstore-oauthd wrote"), (True, "journalctl --user -u ")])
def test_daemon_that_hangs(daemon, place, doctor, by_systemd, journal):
    """Only who is started by systemd has a journal."""
    place_of_systemd(place).symlink_to(daemon.socket)
    os.kill(daemon.pid, signal.SIGSTOP)
    try:
        message, advice = doctor.fault("daemon", **({"AIRSTORE_OAUTHD_ADDRESS": None} if by_systemd else {}))
    finally:
        os.kill(daemon.pid, signal.SIGCONT)
    assert "does not answer within 5 seconds" in message and advice.startswith(journal)


def test_readonly_socket(daemon, doctor):
    found = doctor(AIRSTORE_OAUTHD_ADDRESS=f"unix:{daemon.socket}.ReadOnly")
    assert found["daemon"][0] == "ok"
    assert found["diagnosis"][0] == "warning" and found["diagnosis"][2] == "unset AIRSTORE_OAUTHD_ADDRESS"


def test_no_session_directory(daemon, doctor):
    found = doctor(XDG_RUNTIME_DIR=None)
    assert found["runtime"][0] == "warning" and "XDG_RUNTIME_DIR=/run/user/" in found["runtime"][2]
    found = doctor(XDG_RUNTIME_DIR=None, AIRSTORE_OAUTHD_ADDRESS=None)
    assert found["runtime"][0] == found["socket"][0] == "wrong"


def test_session_directory_for_everybody(daemon, place, doctor):
    place.chmod(0o777)
    found = doctor()
    assert found["runtime"][0] == "warning" and "others can write to it" in found["runtime"][1]


@pytest.mark.parametrize("address", ["here", "unix:", "unix:/" + 200 * "x"])
def test_address_that_is_none(doctor, address):
    _, advice = doctor.fault("socket", AIRSTORE_OAUTHD_ADDRESS=address)
    assert advice == "unset AIRSTORE_OAUTHD_ADDRESS"


def test_address_with_parameters(daemon, doctor):
    assert doctor(AIRSTORE_OAUTHD_ADDRESS=f"unix:{daemon.socket};mode=0600")["daemon"][0] == "ok"


def test_address_without_a_file(place, doctor):
    """Somebody else may listen there: then it is asked."""
    address = {"AIRSTORE_OAUTHD_ADDRESS": f"unix:@{place}"}
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(f"\0{place}")
        assert doctor.fault("socket", **address)[0] == f"nobody listens at @{place}"
        mute.listen()
        assert "does not answer within" in doctor.fault("daemon", **address)[0]


# The configuration and the key

def test_mistake(make_daemon, sandbox, configuration, doctor):
    configuration.write_text("[airstore]\ncolour = red\n")
    make_daemon(sandbox.base_url).start()
    message, advice = doctor.fault("configuration")
    assert message == f"{configuration}:2: there is no setting 'colour' in [airstore]"
    assert "airstore-oauth config --reload" in advice
    configuration.write_text("[airstore]\n")
    assert doctor()["configuration"][0] == "ok"


def test_no_key(make_daemon, sandbox, doctor):
    make_daemon(sandbox.base_url, AIRSTORE_API_KEY=None).start()
    message, advice = doctor.fault("key")
    assert message.startswith("there is no Airstore API key") and advice == "airstore-oauth login"


def test_refused_key(make_daemon, sandbox, doctor):
    make_daemon(sandbox.base_url, AIRSTORE_API_KEY="tok_wrong").start()
    message, advice = doctor.fault("key")
    assert "does not accept the API key from environment variable AIRSTORE_API_KEY" in message
    assert advice == "airstore-oauth login"


def test_key_for_everybody(make_daemon, sandbox, configuration, doctor):
    key = configuration.with_name("api-key")
    key.write_text(API_KEY)
    key.chmod(0o644)
    message, advice = doctor()["key"][1:]
    assert str(key) in message and advice == f"chmod 600 {key}", "without a daemon"
    make_daemon(sandbox.base_url, AIRSTORE_API_KEY=None).start()
    message, _ = doctor.fault("key")
    assert "chmod 600" in message and str(key) in message


def test_profile(make_daemon, sandbox, configuration, cli):
    key = configuration.with_name("work")
    key.write_text("tok_wrong")
    key.chmod(0o600)
    configuration.write_text(f"[profile work]\napi-key-file = {key}\n")
    make_daemon(sandbox.base_url).start()
    result = cli("doctor", "-p", "work")
    assert result.status == 1 and "airstore-oauth login -p work" in result.stdout, result
    assert cli("doctor").status == 0
    result = cli("doctor", "-p", "play")
    assert result.status == 1 and "no profile 'play'" in result.stdout, result
    assert " answers\n" in result.stdout, result


# The way to Airstore

def test_unreachable(make_daemon, doctor):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        base_url = f"http://127.0.0.1:{nobody.getsockname()[1]}/api/v1"
    make_daemon(base_url).start()
    message, advice = doctor.fault("server")
    assert message.startswith(f"{base_url} cannot be reached: ") and f"curl -sSI {base_url}" in advice


def test_something_else_answers(make_daemon, fake_airstore, doctor):
    fake = fake_airstore({("GET", "/oauth/sessions/airstore-oauthd-checks-its-key"): [(404, b"<html>no such page</html>")]})
    make_daemon(fake.base_url).start()
    message, advice = doctor.fault("server")
    assert message == f"what answers at {fake.base_url} is not Airstore (HTTP status 404)"
    assert "airstore-oauth config" in advice


def test_airstore_in_trouble(daemon, sandbox, doctor):
    """Nothing that the person could change."""
    sandbox.misbehave("status", status=503, count=0)
    found = doctor()
    assert found["server"][0] == found["key"][0] == "warning" and "HTTP status 503" in found["server"][1]


@pytest.mark.parametrize("seconds, result, words", [
    (-3600, "wrong", "60 min 0 s ahead of"), (3600, "wrong", "behind"), (-300, "warning", "ahead of")])
def test_clock(daemon, sandbox, doctor, seconds, result, words):
    sandbox.misbehave("clock", offset_seconds=seconds)
    found = doctor()
    assert found["clock"][0] == result and found["clock"][2] == "sudo timedatectl set-ntp true"
    assert words.split()[-1] in found["clock"][1], found["clock"]
    assert found["key"][0] == "ok"


def test_no_network(make_daemon, sandbox, place, doctor):
    """A name that nobody knows, and not even a way back from the browser."""
    if why := namespaces_are_forbidden():
        pytest.skip(f"no private network: {why}")
    network = PrivateNetwork(place, sandbox.port)
    try:
        network.take_down()
        daemon = make_daemon("https://airstore.invalid/api/v1").start(prefix=network.prefix)
        found = doctor()
        assert found["server"][0] == "wrong" and found["server"][2].startswith("getent hosts airstore.invalid")
        assert found["loopback"][:1] + found["loopback"][2:] == ("wrong", "sudo ip link set lo up")
        daemon.stop()
    finally:
        network.close()


# Certificates

@pytest.fixture
def make_front(place, sandbox):
    """make_front(begin=…, end=…, own=True): the sandbox with such a certificate, and its authority."""
    authority = Authority(place)
    with contextlib.ExitStack() as made:
        def make(**certificate):
            return made.enter_context(contextlib.closing(Front(authority.certify(**certificate), sandbox.port))), authority

        yield make


@needs_mounts
@pytest.mark.parametrize("days, result", [(90, "ok"), (3, "warning"), (-1, "wrong")])
def test_certificate(make_daemon, make_front, sandbox, doctor, days, result):
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days)
    front, authority = make_front(end=f"{until:%Y%m%d%H%M%SZ}")
    make_daemon(front.base_url).start(prefix=authority.prefix)
    found = doctor()
    assert found["tls"][0] == result
    if result == "wrong":
        assert "expired" in found["tls"][1] and found["tls"][2].endswith("timedatectl")
        assert sandbox.requests() == [], "the key was not sent there"
    else:
        assert found["tls"][1].endswith(f"valid until {until:%Y-%m-%d}") and found["key"][0] == "ok"


def test_certificate_that_nobody_signed(make_daemon, make_front, sandbox, doctor):
    front, _ = make_front(own=True)
    make_daemon(front.base_url).start()
    found = doctor()
    assert found["tls"][0] == "wrong" and "not trusted, so the API key was not sent" in found["tls"][1]
    assert "update-ca-certificates" in found["tls"][2]
    assert front.visits > 0 and sandbox.requests() == []


@needs_mounts
def test_no_authorities(make_daemon, make_front, doctor):
    front, _ = make_front()
    make_daemon(front.base_url).start(prefix=mounting(f"mount --bind /dev/null {system_authorities()}"))
    message, advice = doctor.fault("tls")
    assert "authorities are missing" in message and "ca-certificates" in advice


def test_no_tls_there(make_daemon, sandbox, doctor):
    make_daemon(sandbox.base_url.replace("http:", "https:")).start()
    message, advice = doctor.fault("tls")
    assert "no safe connection" in message and "airstore-oauth config" in advice


# The state directory

@needs_mounts
def test_state_that_cannot_be_written(make_daemon, sandbox, doctor):
    daemon = make_daemon(sandbox.base_url)
    mounts = [f"mount -t tmpfs -o mode=0700 tmpfs {daemon.state}", f"mount -o remount,ro {daemon.state}"]
    daemon.start(prefix=mounting(*mounts))
    message, advice = doctor.fault("state")
    assert message == f"nothing can be written to the state directory {daemon.state}: Read-only file system"
    assert f"ls -ld {daemon.state}" in advice


@needs_mounts
def test_state_that_is_full(make_daemon, sandbox, doctor):
    daemon = make_daemon(sandbox.base_url)
    daemon.start(prefix=mounting(f"mount -t tmpfs -o size=512k,mode=0700 tmpfs {daemon.state}"))
    message, advice = doctor.fault("state")
    assert "little space left" in message and f"df -h {daemon.state}" in advice


@needs_mounts
def test_state_that_was_damaged_where_space_is_little(make_daemon, sandbox, doctor):
    """What is wrong is told rather than what may be in the way."""
    daemon = make_daemon(sandbox.base_url)
    daemon.start(prefix=mounting(
        f"mount -t tmpfs -o size=16m,mode=0700 tmpfs {daemon.state}", f"yes | head -c 20000 >{daemon.state}/oauthd.db"))
    message, _ = doctor.fault("state")
    assert "The database was damaged" in message


def test_state_for_everybody(daemon, doctor):
    daemon.state.chmod(0o755)
    assert doctor()["state"] == (
        "warning", f"others can look into the state directory {daemon.state}", f"chmod 700 {daemon.state}")


def test_state_without_a_daemon(place, doctor):
    (place / "file").write_text("")
    found = doctor(XDG_STATE_HOME=place / "file/state")
    assert found["state"][0] == found["socket"][0] == "wrong" and f"ls -ld {place}/file" in found["state"][2]
    assert doctor(XDG_STATE_HOME=place / "new/state")["state"] == ("ok", f"a state directory can be made in {place}", "")


# The helper, the display and the browser

def test_no_helper(make_daemon, sandbox, place, doctor):
    program = shutil.copy2(BUILD / "daemon/airstore-oauthd", place / "airstore-oauthd")
    make_daemon(sandbox.base_url).start(prefix=["sh", "-c", f'shift; exec {program} "$@"', "sh"])
    message, advice = doctor.fault("helper")
    assert "airstore-oauth-desktop" in message and advice.startswith("install airstore-oauthd again"), "nor is there a systemd"


def test_no_browser(make_daemon, sandbox, doctor):
    make_daemon(sandbox.base_url, BROWSER="/nowhere/firefox --new-tab").start()
    message, advice = doctor.fault("browser")
    assert message == "there is no program /nowhere/firefox --new-tab to open the browser with"
    assert advice.endswith("environment variable BROWSER")


def test_no_browser_as_configured(make_daemon, sandbox, configuration, doctor, browser):
    configuration.write_text("[airstore]\nbrowser = no-such-browser\n[profile work]\nbrowser = other\n")
    daemon = make_daemon(sandbox.base_url, BROWSER=None).start()
    message, advice = doctor.fault("browser")
    assert "no-such-browser" in message and advice.endswith(f"{configuration}:2")
    configuration.write_text(f"[airstore]\nbrowser = no-such-browser:{browser.command}\n")
    daemon.call("Reload")
    assert doctor()["browser"][0] == "ok", "one of several will do"


def test_no_browser_of_the_profile(make_daemon, sandbox, configuration, doctor):
    configuration.write_text("[profile work]\nbrowser = no-such-browser\n")
    make_daemon(sandbox.base_url).start()
    assert doctor()["browser"][0] == "ok"
    result, message, advice = doctor(AIRSTORE_PROFILE="work")["browser"]
    assert result == "wrong" and "no-such-browser" in message and advice.endswith(f"{configuration}:2")


@pytest.mark.parametrize("variables", [{"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0"}])
def test_display(daemon, doctor, variables):
    assert "no display" not in doctor(**variables)["display"][1]
    assert doctor()["display"][1].startswith("there is none here")


def test_nothing_that_opens_a_browser(make_daemon, sandbox, doctor, place):
    if pathlib.Path("/usr/share/dbus-1/services/org.freedesktop.portal.Desktop.service").exists():
        pytest.skip("there is a portal here")
    make_daemon(sandbox.base_url, BROWSER=None).start()
    found = doctor(BROWSER=None, PATH=place, DISPLAY=":0")
    assert found["browser"][0] == "warning" and "xdg-utils" in found["browser"][2]


def test_who_leaves_meanwhile(daemon, sandbox, doctor):
    """Nothing is left behind by those who do not wait for the result."""
    sandbox.misbehave("latency", ms=300, count=0)
    for _ in range(100):
        with daemon.connect() as client:
            client.send("Diagnose")
    sandbox.behave()
    assert doctor()["key"][0] == "ok"
