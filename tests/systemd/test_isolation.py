# SPDX-License-Identifier: MIT
"""The sandbox, tried from inside by the probe: each directive alone forbids what it is there for, and
all of them together forbid all of it and nothing that the daemon needs."""

import re

import pytest

from manager import SERVICE, UserManager, why_no_namespaces

# What each directive of the units is there to forbid. The probe knows the attempts.
FORBIDS = {
    "KeyringMode=private": "find-key",
    "LimitCORE=0": "dump-core",
    "LockPersonality=yes": "change-personality",
    "MemoryDenyWriteExecute=yes": "write-and-execute",
    "NoNewPrivileges=yes": "gain-privileges",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK": "make-packet-socket",
    "RestrictNamespaces=yes": "make-namespace",
    "RestrictRealtime=yes": "realtime",
    "RestrictSUIDSGID=yes": "make-suid-file",
    "SystemCallArchitectures=native": "use-other-abi",
    "SystemCallFilter=@system-service": "trace",
    "SystemCallFilter=~@privileged @resources": "change-owner lower-priority",
    "SystemCallFilter=~shmget semget msgget mq_open": "share-memory",
    "UMask=0077": "make-file-for-others",
}
FORBIDS_IN_USER_NAMESPACE = {
    "CapabilityBoundingSet=": "hold-admin",
    "InaccessiblePaths=-/mnt -/media -/srv": "list-data",
    "InaccessiblePaths=-/dev/pts -/dev/shm": "list-terminals list-shared-memory",
    "NoExecPaths=/": "execute",
    "PrivateDevices=yes": "see-device",
    "PrivateMounts=yes": "share-mounts",
    "PrivateTmp=yes": "read-temporary",
    "PrivateUsers=yes": "read-environment-of-other",
    "ProtectClock=yes": "read-clock-state",
    "ProtectControlGroups=yes": "make-control-group",
    "ProtectHome=tmpfs": "read-home",
    "ProtectHostname=yes": "share-host-name",
    "ProtectKernelLogs=yes": "hold-syslog",
    "ProtectKernelModules=yes": "hold-module",
    "ProtectKernelTunables=yes": "write-tunables",
    "ProtectSystem=strict": "write-elsewhere",
    "TemporaryFileSystem=%h:ro": "read-home",
    "TemporaryFileSystem=/run:ro": "connect-to-bus connect-to-manager",
}
# What the daemon needs; and signals, since ExecReload= sends one from within the same sandbox.
ALLOWED = {"connect-to-helper", "write-state", "signal-other"}
# Directives that forbid nothing by themselves: they make exceptions, or say how it is forbidden.
OTHERS = ("BindReadOnlyPaths", "ExecPaths", "SystemCallErrorNumber")
# Without effect in 252, see the drop-in.
WITHOUT_EFFECT = ("ProtectProc",)


PROBE = "/usr/local/libexec/probe"
TAKES = {"NoExecPaths=/": [f"ExecPaths={PROBE} /usr/lib -/lib -/lib64 -/usr/lib64"]}


def directives(text):
    """The lines of the [Service] section."""
    section = text.partition("[Service]\n")[2].partition("\n[")[0]
    return [line for line in section.splitlines() if line and not line.startswith("#")]


class Attempts:
    """All runs of the probe at once, each as a unit of its own."""

    def __init__(self, manager, installation):
        units = installation / "lib/systemd/user"
        self.service = (units / SERVICE).read_text()
        drop_in = units / f"{SERVICE}.d/50-namespaces.conf"
        self.namespaces = drop_in.read_text() if drop_in.exists() else None
        self._manager = manager
        self._units = []
        self._write_units()
        self._run()

    def _write_units(self):
        self._write("control", [])
        for number, directive in enumerate(FORBIDS):
            self._write(f"alone-{number}", [directive], FORBIDS[directive])
        self._write("without-namespaces", self._sandbox(self.service))
        if self.namespaces:
            self._write_units_in_namespaces()

    def _write_units_in_namespaces(self):
        self._write("control-in-namespace", ["PrivateUsers=yes"])
        for number, directive in enumerate(FORBIDS_IN_USER_NAMESPACE):
            self._write(f"alone-in-namespace-{number}", ["PrivateUsers=yes", directive, *TAKES.get(directive, [])],
                        FORBIDS_IN_USER_NAMESPACE[directive])
        self._write("whole", [*self._sandbox(self.service), *self._sandbox(self.namespaces), f"ExecPaths={PROBE}"])

    @staticmethod
    def _sandbox(text):
        """The service as it is, but for what it starts and how."""
        return [line for line in directives(text) if not re.match("Type|Exec(Start|Reload)|Restart|Watchdog", line)]

    def _write(self, name, lines, attempts=""):
        environment = {
            "PROBE_TEMPORARY_FILE": self._manager.place / "for-everybody",
            "PROBE_CONTROL_GROUP": self._manager.show("-.slice", "ControlGroup"),
            **{f"PROBE_NAMESPACE_{kind}": self._manager.proc(1, f"ns/{kind}").stat().st_ino for kind in ("mnt", "uts")}}
        unit = f"probe-{name}.service"
        self._units.append(unit)
        self._manager.write(self._manager.units / unit, "\n".join([
            "[Service]", "Type=oneshot", f"ExecStart={PROBE} {attempts}",
            "StandardOutput=truncate:/home/person/%n", "SystemCallErrorNumber=EPERM", *lines,
            *(f"Environment={name}={value}" for name, value in environment.items()), ""]))

    def _run(self):
        (self._manager.place / "for-everybody").touch()
        self._manager.systemctl("daemon-reload")
        self._manager.enable()
        self._manager.systemctl("start", *self._units)

    def of(self, name):
        """{attempt: "done" or the error}"""
        text = (self._manager.home / f"probe-{name}.service").read_text()
        return dict(line.split() for line in text.splitlines())


