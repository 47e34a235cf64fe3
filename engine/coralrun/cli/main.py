"""The commands, as one program.

Rule: a command is a module of `cli.commands`, named as it is, whose function `command` has its options. Such a module
imports nothing heavy before it is called, so that `--help` is there at once; how each is called stands in
`cli.calling`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated, NoReturn

import typer

from coralrun import __version__
from coralrun.cli.help import COMMANDS, Command, GroupedHelp
from coralrun.cli.leaving import end_now
from coralrun.console.printer import Printer, show_what_cannot_be_encoded
from coralrun.errors import EXIT_INTERRUPTED, EXIT_TERMINATED

app = typer.Typer(
    cls=GroupedHelp,
    help="Classify the points of a survey's photographs with CoralNet: every image ends exactly once, accounted for.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for name in COMMANDS:
    app.command(name, cls=Command)(import_module(f"coralrun.cli.commands.{name}").command)


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
