"""What an outcome means: facts to be written down, and notes to be kept in mind.

Rule: pure; changes nothing. One effect and its outcome give a `Lesson`; the driver makes its facts durable before any
of it is applied. Each outcome of each effect is answered in one place below, and an outcome that an effect cannot have
is a defect, not a case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from coralrun import limits
from coralrun.machine import effects, facts, outcomes, policy
from coralrun.machine import volatile as notes
from coralrun.machine.durable import Batch
from coralrun.machine.reasons import Reason
from coralrun.machine.state import Instant, State
from coralrun.machine.volatile import Lane, Pace, Verdict


@dataclass(frozen=True, slots=True)
class Lesson:
    """Facts in the order they are to be applied, and notes to be observed after them."""

    facts: tuple[facts.Fact, ...] = ()
    notes: tuple[notes.Note, ...] = ()


def learn(state: State, effect: effects.Effect, outcome: outcomes.Outcome, now: Instant) -> Lesson:
    """Say what follows from an effect's outcome."""
    match effect:
        case effects.List():
            lesson = _of_list(state, effect, outcome, now)
        case effects.Submit():
            lesson = _of_submit(state, effect, outcome, now)
        case effects.Look():
            lesson = _of_look(state, effect, outcome, now)
        case effects.Identify():
            lesson = _of_identify(state, effect, outcome, now)
        case effects.Collect():
            lesson = _of_collect(state, effect, outcome, now)
        case effects.Resolve():
            lesson = _of_resolve(state, effect, outcome, now)
        case effects.Bookkeeping():
            lesson = _of_bookkeeping(state, effect, outcome, now)
    return replace(lesson, notes=(notes.Returned(effect), *lesson.notes))


def _impossible(effect: effects.Effect, outcome: outcomes.Outcome) -> AssertionError:
    return AssertionError(f"{type(effect).__name__} cannot have the outcome {outcome!r}")


def _trouble(outcome: outcomes.Trouble, lane: Lane, now: Instant) -> Lesson:
    match outcome.kind:
        case outcomes.TroubleKind.THROTTLED:
            until_s = now.mono_s + policy.throttled_s(outcome.wait_s)
            return Lesson(notes=(notes.Throttled(until_s), notes.Failing(Lane.THROTTLE)))
        case outcomes.TroubleKind.CREDENTIALS:
            return Lesson(facts=(facts.Paused(now.utc, facts.PauseWhy.CREDENTIALS, outcome.detail),))
        case _:
            return Lesson(notes=(notes.Failing(lane),))


def _of_list(state: State, effect: effects.List, outcome: outcomes.Outcome, now: Instant) -> Lesson:
    match outcome:
        case outcomes.Listed():
            limit_changed = outcome.max_active != state.durable.max_active
            awaited = {batch.job for batch in state.durable.active.values()}
            return Lesson(
                facts=(facts.Limited(now.utc, outcome.max_active),) if limit_changed else (),
                notes=(
                    notes.SawListing(
                        asked_s=state.volatile.in_flight[effect],
                        active=outcome.active,
                        finished=outcome.finished,
                        max_active=outcome.max_active,
                        next_s=policy.next_listing_s(now.mono_s, state.setup.patience_s, state.volatile.durations_s),
                        full=len(outcome.active) >= outcome.max_active and awaited.isdisjoint(outcome.active),
                    ),
                    notes.Working(Lane.API),
                ),
            )
        case outcomes.Trouble():
            return _trouble(outcome, Lane.API, now)
        case _:
            raise _impossible(effect, outcome)


_REFUSED = {
    outcomes.Refusal.NO_SLOT: facts.RefusedWhy.NO_SLOT,
    outcomes.Refusal.THROTTLED: facts.RefusedWhy.THROTTLED,
    outcomes.Refusal.BAD_ENTRY: facts.RefusedWhy.BAD_ENTRY,
    outcomes.Refusal.BAD_REQUEST: facts.RefusedWhy.STOPPED,
    outcomes.Refusal.NO_CLASSIFIER: facts.RefusedWhy.STOPPED,
    outcomes.Refusal.CREDENTIALS: facts.RefusedWhy.STOPPED,
}

_PAUSED = {
    outcomes.Refusal.BAD_REQUEST: facts.PauseWhy.NOT_UNDERSTOOD,
    outcomes.Refusal.NO_CLASSIFIER: facts.PauseWhy.NO_CLASSIFIER,
    outcomes.Refusal.CREDENTIALS: facts.PauseWhy.CREDENTIALS,
}


