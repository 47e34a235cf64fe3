"""The half of the state that is forgotten at every restart: what is in flight, what was seen lately, how it went.

Rule: changed by notes alone, never written, and no safety rule may depend on it. Forgetting all of it costs requests
and time, never an image and never a doubled job: without it, an open intent counts as one whose reply was lost, and
every wait starts anew. Times are monotonic seconds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from coralrun import limits
from coralrun.machine.effects import Effect
from coralrun.plan.model import Size


class Verdict(StrEnum):
    """What is known of a job that may be the one whose reply never came."""

    OURS = "ours"
    FOREIGN = "foreign"
    SAME_SIZE = "same-size"  # active, and as large as ours: it is examined when it has finished
    UNKNOWABLE = "unknowable"


@dataclass(frozen=True, slots=True)
class Ready:
    """An image's URL and size are known; the URL serves a submission until `stale_at_s`, None for ever."""

    size: Size
    stale_at_s: float | None


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known of a job from asking about it: when last, since when its counts stand still, and its counts.

    `done_since_s` is when a status call first said that it is done; `not_ready` that its result was not there when
    asked for; `tried` that its result was asked for and did not come; `unreadable` how often it came unreadable.
    """

    looked_s: float
    changed_s: float
    ok: int = 0
    failed: int = 0
    done_since_s: float | None = None
    not_ready: bool = False
    tried: bool = False
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Outage:
    """A lane that fails: since when, when last, how often in a row, and when to try again."""

    since_s: float
    last_s: float
    failures: int
    retry_at_s: float

    def worse(self, now: float) -> Outage:
        """One more failure: the wait doubles from 5 s up to 10 min."""
        wait_s = min(limits.BACKOFF_MOST_S, limits.BACKOFF_FIRST_S * float(1 << min(self.failures, 20)))
        return Outage(self.since_s, now, self.failures + 1, now + wait_s)


class Lane(StrEnum):
    """What can be out of order on its own."""

    API = "api"
    SUBMIT = "submit"
    SLOT = "slot"  # a race for a slot was lost: only a reason to be slower
    RESULTS = "results"
    PAGES = "pages"
    THROTTLE = "throttle"  # nothing but requests to be silent: only counted, the silence itself is another matter


@dataclass(slots=True)
class Volatile:
    """See the module's rule. `active_jobs` and the three fields beside it are the last listing, kept up to date."""

    started_s: float
    in_flight: dict[Effect, float] = field(default_factory=dict)
    listed_s: float | None = None  # when the last good listing was asked for
    active_jobs: set[int] = field(default_factory=set)
    finished_jobs: tuple[int, ...] = ()
    max_active: int = 0
    next_listing_s: float = 0.0
    full_s: float | None = None  # since when there was no slot to be had, and no job of ours that would free one
    fresh_intent: tuple[int, int] | None = None  # intended by this very process, and not sent yet
    unsettled_s: float | None = None  # when the attempt whose outcome is unknown ended
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    outages: dict[Lane, Outage] = field(default_factory=dict)
    throttled_until_s: float = 0.0
    budget_until_s: float = 0.0
    ready: dict[int, Ready] = field(default_factory=dict)
    rest_until_s: dict[int, float] = field(default_factory=dict)
    resolve_failures: dict[int, int] = field(default_factory=dict)
    paces: dict[int, Pace] = field(default_factory=dict)
    submitted_s: dict[int, float] = field(default_factory=dict)
    durations_s: deque[float] = field(default_factory=lambda: deque(maxlen=50))


@dataclass(frozen=True, slots=True)
class Started:
    """An effect was handed to the workers."""

    effect: Effect


@dataclass(frozen=True, slots=True)
class Returned:
    """An effect came back."""

    effect: Effect


@dataclass(frozen=True, slots=True)
class Budgeted:
    """No request may be sent before this."""

    until_s: float


@dataclass(frozen=True, slots=True)
class Throttled:
    """The service asked for no request before this."""

    until_s: float


@dataclass(frozen=True, slots=True)
class Failing:
    """A lane failed once more."""

    lane: Lane


@dataclass(frozen=True, slots=True)
class Working:
    """A lane works."""

    lane: Lane


@dataclass(frozen=True, slots=True)
class SawListing:
    """A listing came; `asked_s` is when it was asked for, `next_s` when to ask again.

    `full` says that no slot is free and that none is held by a job that this run waits for.
    """

    asked_s: float
    active: tuple[int, ...]
    finished: tuple[int, ...]
    max_active: int
    next_s: float
    full: bool


@dataclass(frozen=True, slots=True)
class ForgetListing:
    """The last listing is known to be out of date."""


