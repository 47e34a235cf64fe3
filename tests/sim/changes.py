"""When a person changes the survey of a world while its run lives, and how the run becomes what it says then.

Rule: the moments are drawn here, and what is written in `lab`; what that means for the run is the product's own work:
its reconciling, its plan on the simulator's disk and its fact. The person stops a process that works, by Ctrl-C or by
killing it, and runs `apply` with the changed survey; that process may die between any two steps, and the person may try
again or leave it.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

from coralrun.app.applying import next_plan
from coralrun.app.applying.next_plan import bring_into_force, is_same
from coralrun.app.beforehand.so_far import history
from coralrun.app.run.run_directory import OpenRun
from coralrun.machine.batches import Phase
from coralrun.machine.durable import Durable
from coralrun.machine.reasons import Reason
from coralrun.machine.reconcile import Difference, reconcile
from coralrun.machine.units import PlanUnits
from coralrun.planning.model import Plan
from coralrun.store.run import RunJournal

from .disk import Crash
from .lab import Lab
from .marks import Mark

if TYPE_CHECKING:
    from .world import World

KILLED_WHILE_CHANGING, KILLED_JUST_AFTER = 0.2, 0.05
CALLS_OF_A_CHANGE = 60
"""A plan is written and committed in about so many calls to the disk."""

REPEATS = 0.7
RETRIES = 0.4


class Changes:
    """The survey of one world as it is written, and the moments at which it changes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._chance = Random(f"what changes in {world.knobs.seed}")
        self._moments = list(world.knobs.changes_s)
        self._lab = Lab(world, self._chance)
        self._is_written = False
        self._kills = self._chance.random() < 0.5
        self._dies_in: int | None = None
        self._died_at: int | None = None

    # The person

    def interrupts(self) -> bool:
        """Whether the person presses Ctrl-C now, to run `apply` with another survey."""
        return self._is_due and not self._kills

    def kill(self) -> None:
        """Perhaps the person kills the process that works, for the same."""
        if self._is_due and self._kills:
            raise Crash("killed for another survey")

    def goes_on(self) -> bool:
        """Whether a run that is finished will be changed yet; then it is time for that."""
        if not self._moments:
            return False
        clock = self._world.clock
        clock.now = max(clock.now, self._moments[0])
        return True

    # The process that runs `apply`

    def apply(self, opened: OpenRun) -> bool:
        """Let the run become what the survey says, where it is time for that; whether a further plan is in force."""
        if self._died_at is not None:
            self._world.mark(Mark.OLD_PLAN_STANDS if opened.state.plan == self._died_at else Mark.NEW_PLAN_STANDS)
            self._died_at = None
        if not self._is_due:
            return False
        world, chance = self._world, self._chance
        if not self._is_written:
            self._lab.write()
            self._is_written = True
        asked = {chance.choice(list(Reason))} if chance.random() < 0.3 else set(Reason)
        retry = asked.__contains__ if chance.random() < RETRIES else lambda reason: False
        plan = self._lab.survey
        difference = reconcile(history(opened), opened.state, plan, retry)
        if is_same(opened, plan, difference):
            world.mark(Mark.CHANGED_NOTHING)
        else:
            self._mark(opened.state, difference)
            self._commit(opened, plan, difference)
        self._done()
        return not is_same(opened, plan, difference)

    def dies_now(self) -> bool:
        """Whether the process dies at this call to the disk."""
        if self._dies_in is None:
            return False
        self._dies_in -= 1
        return self._dies_in < 0

    @property
    def _is_due(self) -> bool:
        return bool(self._moments) and self._world.clock.now >= self._moments[0]

    def _commit(self, opened: OpenRun, plan: Plan, difference: Difference) -> None:
        world, chance = self._world, self._chance
        world.asked.offer(plan, PlanUnits(difference.units))
        if not world.calm and chance.random() < KILLED_WHILE_CHANGING:
            self._dies_in = chance.randrange(CALLS_OF_A_CHANGE)
        try:
            with patch.object(next_plan, "RunJournal", self._journal):
                bring_into_force(opened, plan, difference, None, world.clock.utc())
        except Crash:
            world.mark(Mark.DIED_IN_CHANGE)
            self._died_at = opened.state.plan
            if chance.random() >= REPEATS:
                self._done()
            raise
        finally:
            self._dies_in = None

    def _journal(self, layout: Any, disk: Any, loaded: Any) -> RunJournal:
        witness, every = self._world.witness, self._world.knobs.snapshot_every
        dies_after = not self._world.calm and self._chance.random() < KILLED_JUST_AFTER

        class Watched(RunJournal):
            """The run's journal, which the witness looks over."""

            def append(self, happened: Any) -> None:
                with witness.writing(happened):
                    super().append(happened)
                    if dies_after:
                        raise Crash("when a plan had just come into force")

        return Watched(layout, disk, loaded, snapshot_every=every)

    def _done(self) -> None:
        self._moments.pop(0)
        self._is_written = False
        self._kills = self._chance.random() < 0.5

    def _mark(self, state: Durable, difference: Difference) -> None:
        """Count the situations that this change meets."""
        world, named = self._world, PlanUnits(difference.units)
        if state.finished_at:
            world.mark(Mark.CHANGED_WHEN_FINISHED)
        succeeded, in_jobs = state.succeeded_units(), state.units_in_jobs()
        open_units = state.open.units if state.open is not None else ()
        intended = state.open is not None and state.open.phase is Phase.INTENDED
        now, before = set(named.unit_of), {unit for unit in range(state.units) if state.is_named[unit]}
        for unit in (before - now) | {unit for unit in now - before if unit < state.units}:
            marks = _WITHDRAWN if unit in before else _BACK
            if succeeded[unit]:
                world.mark(marks.succeeded)
            elif unit in state.ended or unit in state.ended_before:
                world.mark(marks.ended)
            elif unit in in_jobs:
                world.mark(marks.active)
            elif unit in open_units:
                world.mark(marks.intended if intended else marks.cut)
            else:
                world.mark(marks.waiting)
        if difference.anew:
            world.mark(Mark.TRIED_ANEW)


class _Marks(NamedTuple):
    waiting: Mark
    cut: Mark
    intended: Mark
    active: Mark
    succeeded: Mark
    ended: Mark


_WITHDRAWN = _Marks(
    *(Mark.WITHDRAWN_WAITING, Mark.WITHDRAWN_CUT, Mark.WITHDRAWN_INTENDED, Mark.WITHDRAWN_ACTIVE),
    *(Mark.WITHDRAWN_SUCCEEDED, Mark.WITHDRAWN_ENDED),
)
_BACK = _Marks(
    *(Mark.BACK_WAITING, Mark.BACK_WAITING, Mark.BACK_INTENDED, Mark.BACK_ACTIVE),
    *(Mark.BACK_SUCCEEDED, Mark.BACK_ENDED),
)
