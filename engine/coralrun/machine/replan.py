"""What a further plan changes: what is wanted, and nothing that happened.

Rule: a unit that the plan does not name is withdrawn: it leaves a batch that is cut, but not one that may be at the
service, whose result is kept. Named again, it is what it had become: one that succeeded or ended needs no sending, one
in a job is waited for, any other waits for another turn. The fact is checked whole before anything is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from msgspec.structs import replace

from coralrun.errors import RunDamaged
from coralrun.machine import facts
from coralrun.machine.batches import Batch, Phase
from coralrun.machine.durable import CommittedPlan, Durable
from coralrun.machine.runs import Runs, covers, marked


def come_into_force(state: Durable, fact: facts.Planned) -> None:
    """Let another plan be in force: nothing that happened is forgotten, and what is wanted changes."""
    _check_planned(state, fact)
    ended = {**state.ended, **state.ended_before}
    for unit in _units_in(fact.anew):
        del ended[unit]
        state.tries.pop(unit, None)
        state.wrong_sizes.pop(unit, None)
    state.plans.append(CommittedPlan(fact.digest, fact.units))
    state.name_units(fact.named, fact.units)
    state.anew = fact.anew
    state.ended = {unit: why for unit, why in ended.items() if state.is_named[unit]}
    state.ended_before = {unit: why for unit, why in ended.items() if not state.is_named[unit]}
    if state.open is not None and state.open.phase is Phase.CUT:
        keep_open(state, state.open, state.open.units)
    succeeded, in_batches = state.succeeded_units(), state.units_in_batches()
    state.succeeded = sum(map(int.__and__, state.is_named, succeeded))
    state.again = {unit: None for unit in state.again if state.is_named[unit]}
    for unit in range(state.cursor):
        if state.is_named[unit] and not (succeeded[unit] or unit in in_batches or unit in state.ended):
            state.again.setdefault(unit)
    state.finished_at = ""
    advance(state, state.cursor)


def _check_planned(state: Durable, fact: facts.Planned) -> None:
    require(fact.plan == state.plan + 1, fact, f"plan {state.plan + 1} is next")
    require(fact.units >= state.units, fact, "units that the run knows are never taken away")
    require(covers(fact.named, state.units, fact.units), fact, "a new unit that the plan does not name")
    named = marked(fact.named, fact.units)
    for unit in _units_in(fact.anew):
        require(bool(named[unit]), fact, f"unit {unit} is not named, and cannot be tried anew")
        require(unit in state.ended or unit in state.ended_before, fact, f"unit {unit} has not ended")


def _units_in(runs: Runs) -> Iterator[int]:
    """Units in runs of any length; `from_ranges` is for those of a batch."""
    return chain.from_iterable(range(first, last + 1) for first, last in runs)


def advance(state: Durable, cursor: int) -> None:
    """Units that the plan does not name, or that have ended, are passed over; named again, they wait in `again`."""
    while cursor < state.units and (cursor in state.ended or not state.is_named[cursor]):
        cursor += 1
    state.cursor = cursor


def keep_open(state: Durable, batch: Batch, units: tuple[int, ...]) -> None:
    """Let a batch be cut again with those of some units that the plan still names; with none it is forgotten."""
    kept = tuple(unit for unit in units if state.is_named[unit])
    state.open = replace(batch, units=kept, phase=Phase.CUT) if kept else None


def require(condition: bool, fact: facts.Fact, why: str) -> None:
    if not condition:
        raise RunDamaged(f"an impossible record ({why}): {fact}")
