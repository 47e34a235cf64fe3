"""How a public function is called from Python.

Rule: errors name arguments and calls in place of options and command lines. What is no path or no text where one is
taken is refused here, by the annotations, before it is met deep inside. An interrupt shows no way through our modules.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from os import PathLike
from typing import Final, NamedTuple, ParamSpec, TypeVar

from coralrun.api.stopped import Interrupted
from coralrun.console.as_calls import as_calls
from coralrun.errors import CoralrunError, UsageError

P = ParamSpec("P")
T = TypeVar("T")


class _Takes(NamedTuple):
    """What an argument takes: in words, and whether something is that; and what to do about another thing."""

    words: str
    takes: Callable[[object], bool]
    remedy: str


def _is_path(given: object) -> bool:
    return isinstance(given, str | PathLike)


_TAKES: Final[Mapping[str, _Takes]] = {
    "str": _Takes("a text", lambda given: isinstance(given, str), "Give a text, in quotes."),
    "str | Path": _Takes("a path", _is_path, "Give a path, in quotes."),
    "str | Path | None": _Takes("a path", lambda given: given is None or _is_path(given), "Give a path, in quotes."),
    "Event | None": _Takes(
        "a threading.Event",
        lambda given: given is None or callable(getattr(given, "is_set", None)),
        "Give stop = threading.Event(), and call stop.set() in another thread to stop the run.",
    ),
}
"""What the arguments with these annotations take."""


def in_python(function: Callable[P, T]) -> Callable[P, T]:
    """The same function, whose errors name arguments and calls."""
    signature = inspect.signature(function)
    checked = {name: _TAKES[of.annotation] for name, of in signature.parameters.items() if of.annotation in _TAKES}

    @wraps(function)
    def called(*arguments: P.args, **named: P.kwargs) -> T:
        for name, given in signature.bind_partial(*arguments, **named).arguments.items():
            if name in checked and not checked[name].takes(given):
                raise _of_another_type(name, checked[name], given)
        try:
            return function(*arguments, **named)
        except CoralrunError as error:
            error.message, error.remedy = as_calls(error.message), as_calls(error.remedy)
            error.args = (error.message, *error.args[1:])
            raise
        except Interrupted:
            raise
        except KeyboardInterrupt:
            raise Interrupted(f"{function.__name__} was interrupted. Run the cell again.") from None

    return called


def _of_another_type(name: str, takes: _Takes, given: object) -> UsageError:
    remedy = takes.remedy
    if hasattr(given, "to_csv"):
        remedy = f'Write the table to a file, table.to_csv("FILE.csv", index=False), and give {name}="FILE.csv".'
    return UsageError(f"{name}= takes {takes.words}, and this is of type {type(given).__name__}", remedy=remedy)
