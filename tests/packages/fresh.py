# SPDX-License-Identifier: MIT
"""A fresh system with our packages in it, in a directory. It is entered by chroot, in mount namespaces that
end with their programs: nothing is left mounted, whatever happens."""

import os
import pathlib
import re
import shutil
import subprocess

from mounts import why_no_mounts
from programs import ROOT, environment

UID = 4711


def why_not():
    """The reason why packages cannot be built or installed here; None when they can."""
    if not (shutil.which("dpkg-buildpackage") and shutil.which("mmdebstrap")):
        return "Debian packages are built and installed only on Debian and its relatives"
    if os.geteuid() != 0:
        return "only root can install packages, even into a directory"
    return why_no_mounts()


def run(command, given="", **options):
    """What it says, given this to read. All of it goes with the report when it fails."""
    done = subprocess.run(
        [str(word) for word in command], text=True, input=given, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, **options)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def build_packages():
    return [pathlib.Path(line) for line in run([ROOT / "dev", "deb"]).splitlines()]


def codename():
    return re.search(r'^VERSION_CODENAME="?(\w+)', pathlib.Path("/etc/os-release").read_text(), re.MULTILINE)[1]


def package_sources(release):
    """Where this machine gets its own packages from: what is built here fits to nothing else."""
    files = [pathlib.Path("/etc/apt/sources.list"), *sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*"))]
    return [path for path in files if path.is_file() and re.search(rf"\s{release}(\s|$)", path.read_text())]


class FreshSystem:
    """The smallest one, with these packages and what they depend on: recommendations stay away."""

    def __init__(self, directory, packages):
        release = codename()
        self.root = directory
        run(["unshare", "--mount", "mmdebstrap", "--variant=minbase", "--aptopt=Acquire::Retries 3",
             "--hook-directory=/usr/share/mmdebstrap/hooks/file-mirror-automount",
             *(f"--include={package}" for package in packages),
             release, directory, *package_sources(release)])
        self.home = self._make_directory("home/person")
        self._make_directory("run/user/person")

    def _make_directory(self, path):
        directory = self.root / path
        directory.mkdir(mode=0o700, parents=True)
        os.chown(directory, UID, UID)
        return directory

    def enter(self, *options):
        """The beginning of a command line that goes on with a program inside, run by root."""
        return ["unshare", "--mount", "--mount-proc", f"--root={self.root}", *options]

    def enter_as_person(self):
        return self.enter(f"--setuid={UID}", f"--setgid={UID}")

    def variables(self, **more):
        """Those of a person who has logged in."""
        return environment(HOME="/home/person", XDG_RUNTIME_DIR="/run/user/person", **more)

    def files_of(self, package):
        return set(run([*self.enter(), "dpkg", "--listfiles", package]).splitlines())

    def packages(self):
        return run([*self.enter(), "dpkg-query", "--show", "--showformat=${Package}\n"]).splitlines()

    def purge(self, *packages):
        run([*self.enter(), "dpkg", "--purge", *packages])

    def compile(self, source):
        """By the compiler out here, with the headers and libraries in there; the program is put into the home."""
        library = next(self.root.glob("usr/lib/*/pkgconfig"))
        flags = run(["pkg-config", "--cflags", "--libs", "libairstore-oauthd"], env={
            **os.environ, "PKG_CONFIG_SYSROOT_DIR": str(self.root), "PKG_CONFIG_LIBDIR": str(library),
            "PKG_CONFIG_ALLOW_SYSTEM_CFLAGS": "1", "PKG_CONFIG_ALLOW_SYSTEM_LIBS": "1"}).split()
        assert f"-I{self.root}/usr/include" in flags
        program = self.home / source.stem
        run(["cc", "-o", program, source, *flags])
        return f"/home/person/{program.name}"
