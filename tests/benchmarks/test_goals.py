"""The yardstick's goals hold: counts and virtual time, never time on the wall."""

from __future__ import annotations

from dataclasses import replace

import pytest
from benchmarks.cases import group
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
