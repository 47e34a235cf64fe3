"""The engine keeps its promises in every world drawn, and the simulator notices when it is made to break them."""

from __future__ import annotations

import pytest

from .faults import FAULTS, World
from .knobs import draw
from .many import REGRESSIONS, regressions, run_seeds
from .sabotage import SABOTAGES, Sabotage
from .witness import Violation
from .world import live

SEEDS = range(300)
NO_SETTLE_WAIT_SEED = 5


def test_every_world_ends_with_every_image_ended_once_and_no_job_made_twice() -> None:
    summary = run_seeds(SEEDS)
    assert summary.violations == {}
    assert summary.seeds == len(SEEDS)
    missed = [fault for fault, row in FAULTS.items() if row.world is World.TOY and summary.faults[fault] < 5]
    assert missed == [], "faults that hardly struck: the worlds would prove less than they say"
    for branch in ("adopted", "Doubted", "Refused: never-arrived", "Refused: bad-entry", "GaveUp: job-stuck"):
        assert summary.branches[branch] >= 5, f"{branch} was hardly tried"
    assert summary.processes > 2 * len(SEEDS)


def test_seeds_that_once_failed_hold() -> None:
    assert REGRESSIONS.is_file()
    assert run_seeds(regressions()).violations == {}


def test_the_same_seed_lives_the_same_life() -> None:
    first: list[str] = []
    second: list[str] = []
    live(draw(23), trace=first)
    live(draw(23), trace=second)
    assert first == second
    assert len(first) > 10


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_a_rule_that_is_taken_away_is_missed(sabotage: Sabotage) -> None:
    live(draw(sabotage.seed))
    with sabotage.broken(), pytest.raises(Violation, match=sabotage.says):
        live(draw(sabotage.seed))


def test_without_the_settle_wait_batches_are_submitted_twice() -> None:
    live(draw(NO_SETTLE_WAIT_SEED))
    with pytest.raises(Violation, match="is a duplicate"):
        live(draw(NO_SETTLE_WAIT_SEED), settle_s=0.0)
