"""What an outcome means: facts to be written down, and notes to be remembered.

Rule: pure; changes nothing. One effect and its outcome have `Consequences`, whose facts the driver makes durable before
it applies any of them. Each outcome of each effect is answered in one place below, and an outcome that an effect cannot
have is a defect, not a case.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from msgspec.structs import replace

from coralrun.machine import effects, facts, interpret_jobs, interpret_uploads, notes, outcomes, policy
from coralrun.machine.consequences import Consequences, impossible, trouble
from coralrun.machine.fact_fields import PauseWhy, RefusedWhy
from coralrun.machine.notes import Channel
from coralrun.machine.reasons import Reason
from coralrun.machine.runs import MOST_UNITS_PER_BATCH
from coralrun.machine.state import Instant, State


def interpret(state: State, effect: effects.Effect, outcome: outcomes.Outcome, now: Instant) -> Consequences:
    """Say what follows from an effect's outcome."""
    match effect:
        case effects.List():
            consequences = _of_list(state, effect, outcome, now)
        case effects.Submit():
            consequences = _of_submit(state, effect, outcome, now)
        case effects.Look():
            consequences = interpret_jobs.of_look(state, effect, outcome, now)
        case effects.Identify():
            consequences = interpret_jobs.of_identify(state, effect, outcome, now)
        case effects.Collect():
            consequences = interpret_jobs.of_collect(state, effect, outcome, now)
        case effects.Release():
            consequences = Consequences(notes=(notes.Released(effect.job),))
        case effects.Resolve():
            consequences = _of_resolve(state, effect, outcome, now)
        case effects.AskNames():
            consequences = interpret_uploads.of_names(state, effect, outcome, now)
        case effects.Upload():
            consequences = interpret_uploads.of_upload(state, effect, outcome, now)
        case effects.CompareUpload():
            consequences = interpret_uploads.of_compare(state, effect, outcome, now)
        case (
            effects.IntendUpload()
            | effects.MissUpload()
            | effects.RejectUpload()
            | effects.LoseUpload()
            | effects.EndUploaded()
        ):
            consequences = interpret_uploads.of_bookkeeping(state, effect, now)
        case _:
            consequences = _of_bookkeeping(state, effect, outcome, now)
    return Consequences(consequences.facts, (notes.Returned(effect), *consequences.notes))


def _of_list(state: State, effect: effects.List, outcome: outcomes.Outcome, now: Instant) -> Consequences:
    match outcome:
        case outcomes.Listed():
            limit_changed = outcome.max_active != state.durable.max_active
            awaited = {batch.job for batch in state.durable.active.values()}
            return Consequences(
                facts=(facts.Limited(now.utc, outcome.max_active),) if limit_changed else (),
                notes=(
                    notes.SawListing(
                        asked_s=state.volatile.in_flight[effect],
                        active=outcome.active,
                        finished=outcome.finished,
                        max_active=outcome.max_active,
                        full=len(outcome.active) >= outcome.max_active and awaited.isdisjoint(outcome.active),
                        marker=outcome.marker,
                        newer=None if effect.since is None else notes.Newer(outcome.newer, outcome.conclusive),
                        progress=outcome.progress,
                    ),
                    notes.Working(Channel.API),
                ),
            )
        case outcomes.Trouble():
            return trouble(outcome, Channel.API, now)
        case _:
            raise impossible(effect, outcome)


_REFUSED = {
    outcomes.Refusal.NO_SLOT: RefusedWhy.NO_SLOT,
    outcomes.Refusal.THROTTLED: RefusedWhy.THROTTLED,
    outcomes.Refusal.BAD_ENTRY: RefusedWhy.BAD_ENTRY,
    outcomes.Refusal.BAD_REQUEST: RefusedWhy.STOPPED,
    outcomes.Refusal.NO_CLASSIFIER: RefusedWhy.STOPPED,
    outcomes.Refusal.CREDENTIALS: RefusedWhy.STOPPED,
}

_PAUSED = {
    outcomes.Refusal.BAD_REQUEST: PauseWhy.NOT_UNDERSTOOD,
    outcomes.Refusal.NO_CLASSIFIER: PauseWhy.NO_CLASSIFIER,
    outcomes.Refusal.CREDENTIALS: PauseWhy.CREDENTIALS,
}


