"""The half of the state that survives: changed by facts alone, equal after every replay.

A batch lives by `TABLE`, which CONTRIBUTING.md draws, and no other change of phase is possible. A batch that was
refused, or never arrived, is cut again without the units that were refused by name, and forgotten where none is left.

A further plan changes what is wanted, and nothing that happened. A unit that it does not name is withdrawn: it leaves a
batch that is cut, but not one that may be at the service, whose result is kept. Named again, it is what it had become:
one that succeeded or ended needs no sending, one in a job is waited for, any other waits for another turn.

Rule: `apply` checks the whole fact before it changes anything, so an impossible fact changes nothing and says why. At
most one batch is open (cut or intended) at a time, because submissions are serial: that is what makes a lost reply
resolvable.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import chain
from typing import Annotated

from msgspec import Meta, Struct, field
from msgspec.structs import replace

from coralrun.errors import RunDamaged
from coralrun.files.field_types import Count, Time
from coralrun.machine import facts
from coralrun.machine.facts import BY_UNIT, Attempt, BatchNumber, DigestOrNone, PlanDigest, PlanNumber, TimeOrNone
from coralrun.machine.job_id import JobId, JobIdOrNone, Marker
from coralrun.machine.reasons import Reason
from coralrun.machine.runs import (
    Runs,
    SizeRuns,
    Unit,
    UnitCount,
    count,
    covers,
    from_ranges,
    marked,
    to_ranges,
    to_size_runs,
)
from coralrun.planning.model import Size


class Phase(StrEnum):
    """How far a batch is."""

    CUT = "cut"
    INTENDED = "intended"
    ACTIVE = "active"
    COLLECTED = "collected"
    ABANDONED = "abandoned"


TABLE: Mapping[tuple[Phase | None, type], Phase] = {
    (None, facts.Batched): Phase.CUT,
    (Phase.CUT, facts.Intended): Phase.INTENDED,
    (Phase.INTENDED, facts.Submitted): Phase.ACTIVE,
    (Phase.INTENDED, facts.Refused): Phase.CUT,
    (Phase.INTENDED, facts.Doubted): Phase.CUT,
    (Phase.ACTIVE, facts.Collected): Phase.COLLECTED,
    (Phase.ACTIVE, facts.GaveUp): Phase.ABANDONED,
}
"""(phase, fact) -> next phase. Everything that is not here is refused. A cut batch without units is forgotten."""


class _Kept(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the records of a snapshot have in common: how they are written."""


class Batch(_Kept, frozen=True):
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


class ClosedJob(_Kept, frozen=True):
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

    @property
    def succeeded(self) -> tuple[int, ...]:
        """The units that it classified."""
        missed = frozenset(self.missed)
        return tuple(unit for unit in from_ranges(self.units) if unit not in missed) if self.sha256 else ()


class CommittedPlan(_Kept, frozen=True):
    """A plan that was in force, or is."""

    digest: PlanDigest
    units: Annotated[UnitCount, Meta(description="Units of work that the run knew from then on, numbered from 0.")]


class Kept(Struct, omit_defaults=True):
    """What is known of a run, as a snapshot holds it too."""

    plans: Annotated[list[CommittedPlan], Meta(min_length=1, description="Its plans; the last is in force.")]
    named: Annotated[Runs, Meta(description="The units that the plan in force names, as ascending runs.")]
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
        """Whether every unit of the plan in force has ended, and no job is left to be settled or collected."""
        return self.units_over == self.wanted and self.open is None and not self.active

    def name_units(self, named: Runs, units: int) -> None:
        """Let these be the units that the plan in force names, of so many."""
        self.named, self.is_named, self.wanted = named, marked(named, units), count(named)

    def never_taken(self) -> Iterator[int]:
        """The units that wait for their first turn, in order."""
        for unit in range(self.cursor, self.units):
            if self.is_named[unit] and unit not in self.ended:
                yield unit

    def waits(self, unit: int) -> bool:
        """Whether a unit waits to be submitted: for its first turn, for another one, or in a batch that was cut."""
        if unit in self.ended:
            return False
        in_cut = self.open is not None and self.open.phase is Phase.CUT and unit in self.open.units
        return in_cut or unit in self.again or (self.cursor <= unit < self.units and bool(self.is_named[unit]))

    def introduced_by(self, unit: int) -> int:
        """The number of the plan that was the first to name a unit."""
        return bisect_right(self.plans, unit, key=lambda plan: plan.units) + 1

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


