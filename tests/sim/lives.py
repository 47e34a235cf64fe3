"""One seed's life: its world, and now and then the same survey in a world where nothing goes wrong.

Rule: an error of the engine's own is a violation like any other.
"""

from __future__ import annotations

from . import twin
from .knobs import Knobs
from .witness import Violation
from .world import World


def live(knobs: Knobs, *, trace: list[str] | None = None) -> World:
    """Run one world to its end, and its twin where it has one; raises Violation."""
    world = World(knobs, trace)
    try:
        world.run()
        if twin.has_twin(knobs):
            undisturbed = World(twin.undisturbed(knobs, world.asked.plan))
            undisturbed.run()
            twin.compare(world, undisturbed)
    except Violation:
        raise
    except Exception as error:
        raise Violation(f"{type(error).__name__}: {error}") from error
    return world