def _of_submit(state: State, effect: effects.Submit, outcome: outcomes.Outcome, now: Instant) -> Consequences:
    b, a = effect.batch, effect.attempt
    match outcome:
        case outcomes.Accepted(job) if job not in state.durable.jobs:
            return Consequences(
                facts=(facts.Submitted(now.utc, b, a, job),),
                notes=(
                    notes.IntentSettled(),
                    notes.JobStarted(job, _entries_of(state, effect.units)),
                    notes.ImagesForgotten(effect.units),
                    notes.Working(Channel.API),
                    notes.Working(Channel.SUBMIT),
                    notes.Working(Channel.SLOT),
                ),
            )
        case outcomes.Refused():
            return _of_refusal(state, effect, outcome, now)
        case outcomes.NotSent(stale):
            return Consequences(
                facts=(facts.Refused(now.utc, b, a, RefusedWhy.NOT_SENT),),
                notes=(notes.IntentSettled(), notes.ImagesForgotten(stale)),
            )
        case outcomes.Accepted() | outcomes.Unknown():
            # A job id that this run already has cannot be this batch's: the reply is as good as lost.
            return Consequences(notes=(notes.IntentUnsettled(), notes.Failing(Channel.SUBMIT)))
        case _:
            raise impossible(effect, outcome)


def _of_refusal(state: State, effect: effects.Submit, outcome: outcomes.Refused, now: Instant) -> Consequences:
    drop: dict[int, Reason] = {}
    if outcome.why is outcomes.Refusal.BAD_ENTRY:
        drop = {_image_of_entry(state, effect.units, outcome.entry): Reason.REJECTED}
    happened: list[facts.Fact] = [facts.Refused(now.utc, effect.batch, effect.attempt, _REFUSED[outcome.why], drop)]
    noted: list[notes.Note] = [notes.IntentSettled()]
    if outcome.why is not outcomes.Refusal.THROTTLED:
        noted.append(notes.Working(Channel.SUBMIT))
    if outcome.why is outcomes.Refusal.NO_SLOT:
        noted += [notes.ForgetListing(), notes.Failing(Channel.SLOT)]
    elif outcome.why is outcomes.Refusal.THROTTLED:
        until_s = now.mono_s + policy.throttled_s(outcome.wait_s)
        noted += [notes.Throttled(until_s), notes.Failing(Channel.THROTTLE)]
    elif outcome.why in _PAUSED:
        happened.append(facts.Paused(now.utc, _PAUSED[outcome.why], outcome.detail))
    return Consequences(tuple(happened), tuple(noted))


def _entries_of(state: State, images: Iterable[int]) -> int:
    return sum(state.setup.entries[image] for image in images)


def _image_of_entry(state: State, images: Iterable[int], entry: int | None) -> int:
    """The image that an entry of a batch belongs to; the service names entries, counted from 0."""
    remaining = entry if entry is not None else 0
    for image in images:
        if remaining < state.setup.entries[image]:
            return image
        remaining -= state.setup.entries[image]
    raise AssertionError(f"the batch has no entry {entry}")


def _of_resolve(state: State, effect: effects.Resolve, outcome: outcomes.Outcome, now: Instant) -> Consequences:
    image = effect.image
    seen = (notes.SiteSeen(image),) if state.setup.shares_site(image) else ()
    fine = (notes.Working(Channel.IMAGES), *seen)
    if not state.durable.waits(image):
        return _of_probe(image, outcome, fine, now)
    match outcome:
        case outcomes.Resolved(size, life_s):
            if size.width * size.height > (state.setup.allowed.pixels or math.inf):
                return Consequences((facts.Ended(now.utc, {image: Reason.TOO_MANY_PIXELS}),), fine)
            if life_s is not None and life_s <= 0:
                return _of_failed_resolve(state, image, Reason.URL_EXPIRED, now)
            serves_s = policy.serves_s(life_s)
            before = state.volatile.ready.get(image)
            times = 1 if before is None else before.times + 1
            ready = notes.Ready(size, None if life_s is None else now.mono_s + serves_s, serves_s, times)
            return Consequences(notes=(notes.ImageReady(image, ready), *fine))
        case outcomes.Unusable(reason, its_size):
            ended = facts.Ended(now.utc, {image: reason}, {} if its_size is None else {image: its_size})
            gone = interpret_uploads.gone(state, ended.final, now)
            return Consequences((*gone, ended), (notes.ImagesForgotten((image,)), *fine))
        case outcomes.Trouble(kind=outcomes.TroubleKind.UNREACHABLE | outcomes.TroubleKind.NOT_UNDERSTOOD):
            return _of_failed_resolve(state, image, Reason.HOST_UNREACHABLE, now)
        case outcomes.Trouble():
            consequences = trouble(outcome, Channel.IMAGES, now)
            rest = notes.ImagesRest({image: now.mono_s + policy.throttled_s(outcome.wait_s)})
            return replace(consequences, notes=(rest, notes.Failing(Channel.IMAGES)))
        case _:
            raise impossible(effect, outcome)