def _of_submit(state: State, effect: effects.Submit, outcome: outcomes.Outcome, now: Instant) -> Lesson:
    b, a = effect.batch, effect.attempt
    match outcome:
        case outcomes.Accepted(job) if job not in state.durable.jobs:
            return Lesson(
                facts=(facts.Submitted(now.utc, b, a, job),),
                notes=(
                    notes.IntentSettled(),
                    notes.JobStarted(job),
                    notes.ImagesForgotten(effect.images),
                    notes.Working(Lane.API),
                    notes.Working(Lane.SUBMIT),
                    notes.Working(Lane.SLOT),
                ),
            )
        case outcomes.Refused():
            return _of_refusal(state, effect, outcome, now)
        case outcomes.NotSent(stale):
            return Lesson(
                facts=(facts.Refused(now.utc, b, a, facts.RefusedWhy.NOT_SENT),),
                notes=(notes.IntentSettled(), notes.ImagesForgotten(stale)),
            )
        case outcomes.Accepted() | outcomes.Unknown():
            # A job id that this run already has cannot be this batch's: the reply is as good as lost.
            return Lesson(notes=(notes.IntentUnsettled(), notes.Failing(Lane.SUBMIT)))
        case _:
            raise _impossible(effect, outcome)


def _of_refusal(state: State, effect: effects.Submit, outcome: outcomes.Refused, now: Instant) -> Lesson:
    drop: dict[int, Reason] = {}
    if outcome.why is outcomes.Refusal.BAD_ENTRY:
        drop = {_image_of_entry(state, effect.images, outcome.entry): Reason.REJECTED}
    happened: list[facts.Fact] = [facts.Refused(now.utc, effect.batch, effect.attempt, _REFUSED[outcome.why], drop)]
    learnt: list[notes.Note] = [notes.IntentSettled()]
    if outcome.why is not outcomes.Refusal.THROTTLED:
        learnt.append(notes.Working(Lane.SUBMIT))
    if outcome.why is outcomes.Refusal.NO_SLOT:
        learnt += [notes.ForgetListing(), notes.Failing(Lane.SLOT)]
    elif outcome.why is outcomes.Refusal.THROTTLED:
        until_s = now.mono_s + policy.throttled_s(outcome.wait_s)
        learnt += [notes.Throttled(until_s), notes.Failing(Lane.THROTTLE)]
    elif outcome.why in _PAUSED:
        happened.append(facts.Paused(now.utc, _PAUSED[outcome.why], outcome.detail))
    return Lesson(tuple(happened), tuple(learnt))


def _image_of_entry(state: State, images: Iterable[int], entry: int | None) -> int:
    """The image that an entry of a batch belongs to; the service names entries, counted from 0."""
    remaining = entry if entry is not None else 0
    for image in images:
        if remaining < state.setup.entries[image]:
            return image
        remaining -= state.setup.entries[image]
    raise AssertionError(f"the batch has no entry {entry}")


def _of_look(state: State, effect: effects.Look, outcome: outcomes.Outcome, now: Instant) -> Lesson:
    ours = next((b for b in state.durable.active.values() if b.job == effect.job), None)
    before = state.volatile.paces.get(effect.job) or Pace(now.mono_s, now.mono_s)
    fine = notes.Working(Lane.API)
    match outcome:
        case outcomes.Progress(ok, failed, total):
            moved = (ok, failed) != (before.ok, before.failed)
            changed_s = now.mono_s if moved else before.changed_s
            pace = replace(
                before,
                looked_s=now.mono_s,
                changed_s=changed_s,
                ok=ok,
                failed=failed,
                done_since_s=None,
                not_ready=False,
            )
            seen = notes.JobSeen(effect.job, pace)
            if ours is not None and now.mono_s - changed_s >= limits.LOST_S:
                return _given_up(state, ours, Reason.JOB_LOST, now)
            if ours is not None:
                return Lesson(notes=(seen, fine))
            return Lesson(notes=(seen, fine, notes.Judged(effect.job, _verdict_at_work(state, total, changed_s, now))))
        case outcomes.JobDone():
            since_s = now.mono_s if before.done_since_s is None else before.done_since_s
            pace = replace(before, looked_s=now.mono_s, done_since_s=since_s, not_ready=False, tried=False)
            verdict = () if ours is not None else (notes.Judged(effect.job, Verdict.SAME_SIZE),)
            return Lesson(notes=(notes.JobSeen(effect.job, pace), fine, *verdict))
        case outcomes.Missing():
            if ours is not None:
                return _given_up(state, ours, Reason.JOB_LOST, now)
            return Lesson(notes=(notes.Judged(effect.job, Verdict.UNKNOWABLE), fine))
        case outcomes.Trouble():
            return _trouble(outcome, Lane.API, now)
        case _:
            raise _impossible(effect, outcome)


