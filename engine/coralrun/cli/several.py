"""Several surveys carried out by one call, one after the other: those of a folder, as cron calls them.

Rule: each is told of as if it were alone, and one that ends badly keeps no other from its turn; an interruption ends
all. The exit code is that of the first that ended badly; that another process is at work on one (4) comes last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coralrun.cli.calling import ended
from coralrun.clock import SystemClock
from coralrun.console.printer import Printer
from coralrun.console.quiet import Quiet
from coralrun.errors import EXIT_COMPLETE, EXIT_INTERRUPTED, EXIT_TERMINATED, LockedError

_INTERRUPTED = frozenset({EXIT_INTERRUPTED, EXIT_TERMINATED})


@dataclass(slots=True)
class _OfMany(Printer):
    """Keeps the document of one survey, for that of all."""

    documented: Any = None

    def document(self, value: Any) -> None:
        """Keep it."""
        self._documented, self.documented = True, value


def carry_out_each(surveys: Sequence[Path], apply: Callable[[Path, Printer], int], printer: Printer) -> int:
    """Carry out each, and return how all ended."""
    codes: list[int] = []
    documents: list[dict[str, Any]] = []
    for survey in surveys:
        if codes:
            printer.say()
        printer.say(survey.as_posix())
        one = _OfMany(True, printer.events) if printer.as_json else printer
        codes.append(ended(one, lambda one, survey=survey: apply(survey, one)))  # type: ignore[misc]
        if isinstance(one, _OfMany):
            documents.append({"survey": survey.as_posix(), "exit_code": codes[-1], "result": one.documented})
        if codes[-1] in _INTERRUPTED:
            break
    printer.document({"surveys": documents})
    return _code(codes)


def carry_out_quietly(surveys: Sequence[Path], apply: Callable[[Path, Printer], int], printer: Printer) -> int:
    """The same, and print what somebody has to see to alone; what is that of an earlier one is said to be so."""
    codes: list[int] = []
    at = SystemClock().utc()
    told: dict[tuple[str, ...], tuple[str, int]] = {}
    for survey in surveys:
        quiet = Quiet(False, printer.events, at=at)
        codes.append(ended(quiet, lambda quiet, survey=survey: apply(survey, quiet)))  # type: ignore[misc]
        head, *news = quiet.news(survey.as_posix(), codes[-1]) or [""]
        first, code = told.setdefault(tuple(news), (survey.as_posix(), codes[-1]))
        if head:
            as_first = f"as {first} did" if code == codes[-1] else f"what is told of {first} holds here too"
            printer.lines([head, *news] if first == survey.as_posix() else [f"{head} {as_first}"])
        if printer.lost is None:
            quiet.was_told()
        if codes[-1] in _INTERRUPTED:
            break
    return _code(codes)


def _code(codes: Iterable[int]) -> int:
    bad = sorted((code for code in codes if code != EXIT_COMPLETE), key=lambda code: code == LockedError.exit_code)
    return bad[0] if bad else EXIT_COMPLETE
