"""What a driver asks of its surroundings, in a world where time jumps and nothing happens by itself.

Rule: the simulator, the small runs that are crashed everywhere and the tests of the loop live by the same clock, die of
the same `Crash` and are built on this; each adds what happens to it.
"""

from __future__ import annotations

from tests.sim.clock import VirtualClock

from coralrun.machine.decide import Decision
from coralrun.machine.facts import Fact
from coralrun.machine.state import State


class Surroundings:
    """The watcher, the budget and the interruption of each process, and its clock; whoever inherits it adds workers."""

    def __init__(self, clock: VirtualClock | None = None) -> None:
        self.clock = VirtualClock() if clock is None else clock

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """Nobody watches."""

    def happened(self, state: State, fact: Fact) -> None:
        """Nothing is told to anybody."""

    def wait_s(self, requests: int = 1) -> float:
        """There is no budget to keep."""
        return 0.0

    def is_set(self) -> bool:
        """Nobody interrupts."""
        return False
