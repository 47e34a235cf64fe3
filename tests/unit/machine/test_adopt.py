"""The reply that never came: one test for each rule of the judgement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from coralrun.machine import adopt
from coralrun.machine.adopt import Arrived, Await, Doubtful, Examine, NeverArrived
from coralrun.machine.durable import Batch, Phase
from coralrun.machine.notes import Verdict

OURS, FOREIGN, SAME_SIZE, UNKNOWABLE = Verdict.OURS, Verdict.FOREIGN, Verdict.SAME_SIZE, Verdict.UNKNOWABLE
BATCH = Batch(number=7, units=(0, 1), phase=Phase.INTENDED, attempt=1, entries=2, after_job=100, done_before=(99, 98))


def judge(
    *,
    active: Collection[int] = (),
    finished: Sequence[int] = (),
    max_active: int = 5,
    ours: Collection[int] = (),
    verdicts: Mapping[int, Verdict] | None = None,
) -> adopt.Judgement:
    return adopt.judge(
        BATCH, active=active, finished=finished, max_active=max_active, ours=ours, verdicts=verdicts or {}
    )


def test_an_empty_list_says_that_it_never_arrived() -> None:
    assert judge() == NeverArrived()


def test_jobs_from_before_the_intent_are_no_candidates() -> None:
    assert judge(active=[100], finished=[99, 98]) == NeverArrived()


def test_jobs_that_the_run_has_already_are_no_candidates() -> None:
    assert judge(active=[101], finished=[102], ours={101, 102}) == NeverArrived()


def test_a_finished_candidate_is_examined_and_then_taken_or_dismissed() -> None:
    assert judge(finished=[101]) == Examine(101, active=False)
    assert judge(finished=[101], verdicts={101: OURS}) == Arrived(101)
    assert judge(finished=[101], verdicts={101: FOREIGN}) == NeverArrived()


def test_a_finished_candidate_that_was_of_our_size_while_active_is_examined_by_its_result() -> None:
    assert judge(finished=[101], verdicts={101: SAME_SIZE}) == Examine(101, active=False)


def test_a_job_known_to_be_ours_needs_no_look_at_the_others() -> None:
    assert judge(active=[104], finished=[103, 102], verdicts={102: OURS}) == Arrived(102)


def test_an_active_candidate_of_another_size_is_not_ours() -> None:
    assert judge(active=[101]) == Examine(101, active=True)
    assert judge(active=[101], verdicts={101: FOREIGN}) == NeverArrived()


def test_an_active_candidate_of_our_size_is_waited_for() -> None:
    assert judge(active=[102, 101], verdicts={101: FOREIGN, 102: SAME_SIZE}) == Await((102,))


def test_every_active_candidate_is_examined_before_one_is_waited_for() -> None:
    assert judge(active=[101, 102], verdicts={101: SAME_SIZE}) == Examine(102, active=True)
    assert judge(active=[101, 102], verdicts={101: SAME_SIZE, 102: SAME_SIZE}) == Await((101, 102))
    assert judge(active=[101, 102], verdicts={101: SAME_SIZE, 102: OURS}) == Arrived(102)


def test_the_oldest_active_candidate_comes_first() -> None:
    assert judge(active=[103, 102]) == Examine(102, active=True)


def test_a_closed_account_shows_nothing_and_so_proves_nothing() -> None:
    assert judge(max_active=0) == Await(())


def test_a_full_list_may_have_pushed_ours_out() -> None:
    full = list(range(110, 100, -1))
    foreign = dict.fromkeys(full, FOREIGN)
    assert judge(finished=full, verdicts=foreign) == Doubtful()
    assert judge(finished=full[1:], verdicts=foreign) == NeverArrived()


def test_a_full_list_that_reaches_back_before_the_intent_has_pushed_nothing_out() -> None:
    full = [*range(109, 100, -1), 99]
    assert judge(finished=full, verdicts=dict.fromkeys(full, FOREIGN)) == NeverArrived()
    older = [*range(109, 100, -1), 97]  # it may have finished after the intent
    assert judge(finished=older, verdicts=dict.fromkeys(older, FOREIGN)) == Doubtful()


def test_a_candidate_that_cannot_be_known_leaves_a_doubt() -> None:
    assert judge(finished=[101], verdicts={101: UNKNOWABLE}) == Doubtful()
    assert judge(active=[101], verdicts={101: UNKNOWABLE}) == Doubtful()
    assert judge(finished=[102, 101], verdicts={101: UNKNOWABLE, 102: OURS}) == Arrived(102)
