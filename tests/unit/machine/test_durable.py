"""The transition table: every legal move, every illegal one, and the bookkeeping of images."""

from __future__ import annotations

import pytest
from tests.unit.states import state_of

from coralrun.errors import RunDamaged
from coralrun.machine import facts
from coralrun.machine.apply import TABLE, apply
from coralrun.machine.batches import Phase
from coralrun.machine.codec import encode_state
from coralrun.machine.durable import Durable
from coralrun.machine.fact_fields import PauseWhy, RefusedWhy
from coralrun.machine.reasons import Reason
from coralrun.machine.runs import from_ranges, to_ranges
from coralrun.planning.images import Size
from coralrun.store import snapshot
from coralrun.store.journal import Position

AT = "2026-01-01T00:00:00Z"
SIZE = Size(100, 80)

BATCHED = facts.Batched.of(1, (0, 1, 2))
INTENDED = facts.Intended.of(AT, 1, 1, 3, "40", ("39",), (SIZE,) * 3)
SUBMITTED = facts.Submitted(AT, 1, 1, "41")
REFUSED = facts.Refused(AT, 1, 1, RefusedWhy.NO_SLOT)
DOUBTED = facts.Doubted(AT, 1, 1)
COLLECTED = facts.Collected(AT, 1, 1, "41", "0" * 64, 1, {0: Reason.NOT_FOUND}, {2: Reason.HOST_ERROR})
GAVE_UP = facts.GaveUp(AT, 1, 1, "41", Reason.JOB_LOST, {}, dict.fromkeys((0, 1, 2), Reason.JOB_LOST))

TO: dict[Phase | None, tuple[facts.Fact, ...]] = {
    None: (),
    Phase.CUT: (BATCHED,),
    Phase.INTENDED: (BATCHED, INTENDED),
    Phase.ACTIVE: (BATCHED, INTENDED, SUBMITTED),
    Phase.COLLECTED: (BATCHED, INTENDED, SUBMITTED, COLLECTED),
    Phase.ABANDONED: (BATCHED, INTENDED, SUBMITTED, GAVE_UP),
}
MOVES: tuple[facts.Fact, ...] = (BATCHED, INTENDED, SUBMITTED, REFUSED, DOUBTED, COLLECTED, GAVE_UP)
LEGAL = [(phase, fact) for phase in TO for fact in MOVES if (phase, type(fact)) in TABLE]
ILLEGAL = [(phase, fact) for phase in TO for fact in MOVES if (phase, type(fact)) not in TABLE]


def after(*happened: facts.Fact, total: int = 5) -> Durable:
    state = Durable() if facts.Planned in map(type, happened) else state_of(total)
    for fact in happened:
        apply(state, fact)
    return state


def read_again(state: Durable) -> Durable:
    return snapshot.decode(snapshot.encode(state, Position(1, 1)), name="snapshot-1.json")[0]


def phase_of(state: Durable, number: int) -> Phase | None:
    batch = state.batch_of(number)
    if batch is not None:
        return batch.phase
    closed = [job for job in state.closed if job.batch == number]
    if not closed:
        return None
    return Phase.COLLECTED if closed[0].sha256 else Phase.ABANDONED


def assert_refused(state: Durable, fact: facts.Fact, why: str) -> None:
    before = encode_state(state)
    jobs = set(state.jobs)
    with pytest.raises(RunDamaged, match=why):
        apply(state, fact)
    assert encode_state(state) == before
    assert state.jobs == jobs


def test_nothing_happens_before_a_plan_is_in_force() -> None:
    for fact in (facts.Opened(AT, "1"), facts.Finished(AT), BATCHED):
        with pytest.raises(RunDamaged, match="a run begins with its plan"):
            apply(Durable(), fact)


def test_the_cases_below_are_the_whole_table() -> None:
    assert len(LEGAL) == len(TABLE) == 7
    assert len(LEGAL) + len(ILLEGAL) == len(TO) * len(MOVES)


@pytest.mark.parametrize(("phase", "fact"), LEGAL, ids=lambda part: getattr(part, "name", type(part).__name__))
def test_a_move_of_the_table_leads_where_the_table_says(phase: Phase | None, fact: facts.Fact) -> None:
    state = after(*TO[phase])
    assert phase_of(state, 1) is phase
    apply(state, fact)
    assert phase_of(state, 1) is TABLE[phase, type(fact)]


@pytest.mark.parametrize(
    ("happened", "names"),
    [
        ((BATCHED,), set()),
        ((BATCHED, INTENDED), {"b00001.a1"}),
        ((BATCHED, INTENDED, SUBMITTED), {"b00001.a1"}),
        ((BATCHED, INTENDED, DOUBTED), set()),
        ((BATCHED, INTENDED, SUBMITTED, COLLECTED), set()),
        ((BATCHED, INTENDED, SUBMITTED, GAVE_UP), set()),
    ],
)
def test_only_attempts_that_may_be_answered_yet_are_under_way(
    happened: tuple[facts.Fact, ...], names: set[str]
) -> None:
    assert after(*happened).attempts_under_way() == names


