"""Twelve small lives, each with one thing at most that goes wrong, after which every image can still succeed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tests.exhaustive.harness import Life, plan_of
from tests.sim.faults import Fault

from coralrun.coralnet.protocol import LIMITS
from coralrun.service.limits import ServiceLimits, Window


@dataclass(frozen=True, slots=True)
class Scenario:
    """A life to be crashed, and which fault strikes, at which time that it might; a crash may shift what it hits.

    Where a job vanishes, a crash may leave a doubt about it, which the run then reports.
    `every` is the distance between the moments tried: more than 1 only where many of them are the same question. With
    CORALRUN_CRASH=all, all are tried. A service that is `allowed` few requests is looked at seldom.
    """

    name: str
    images: int
    batch_size: int
    struck: Mapping[Fault, int]
    snapshot_every: int = 1000
    may_leave_doubts: bool = False
    every: int = 1
    allowed: ServiceLimits = LIMITS

    def life(self) -> Life:
        """Begin it."""
        return Life(
            plan_of(self.images, self.batch_size), self.struck, snapshot_every=self.snapshot_every, allowed=self.allowed
        )


FEW_REQUESTS = replace(LIMITS, windows=(Window(3600.0, 40, 30.0),), look_most_s=300.0)
"""Or nine in ten of a long wait's moments would be looks at one job that does not move."""

SCENARIOS = (
    Scenario("one image", 1, 1, {}),
    Scenario("two batches", 3, 2, {}),
    Scenario("a snapshot at every turn", 2, 1, {}, snapshot_every=1),
    Scenario("a snapshot now and then", 3, 1, {}, snapshot_every=4),
    Scenario("a submission that is lost", 2, 1, {Fault.POST_LOST: 1}),
    Scenario("a submission that comes late", 2, 1, {Fault.POST_LATE: 1}),
    Scenario("a reply that is lost", 2, 1, {Fault.REPLY_LOST: 1}),
    Scenario("a slot that was lost", 2, 1, {Fault.SLOT_RACE: 2}),
    Scenario("a download that broke", 2, 2, {Fault.DOWNLOAD_BROKEN: 1}),
    Scenario("a result in another order", 2, 2, {Fault.RESULT_REORDERED: 1}),
    Scenario("a job that is gone", 2, 1, {Fault.JOB_GONE: 1}, may_leave_doubts=True),
    Scenario("a job that is stuck", 2, 1, {Fault.STUCK: 1}, may_leave_doubts=True, every=7, allowed=FEW_REQUESTS),
)
SMALLEST = (SCENARIOS[0], SCENARIOS[1], SCENARIOS[6])
