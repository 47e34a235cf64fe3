"""What is known of a run, by the images of the plan that is in force."""

from __future__ import annotations

import pytest
from tests.unit.states import AT, state_of

from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.durable import Durable
from coralrun.machine.plan_state import ImageCounts, PlanState
from coralrun.machine.reasons import Reason
from coralrun.machine.units import PlanUnits
from coralrun.planning.images import Size

SIZE = Size(9, 9)


@pytest.fixture
def run() -> Durable:
    """Of units 0 to 4 the second failed, the third was skipped for its size, and the last is yet to come."""
    state = state_of(5)
    happened: tuple[facts.Fact, ...] = (
        facts.Ended(AT, {2: Reason.ANOTHER_SIZE}, {2: Size(4, 3)}),
        facts.Batched.of(1, (0, 1, 3)),
        facts.Intended.of(AT, 1, 1, 3, "0", (), (SIZE, SIZE, SIZE)),
        facts.Submitted(AT, 1, 1, "7"),
        facts.Collected(AT, 1, 1, "7", "0" * 64, 2, {1: Reason.NOT_FOUND}),
    )
    for fact in happened:
        apply(state, fact)
    return state


def test_the_first_plan_has_all_that_the_run_knows(run: Durable) -> None:
    state = PlanState(run, PlanUnits(((0, 4),)))
    assert list(state.succeeded()) == [0, 3]
    assert state.ended() == {2: Reason.ANOTHER_SIZE, 1: Reason.NOT_FOUND}
    assert state.counts() == ImageCounts(succeeded=2, failed=1, skipped=1)


def test_a_later_plan_has_what_is_known_of_the_units_that_it_names(run: Durable) -> None:
    state = PlanState(run, PlanUnits(((3, 4), (2, 2))))
    assert list(state.succeeded()) == [0]
    assert state.ended() == {2: Reason.ANOTHER_SIZE}
    assert (state.reason(2), state.wrong_size(2)) == (Reason.ANOTHER_SIZE, Size(4, 3))
    assert (state.reason(0), state.wrong_size(0)) == (None, None)
    assert state.counts() == ImageCounts(succeeded=1, failed=0, skipped=1)
    assert state.reasons() == {Reason.ANOTHER_SIZE: 1}
