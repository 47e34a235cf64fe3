"""How a public function is called from Python.

Rule: what it cannot be called with is refused before it is called (`arguments`). Errors name arguments and calls in
place of options and command lines. An interrupt shows no way through our modules.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from coralrun.api.arguments import check
from coralrun.api.shown import Shown
from coralrun.api.stopped import Interrupted
from coralrun.console.as_calls import as_calls
from coralrun.errors import CoralrunError

P = ParamSpec("P")
T = TypeVar("T")


def in_python(function: Callable[P, T]) -> Callable[P, T]:
    """The same function, whose errors name arguments and calls."""
    signature = inspect.signature(function)

    @wraps(function)
    def called(*arguments: P.args, **named: P.kwargs) -> T:
        check(signature, function.__name__, arguments, named)
        try:
            return function(*arguments, **named)
        except CoralrunError as error:
            said = arguments[0]._said if arguments and isinstance(arguments[0], Shown) else as_calls
            error.message, error.remedy = said(error.message), said(error.remedy)
            error.args = (error.message, *error.args[1:])
            raise
        except Interrupted:
            raise
        except KeyboardInterrupt:
            raise Interrupted(f"{function.__name__} was interrupted. Run the cell again.") from None

    return called
