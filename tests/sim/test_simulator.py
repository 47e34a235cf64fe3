"""The engine keeps its promises in every world drawn, and the simulator notices when it is made to break them."""

from __future__ import annotations

import pytest

from coralrun import limits

from .faults import FAULTS, World
from .knobs import draw
from .many import REGRESSIONS, regressions, run_seeds
from .sabotage import SABOTAGES, Sabotage
from .witness import Violation
from .world import live

SEEDS = range(300)
NO_SETTLE_WAIT_SEED = 5
SEEDS_TO_FIND = 400


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
    """From the seed at which it was last found on: a change of pace moves the seeds, and may not hide the fault."""
    with sabotage.broken():
        assert any(_is_found(seed, sabotage.says) for seed in range(sabotage.seed, sabotage.seed + SEEDS_TO_FIND))


def test_without_the_settle_wait_batches_are_submitted_twice() -> None:
    seeds = range(NO_SETTLE_WAIT_SEED, NO_SETTLE_WAIT_SEED + SEEDS_TO_FIND)
    assert any(_is_found(seed, "is a duplicate", settle_s=0.0) for seed in seeds)


def _is_found(seed: int, says: str, *, settle_s: float = limits.SETTLE_S) -> bool:
    try:
        live(draw(seed), settle_s=settle_s)
    except Violation as violation:
        return says in str(violation)
    return False
