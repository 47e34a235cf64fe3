"""What should be under way now, and what is waited for.

The rules are tried in the order of `_RULES`; each adds effects to a draft that knows which lanes are free. There are
three lanes: one to the service (submitting, listing, looking: one request at a time, so that at most one submission is
ever in doubt), one for results, and a few for pages.

Rule: pure; the same state and moment give the same decision. A run that is not over always has an effect in flight, an
effect decided, or a wait with its reason: "nothing to do" does not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from coralrun import limits
from coralrun.machine import adopt, effects, policy
from coralrun.machine.durable import Batch, Phase
from coralrun.machine.facts import PauseWhy
from coralrun.machine.reasons import Reason
from coralrun.machine.state import State
from coralrun.machine.volatile import Lane, Pace
from coralrun.plan.model import Size


@dataclass(frozen=True, slots=True)
class Wait:
    """Something that time will bring: at `until_s` (monotonic) at the latest there is more to do."""

    until_s: float
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Effects to start now, and what is waited for beside those in flight."""

    effects: tuple[effects.Effect, ...]
    waits: tuple[Wait, ...]


@dataclass(slots=True)
class _Draft:
    state: State
    now: float
    begun: list[effects.Effect] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    service_busy: bool = False
    results_busy: bool = False
    pages: int = 0
    listing_at_s: float | None = None
    listing_why: str = ""

    def __post_init__(self) -> None:
        for effect in self.state.volatile.in_flight:
            match effect:
                case effects.List() | effects.Submit() | effects.Look() | effects.Identify():
                    self.service_busy = True
                case effects.Collect():
                    self.results_busy = True
                case effects.Resolve():
                    self.pages += 1

    def wait(self, until_s: float, why: str) -> None:
        self.waits.append(Wait(until_s, why))

    def service_ready(self, *lanes: Lane) -> bool:
        """Whether a request may be sent to the service now; if not, the wait is noted."""
        volatile = self.state.volatile
        hindrances = [
            (volatile.budget_until_s, "the service's limit of requests"),
            (volatile.throttled_until_s, "the pause that the service asked for"),
        ]
        hindrances += [(volatile.outages[lane].retry_at_s, _OUT[lane]) for lane in lanes if lane in volatile.outages]
        until_s, why = max(hindrances)
        if until_s > self.now:
            self.wait(until_s, why)
            return False
        return True

    def ask(self, effect: effects.ApiEffect, *lanes: Lane) -> None:
        """Send a request in the service's lane, if it is free."""
        if not self.service_busy and self.service_ready(Lane.API, *lanes):
            self.begun.append(effect)
            self.service_busy = True

    def want_listing(self, at_s: float, why: str) -> None:
        """Ask for the account's jobs at that time at the latest."""
        if self.listing_at_s is None or at_s < self.listing_at_s:
            self.listing_at_s, self.listing_why = at_s, why


_OUT = {
    Lane.API: "the service to be reachable again",
    Lane.SUBMIT: "the service to take batches again",
    Lane.SLOT: "a free slot, after another client was faster",
    Lane.RESULTS: "the service to give results again",
    Lane.PAGES: "the images' site to be reachable again",
}

_MOST_ENTRIES = limits.MAX_POINTS_PER_IMAGE // limits.MAX_POINTS_PER_ENTRY


def decide(state: State, now: float) -> Decision:
    """Say what should be started now (effects in flight are not repeated) and what is waited for."""
    if state.durable.finished_at or state.durable.paused:
        return Decision((), ())
    draft = _Draft(state, now)
    for rule in _RULES:
        rule(draft)
        if any(isinstance(effect, effects.Bookkeeping) for effect in draft.begun):
            break  # a bookkeeping effect changes the state at once: everything else is decided after it
    return Decision(tuple(draft.begun), tuple(draft.waits))


