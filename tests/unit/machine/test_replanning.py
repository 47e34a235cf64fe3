"""A further plan in the middle of a run: what is wanted changes, and nothing that happened is forgotten."""

from __future__ import annotations

import pytest
from tests.unit.states import AT, planned, state_of

from coralrun.errors import RunDamaged
from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.batches import Phase
from coralrun.machine.codec import encode_state
from coralrun.machine.durable import Durable
from coralrun.machine.fact_fields import RefusedWhy
from coralrun.machine.reasons import Reason
from coralrun.machine.runs import to_ranges
from coralrun.planning.images import Size
from coralrun.store import snapshot
from coralrun.store.journal import Position

SIZE = Size(100, 80)
CUT = facts.Batched.of(1, (0, 1, 2))
INTENDED = facts.Intended.of(AT, 1, 1, 3, "40", (), (SIZE,) * 3)
SUBMITTED = facts.Submitted(AT, 1, 1, "41")
COLLECTED = facts.Collected(AT, 1, 1, "41", "0" * 64, 1, {0: Reason.NOT_FOUND}, {2: Reason.HOST_ERROR})


def after(*happened: facts.Fact, total: int = 5) -> Durable:
    state = state_of(total)
    for fact in happened:
        apply(state, fact)
    return state


def named(*units: int, of: int = 5, plan: int = 2, anew: tuple[int, ...] = ()) -> facts.Planned:
    return facts.Planned(AT, plan, "1" * 64, of, to_ranges(units), to_ranges(anew))


def sent_next(state: Durable) -> tuple[int, ...]:
    """The units of the batch that is open."""
    return () if state.open is None else state.open.units


def waiting(state: Durable) -> list[int]:
    return [*sent_next(state), *state.never_taken(), *state.again]


def test_a_unit_that_was_never_taken_up_is_wanted_no_longer() -> None:
    state = after(named(0, 2))
    assert waiting(state) == [0, 2]
    assert [unit for unit in range(5) if state.waits(unit)] == [0, 2]
    assert state.wanted == 2


def test_new_units_wait_behind_those_that_wait_already() -> None:
    assert waiting(after(CUT, named(*range(7), of=7))) == [0, 1, 2, 3, 4, 5, 6]


def test_a_unit_withdrawn_from_a_batch_that_is_cut_leaves_it() -> None:
    state = after(CUT, named(1, 4))
    assert state.open is not None
    assert (state.open.units, state.open.phase) == ((1,), Phase.CUT)
    assert waiting(state) == [1, 4]
    assert after(CUT, named(3)).open is None


def test_an_open_intent_is_settled_whole_and_sent_again_without_what_was_withdrawn() -> None:
    for fact in (facts.Refused(AT, 1, 1, RefusedWhy.NO_SLOT), facts.Doubted(AT, 1, 1)):
        state = after(CUT, INTENDED, named(1))
        assert sent_next(state) == (0, 1, 2)
        assert not state.is_over
        apply(state, fact)
        assert sent_next(state) == (1,)
    state = after(CUT, INTENDED, named(4), facts.Refused(AT, 1, 1, RefusedWhy.NO_SLOT))
    assert state.open is None


def test_a_withdrawn_unit_that_the_service_refuses_by_name_is_accounted_for_apart() -> None:
    refused = facts.Refused(AT, 1, 1, RefusedWhy.BAD_ENTRY, {0: Reason.REJECTED, 1: Reason.REJECTED})
    state = after(CUT, INTENDED, named(1, 2), refused)
    assert (state.ended, state.ended_before) == ({1: Reason.REJECTED}, {0: Reason.REJECTED})
    assert waiting(state) == [2]


def test_what_a_job_brings_of_withdrawn_units_is_kept_and_counted_nowhere() -> None:
    state = after(CUT, INTENDED, SUBMITTED, named(3, 4), COLLECTED)
    assert (state.succeeded, state.ended, state.again) == (0, {}, {})
    assert state.closed[0].succeeded == (1,)
    assert waiting(state) == [3, 4]


def test_what_is_wanted_again_is_what_it_has_become_meanwhile() -> None:
    state = after(CUT, INTENDED, SUBMITTED, named(3, 4), COLLECTED, named(*range(5), plan=3))
    assert (state.succeeded, state.ended, list(state.again)) == (1, {0: Reason.NOT_FOUND}, [2])
    assert waiting(state) == [3, 4, 2]
    assert state.units_over == 2


