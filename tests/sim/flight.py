"""What is on its way in a world: effects that set out, and outcomes that come back.

Rule: both ways take time, drawn for each, so completions come in any order. An effect is performed when it arrives.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coralrun.driver import Completion
from coralrun.machine import effects, outcomes

from .clock import HOUR_S
from .marks import Mark
from .witness import require

if TYPE_CHECKING:
    from .world import World

LONGEST_ONE_WAY_S = 30.0
LONGEST_EFFECT_S = 4 * HOUR_S
"""The service's longest window, a silence as long, both after each other, and timeouts."""

Perform = Callable[[effects.Effect], outcomes.Outcome]

Happening = Callable[[], None]
"""Something that a platform has happen in the process that lives now."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An effect reaches the service, sent by one process with what that process knew."""

    effect: effects.Effect
    process: int
    perform: Perform


class Flight:
    """The queue of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._events: list[tuple[float, int, Arrival | Completion | Happening]] = []
        self._drawn = 0

    def next_s(self) -> float:
        """When something happens next."""
        return self._events[0][0] if self._events else float("inf")

    def pop(self) -> Arrival | Completion | Happening:
        """What happens next."""
        return heapq.heappop(self._events)[2]

    def push(self, at_s: float, event: Arrival | Completion | Happening) -> None:
        """Something will happen."""
        self._drawn += 1
        heapq.heappush(self._events, (at_s, self._drawn, event))

    def sets_out(self, effect: effects.Effect, perform: Perform) -> None:
        """An effect of the process that lives now leaves the machine."""
        self.push(self._world.clock.now + self._one_way_s(), Arrival(effect, self._world.processes, perform))

    def arrive(self, arrival: Arrival) -> None:
        """An effect is performed, and its outcome sets out for whoever still waits for it."""
        world, clock = self._world, self._world.clock
        world.sender_is_dead = arrival.process != world.processes
        began_s = clock.now - clock.slept_s
        outcome = arrival.perform(arrival.effect)
        took_s = clock.now - clock.slept_s - began_s
        world.ctrl_c.requests_s += took_s
        world.manners.performed(world.is_silent)
        require(took_s <= LONGEST_EFFECT_S, "a request waits for hours, and nobody is told")
        if not world.sender_is_dead:
            self.push(clock.now + self._one_way_s(), Completion(arrival.effect, outcome))

    def outlive(self) -> None:
        """The process died: its submission on its way arrives perhaps, and nothing else of it does."""
        left, self._events = self._events, []
        for at_s, _, event in left:
            sent = isinstance(event, Arrival) and isinstance(event.effect, effects.Submit | effects.Upload)
            if sent and self._world.knobs.toy and self._world.chance.random() < 0.7:
                self._world.mark(Mark.ARRIVES_AFTER_DEATH)
                self.push(at_s, event)

    def break_connections(self) -> None:
        """No request outlives a sleep: it has arrived, perhaps, and its reply has not. Those to workers go nowhere."""
        world = self._world
        for number, (at_s, drawn, event) in enumerate(self._events):
            if world.knobs.local is not None or not isinstance(event, Arrival | Completion):
                continue
            if isinstance(event, Arrival):
                elsewhere = event.process != world.processes or not world.knobs.toy  # a real one breaks in the network
                if elsewhere or world.chance.random() < 0.5:
                    continue  # it leaves once the machine is awake
            world.mark(Mark.BROKEN_BY_SLEEP)
            self._events[number] = (at_s, drawn, Completion(event.effect, _broken(event.effect)))

    def _one_way_s(self) -> float:
        return min(LONGEST_ONE_WAY_S, self._world.chance.expovariate(1.0 / self._world.knobs.latency_s))


def _broken(effect: effects.Effect) -> outcomes.Unknown | outcomes.Trouble:
    """How a request whose connection broke comes back."""
    if isinstance(effect, effects.Submit | effects.Upload):
        return outcomes.Unknown("the connection broke")
    return outcomes.Trouble(outcomes.TroubleKind.UNREACHABLE)
