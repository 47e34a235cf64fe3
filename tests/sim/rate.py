"""The requests that the service has counted, and whether it may ever have to refuse one for the rate.

Rule: it may not, across all processes, with two exceptions, each no wider than its cause. What earlier processes used
is shared by the time of day alone, so it may be overlooked for an hour after that was set forward. And a submission
that arrives after its sender gave up is counted by the service later than any client can know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coralrun import limits
from coralrun.coralnet.ledger import LONGEST_S

from .knobs import Windows
from .marks import Mark
from .witness import require

if TYPE_CHECKING:
    from .world import World

_FULL = (Mark.BURST_FULL, Mark.HOUR_FULL)


class Rate:
    """What one world's service has counted for the account."""

    def __init__(self, world: World, windows: Windows) -> None:
        self._world = world
        self._windows = windows
        self._counted: list[tuple[float, int]] = []
        self._late: list[tuple[float, float]] = []
        self._forward_s = float("-inf")

    def counted(self, at_s: float) -> None:
        """The service let a request through."""
        self._counted = [each for each in self._counted if at_s - each[0] < LONGEST_S]
        self._counted.append((at_s, self._world.processes))
        for (most, length_s), mark in zip(self._windows, _FULL, strict=True):
            if sum(at_s - when < length_s for when, _ in self._counted) == most:
                self._world.mark(mark)

    def came_late(self, sent_s: float, arrives_s: float) -> None:
        """A submission arrives so late that its sender does not count it any more."""
        self._late.append((sent_s + limits.READ_TIMEOUT_S, arrives_s))

    def jumped_forward(self) -> None:
        """The time of day was set forward."""
        self._forward_s = self._world.clock.now

    def refused(self, at_s: float) -> None:
        """The service refused a request for the rate; raises Violation where that could have been known."""
        forward = at_s - self._forward_s <= LONGEST_S + limits.READ_TIMEOUT_S
        known = 0
        for most, length_s in self._windows:
            seen = [process for when, process in self._counted if at_s - when < length_s]
            ours = sum(process == self._world.processes for process in seen) if forward else len(seen)
            late = sum(given_up + length_s <= at_s < arrived + length_s for given_up, arrived in self._late)
            known = max(known, ours - late - most + 1)
        require(known <= 0, "more requests than the service's windows allow")
