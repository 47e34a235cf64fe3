"""What the world answered: small frozen facts of life, with no bytes, no URLs and no texts of the service's in them.

Rule: one effect has one outcome. `Unknown` is the outcome of a submission that may or may not have taken effect; no
other outcome leaves a doubt. `detail` is for people and logs: nothing is ever decided on it, and it holds no secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from coralrun.machine.job_id import JobId, Marker
from coralrun.machine.reasons import Reason
from coralrun.plan.model import Size


class Refusal(StrEnum):
    """Why the service did not take a batch; none of these leaves a job behind."""

    NO_SLOT = "no-slot"  # the account's jobs are all in use
    THROTTLED = "throttled"  # too many requests
    BAD_ENTRY = "bad-entry"  # one entry is at fault: `Refused.entry`
    BAD_REQUEST = "bad-request"  # the request as a whole is not understood
    NO_CLASSIFIER = "no-classifier"
    CREDENTIALS = "credentials"


class TroubleKind(StrEnum):
    """Why a question got no answer."""

    UNREACHABLE = "unreachable"  # no reply, or a reply that is not the service's own
    THROTTLED = "throttled"
    CREDENTIALS = "credentials"
    NOT_UNDERSTOOD = "not-understood"  # the service's own reply, but not one that coralrun can read


@dataclass(frozen=True, slots=True)
class Done:
    """A bookkeeping effect is done; there was nothing to ask."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A question got no answer. `wait_s` is what the service asked for, where it did."""

    kind: TroubleKind
    detail: str = ""
    wait_s: float | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """The account's jobs: all active ones, the last few finished ones, and how many may be active.

    `newer` are those of them that are newer than the marker that the question held, the oldest active one first;
    `conclusive` says that there is no other newer one, at work or over. Without a marker neither says anything.
    `marker` is what to ask with the next time.
    """

    active: tuple[JobId, ...]
    finished: tuple[JobId, ...]
    max_active: int
    marker: Marker = ""
    newer: tuple[JobId, ...] = ()
    conclusive: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """The service took the batch as this job."""

    job: JobId


@dataclass(frozen=True, slots=True)
class Refused:
    """The service said no, and no job exists. `entry` counts from 0 within the batch."""

    why: Refusal
    detail: str = ""
    entry: int | None = None
    wait_s: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A submission whose reply never came or cannot be read: a job may exist."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class NotSent:
    """A submission that never left this machine; `stale` are the images whose URLs must be asked for again."""

    stale: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """An active job's counts, in entries."""

    ok: int
    failed: int
    total: int


@dataclass(frozen=True, slots=True)
class JobDone:
    """A status call said that the job is done."""


@dataclass(frozen=True, slots=True)
class NotReady:
    """The job's result is not there yet."""


@dataclass(frozen=True, slots=True)
class Missing:
    """The service knows no such job, or not for this account."""


@dataclass(frozen=True, slots=True)
class Collected:
    """A result is stored. `ok` counts the images that succeeded; the others stand in one of the two maps."""

    sha256: str
    ok: int
    final: Mapping[int, Reason] = field(default_factory=dict)
    again: Mapping[int, Reason] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A result came that is not the answer to what was asked."""

    detail: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """A finished job was examined; `ours` says whether it carries the marks of the batch in question."""

    ours: bool


@dataclass(frozen=True, slots=True)
class Resolved:
    """An image's URL and size are known. `life_s` is how long the URL lives from now, None for ever."""

    size: Size
    life_s: float | None = None


@dataclass(frozen=True, slots=True)
class Unusable:
    """An image that cannot be submitted at all; `size` is its own where that is why."""

    reason: Reason
    size: Size | None = None


Outcome = (
    Done
    | Trouble
    | Listed
    | Accepted
    | Refused
    | Unknown
    | NotSent
    | Progress
    | JobDone
    | NotReady
    | Missing
    | Collected
    | Mismatch
    | Recognised
    | Resolved
    | Unusable
)
