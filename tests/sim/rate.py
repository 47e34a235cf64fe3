"""The requests that the service has counted, and whether it may ever have to refuse one for the rate.

Rule: it may not, across all processes, with two exceptions, each no wider than its cause. What earlier processes used
is shared by the time of day alone, so it may be overlooked for an hour after that was set forward. And a submission
that arrives after its sender gave up is counted by the service later than any client can know.

What a process begins with, and what it leaves on record, holds as much as the service has counted by then; and no more
than it used, of what it had leased itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from coralrun import limits
from coralrun.coralnet.account.ledger import LONGEST_S, decode
from coralrun.ports import Budget

from .knobs import Windows
from .marks import Mark
from .witness import require

if TYPE_CHECKING:
    from .world import World

_ROUNDING_S = 1e-6  # who may send at a moment sends at that very moment, give or take the last digit
_FULL = (Mark.BURST_FULL, Mark.HOUR_FULL)


class Rate:
    """What one world's service has counted for the account."""

    def __init__(self, world: World, windows: Windows) -> None:
        self._world = world
        self._windows = windows
        self._counted: list[tuple[float, int]] = []
        self._late: list[tuple[float, float]] = []
        self._forward_s = float("-inf")
        self._left_open: set[tuple[str, int]] = set()

    def counted(self, at_s: float, process: int) -> None:
        """The service let a request of that process through."""
        self._counted = [(when, by) for when, by in self._counted if at_s - when < LONGEST_S]
        self._counted.append((at_s, process))
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
        require(
            all(known < most for most, known in self._knowable(at_s)), "more requests than the service's windows allow"
        )

    def begins(self, record: bytes, budget: Budget) -> None:
        """A process begins with the record of those before it."""
        self._left_open = _open_blocks(record)
        self._require_known(budget)

    def leaves(self, record: bytes, budget: Budget) -> None:
        """A process that is about to end, with nothing on its way, has given back what it did not use."""
        require(_open_blocks(record) <= self._left_open, "requests that were never sent stay on record")
        self._require_known(budget)

    def _require_known(self, budget: Budget) -> None:
        """No more is given leave for than the service would let through."""
        for most, known in self._knowable(self._world.clock.now):
            if known > 0:
                require(
                    budget.wait_s(max(1, most - known + 1)) > 0, "the service counts requests that are not on record"
                )

    def _knowable(self, at_s: float) -> Iterator[tuple[int, int]]:
        """Of each window: the most requests in it, and how many of those that were counted could be known of."""
        forward = at_s - self._forward_s <= LONGEST_S + limits.READ_TIMEOUT_S
        for most, length_s in self._windows:
            seen = [process for when, process in self._counted if at_s - when < length_s]
            ours = sum(process == self._world.processes for process in seen) if forward else len(seen)
            late = sum(
                given_up + length_s <= at_s + _ROUNDING_S and at_s < arrived + length_s
                for given_up, arrived in self._late
            )
            yield most, ours - late


def _open_blocks(record: bytes) -> set[tuple[str, int]]:
    """Whose leases are not closed, and their numbers; none of a record that cannot be read."""
    ledger = decode(record, 0.0)
    return {(block.owner, block.number) for block in ledger.blocks if block.replies is None} if ledger else set()
