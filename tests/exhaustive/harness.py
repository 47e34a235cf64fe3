"""One thread, and the simulator's clock, service and disk without chance: a run small enough to be crashed everywhere.

What is real: the machine, the driver, the performer, the run's journal, snapshots and results. An effect is performed
when the loop next waits, in the order in which effects were started, so a life is the same each time, and its moments
can be numbered: each operation of the disk, each departure of an effect, and each return of its outcome.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import TypeVar

from tests.answers import places_of
from tests.sim.disk import Crash, SimDisk, SimPath, mounted
from tests.sim.disk import Fate as CallFate
from tests.sim.faults import Fault
from tests.sim.knobs import Knobs
from tests.sim.manners import Manners
from tests.sim.marks import Mark
from tests.sim.toy import ToyPlatform
from tests.surroundings import Surroundings

from coralrun.coralnet.protocol import LIMITS
from coralrun.driver import Completion, Driver, Ending
from coralrun.errors import DiskError
from coralrun.machine import effects, facts, units
from coralrun.machine.apply import apply
from coralrun.machine.decide import Decision
from coralrun.machine.durable import Durable
from coralrun.machine.runs import from_ranges
from coralrun.machine.state import Setup, State
from coralrun.machine.units import PlanUnits
from coralrun.machine.volatile import Volatile
from coralrun.perform import Performer
from coralrun.planning import codec
from coralrun.planning.images import PlannedImage, Point, Size
from coralrun.planning.model import Classifier, Plan
from coralrun.service.limits import ServiceLimits
from coralrun.spec.point_design import Method, PointDesign
from coralrun.store import lock, run
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Appender, Disk
from coralrun.store.layout import FIRST_PLAN, Layout, PlanLayout
from coralrun.store.run import Identity, RunJournal

ENTRY_TAKES_S = 1.0
SIZE = Size(90, 60)
MOST_TURNS = 20_000
IDENTITY = Identity(
    run="0123456789",
    name="exhaustive",
    created_at="2026-01-01T00:00:00Z",
    coralrun="1",
    python="3.11.0",
    service="toy",
    account="ann",
    survey_file="",
)


Done = TypeVar("Done")


class Way(StrEnum):
    """What becomes of the bytes of the operation in which the process dies, or how the disk fails."""

    LOST = "lost"
    KEPT = "kept"
    TORN = "torn"
    FAILS_ONCE = "fails once"
    FAILS_FOR_EVER = "fails for ever"


@dataclass(slots=True)
class Fate:
    """The moment at which a process dies, and in which way; 0: never. `count` is how many moments there were."""

    at: int = 0
    way: Way = Way.LOST
    count: int = 0

    def strikes(self) -> bool:
        """Count a moment; whether it is the one."""
        self.count += 1
        return self.count == self.at


class FragileDisk(Disk):
    """The real operations of a disk, on the simulator's; of the one in which the process dies, `Way` says what is."""

    def __init__(self) -> None:
        self.machine = SimDisk(Random(0), self._fate_of)
        self.reborn(Fate())

    def reborn(self, fate: Fate) -> None:
        """Another process uses the disk, which was mended if need be."""
        self.machine.process_dies()
        self.fate, self._broken, self._tears, self._fails = fate, False, False, False

    def copied(self) -> FragileDisk:
        """Another disk with the same files."""
        disk = FragileDisk()
        disk.machine = self.machine.copied(disk._fate_of)
        return disk

    def replace(self, path: Path, data: bytes) -> None:
        """The old file or the new one; a torn one stays under its temporary name."""
        self._do(lambda: Disk.replace(self, path, data))

    def note(self, path: Path, data: bytes) -> None:
        """A file that is not synced."""
        self._do(lambda: Disk.note(self, path, data))

    def appender(self, path: Path) -> Appender:
        """A file that only grows."""
        return self._do(lambda: _FragileAppender(self._do, Disk.appender(self, path)))

    def remove(self, path: Path) -> None:
        """Delete a file."""
        self._do(lambda: Disk.remove(self, path))

    def _do(self, act: Callable[[], Done]) -> Done:
        if self._broken:
            raise DiskError("the disk is still full")
        if not self.fate.strikes():
            return act()
        way = self.fate.way
        if way is Way.LOST:
            raise Crash("at this moment")
        self._tears, self._fails = way is Way.TORN, way in (Way.FAILS_ONCE, Way.FAILS_FOR_EVER)
        self._broken = way is Way.FAILS_FOR_EVER
        done = act()
        if way in (Way.KEPT, Way.TORN):
            raise Crash("at this moment")
        return done

    def _fate_of(self, call: str, name: str) -> CallFate:
        if self._tears and call == "write":
            return CallFate.DIES_WITHIN
        if self._fails and call in ("write", "fsync", "remove"):
            self._fails = False
            return CallFate.FULL
        return CallFate.DONE


