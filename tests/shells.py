# SPDX-License-Identifier: MIT
"""Real shells with our completions where packages put them, and what they make of a line that was typed."""

import os
import pathlib
import re
import subprocess

from programs import BUILD, ROOT, TIMEOUT, environment
from window import Terminal

PLACES = {
    "bash": ("airstore-oauth.bash", "bash-completion/completions/airstore-oauth"),
    "zsh": ("airstore-oauth.zsh", "zsh/site-functions/_airstore-oauth"),
    "fish": ("airstore-oauth.fish", "fish/vendor_completions.d/airstore-oauth.fish"),
}
TAB, ALL, SHOW = "\t", "\x07", "\x0f"

# Control-G puts all completions into the line, Control-O shows the line between < and >.
SET_UP = {
    "bash": r"""
        source /usr/share/bash-completion/bash_completion
        bind '"\C-g": insert-completions' 'set bell-style none'
        bind -x '"\C-o": printf "<%s>" "$READLINE_LINE"'
    """,
    "zsh": r"""
        fpath+=($XDG_DATA_HOME/zsh/site-functions)
        autoload -Uz compinit
        compinit -u -d $XDG_DATA_HOME/zcompdump
        bindkey -e
        KEYTIMEOUT=1
        zstyle ':completion:all-matches::::' completer _all_matches _complete
        zstyle ':completion:all-matches:*' insert yes
        zle -C all-matches complete-word _generic
        bindkey '^G' all-matches
        show() { print -rn -- "<$BUFFER>" }
        zle -N show
        bindkey '^O' show
    """,
}
COMMANDS = {"bash": ["bash", "--noprofile", "--norc", "-i"], "zsh": ["zsh", "-f", "-i"]}


class Shell:
    """One of them, in a directory of its own where nothing but our completions is installed."""

    def __init__(self, name, directory, **variables):
        self.name, self.directory = name, pathlib.Path(directory)
        data = self.directory / "share"
        script, place = PLACES[name]
        (data / place).parent.mkdir(parents=True)
        (data / place).symlink_to(ROOT / "cli/completions" / script)
        self._variables = {**environment(
            HOME=directory, XDG_DATA_HOME=data, XDG_CONFIG_HOME=self.directory / "config", TERM="vt100",
            XDG_DATA_DIRS=f"{data}:/usr/local/share:/usr/share", PATH=f"{BUILD / 'cli'}:{os.environ['PATH']}",
            XDG_RUNTIME_DIR=directory), **{name: str(value) for name, value in variables.items()}}

    def completions(self, line):
        """The words that could stand at the end of this line."""
        if self.name == "fish":
            return [word for word, _ in self.fish(line)]
        before = line[:len(line) - len(re.search(r"\S*$", line)[0])]
        return self.typed(line, ALL).removeprefix(before).split()

    def fish(self, line):
        """The words with their descriptions, as fish has them."""
        done = subprocess.run(
            ["fish", "--private", "-c", 'complete -C "$argv[1]"', line], env=self._variables, cwd=self.directory, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT)
        assert done.returncode == 0 and done.stderr == "", done
        return [tuple((word + "\t").split("\t")[:2]) for word in done.stdout.splitlines()]

    def typed(self, line, key=TAB):
        """What the line has become when this key was pressed at its end."""
        return re.search("<(.*)>", self.screen(line + key + SHOW, ">"), re.DOTALL)[1]

    def screen(self, keys, end):
        """What is to be seen once these keys were typed into an interactive shell, until that comes."""
        set_up = self.directory / "set-up"
        set_up.write_text(SET_UP[self.name])
        with Terminal(COMMANDS[self.name], self._variables, self.directory) as terminal:
            # Typed together, both would be echoed twice: before and after the shell reads its keys itself.
            terminal.type(f". {set_up}; PS1=; printf 'rea%s\\n' dy\n", "ready\r\n")
            return re.sub(r"\x1b\[[\d;?]*[a-zA-Z]|\x1b[=>]|\r", "", terminal.type(keys, end))
