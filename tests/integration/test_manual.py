# SPDX-License-Identifier: MIT
"""The help and the manual pages: they can be read on a small terminal, and leave nothing out."""

import re
import subprocess

import pytest

from examples import read
from programs import BUILD, ROOT, TIMEOUT, environment

SOURCES = {path.name.removesuffix(".scd"): path for path in [*(ROOT / "man").glob("*.scd"), *(BUILD / "man").glob("*.scd")]}
SECTIONS = {
    "1": ["SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES"],
    "3": ["SYNOPSIS", "DESCRIPTION", "RETURN VALUE", "ENVIRONMENT", "EXAMPLES"],
    "5": ["SYNOPSIS", "DESCRIPTION", "EXAMPLES"],
    "7": ["DESCRIPTION", "EXAMPLES"],
    "8": ["SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES"],
}
ROWS, COLUMNS = 24, 80


def plain(page):
    """The source without what makes words bold, and without what stands in for a character."""
    return re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)\*|(?<![\\\w])_|(?<!\\)_(?!\w)", "", SOURCES[page].read_text()))


def section(page, name):
    return re.search(rf"^# {re.escape(name)}\n(.*?)(?=^# |\Z)", plain(page), re.MULTILINE | re.DOTALL)[1]


def entries(text):
    """What the entries of a list are called: lines with an indented one below."""
    return re.findall(r"^(\S.*)\n\t", text, re.MULTILINE)


@pytest.mark.parametrize("page", sorted(SOURCES))
def test_page(page):
    """No complaint by groff, no line that is too long, no word that is broken, every section that its kind has, and
    other pages that exist."""
    done = subprocess.run(
        ["man", "--warnings=w", "--encoding=utf-8", "--local-file", BUILD / "man" / page], text=True,
        env=environment(MANWIDTH=COLUMNS, MAN_KEEP_FORMATTING=None), stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if len(line) > COLUMNS] == []
    assert "\N{HYPHEN}" not in done.stdout
    shown = [line.strip() for line in done.stdout.splitlines()]
    assert [line for example in read(SOURCES[page]) for line in example.text.splitlines() if line.strip() not in shown] == []
    headings = re.findall(r"^# (.*)$", SOURCES[page].read_text(), re.MULTILINE)
    assert headings[0] == "NAME" and headings[-1] == "SEE ALSO"
    assert set(SECTIONS[page[-1]]) <= set(headings)
    ours = set(re.findall(r"\b((?:lib|ai\.)?airstore[\w.-]*)\((\d)\)", plain(page)))
    assert {f"{name}.{number}" for name, number in ours} <= set(SOURCES)


def test_pictures_of_the_readme():
    """Those that are kept are shown, and none makes the reader wait."""
    shown = re.findall(r'src="(docs/[^"]+)"', (ROOT / "README.md").read_text())
    assert sorted(shown) == sorted(f"docs/{path.name}" for path in (ROOT / "docs").iterdir())
    for picture in shown:
        assert (ROOT / picture).stat().st_size <= 60 * 1024, picture


def fits(text):
    lines = text.splitlines()
    assert len(lines) < ROWS and max(map(len, lines)) <= COLUMNS, text


def test_help_fits_the_screen(cli):
    fits(cli("--help").stdout)
    for verb in cli.verbs():
        result = cli(verb, "--help")
        assert result.status == 0 and result.stdout.startswith(f"airstore-oauth {verb}")
        fits(result.stdout)


def test_help_is_in_groups(cli):
    groups = re.findall(r"^  ([A-Z]\w+)", cli("--help").stdout, re.MULTILINE)
    assert groups == ["Connect", "Ask", "Manage", "Check"]


def test_every_verb(cli):
    described = {entry.split()[0] for entry in entries(section("airstore-oauth.1", "VERBS"))}
    assert described == set(cli.verbs())
    shown = set(re.findall(r"^airstore-oauth ([a-z]+)", section("airstore-oauth.1", "SYNOPSIS"), re.MULTILINE))
    assert shown == set(cli.verbs())


def test_every_option(cli):
    """Below OPTIONS or, where only one verb has it, with that verb."""
    taken = {option for verb in cli.verbs() for option in cli.options(verb)}
    documented = set(re.findall(r"--[a-z][\w-]+", plain("airstore-oauth.1")))
    assert documented - {"--version"} == taken
    assert "--version" in cli("--help").stdout