@pytest.mark.parametrize(("phase", "fact"), ILLEGAL, ids=lambda part: getattr(part, "name", type(part).__name__))
def test_any_other_move_is_refused_and_changes_nothing(phase: Phase | None, fact: facts.Fact) -> None:
    assert_refused(after(*TO[phase]), fact, "an impossible record")


@pytest.mark.parametrize(
    ("phase", "fact", "why"),
    [
        (None, facts.Batched.of(2, (0,)), "batch 1 is next"),
        (None, facts.Batched.of(1, ()), "no units"),
        (None, facts.Batched.of(1, (0, 0)), "one twice"),
        (None, facts.Batched.of(1, (5,)), "unit 5 does not wait"),
        (None, facts.Batched.of(1, (-1,)), "unit -1 does not wait"),
        (None, facts.Batched.of(1, (1, 0)), "unit 0 does not wait"),
        (Phase.ACTIVE, facts.Batched.of(2, (0,)), "unit 0 does not wait"),
        (Phase.CUT, facts.Intended.of(AT, 1, 2, 3, "0", (), (SIZE,) * 3), "attempt 1 is next"),
        (Phase.CUT, facts.Intended.of(AT, 1, 1, 3, "0", (), (SIZE,) * 2), "a size for each unit"),
        (Phase.INTENDED, facts.Submitted(AT, 1, 2, "41"), "attempt 1 is next"),
        (Phase.INTENDED, facts.Submitted(AT, 2, 1, "41"), "no such batch"),
        (Phase.INTENDED, facts.Refused(AT, 1, 1, RefusedWhy.BAD_ENTRY, {4: Reason.REJECTED}), "not in the batch"),
        (Phase.ACTIVE, facts.Collected(AT, 1, 1, "42", "", 3), "batch 1 is job 41"),
        (Phase.ACTIVE, facts.Collected(AT, 1, 1, "41", "", 2), "do not add up"),
        (Phase.ACTIVE, facts.Collected(AT, 1, 1, "41", "", 2, {4: Reason.DENIED}), "not in the batch"),
        (
            Phase.ACTIVE,
            facts.Collected(AT, 1, 1, "41", "", 1, {0: Reason.DENIED}, {0: Reason.HOST_ERROR}),
            "a unit that ends twice",
        ),
        (Phase.ACTIVE, facts.Ended(AT, {0: Reason.NO_SIZE}), "unit 0 does not wait"),
        (Phase.INTENDED, facts.Ended(AT, {0: Reason.NO_SIZE}), "unit 0 does not wait"),
        (Phase.COLLECTED, facts.Ended(AT, {0: Reason.NO_SIZE}), "unit 0 does not wait"),
        (None, facts.Ended(AT, {0: Reason.ANOTHER_SIZE}, {1: SIZE}), "the size of a unit that did not end"),
        (Phase.COLLECTED, facts.Finished(AT), "not every unit has ended"),
        (Phase.COLLECTED, facts.Batched.of(2, (0,)), "unit 0 has ended"),
    ],
)
def test_a_fact_that_contradicts_the_state_is_refused_and_changes_nothing(
    phase: Phase | None, fact: facts.Fact, why: str
) -> None:
    assert_refused(after(*TO[phase]), fact, why)


def test_a_job_belongs_to_one_batch_for_ever() -> None:
    state = after(*TO[Phase.COLLECTED], facts.Batched.of(2, (3,)), facts.Intended.of(AT, 2, 1, 1, "41", (), (SIZE,)))
    assert_refused(state, facts.Submitted(AT, 2, 1, "41"), "job 41 is already known")


def test_nothing_happens_after_the_end_but_that_the_run_is_opened() -> None:
    state = after(facts.Ended(AT, {0: Reason.NO_SIZE}), facts.Finished(AT), total=1)
    for fact in (BATCHED, facts.Limited(AT, 3), facts.Paused(AT, PauseWhy.NO_SLOTS, ""), facts.Finished(AT)):
        assert_refused(state, fact, "the run had finished")
    apply(state, facts.Opened(AT, "1"))
    assert state.sessions == 1


def test_a_collected_batch_shares_its_images_out() -> None:
    state = after(*TO[Phase.COLLECTED])
    assert state.succeeded == 1
    assert state.ended == {0: Reason.NOT_FOUND}
    assert list(state.again) == [2]
    assert state.tries == {0: 1, 2: 1}
    assert state.units_over == 2
    assert [image for image in range(5) if state.waits(image)] == [2, 3, 4]
    assert state.closed[0].missed == (0, 2)
    assert state.closed[0].succeeded == (1,)