class _FragileAppender(Appender):
    def __init__(self, do: Callable[[Callable[[], None]], None], opened: Appender) -> None:
        self._do, self._opened = do, opened

    def append(self, data: bytes) -> None:
        self._do(lambda: self._opened.append(data))

    def close(self) -> None:
        self._opened.close()


def plan_of(images: int, batch_size: int) -> Plan:
    """A plan of images of two points each."""
    planned = tuple(
        PlannedImage(key=name, source="manifest:images.csv", name=name, points=2, url=f"sim:{number}:", size=SIZE)
        for number, name in enumerate(f"image-{number}" for number in range(images))
    )
    return Plan(
        name="exhaustive",
        service="toy",
        survey_digest="0" * 64,
        classifier=Classifier(id="1"),
        images=planned,
        design=PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=2, seed=7),
        batch_size=batch_size,
        concurrency=2,
        attempts=3,
        points_per_entry=200,
    )


def units_of(plan: Plan) -> PlanUnits:
    """The units of a plan's images: the last image's is the first."""
    last = len(plan.images) - 1
    return PlanUnits(((last, last), (0, last - 1)) if last else ((0, 0),))


def first_plan(folder: PlanLayout, plan: Plan) -> tuple[dict[Path, bytes], facts.Planned]:
    """The files of a plan, and the fact that commits it."""
    files, named = codec.encode(plan), ((0, len(plan.images) - 1),)
    of_images = units.encode(units_of(plan).runs)
    digest = units.plan_digest(codec.digest(files), of_images)
    contents = {folder.header: files.header, folder.images: files.images, folder.units: of_images}
    return contents, facts.Planned("2026-01-01T00:00:00Z", FIRST_PLAN, digest, len(plan.images), named)


