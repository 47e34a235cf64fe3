"""The commands of the program, each made when it is asked for.

Rule: to make one is to import its module and to read the types of its options. All of them take longer than most
commands do, and whoever calls one needs no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any

import typer
from typer.main import get_command

from coralrun.cli.help import COMMANDS, Command


class MadeWhenAsked(Mapping[str, Any]):
    """Each command by its name, in the order of `COMMANDS`."""

    def __getitem__(self, name: str) -> Any:
        if name not in COMMANDS:
            raise KeyError(name)
        return _made(name)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


@cache
def _made(name: str) -> Any:
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    alone.command(name, cls=Command)(import_module(f"coralrun.cli.commands.{name}").command)
    return get_command(alone)