def test_what_is_wanted_again_while_its_job_is_at_work_is_not_sent_again() -> None:
    state = after(CUT, INTENDED, SUBMITTED, named(3, 4), named(*range(5), plan=3))
    assert waiting(state) == [3, 4]
    apply(state, COLLECTED)
    assert (state.succeeded, state.ended, list(state.again)) == (1, {0: Reason.NOT_FOUND}, [2])


def test_a_unit_wanted_again_after_the_run_passed_it_waits_for_another_turn() -> None:
    state = after(named(2, 3), facts.Batched.of(1, (2, 3)))
    assert state.cursor == 5
    apply(state, named(*range(5), plan=3))
    assert list(state.again) == [0, 1, 4]


def test_units_that_ended_and_are_to_be_tried_anew_have_all_their_tries() -> None:
    ended = facts.Ended(AT, {3: Reason.ANOTHER_SIZE}, {3: SIZE})
    state = after(CUT, INTENDED, SUBMITTED, COLLECTED, ended, named(*range(5), anew=(0, 3)))
    assert (state.ended, state.tries, state.wrong_sizes) == ({}, {2: 1}, {})
    assert waiting(state) == [4, 2, 0, 3]
    withdrawn = after(CUT, INTENDED, SUBMITTED, COLLECTED, named(1), named(*range(5), plan=3, anew=(0,)))
    assert (withdrawn.ended, list(withdrawn.again)) == ({}, [0, 2, 3, 4])


def test_a_finished_run_goes_on_with_a_further_plan() -> None:
    state = after(facts.Ended(AT, {0: Reason.NO_SIZE}), facts.Finished(AT), total=1)
    apply(state, named(0, 1, of=2))
    assert (state.finished_at, state.plan, waiting(state)) == ("", 2, [1])


def test_a_run_is_over_when_all_that_is_wanted_has_ended_and_no_job_is_left() -> None:
    state = after(CUT, INTENDED, SUBMITTED, facts.Ended(AT, {3: Reason.NO_SIZE}), named(3))
    with pytest.raises(RunDamaged, match="not every unit has ended"):
        apply(state, facts.Finished(AT))
    apply(state, COLLECTED)
    apply(state, facts.Finished(AT))


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        (named(0, plan=3), "plan 2 is next"),
        (named(0, of=4), "are never taken away"),
        (named(0, 6, of=7), "a new unit that the plan does not name"),
        (named(0, anew=(1,)), "unit 1 is not named, and cannot be tried anew"),
        (named(0, 1, anew=(1,)), "unit 1 has not ended"),
    ],
)
def test_a_plan_that_contradicts_the_run_is_refused_and_changes_nothing(fact: facts.Planned, why: str) -> None:
    state = after(CUT, INTENDED, SUBMITTED, COLLECTED)
    before = encode_state(state)
    with pytest.raises(RunDamaged, match=why):
        apply(state, fact)
    assert encode_state(state) == before


def test_a_first_plan_names_all_units_that_there_are() -> None:
    for fact, why in ((named(1, plan=1), "does not name"), (named(*range(5)), "plan 1 is next")):
        with pytest.raises(RunDamaged, match=why):
            apply(Durable(), fact)
    state = Durable()
    apply(state, planned(5))
    assert (state.plan, state.units, state.named) == (1, 5, ((0, 4),))


def test_a_batch_is_cut_of_named_units_alone() -> None:
    state = after(named(0, 3))
    with pytest.raises(RunDamaged, match="unit 1 does not wait for submission"):
        apply(state, facts.Batched.of(1, (0, 1)))
    apply(state, facts.Batched.of(1, (3,)))
    assert waiting(state) == [3, 0]


def test_a_state_after_several_plans_is_read_from_a_snapshot_as_it_was() -> None:
    state = after(CUT, INTENDED, SUBMITTED, named(2, 3, 5, of=6), COLLECTED, named(0, 2, of=6, plan=3))
    assert snapshot.decode(snapshot.encode(state, Position(1, 1)), name="snapshot-1.json")[0] == state
