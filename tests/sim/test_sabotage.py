"""The test of the test: the engine is made to break each rule, and the simulator notices, or the test that is named."""

from __future__ import annotations

from inspect import signature
from itertools import count
from unittest.mock import patch

import pytest

from coralrun.driver import Completion

from .breakage import Sabotage
from .draw import draw
from .lives import live
from .sabotage import SABOTAGES
from .sabotage_of_plans import SABOTAGES_OF_PLANS
from .sabotage_of_sources import SABOTAGES_OF_SOURCES
from .sabotage_of_uploads import SABOTAGES_OF_UPLOADS
from .unsimulated import UNSIMULATED, Unsimulated
from .witness import Violation, require
from .world import World

SEEDS_TO_FIND = 400
MOST_SEEDS = 2_000  # from 0 on
MOST_TURNS = 40_000  # what is broken may ask for ever: the next seed says sooner what is wrong


@pytest.mark.parametrize(
    "sabotage",
    (*SABOTAGES, *SABOTAGES_OF_PLANS, *SABOTAGES_OF_UPLOADS, *SABOTAGES_OF_SOURCES),
    ids=lambda sabotage: sabotage.name,
)
def test_a_rule_that_is_taken_away_is_missed(sabotage: Sabotage) -> None:
    """From the seed at which it was last found on: a change of pace moves the seeds, and may not hide the fault."""
    last = min(sabotage.seed + SEEDS_TO_FIND, MOST_SEEDS)
    with sabotage.broken():
        assert any(_is_found(seed, sabotage.says) for seed in range(sabotage.seed, last))


@pytest.mark.parametrize("sabotage", UNSIMULATED, ids=lambda sabotage: sabotage.name)
def test_what_no_simulation_runs_is_missed_by_a_test_of_its_own(
    sabotage: Unsimulated, request: pytest.FixtureRequest
) -> None:
    names = [name for name in signature(sabotage.found_by).parameters if name not in sabotage.given]
    fixtures = {name: request.getfixturevalue(name) for name in names}
    with sabotage.broken(), pytest.raises((AssertionError, pytest.fail.Exception)):
        sabotage.found_by(**sabotage.given, **fixtures)


def _is_found(seed: int, says: str) -> bool:
    turns, take = count(), World.take

    def take_or_stop(world: World, timeout_s: float) -> Completion | None:
        require(next(turns) < MOST_TURNS, "this takes too long")
        return take(world, timeout_s)

    try:
        with patch.object(World, "take", take_or_stop):
            live(draw(seed))
    except Violation as violation:
        return says in str(violation)
    return False
