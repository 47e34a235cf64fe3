"""What is said of a command's options, said of arguments to whoever called from Python.

Rule: a use case knows the options of its command alone, and its errors name them. What crosses into Python names the
arguments: `--out` is `out=`. A line that is meant for a terminal, `coralrun ...`, stays one. What is no path or no text
where one is taken is refused here, by the annotations, before it is met deep inside.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from functools import wraps
from os import PathLike
from typing import Final, ParamSpec, TypeVar

from coralrun.errors import CoralrunError, UsageError

P = ParamSpec("P")
T = TypeVar("T")

_COMMAND: Final = re.compile(r"(coralrun [^`;()]*?(?=[`;()]|\. |\.?$))", re.MULTILINE)
_OPTION: Final = re.compile(
    r"(?<![\w-])--([a-z][a-z-]*[a-z])(?: (?:(\d+%|\d+(?![\d.])|people)|([\w.]+)=([^\s,;:)]+)))?"
)
_CALLED: Final[Mapping[str, str]] = {
    "field": "fields",
    "format": "name",
    "replace-existing-annotations": "replace_existing",
    "set": "values",
}
"""The arguments that are not called as the options are."""
_SWITCHES: Final = frozenset(
    {"allow-in-sample", "blind", "overwrite", "partial", "replace-existing-annotations", "take-over", "unreviewed"}
)


_TAKES: Final[Mapping[str, tuple[str, tuple[type, ...]]]] = {
    "str": ("a text", (str,)),
    "str | Path": ("a path", (str, PathLike)),
    "str | Path | None": ("a path", (str, PathLike, type(None))),
}
"""What the arguments with these annotations take, in words and in types."""


def in_python(function: Callable[P, T]) -> Callable[P, T]:
    """The same function, whose errors name arguments."""
    signature = inspect.signature(function)
    checked = {name: _TAKES[of.annotation] for name, of in signature.parameters.items() if of.annotation in _TAKES}

    @wraps(function)
    def called(*arguments: P.args, **named: P.kwargs) -> T:
        for name, given in signature.bind_partial(*arguments, **named).arguments.items():
            if name in checked and not isinstance(given, checked[name][1]):
                raise _of_another_type(name, checked[name][0], given)
        try:
            return function(*arguments, **named)
        except CoralrunError as error:
            error.message, error.remedy = of_arguments(error.message), of_arguments(error.remedy)
            error.args = (error.message, *error.args[1:])
            raise

    return called


def _of_another_type(name: str, taken: str, given: object) -> UsageError:
    remedy = f"Give {taken}, in quotes."
    if hasattr(given, "to_csv"):
        remedy = f'Write the table to a file, table.to_csv("FILE.csv", index=False), and give {name}="FILE.csv".'
    return UsageError(f"{name}= takes {taken}, and this is of type {type(given).__name__}", remedy=remedy)


def of_arguments(text: str) -> str:
    """A text with the arguments in place of the options."""
    parts = _COMMAND.split(text)
    return "".join(part if index % 2 else _OPTION.sub(_argument, part) for index, part in enumerate(parts))


def _argument(option: re.Match[str]) -> str:
    name, number, key, value = option.groups()
    called = _CALLED.get(name, name.replace("-", "_"))
    if key is not None:
        return f'{called}={{"{key}": "{value}"}}'
    if number is not None:
        return f"{called}={number}" if number.isdigit() else f'{called}="{number}"'
    return f"{called}=True" if name in _SWITCHES else f"{called}="
