"""The test of the test: the engine is made to break each rule, and the simulator notices."""

from __future__ import annotations

import pytest

from .knobs import draw
from .lives import live
from .sabotage import SABOTAGES, Sabotage
from .witness import Violation

SEEDS_TO_FIND = 400
MOST_SEEDS = 2_000  # from 0 on


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_a_rule_that_is_taken_away_is_missed(sabotage: Sabotage) -> None:
    """From the seed at which it was last found on: a change of pace moves the seeds, and may not hide the fault."""
    last = min(sabotage.seed + SEEDS_TO_FIND, MOST_SEEDS)
    with sabotage.broken():
        assert any(_is_found(seed, sabotage.says) for seed in range(sabotage.seed, last))


def _is_found(seed: int, says: str) -> bool:
    try:
        live(draw(seed))
    except Violation as violation:
        return says in str(violation)
    return False