def _verdict_at_work(state: State, total: int, changed_s: float, now: Instant) -> Verdict:
    open_batch = state.durable.open
    if open_batch is None or total != open_batch.entries:
        return Verdict.FOREIGN
    return Verdict.UNKNOWABLE if now.mono_s - changed_s >= limits.LOST_S else Verdict.SAME_SIZE


def _of_identify(state: State, effect: effects.Identify, outcome: outcomes.Outcome, now: Instant) -> Lesson:
    fine = notes.Working(Lane.API)
    match outcome:
        case outcomes.Recognised(ours):
            return Lesson(notes=(notes.Judged(effect.job, Verdict.OURS if ours else Verdict.FOREIGN), fine))
        case outcomes.NotReady():
            before = state.volatile.paces.get(effect.job) or Pace(now.mono_s, now.mono_s)
            since_s = now.mono_s if before.done_since_s is None else before.done_since_s
            if now.mono_s - since_s >= limits.STUCK_S:
                return Lesson(notes=(notes.Judged(effect.job, Verdict.UNKNOWABLE), fine))
            pace = replace(before, looked_s=now.mono_s, done_since_s=since_s, not_ready=True)
            return Lesson(notes=(notes.JobSeen(effect.job, pace), fine))
        case outcomes.Missing() | outcomes.Mismatch():
            return Lesson(notes=(notes.Judged(effect.job, Verdict.UNKNOWABLE), fine))
        case outcomes.Trouble(kind=outcomes.TroubleKind.NOT_UNDERSTOOD):
            before = state.volatile.paces.get(effect.job) or Pace(now.mono_s, now.mono_s)
            pace = replace(before, looked_s=now.mono_s, unreadable=before.unreadable + 1)
            hopeless = pace.unreadable >= policy.UNREADABLE_TRIES
            verdict = (notes.Judged(effect.job, Verdict.UNKNOWABLE),) if hopeless else ()
            return Lesson(notes=(notes.JobSeen(effect.job, pace), notes.Failing(Lane.API), *verdict))
        case outcomes.Trouble():
            return _trouble(outcome, Lane.API, now)
        case _:
            raise _impossible(effect, outcome)


def _of_collect(state: State, effect: effects.Collect, outcome: outcomes.Outcome, now: Instant) -> Lesson:
    batch = state.durable.active.get(effect.batch)
    if batch is None:
        return Lesson()  # given up while its result was on the way
    before = state.volatile.paces.get(effect.job) or Pace(now.mono_s, now.mono_s)
    tried = replace(before, looked_s=now.mono_s, tried=True)
    fine = notes.Working(Lane.RESULTS)
    match outcome:
        case outcomes.Collected():
            final, again = _shared_out(state, {**outcome.final, **outcome.again})
            fact = facts.Collected(
                now.utc, effect.batch, effect.attempt, effect.job, outcome.sha256, outcome.ok, final, again
            )
            rests = _rests(state, again, now)
            return Lesson(facts=(fact,), notes=(notes.JobOver(effect.job), rests, fine))
        case outcomes.NotReady():
            return Lesson(notes=(notes.JobSeen(effect.job, replace(tried, not_ready=True)), fine))
        case outcomes.Missing():
            return _given_up(state, batch, Reason.JOB_LOST, now)
        case outcomes.Mismatch():
            return _given_up(state, batch, Reason.REPLY_MISMATCH, now)
        case outcomes.Trouble(kind=outcomes.TroubleKind.NOT_UNDERSTOOD):
            seen = notes.JobSeen(effect.job, replace(tried, unreadable=tried.unreadable + 1))
            return Lesson(notes=(seen, notes.Failing(Lane.RESULTS)))
        case outcomes.Trouble():
            lesson = _trouble(outcome, Lane.RESULTS, now)
            return replace(lesson, notes=(notes.JobSeen(effect.job, tried), *lesson.notes))
        case _:
            raise _impossible(effect, outcome)


def _given_up(state: State, batch: Batch, why: Reason, now: Instant) -> Lesson:
    final, again = _shared_out(state, dict.fromkeys(batch.images, why))
    fact = facts.GaveUp(now.utc, batch.number, batch.attempt, batch.job, why, final, again)
    return Lesson(facts=(fact,), notes=(notes.JobOver(batch.job), _rests(state, again, now)))


