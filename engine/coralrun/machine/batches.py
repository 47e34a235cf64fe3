"""Batches and jobs, as a run remembers them.

Rule: a batch is what is sent together, and a job what the service makes of it. While it is not over it is a `Batch`,
with all that a lost reply is settled by; a job that is over is what the tables need of it, and nothing more.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from coralrun.files.field_types import Count, Time
from coralrun.machine.fact_fields import Attempt, BatchNumber, DigestOrNone, PlanNumber, TimeOrNone
from coralrun.machine.job_id import JobId, JobIdOrNone, Marker
from coralrun.machine.reasons import Reason
from coralrun.machine.runs import Runs, SizeRuns, Unit, from_ranges
from coralrun.planning.images import Size


class Phase(StrEnum):
    """How far a batch is."""

    CUT = "cut"
    INTENDED = "intended"
    ACTIVE = "active"
    COLLECTED = "collected"
    ABANDONED = "abandoned"


class Record(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the records of a snapshot have in common: how they are written."""


class Batch(Record, frozen=True):
    """A batch that is not over."""

    number: BatchNumber
    units: tuple[Unit, ...]
    phase: Phase = Phase.CUT
    attempt: Annotated[int, Meta(ge=0, description="The last one intended, 0 before the first.")] = 0
    plan: Annotated[PlanNumber, Meta(description="The plan that was in force when it was intended.")] = 1
    entries: Count = 0
    marker: Marker = ""
    done_before: tuple[JobId, ...] = ()
    sizes: tuple[Size, ...] = ()
    job: JobIdOrNone = ""
    submitted_at: TimeOrNone = ""
    adopted: bool = False


class ClosedJob(Record, frozen=True):
    """A job that is over: what the tables need of it."""

    batch: BatchNumber
    attempt: Attempt
    job: JobId
    units: Runs
    missed: Annotated[tuple[Unit, ...], Meta(description="Its units that did not succeed in it.")]
    sha256: DigestOrNone
    submitted_at: Time
    closed_at: Time
    adopted: bool = False
    why: Annotated[Reason | None, Meta(description="Why it was given up.")] = None
    sizes: SizeRuns = ()
    no_try: Annotated[tuple[Unit, ...], Meta(description="Its units that wait for their labels where they are.")] = ()

    @property
    def succeeded(self) -> tuple[int, ...]:
        """The units that it classified."""
        missed = frozenset(self.missed)
        return tuple(unit for unit in from_ranges(self.units) if unit not in missed) if self.sha256 else ()