class Life(Surroundings):
    """One run, from its first process to its end. The life is also the workers, watcher and budget of each process.

    With a `folder` its disk is the real one, and only the moments of effects are counted.
    """

    sender_is_dead = is_silent = False

    def __init__(
        self,
        plan: Plan,
        struck: Mapping[Fault, int],
        *,
        snapshot_every: int = 1000,
        allowed: ServiceLimits = LIMITS,
        folder: Path | None = None,
    ) -> None:
        super().__init__()
        self.plan, self.allowed, self.snapshot_every = plan, allowed, snapshot_every
        natures, sizes = (None,) * len(plan.images), tuple(image.size for image in plan.images)
        self.knobs = Knobs(seed=0, plan=plan, natures=natures, sizes=sizes, slots=2, entry_s=ENTRY_TAKES_S)
        self.chance = Random(0)
        self.manners = Manners(self.knobs)
        self._struck, self._asked = struck, Counter[Fault]()
        self.platform = ToyPlatform(self)
        self.disk: Disk = FragileDisk() if folder is None else Disk()
        self.layout = Layout(folder or SimPath("/run"))
        self.fate = Fate()
        self.state = Durable()
        self._files, self._planned = first_plan(self.layout.plan(FIRST_PLAN), plan)
        self._performer: Performer | None = None
        self._queue: deque[effects.Effect] = deque()
        self._soonest_s = 0.0
        self._turns = 0

    def copied(self) -> Life:
        """The same run once more, between two processes, on a disk in memory: what becomes of one leaves the other."""
        assert isinstance(self.disk, FragileDisk)
        self._performer = None
        same = (self.plan, self.allowed, self.knobs, self.manners, self.layout, self.state, self._struck)
        memo: dict[int, object] = {id(part): part for part in (*same, self._files, self._planned)}
        memo[id(self.disk)], memo[id(self.chance)] = self.disk.copied(), (chance := Random())
        chance.setstate(self.chance.getstate())
        return deepcopy(self, memo)

    def strikes(self, fault: Fault) -> bool:
        """Whether it is asked for the time at which this fault happens, whatever process asks."""
        if fault not in self._struck:
            return False
        self._asked[fault] += 1
        return self._asked[fault] == self._struck[fault]

    def mark(self, mark: Mark) -> None:
        """Nobody counts."""

    def mounted(self) -> AbstractContextManager[None]:
        """Its disk in place of this machine's, where it is in memory."""
        return mounted(self.disk.machine) if isinstance(self.disk, FragileDisk) else nullcontext()

    def process(self, fate: Fate) -> bool:
        """Live as one process; True when the run is finished, False when the process died of its fate."""
        self.fate = fate
        if isinstance(self.disk, FragileDisk):
            self.disk.reborn(fate)
        self._queue.clear()
        self._turns = 0
        try:
            with self.mounted():
                return self._drive() is Ending.FINISHED
        except (Crash, DiskError):
            return False

    def _drive(self) -> Ending:
        lock.sweep(self.layout, self.disk)
        if not run.load(self.layout, self.disk).state.plan:
            run.make(self.layout, self.disk, IDENTITY, self._files, self._planned)
        loaded = run.load(self.layout, self.disk)
        self.state = loaded.state
        journal = RunJournal(self.layout, self.disk, loaded, snapshot_every=self.snapshot_every)
        state = State(
            Setup.of(self.plan, units_of(self.plan), self.allowed), loaded.state, Volatile(self.clock.monotonic())
        )
        opened = facts.Opened(self.clock.utc(), "1")
        journal.append((opened,))
        apply(loaded.state, opened)
        blobs = BlobStore(self.layout, self.disk)
        ports = self.platform.connect(loaded.state)
        self._performer = Performer(
            self.plan, units_of(self.plan), IDENTITY.run, ports.service, ports.images, blobs, self.clock
        )
        try:
            return Driver(state, self, journal, self.clock, self, self, self).run()
        finally:
            journal.close()

    # What a driver asks of its surroundings

    def start(self, effect: effects.Effect) -> None:
        """An effect sets out."""
        self._queue.append(effect)

    def take(self, timeout_s: float) -> Completion | None:
        """The next completion; the process may die before its effect leaves, and before its outcome is learnt."""
        if not self._queue:
            self.clock.now = max(self.clock.now + timeout_s, self._soonest_s)
            return None
        effect = self._queue.popleft()
        self._pass()
        assert self._performer is not None
        outcome = self._performer.perform(effect)
        self.clock.now += 0.1
        self._pass()
        return Completion(effect, outcome)

    def _pass(self) -> None:
        if self.fate.strikes():
            raise Crash("at this moment")

    def decided(self, state: State, decision: Decision, now: float) -> None:
        """Remember what is waited for; a run that never ends is a defect."""
        self._turns += 1
        assert self._turns < MOST_TURNS, f"the run does not end: {decision}"
        self._soonest_s = min((wait.until_s for wait in decision.waits), default=now)

    # What became of it

    def credited(self) -> dict[int, tuple[Point, ...]]:
        """For each image that succeeded, the points that its stored result answers."""
        points: dict[int, tuple[Point, ...]] = {}
        stored = BlobStore(self.layout, self.disk)
        for job in self.state.closed:
            if not job.sha256:
                continue
            with self.mounted():
                result = stored.read(job.batch, job.attempt, job.sha256)
                assert stored.reply(job.batch, job.attempt, result) == b"the reply"
            told = {entry.unit: places_of(entry) for entry in result.entries}
            for image in from_ranges(job.units):
                if image not in job.missed:
                    assert image not in points, f"image {image} is credited twice"
                    points[image] = told[image]
        return points

    def attempts_made(self) -> Counter[str]:
        """How many jobs the service made for each batch and attempt."""
        return Counter(attempt_of(job.mark) for job in self.platform.jobs)


def attempt_of(mark: str) -> str:
    """The run, batch and attempt that a job was made for."""
    return mark.rpartition(".")[0]
