# SPDX-License-Identifier: MIT
"""A terminal for the command line, beside what tests/conftest.py has."""

import pytest

from terminal import Terminal

# Of whoever sits at a plain terminal: no display, and nothing that stands for one.
SEATED = {"BROWSER": None, "TERM": None}


@pytest.fixture
def at_terminal(place, cli):
    """at_terminal(["connect", "gmail"], columns=40) runs airstore-oauth in a window of that width."""
    made = []

    def run(arguments, columns=80, lines=40, **variables):
        terminal = Terminal(place, columns, lines)
        made.append(terminal)
        variables = {**cli.variables, **SEATED, **variables}
        command = [*cli.program, *arguments]
        if variables["TERM"]:  # tmux sets its own
            command = ["env", f"TERM={variables['TERM']}", *command]
        terminal.run(command, {name: str(value) for name, value in variables.items() if value is not None})
        return terminal

    yield run
    for terminal in made:
        terminal.close()
