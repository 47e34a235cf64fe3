"""The half of the state that survives: what is known of a run, and what is asked of that.

Rule: changed by facts alone (`apply`), and equal after every replay. `Kept` is what a snapshot holds; all else follows
from it. A unit that the plan in force does not name is withdrawn, and what came of it stays known.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import chain, compress, filterfalse
from typing import Annotated

from msgspec import Meta, Struct, field

from coralrun.files.field_types import Count
from coralrun.machine import facts
from coralrun.machine.batches import Batch, ClosedJob, Phase, Record
from coralrun.machine.fact_fields import BY_UNIT, Attempt, BatchNumber, PhotoPlace, PlanDigest, TimeOrNone
from coralrun.machine.job_id import JobId, attempt_name
from coralrun.machine.reasons import Reason
from coralrun.machine.runs import Runs, Unit, UnitCount, count, marked
from coralrun.machine.stored_photos import MissedPhoto, OpenUpload, StoredPhoto
from coralrun.planning.images import Size


class CommittedPlan(Record, frozen=True):
    """A plan that was in force, or is."""

    digest: PlanDigest
    units: Annotated[UnitCount, Meta(description="Units of work that the run knew from then on, numbered from 0.")]


class Kept(Struct, omit_defaults=True):
    """What is known of a run, as a snapshot holds it too."""

    plans: Annotated[list[CommittedPlan], Meta(min_length=1, description="Its plans; the last is in force.")]
    named: Annotated[Runs, Meta(description="The units that the plan in force names, as ascending runs.")]
    anew: Annotated[Runs, Meta(description="Those of them that had ended, and are tried again.")] = ()
    cursor: Annotated[int, Meta(ge=0, description="Units from this number on were never taken up.")] = 0
    next_batch: BatchNumber = 1
    tries: Annotated[dict[Unit, Count], Meta(description="Failed tries of a unit.", extra_json_schema=BY_UNIT)] = field(
        default_factory=dict
    )
    ended: Annotated[
        dict[Unit, Reason],
        Meta(description="Every unit of the plan in force that ended without success.", extra_json_schema=BY_UNIT),
    ] = field(default_factory=dict)
    ended_before: Annotated[
        dict[Unit, Reason],
        Meta(description="Withdrawn units that had ended without success.", extra_json_schema=BY_UNIT),
    ] = field(default_factory=dict)
    wrong_sizes: Annotated[
        dict[Unit, Size],
        Meta(description="The sizes of the units that ended because of it.", extra_json_schema=BY_UNIT),
    ] = field(default_factory=dict)
    succeeded: Annotated[Count, Meta(description="How many units of the plan in force succeeded.")] = 0
    open: Annotated[Batch | None, Meta(description="The one batch that is being sent.")] = None
    upload: Annotated[OpenUpload | None, Meta(description="The one photo that is being uploaded.")] = None
    stored: Annotated[dict[PhotoPlace, StoredPhoto], Meta(description="Photos that are uploaded, or were there.")] = (
        field(default_factory=dict)
    )
    missed: Annotated[
        dict[PhotoPlace, MissedPhoto], Meta(description="Photos that were sent and were not there afterwards.")
    ] = field(default_factory=dict)
    closed: list[ClosedJob] = field(default_factory=list)
    doubts: Annotated[list[tuple[BatchNumber, Attempt]], Meta(description="Submissions that may exist twice.")] = field(
        default_factory=list
    )
    refusals: Count = 0
    max_active: Count = 0
    sessions: Count = 0
    paused: facts.Paused | None = None
    finished_at: TimeOrNone = ""


class Durable(Kept):
    """Everything that is known of a run, which begins with nothing planned.

    `again` waits for another turn, in order; all units below the cursor that the plan in force names and that are
    neither there nor in `ended` are in a batch or succeeded. `jobs` are the ids of every job of this run. `is_named`
    says of each unit whether the plan in force names it, and `wanted` how many it does.
    """

    plans: list[CommittedPlan] = field(default_factory=list)
    named: Runs = ()
    is_named: bytearray = field(default_factory=bytearray)
    wanted: int = 0
    again: dict[int, None] = field(default_factory=dict)
    active: dict[int, Batch] = field(default_factory=dict)
    jobs: set[JobId] = field(default_factory=set)

    @property
    def plan(self) -> int:
        """The number of the plan that is in force; 0 while none is."""
        return len(self.plans)

    @property
    def units(self) -> int:
        """How many units of work the run knows."""
        return len(self.is_named)

    @property
    def units_over(self) -> int:
        """Units of the plan in force that have ended, in whatever way."""
        return self.succeeded + len(self.ended)

    @property
    def is_over(self) -> bool:
        """Whether every unit of the plan in force has ended, and nothing is left to be settled or collected."""
        return self.units_over == self.wanted and self.open is None and not self.active and self.upload is None

    def name_units(self, named: Runs, units: int) -> None:
        """Let these be the units that the plan in force names, of so many."""
        self.named, self.is_named, self.wanted = named, marked(named, units), count(named)

    def never_taken(self) -> Iterator[int]:
        """The units that wait for their first turn, in order."""
        named = compress(range(self.cursor, self.units), memoryview(self.is_named)[self.cursor :])
        return filterfalse(self.ended.__contains__, named)

    def waits(self, unit: int) -> bool:
        """Whether a unit waits to be submitted: for its first turn, for another one, or in a batch that was cut."""
        if unit in self.ended:
            return False
        in_cut = self.open is not None and self.open.phase is Phase.CUT and unit in self.open.units
        return in_cut or unit in self.again or (self.cursor <= unit < self.units and bool(self.is_named[unit]))

    def is_anew(self, unit: int) -> bool:
        """Whether the plan in force tries a unit again that had ended."""
        place = bisect_right(self.anew, unit, key=lambda run: run[0])
        return place > 0 and unit <= self.anew[place - 1][1]

    def introduced_by(self, unit: int) -> int:
        """The number of the plan that was the first to name a unit."""
        return bisect_right(self.plans, unit, key=lambda plan: plan.units) + 1

    def attempts_under_way(self) -> frozenset[str]:
        """Our own names of the attempts that may be at the service, and that are still asked for.

        One that was doubted is not: it was sent again under the next name.
        """
        intended = [] if self.open is None or self.open.phase is Phase.CUT else [self.open]
        return frozenset(attempt_name(batch.number, batch.attempt) for batch in chain(intended, self.active.values()))

    def units_in_batches(self) -> frozenset[int]:
        """The units in batches that are not over: cut, or perhaps at the service."""
        return self.units_in_jobs().union([] if self.open is None else self.open.units)

    def units_in_jobs(self) -> frozenset[int]:
        """The units in jobs that are not over."""
        return frozenset(unit for batch in self.active.values() for unit in batch.units)

    def succeeded_units(self) -> bytearray:
        """A byte for each unit, 1 where it succeeded."""
        succeeded = bytearray(self.units)
        for job in self.closed:
            for unit in job.succeeded:
                succeeded[unit] = 1
        return succeeded

    def batch_of(self, number: int) -> Batch | None:
        """The batch of this number, while it is not over."""
        if self.open is not None and self.open.number == number:
            return self.open
        return self.active.get(number)