def _of_probe(image: int, outcome: outcomes.Outcome, fine: tuple[notes.Note, ...], now: Instant) -> Consequences:
    """An image that waits no longer was asked for to see whether the site is there.

    No more follows for itself, unless it cannot be had: its job may give it back, and then it rests as any that failed.
    """
    match outcome:
        case outcomes.Resolved(_, life_s) if life_s is None or life_s > 0:
            return Consequences(notes=fine)
        case outcomes.Unusable():
            return Consequences(notes=fine)
        case outcomes.Resolved():
            known = fine
        case _:
            known = (notes.Failing(Channel.IMAGES),)
    return Consequences(notes=(notes.ImagesRest({image: now.mono_s + policy.rest_s(0)}), *known))


def _of_failed_resolve(state: State, image: int, reason: Reason, now: Instant) -> Consequences:
    """An image that cannot be had again and again, while others can, is itself at fault."""
    before = state.volatile.resolve_failures.get(image)
    counts = _counts_against(state, image)
    failures = (before.count if before is not None else 0) + counts
    if failures >= policy.RESOLVE_TRIES and counts:
        ended = facts.Ended(now.utc, {image: reason})
        return Consequences((ended,), (notes.ImagesForgotten((image,)),))
    rest = notes.ImagesRest({image: now.mono_s + policy.rest_s(failures)}, failed=True, counts=counts)
    return Consequences(notes=(rest, notes.Failing(Channel.IMAGES)))


def _counts_against(state: State, image: int) -> bool:
    """Whether a failure counts against its image, and not against the site that is away.

    Where others come from the same site it does if one of them was had since the last failure. Where the image has a
    host of its own, no other tells the two apart: the last failure counts if the service was seen alive during it.
    """
    volatile = state.volatile
    before = volatile.resolve_failures.get(image)
    if state.setup.shares_site(image):
        return before is None or (volatile.site_seen is not None and volatile.site_seen.at_s > before.last_s)
    near_the_end = before is not None and before.count >= policy.RESOLVE_TRIES - 1
    outage = volatile.outages.get(Channel.IMAGES)
    seen_alive = volatile.listed_s is not None and (outage is None or volatile.listed_s >= outage.since_s)
    return seen_alive or not near_the_end


def _of_bookkeeping(state: State, effect: effects.Bookkeeping, outcome: outcomes.Outcome, now: Instant) -> Consequences:
    match effect:
        case effects.Intend(batch=b, attempt=a, units=images, sizes=sizes):
            intended = facts.Intended.of(now.utc, b, a, effect.entries, effect.marker, effect.done_before, sizes)
            cut = (facts.Batched.of(b, images),) if effect.fresh_cut else ()
            return Consequences((*cut, intended), (notes.IntentFresh(b, a),))
        case effects.Adopt(batch=b, attempt=a, job=job):
            open_batch = state.durable.open
            sent, entries = (open_batch.units, open_batch.entries) if open_batch is not None else ((), 0)
            submitted = facts.Submitted(now.utc, b, a, job, adopted=True)
            joined = notes.JobStarted(job, entries, whole=False)
            started = (notes.IntentSettled(), joined, notes.ImagesForgotten(sent))
            return Consequences((submitted,), (*started, notes.Working(Channel.SUBMIT)))
        case effects.Dismiss(batch=b, attempt=a):
            never = facts.Refused(now.utc, b, a, RefusedWhy.NEVER_ARRIVED)
            return Consequences((never,), (notes.IntentSettled(),))
        case effects.Doubt(batch=b, attempt=a):
            return Consequences((facts.Doubted(now.utc, b, a),), (notes.IntentSettled(),))
        case effects.GiveUp(batch=b, why=why):
            return interpret_jobs.given_up(state, state.durable.active[b], why, now)
        case effects.Pause(why=pause_why, detail=detail):
            return Consequences((facts.Paused(now.utc, PauseWhy(pause_why), detail),))
        case effects.Finish():
            return Consequences((facts.Finished(now.utc),))
        case effects.EndUnfit():
            unfit = state.setup.unfit
            waiting = [unit for unit in unfit if state.durable.waits(unit)]
            parts = (
                waiting[first : first + MOST_UNITS_PER_BATCH] for first in range(0, len(waiting), MOST_UNITS_PER_BATCH)
            )
            ended = tuple(facts.Ended(now.utc, {unit: unfit[unit] for unit in part}) for part in parts)
            return Consequences(ended, (notes.UnfitEnded(),))
        case _:
            raise impossible(effect, outcome)