def _pause(draft: _Draft) -> None:
    """A service that was away for a day, or had no slot for us for a day, ends this process, not the run.

    Counted between two answers, never to the present moment: a laptop that slept for a day is no reason.
    """
    volatile = draft.state.volatile
    for lane in (Lane.API, Lane.SUBMIT, Lane.RESULTS):
        outage = volatile.outages.get(lane)
        if outage is not None and outage.last_s - outage.since_s >= limits.LOST_S:
            draft.begun.append(effects.Pause(PauseWhy.UNREACHABLE, f"waited a day for {_OUT[lane]}"))
            return
    seen_s = volatile.listed_s
    if volatile.full_s is not None and seen_s is not None and seen_s - volatile.full_s >= limits.LOST_S:
        draft.begun.append(effects.Pause(PauseWhy.NO_SLOTS, "the account has had no free slot for a day"))


def _finish(draft: _Draft) -> None:
    durable = draft.state.durable
    if durable.images_over == durable.total:
        draft.begun.append(effects.Finish())


def _send(draft: _Draft) -> None:
    """An intent that this very process recorded is sent; an intent of unknown fate is settled first of all."""
    batch, volatile = draft.state.durable.open, draft.state.volatile
    if batch is None or batch.phase is not Phase.INTENDED:
        return
    if volatile.fresh_intent == (batch.number, batch.attempt):
        if not draft.service_busy:
            draft.begun.append(effects.Submit(batch.number, batch.attempt, batch.images, batch.sizes))
            draft.service_busy = True
        return
    since_s = volatile.started_s if volatile.unsettled_s is None else volatile.unsettled_s
    settled_s = since_s + draft.state.setup.settle_s
    if draft.now < settled_s:
        draft.wait(settled_s, f"the fate of batch {batch.number}, whose reply was lost, to become visible")
    elif volatile.listed_s is None or volatile.listed_s < settled_s:
        draft.want_listing(draft.now, "to look for the lost batch")
    else:
        _settle(draft, batch)


def _settle(draft: _Draft, batch: Batch) -> None:
    volatile, durable = draft.state.volatile, draft.state.durable
    judgement = adopt.judge(
        batch,
        active=volatile.active_jobs,
        finished=volatile.finished_jobs,
        max_active=volatile.max_active,
        ours=durable.jobs,
        verdicts=volatile.verdicts,
    )
    number, attempt = batch.number, batch.attempt
    match judgement:
        case adopt.Arrived(job):
            draft.begun.append(effects.Adopt(number, attempt, job))
        case adopt.NeverArrived():
            draft.begun.append(effects.Dismiss(number, attempt))
        case adopt.Doubtful():
            draft.begun.append(effects.Doubt(number, attempt))
        case adopt.Examine(job, active):
            pace = volatile.paces.get(job)
            at_s = pace.looked_s + draft.state.setup.patience_s if pace is not None and pace.not_ready else draft.now
            if draft.now < at_s:
                draft.wait(at_s, f"job {job}, which may be batch {number}, to give its result")
            else:
                draft.ask(effects.Look(job) if active else effects.Identify(number, attempt, job))
        case adopt.Await(0):
            draft.want_listing(volatile.next_listing_s, "the account has no slot, and so no list of jobs")
        case adopt.Await(job):
            _await_candidate(draft, batch, job)


def _await_candidate(draft: _Draft, batch: Batch, job: int) -> None:
    """An active job of our size: its end shows in a listing; a status call now and then tells a stuck one."""
    volatile = draft.state.volatile
    pace = volatile.paces.get(job)
    every_s = max(policy.LOOK_EVERY_S, draft.state.setup.patience_s)
    if pace is not None and pace.done_since_s is not None:
        if draft.now >= pace.looked_s + draft.state.setup.patience_s:
            draft.ask(effects.Identify(batch.number, batch.attempt, job))
    elif pace is None or draft.now >= pace.looked_s + every_s:
        draft.ask(effects.Look(job))
    draft.want_listing(volatile.next_listing_s, f"job {job}, which may be batch {batch.number}, to finish")


