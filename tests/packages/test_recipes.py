# SPDX-License-Identifier: MIT
"""What stands beside debian/ and cannot be built here has to keep up: the RPM spec and the PKGBUILD."""

import fnmatch
import json
import re
import subprocess

from programs import BUILD, ROOT

SPEC = (ROOT / "packaging/airstore-oauthd.spec").read_text()
MACROS = {
    "_bindir": "bin", "_libexecdir": "libexec", "_libdir": "lib", "_includedir": "include", "_datadir": "share",
    "_mandir": "share/man", "_userunitdir": "lib/systemd/user",
}


def meson(what):
    return json.loads(subprocess.run(
        ["meson", "introspect", what, BUILD], stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout)


def installed_files():
    """Below the prefix, and without the name of the architecture."""
    options = {option["name"]: option["value"] for option in meson("--buildoptions")}
    for path in meson("--installed").values():
        path = path.removeprefix(options["prefix"] + "/")
        yield re.sub(f"^{re.escape(options['libdir'])}/(?!systemd/)", "lib/", path)


def patterns_of_spec():
    """Of the lists of files, as shell patterns below the prefix. A directory stands for all in it."""
    for macro, rest in re.findall(r"^%\{(_\w+)\}/(\S+)$", SPEC.partition("\n%files\n")[2], re.MULTILINE):
        if macro in MACROS:
            yield f"{MACROS[macro]}/{rest}" + ("*" if rest.endswith("/") else "")


def test_spec_names_every_file():
    patterns, files = list(patterns_of_spec()), list(installed_files())
    assert [path for path in files if not any(fnmatch.fnmatch(path, pattern) for pattern in patterns)] == []
    assert [pattern for pattern in patterns if not fnmatch.filter(files, pattern)] == []


def test_one_version():
    version = meson("--projectinfo")["version"]
    for path, pattern in (
            ("packaging/airstore-oauthd.spec", r"^Version: +(\S+)$"),
            ("packaging/PKGBUILD", r"^pkgver=(\S+)$"),
            ("debian/changelog", r"\A\S+ \((\S+)-\d+\)"),
            ("CHANGELOG.md", r"^## (\S+)$")):
        assert re.search(pattern, (ROOT / path).read_text(), re.MULTILINE)[1] == version, path
