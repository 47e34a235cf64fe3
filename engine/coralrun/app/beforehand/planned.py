"""A plan and what it will cost.

Rule: nobody is asked: what the service says of an account and of its queue is handed in, and may be missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coralrun.machine.outcomes import Listed
from coralrun.planning.estimate import Estimate, estimate
from coralrun.planning.model import Plan
from coralrun.planning.upload_cost import NO_UPLOADS, UploadCost
from coralrun.service.limits import ServiceLimits
from coralrun.service.queue import Queue

WHOLE_MINUTE_S = 60.0
"""The page about the queue tells whole minutes, rounded down: so much longer may be what it tells."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and what it will cost; `jobs` is the account's listing, None where no account was given; `queue` is how
    long jobs take at the service now, None where it is not known; `allowed` is what the service takes; `uploads` is
    what it takes to send photos there first.

    `exports` are the annotations that the points were taken from, as CSV, by the number of the source. `warnings` are
    of this hour, and no part of the plan.
    """

    plan: Plan
    estimate: Estimate
    jobs: Listed | None
    allowed: ServiceLimits
    queue: Queue | None = None
    uploads: UploadCost = NO_UPLOADS
    exports: Mapping[int, bytes] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def priced(
    plan: Plan,
    allowed: ServiceLimits,
    jobs: Listed | None,
    queue: Queue | None = None,
    uploads: UploadCost = NO_UPLOADS,
) -> Planned:
    """A plan with its estimate, by the account's own limit where it is known, and by the service's queue."""
    total = None if queue is None else queue.total
    queue_round_s = None if total is None else total.high_s + WHOLE_MINUTE_S
    max_active = allowed.jobs_at_once if jobs is None else jobs.max_active
    free = None if jobs is None else max(0, jobs.max_active - len(jobs.active))
    cost = estimate(plan, max_active, free, queue_round_s=queue_round_s, uploads=uploads, allowed=allowed)
    return Planned(plan, cost, jobs, allowed, queue, uploads)
