"""What happened: past participles, as data. Facts are all that a run's durable state is made of.

Rule: a fact names a batch, and only those of its images that did not simply succeed. A fact is valid by construction,
written to the journal before it is applied, and never changed afterwards. `at` is UTC, ISO 8601.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from coralrun.machine.reasons import Reason
from coralrun.plan.model import Size


class PauseWhy(StrEnum):
    """Why a run stopped before its end; each can be resumed."""

    CREDENTIALS = "credentials"
    NO_CLASSIFIER = "no-classifier"
    NOT_UNDERSTOOD = "not-understood"
    UNREACHABLE = "unreachable"
    NO_SLOTS = "no-slots"


class RefusedWhy(StrEnum):
    """Why a submission left no job."""

    NO_SLOT = "no-slot"
    THROTTLED = "throttled"
    BAD_ENTRY = "bad-entry"
    STOPPED = "stopped"
    NEVER_ARRIVED = "never-arrived"
    NOT_SENT = "not-sent"


@dataclass(frozen=True, slots=True)
class Opened:
    """A process began to work on the run."""

    at: str
    version: str


@dataclass(frozen=True, slots=True)
class Limited:
    """The account's limit of active jobs is this now."""

    at: str
    max_active: int


@dataclass(frozen=True, slots=True)
class Ended:
    """Images ended before they were submitted. `sizes` are those of the images that ended because of their size."""

    at: str
    final: Mapping[int, Reason]
    sizes: Mapping[int, Size] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batched:
    """A batch was cut."""

    batch: int
    images: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Intended:
    """A batch is about to be sent. `sizes` holds the raw size of each of its images, from which its points follow."""

    at: str
    batch: int
    attempt: int
    entries: int
    after_job: int
    done_before: tuple[int, ...]
    sizes: tuple[Size, ...]


@dataclass(frozen=True, slots=True)
class Submitted:
    """The service has the batch as this job; `adopted` when the reply was lost and the job found later."""

    at: str
    batch: int
    attempt: int
    job: int
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The submission left no job. `drop` are images that the service named as the cause: they end."""

    at: str
    batch: int
    attempt: int
    why: RefusedWhy
    drop: Mapping[int, Reason] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Doubted:
    """It cannot be known whether the submission left a job: a possible duplicate, counted and reported."""

    at: str
    batch: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Collected:
    """The job's result is on disk. Images in neither map succeeded."""

    at: str
    batch: int
    attempt: int
    job: int
    sha256: str
    ok: int
    final: Mapping[int, Reason] = field(default_factory=dict)
    again: Mapping[int, Reason] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The job will never give its result (`why`: lost, stuck, or not the answer to what was asked)."""

    at: str
    batch: int
    attempt: int
    job: int
    why: Reason
    final: Mapping[int, Reason] = field(default_factory=dict)
    again: Mapping[int, Reason] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Paused:
    """The run stopped and can be resumed."""

    at: str
    why: PauseWhy
    detail: str


@dataclass(frozen=True, slots=True)
class Finished:
    """Every image has ended."""

    at: str


Fact = (
    Opened
    | Limited
    | Ended
    | Batched
    | Intended
    | Submitted
    | Refused
    | Doubted
    | Collected
    | GaveUp
    | Paused
    | Finished
)
