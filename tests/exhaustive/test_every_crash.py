"""A small run that crashes at any one moment, in any way, still ends with every image credited once and no second job.

For the three smallest also pairs: a crash in the run, and a crash in its resume. `make test` tries every pair of the
very smallest and a third of the others', in which each moment of either process is; with CORALRUN_CRASH=all, all.
"""

from __future__ import annotations

import os

import pytest
from tests.exhaustive.harness import IDENTITY, Fate, Life, Way, attempt_of, units_of
from tests.exhaustive.scenarios import SCENARIOS, SMALLEST, Scenario

from coralrun.planning.points import points_of

ALL = os.environ.get("CORALRUN_CRASH") == "all"
PAIR_WAYS = (Way.LOST, Way.KEPT, Way.TORN)


def check_end(life: Life, scenario: Scenario, what: str) -> None:
    """Every image is credited with its own points; every attempt was one job at most, and all are known or doubted."""
    plan = life.plan
    assert plan.design is not None
    expected = {
        unit: points_of(plan.design, image.key, image.size)
        for unit, image in zip(units_of(plan).unit_of, plan.images, strict=True)
        if image.size is not None
    }
    assert life.credited() == expected, what
    assert life.state.finished_at, what
    assert set(life.attempts_made().values()) == {1}, what
    doubted = {f"{IDENTITY.run}.{batch}.{attempt}" for batch, attempt in life.state.doubts}
    assert scenario.may_leave_doubts or not doubted, what
    unknown = {attempt_of(job.mark) for job in life.platform.jobs if str(job.number) not in life.state.jobs}
    assert unknown <= doubted, what


def dies(life: Life, fate: Fate, what: str) -> bool:
    """Let a process live with this fate; whether it was the process's last moment."""
    finished = life.process(fate)
    struck = fate.count >= fate.at
    assert finished or struck, f"{what}: it ended before its fate {fate}"
    return struck


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_crash_at_any_moment_in_any_way_changes_nothing_but_time(scenario: Scenario) -> None:
    crashes, every = 0, 1 if ALL else scenario.every
    for way in Way:
        at = 1 - every
        struck = True
        while struck:
            at += every
            life = scenario.life()
            struck = dies(life, Fate(at, way), scenario.name)
            if struck:
                crashes += 1
                assert life.process(Fate()), f"{scenario.name}: after moment {at}, {way}"
            check_end(life, scenario, f"{scenario.name}: moment {at}, {way}")
    print(f"{scenario.name}: {crashes} crashes")
    assert crashes > 5 * 15


@pytest.mark.parametrize("scenario", SMALLEST, ids=lambda scenario: scenario.name)
@pytest.mark.parametrize("way", PAIR_WAYS)
def test_a_crash_in_the_run_and_one_in_its_resume_change_nothing_but_time(scenario: Scenario, way: Way) -> None:
    pairs = first = 0
    every = 1 if ALL or scenario is SMALLEST[0] else 3
    while True:
        first += 1
        crashed = scenario.life()
        if not dies(crashed, Fate(first, way), scenario.name):
            break
        second = -(first % every)
        struck = True
        while struck:
            second += every
            life = crashed.copied()
            struck = dies(life, Fate(second, way), scenario.name)
            if struck:
                pairs += 1
                assert life.process(Fate()), f"{scenario.name}: moments {first} and {second}, {way}"
            check_end(life, scenario, f"{scenario.name}: moments {first} and {second}, {way}")
    print(f"{scenario.name}: {pairs} pairs, {way}")
    assert pairs > 15 * 15 / every
