"""Notes: what an outcome shows that is remembered as long as the process lasts, and never written down.

Rule: frozen records, the counterpart of facts. A note may be lost at any moment, with the process that took it: no rule
of safety may rest on one. Times are monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from coralrun.machine.effects import Effect
from coralrun.machine.job_id import JobId, Marker
from coralrun.machine.outcomes import Progress
from coralrun.planning.images import Size


class Channel(StrEnum):
    """What can be out of order on its own."""

    API = "api"
    SUBMIT = "submit"
    SLOT = "slot"  # a race for a slot was lost: only a reason to be slower
    RESULTS = "results"
    IMAGES = "images"
    UPLOADS = "uploads"
    THROTTLE = "throttle"  # nothing but requests to be silent: only counted, the silence itself is another matter


class Verdict(StrEnum):
    """What is known of a job that may be the one whose reply never came."""

    OURS = "ours"
    FOREIGN = "foreign"
    SAME_SIZE = "same-size"  # active, and as large as ours: it is examined when it has finished
    UNKNOWABLE = "unknowable"


class Ready(Struct, frozen=True):
    """An image's URL and size are known; the URL serves a submission until `stale_at_s`, None for ever.

    `serves_s` is how long it does from when it was told; `times` how often it was asked for for this submission.
    """

    size: Size
    stale_at_s: float | None
    serves_s: float = float("inf")
    times: int = 1


class Pace(Struct, frozen=True):
    """What is known of a job from asking about it: when last, since when its counts stand still, and its counts.

    `done_since_s` is when a status call first said that it is done; `not_ready` that its result was not there when
    asked for; `tried` that its result was asked for and did not come; `unreadable` how often it came unreadable.
    `most` is the largest sum of its counts so far: only more than that is progress, for counts can go backwards.
    """

    looked_s: float
    changed_s: float
    ok: int = 0
    failed: int = 0
    done_since_s: float | None = None
    not_ready: bool = False
    tried: bool = False
    unreadable: int = 0
    most: int = 0


class Started(Struct, frozen=True):
    """An effect was handed to the workers."""

    effect: Effect


class Returned(Struct, frozen=True):
    """An effect came back."""

    effect: Effect


class Budgeted(Struct, frozen=True):
    """No request may be sent before this."""

    until_s: float


class Throttled(Struct, frozen=True):
    """The service asked for no request before this."""

    until_s: float


class Failing(Struct, frozen=True):
    """A channel failed once more."""

    channel: Channel


class Working(Struct, frozen=True):
    """A channel works."""

    channel: Channel


class SawListing(Struct, frozen=True):
    """A listing came; `asked_s` is when it was asked for.

    `full` says that no slot is free and that none is held by a job that this run waits for. `newer` is what it tells
    of the open intent, None where it was not asked with an intent's marker; `progress` how far some jobs are.
    """

    asked_s: float
    active: tuple[JobId, ...]
    finished: tuple[JobId, ...]
    max_active: int
    full: bool
    marker: Marker
    newer: Newer | None
    progress: Mapping[JobId, Progress] = {}


class Newer(Struct, frozen=True):
    """The jobs of a listing that are newer than the intent; `conclusive` says that there can be no other."""

    jobs: tuple[JobId, ...]
    conclusive: bool


class ForgetListing(Struct, frozen=True):
    """The last listing is known to be out of date."""


class IntentFresh(Struct, frozen=True):
    """This process has just recorded the intent: it may be sent."""

    batch: int
    attempt: int


class IntentUnsettled(Struct, frozen=True):
    """The attempt ended without an answer."""


class IntentSettled(Struct, frozen=True):
    """The open intent is resolved, in whatever way."""


class Judged(Struct, frozen=True):
    """A job was examined."""

    job: JobId
    verdict: Verdict


class ImageReady(Struct, frozen=True):
    """An image was resolved."""

    image: int
    ready: Ready


class SiteSeen(Struct, frozen=True):
    """The site that images share answered for one of them."""

    image: int


class ImagesForgotten(Struct, frozen=True):
    """What was known of these images is used up or out of date."""

    images: tuple[int, ...]


class ImagesRest(Struct, frozen=True):
    """These images are left alone until then; `failed` after a failed resolve, `counts` if it is held against them."""

    until_s: Mapping[int, float]
    failed: bool = False
    counts: bool = True


class JobStarted(Struct, frozen=True):
    """A job of ours with so many entries is active now; `whole` says that it began just now, and not before."""

    job: JobId
    entries: int
    whole: bool = True


class JobSeen(Struct, frozen=True):
    """A status call, or a result that was not ready, showed how far a job is."""

    job: JobId
    pace: Pace


class JobOver(Struct, frozen=True):
    """A job of ours is over: it `ended`, or is waited for no longer, which tells nothing of how long it takes."""

    job: JobId
    ended: bool


class JobUnneeded(Struct, frozen=True):
    """A job's result is stored for good, or is waited for no longer: the service may let go of it."""

    job: JobId


class Released(Struct, frozen=True):
    """The service was told to let go of a job."""

    job: JobId


class UnfitEnded(Struct, frozen=True):
    """The units whose images cannot be taken have ended."""


class UploadNames(Struct, frozen=True):
    """What is stored under each of these names, "" where one is free."""

    ids: Mapping[str, str]


class UploadFresh(Struct, frozen=True):
    """This process has just recorded that a photo is about to be sent: it may be sent, once."""

    image: str


class UploadReturned(Struct, frozen=True):
    """Nothing is known for now of what is stored under a photo's name; `failed` if its sending failed once more."""

    image: str
    failed: bool = False


Note = (
    Started
    | Returned
    | Budgeted
    | Throttled
    | Failing
    | Working
    | SawListing
    | ForgetListing
    | IntentFresh
    | IntentUnsettled
    | IntentSettled
    | Judged
    | ImageReady
    | SiteSeen
    | ImagesForgotten
    | ImagesRest
    | JobStarted
    | JobSeen
    | JobOver
    | JobUnneeded
    | Released
    | UnfitEnded
    | UploadNames
    | UploadFresh
    | UploadReturned
)