def apply(state: Durable, fact: facts.Fact) -> None:
    """Change the durable state by one fact; an impossible one raises RunDamaged and changes nothing."""
    if state.finished_at and not isinstance(fact, facts.Opened | facts.Planned):
        raise RunDamaged(f"the run had finished before this was recorded: {fact}")
    _require(bool(state.plans) or isinstance(fact, facts.Planned), fact, "a run begins with its plan")
    match fact:
        case facts.Planned():
            _plan(state, fact)
        case facts.Opened():
            state.sessions += 1
            state.paused = None
        case facts.Limited():
            state.max_active = fact.max_active
        case facts.Paused():
            state.paused = fact
        case facts.Finished():
            _require(state.is_over, fact, "not every unit has ended")
            state.finished_at = fact.at
        case facts.Ended():
            _end_before_submission(state, fact)
        case facts.Batched():
            _cut(state, fact)
        case _:
            _move(state, fact)


def _require(condition: bool, fact: facts.Fact, why: str) -> None:
    if not condition:
        raise RunDamaged(f"an impossible record ({why}): {fact}")


def _plan(state: Durable, fact: facts.Planned) -> None:
    """Let another plan be in force: nothing that happened is forgotten, and what is wanted changes."""
    _check_planned(state, fact)
    ended = {**state.ended, **state.ended_before}
    for unit in _units_in(fact.anew):
        del ended[unit]
        state.tries.pop(unit, None)
        state.wrong_sizes.pop(unit, None)
    state.plans.append(CommittedPlan(fact.digest, fact.units))
    state.name_units(fact.named, fact.units)
    state.ended = {unit: why for unit, why in ended.items() if state.is_named[unit]}
    state.ended_before = {unit: why for unit, why in ended.items() if not state.is_named[unit]}
    if state.open is not None and state.open.phase is Phase.CUT:
        _keep_open(state, state.open, state.open.units)
    succeeded, in_batches = state.succeeded_units(), state.units_in_batches()
    state.succeeded = sum(map(int.__and__, state.is_named, succeeded))
    state.again = {unit: None for unit in state.again if state.is_named[unit]}
    for unit in range(state.cursor):
        if state.is_named[unit] and not (succeeded[unit] or unit in in_batches or unit in state.ended):
            state.again.setdefault(unit)
    state.finished_at = ""
    _advance(state, state.cursor)


def _check_planned(state: Durable, fact: facts.Planned) -> None:
    _require(fact.plan == state.plan + 1, fact, f"plan {state.plan + 1} is next")
    _require(fact.units >= state.units, fact, "units that the run knows are never taken away")
    _require(covers(fact.named, state.units, fact.units), fact, "a new unit that the plan does not name")
    named = marked(fact.named, fact.units)
    for unit in _units_in(fact.anew):
        _require(bool(named[unit]), fact, f"unit {unit} is not named, and cannot be tried anew")
        _require(unit in state.ended or unit in state.ended_before, fact, f"unit {unit} has not ended")


def _units_in(runs: Runs) -> Iterator[int]:
    """Units in runs of any length; `from_ranges` is for those of a batch."""
    return chain.from_iterable(range(first, last + 1) for first, last in runs)


def _cut(state: Durable, fact: facts.Batched) -> None:
    _require(state.open is None, fact, "another batch is open")
    _require(fact.batch == state.next_batch, fact, f"batch {state.next_batch} is next")
    _require(len(set(fact.units)) == len(fact.units) > 0, fact, "no units, or one twice")
    cursor = state.cursor
    passed_over: list[int] = []
    for unit in fact.units:
        _require(unit not in state.ended, fact, f"unit {unit} has ended")
        if unit in state.again:
            continue
        waits = cursor <= unit < state.units and bool(state.is_named[unit])
        _require(waits, fact, f"unit {unit} does not wait for submission")
        passed_over += [
            skipped for skipped in range(cursor, unit) if state.is_named[skipped] and skipped not in state.ended
        ]
        cursor = unit + 1
    for unit in fact.units:
        state.again.pop(unit, None)
    state.again.update(dict.fromkeys(passed_over))
    state.open = Batch(number=fact.batch, units=fact.units, phase=TABLE[None, facts.Batched])
    state.next_batch += 1
    _advance(state, cursor)


def _advance(state: Durable, cursor: int) -> None:
    """Units that the plan does not name, or that have ended, are passed over; named again, they wait in `again`."""
    while cursor < state.units and (cursor in state.ended or not state.is_named[cursor]):
        cursor += 1
    state.cursor = cursor


