"""Which job, if any, is a batch that was sent and whose reply never came.

A submission is one request without an idempotency key. When its reply is lost, a job may exist. The rules, in order:

1. Wait until no request of ours can still be on its way (the settle wait, counted anew after every restart).
2. List the account's jobs by the intent's marker, which is that of a listing taken before it. Candidates are those that
   the service calls newer, and are not ours yet.
3. A finished candidate carries the marks of what it was asked for: it is ours or it is not, exactly. An active one of
   another size is not ours; one of the same size is waited for.
4. "There is none" is believed only if the service says that the newer jobs are all there (`conclusive`): none can have
   left its list. While the account may have no job at all nothing could be sent again either, so time is given to show.
5. What cannot be known is a doubt: counted, reported, and the batch is sent again.

Rule: pure judgement. Nothing here asks or waits; `decide` does what is judged.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct

from coralrun.machine.job_id import JobId
from coralrun.machine.notes import Newer, Verdict


class Examine(Struct, frozen=True):
    """A candidate must be examined first; `active` ones by a status call, finished ones by their result."""

    job: JobId
    active: bool


class Await(Struct, frozen=True):
    """These candidates may be ours and are still at work; none where the account may have none."""

    jobs: tuple[JobId, ...]


class Arrived(Struct, frozen=True):
    """This job is ours."""

    job: JobId


class NeverArrived(Struct, frozen=True):
    """There is no such job."""


class Doubtful(Struct, frozen=True):
    """It cannot be known."""


Judgement = Examine | Await | Arrived | NeverArrived | Doubtful


def judge(
    newer: Newer,
    *,
    active: Collection[JobId],
    max_active: int,
    ours: Collection[JobId],
    verdicts: Mapping[JobId, Verdict],
) -> Judgement:
    """Judge an open intent by a listing that was asked for with its marker after the settle wait.

    `ours` are the jobs known to be this run's.
    """
    candidates = [job for job in newer.jobs if job not in ours]
    at_work: list[JobId] = []
    unexamined: JobId | None = None
    for job in candidates:
        verdict = verdicts.get(job)
        if job in active:
            at_work.append(job)
        elif verdict is Verdict.OURS:
            return Arrived(job)
        elif unexamined is None and verdict in (None, Verdict.SAME_SIZE):
            unexamined = job
    if unexamined is not None:
        return Examine(unexamined, active=False)
    for job in at_work:
        verdict = verdicts.get(job)
        if verdict is Verdict.OURS:
            return Arrived(job)
        if verdict is None:
            return Examine(job, active=True)
    awaited = tuple(job for job in at_work if verdicts[job] is Verdict.SAME_SIZE)
    if awaited or max_active < 1:
        return Await(awaited)
    if any(verdicts.get(job) is Verdict.UNKNOWABLE for job in candidates):
        return Doubtful()
    return NeverArrived() if newer.conclusive else Doubtful()
