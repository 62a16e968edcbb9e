# SPDX-License-Identifier: MIT
"""The examples of the README and of the manual pages: where they stand, and in which language they are.

In the README, the language stands behind ```; in manual pages, where it cannot, it is seen from how the
example begins. tests/integration/test_examples.py has a way to run each language."""

import dataclasses
import re

from programs import BUILD, ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "man").glob("*.scd")), BUILD / "man/ai.airstore.OAuth.7.scd"]

# The first one that fits.
BEGINNINGS = [
    (r"\$ ", "console"),
    (r"#include ", "c"),
    (r"(import|from) ", "python"),
    (r"\[", "ini"),
    (r"\{", "call"),
    (r"(method|type|error) ", "varlink"),
    (r"", "sh"),
]

# What cannot be run beside other tests: how it begins, why, and where it, or the same in another way, is run (a
# file and what stands there). The shell still looks at its syntax.
ELSEWHERE = [
    (r"\./dev (run|build)\b", "builds in the tree", "tests/packages/test_dev.py::def test_{}("),
    (r"\./dev deb\b", "takes half a minute", "tests/packages/fresh.py::\"dev\", \"deb\""),
    (r"\./dev test\b", "runs this test", ".ci/run::./dev test"),
    (r"sudo apt install \./build/deb/\*\.deb", "installs into this machine",
     "tests/packages/test_deb.py::def test_install_connect_and_remove("),
    (r"sudo (meson install|ldconfig)", "installs into this machine", "tests/packages/test_dev.py::def test_install("),
    (r"systemctl --user (daemon-reload|enable --now airstore-oauthd\.socket)", "wants a user manager",
     "tests/systemd/test_activation.py::def test_one_command_enables_all("),
    (r"(podman run|ssh -R) ", "wants a container or another machine", "tests/interop/test_socat.py::def test_forwarded("),
    (r"ssh -t ", "wants another machine", "tests/terminal/test_scripts.py::def test_where_the_browser_is("),
    (r"journalctl --user ", "wants the journal", "tests/systemd/test_journal.py::def test_connected("),
]


@dataclasses.dataclass(frozen=True)
class Example:
    document: str
    line: int
    language: str
    text: str

    def __str__(self):
        return f"{self.document}:{self.line}"

    def commands(self):
        """Of a console: (command, what is shown), with the lines that a backslash joins."""
        shown = []
        for line in self.text.splitlines():
            if line.startswith("$ "):
                shown.append((line[2:], []))
            elif shown and shown[-1][0].endswith("\\"):
                shown[-1] = (f"{shown[-1][0]}\n{line}", [])
            else:
                assert shown, f"{self}: what is shown comes before any command"
                shown[-1][1].append(line)
        return [(command, "\n".join(lines)) for command, lines in shown]


def language_of(text):
    return next(language for beginning, language in BEGINNINGS if re.match(beginning, text))


def is_picture(text):
    return "─" in text


def read(path):
    """The examples of a document. Only a picture has no language in the README."""
    lines, begin, language = path.read_text().splitlines(), None, None
    for number, line in enumerate(lines, 1):
        if begin is None and (match := re.fullmatch(r"```(\w*)", line)):
            begin, language = number, match[1]
        elif line == "```":
            text = "\n".join(lines[begin:number - 1]) + "\n"
            if path.suffix == ".scd":
                text = re.sub(r"\\(.)", r"\1", text)
            if not is_picture(text):
                assert language or path.suffix == ".scd", f"{path.name}:{begin}: say which language this is"
                yield Example(path.name, begin, language or language_of(text), text)
            begin = None
    assert begin is None, f"{path.name}:{begin}: this does not end"


def examples():
    return [example for path in DOCUMENTS for example in read(path)]


def elsewhere(command):
    """Where this command is run, when it cannot be run here; else None."""
    for pattern, _, test in ELSEWHERE:
        if match := re.match(pattern, command):
            return test.format(*match.groups())
    return None


def shown_as(text):
    """What may differ from one run to the next goes: two texts are the same when these are."""
    for pattern, name in (
            (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "ID"),
            (r"\bsess_[0-9a-zA-Z_-]+|\b[0-9a-f]{16,}\b", "ID"),
            (r"\bws_\w+", "WORKSPACE"),
            (r"https?://[\w.:-]+[^\s\"]*", "URL"),
            (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
            (r"(in )?\d+ (second|minute|hour|day)s?( ago)?|just now|\d+:\d\d", "TIME"),
            (r"[ \t]+", " ")):
        text = re.sub(pattern, name, text)
    return text.strip()
