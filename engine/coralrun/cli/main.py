"""The commands, as one program.

Rule: a command is a module of `cli.commands`, named as it is, whose function `command` has its options. Such a module
imports nothing heavy before it is called, so that `--help` is there at once; how each is called stands in
`cli.calling`, and how one is made of its module in `cli.made`.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any, NoReturn

import typer

from coralrun import __version__
from coralrun.cli.help import GroupedHelp
from coralrun.cli.leaving import end_now
from coralrun.cli.made import MadeWhenAsked
from coralrun.console.printer import Printer, show_what_cannot_be_encoded
from coralrun.errors import EXIT_INTERRUPTED, EXIT_TERMINATED


class Program(GroupedHelp):
    """The program with its commands."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "commands": MadeWhenAsked()})


app = typer.Typer(
    cls=Program,
    help="Classify the points of a survey's photographs with CoralNet: every image ends exactly once, accounted for.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        Printer().say(f"coralrun {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Options of every command."""


def main() -> NoReturn:
    """The console script."""
    show_what_cannot_be_encoded()
    try:
        app()
    except SystemExit as ended:
        if ended.code in (EXIT_INTERRUPTED, EXIT_TERMINATED):
            end_now(ended.code)
        raise
    sys.exit(0)