def _collect(draft: _Draft) -> None:
    """Fetch what has finished; the job that was asked for longest ago comes first."""
    volatile, patience_s = draft.state.volatile, draft.state.setup.patience_s
    due: list[tuple[float, Batch]] = []
    for batch in draft.state.durable.active.values():
        pace = volatile.paces.get(batch.job)
        if pace is not None and _is_hopeless(draft, batch, pace):
            return
        done = pace is not None and pace.done_since_s is not None
        if volatile.listed_s is None or (batch.job in volatile.active_jobs and not done):
            continue
        if pace is not None and pace.not_ready and not done:
            continue  # `_look` asks whether it is really done
        at_s = pace.looked_s + patience_s if pace is not None and pace.tried else 0.0
        if at_s > draft.now:
            draft.wait(at_s, f"the result of job {batch.job}")
        else:
            due.append((at_s, batch))
    if due and not draft.results_busy and draft.service_ready(Lane.RESULTS):
        _, batch = min(due, key=lambda candidate: candidate[0])
        draft.begun.append(effects.Collect(batch.number, batch.attempt, batch.job, batch.images, batch.sizes))
        draft.results_busy = True


def _is_hopeless(draft: _Draft, batch: Batch, pace: Pace) -> bool:
    why: Reason | None = None
    if pace.done_since_s is not None and pace.not_ready and pace.looked_s - pace.done_since_s >= limits.STUCK_S:
        why = Reason.JOB_STUCK
    elif pace.unreadable >= policy.UNREADABLE_TRIES:
        why = Reason.REPLY_MISMATCH
    if (
        why is None
        or effects.Collect(batch.number, batch.attempt, batch.job, batch.images, batch.sizes)
        in draft.state.volatile.in_flight
    ):
        return False
    draft.begun.append(effects.GiveUp(batch.number, batch.attempt, batch.job, why))
    return True


def _look(draft: _Draft) -> None:
    """Ask about one job by name where a listing does not tell: it contradicts itself, or it is very late."""
    volatile, setup = draft.state.volatile, draft.state.setup
    overdue_s = policy.overdue_after_s(volatile.durations_s)
    for batch in draft.state.durable.active.values():
        pace = volatile.paces.get(batch.job)
        if pace is not None and pace.not_ready and pace.done_since_s is None:
            at_s = pace.looked_s + setup.patience_s
        elif batch.job in volatile.active_jobs and (pace is None or pace.done_since_s is None):
            first_s = volatile.submitted_s.get(batch.job, volatile.started_s) + overdue_s
            every_s = max(policy.LOOK_EVERY_S, setup.patience_s)
            at_s = first_s if pace is None else max(first_s, pace.looked_s + every_s)
        else:
            continue
        if at_s <= draft.now:
            draft.ask(effects.Look(batch.job))
        else:
            draft.wait(at_s, f"job {batch.job}")


def _submit(draft: _Draft) -> None:
    """Record the intent of the next batch when a slot is free and all of its images are ready."""
    state, volatile = draft.state, draft.state.volatile
    batch = state.durable.open
    if batch is not None and batch.phase is Phase.INTENDED:
        return
    images = batch.images if batch is not None else state.next_window(draft.now)
    if not images:
        _wait_for_rest(draft)
        return
    if volatile.listed_s is None:
        draft.want_listing(draft.now, "to see how many slots are free")
        return
    if state.free_slots() < 1:
        draft.want_listing(volatile.next_listing_s, "a free slot")
        return
    if batch is None and _better_later(draft, images):
        return
    sizes = [state.ready_size(image, draft.now) for image in images]
    pages_out = Lane.PAGES in volatile.outages and draft.pages == 0
    if batch is None and pages_out and None in sizes:
        images = tuple(image for image, size in zip(images, sizes, strict=True) if size is not None)
        sizes = [size for size in sizes if size is not None]
    known = tuple(size for size in sizes if size is not None)
    if not images or len(known) < len(sizes) or draft.service_busy:
        return
    if draft.service_ready(Lane.API, Lane.SUBMIT, Lane.SLOT):
        draft.begun.append(_intent(draft, batch, images, known))


