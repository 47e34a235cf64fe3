"""What the engine wants done: imperatives, as data.

Rule: an effect names its batch, attempt, job or image by number and holds no bytes and no URLs. A `Bookkeeping` effect
asks nothing of the world: it exists so that every fact, also one that follows from waiting, has an effect it came from.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from coralrun.machine.job_id import JobId, Marker
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Size


class Resolve(Struct, frozen=True):
    """Find an image's URL and size."""

    image: int


class AskNames(Struct, frozen=True):
    """Ask which of these photos, by where they go, have a name that is taken there; all go to one place."""

    images: tuple[str, ...]


class Upload(Struct, frozen=True):
    """Send a unit's photo to where it goes. Its intent is durable."""

    image: str
    unit: int


class CompareUpload(Struct, frozen=True):
    """Compare what is stored under a photo's name with the bytes that are, or would be, sent.

    `unit` is the unit of work that waits for it, None where none does any longer.
    """

    image: str
    id: str
    sha256: str
    unit: int | None


class List(Struct, frozen=True):
    """Ask for the account's jobs, and where an intent is open which of them are newer than what it was written by."""

    since: Marker | None = None
    done_before: tuple[JobId, ...] = ()


class Submit(Struct, frozen=True):
    """Send a batch. Its intent is durable."""

    batch: int
    attempt: int
    units: tuple[int, ...]
    sizes: tuple[Size, ...]


class Look(Struct, frozen=True):
    """Ask how far a job is."""

    job: JobId


class Identify(Struct, frozen=True):
    """Examine a finished job: is it this attempt of this batch, whose reply never came?"""

    batch: int
    attempt: int
    job: JobId


class Collect(Struct, frozen=True):
    """Fetch a job's result, check it against what was asked, and store it."""

    batch: int
    attempt: int
    job: JobId
    units: tuple[int, ...]
    sizes: tuple[Size, ...]


class Release(Struct, frozen=True):
    """Let the service forget a job whose result is stored for good; that it fails does no harm."""

    job: JobId


class Bookkeeping(Struct, frozen=True):
    """An effect that asks nothing of the world."""


class Intend(Bookkeeping, frozen=True):
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


class IntendUpload(Bookkeeping, frozen=True):
    """Write down that a photo is about to be sent, whose name is free."""

    image: str
    sha256: str


class MissUpload(Bookkeeping, frozen=True):
    """Conclude that a photo never arrived: its name is free still."""

    image: str
    unit: int | None


class EndUnfit(Bookkeeping, frozen=True):
    """Conclude that the units end whose images cannot be taken, as the plan says; nobody is asked for them."""


class EndUploaded(Bookkeeping, frozen=True):
    """Conclude that units are done, whose photos are at the service and are not to be classified."""

    units: tuple[int, ...]


class RejectUpload(Bookkeeping, frozen=True):
    """Conclude that a unit's photo will not be at the service, for another has its name."""

    unit: int


class LoseUpload(Bookkeeping, frozen=True):
    """Conclude that a photo that was sent is not at the service any more: its name is free, or another's."""

    image: str


class Adopt(Bookkeeping, frozen=True):
    """Take a job that was found as the one whose reply never came."""

    batch: int
    attempt: int
    job: JobId


class Dismiss(Bookkeeping, frozen=True):
    """Conclude that a submission never arrived: after the settle wait there is no such job."""

    batch: int
    attempt: int


class Doubt(Bookkeeping, frozen=True):
    """Conclude that it cannot be known whether a submission arrived: it is sent again and counted as a doubt."""

    batch: int
    attempt: int


class GiveUp(Bookkeeping, frozen=True):
    """Stop waiting for a job."""

    batch: int
    attempt: int
    job: JobId
    why: Reason


class Pause(Bookkeeping, frozen=True):
    """Stop the run for now; `why` is one of `PauseWhy`."""

    why: str
    detail: str


class Finish(Bookkeeping, frozen=True):
    """Every image has ended: close the run."""


ApiEffect: TypeAlias = List | Submit | Look | Identify
"""The effects that share the one channel to the service, in the order decided."""

PageEffect: TypeAlias = Resolve | AskNames | Upload | CompareUpload
"""The effects that ask for pages, which are under no limit of requests."""

Effect: TypeAlias = PageEffect | ApiEffect | Collect | Release | Bookkeeping
