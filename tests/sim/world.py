"""One world: its clock, its events, and the processes that live and die in it.

The clock jumps to the next event (`flight`) or to the soonest moment that the engine waits for. When a process dies,
its submission that was on its way may still arrive; everything else of it is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from random import Random
from typing import cast
from unittest.mock import patch

from tests.surroundings import Surroundings

from coralrun.app.run.progress import fact_line
from coralrun.app.run.run_directory import OpenRun
from coralrun.app.run.run_log import Diary
from coralrun.clock import SystemClock
from coralrun.coralnet.account import ledger
from coralrun.driver import Completion, Driver, Ending
from coralrun.errors import CoralrunError, DiskError, LockedError, RunDamaged, UsageError
from coralrun.machine import effects, facts
from coralrun.machine.apply import apply
from coralrun.machine.decide import Decision
from coralrun.machine.durable import Durable
from coralrun.machine.state import Setup, State
from coralrun.machine.stored_photos import UploadFact
from coralrun.machine.volatile import Volatile
from coralrun.perform import Performer
from coralrun.ports import Budget
from coralrun.store import lock, plans
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.run import RunJournal

from .asked import Asked
from .changes import Changes
from .clock import DAY_S, VirtualClock
from .disk import Crash, Fate, SimDisk, SimPath, mounted
from .fates import DiskFates
from .faults import FAULTS, Fault
from .flight import Arrival, Flight, Happening, Perform
from .harm import Harm
from .in_source import InSourcePlatform
from .interruption import CtrlC
from .kept_results import check_plan, check_results
from .knobs import Kind, Knobs
from .local_service import LocalPlatform
from .manners import Manners
from .marks import Mark
from .opening import Opening
from .planted import PlantedSecrets
from .platform import Platform
from .real import RealPlatform
from .toy import ToyPlatform
from .witness import OURS, Violation, Witness, require

CALM_AT_MOST_S = DAY_S
"""Once faults stop, a run ends within this: a stuck job four times as long as others, and every retry."""

STANDS_STILL_AT_MOST_S = DAY_S
"""A job that stands still, and may be ours, is waited for so long (design, section 7); some worlds have one."""

PLATFORMS: Mapping[Kind, Callable[[World], Platform]] = {
    Kind.TOY: lambda world: ToyPlatform(world),
    Kind.REAL: lambda world: RealPlatform(world),
    Kind.LOCAL: lambda world: LocalPlatform(world),
    Kind.SOURCE: lambda world: InSourcePlatform(world),
}

BREAK_A_REQUEST = frozenset({"network", "service", "clock", "cluster"})
"""The layers whose faults bring a retry each."""

WAKES_LATE_S = 0.001  # as the real workers do, so that a wait is surely over
MOST_PROCESSES = 3_000


class World(Surroundings):
    """One seed's world, from the first process to the end of the run."""

    def __init__(self, knobs: Knobs, trace: list[str] | None = None) -> None:
        self.knobs = knobs
        self.chance = Random(knobs.seed ^ 0x5EED)
        super().__init__(VirtualClock(knobs.counts_sleep))
        self.hits: Counter[str] = Counter()
        self.asked = Asked(knobs)
        self.witness = Witness(knobs, self.asked)
        self.manners = Manners(knobs)
        self._fates = DiskFates(self)
        self.disk = SimDisk(self.chance, self._fates)
        self.planted = PlantedSecrets(self.disk)
        self.files = Disk()
        self.layout = Layout(SimPath("/run"))
        self.blobs = BlobStore(self.layout, self.files)
        self.harm = Harm(self)
        self.platform: Platform = PLATFORMS[knobs.kind](self)
        self.processes = 0
        self.sender_is_dead = False
        self._trace = trace
        self._rates = knobs.faults
        self.changes = Changes(self)
        self._opening = Opening(self)
        self._setups: dict[str, Setup] = {}
        self._state = State(Setup.of(knobs.planned, knobs.units, knobs.limits), Durable(), Volatile(0.0))
        self._budget: Budget = self
        self._perform: Perform | None = None
        self._flight = Flight(self)
        self._sent_at_s = 0.0
        self._ends_before_s = knobs.calm_after_s + CALM_AT_MOST_S
        if not knobs.faults.keys().isdisjoint((Fault.FROZEN, Fault.STUCK)):
            self._ends_before_s += STANDS_STILL_AT_MOST_S
        self.ctrl_c = CtrlC(self)

    def run(self) -> None:
        """Live until the run is finished; raises Violation."""
        with mounted(self.disk), patch.object(ledger, "WINDOWS", self.knobs.windows):
            while not self._one_process() or self.changes.goes_on():
                self._bury()
                self.clock.now += self.chance.choice((0.0, 5.0, 100.0, 300.0))
                require(self.processes < MOST_PROCESSES, "the run does not end, however often it is resumed")
            self.planted.search()
            self.manners.ended(sum(self.hits[fault] for fault, row in FAULTS.items() if row.layer in BREAK_A_REQUEST))
            self.witness.ended(self.platform)
            check_results(self.witness, self.platform, self.blobs)
            self.platform.ended()
            if self.platform.source is not None:
                self.platform.source.check_end(self.witness.acknowledged, self.asked)
        if self.knobs.changes_s:
            with mounted(self.disk.copied(lambda call, name: Fate.DONE)):  # whoever reads for the tables keeps points
                check_plan(self.witness, self.blobs)

    @property
    def calm(self) -> bool:
        """Whether faults have stopped."""
        return self.clock.now >= self.knobs.calm_after_s

    @property
    def is_silent(self) -> bool:
        """Whether the service does not answer at all."""
        silences = self.knobs.silences
        is_silent = bool(silences) and any(first <= self.clock.now < last for first, last in silences)
        return is_silent or self.platform.is_away

    @property
    def is_submitting(self) -> bool:
        """Whether the process that lives now has a submission under way."""
        return any(isinstance(effect, effects.Submit) for effect in self._state.volatile.in_flight)

    def strikes(self, fault: Fault) -> bool:
        """Whether this fault happens now."""
        rate = self._rates.get(fault)
        if not rate or self.calm or self.chance.random() >= rate:
            return False
        self.hits[fault] += 1
        self.tell("FAULT", fault)
        return True

    def mark(self, mark: Mark) -> None:
        """Count a situation that was reached."""
        self.hits[mark] += 1
        self.tell("  ", mark)

    def tell(self, *what: object) -> None:
        """Add a line to the trace."""
        if self._trace is not None:
            self._trace.append(f"{self.clock.now:>12.1f} {' '.join(map(str, what))}")

    def happens(self, at_s: float, what: Happening) -> None:
        """Something will happen in the process that lives now, unless it dies before."""
        self._flight.push(at_s, what)

    def suspend(self) -> None:
        """The machine sleeps for hours."""
        self.clock.suspend()
        if not self.clock.counts_sleep:
            self.mark(Mark.SLEEP_NOT_COUNTED)

    # A process

    def _one_process(self) -> bool:
        """Live and die once; True when the run is finished."""
        self.processes += 1
        self.clock.begin()
        self.manners.begin()
        self.ctrl_c.begin()
        self._fates.resuming = True
        self.tell("PROCESS", self.processes)
        try:
            with lock.hold(self.layout, self.files, since=self.clock.utc()):
                return self._drive() is Ending.FINISHED
        except Crash as crash:
            self.hits["deaths"] += 1
            self.tell("CRASH", crash)
            if self._fates.resuming:
                self.mark(Mark.DIED_IN_RESUME)
        except (RunDamaged, UsageError) as damage:
            self.harm.detected(damage)
        except DiskError as error:
            self._ends(error, Mark.ENDED_BY_DISK)
        return False

    def _drive(self) -> Ending:
        run = self._opening.open()
        self.witness.check_lineage(run.state, self.platform.jobs)
        journal = RunJournal(self.layout, self.files, run.loaded, snapshot_every=self.knobs.snapshot_every)
        self.witness.journal = journal
        opened = facts.Opened(self.clock.utc(), "1")
        self.witness.append([opened])
        apply(run.state, opened)
        try:
            ports = self.platform.connect(run.state)
        except DiskError:
            raise
        except CoralrunError as error:
            self._ends(error, Mark.SIGN_IN_FAILED)
            self.platform.leave()
            return Ending.PAUSED
        self._budget = ports.budget or self
        setup = self._setup_of(run)
        self._state = State(setup, run.state, Volatile(self.clock.monotonic()))
        performer = Performer(
            *(run.plan, run.units, run.identity.run, ports.service, ports.images, self.blobs, self.clock),
            withdrawn=plans.withdrawn(self.layout, self.files, run.state),
            moved=plans.moved(self.layout, self.files, run.state, run.plan, run.units),
            uploads=ports.uploads,
        )
        self._perform = performer.perform
        if self.knobs.kind in (Kind.REAL, Kind.LOCAL):  # nothing that a toy says could be secret
            self._perform = Diary(self.layout.log, cast(SystemClock, self.clock)).keeping(performer.perform)
        self._fates.resuming = False
        ending = Driver(self._state, self, self.witness, self.clock, self._budget, self, self.ctrl_c).run()
        self.ctrl_c.left()
        self.platform.leave()
        self.witness.left()
        return ending

    def _setup_of(self, run: OpenRun) -> Setup:
        """What the machine knows of the plan in force, worked out once for each."""
        digest = run.state.plans[-1].digest
        if digest not in self._setups:
            self._setups[digest] = Setup.of(run.plan, run.units, self.knobs.limits)
        return self._setups[digest]

    def _ends(self, error: CoralrunError, mark: Mark) -> None:
        """A process tells why it ends."""
        self.tell("ENDS", error)
        self.planted.told(f"{error} {error.remedy}")
        self.mark(mark)

    def _bury(self) -> None:
        """What a dead process had on its way: its submission arrives perhaps, and nothing else does."""
        self._flight.outlive()
        self.disk.process_dies()
        self.planted.search()
        if self.strikes(Fault.POWER_LOST):
            names, some_bytes = self.disk.machine_dies()
            for mark, lost in ((Mark.ENTRY_LOST, names), (Mark.BYTES_LOST, some_bytes)):
                if lost:
                    self.mark(mark)
        self._jump_wall()
        self.harm.strike()
        self.harm.strike_record()

    # The watcher of every process

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """What is waited for is what a person reads."""
        self.witness.decided(state, decision, now)
        if not decision.effects and not state.volatile.in_flight:
            self.manners.waits(state, self.witness.soonest_s, now)
        for wait in decision.waits:
            self.planted.told(wait.why)

    def happened(self, state: State, fact: facts.Fact) -> None:
        """A fact in words is what a person reads."""
        self.witness.happened(state, fact)
        self.planted.told(fact_line(state, fact) or "")
        if self.platform.source is not None and isinstance(fact, UploadFact):
            self.platform.source.check(state.durable, self.asked)
        if isinstance(fact, facts.Doubted):
            stem = f"{OURS}{fact.batch}.{fact.attempt}."
            if any(job.mark.startswith(stem) for job in self.platform.jobs):
                self.mark(Mark.ORPHAN_PUSHED_OUT)

    # The workers of every process

    def start(self, effect: effects.Effect) -> None:
        """An effect sets out."""
        self.witness.started(self._state, effect)
        self.manners.asked(self._state, effect, self.clock.now)
        self.tell("start", effect)
        if not isinstance(effect, effects.Resolve):
            self._sent_at_s = self.clock.now
        assert self._perform is not None
        self._flight.sets_out(effect, self._perform)

    def take(self, timeout_s: float) -> Completion | None:
        """The next completion; the clock jumps over the short sleeps of the loop."""
        self.ctrl_c.sleeps(timeout_s)
        soonest_s = self.clock.at(self.witness.soonest_s)
        stopping = self.ctrl_c.pressed or self._state.durable.paused is not None
        until_s = self.clock.now + timeout_s if stopping else max(self.clock.now, soonest_s) + WAKES_LATE_S
        require(self.clock.now < self._ends_before_s, "the run does not end")
        while (at_s := self._flight.next_s()) <= until_s:
            self.clock.now = max(self.clock.now, at_s)
            if self.strikes(Fault.CRASH):
                raise Crash("between two completions")
            event = self._flight.pop()
            self._disturb()
            if isinstance(event, Completion):
                self.tell("  got", event.outcome, "for", event.effect)
                self.manners.answered(event.effect, event.outcome, self.clock.now)
                return event
            if isinstance(event, Arrival):
                self._flight.arrive(event)
            else:
                event()
        require(until_s < float("inf"), "the engine waits for ever")
        self.clock.now = max(self.clock.now, until_s)
        return None

    def _disturb(self) -> None:
        """What happens to a machine between two effects."""
        self.changes.kill()
        if self.strikes(Fault.SUSPEND):
            self.suspend()
            self._flight.break_connections()
        self._jump_wall()
        if self.strikes(Fault.SECOND_PROCESS):
            try:
                with lock.hold(self.layout, self.files, since=self.clock.utc()):
                    raise Violation("two processes work on one run")
            except LockedError as error:
                self.planted.told(str(error))
                self.mark(Mark.LOCKED_OUT)

    def _jump_wall(self) -> None:
        if self.strikes(Fault.WALL_JUMP):
            jump_s = self.chance.choice((-DAY_S, DAY_S))
            self.clock.wrong_s += jump_s
            self.mark(Mark.JUMPED_FORWARD if jump_s > 0 else Mark.JUMPED_BACK)
            if jump_s > 0:
                self.platform.jumped_forward()

    # The budget of every process

    def wait_s(self, requests: int = 1) -> float:
        """How long until so many more requests may be sent."""
        return max(0.0, self._sent_at_s + requests * self.knobs.request_every_s - self.clock.now)