def _end_before_submission(state: Durable, fact: facts.Ended) -> None:
    for unit in fact.final:
        _require(state.waits(unit), fact, f"unit {unit} does not wait for submission")
    _require(fact.sizes.keys() <= fact.final.keys(), fact, "the size of a unit that did not end")
    for unit, reason in fact.final.items():
        state.again.pop(unit, None)
        state.ended[unit] = reason
    state.wrong_sizes.update(fact.sizes)
    if state.open is not None and state.open.phase is Phase.CUT:
        _keep_open(state, state.open, tuple(unit for unit in state.open.units if unit not in fact.final))
    _advance(state, state.cursor)


def _keep_open(state: Durable, batch: Batch, units: tuple[int, ...]) -> None:
    """Let a batch be cut again with those of some units that the plan still names; with none it is forgotten."""
    kept = tuple(unit for unit in units if state.is_named[unit])
    state.open = replace(batch, units=kept, phase=Phase.CUT) if kept else None


def _end(state: Durable, final: Mapping[int, Reason]) -> None:
    """Units end without success; those of the plan in force alone are accounted for."""
    for unit, why in final.items():
        (state.ended if state.is_named[unit] else state.ended_before)[unit] = why


def _move(
    state: Durable,
    fact: facts.Intended | facts.Submitted | facts.Refused | facts.Doubted | facts.Collected | facts.GaveUp,
) -> None:
    batch = state.batch_of(fact.batch)
    _require(batch is not None, fact, "no such batch is under way")
    assert batch is not None  # noqa: S101 - told to the type checker; required the line above
    phase = TABLE.get((batch.phase, type(fact)))
    _require(phase is not None, fact, f"batch {batch.number} is {batch.phase}")
    expected = batch.attempt + 1 if isinstance(fact, facts.Intended) else batch.attempt
    _require(fact.attempt == expected, fact, f"attempt {expected} is next")
    match fact:
        case facts.Intended():
            _require(len(fact.sizes) == len(batch.units), fact, "a size for each unit is needed")
            state.open = replace(
                batch,
                phase=Phase.INTENDED,
                attempt=fact.attempt,
                plan=state.plan,
                entries=fact.entries,
                marker=fact.marker,
                done_before=fact.done_before,
                sizes=fact.sizes,
            )
        case facts.Submitted():
            _require(fact.job not in state.jobs, fact, f"job {fact.job} is already known")
            state.open = None
            state.jobs.add(fact.job)
            state.active[batch.number] = replace(
                batch, phase=Phase.ACTIVE, job=fact.job, submitted_at=fact.at, adopted=fact.adopted
            )
        case facts.Refused():
            _require(set(fact.drop) <= set(batch.units), fact, "a unit that is not in the batch")
            state.refusals += 1
            _end(state, fact.drop)
            _keep_open(state, batch, tuple(unit for unit in batch.units if unit not in fact.drop))
        case facts.Doubted():
            state.doubts.append((fact.batch, fact.attempt))
            _keep_open(state, batch, batch.units)
        case _:
            _close(state, batch, fact)


def _close(state: Durable, batch: Batch, fact: facts.Collected | facts.GaveUp) -> None:
    _require(fact.job == batch.job, fact, f"batch {batch.number} is job {batch.job}")
    missed = (*fact.final, *fact.again)
    ok = fact.ok if isinstance(fact, facts.Collected) else 0
    _require(set(missed) <= set(batch.units), fact, "a unit that is not in the batch")
    _require(len(set(missed)) == len(missed), fact, "a unit that ends twice")
    _require(ok + len(missed) == len(batch.units), fact, "the units do not add up")
    # In the batch's order: a record's maps come back from the journal in another order than they had.
    missed = tuple(unit for unit in batch.units if unit in fact.final or unit in fact.again)
    del state.active[batch.number]
    of_plan = [unit for unit in batch.units if state.is_named[unit]]
    state.succeeded += ok if len(of_plan) == len(batch.units) else len([u for u in of_plan if u not in set(missed)])
    _end(state, fact.final)
    for unit in missed:
        if unit in fact.again and state.is_named[unit]:
            state.again[unit] = None
        state.tries[unit] = state.tries.get(unit, 0) + 1
    state.closed.append(
        ClosedJob(
            batch=batch.number,
            attempt=batch.attempt,
            job=batch.job,
            units=to_ranges(batch.units),
            missed=missed,
            sha256=fact.sha256 if isinstance(fact, facts.Collected) else "",
            submitted_at=batch.submitted_at,
            closed_at=fact.at,
            adopted=batch.adopted,
            why=fact.why if isinstance(fact, facts.GaveUp) else None,
            sizes=to_size_runs(batch.sizes),
        )
    )