@pytest.fixture(scope="module")
def manager(installation):
    manager = UserManager(installation)
    yield manager
    manager.close()


@pytest.fixture(scope="module")
def attempts(manager, installation):
    return Attempts(manager, installation)


@pytest.fixture
def namespaces(installation):
    reason = why_no_namespaces()
    if reason:
        pytest.skip(reason)


def check_alone(attempts, table, directive, control_run, run):
    control = attempts.of(control_run)
    alone = attempts.of(f"{run}-{list(table).index(directive)}")
    for attempt in table[directive].split():
        if control[attempt] != "done":
            pytest.skip(f"{attempt} is not possible on this machine at all: {control[attempt]}")
        assert alone[attempt] != "done", f"{directive} does not forbid {attempt}"


@pytest.mark.parametrize("directive", FORBIDS)
def test_directive(attempts, directive):
    check_alone(attempts, FORBIDS, directive, "control", "alone")


@pytest.mark.parametrize("directive", FORBIDS_IN_USER_NAMESPACE)
def test_directive_in_user_namespace(namespaces, attempts, directive):
    control = "control" if directive == "PrivateUsers=yes" else "control-in-namespace"
    check_alone(attempts, FORBIDS_IN_USER_NAMESPACE, directive, control, "alone-in-namespace")


def test_every_directive_is_tried(namespaces, attempts):
    """None is listed that no attempt belongs to, and none is tried that the units do not have."""
    no_sandbox = re.compile(
        "Type|Exec(Start|Reload)|Restart|Watchdog|Timeout|Slice|StateDirectory|ConfigurationDirectory|"
        "LoadCredential|SetCredential")
    for text, table in ((attempts.service, FORBIDS), (attempts.namespaces, FORBIDS_IN_USER_NAMESPACE)):
        listed = {line for line in directives(text)
                  if not no_sandbox.match(line) and line.split("=")[0] not in OTHERS + WITHOUT_EFFECT}
        assert listed == set(table)


def test_whole(namespaces, attempts):
    """All together: nothing is possible but what the daemon needs."""
    outcome = attempts.of("whole")
    assert {attempt for attempt, how in outcome.items() if how == "done"} == ALLOWED


def test_whole_without_namespaces(attempts):
    """Where the drop-in is left out, the rest holds as it is."""
    outcome = attempts.of("without-namespaces")
    for directive, names in FORBIDS.items():
        for attempt in names.split():
            assert outcome[attempt] != "done", directive
    assert outcome["write-state"] == outcome["connect-to-helper"] == "done"


def test_score(namespaces, manager):
    """How systemd itself rates it: 0 is best."""
    text = manager.run("systemd-analyze", "--user", "security", "--offline=true", "--no-pager",
                       f"/usr/local/lib/systemd/user/{SERVICE}")
    score = float(re.search(r"Overall exposure level .*: (\d+\.\d)", text)[1])
    assert score <= 1.5, text


def test_units_are_well_formed(manager):
    """No directive is unknown, misspelled, or doubted by systemd."""
    units = [f"/usr/local/lib/systemd/user/{name}" for name in (
        SERVICE, "airstore-oauthd.socket", "airstore-oauthd-readonly.socket", "airstore-oauth-desktop.socket")]
    assert manager.run("systemd-analyze", "--user", "verify", "--man=no", *units) == ""
