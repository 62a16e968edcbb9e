# SPDX-License-Identifier: MIT
"""The Debian packages: built, installed into a fresh system, used there by a person, and removed."""

import os
import re

import pytest

from fresh import UID, FreshSystem, build_packages, run, why_not
from programs import API_KEY, Browser, CommandLine, Program, eventually

FILES = {
    "airstore-oauthd": [
        "/usr/bin/airstore-oauth",
        "/usr/libexec/airstore-oauthd",
        "/usr/libexec/airstore-oauth-desktop",
        "/usr/libexec/airstore-oauth-keyring.so",
        "/usr/lib/systemd/user/airstore-oauthd.socket",
        "/usr/lib/systemd/user/airstore-oauthd-readonly.socket",
        "/usr/lib/systemd/user/airstore-oauthd.service",
        "/usr/lib/systemd/user/airstore-oauthd.service.d/50-namespaces.conf",
        "/usr/lib/systemd/user/airstore-oauth-desktop.socket",
        "/usr/lib/systemd/user/airstore-oauth-desktop@.service",
        "/usr/share/airstore-oauthd/airstore-oauth.schema.json",
        "/usr/share/applications/airstore-oauth.desktop",
        "/usr/share/bash-completion/completions/airstore-oauth",
        "/usr/share/fish/vendor_completions.d/airstore-oauth.fish",
        "/usr/share/icons/hicolor/scalable/apps/airstore-oauth.svg",
        "/usr/share/varlink/interfaces/ai.airstore.OAuth.varlink",
        "/usr/share/zsh/vendor-completions/_airstore-oauth",
        "/usr/share/man/man1/airstore-oauth.1.gz",
        "/usr/share/man/man5/airstore-oauthd.conf.5.gz",
        "/usr/share/man/man7/ai.airstore.OAuth.7.gz",
        "/usr/share/man/man8/airstore-oauthd.8.gz",
    ],
    "libairstore0": [],
    "libairstore-dev": [
        "/usr/include/airstore.h",
        "/usr/include/airstore-oauthd.h",
        "/usr/share/man/man3/libairstore.3.gz",
        "/usr/share/man/man3/libairstore-oauthd.3.gz",
    ],
}
ENABLED = "etc/systemd/user/sockets.target.wants/airstore-oauthd.socket"
GUI = re.compile(r"lib(gtk|gdk|qt\d|x11|xcb|wayland|gl|egl)")


@pytest.fixture
def system(place):
    reason = why_not()
    if reason:
        pytest.skip(reason)
    return FreshSystem(place / "root", build_packages())


@pytest.fixture
def browser(system):
    browser = Browser(system.home)
    for path in system.home.iterdir():
        os.chown(path, UID, UID)
    yield browser
    browser.close()


@pytest.fixture
def cli(place, system):
    cli = CommandLine(place, None)
    cli.program = [*system.enter_as_person(), "airstore-oauth"]
    cli.variables = system.variables(BROWSER="there is one")
    yield cli
    cli.close()


@pytest.fixture
def daemon(place, system, sandbox, browser, cli):
    daemon = Program(
        place, "daemon", [*system.enter_as_person(), "/usr/libexec/airstore-oauthd"],
        system.variables(
            AIRSTORE_API_KEY=API_KEY, AIRSTORE_BASE_URL=sandbox.base_url, BROWSER=f"/home/person/{browser.command.name}"))
    try:
        eventually(lambda: cli("status").status == 0)
        yield daemon
        daemon.process.terminate()
        assert daemon.wait() == 0
    finally:
        daemon.destroy()


def check_what_is_there(system):
    for package, files in FILES.items():
        assert system.files_of(package).issuperset(files)
    enabled = (system.root / ENABLED).readlink()
    assert enabled.name == "airstore-oauthd.socket" and (system.root / enabled.relative_to("/")).is_file()
    assert [package for package in system.packages() if GUI.match(package)] == []


@pytest.mark.timeout(600) # a system is downloaded
def test_install_connect_and_remove(system, daemon, sandbox, browser, cli):
    check_what_is_there(system)

    connecting = cli.start("connect", "gmail")
    sandbox.approve(browser.opened())
    result = cli.finish(connecting)
    assert result.status == 0, result
    connection_id = sandbox.connections()[0]["external_id"]
    assert cli("get", "gmail").stdout == f"{connection_id}\n"

    example = system.compile(system.root / "usr/share/doc/libairstore-dev/examples/get-connection.c")
    assert run([*system.enter_as_person(), example], env=system.variables()) == f"{connection_id}\n"

    system.purge(*FILES)
    assert not os.path.lexists(system.root / ENABLED)
    assert list(system.root.glob("usr/**/*airstore*")) == []
