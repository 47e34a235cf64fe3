"""The reply that never came: which job, if any, is the batch that we sent?

A submission is one request without an idempotency key. When its reply is lost, a job may exist. The rules, in order:

1. Wait until no request of ours can still be on its way (the settle wait, counted anew after every restart).
2. List the account's jobs. Candidates have ids above the highest one listed before the intent, and are not ours yet.
3. A finished candidate carries the marks of what it was asked for: it is ours or it is not, exactly. An active one of
   another size is not ours; one of the same size is waited for.
4. "There is none" is believed only if the list of finished jobs cannot have pushed ours out: it is shorter than the
   service keeps, or it still shows a job that had finished before the intent.
5. What cannot be known is a doubt: counted, reported, and the batch is sent again.

Rule: pure judgement. Nothing here asks or waits; `decide` does what is judged.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from coralrun.limits import FINISHED_JOBS_PER_ACTIVE
from coralrun.machine.durable import Batch
from coralrun.machine.notes import Verdict


@dataclass(frozen=True, slots=True)
class Examine:
    """A candidate must be examined first; `active` ones by a status call, finished ones by their result."""

    job: int
    active: bool


@dataclass(frozen=True, slots=True)
class Await:
    """These candidates may be ours and are still at work; none where the account's list is closed."""

    jobs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Arrived:
    """This job is ours."""

    job: int


@dataclass(frozen=True, slots=True)
class NeverArrived:
    """There is no such job."""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """It cannot be known."""


Judgement = Examine | Await | Arrived | NeverArrived | Doubtful


def judge(
    batch: Batch,
    *,
    active: Collection[int],
    finished: Sequence[int],
    max_active: int,
    ours: Collection[int],
    verdicts: Mapping[int, Verdict],
) -> Judgement:
    """Judge an open intent by a listing that was asked for after the settle wait.

    `ours` are the jobs known to be this run's.
    """
    candidates = [job for job in finished if job > batch.after_job and job not in ours]
    for job in candidates:
        if verdicts.get(job) is Verdict.OURS:
            return Arrived(job)
    for job in candidates:
        if verdicts.get(job) in (None, Verdict.SAME_SIZE):
            return Examine(job, active=False)
    at_work = sorted(job for job in active if job > batch.after_job and job not in ours)
    for job in at_work:
        verdict = verdicts.get(job)
        if verdict is Verdict.OURS:
            return Arrived(job)
        if verdict is None:
            return Examine(job, active=True)
    awaited = tuple(job for job in at_work if verdicts[job] is Verdict.SAME_SIZE)
    if awaited or max_active < 1:
        return Await(awaited)
    if any(verdicts.get(job) is Verdict.UNKNOWABLE for job in (*candidates, *at_work)):
        return Doubtful()
    overflowed = len(finished) >= FINISHED_JOBS_PER_ACTIVE * max_active
    anchored = any(job in batch.done_before for job in finished)
    return Doubtful() if overflowed and not anchored else NeverArrived()
