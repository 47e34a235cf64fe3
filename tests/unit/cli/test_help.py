"""The help: commands in groups, each with an example, whole words on a terminal of any width."""

from __future__ import annotations

import re

import pytest
from tests.docs.test_words import check_command_line
from typer.testing import CliRunner

from coralrun.cli.help import COMMANDS, GROUPS
from coralrun.cli.main import app


def help_of(*command: str) -> str:
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    return result.output


def example_of(command: str) -> str:
    paragraphs = [" ".join(part.split()) for part in help_of(command).split("\n\n")]
    (example,) = (part.removeprefix("Example: ") for part in paragraphs if part.startswith("Example: "))
    return example


def test_commands_stand_in_groups_in_the_order_in_which_they_are_used() -> None:
    shown = help_of()
    places = [shown.index(f"\n{title}:\n") for title in GROUPS]
    assert places == sorted(places)
    assert len(COMMANDS) == len(set(COMMANDS))
    assert "the accounting,\n            and the tables made once more.\n" in shown  # nothing is cut short


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example_that_it_takes(command: str) -> None:
    example = example_of(command)
    assert example.split()[1] == command
    check_command_line(example.partition(" > ")[0])


@pytest.mark.parametrize("command", COMMANDS)
def test_values_are_not_called_by_the_types_of_python(command: str) -> None:
    assert not re.search(r"<\w+[^>]*>|list\[", help_of(command))


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_help_fits_any_terminal_and_breaks_no_word(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    words = {command: set(help_of(command).split()) for command in COMMANDS}
    monkeypatch.setenv("COLUMNS", str(columns))
    for command in COMMANDS:
        shown = help_of(command)
        assert max(map(len, shown.splitlines())) <= min(columns, 80)
        assert set(shown.split()) <= words[command]
