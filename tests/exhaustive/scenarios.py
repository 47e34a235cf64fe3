"""Twelve small lives, each with one thing at most that goes wrong, after which every image can still succeed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.exhaustive.harness import Life, Script, ScriptedService, plan_of

from coralrun.coralnet.protocol import LIMITS
from coralrun.machine.outcomes import Missing, Refusal, Refused
from coralrun.machine.reasons import Reason
from coralrun.service.limits import ServiceLimits, Window


@dataclass(frozen=True, slots=True)
class Scenario:
    """A life to be crashed. Where a job vanishes, a crash may leave a doubt about it, which the run then reports.

    `every` is the distance between the moments tried: more than 1 only where many of them are the same question. With
    CORALRUN_CRASH=all, all are tried. A service that is `allowed` few requests is looked at seldom.
    """

    name: str
    images: int
    batch_size: int
    script: Script
    snapshot_every: int = 1000
    may_leave_doubts: bool = False
    every: int = 1
    allowed: ServiceLimits = LIMITS

    def life(self) -> Life:
        """Begin it."""
        return Life(
            plan_of(self.images, self.batch_size), self.script, snapshot_every=self.snapshot_every, allowed=self.allowed
        )


def at(kind: str, number: int, scripted: object) -> Script:
    """Something happens at the n-th call of a kind, and nothing else does."""
    return lambda service, called, count: scripted if (called, count) == (kind, number) else None


def nothing(service: ScriptedService, called: str, count: int) -> None:
    """Nothing goes wrong."""


def never_ready(service: ScriptedService, called: str, count: int) -> None:
    """The first job says that it is done, and never gives its result."""
    if service.jobs:
        service.jobs[0].done_s = float("inf")


FEW_REQUESTS = replace(LIMITS, windows=(Window(3600.0, 40, 30.0),), look_most_s=300.0)
"""Or nine in ten of a long wait's moments would be looks at one job that does not move."""

SCENARIOS = (
    Scenario("one image", 1, 1, nothing),
    Scenario("two batches", 3, 2, nothing),
    Scenario("a snapshot at every turn", 2, 1, nothing, snapshot_every=1),
    Scenario("a snapshot now and then", 3, 1, nothing, snapshot_every=4),
    Scenario("a submission that is lost", 2, 1, at("submit", 1, "lost")),
    Scenario("a submission that comes late", 2, 1, at("submit", 1, "late")),
    Scenario("a reply that is lost", 2, 1, at("submit", 1, "reply lost")),
    Scenario("a slot that was lost", 2, 1, at("submit", 2, Refused(Refusal.NO_SLOT))),
    Scenario("a download that broke", 2, 2, at("fetch", 1, (0, Reason.DOWNLOAD_BROKEN))),
    Scenario("a result in another order", 2, 2, at("fetch", 1, "reordered")),
    Scenario("a job that is gone", 2, 1, at("fetch", 1, Missing()), may_leave_doubts=True),
    Scenario("a job that is stuck", 2, 1, never_ready, may_leave_doubts=True, every=3, allowed=FEW_REQUESTS),
)
SMALLEST = (SCENARIOS[0], SCENARIOS[1], SCENARIOS[6])
