"""What the engine wants done: imperatives, as data.

Rule: an effect names its batch, attempt, job or image by number and holds no bytes and no URLs. A `Bookkeeping` effect
asks nothing of the world: it exists so that every fact, also one that follows from waiting, has an effect it came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from coralrun.machine.job_id import JobId, Marker
from coralrun.machine.reasons import Reason
from coralrun.plan.model import Size


@dataclass(frozen=True, slots=True)
class Resolve:
    """Find an image's URL and size."""

    image: int


@dataclass(frozen=True, slots=True)
class List:
    """Ask for the account's jobs, and where an intent is open which of them are newer than what it was written by."""

    since: Marker | None = None
    done_before: tuple[JobId, ...] = ()


@dataclass(frozen=True, slots=True)
class Submit:
    """Send a batch. Its intent is durable."""

    batch: int
    attempt: int
    units: tuple[int, ...]
    sizes: tuple[Size, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """Ask how far a job is."""

    job: JobId


@dataclass(frozen=True, slots=True)
class Identify:
    """Examine a finished job: is it this attempt of this batch, whose reply never came?"""

    batch: int
    attempt: int
    job: JobId


@dataclass(frozen=True, slots=True)
class Collect:
    """Fetch a job's result, check it against what was asked, and store it."""

    batch: int
    attempt: int
    job: JobId
    units: tuple[int, ...]
    sizes: tuple[Size, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """Let the service forget a job whose result is stored for good; that it fails does no harm."""

    job: JobId


@dataclass(frozen=True, slots=True)
class Bookkeeping:
    """An effect that asks nothing of the world."""


@dataclass(frozen=True, slots=True)
class Intend(Bookkeeping):
    """Write down that a batch is about to be sent, and what the account's jobs were just before.

    `fresh_cut` says that the batch is new. `marker` is that of the last listing; `done_before` are jobs of this run
    that are known to have finished by then.
    """

    batch: int
    attempt: int
    units: tuple[int, ...]
    sizes: tuple[Size, ...]
    entries: int
    marker: Marker
    done_before: tuple[JobId, ...]
    fresh_cut: bool


@dataclass(frozen=True, slots=True)
class Adopt(Bookkeeping):
    """Take a job that was found as the one whose reply never came."""

    batch: int
    attempt: int
    job: JobId


@dataclass(frozen=True, slots=True)
class Dismiss(Bookkeeping):
    """Conclude that a submission never arrived: after the settle wait there is no such job."""

    batch: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Doubt(Bookkeeping):
    """Conclude that it cannot be known whether a submission arrived: it is sent again and counted as a doubt."""

    batch: int
    attempt: int


@dataclass(frozen=True, slots=True)
class GiveUp(Bookkeeping):
    """Stop waiting for a job."""

    batch: int
    attempt: int
    job: JobId
    why: Reason


@dataclass(frozen=True, slots=True)
class Pause(Bookkeeping):
    """Stop the run for now; `why` is one of `facts.PauseWhy`."""

    why: str
    detail: str


@dataclass(frozen=True, slots=True)
class Finish(Bookkeeping):
    """Every image has ended: close the run."""


ApiEffect: TypeAlias = List | Submit | Look | Identify
"""The effects that share the one lane to the service, in the order decided."""

Effect: TypeAlias = Resolve | ApiEffect | Collect | Release | Bookkeeping