def _shared_out(state: State, missed: Mapping[int, Reason]) -> tuple[dict[int, Reason], dict[int, Reason]]:
    """Which of the images that did not succeed end here, and which get another try."""
    final: dict[int, Reason] = {}
    again: dict[int, Reason] = {}
    for image, reason in missed.items():
        tries = state.durable.tries.get(image, 0) + 1
        (again if policy.is_again(reason, tries, state.setup.attempts) else final)[image] = reason
    return final, again


def _rests(state: State, again: Mapping[int, Reason], now: Instant) -> notes.ImagesRest:
    tries = state.durable.tries
    return notes.ImagesRest(
        {image: now.mono_s + policy.retry_rest_s(reason, tries.get(image, 0) + 1) for image, reason in again.items()}
    )


def _of_resolve(state: State, effect: effects.Resolve, outcome: outcomes.Outcome, now: Instant) -> Lesson:
    image, fine = effect.image, notes.Working(Lane.PAGES)
    if not state.durable.waits(image):
        return Lesson()
    match outcome:
        case outcomes.Resolved(size, life_s):
            if size.width * size.height > limits.MAX_PIXELS:
                return Lesson((facts.Ended(now.utc, {image: Reason.TOO_MANY_PIXELS}),), (fine,))
            if life_s is not None and life_s <= 0:
                return _of_failed_page(state, image, Reason.URL_EXPIRED, now)
            ready = notes.Ready(size, policy.stale_at_s(now.mono_s, life_s))
            return Lesson(notes=(notes.ImageReady(image, ready), fine))
        case outcomes.Unusable(reason):
            return Lesson((facts.Ended(now.utc, {image: reason}),), (notes.ImagesForgotten((image,)), fine))
        case outcomes.Trouble(kind=outcomes.TroubleKind.UNREACHABLE | outcomes.TroubleKind.NOT_UNDERSTOOD):
            return _of_failed_page(state, image, Reason.HOST_UNREACHABLE, now)
        case outcomes.Trouble():
            lesson = _trouble(outcome, Lane.PAGES, now)
            rest = notes.ImagesRest({image: now.mono_s + policy.throttled_s(outcome.wait_s)})
            return replace(lesson, notes=(rest,))
        case _:
            raise _impossible(effect, outcome)


def _of_failed_page(state: State, image: int, reason: Reason, now: Instant) -> Lesson:
    """A page that fails again and again while the service itself was seen alive is the image's fault."""
    volatile = state.volatile
    failures = volatile.resolve_failures.get(image, 0) + 1
    outage = volatile.outages.get(Lane.PAGES)
    seen_alive = volatile.listed_s is not None and (outage is None or volatile.listed_s >= outage.since_s)
    if failures >= policy.RESOLVE_TRIES and seen_alive:
        ended = facts.Ended(now.utc, {image: reason})
        return Lesson((ended,), (notes.ImagesForgotten((image,)),))
    rest = notes.ImagesRest({image: now.mono_s + policy.rest_s(failures)}, failed=True)
    return Lesson(notes=(rest, notes.Failing(Lane.PAGES)))


def _of_bookkeeping(state: State, effect: effects.Bookkeeping, outcome: outcomes.Outcome, now: Instant) -> Lesson:
    match effect:
        case effects.Intend(batch=b, attempt=a, images=images, sizes=sizes):
            intended = facts.Intended(now.utc, b, a, effect.entries, effect.after_job, effect.done_before, sizes)
            cut = (facts.Batched(b, images),) if effect.fresh_cut else ()
            return Lesson((*cut, intended), (notes.IntentFresh(b, a),))
        case effects.Adopt(batch=b, attempt=a, job=job):
            open_batch = state.durable.open
            sent = open_batch.images if open_batch is not None else ()
            submitted = facts.Submitted(now.utc, b, a, job, adopted=True)
            started = (notes.IntentSettled(), notes.JobStarted(job), notes.ImagesForgotten(sent))
            return Lesson((submitted,), (*started, notes.Working(Lane.SUBMIT)))
        case effects.Dismiss(batch=b, attempt=a):
            never = facts.Refused(now.utc, b, a, facts.RefusedWhy.NEVER_ARRIVED)
            return Lesson((never,), (notes.IntentSettled(),))
        case effects.Doubt(batch=b, attempt=a):
            return Lesson((facts.Doubted(now.utc, b, a),), (notes.IntentSettled(),))
        case effects.GiveUp(batch=b, why=why):
            return _given_up(state, state.durable.active[b], why, now)
        case effects.Pause(why=pause_why, detail=detail):
            return Lesson((facts.Paused(now.utc, facts.PauseWhy(pause_why), detail),))
        case effects.Finish():
            return Lesson((facts.Finished(now.utc),))
        case _:
            raise _impossible(effect, outcome)
