"""coralrun itself on a virtual clock: the real driver, machine and limiter; only the world is a model.

Rule: what a policy could see is what the server shows. Requests of the service's channel go one after the other,
results beside them, pages at their rate; a request that the limiter holds back is sent when it lets go.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from coralrun.coralnet.account.limiter import Limiter
from coralrun.coralnet.protocol import LIMITS
from coralrun.driver import Completion, Driver, Ending
from coralrun.machine import effects, facts, outcomes
from coralrun.machine.decide import Decision
from coralrun.machine.reasons import Reason
from coralrun.machine.state import Setup, State
from coralrun.machine.volatile import Volatile
from coralrun.planning.images import Size

from . import big_run
from .server import Server
from .world import PAGE_S, PAGES_PER_S, REQUEST_S, Case, Outcome, outcome_of

SIZE = Size(1600, 1200)


@dataclass(slots=True)
class VirtualClock:
    """Time that passes only when it is told to."""

    now: float = 0.0

    def monotonic(self) -> float:
        """Virtual seconds."""
        return self.now

    def utc(self) -> str:
        """No policy looks at the date."""
        return "2026-01-01T00:00:00Z"

    def sleep(self, seconds: float) -> None:
        """Nobody sleeps here: requests wait in the queue of events."""
        raise AssertionError(f"a request was sent {seconds} s before its time")


@dataclass(frozen=True, slots=True)
class _Sending:
    effect: effects.Effect


@dataclass(frozen=True, slots=True)
class _Arrival:
    effect: effects.Effect
    leave: AbstractContextManager[object]


@dataclass(slots=True)
class World:
    """Workers, journal, watcher and interruption of one run on the virtual clock."""

    case: Case
    server: Server
    clock: VirtualClock
    limiter: Limiter
    soonest_s: float = 0.0
    written: int = 0
    _next_page_s: float = 0.0
    _drawn: int = 0
    _read_s: dict[int, float] = field(default_factory=dict)
    _events: list[tuple[float, int, _Sending | _Arrival | tuple[_Arrival, Completion] | Completion]] = field(
        default_factory=list
    )

    def start(self, effect: effects.Effect) -> None:
        """An effect sets out."""
        if isinstance(effect, effects.Resolve):
            at_s = max(self.clock.now, self._next_page_s)
            self._next_page_s = at_s + 1.0 / PAGES_PER_S
            self._read_s[effect.image] = at_s + PAGE_S
            self._push(at_s + PAGE_S, Completion(effect, outcomes.Resolved(SIZE, self.case.life_s)))
        else:
            self._push(self.clock.now, _Sending(effect))

    def take(self, timeout_s: float) -> Completion | None:
        """The next completion, or the moment that the engine waits for."""
        while self._events and self._events[0][0] <= max(self.soonest_s, self.clock.now):
            at_s, _, event = heapq.heappop(self._events)
            self.clock.now = max(self.clock.now, at_s)
            match event:
                case Completion():
                    return event
                case _Sending():
                    self._send(event)
                case _Arrival():
                    answer = self._answer(event.effect)
                    self._push(self.clock.now + REQUEST_S / 2, (event, Completion(event.effect, answer)))
                case (arrival, completion):
                    arrival.leave.__exit__(None, None, None)
                    return completion
        assert self.soonest_s < float("inf"), "the engine waits for ever"
        self.clock.now = max(self.clock.now, self.soonest_s)
        return None

    def _push(self, at_s: float, event: _Sending | _Arrival | tuple[_Arrival, Completion] | Completion) -> None:
        self._drawn += 1
        heapq.heappush(self._events, (at_s, self._drawn, event))

    def _send(self, sending: _Sending) -> None:
        wait_s = self.limiter.wait_s(1)
        if wait_s > 0:
            self._push(self.clock.now + wait_s, sending)
            return
        leave = self.limiter.request()
        leave.__enter__()
        self._push(self.clock.now + REQUEST_S / 2, _Arrival(sending.effect, leave))

    def _answer(self, effect: effects.Effect) -> outcomes.Outcome:
        server, now = self.server, self.clock.now
        if not server.request(now):
            if isinstance(effect, effects.Submit):
                return outcomes.Refused(outcomes.Refusal.THROTTLED, wait_s=30.0)
            return outcomes.Trouble(outcomes.TroubleKind.THROTTLED, wait_s=30.0)
        match effect:
            case effects.List():
                active, finished = server.listing(now)
                return outcomes.Listed(tuple(map(str, active)), tuple(map(str, finished)), server.limit)
            case effects.Submit():
                job = server.submit(effect.units, now, self._read_s if self.case.pages else None)
                return outcomes.Refused(outcomes.Refusal.NO_SLOT) if job is None else outcomes.Accepted(str(job))
            case effects.Look(job):
                if server.is_done(int(job), now):
                    return outcomes.JobDone()
                done, total = server.done_entries(int(job), now)
                return outcomes.Progress(done, 0, total)
            case effects.Collect():
                if not server.is_done(int(effect.job), now):
                    return outcomes.NotReady()
                again = dict.fromkeys(server.failed(int(effect.job)), Reason.HOST_ERROR)
                return outcomes.Collected("0" * 64, len(effect.units) - len(again), again=again)
            case _:
                raise AssertionError(f"nothing was lost, so nothing is examined: {effect}")

    # The other ports

    def append(self, happened: Sequence[facts.Fact]) -> None:
        """Count what would be written."""
        self.written += len(happened)

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """Remember what is waited for: the clock jumps there."""
        self.soonest_s = min((wait.until_s for wait in decision.waits), default=float("inf"))

    def happened(self, state: State, fact: facts.Fact) -> None:
        """Nothing: only the end counts."""

    def is_set(self) -> bool:
        """Nobody interrupts."""
        return False


def coralrun(case: Case, *, patience_s: float = 75.0) -> Outcome:
    """Carry out a case with the real engine."""
    setup = Setup(
        entries=(1,) * case.images,
        sizes=((None,) if case.pages else (SIZE,)) * case.images,
        asks=case.pages,
        batch_size=case.batch_size,
        concurrency=max(case.slots),
        attempts=3,
        allowed=replace(LIMITS, look_most_s=patience_s),
    )
    clock, server = VirtualClock(), case.server()
    limiter = Limiter(clock)
    world = World(case, server, clock, limiter)
    state = State(setup, big_run.begun(case.images), Volatile(started_s=0.0))
    ending = Driver(state, world, world, clock, limiter, world, world).run()
    assert ending is Ending.FINISHED, ending
    assert state.durable.succeeded == case.images
    return outcome_of(server, clock.now, world.written)
