"""Which channels are taken by what is in flight, and when the jobs are listed."""

from __future__ import annotations

import pytest

from coralrun.machine import effects
from coralrun.machine.draft import Draft

from .by_hand import SIZE, Engine


@pytest.mark.parametrize(
    ("effect", "channels"),
    [
        (effects.List(), (True, False, 0)),
        (effects.Submit(1, 1, (0,), (SIZE,)), (True, False, 0)),
        (effects.Look("7"), (True, False, 0)),
        (effects.Identify(1, 1, "7"), (True, False, 0)),
        (effects.Collect(1, 1, "7", (0,), (SIZE,)), (False, True, 0)),
        (effects.Resolve(0), (False, False, 1)),
        (effects.Finish(), (False, False, 0)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_effect_takes_the_lane_that_it_goes_by(effect: effects.Effect, channels: tuple[bool, bool, int]) -> None:
    engine = Engine()
    engine.state.volatile.in_flight[effect] = engine.now
    draft = Draft(engine.state, engine.now)
    assert (draft.service_busy, draft.results_busy, draft.resolving) == channels


def test_of_several_rules_that_want_a_listing_the_one_that_wants_it_soonest_gets_it() -> None:
    engine = Engine()
    draft = Draft(engine.state, engine.now)
    for at_s, why in ((20.0, "a free slot"), (10.0, "the lost batch"), (10.0, "another"), (30.0, "the next look")):
        draft.want_listing(at_s, why)
    assert (draft.listing_at_s, draft.listing_why) == (10.0, "the lost batch")
