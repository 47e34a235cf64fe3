"""One check of `doctor`: what was looked at, what was found, and what to do about it.

Rule: a check that fails ends no other that does not need it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from coralrun.errors import CoralrunError


class NoAnswer(Exception):
    """The service does not answer, so nothing else is asked of it."""


class Verdict(StrEnum):
    """What a check came to."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was looked at, what was found, what to do about it, and how a command shall end for it."""

    what: str
    verdict: Verdict
    said: str
    remedy: str = ""
    exit_code: int = 0


def tried(what: str, check: Callable[[], Check]) -> Iterator[Check]:
    """A check, which has failed where it raises an error of ours."""
    try:
        yield check()
    except CoralrunError as error:
        yield failed(what, error)


def failed(what: str, error: CoralrunError) -> Check:
    """A check that an error says all of."""
    return Check(what, Verdict.WRONG, error.message, error.remedy, error.exit_code)


def counted_images(count: int) -> str:
    """So many images, in words."""
    return f"{count:,} image{'' if count == 1 else 's'}"
