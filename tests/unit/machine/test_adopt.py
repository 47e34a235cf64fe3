"""The reply that never came: one test for each rule of the judgement."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from coralrun.machine import adopt
from coralrun.machine.adopt import Arrived, Await, Doubtful, Examine, NeverArrived
from coralrun.machine.job_id import JobId
from coralrun.machine.notes import Newer, Verdict

OURS, FOREIGN, SAME_SIZE, UNKNOWABLE = Verdict.OURS, Verdict.FOREIGN, Verdict.SAME_SIZE, Verdict.UNKNOWABLE


def judge(
    *,
    active: Collection[JobId] = (),
    finished: Collection[JobId] = (),
    conclusive: bool = True,
    max_active: int = 5,
    ours: Collection[JobId] = (),
    verdicts: Mapping[JobId, Verdict] | None = None,
) -> adopt.Judgement:
    """Judge a listing of which all jobs are newer than the intent."""
    newer = Newer((*active, *finished), conclusive)
    return adopt.judge(newer, active=active, max_active=max_active, ours=ours, verdicts=verdicts or {})


def test_an_empty_list_says_that_it_never_arrived() -> None:
    assert judge() == NeverArrived()


def test_jobs_that_the_run_has_already_are_no_candidates() -> None:
    assert judge(active=["101"], finished=["102"], ours={"101", "102"}) == NeverArrived()


def test_a_finished_candidate_is_examined_and_then_taken_or_dismissed() -> None:
    assert judge(finished=["101"]) == Examine("101", active=False)
    assert judge(finished=["101"], verdicts={"101": OURS}) == Arrived("101")
    assert judge(finished=["101"], verdicts={"101": FOREIGN}) == NeverArrived()


def test_a_finished_candidate_of_our_size_is_examined_by_its_result() -> None:
    assert judge(finished=["101"], verdicts={"101": SAME_SIZE}) == Examine("101", active=False)


def test_a_job_known_to_be_ours_needs_no_look_at_the_others() -> None:
    assert judge(active=["104"], finished=["103", "102"], verdicts={"102": OURS}) == Arrived("102")


def test_an_active_candidate_of_another_size_is_not_ours() -> None:
    assert judge(active=["101"]) == Examine("101", active=True)
    assert judge(active=["101"], verdicts={"101": FOREIGN}) == NeverArrived()


def test_an_active_candidate_of_our_size_is_waited_for() -> None:
    assert judge(active=["102", "101"], verdicts={"101": FOREIGN, "102": SAME_SIZE}) == Await(("102",))


def test_every_active_candidate_is_examined_before_one_is_waited_for() -> None:
    assert judge(active=["101", "102"], verdicts={"101": SAME_SIZE}) == Examine("102", active=True)
    assert judge(active=["101", "102"], verdicts={"101": SAME_SIZE, "102": SAME_SIZE}) == Await(("101", "102"))
    assert judge(active=["101", "102"], verdicts={"101": SAME_SIZE, "102": OURS}) == Arrived("102")


def test_active_candidates_are_examined_in_the_order_that_the_service_gives() -> None:
    assert judge(active=["103", "102"]) == Examine("103", active=True)


def test_a_closed_account_shows_nothing_and_so_proves_nothing() -> None:
    assert judge(max_active=0) == Await(())


def test_a_list_that_may_lack_a_newer_job_leaves_a_doubt() -> None:
    assert judge(conclusive=False) == Doubtful()
    assert judge(finished=["101"], verdicts={"101": FOREIGN}, conclusive=False) == Doubtful()
    assert judge(finished=["101"], verdicts={"101": OURS}, conclusive=False) == Arrived("101")
    assert judge(active=["101"], verdicts={"101": SAME_SIZE}, conclusive=False) == Await(("101",))


def test_a_candidate_that_cannot_be_known_leaves_a_doubt() -> None:
    assert judge(finished=["101"], verdicts={"101": UNKNOWABLE}) == Doubtful()
    assert judge(active=["101"], verdicts={"101": UNKNOWABLE}) == Doubtful()
    assert judge(finished=["102", "101"], verdicts={"101": UNKNOWABLE, "102": OURS}) == Arrived("102")
