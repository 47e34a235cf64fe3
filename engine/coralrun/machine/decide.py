"""What should be under way now, and what is waited for.

The rules are tried in the order of `_RULES`; each reads the state and adds to a draft that knows which channels are
free.

Rule: pure; the same state and moment give the same decision. A run that is not over always has an effect in flight, an
effect decided, or a wait with its reason: "nothing to do" does not exist.
"""

from __future__ import annotations

from collections.abc import Callable

from coralrun import limits
from coralrun.machine import effects, policy, prepare, upload
from coralrun.machine.batches import Batch, Phase
from coralrun.machine.draft import AFTER_OUTAGE, Decision, Draft, Wait
from coralrun.machine.fact_fields import PauseWhy
from coralrun.machine.notes import Channel, Pace
from coralrun.machine.reasons import Reason
from coralrun.machine.settle import send_or_settle
from coralrun.machine.state import State
from coralrun.values.phrases import count

__all__ = ["Decision", "Wait", "decide"]


def decide(state: State, now: float) -> Decision:
    """Say what should be started now (effects in flight are not repeated) and what is waited for."""
    if state.durable.finished_at or state.durable.paused:
        return Decision((), ())
    draft = Draft(state, now)
    for rule in _RULES:
        rule(draft)
        if draft.begun and isinstance(draft.begun[-1], effects.Bookkeeping):
            break  # the last effect of its rule, and it changes the state at once: all else is decided after it
    return Decision(tuple(draft.begun), tuple(draft.waits))


def _pause(draft: Draft) -> None:
    """A service that was away for a day, or had no slot for us for a day, ends this process, not the run.

    Counted between two answers, never to the present moment: a laptop that slept for a day is no reason.
    """
    volatile = draft.state.volatile
    if not volatile.outages and volatile.full_s is None:
        return
    for channel in (Channel.API, Channel.SUBMIT, Channel.RESULTS, Channel.IMAGES, Channel.UPLOADS, Channel.THROTTLE):
        outage = volatile.outages.get(channel)
        if outage is not None and outage.last_s - outage.since_s >= limits.LOST_S:
            draft.begun.append(effects.Pause(PauseWhy.UNREACHABLE, f"waited a day for {AFTER_OUTAGE[channel]}"))
            return
    lost_races = volatile.outages.get(Channel.SLOT)
    raced_s = lost_races.last_s - lost_races.since_s if lost_races is not None else 0.0
    seen_s = volatile.listed_s
    full_s = seen_s - volatile.full_s if volatile.full_s is not None and seen_s is not None else 0.0
    if max(raced_s, full_s) >= limits.LOST_S:
        draft.begun.append(effects.Pause(PauseWhy.NO_SLOTS, "the service has had no free slot for a day"))


def _end_unfit(draft: Draft) -> None:
    """What the plan found wrong with photos is written down first of all, once in a process."""
    if draft.state.setup.unfit and not draft.state.volatile.unfit_ended:
        draft.begun.append(effects.EndUnfit())


def _finish(draft: Draft) -> None:
    if not upload.look_for_late(draft) and draft.state.durable.is_over and not draft.state.volatile.to_release:
        draft.begun.append(effects.Finish())


def _release(draft: Draft) -> None:
    """Let the service forget what is stored for good, one job at a time; it is asked once, whatever comes of it."""
    job = next(iter(draft.state.volatile.to_release), None)
    if job is not None and not draft.results_busy:
        draft.begun.append(effects.Release(job))
        draft.results_busy = True


def _collect(draft: Draft) -> None:
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
    if due and not draft.results_busy and draft.service_ready(Channel.RESULTS):
        _, batch = min(due, key=lambda candidate: candidate[0])
        draft.begun.append(effects.Collect(batch.number, batch.attempt, batch.job, batch.units, batch.sizes))
        draft.results_busy = True


def _is_hopeless(draft: Draft, batch: Batch, pace: Pace) -> bool:
    why: Reason | None = None
    if pace.done_since_s is not None and pace.not_ready and pace.looked_s - pace.done_since_s >= limits.STUCK_S:
        why = Reason.JOB_STUCK
    elif pace.unreadable >= policy.UNREADABLE_TRIES:
        why = Reason.REPLY_MISMATCH
    if (
        why is None
        or effects.Collect(batch.number, batch.attempt, batch.job, batch.units, batch.sizes)
        in draft.state.volatile.in_flight
    ):
        return False
    draft.begun.append(effects.GiveUp(batch.number, batch.attempt, batch.job, why))
    return True


def _look(draft: Draft) -> None:
    """Ask about one job by name: a listing contradicts itself, or it is very late."""
    volatile, setup = draft.state.volatile, draft.state.setup
    overdue_s = policy.overdue_after_s(volatile.experience)
    for batch in draft.state.durable.active.values():
        pace = volatile.paces.get(batch.job)
        if pace is not None and pace.not_ready and pace.done_since_s is None:
            at_s = pace.looked_s + setup.patience_s
        elif setup.allowed.takes_all:
            continue  # a listing looks at the jobs itself, in turn
        elif batch.job in volatile.active_jobs and (pace is None or pace.done_since_s is None):
            watched = volatile.experience.watched.get(batch.job)
            first_s = (volatile.started_s if watched is None else watched.started_s) + overdue_s
            every_s = max(policy.LOOK_EVERY_S, setup.patience_s)
            at_s = first_s if pace is None else max(first_s, pace.looked_s + every_s)
        else:
            continue
        if at_s <= draft.now:
            draft.ask(effects.Look(batch.job))
        else:
            draft.wait(at_s, f"job {batch.job}")


def _list(draft: Draft) -> None:
    """One listing tells of all jobs."""
    volatile = draft.state.volatile
    if draft.state.durable.active:
        look = draft.next_look()
        at_s = draft.now if volatile.listed_s is None else look.at_s
        draft.want_listing(at_s, f"{_next_look(draft)}: {look.why}")
    if draft.listing_at_s is None:
        return
    if draft.listing_at_s <= draft.now:
        draft.ask(_listing(draft.state.durable.open))
    else:
        draft.wait(draft.listing_at_s, draft.listing_why)


def _next_look(draft: Draft) -> str:
    if not draft.state.setup.allowed.takes_all:
        return "the next look at the jobs"
    state = draft.state
    images = sum(len(batch.units) for batch in state.durable.active.values()) - state.images_done_in_jobs()
    return f"the labels of {count(images, 'image')} that the source has been sent" if images > 0 else "the next look"


def _listing(open_batch: Batch | None) -> effects.List:
    """The question for the account's jobs; of those that are newer only an open intent is settled by the answer."""
    if open_batch is None or open_batch.phase is not Phase.INTENDED:
        return effects.List()
    return effects.List(open_batch.marker, open_batch.done_before)


_RULES: tuple[Callable[[Draft], None], ...] = (
    _end_unfit,
    _finish,
    _pause,
    send_or_settle,
    _release,
    _collect,
    _look,
    upload.upload,
    prepare.submit,
    prepare.resolve,
    _list,
)
