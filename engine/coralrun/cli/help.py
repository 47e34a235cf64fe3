"""The help of the whole program and of each command.

Rule: commands stand in groups, in the order in which they are used. What one is for is told whole, and wrapped between
words however narrow the terminal is.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from coralrun.cli.meant import survey_here, unquoted
from coralrun.console.colour import BOLD, HEADING, is_coloured, styled

GROUPS: Final[Mapping[str, Sequence[str]]] = {
    "Begin": ("init", "validate", "doctor", "plan", "points", "schema", "train", "emulator"),
    "Run": ("apply", "resume", "status", "runs", "upload", "metadata", "annotate"),
    "Read": ("report", "cover", "show", "export"),
    "Check": ("review", "accuracy", "verify"),
}
COMMANDS: Final = tuple(name for names in GROUPS.values() for name in names)
_WHOLE: Final = 1_000
"""Letters of a summary that are shown: all."""
_WIDEST: Final = 80
"""Columns of the help on a wide terminal: longer lines are hard to read."""
_NARROW: Final = 60
"""On fewer columns a name of more than `_SHORT` letters has a line of its own, so that words beside it have room."""
_SHORT: Final = 12

_HYPHEN: Final = re.compile(r"(?<=\w)-(?=\w)")
_UNBROKEN: Final = "\0"
"""In place of a hyphen within a word, which is typed as it stands: the library would end a line at it."""
_TYPE: Final = re.compile(r" <(?:list\[)?(\w+)\]?(?: range)?>")
"""What typer says of a value: a type of Python's. An argument has a name of its own beside it."""
_WORDS: Final = {"int": "N", "float": "X", "str": "TEXT", "path": "PATH", "Path": "PATH"}


def _styled(text: str, style: str) -> str:
    return styled(text, style) if is_coloured(sys.stdout) else text


_Formatter: Any = typer.Context.formatter_class


def _in_words(said: re.Match[str]) -> str:
    return f" {_WORDS.get(said[1], said[1].upper())}"


class _HelpFormatter(_Formatter):  # type: ignore[misc] # typer has no public name of its class
    """As typer's, but for narrow terminals, and with headings and names that are found at a glance."""

    def write_heading(self, heading: str) -> None:
        """The title of a group."""
        super().write_heading(_styled(heading, HEADING))

    def write(self, string: str) -> None:
        """A piece, with the hyphens that it had."""
        super().write(string.replace(_UNBROKEN, "-"))

    def write_text(self, text: str) -> None:
        """Words, wrapped between them."""
        super().write_text(_HYPHEN.sub(_UNBROKEN, text))

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Names, and what is said of each."""
        rows = [(_TYPE.sub(_in_words if name.startswith("-") else "", name), said) for name, said in rows]
        rows = [(_styled(name, BOLD), _HYPHEN.sub(_UNBROKEN, said)) for name, said in rows]
        super().write_dl(rows, min(col_max, _SHORT) if self.width < _NARROW else col_max, col_spacing)


class _HelpContext(typer.Context):
    """How a command is called, with help as wide as the terminal: the library's own is never narrower than 50."""

    formatter_class = _HelpFormatter

    def __init__(self, *arguments: Any, **options: Any) -> None:
        columns = min(_WIDEST, shutil.get_terminal_size().columns)
        ours = {"terminal_width": columns - 2, "color": is_coloured(sys.stdout)}
        super().__init__(*arguments, **{**options, **ours})


_Refused: Any = typer.BadParameter.__base__
"""A command line that is not as it should be: typer has no public name of its class."""


class Command(TyperCommand):
    """A command with this help, which says of a line that it refuses what may have been meant."""

    context_class = _HelpContext

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """What the words of the line say."""
        words = list(args)
        try:
            left = list(super().parse_args(ctx, args))
            self._refuse_repeated(ctx, words)
        except _Refused as error:
            if "unexpected extra argument" in error.message:
                error.message += f"\n-> {unquoted(words)}"
            elif not error.message:  # something is missing, and that is said before
                error.message = self._besides(ctx, words, getattr(error, "param", None))
            raise
        return left

    def _refuse_repeated(self, ctx: Any, words: list[str]) -> None:
        """Of an option that takes one value and is given several, the last would count, without a word."""
        given: list[Any] = self.make_parser(ctx).parse_args(args=list(words))[2]
        for param in given:
            if param.param_type_name == "option" and not (param.multiple or param.is_flag) and given.count(param) > 1:
                said = f"it takes one value, and is given {given.count(param)} times"
                raise typer.BadParameter(said, ctx=ctx, param=param)

    def _besides(self, ctx: Any, words: list[str], missing: Any) -> str:
        """What to say of a line that lacks something beside that: what else it lacks, and which survey there is."""
        if "SURVEY" in (getattr(missing, "metavar", None) or ""):
            return survey_here(f"coralrun {self.name}")
        given, _, _ = self.make_parser(ctx).parse_args(args=list(words))
        needed: list[Any] = [param for param in self.get_params(ctx) if param.required and param is not missing]
        others = [param for param in needed if param.value_is_missing(param.consume_value(ctx, given)[0])]
        told = [f"Missing too: {', '.join(param.get_error_hint() for param in others)}."] if others else []
        if any(param.name == "labelled_by" and not given.get(param.name) for param in self.get_params(ctx)):
            told.append("Say '--labelled-by people' too, if people labelled and no column of the table says so.")
        return " ".join(told)


class GroupedHelp(TyperGroup):
    """The program's help."""

    context_class = _HelpContext

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Each group of commands with what they are for."""
        for title, names in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name, self.commands[name].get_short_help_str(_WHOLE)) for name in names])
