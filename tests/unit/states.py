"""A run whose first plan is in force and names so many units: what every other state follows from."""

from __future__ import annotations

from coralrun.machine.apply import apply
from coralrun.machine.durable import Durable
from coralrun.machine.facts import Planned

AT = "2026-01-01T00:00:00Z"


def planned(units: int) -> Planned:
    """The fact that commits the first plan of so many units."""
    return Planned(AT, 1, "0" * 64, units, ((0, units - 1),))


def state_of(units: int) -> Durable:
    """The state after it."""
    state = Durable()
    apply(state, planned(units))
    return state
