"""How a service is to be reached: what whoever connects hands over, whichever service it is.

Rule: records and callables alone. A connection is made of them, and what it is asked for stands in `connection`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from coralrun.ports import Clock
from coralrun.service.terms import Options


class Progress(Protocol):
    """Told in words what is being done, and how much of it is done, of how much; 0 where that is not known."""

    def __call__(self, what: str, done: int = 0, of: int = 0) -> None:
        """Each call replaces the one before it."""
        ...


def tells_nobody(what: str, done: int = 0, of: int = 0) -> None:
    """A progress that nobody follows."""


class Login(NamedTuple):
    """Who somebody is at a service."""

    username: str
    password: str


Ask = Callable[[str], Login | None]
"""Asks a person who they are at a host; None where nobody says."""


class WallClock(Clock, Protocol):
    """The one clock, with the time of day as several processes share it."""

    def wall_s(self) -> float:
        """Seconds since 1970."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Reaching:
    """How a service is to be reached: as the survey names it, with its own keys of the survey.

    Without `must_have_account`, missing credentials are found out when they are needed; with it they are asked for.
    `progress` is told what takes long, of a service that is in this process.
    """

    service: str
    options: Options
    clock: WallClock
    ask: Ask | None = None
    must_have_account: bool = False
    progress: Progress = tells_nobody
