"""Ctrl-C or SIGTERM in a world, and how long the engine takes to leave.

Rule: whoever presses it has the prompt back within `LEAVES_WITHIN_S`. The clock of a world jumps over the short sleeps
of the loop, so it is taken to have been pressed when the loop had just begun to sleep for as long as it last asked. The
time within a request that the real codec waits for is left out, as threads of their own wait for it in truth, and so is
the time that the machine sleeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .faults import Fault
from .witness import require

if TYPE_CHECKING:
    from .world import World

LEAVES_WITHIN_S = 5.0  # design, section 9
TELLING_TIMES = 10
"""As likely is it pressed at a turn with a submission under way, the one thing that the engine waits for."""


class CtrlC:
    """Implements `driver.Interruption` for each process of one world. `requests_s` is the time within requests."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.requests_s = 0.0
        self.begin()

    def begin(self) -> None:
        """A process that nobody interrupted yet."""
        self._pressed_s: float | None = None
        self._asleep_s = 0.0

    @property
    def pressed(self) -> bool:
        """Whether this process was interrupted."""
        return self._pressed_s is not None

    def sleeps(self, longest_s: float) -> None:
        """The loop waits for so long, unless something comes back."""
        if not self.pressed:
            self._asleep_s = longest_s

    def is_set(self) -> bool:
        """Whether somebody pressed Ctrl-C."""
        world = self._world
        if self.pressed or not (Fault.INTERRUPT in world.knobs.faults or world.knobs.changes_s):
            return self.pressed
        times = TELLING_TIMES if world.is_submitting else 1
        if world.changes.interrupts() or any(world.strikes(Fault.INTERRUPT) for _ in range(times)):
            self._pressed_s = self._awake_s() - self._asleep_s
        return self.pressed

    def left(self) -> None:
        """The loop has ended; raises Violation where it took too long."""
        if self._pressed_s is not None:
            took_s = self._awake_s() - self._pressed_s
            require(took_s <= LEAVES_WITHIN_S, f"it leaves {took_s:.0f} s after Ctrl-C")

    def _awake_s(self) -> float:
        clock = self._world.clock
        return clock.now - clock.slept_s - self.requests_s
