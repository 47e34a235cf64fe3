"""One world: its clock, its events, and the processes that live and die in it.

The clock jumps to the next event or to the soonest moment that the engine waits for. An effect takes time twice: until
it reaches the service (where the platform acts), and until its outcome is back. Both are drawn, so completions come in
any order. When a process dies, its submission that was on its way may still arrive; everything else of it is gone.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from coralrun import limits
from coralrun.driver import Completion, Driver, Ending
from coralrun.errors import CoralrunError, DiskError, LockedError, RunDamaged
from coralrun.machine import durable, effects, facts
from coralrun.machine.state import Setup, State
from coralrun.machine.volatile import Volatile
from coralrun.perform import Performer
from coralrun.ports import Budget
from coralrun.store import lock
from coralrun.store import run as run_store
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.run import Identity, RunJournal

from .disk import Crash, Fate, SimDisk, SimPath, mounted
from .faults import Fault, Mark
from .harm import Harm
from .knobs import HOUR_S, Knobs
from .platform import Platform
from .real import RealPlatform
from .service import ToyPlatform
from .witness import Violation, Witness, require

CALM_AT_MOST_S = 6 * 86_400.0
"""Once faults stop, a run ends within this: two stuck or frozen jobs after each other, and every retry."""

LONGEST_ONE_WAY_S = 30.0
WAKES_LATE_S = 0.001  # as the real workers do, so that a wait is surely over
MOST_PROCESSES = 3_000
SUSPENDED_S = 8 * HOUR_S
SPELL_S = 600.0  # a full or read-only disk is one for at most so long
DAY_S = 24 * HOUR_S
MONOTONIC_FIRST_S = 1000.0

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Arrival:
    """An effect reaches the service, sent by one process with what that process knew."""

    effect: effects.Effect
    process: int
    performer: Performer


@dataclass(slots=True)
class VirtualClock:
    """Implements `ports.Clock`; `began_s` makes each process count from its own zero. `wrong_s` is how far the time of
    day is off."""

    now: float = 0.0
    began_s: float = 0.0
    wrong_s: float = 0.0

    def monotonic(self) -> float:
        """Seconds since the process began, plus a little; it goes on while the machine sleeps."""
        return self.now - self.began_s + MONOTONIC_FIRST_S

    def wall_s(self) -> float:
        """Unix seconds by the machine's own clock."""
        return _BEGIN.timestamp() + self.now + self.wrong_s

    def utc(self) -> str:
        """The time of day by the machine's own clock."""
        return (_BEGIN + timedelta(seconds=int(self.now + self.wrong_s))).strftime("%Y-%m-%dT%H:%M:%SZ")

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
        self.disk = SimDisk(self.chance, self._fate)
        self.files = Disk()
        self.layout = Layout(SimPath("/run"))
        self.blobs = BlobStore(self.layout, self.files)
        self.harm = Harm(self)
        self.platform: Platform = ToyPlatform(self) if knobs.toy else RealPlatform(self)
        self.processes = 0
        self._trace = trace
        self._events: list[tuple[float, int, _Arrival | Completion]] = []
        self._drawn = 0
        self._performer: Performer | None = None
        self._state = State(Setup.of(knobs.plan), durable.Durable(total=0), Volatile(0.0))
        self._sent_at_s = 0.0
        self._budget: Budget = self
        self._interrupted = False
        self._resuming = True
        self._spells: dict[Fate, float] = {}

    def run(self) -> None:
        """Live until the run is finished; raises Violation."""
        with mounted(self.disk):
            while not self._one_process():
                self._bury()
                self.clock.now += self.chance.choice((0.0, 5.0, 100.0, 300.0))
                require(self.processes < MOST_PROCESSES, "the run does not end, however often it is resumed")
            self.witness.ended(self.platform, self.blobs)
            self.platform.ended()

    @property
    def calm(self) -> bool:
        """Whether faults have stopped."""
        return self.clock.now >= self.knobs.calm_after_s

    def strikes(self, fault: Fault) -> bool:
        """Whether this fault happens now."""
        rate = self.knobs.faults.get(fault, 0.0)
        if not rate or self.calm or self.chance.random() >= rate:
            return False
        self.hits[fault] += 1
        self.tell(f"FAULT {fault}")
        return True

    def mark(self, mark: Mark) -> None:
        """Count a situation that was reached."""
        self.hits[mark] += 1
        self.tell(f"  ({mark})")

    def tell(self, what: str) -> None:
        """Add a line to the trace."""
        if self._trace is not None:
            self._trace.append(f"{self.clock.now:>12.1f} {what}")

    # A process

    def _one_process(self) -> bool:
        """Live and die once; True when the run is finished."""
        self.processes += 1
        self.clock.began_s = self.clock.now
        self._interrupted, self._resuming = False, True
        self.tell(f"PROCESS {self.processes}")
        try:
            with lock.hold(self.layout, self.files, since=self.clock.utc()):
                return self._drive() is Ending.FINISHED
        except Crash as crash:
            self.hits["deaths"] += 1
            self.tell(f"CRASH {crash}")
            if self._resuming:
                self.mark(Mark.DIED_IN_RESUME)
        except RunDamaged as damage:
            self.harm.detected(damage)
        except DiskError as error:
            self.tell(f"ENDS {error}")
            self.mark(Mark.ENDED_BY_DISK)
        return False

    def _drive(self) -> Ending:
        plan = self.knobs.plan
        identity = self._identity()
        if not run_store.exists(self.layout):
            require(not self.witness.acknowledged.sessions or self.harm.done, "the run's identity is gone")
            run_store.make(self.layout, self.files, identity, {self.layout.plan: b"{}"})
        require(run_store.read_identity(self.layout, self.files) == identity, "the run is taken for another")
        loaded = run_store.load(self.layout, self.files, images=len(plan.images))
        self.witness.resumed(loaded.state)
        self.harm.survived()
        self._note_leftovers(loaded)
        self.witness.journal = RunJournal(self.layout, self.files, loaded, snapshot_every=self.knobs.snapshot_every)
        opened = facts.Opened(self.clock.utc(), "1")
        self.witness.append([opened])
        durable.apply(loaded.state, opened)
        try:
            ports = self.platform.connect(loaded.state.jobs)
        except DiskError:
            raise
        except CoralrunError as error:
            self.tell(f"ENDS {error}")
            self.mark(Mark.SIGN_IN_FAILED)
            return Ending.PAUSED
        self._budget = ports.budget or self
        self._state = State(Setup.of(plan, settle_s=self.settle_s), loaded.state, Volatile(self.clock.monotonic()))
        self._performer = Performer(plan, identity.run, ports.service, ports.images, self.blobs, self.clock)
        self._resuming = False
        return Driver(self._state, self, self.witness, self.clock, self._budget, self.witness, self).run()

    def _identity(self) -> Identity:
        plan = self.knobs.plan
        return Identity(
            run="run",
            name=plan.name,
            created_at="2026-01-01T00:00:00Z",
            coralrun="1",
            python="3",
            service=plan.service,
            account="demo",
            classifier=plan.classifier.id,
            survey_file="survey.yaml",
            survey_digest=plan.survey_digest,
            plan_digest=plan.survey_digest,
            images=len(plan.images),
            points=plan.points,
            formats=["csv"],
        )

    def _note_leftovers(self, loaded: run_store.Loaded) -> None:
        if loaded.torn:
            self.mark(Mark.TORN_LINE)
        if sum("snapshot-" in name and not name.endswith(".new") for name in self.disk.seen) > 1:
            self.mark(Mark.TWO_GENERATIONS)

    def _bury(self) -> None:
        """What a dead process had on its way: its submission arrives perhaps, and nothing else does."""
        left = [(at_s, event) for at_s, _, event in self._events if isinstance(event, _Arrival)]
        self._events = []
        for at_s, event in left:
            if isinstance(event.effect, effects.Submit) and self.knobs.toy and self.chance.random() < 0.7:
                self.mark(Mark.ARRIVES_AFTER_DEATH)
                self._push(at_s, event)
        self.platform.died()
        self.disk.process_dies()
        if self.strikes(Fault.POWER_LOST):
            names, some_bytes = self.disk.machine_dies()
            for mark, lost in ((Mark.ENTRY_LOST, names), (Mark.BYTES_LOST, some_bytes)):
                if lost:
                    self.mark(mark)
        self._jump_wall()
        self.harm.strike()

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
        soonest_s = self.witness.soonest_s + self.clock.began_s - MONOTONIC_FIRST_S
        stopping = self._interrupted or self._state.durable.paused is not None
        until_s = self.clock.now + timeout_s if stopping else max(self.clock.now, soonest_s) + WAKES_LATE_S
        require(self.clock.now < self.knobs.calm_after_s + CALM_AT_MOST_S, "the run does not end")
        while self._events and self._events[0][0] <= until_s:
            at_s, _, event = heapq.heappop(self._events)
            self.clock.now = max(self.clock.now, at_s)
            if self.strikes(Fault.CRASH):
                self._push(at_s, event)
                raise Crash("between two completions")
            self._disturb()
            if isinstance(event, Completion):
                self.tell(f"  got {event.outcome} for {event.effect}")
                return event
            self._arrive(event)
        require(until_s < float("inf"), "the engine waits for ever")
        self.clock.now = max(self.clock.now, until_s)
        return None

    def _disturb(self) -> None:
        """What happens to a machine between two effects."""
        if self.strikes(Fault.SUSPEND):
            self.clock.now += SUSPENDED_S
        self._jump_wall()
        if self.strikes(Fault.SECOND_PROCESS):
            try:
                with lock.hold(self.layout, self.files, since=self.clock.utc()):
                    raise Violation("two processes work on one run")
            except LockedError:
                self.mark(Mark.LOCKED_OUT)

    def _jump_wall(self) -> None:
        if self.strikes(Fault.WALL_JUMP):
            self.clock.wrong_s += self.chance.choice((-DAY_S, DAY_S))

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

    def _fate(self, call: str, name: str) -> Fate:
        """What becomes of one call to the disk."""
        for spell, fault in ((Fate.FULL, Fault.DISK_FULL), (Fate.READ_ONLY, Fault.READ_ONLY)):
            applies = spell is Fate.READ_ONLY or call == "write"
            if applies and self.strikes(fault):
                self._spells[spell] = self.clock.now + self.chance.uniform(0.0, SPELL_S)
            if applies and self.clock.now < self._spells.get(spell, -1.0) and not self.calm:
                return spell
        if call == "write" and self.strikes(Fault.WRITE_FAILS):
            return Fate.FAILS
        if call == "fsync" and self.strikes(Fault.FSYNC_FAILS):
            return Fate.FAILS
        if "/.snapshot-" in name and call == "rename":
            self.mark(Mark.COMPACTED)
        if self.strikes(Fault.CRASH_IN_DISK):
            if "snapshot-" in name or (call != "write" and "journal-" in name and not self._resuming):
                self.mark(Mark.DIED_IN_COMPACTION)
            return self.chance.choice((Fate.DIES_BEFORE, Fate.DIES_WITHIN, Fate.DIES_AFTER))
        return Fate.DONE


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
