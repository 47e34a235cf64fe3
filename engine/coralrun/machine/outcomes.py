"""What came of an effect, as data: small frozen records with no bytes, no URLs and no texts of the service's in them.

Rule: one effect has one outcome. `Unknown` is the outcome of a submission that may or may not have taken effect; no
other outcome leaves a doubt. `detail` is for people and logs: nothing is ever decided on it, and it holds no secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from coralrun.machine.job_id import JobId, Marker
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Size


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


class Done(Struct, frozen=True):
    """A bookkeeping effect is done; there was nothing to ask."""


class Trouble(Struct, frozen=True):
    """A question got no answer. `wait_s` is what the service asked for, where it did."""

    kind: TroubleKind
    detail: str = ""
    wait_s: float | None = None


class Progress(Struct, frozen=True):
    """An active job's counts, in entries."""

    ok: int
    failed: int
    total: int

    def share_of(self, count: int) -> int:
        """Of so many things that the job is about, how many are done, in whatever way: all once all entries are."""
        return min(count, count * (self.ok + self.failed) // max(1, self.total))


class Listed(Struct, frozen=True):
    """The account's jobs: all active ones, the last few finished ones, and how many may be active.

    `newer` are those of them that are newer than the marker that the question held, the oldest active one first;
    `conclusive` says that there is no other newer one, at work or over. Without a marker neither says anything.
    `marker` is what to ask with the next time. `progress` says of some jobs how far they are, at a service whose
    listing tells it.
    """

    active: tuple[JobId, ...]
    finished: tuple[JobId, ...]
    max_active: int
    marker: Marker = ""
    newer: tuple[JobId, ...] = ()
    conclusive: bool = False
    progress: Mapping[JobId, Progress] = {}


class Accepted(Struct, frozen=True):
    """The service took the batch as this job."""

    job: JobId


class Refused(Struct, frozen=True):
    """The service said no, and no job exists. `entry` counts from 0 within the batch."""

    why: Refusal
    detail: str = ""
    entry: int | None = None
    wait_s: float | None = None


class Unknown(Struct, frozen=True):
    """A submission whose reply never came or cannot be read: a job may exist."""

    detail: str = ""


class NotSent(Struct, frozen=True):
    """A submission that never left this machine; `stale` are the images whose URLs must be asked for again."""

    stale: tuple[int, ...]


class JobDone(Struct, frozen=True):
    """A status call said that the job is done."""


class NotReady(Struct, frozen=True):
    """The job's result is not there yet."""


class Missing(Struct, frozen=True):
    """The service knows no such job, or not for this account."""


class Collected(Struct, frozen=True):
    """A result is stored. `ok` counts the images that succeeded; the others stand in one of the two maps."""

    sha256: str
    ok: int
    final: Mapping[int, Reason] = {}
    again: Mapping[int, Reason] = {}


class Mismatch(Struct, frozen=True):
    """A result came that is not the answer to what was asked."""

    detail: str


class Recognised(Struct, frozen=True):
    """A finished job was examined; `ours` says whether it carries the marks of the batch in question."""

    ours: bool


class Resolved(Struct, frozen=True):
    """An image's URL and size are known. `life_s` is how long the URL lives from now, None for ever."""

    size: Size
    life_s: float | None = None


class Unusable(Struct, frozen=True):
    """An image that cannot be submitted at all; `size` is its own where that is why."""

    reason: Reason
    size: Size | None = None


class Names(Struct, frozen=True):
    """What is stored under each of the names that were asked for, in their order; "" where a name is free."""

    ids: tuple[str, ...]


class Stored(Struct, frozen=True):
    """The service has the photo, under this id."""

    id: str


class NotTaken(Struct, frozen=True):
    """The service said no to a photo, whose name is free still."""

    why: Reason
    detail: str = ""


class Compared(Struct, frozen=True):
    """What is stored was read; `same` says that it has the bytes in question."""

    same: bool


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
    | Names
    | Stored
    | NotTaken
    | Compared
)
