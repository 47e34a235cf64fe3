"""The yardstick's goals hold: counts and virtual time, never time on the wall."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from benchmarks.__main__ import measured_again, report
from benchmarks.cases import ODD_MODEL, SLOTS, all_groups, group
from benchmarks.goals import GOALS, Goal, missed, slower_than_fixed
from benchmarks.models import MODELS
from benchmarks.table import rows_of, to_json, to_markdown
from benchmarks.world import Case

from benchmarks import engine, rivals

FEW = 4
FACTS_A_JOB = 4.1  # cut, intended, submitted, collected; and a few for the whole run


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.group.name)
def test_each_goal_holds(goal: Goal) -> None:
    """On fewer seeds than `make bench` takes, with a tenth more of the idle time and of the requests."""
    few = replace(goal, group=replace(goal.group, cases=goal.group.cases[:FEW]))
    assert missed([few.eased()]) == []


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared"])
def test_coralrun_is_never_slower_than_the_fixed_patience_loop_and_causes_no_throttling(
    model: str, shared: bool
) -> None:
    whole = group(model, 671 if shared else 6_000, shared=shared)
    rows = rows_of(replace(whole, cases=whole.cases[:FEW]), ["coralrun", "fixed 75 s loop"])
    assert slower_than_fixed(rows) == []
    ours = rows[0]
    assert ours.throttled == 0
    if not shared:
        assert ours.no_slot == 0
        assert ours.facts_a_job <= FACTS_A_JOB


GROWS = "grows with size"  # there more jobs than full batches would be are right


@pytest.mark.parametrize("model", [model for model in MODELS if model != ODD_MODEL])
@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared"])
@pytest.mark.parametrize("pages", [False, True], ids=["free", "pages"])
def test_a_small_survey_with_and_without_pages_is_never_slower_and_makes_no_job_that_full_batches_would_not(
    model: str, shared: bool, pages: bool
) -> None:
    whole = group(model, 671, shared=shared, pages=pages)
    few = whole if model == GROWS else replace(whole, cases=whole.cases[:FEW])  # its seeds draw nothing but the phase
    rows = rows_of(few, ["coralrun", "fixed 75 s loop"])
    assert slower_than_fixed(rows) == []
    assert rows[0].throttled == 0
    if model != GROWS:
        assert rows[0].jobs == whole.cases[0].jobs


@pytest.mark.parametrize("slots", SLOTS)
def test_with_any_number_of_slots_it_is_never_slower_and_makes_no_job_more(slots: int) -> None:
    for model in ("2-6 min", "production"):
        whole = group(model, 6_000, slots=slots)
        rows = rows_of(replace(whole, cases=whole.cases[:2]), ["coralrun", "fixed 75 s loop"])
        assert slower_than_fixed(rows) == []
        assert rows[0].throttled == rows[0].no_slot == 0
        assert rows[0].jobs == whole.cases[0].jobs


@pytest.mark.parametrize("slots", [2, 5, 9])
def test_with_pages_at_four_a_second_sixty_jobs_are_never_slower_and_no_more(slots: int) -> None:
    whole = group("2-6 min", 6_000, slots=slots, pages=True)
    rows = rows_of(replace(whole, cases=whole.cases[:1]), ["coralrun", "fixed 75 s loop"])
    assert slower_than_fixed(rows) == []
    assert rows[0].throttled == 0
    assert rows[0].jobs == whole.cases[0].jobs


def test_growth_is_used_where_pages_are_free_and_costs_nothing_where_they_are_not() -> None:
    free, paged = (rows_of(group(GROWS, 671, pages=pages), ["coralrun", "fixed 75 s loop"]) for pages in (False, True))
    assert free[0].ratio <= 1.0 < free[1].ratio
    assert paged[0].ratio < paged[1].ratio


@pytest.mark.parametrize("slots", [1, 2, 5])
def test_where_every_job_takes_four_beats_of_the_fixed_loop_it_is_not_slower_either(slots: int) -> None:
    whole = group(GROWS, 6_000, slots=slots)
    rows = rows_of(replace(whole, cases=whole.cases[:FEW]), ["coralrun", "fixed 75 s loop"])
    assert slower_than_fixed(rows) == []


def test_every_number_of_slots_is_measured_alone_and_shared() -> None:
    names = {each.name for each in all_groups()}
    assert len(names) == len(list(all_groups()))
    for slots in range(2, 10):
        for more in ("", ", pages", ", shared", ", shared, pages"):
            assert f"2-6 min, 60 jobs, {slots} slots{more}" in names


def test_a_row_that_one_survey_made_slower_is_measured_again_by_all_seeds() -> None:
    unlucky = replace(rows_of(group("production", 671))[0], group="production, 60 jobs, 3 slots", ratio=2.0)
    lucky = replace(unlucky, policy="fixed 75 s loop", ratio=1.0)
    other = rows_of(group("production", 671))
    with ThreadPoolExecutor(1) as pool:
        ours, fixed, *kept = measured_again([unlucky, lucky, *other], pool)
    assert (ours.policy, fixed.policy) == ("coralrun", "fixed 75 s loop")
    assert ours.ratio < fixed.ratio < 2.0
    assert kept == other


def test_the_report_says_of_its_rows_what_they_show() -> None:
    ours, fixed, *_ = rows_of(group(ODD_MODEL, 2_000))
    beaten = [ours, replace(fixed, ratio=ours.ratio - 0.01)]
    grown = rows_of(group(GROWS, 671))
    text = report([*beaten, *grown], ["a goal"], slower_than_fixed(beaten), "")
    assert "Goals missed: a goal." in text
    assert f"of 2 groups:\n\n- exactly 5 min, 20 jobs, 5 slots: {ours.ratio:.4f} x the bound" in text
    assert f"grows with size, 7 jobs, 5 slots: {grown[0].ratio:.3f}\n" in text
    assert "of 1 groups:\n\n- none\n" in report(grown, [], slower_than_fixed(grown), "")
    assert "grows with size" not in report(beaten, [], [], "")


def test_the_fixed_loop_is_the_one_that_was_measured() -> None:
    """Its figures in the issue: 1 to 2 min 1.54 x and 3.8 requests; 2 to 6, 1.19 and 5.7; 4 to 20, 1.05 and 12.1."""
    expected = {"1-2 min": (1.54, 3.8), "2-6 min": (1.19, 5.7), "4-20 min": (1.05, 12.1)}
    for model, (ratio, requests) in expected.items():
        (row,) = rows_of(group(model, 6_000), ["fixed 75 s loop"])
        assert row.ratio == pytest.approx(ratio, abs=0.06)
        assert row.requests_a_job == pytest.approx(requests, abs=0.3)


def test_nothing_is_faster_than_the_bound_where_batches_are_the_same() -> None:
    for model in ("1-2 min", "2-6 min", "4-20 min", "heavy tail"):
        case = Case(model=model, images=2_000, seed=3)
        assert engine.coralrun(case).makespan_s > rivals.bound(case).makespan_s


@pytest.mark.parametrize("shared", [False, True])
def test_slots_are_idle_for_a_share_of_the_time_also_beside_a_client_that_was_there_before(shared: bool) -> None:
    for row in rows_of(group("1-2 min", 671, shared=shared)):
        assert 0 <= row.idle_share < 1, row


def test_the_same_seed_gives_the_same_figures() -> None:
    case = Case(model="2-6 min", images=2_000, seed=5, pages=True)
    assert engine.coralrun(case) == engine.coralrun(case)


def test_a_long_survey_of_short_jobs_stays_within_the_hour() -> None:
    outcome = engine.coralrun(Case(model="1-2 min", images=30_000))
    assert outcome.most_an_hour <= 1_000
    assert outcome.most_a_minute <= 60
    assert outcome.throttled == 0


def test_rows_become_a_table_and_plain_values() -> None:
    rows = rows_of(group("production", 671))
    table = to_markdown(rows).splitlines()
    assert len(table) == 2 + len(rows)
    assert len({line.count("|") for line in table}) == 1
    assert to_json(rows)[0]["policy"] == "coralrun"
