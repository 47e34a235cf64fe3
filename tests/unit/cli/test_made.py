"""The commands of the program: of all of them, only the one that is called is made."""

from __future__ import annotations

from typer.testing import CliRunner

from coralrun.cli import made
from coralrun.cli.help import COMMANDS
from coralrun.cli.main import app


def test_a_command_is_called_without_the_others() -> None:
    made._made.cache_clear()
    assert CliRunner().invoke(app, ["status", "--help"]).exit_code == 0
    assert made._made.cache_info().currsize == 1


def test_every_command_is_there_in_its_order_and_no_other() -> None:
    commands = made.MadeWhenAsked()
    assert [command.name for command in commands.values()] == list(commands) == list(COMMANDS)
    assert commands.get("stauts") is None
