"""What is done with an open intent: sent by the process that recorded it, settled by every other.

Rule: an intent that this very process has just recorded may be sent, once. Any other open intent may have become a job
already, and is settled first of all (`adopt` judges, this asks): nothing else is submitted before.
"""

from __future__ import annotations

from coralrun.machine import adopt, effects, policy
from coralrun.machine.batches import Batch, Phase
from coralrun.machine.draft import Draft
from coralrun.machine.job_id import JobId
from coralrun.machine.notes import Newer
from coralrun.machine.state import State


def unsent(state: State) -> effects.Submit | None:
    """The submission of an intent that this very process recorded and has handed to nobody yet."""
    batch, volatile = state.durable.open, state.volatile
    if batch is None or volatile.fresh_intent != (batch.number, batch.attempt):
        return None
    submit = effects.Submit(batch.number, batch.attempt, batch.units, batch.sizes)
    return None if submit in volatile.in_flight else submit


def send_or_settle(draft: Draft) -> None:
    """Send an intent that this very process recorded; of any other find out first of all whether it arrived."""
    batch, volatile = draft.state.durable.open, draft.state.volatile
    if batch is None or batch.phase is not Phase.INTENDED:
        return
    if volatile.fresh_intent == (batch.number, batch.attempt):
        fresh = unsent(draft.state)
        if fresh is not None and not draft.service_busy:
            draft.begun.append(fresh)
            draft.service_busy = True
        return
    since_s = volatile.started_s if volatile.unsettled_s is None else volatile.unsettled_s
    settled_s = since_s + draft.state.setup.allowed.settle_s
    if draft.now < settled_s:
        draft.wait(settled_s, f"batch {batch.number}, whose reply was lost, to arrive if it is on its way")
    elif volatile.newer is None or volatile.listed_s is None or volatile.listed_s < settled_s:
        draft.want_listing(draft.now, "to look for the lost batch")
    else:
        _settle(draft, batch, volatile.newer)


def _settle(draft: Draft, batch: Batch, newer: Newer) -> None:
    volatile, durable = draft.state.volatile, draft.state.durable
    judgement = adopt.judge(
        newer,
        active=volatile.active_jobs,
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
        case adopt.Await(()):
            _list_again(draft, "the service takes no job now, and so nothing tells of the lost batch")
        case _:
            _await_candidates(draft, batch, judgement.jobs)


def _await_candidates(draft: Draft, batch: Batch, jobs: tuple[JobId, ...]) -> None:
    """Active jobs of our size: their end shows in a listing; a status call now and then tells a stuck one.

    They take turns at being asked about, one that is done first, so that the patience with each runs at the same time.
    """
    paces = draft.state.volatile.paces
    patience_s = draft.state.setup.patience_s
    done = [job for job in jobs if job in paces and paces[job].done_since_s is not None]
    job = min(done or jobs, key=lambda job: paces[job].looked_s if job in paces else float("-inf"))
    looked_s = paces[job].looked_s if job in paces else float("-inf")
    if done:
        if draft.now >= looked_s + patience_s:
            draft.ask(effects.Identify(batch.number, batch.attempt, job))
    elif draft.now >= looked_s + len(jobs) * max(policy.LOOK_EVERY_S, patience_s):
        draft.ask(effects.Look(job))
    _list_again(draft, f"job {job}, which may be batch {batch.number}, to finish")


def _list_again(draft: Draft, why: str) -> None:
    draft.want_listing(draft.next_look().at_s, why)
