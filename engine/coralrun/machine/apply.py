"""What each fact changes of what is known of a run.

A batch lives by `TABLE`, which CONTRIBUTING.md draws, and no other change of phase is possible. A batch that was
refused, or never arrived, is cut again without the units that were refused by name, and forgotten where none is left.

Rule: `apply` checks the whole fact before it changes anything, so an impossible fact changes nothing and says why. At
most one batch is open (cut or intended) at a time, because submissions are serial: that is what makes a lost reply
resolvable.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from coralrun.errors import RunDamaged
from coralrun.machine import facts, stored_photos
from coralrun.machine.batches import Batch, ClosedJob, Phase
from coralrun.machine.durable import Durable
from coralrun.machine.reasons import NO_TRY, Reason
from coralrun.machine.replan import advance, come_into_force, keep_open, require
from coralrun.machine.runs import to_ranges, to_size_runs

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


def apply(state: Durable, fact: facts.Fact) -> None:
    """Change the durable state by one fact; an impossible one raises RunDamaged and changes nothing."""
    if state.finished_at and not isinstance(fact, facts.Opened | facts.Planned):
        raise RunDamaged(f"the run had finished before this was recorded: {fact}")
    require(bool(state.plans) or isinstance(fact, facts.Planned), fact, "a run begins with its plan")
    match fact:
        case facts.Planned():
            come_into_force(state, fact)
        case facts.Opened():
            state.sessions += 1
            state.paused = None
        case facts.Limited():
            state.max_active = fact.max_active
        case facts.Paused():
            state.paused = fact
        case facts.Finished():
            require(state.is_over, fact, "not every unit has ended")
            state.finished_at = fact.at
        case facts.Ended():
            _end_before_submission(state, fact)
        case facts.Batched():
            _cut(state, fact)
        case (
            facts.UploadIntended()
            | facts.Uploaded()
            | facts.UploadMissed()
            | facts.UploadRefused()
            | facts.UploadGone()
            | facts.AlreadyThere()
        ):
            state.upload = stored_photos.move(state.upload, state.stored, state.missed, fact)
        case _:
            _move(state, fact)


def _cut(state: Durable, fact: facts.Batched) -> None:
    require(state.open is None, fact, "another batch is open")
    require(fact.batch == state.next_batch, fact, f"batch {state.next_batch} is next")
    require(len(set(fact.units)) == len(fact.units) > 0, fact, "no units, or one twice")
    cursor = state.cursor
    passed_over: list[int] = []
    for unit in fact.units:
        require(unit not in state.ended, fact, f"unit {unit} has ended")
        if unit in state.again:
            continue
        waits = cursor <= unit < state.units and bool(state.is_named[unit])
        require(waits, fact, f"unit {unit} does not wait for submission")
        passed_over += [
            skipped for skipped in range(cursor, unit) if state.is_named[skipped] and skipped not in state.ended
        ]
        cursor = unit + 1
    for unit in fact.units:
        state.again.pop(unit, None)
    state.again.update(dict.fromkeys(passed_over))
    state.open = Batch(number=fact.batch, units=fact.units, phase=TABLE[None, facts.Batched])
    state.next_batch += 1
    advance(state, cursor)


def _end_before_submission(state: Durable, fact: facts.Ended) -> None:
    for unit in fact.final:
        require(state.waits(unit), fact, f"unit {unit} does not wait for submission")
    require(fact.sizes.keys() <= fact.final.keys(), fact, "the size of a unit that did not end")
    for unit, reason in fact.final.items():
        state.again.pop(unit, None)
        state.ended[unit] = reason
    state.wrong_sizes.update(fact.sizes)
    if state.open is not None and state.open.phase is Phase.CUT:
        keep_open(state, state.open, tuple(unit for unit in state.open.units if unit not in fact.final))
    advance(state, state.cursor)


def _end(state: Durable, final: Mapping[int, Reason]) -> None:
    """Units end without success; those of the plan in force alone are accounted for."""
    for unit, why in final.items():
        (state.ended if state.is_named[unit] else state.ended_before)[unit] = why


def _move(
    state: Durable,
    fact: facts.Intended | facts.Submitted | facts.Refused | facts.Doubted | facts.Collected | facts.GaveUp,
) -> None:
    batch = state.batch_of(fact.batch)
    require(batch is not None, fact, "no such batch is under way")
    assert batch is not None  # noqa: S101 - told to the type checker; required the line above
    phase = TABLE.get((batch.phase, type(fact)))
    require(phase is not None, fact, f"batch {batch.number} is {batch.phase}")
    expected = batch.attempt + 1 if isinstance(fact, facts.Intended) else batch.attempt
    require(fact.attempt == expected, fact, f"attempt {expected} is next")
    match fact:
        case facts.Intended():
            require(len(fact.sizes) == len(batch.units), fact, "a size for each unit is needed")
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
            require(fact.job not in state.jobs, fact, f"job {fact.job} is already known")
            state.open = None
            state.jobs.add(fact.job)
            state.active[batch.number] = replace(
                batch, phase=Phase.ACTIVE, job=fact.job, submitted_at=fact.at, adopted=fact.adopted
            )
        case facts.Refused():
            require(set(fact.drop) <= set(batch.units), fact, "a unit that is not in the batch")
            state.refusals += 1
            _end(state, fact.drop)
            keep_open(state, batch, tuple(unit for unit in batch.units if unit not in fact.drop))
        case facts.Doubted():
            state.doubts.append((fact.batch, fact.attempt))
            keep_open(state, batch, batch.units)
        case _:
            _close(state, batch, fact)


def _close(state: Durable, batch: Batch, fact: facts.Collected | facts.GaveUp) -> None:
    require(fact.job == batch.job, fact, f"batch {batch.number} is job {batch.job}")
    missed = (*fact.final, *fact.again)
    ok = fact.ok if isinstance(fact, facts.Collected) else 0
    require(set(missed) <= set(batch.units), fact, "a unit that is not in the batch")
    require(len(set(missed)) == len(missed), fact, "a unit that ends twice")
    require(ok + len(missed) == len(batch.units), fact, "the units do not add up")
    # In the batch's order: a record's maps come back from the journal in another order than they had.
    missed = tuple(unit for unit in batch.units if unit in fact.final or unit in fact.again)
    del state.active[batch.number]
    of_plan = [unit for unit in batch.units if state.is_named[unit]]
    state.succeeded += ok if len(of_plan) == len(batch.units) else len([u for u in of_plan if u not in set(missed)])
    _end(state, fact.final)
    no_try = tuple(unit for unit in missed if fact.again.get(unit) in NO_TRY)
    for unit in missed:
        if unit in fact.again and state.is_named[unit]:
            state.again[unit] = None
        if unit not in no_try:
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
            no_try=no_try,
        )
    )
