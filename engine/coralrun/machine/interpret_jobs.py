"""What the outcomes of looking at jobs mean: how far they are, whose they are, what came of them.

Rule: pure; changes nothing. `interpret` hands over the outcomes of status calls and of results.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from coralrun import limits
from coralrun.machine import effects, facts, interpret_uploads, notes, outcomes, policy
from coralrun.machine.batches import Batch
from coralrun.machine.consequences import Consequences, impossible, trouble
from coralrun.machine.job_id import JobId
from coralrun.machine.notes import Channel, Pace, Verdict
from coralrun.machine.reasons import Reason
from coralrun.machine.state import Instant, State


def of_look(state: State, effect: effects.Look, outcome: outcomes.Outcome, now: Instant) -> Consequences:
    """What follows from a status call."""
    ours = next((b for b in state.durable.active.values() if b.job == effect.job), None)
    before = state.volatile.paces.get(effect.job) or Pace(now.mono_s, now.mono_s)
    fine = notes.Working(Channel.API)
    match outcome:
        case outcomes.Progress(ok, failed, total):
            changed_s = now.mono_s if ok + failed > before.most else before.changed_s
            pace = replace(
                before,
                looked_s=now.mono_s,
                changed_s=changed_s,
                ok=ok,
                failed=failed,
                most=max(before.most, ok + failed),
                done_since_s=None,
                not_ready=False,
            )
            seen = notes.JobSeen(effect.job, pace)
            stands_still = now.mono_s - changed_s >= limits.LOST_S and not state.setup.allowed.takes_all
            if ours is not None and stands_still:
                return given_up(state, ours, Reason.JOB_LOST, now)
            if ours is not None:
                return Consequences(notes=(seen, fine))
            return Consequences(
                notes=(seen, fine, notes.Judged(effect.job, _verdict_at_work(state, total, changed_s, now)))
            )
        case outcomes.JobDone():
            since_s = now.mono_s if before.done_since_s is None else before.done_since_s
            pace = replace(before, looked_s=now.mono_s, done_since_s=since_s, not_ready=False, tried=False)
            verdict = () if ours is not None else (notes.Judged(effect.job, Verdict.SAME_SIZE),)
            return Consequences(notes=(notes.JobSeen(effect.job, pace), fine, *verdict))
        case outcomes.Missing():
            if ours is not None:
                return given_up(state, ours, _why_missing(state), now)
            return Consequences(notes=(notes.Judged(effect.job, Verdict.UNKNOWABLE), fine))
        case outcomes.Trouble():
            return trouble(outcome, Channel.API, now)
        case _:
            raise impossible(effect, outcome)


def _verdict_at_work(state: State, total: int, changed_s: float, now: Instant) -> Verdict:
    open_batch = state.durable.open
    if open_batch is None or total != open_batch.entries:
        return Verdict.FOREIGN
    return Verdict.UNKNOWABLE if now.mono_s - changed_s >= limits.LOST_S else Verdict.SAME_SIZE


def of_identify(state: State, effect: effects.Identify, outcome: outcomes.Outcome, now: Instant) -> Consequences:
    """Whether a finished job is the batch whose reply never came."""
    fine = notes.Working(Channel.API)
    match outcome:
        case outcomes.Recognised(ours):
            return Consequences(notes=(notes.Judged(effect.job, Verdict.OURS if ours else Verdict.FOREIGN), fine))
        case outcomes.NotReady():
            before = state.volatile.paces.get(effect.job) or Pace(now.mono_s, now.mono_s)
            since_s = now.mono_s if before.done_since_s is None else before.done_since_s
            if now.mono_s - since_s >= limits.STUCK_S:
                return Consequences(notes=(notes.Judged(effect.job, Verdict.UNKNOWABLE), fine))
            pace = replace(before, looked_s=now.mono_s, done_since_s=since_s, not_ready=True)
            return Consequences(notes=(notes.JobSeen(effect.job, pace), fine))
        case outcomes.Missing() | outcomes.Mismatch():
            return Consequences(notes=(notes.Judged(effect.job, Verdict.UNKNOWABLE), fine))
        case outcomes.Trouble(kind=outcomes.TroubleKind.NOT_UNDERSTOOD):
            before = state.volatile.paces.get(effect.job) or Pace(now.mono_s, now.mono_s)
            pace = replace(before, looked_s=now.mono_s, unreadable=before.unreadable + 1)
            hopeless = pace.unreadable >= policy.UNREADABLE_TRIES
            verdict = (notes.Judged(effect.job, Verdict.UNKNOWABLE),) if hopeless else ()
            return Consequences(notes=(notes.JobSeen(effect.job, pace), notes.Failing(Channel.API), *verdict))
        case outcomes.Trouble():
            return trouble(outcome, Channel.API, now)
        case _:
            raise impossible(effect, outcome)


def of_collect(state: State, effect: effects.Collect, outcome: outcomes.Outcome, now: Instant) -> Consequences:
    """What became of a batch whose result was asked for."""
    batch = state.durable.active.get(effect.batch)
    if batch is None:
        return Consequences()  # given up while its result was on the way
    before = state.volatile.paces.get(effect.job) or Pace(now.mono_s, now.mono_s)
    tried = replace(before, looked_s=now.mono_s, tried=True)
    fine = notes.Working(Channel.RESULTS)
    match outcome:
        case outcomes.Collected():
            final, again = _shared_out(state, {**outcome.final, **outcome.again})
            fact = facts.Collected(
                now.utc, effect.batch, effect.attempt, effect.job, outcome.sha256, outcome.ok, final, again
            )
            rests = _rests(state, again, now)
            over = notes.JobOver(effect.job, ended=True)
            gone = interpret_uploads.gone(state, final, now)
            return Consequences(facts=(*gone, fact), notes=(over, rests, fine, *_let_go(state, effect.job)))
        case outcomes.NotReady():
            return Consequences(notes=(notes.JobSeen(effect.job, replace(tried, not_ready=True)), fine))
        case outcomes.Missing():
            return given_up(state, batch, _why_missing(state), now)
        case outcomes.Mismatch():
            return given_up(state, batch, Reason.REPLY_MISMATCH, now)
        case outcomes.Trouble(kind=outcomes.TroubleKind.NOT_UNDERSTOOD):
            seen = notes.JobSeen(effect.job, replace(tried, unreadable=tried.unreadable + 1))
            return Consequences(notes=(seen, notes.Failing(Channel.RESULTS)))
        case outcomes.Trouble():
            consequences = trouble(outcome, Channel.RESULTS, now)
            return replace(consequences, notes=(notes.JobSeen(effect.job, tried), *consequences.notes))
        case _:
            raise impossible(effect, outcome)


def _why_missing(state: State) -> Reason:
    return Reason.SERVICE_ENDED if state.setup.allowed.ends_with_process else Reason.JOB_LOST


def given_up(state: State, batch: Batch, why: Reason, now: Instant) -> Consequences:
    """A job is waited for no longer: its images end, or get another try."""
    final, again = _shared_out(state, dict.fromkeys(batch.units, why))
    fact = facts.GaveUp(now.utc, batch.number, batch.attempt, batch.job, why, final, again)
    over = notes.JobOver(batch.job, ended=False)
    return Consequences(facts=(fact,), notes=(over, _rests(state, again, now), *_let_go(state, batch.job)))


def _let_go(state: State, job: JobId) -> tuple[notes.JobUnneeded, ...]:
    """A job takes room at some services until they are told that nobody waits for it."""
    return (notes.JobUnneeded(job),) if state.setup.allowed.must_release else ()


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
