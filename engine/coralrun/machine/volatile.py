"""The half of the state that is forgotten at every restart: what is in flight, what was seen lately, how it went.

Rule: changed by notes alone, never written, and no safety rule may depend on it. Forgetting all of it costs requests
and time, never an image and never a doubled job: without it, an open intent counts as one whose reply was lost, and
every wait starts anew. Times are monotonic seconds.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from coralrun import limits
from coralrun.machine import notes
from coralrun.machine.effects import Bookkeeping, Effect, PageEffect
from coralrun.machine.experience import Experience
from coralrun.machine.job_id import JobId, Marker
from coralrun.machine.notes import Channel, Newer, Pace, Ready, Verdict
from coralrun.machine.outcomes import Progress

SENT_KEPT = 1000
"""Sendings that are remembered: a service that allows more of them in any time has requests to spare."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A channel that fails: since when, when last, how often in a row, and when to try again."""

    since_s: float
    last_s: float
    failures: int
    retry_at_s: float

    def worse(self, now: float) -> Outage:
        """One more failure: the wait doubles from 5 s up to 10 min."""
        wait_s = min(limits.BACKOFF_MOST_S, limits.BACKOFF_FIRST_S * float(1 << min(self.failures, 20)))
        return Outage(self.since_s, now, self.failures + 1, now + wait_s)


@dataclass(frozen=True, slots=True)
class ResolveFailures:
    """How often resolving an image failed by what seems its own fault, and when it failed last."""

    count: int
    last_s: float


@dataclass(frozen=True, slots=True)
class Seen:
    """The last image that the shared site answered for, and when."""

    image: int
    at_s: float


@dataclass(slots=True)
class Volatile:
    """See the module's rule. `active_jobs` and the five fields beside it are the last listing, kept up to date."""

    started_s: float
    in_flight: dict[Effect, float] = field(default_factory=dict)
    listed_s: float | None = None  # when the last good listing was asked for
    active_jobs: set[JobId] = field(default_factory=set)
    finished_jobs: tuple[JobId, ...] = ()
    max_active: int = 0
    marker: Marker = ""
    newer: Newer | None = None  # what it tells of the open intent; forgotten with it
    progress: dict[JobId, Progress] = field(default_factory=dict)  # of jobs that a listing told it of, for people alone
    full_s: float | None = None  # since when there was no slot to be had, and no job of ours that would free one
    fresh_intent: tuple[int, int] | None = None  # intended by this very process, and not sent yet
    unsettled_s: float | None = None  # when the attempt whose outcome is unknown ended
    verdicts: dict[JobId, Verdict] = field(default_factory=dict)
    outages: dict[Channel, Outage] = field(default_factory=dict)
    throttled_until_s: float = 0.0
    budget_until_s: float = 0.0
    ready: dict[int, Ready] = field(default_factory=dict)
    rest_until_s: dict[int, float] = field(default_factory=dict)
    resolve_failures: dict[int, ResolveFailures] = field(default_factory=dict)
    site_seen: Seen | None = None
    upload_names: dict[str, str] = field(default_factory=dict)  # what is stored under a photo's name, "" for nothing
    upload_failures: dict[str, int] = field(default_factory=dict)
    fresh_upload: str | None = None  # intended by this very process, and not sent yet
    unfit_ended: bool = False
    paces: dict[JobId, Pace] = field(default_factory=dict)
    to_release: dict[JobId, None] = field(default_factory=dict)
    experience: Experience = field(default_factory=Experience)
    sent_s: deque[float] = field(default_factory=lambda: deque(maxlen=SENT_KEPT))


def observe(state: Volatile, note: notes.Note, now: float) -> None:
    """Change the volatile state by one note."""
    match note:
        case notes.Started():
            state.in_flight[note.effect] = now
            if not isinstance(note.effect, Bookkeeping | PageEffect):
                state.sent_s.append(now)
        case notes.Returned():
            state.in_flight.pop(note.effect, None)
        case notes.SawListing() | notes.ForgetListing():
            _observe_listing(state, note, now)
        case notes.Budgeted():
            state.budget_until_s = note.until_s
        case notes.Throttled():
            state.throttled_until_s = max(state.throttled_until_s, note.until_s)
        case notes.Failing():
            state.outages[note.channel] = state.outages.get(note.channel, Outage(now, now, 0, now)).worse(now)
        case notes.Working():
            state.outages.pop(note.channel, None)
            if note.channel in (Channel.API, Channel.RESULTS, Channel.SUBMIT):
                state.outages.pop(Channel.THROTTLE, None)
        case notes.IntentFresh() | notes.IntentUnsettled() | notes.IntentSettled() | notes.Judged():
            _observe_intent(state, note, now)
        case notes.SiteSeen():
            state.site_seen = Seen(note.image, now)
        case notes.ImageReady() | notes.ImagesForgotten() | notes.ImagesRest():
            _observe_images(state, note, now)
        case notes.UploadNames() | notes.UploadFresh() | notes.UploadReturned():
            _observe_upload(state, note)
        case notes.UnfitEnded():
            state.unfit_ended = True
        case notes.JobUnneeded():
            state.to_release[note.job] = None
        case notes.Released():
            state.to_release.pop(note.job, None)
        case _:
            _observe_job(state, note, now)


