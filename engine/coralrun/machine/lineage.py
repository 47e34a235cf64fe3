"""Whether a job with this run's marks can be of this very journal.

Rule: every attempt is in the journal before it is sent, so a job of an attempt that the journal does not have was sent
by another copy of the run. What the journal has forgotten or cannot tell counts as its own: a run is never stopped for
a job that it may have sent itself.
"""

from __future__ import annotations

from coralrun.machine.batches import Phase
from coralrun.machine.durable import Durable
from coralrun.machine.job_id import JobId


def may_be_own(state: Durable, *, batch: int, attempt: int, job: JobId) -> bool:
    """Whether a job that carries the mark of this attempt may have been sent by the processes of this journal."""
    if job in state.jobs:
        return True
    if batch >= state.next_batch:
        return False
    under_way = state.batch_of(batch)
    if under_way is not None:
        # The last attempt of one that has a job is that job; an earlier one's may have arrived after it was given up.
        return attempt < under_way.attempt + (under_way.phase is not Phase.ACTIVE)
    closed = next((one for one in state.closed if one.batch == batch), None)
    return closed is None or attempt < closed.attempt