@dataclass(frozen=True, slots=True)
class IntentFresh:
    """This process has just recorded the intent: it may be sent."""

    batch: int
    attempt: int


@dataclass(frozen=True, slots=True)
class IntentUnsettled:
    """The attempt ended without an answer."""


@dataclass(frozen=True, slots=True)
class IntentSettled:
    """The open intent is resolved, in whatever way."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A job was examined."""

    job: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ImageReady:
    """An image was resolved."""

    image: int
    ready: Ready


@dataclass(frozen=True, slots=True)
class ImagesForgotten:
    """What was known of these images is used up or out of date."""

    images: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ImagesRest:
    """These images are left alone until then; `failed` counts a failed resolve."""

    until_s: Mapping[int, float]
    failed: bool = False


@dataclass(frozen=True, slots=True)
class JobStarted:
    """A job of ours is active now."""

    job: int


@dataclass(frozen=True, slots=True)
class JobSeen:
    """A status call, or a result that was not ready, told something of a job."""

    job: int
    pace: Pace


@dataclass(frozen=True, slots=True)
class JobOver:
    """A job of ours is over."""

    job: int


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
    | ImagesForgotten
    | ImagesRest
    | JobStarted
    | JobSeen
    | JobOver
)


def observe(state: Volatile, note: Note, now: float) -> None:
    """Change the volatile state by one note."""
    match note:
        case Started():
            state.in_flight[note.effect] = now
        case Returned():
            state.in_flight.pop(note.effect, None)
        case Budgeted():
            state.budget_until_s = note.until_s
        case Throttled():
            state.throttled_until_s = max(state.throttled_until_s, note.until_s)
        case Failing():
            state.outages[note.lane] = state.outages.get(note.lane, Outage(now, now, 0, now)).worse(now)
        case Working():
            state.outages.pop(note.lane, None)
            if note.lane in (Lane.API, Lane.RESULTS, Lane.SUBMIT):
                state.outages.pop(Lane.THROTTLE, None)
        case SawListing() | ForgetListing():
            _observe_listing(state, note, now)
        case IntentFresh() | IntentUnsettled() | IntentSettled() | Judged():
            _observe_intent(state, note, now)
        case ImageReady() | ImagesForgotten() | ImagesRest():
            _observe_images(state, note)
        case JobStarted() | JobSeen() | JobOver():
            _observe_job(state, note, now)


def _observe_listing(state: Volatile, note: SawListing | ForgetListing, now: float) -> None:
    if isinstance(note, ForgetListing):
        state.listed_s = None
        return
    state.listed_s = note.asked_s
    state.active_jobs = set(note.active)
    state.finished_jobs = note.finished
    state.max_active = note.max_active
    state.next_listing_s = note.next_s
    if not note.full:
        state.full_s = None
    elif state.full_s is None:
        state.full_s = now


def _observe_intent(state: Volatile, note: IntentFresh | IntentUnsettled | IntentSettled | Judged, now: float) -> None:
    match note:
        case IntentFresh():
            state.fresh_intent = (note.batch, note.attempt)
        case IntentUnsettled():
            state.fresh_intent = None
            state.unsettled_s = now
            state.verdicts.clear()
        case IntentSettled():
            state.fresh_intent = None
            state.unsettled_s = None
            state.verdicts.clear()
        case Judged():
            state.verdicts[note.job] = note.verdict


def _observe_images(state: Volatile, note: ImageReady | ImagesForgotten | ImagesRest) -> None:
    match note:
        case ImageReady():
            state.ready[note.image] = note.ready
            state.resolve_failures.pop(note.image, None)
            state.rest_until_s.pop(note.image, None)
        case ImagesForgotten():
            for image in note.images:
                state.ready.pop(image, None)
                state.rest_until_s.pop(image, None)
                state.resolve_failures.pop(image, None)
        case ImagesRest():
            state.rest_until_s.update(note.until_s)
            for image in note.until_s if note.failed else ():
                state.resolve_failures[image] = state.resolve_failures.get(image, 0) + 1


def _observe_job(state: Volatile, note: JobStarted | JobSeen | JobOver, now: float) -> None:
    match note:
        case JobStarted():
            if note.job not in state.finished_jobs:  # one that was found may be over already
                state.active_jobs.add(note.job)
            state.submitted_s[note.job] = now
        case JobSeen():
            state.paces[note.job] = note.pace
        case JobOver():
            state.active_jobs.discard(note.job)
            state.paces.pop(note.job, None)
            started_s = state.submitted_s.pop(note.job, None)
            if started_s is not None:
                state.durations_s.append(now - started_s)