def _intent(draft: _Draft, batch: Batch | None, images: tuple[int, ...], sizes: tuple[Size, ...]) -> effects.Intend:
    durable, volatile = draft.state.durable, draft.state.volatile
    seen = (*volatile.active_jobs, *volatile.finished_jobs, durable.last_job)
    had_result = (job.job for job in reversed(durable.closed) if job.sha256)  # one given up may finish yet
    last_closed = tuple(islice(had_result, 1))
    return effects.Intend(
        batch=durable.next_batch if batch is None else batch.number,
        attempt=1 if batch is None else batch.attempt + 1,
        images=images,
        sizes=sizes,
        entries=sum(draft.state.setup.entries[image] for image in images),
        after_job=max(seen, default=0),
        done_before=tuple(dict.fromkeys((*volatile.finished_jobs[:1], *last_closed))),
        fresh_cut=batch is None,
    )


def _better_later(draft: _Draft, images: tuple[int, ...]) -> bool:
    """Whether a batch that is not full should wait a little for images that rest: each job is worth a slot."""
    setup, rests = draft.state.setup, draft.state.volatile.rest_until_s
    entries = sum(setup.entries[image] for image in images)
    if len(images) >= setup.batch_size or entries + _MOST_ENTRIES > limits.MAX_ENTRIES_PER_JOB:
        return False
    soon_s = min((rests[image] for image in draft.state.waiting_resting(draft.now)), default=float("inf"))
    if soon_s > draft.now + setup.patience_s:
        return False
    draft.wait(soon_s, "images that failed, to fill the batch")
    return True


def _wait_for_rest(draft: _Draft) -> None:
    rests = draft.state.volatile.rest_until_s
    resting = [rests[image] for image in draft.state.waiting_resting(draft.now)]
    if resting:
        draft.wait(min(resting), "images that failed, to be tried again")


def _resolve(draft: _Draft) -> None:
    """Ask for the URLs and sizes of the next batch; while all slots are busy, only for those never asked for."""
    state, volatile = draft.state, draft.state.volatile
    open_batch = state.durable.open
    if open_batch is not None and open_batch.phase is Phase.CUT:
        images = open_batch.images
    else:
        images = state.next_window(draft.now)
    outage = volatile.outages.get(Lane.PAGES)
    if outage is not None and outage.retry_at_s > draft.now and outage.failures > 2:
        draft.wait(outage.retry_at_s, _OUT[Lane.PAGES])
        return
    at_once = 1 if outage is not None and outage.failures > 2 else policy.PAGES_AT_ONCE
    ahead_only = state.free_slots() < 1
    for image in images:
        if draft.pages >= at_once:
            return
        effect = effects.Resolve(image)
        if effect in volatile.in_flight or state.ready_size(image, draft.now) is not None:
            continue
        if ahead_only and image in volatile.ready:
            continue
        rest_s = volatile.rest_until_s.get(image, 0.0)
        if rest_s > draft.now:
            draft.wait(rest_s, "an image whose page failed, to be tried again")
            continue
        if _needs_witness(draft, image):
            draft.want_listing(draft.now, "to tell a bad image from a site that is away")
        draft.begun.append(effect)
        draft.pages += 1


def _needs_witness(draft: _Draft, image: int) -> bool:
    """Before an image ends because its page fails, the service must have been seen alive during the failure."""
    volatile = draft.state.volatile
    outage = volatile.outages.get(Lane.PAGES)
    near_the_end = volatile.resolve_failures.get(image, 0) >= policy.RESOLVE_TRIES - 1
    unseen = volatile.listed_s is None or (outage is not None and volatile.listed_s < outage.since_s)
    return near_the_end and unseen


def _list(draft: _Draft) -> None:
    """One listing tells of all jobs."""
    volatile = draft.state.volatile
    if draft.state.durable.active:
        at_s = draft.now if volatile.listed_s is None else volatile.next_listing_s
        draft.want_listing(at_s, "the jobs at work")
    if draft.listing_at_s is None:
        return
    if draft.listing_at_s <= draft.now:
        draft.ask(effects.List())
    else:
        draft.wait(draft.listing_at_s, draft.listing_why)


_RULES: tuple[Callable[[_Draft], None], ...] = (
    _finish,
    _pause,
    _send,
    _collect,
    _look,
    _submit,
    _resolve,
    _list,
)
