"""One world: its clock, its events, and the processes that live and die in it.

The clock jumps to the next event or to the soonest moment that the engine waits for. An effect takes time twice: until
it reaches the service (where the toy acts), and until its outcome is back. Both are drawn, so completions come in any
order. When a process dies, its submission that was on its way still arrives; everything else of it is gone.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from coralrun import limits
from coralrun.driver import Completion, Driver, Ending
from coralrun.machine import durable, effects, facts
from coralrun.machine.state import Setup, State
from coralrun.machine.volatile import Volatile
from coralrun.perform import Performer
from coralrun.store import run as run_store
from coralrun.store.blobs import BlobStore
from coralrun.store.layout import Layout
from coralrun.store.run import RunJournal

from .disk import Crash, Dies, MemoryDisk
from .knobs import Fault, Knobs
from .service import ToyImages, ToyService
from .witness import Violation, Witness, require

CALM_AT_MOST_S = 6 * 86_400.0
"""Once faults stop, a run ends within this: two stuck or frozen jobs after each other, and every retry."""

LONGEST_ONE_WAY_S = 30.0
WAKES_LATE_S = 0.001  # as the real workers do, so that a wait is surely over
MOST_PROCESSES = 3_000

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Arrival:
    """An effect reaches the service, sent by one process with what that process knew."""

    effect: effects.Effect
    process: int
    performer: Performer


@dataclass(slots=True)
class VirtualClock:
    """Implements `ports.Clock`; `began_s` makes each process count from its own zero."""

    now: float = 0.0
    began_s: float = 0.0

    def monotonic(self) -> float:
        """Seconds since the process began, plus a little."""
        return self.now - self.began_s + 1000.0

    def utc(self) -> str:
        """The time of day."""
        return (_BEGIN + timedelta(seconds=int(self.now))).strftime("%Y-%m-%dT%H:%M:%SZ")

    def sleep(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds


class World:
    """One seed's world, from the first process to the end of the run."""

    def __init__(self, knobs: Knobs, *, settle_s: float = limits.SETTLE_S, trace: list[str] | None = None) -> None:
        self.knobs = knobs
        self.settle_s = settle_s
        self.chance = Random(knobs.seed ^ 0x5EED)
        self.clock = VirtualClock()
        self.hits: Counter[str] = Counter()
        self.witness = Witness(knobs)
        self.disk = MemoryDisk(self._fate)
        self.layout = Layout(Path("/run"))
        self.service = ToyService(knobs, self.chance, lambda: self.clock.now, self.strikes)
        self.blobs = BlobStore(self.layout, self.disk)
        self.processes = 0
        self._trace = trace
        self._events: list[tuple[float, int, _Arrival | Completion]] = []
        self._drawn = 0
        self._performer: Performer | None = None
        self._state = State(Setup.of(knobs.plan), durable.Durable(total=0), Volatile(0.0))
        self._sent_at_s = 0.0
        self._interrupted = False

    def run(self) -> None:
        """Live until the run is finished; raises Violation."""
        while not self._one_process():
            self._bury()
            self.clock.now += self.chance.choice((0.0, 5.0, 100.0, 300.0))
            require(self.processes < MOST_PROCESSES, "the run does not end, however often it is resumed")
        self.witness.ended(self.service, self.blobs)

    def strikes(self, fault: Fault) -> bool:
        """Whether this fault happens now."""
        rate = self.knobs.faults.get(fault, 0.0)
        if not rate or self.clock.now >= self.knobs.calm_after_s or self.chance.random() >= rate:
            return False
        self.hits[fault] += 1
        self.tell(f"FAULT {fault}")
        return True

    def tell(self, what: str) -> None:
        """Add a line to the trace."""
        if self._trace is not None:
            self._trace.append(f"{self.clock.now:>12.1f} {what}")

    # A process

    def _one_process(self) -> bool:
        """Live and die once; True when the run is finished."""
        self.processes += 1
        self.clock.began_s = self.clock.now
        self._interrupted = False
        self.tell(f"PROCESS {self.processes}")
        try:
            return self._drive() is Ending.FINISHED
        except Crash as crash:
            self.tell(f"CRASH {crash}")
            return False

    def _drive(self) -> Ending:
        plan = self.knobs.plan
        loaded = run_store.load(self.layout, self.disk, images=len(plan.images))
        self.witness.resumed(loaded.state)
        self._state = State(Setup.of(plan, settle_s=self.settle_s), loaded.state, Volatile(self.clock.monotonic()))
        self.service.is_known = lambda job: job in loaded.state.jobs
        self._performer = Performer(plan, "run", self.service, ToyImages(self.service), self.blobs, self.clock)
        self.witness.journal = RunJournal(self.layout, self.disk, loaded, snapshot_every=self.knobs.snapshot_every)
        opened = facts.Opened(self.clock.utc(), "1")
        self.witness.append([opened])
        durable.apply(loaded.state, opened)
        return Driver(self._state, self, self.witness, self.clock, self, self.witness, self).run()

    def _bury(self) -> None:
        """What a dead process had on its way: its submission arrives perhaps, and nothing else does."""
        left = [(at_s, event) for at_s, _, event in self._events if isinstance(event, _Arrival)]
        self._events = []
        for at_s, event in left:
            if isinstance(event.effect, effects.Submit) and self.chance.random() < 0.7:
                self.hits["arrives-after-death"] += 1
                self._push(at_s, event)

    # The workers of every process

    def start(self, effect: effects.Effect) -> None:
        """An effect sets out."""
        self.witness.started(self._state, effect)
        self.tell(f"start {effect}")
        if not isinstance(effect, effects.Resolve):
            self._sent_at_s = self.clock.now
        assert self._performer is not None
        self._push(self.clock.now + self._one_way_s(), _Arrival(effect, self.processes, self._performer))

    def take(self, timeout_s: float) -> Completion | None:
        """The next completion; the clock jumps over the short sleeps of the loop."""
        soonest_s = self.witness.soonest_s + self.clock.began_s - 1000.0
        stopping = self._interrupted or self._state.durable.paused is not None
        until_s = self.clock.now + timeout_s if stopping else max(self.clock.now, soonest_s) + WAKES_LATE_S
        require(self.clock.now < self.knobs.calm_after_s + CALM_AT_MOST_S, "the run does not end")
        while self._events and self._events[0][0] <= until_s:
            at_s, _, event = heapq.heappop(self._events)
            self.clock.now = max(self.clock.now, at_s)
            if self.strikes(Fault.CRASH):
                self._push(at_s, event)
                raise Crash("between two completions")
            if isinstance(event, Completion):
                self.tell(f"  got {event.outcome} for {event.effect}")
                return event
            self._arrive(event)
        require(until_s < float("inf"), "the engine waits for ever")
        self.clock.now = until_s
        return None

    def _arrive(self, arrival: _Arrival) -> None:
        outcome = arrival.performer.perform(arrival.effect)
        if arrival.process == self.processes:
            self._push(self.clock.now + self._one_way_s(), Completion(arrival.effect, outcome))

    def _push(self, at_s: float, event: _Arrival | Completion) -> None:
        self._drawn += 1
        heapq.heappush(self._events, (at_s, self._drawn, event))

    def _one_way_s(self) -> float:
        return min(LONGEST_ONE_WAY_S, self.chance.expovariate(1.0 / self.knobs.latency_s))

    # The budget and the interruption of every process

    def wait_s(self, requests: int = 1) -> float:
        """How long until so many more requests may be sent."""
        return max(0.0, self._sent_at_s + requests * self.knobs.request_every_s - self.clock.now)

    def is_set(self) -> bool:
        """Whether somebody pressed Ctrl-C."""
        self._interrupted = self._interrupted or self.strikes(Fault.INTERRUPT)
        return self._interrupted

    def _fate(self) -> Dies:
        if self.strikes(Fault.CRASH_IN_DISK):
            return self.chance.choice((Dies.BEFORE, Dies.TORN, Dies.AFTER))
        return Dies.NOT


def live(knobs: Knobs, *, settle_s: float = limits.SETTLE_S, trace: list[str] | None = None) -> World:
    """Run one world to its end; raises Violation, also for an error of the engine's own."""
    world = World(knobs, settle_s=settle_s, trace=trace)
    try:
        world.run()
    except Violation:
        raise
    except Exception as error:
        raise Violation(f"{type(error).__name__}: {error}") from error
    return world