def test_a_job_that_was_given_up_classified_nothing() -> None:
    assert after(*TO[Phase.ABANDONED]).closed[0].succeeded == ()


def test_images_wait_for_another_try_in_the_order_of_their_batch() -> None:
    images = (2, 9, 10)
    cut = facts.Batched.of(1, images)
    intended = facts.Intended.of(AT, 1, 1, 3, "0", (), (SIZE,) * 3)
    for order in ((2, 9, 10), (10, 2, 9), (10, 9, 2)):
        lost = facts.GaveUp(AT, 1, 1, "7", Reason.JOB_LOST, {}, dict.fromkeys(order, Reason.JOB_LOST))
        state = after(cut, intended, facts.Submitted(AT, 1, 1, "7"), lost, total=12)
        assert list(state.again)[-3:] == list(images)
        assert state.closed[0].missed == images


def test_images_that_a_cut_passes_over_wait_their_turn_behind_it() -> None:
    state = after(facts.Batched.of(1, (1, 3)))
    assert list(state.again) == [0, 2]
    assert state.cursor == 4
    assert all(state.waits(image) for image in range(5))


def test_a_batch_takes_images_of_both_kinds_and_leaves_none_behind() -> None:
    state = after(*TO[Phase.COLLECTED], facts.Batched.of(2, (3, 4, 2)))
    assert list(state.again) == []
    assert state.cursor == 5
    assert state.open is not None
    assert state.open.units == (3, 4, 2)


def test_an_image_that_the_service_refuses_by_name_ends_and_the_rest_is_sent_again() -> None:
    refused = facts.Refused(AT, 1, 1, RefusedWhy.BAD_ENTRY, {1: Reason.REJECTED})
    state = after(BATCHED, INTENDED, refused)
    assert state.ended == {1: Reason.REJECTED}
    assert state.open is not None
    assert (state.open.units, state.open.phase, state.open.attempt) == ((0, 2), Phase.CUT, 1)
    assert state.refusals == 1


def test_a_batch_of_which_every_image_has_ended_is_gone() -> None:
    drop = dict.fromkeys((0, 1, 2), Reason.REJECTED)
    state = after(BATCHED, INTENDED, facts.Refused(AT, 1, 1, RefusedWhy.BAD_ENTRY, drop))
    assert state.open is None
    apply(state, facts.Batched.of(2, (3,)))
    apply(state, facts.Ended(AT, {3: Reason.AREA_TOO_SMALL}))
    assert state.open is None
    assert state.next_batch == 3
    assert [image for image in range(5) if state.waits(image)] == [4]


def test_the_cursor_passes_over_images_that_ended_before_their_turn() -> None:
    state = after(facts.Ended(AT, {1: Reason.NO_SIZE}), facts.Batched.of(1, (0,)))
    assert state.cursor == 2
    assert list(state.again) == []


def test_a_doubt_is_counted_and_the_batch_is_sent_again() -> None:
    state = after(BATCHED, INTENDED, DOUBTED, facts.Intended.of(AT, 1, 2, 3, "50", (), (SIZE,) * 3))
    assert state.doubts == [(1, 1)]
    assert state.open is not None
    assert state.open.attempt == 2


def test_a_job_that_is_over_keeps_the_sizes_from_which_its_points_follow() -> None:
    other = Size(50, 60)
    intended = facts.Intended.of(AT, 1, 1, 3, "40", ("39",), (SIZE, SIZE, other))
    for closing in (COLLECTED, GAVE_UP):
        state = after(BATCHED, intended, SUBMITTED, closing)
        assert state.closed[0].sizes == ((SIZE, 2), (other, 1))
        assert read_again(state) == state


def test_an_image_that_ended_because_of_its_size_keeps_that_size() -> None:
    state = after(facts.Ended(AT, {0: Reason.ANOTHER_SIZE, 1: Reason.DENIED}, {0: SIZE}))
    assert (state.ended, state.wrong_sizes) == ({0: Reason.ANOTHER_SIZE, 1: Reason.DENIED}, {0: SIZE})
    assert read_again(state) == state


def test_a_pause_lasts_until_the_run_is_opened_again() -> None:
    state = after(facts.Paused(AT, PauseWhy.CREDENTIALS, "no"))
    assert state.paused is not None
    apply(state, facts.Opened(AT, "1"))
    assert state.paused is None


@pytest.mark.parametrize("phase", list(TO))
def test_the_state_comes_back_from_json_as_it_was(phase: Phase | None) -> None:
    state = after(facts.Opened(AT, "1"), facts.Limited(AT, 4), *TO[phase])
    again = read_again(state)
    assert again == state
    assert list(again.again) == list(state.again)


def test_runs_of_numbers_keep_their_order() -> None:
    assert to_ranges((3, 4, 5, 2)) == ((3, 5), (2, 2))
    assert from_ranges(((3, 5), (2, 2))) == (3, 4, 5, 2)
    assert to_ranges(()) == ()