def _observe_listing(state: Volatile, note: notes.SawListing | notes.ForgetListing, now: float) -> None:
    if isinstance(note, notes.ForgetListing):
        state.listed_s = None
        return
    state.listed_s = note.asked_s
    state.active_jobs = set(note.active)
    state.finished_jobs = note.finished
    state.max_active = note.max_active
    state.marker, state.newer = note.marker, note.newer
    state.progress = {
        job: progress if job in state.active_jobs else Progress(progress.total, 0, progress.total)
        for job, progress in (state.progress | dict(note.progress)).items()
        if job in state.active_jobs or job in note.finished
    }
    for job in tuple(state.experience.watched):
        if job in state.active_jobs:
            state.experience.see(job, note.asked_s)
        else:
            state.experience.end(job, now)
    if not note.full:
        state.full_s = None
    elif state.full_s is None:
        state.full_s = now


def _observe_intent(
    state: Volatile, note: notes.IntentFresh | notes.IntentUnsettled | notes.IntentSettled | notes.Judged, now: float
) -> None:
    match note:
        case notes.IntentFresh():
            state.fresh_intent = (note.batch, note.attempt)
        case notes.IntentUnsettled():
            _forget_intent(state, now)
        case notes.IntentSettled():
            _forget_intent(state, None)
        case _:
            state.verdicts[note.job] = note.verdict


def _forget_intent(state: Volatile, unsettled_s: float | None) -> None:
    """What was seen of jobs was seen for another intent, or before this one was sent."""
    state.fresh_intent = None
    state.unsettled_s = unsettled_s
    state.newer = None
    state.verdicts.clear()


def _observe_upload(state: Volatile, note: notes.UploadNames | notes.UploadFresh | notes.UploadReturned) -> None:
    match note:
        case notes.UploadNames():
            state.upload_names.update(note.ids)
        case notes.UploadFresh():
            state.fresh_upload = note.image
            state.upload_names.pop(note.image, None)
        case _:
            state.fresh_upload = None
            state.upload_names.pop(note.image, None)
            if note.failed:
                state.upload_failures[note.image] = state.upload_failures.get(note.image, 0) + 1


def _observe_images(
    state: Volatile, note: notes.ImageReady | notes.ImagesForgotten | notes.ImagesRest, now: float
) -> None:
    match note:
        case notes.ImageReady():
            state.ready[note.image] = note.ready
            state.resolve_failures.pop(note.image, None)
            state.rest_until_s.pop(note.image, None)
        case notes.ImagesForgotten():
            for image in note.images:
                state.ready.pop(image, None)
                state.rest_until_s.pop(image, None)
                state.resolve_failures.pop(image, None)
        case _:
            for image, until_s in note.until_s.items():  # one reason to rest does not end another
                state.rest_until_s[image] = max(until_s, state.rest_until_s.get(image, 0.0))
            for image in note.until_s if note.failed else ():
                before = state.resolve_failures.get(image)
                count = (before.count if before is not None else 0) + note.counts
                state.resolve_failures[image] = ResolveFailures(count, now)


def _observe_job(state: Volatile, note: notes.JobStarted | notes.JobSeen | notes.JobOver, now: float) -> None:
    match note:
        case notes.JobStarted():
            if note.job not in state.finished_jobs:  # one that was found may be over already
                state.active_jobs.add(note.job)
            state.experience.start(note.job, note.entries, now, whole=note.whole)
        case notes.JobSeen():
            before = state.paces.get(note.job)
            state.paces[note.job] = note.pace
            is_done = note.pace.done_since_s is not None
            if is_done and note.job in state.experience.watched and (before is None or before.done_since_s is None):
                state.active_jobs.discard(note.job)  # its slot is free, unless the next listing denies it
                state.experience.end(note.job, now)
        case _:
            state.active_jobs.discard(note.job)
            state.paces.pop(note.job, None)
            state.progress.pop(note.job, None)
            if note.ended:
                state.experience.end(note.job, now)
            state.experience.forget(note.job)