def test_options_of_the_synopsis(cli):
    """Each verb's lines have what that verb takes, but for what all take."""
    everyones = {"--json", "--quiet", "--help"}
    for verb in cli.verbs():
        lines = re.findall(
            rf"^airstore-oauth {verb}\b(.*?)(?=^airstore-oauth)", section("airstore-oauth.1", "SYNOPSIS"), re.MULTILINE | re.DOTALL)
        help_text = cli(verb, "--help").stdout
        letters = dict(re.findall(r"^  (-\w), (--[\w-]+)", help_text, re.MULTILINE))
        shown = {letters.get(one, one) for one in re.findall(r"--?[a-z][\w-]*(?=[\s\]])", "".join(lines))}
        assert shown == set(cli.options(verb)) - everyones, verb


def test_every_exit_status(cli):
    """In the page and in the help."""
    given = set(re.findall(r"STATUS_\w+ = (\d+)", (ROOT / "cli/verb.h").read_text()))
    assert given and given == set(entries(section("airstore-oauth.1", "EXIT STATUS")))
    told = cli("--help").stdout.partition("Exit status:")[2]
    assert given == set(re.findall(r"\d+", told))


def test_every_option_of_the_daemon():
    done = subprocess.run(
        [BUILD / "daemon/airstore-oauthd", "--help"], env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    options = set(re.findall(r"^  (--[\w-]+)", done.stdout, re.MULTILINE))
    assert options and options == set(re.findall(r"--[\w-]+", " ".join(entries(section("airstore-oauthd.8", "OPTIONS")))))


@pytest.mark.parametrize("library", ["libairstore", "libairstore-oauthd"])
def test_every_function(library):
    """Those that are exported, declared and described, and no others."""
    exported = set(re.findall(r"^\s+(airstore_\w+);", (ROOT / f"lib/{library[3:]}.sym").read_text(), re.MULTILINE))
    page = SOURCES[f"{library}.3"].read_text()
    blocks = re.findall(r"^```\n(.*?)^```\n", page, re.MULTILINE | re.DOTALL)
    declared = {name for block in blocks if "#include" not in block for name in re.findall(r"\b(airstore_\w+)\(", block)}
    assert declared == exported
    words = set(re.findall(r"airstore_\w+", re.sub(r"^```\n(.*?)^```\n", "", page, flags=re.MULTILINE | re.DOTALL).replace("\\", "")))
    # The page says that each method has a second function whose name ends like this.
    methods = {name for name in exported if name.removesuffix("_async") in words or name in words}
    assert exported - methods == set()
    assert {word for word in words if re.search(rf"\b{word}\*?\(\)", page)} <= exported


def test_every_key_of_the_configuration():
    sources = "".join(path.read_text() for path in (ROOT / "daemon").glob("*config*.c"))
    taken = set(re.findall(r'^ +\{"([a-z-]+)", (?:NULL|"[A-Z_]+"),', sources, re.MULTILINE))
    page = "airstore-oauthd.conf.5"
    described = {key for heading in ("[airstore]", "[limits]", "[profile NAME]") for entry in entries(section(page, heading))
                 for key in entry.split(", ")}
    assert taken and described == taken


@pytest.mark.parametrize("page, code", [
    ("airstore-oauth.1", ["cli", "lib/oauthd"]), ("airstore-oauthd.8", ["daemon"]), ("libairstore.3", ["lib/api"])])
def test_every_variable(page, code):
    """What is read from the environment is told, but for what belongs to others: the system, its desktop, its terminal."""
    others = re.compile(r"HOME|XDG_.*|DBUS_.*|SSH_.*|TERM|JOURNAL_STREAM|NOTIFY_SOCKET|(WAYLAND_)?DISPLAY|WSL_.*|LANG|LC_.*")
    sources = "".join(path.read_text() for directory in code for path in (ROOT / directory).rglob("*.c"))
    read = {name for name in re.findall(r'\b(?:getenv|environment)\("(\w+)"\)', sources) if not others.fullmatch(name)}
    described = {name for entry in entries(section(page, "ENVIRONMENT")) for name in entry.split(", ")}
    assert read and read <= described
