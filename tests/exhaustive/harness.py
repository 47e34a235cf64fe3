"""One thread, one clock that jumps, a service that plays a script: a run small enough to be crashed everywhere.

What is real: the machine, the driver, the performer, the run's journal, snapshots and results. An effect is performed
when the loop next waits, in the order in which effects were started, so a life is the same each time, and its moments
can be numbered: each operation of the disk, each departure of an effect, and each return of its outcome.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from tests.answers import places_of, scored
from tests.sim.clock import VirtualClock
from tests.sim.disk import Crash, SimPath
from tests.surroundings import Surroundings

from coralrun.coralnet.job_lists import listed
from coralrun.coralnet.protocol import LIMITS
from coralrun.coralnet.wire import Jobs
from coralrun.driver import Completion, Driver, Ending
from coralrun.errors import DiskError
from coralrun.machine import effects, facts, outcomes, units
from coralrun.machine.decide import Decision
from coralrun.machine.durable import Durable, apply
from coralrun.machine.job_id import JobId, Marker
from coralrun.machine.runs import from_ranges
from coralrun.machine.state import Setup, State
from coralrun.machine.units import PlanUnits
from coralrun.machine.volatile import Volatile
from coralrun.perform import Performer
from coralrun.planning import codec
from coralrun.planning.model import Classifier, Plan, PlannedImage, Point, Size
from coralrun.ports import Answer, AnsweredEntry, Entry, Located
from coralrun.service.limits import ServiceLimits
from coralrun.spec.model import Method, PointDesign
from coralrun.store import lock, run, temporary
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Appender, Disk
from coralrun.store.layout import FIRST_PLAN, Layout, PlanLayout
from coralrun.store.run import Identity, RunJournal

JOB_TAKES_S = 100.0
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
    """A disk in memory. What an operation that returned did is durable; of the one that dies, `Way` says what is."""

    def __init__(self) -> None:
        self.files: dict[Path, bytes] = {}
        self.fate = Fate()
        self._broken = False

    def reborn(self, fate: Fate) -> None:
        """Another process uses the disk, which was mended if need be."""
        self.fate, self._broken = fate, False

    def read(self, path: Path) -> bytes:
        """The file's bytes."""
        if path not in self.files:
            raise FileNotFoundError(2, "no such file", str(path))
        return self.files[path]

    def replace(self, path: Path, data: bytes) -> None:
        """The old file or the new one; a torn one stays under its temporary name."""
        self._do(lambda: self.files.__setitem__(path, data), self._temporary(path, data))

    def note(self, path: Path, data: bytes) -> None:
        """A file that is not synced: what a death leaves of it may be a part."""
        self._do(lambda: self.files.__setitem__(path, data), (path, data[: len(data) // 2]))

    def appender(self, path: Path) -> Appender:
        """A file that only grows."""
        self._do(lambda: self.files.setdefault(path, b""))
        return _FragileAppender(self, path)

    def append(self, path: Path, data: bytes) -> None:
        """Write and sync."""
        old = self.files[path]
        self._do(lambda: self.files.__setitem__(path, old + data), (path, old + data[: len(data) * 2 // 3]))

    def remove(self, path: Path) -> None:
        """Delete a file."""
        self._do(lambda: self.files.pop(path, None))

    def remove_tree(self, path: Path) -> None:
        """Delete a folder with all that is in it, file by file."""
        for file in [file for file in self.files if path in (file, *file.parents)]:
            self.remove(file)

    def make_directory(self, path: Path) -> None:
        """Directories are not modelled."""

    def names(self, path: Path) -> list[str]:
        """The names in a directory."""
        return sorted(file.name for file in self.files if file.parent == path)

    @staticmethod
    def _temporary(path: Path, data: bytes) -> tuple[Path, bytes]:
        return temporary.beside(path), data[: len(data) // 2]

    def _do(self, act: Callable[[], object], torn: tuple[Path, bytes] | None = None) -> None:
        if self._broken:
            raise DiskError("the disk is still full")
        if not self.fate.strikes():
            act()
            return
        way = self.fate.way
        if way is Way.KEPT:
            act()
        elif way is not Way.LOST and torn is not None:
            self.files[torn[0]] = torn[1]
        if way in (Way.FAILS_ONCE, Way.FAILS_FOR_EVER):
            self._broken = way is Way.FAILS_FOR_EVER
            raise DiskError("the disk is full")
        raise Crash("at this moment")


class _FragileAppender(Appender):
    def __init__(self, disk: FragileDisk, path: Path) -> None:
        self._disk = disk
        self._file = path

    def append(self, data: bytes) -> None:
        self._disk.append(self._file, data)

    def close(self) -> None:
        return


@dataclass(slots=True)
class Job:
    """A job of the scripted service."""

    number: int
    entries: tuple[Entry, ...]
    done_s: float

    @property
    def attempt(self) -> str:
        """The run, batch and attempt that it was made for."""
        return self.entries[0].mark.rsplit(".", 1)[0]


Script = Callable[["ScriptedService", str, int], object | None]
"""What happens in place of the ordinary at the n-th call of a kind ("submit", "list", "look", "fetch"), whatever
process makes it; None: the ordinary. A crash may shift what a script hits."""


@dataclass(slots=True)
class ScriptedService:
    """Implements `ports.Service` and `ports.Images`."""

    script: Script
    clock: VirtualClock
    slots: int = 2
    jobs: list[Job] = field(default_factory=list)
    late: list[tuple[float, tuple[Entry, ...]]] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)

    def submit(self, name: str, entries: Sequence[Entry]) -> outcomes.Accepted | outcomes.Refused | outcomes.Unknown:
        """Take a batch."""
        scripted = self._scripted("submit")
        if scripted == "lost":
            return outcomes.Unknown()
        if scripted == "late":
            self.late.append((self.clock.now + 60.0, tuple(entries)))
            return outcomes.Unknown()
        if isinstance(scripted, outcomes.Refused):
            return scripted
        if len(self._active()) >= self.slots:
            return outcomes.Refused(outcomes.Refusal.NO_SLOT)
        job = self._take(tuple(entries))
        return outcomes.Unknown() if scripted == "reply lost" else outcomes.Accepted(str(job.number))

    def listing(
        self, since: Marker | None = None, done_before: Sequence[JobId] = ()
    ) -> outcomes.Listed | outcomes.Trouble:
        """The account's jobs."""
        scripted = self._scripted("list")
        if isinstance(scripted, outcomes.Trouble):
            return scripted
        active = self._active()
        over = sorted((job for job in self.jobs if job not in active), key=lambda job: (-job.done_s, -job.number))
        at_work, done = (tuple(str(job.number) for job in shown) for shown in (active, over[: 2 * self.slots]))
        return listed(Jobs(at_work, done, self.slots), since, done_before)

    def look(self, name: JobId) -> outcomes.Progress | outcomes.JobDone | outcomes.Missing | outcomes.Trouble:
        """How far a job is."""
        self._scripted("look")
        job = self.jobs[int(name) - 1]
        if self.clock.now >= min(job.done_s, 5_000.0):
            return outcomes.JobDone()
        return outcomes.Progress(0, 0, len(job.entries))

    def fetch(self, name: JobId) -> Answer | outcomes.NotReady | outcomes.Missing | outcomes.Trouble:
        """A job's result."""
        scripted = self._scripted("fetch")
        if isinstance(scripted, outcomes.Missing | outcomes.Trouble):
            return scripted
        job = self.jobs[int(name) - 1]
        if self.clock.now < job.done_s:
            return outcomes.NotReady()
        answered = tuple(AnsweredEntry(entry.mark, scored(entry.points), None) for entry in job.entries)
        if scripted is not None and isinstance(scripted, tuple):
            where, reason = scripted
            failed = AnsweredEntry(answered[where].mark, (), reason)
            answered = (*answered[:where], failed, *answered[where + 1 :])
        if scripted == "reordered":
            answered = answered[::-1] if len(answered) > 1 else ()
        return Answer(answered, b"the reply")

    def release(self, job: str) -> outcomes.Done:
        """Nothing is kept."""
        return outcomes.Done()

    def locate(self, image: PlannedImage) -> Located | outcomes.Unusable | outcomes.Trouble:
        """Where an image is."""
        return Located(f"toy:{image.name}", image.size or Size(1, 1), None)

    def _scripted(self, kind: str) -> object | None:
        for due in [due for due in self.late if due[0] <= self.clock.now]:
            self.late.remove(due)
            self._take(due[1])
        self.calls[kind] += 1
        return self.script(self, kind, self.calls[kind])

    def _take(self, entries: tuple[Entry, ...]) -> Job:
        job = Job(len(self.jobs) + 1, entries, self.clock.now + JOB_TAKES_S)
        self.jobs.append(job)
        return job

    def _active(self) -> list[Job]:
        return [job for job in self.jobs if self.clock.now < job.done_s]


def plan_of(images: int, batch_size: int) -> Plan:
    """A plan of images of two points each."""
    planned = tuple(
        PlannedImage(key=name, source="manifest:images.csv", name=name, points=2, url=f"toy:{name}", size=Size(90, 60))
        for name in (f"image-{number}" for number in range(images))
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

    def __init__(
        self,
        plan: Plan,
        script: Script,
        *,
        snapshot_every: int = 1000,
        allowed: ServiceLimits = LIMITS,
        folder: Path | None = None,
    ) -> None:
        self.plan = plan
        self.allowed = allowed
        super().__init__()
        self.service = ScriptedService(script, self.clock)
        self.disk: Disk = FragileDisk() if folder is None else Disk()
        self.layout = Layout(folder or SimPath("/run"))
        self.snapshot_every = snapshot_every
        self.fate = Fate()
        self.state = Durable()
        self._files, self._planned = first_plan(self.layout.plan(FIRST_PLAN), plan)
        self._queue: deque[effects.Effect] = deque()
        self._soonest_s = 0.0
        self._turns = 0

    def copied(self) -> Life:
        """The same run once more, between two processes, on a disk in memory: what becomes of one leaves the other."""
        assert isinstance(self.disk, FragileDisk)
        copied, clock = copy(self), VirtualClock(now=self.clock.now)
        jobs, late, calls = [replace(job) for job in self.service.jobs], [*self.service.late], self.service.calls.copy()
        copied.clock, copied.service = clock, replace(self.service, clock=clock, jobs=jobs, late=late, calls=calls)
        copied.disk, copied._queue = FragileDisk(), deque()
        copied.disk.files |= self.disk.files
        return copied

    def process(self, fate: Fate) -> bool:
        """Live as one process; True when the run is finished, False when the process died of its fate."""
        self.fate = fate
        if isinstance(self.disk, FragileDisk):
            self.disk.reborn(fate)
        self._queue.clear()
        self._turns = 0
        try:
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
        self._performer = Performer(
            self.plan, units_of(self.plan), "run", self.service, self.service, blobs, self.clock
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
        for job in self.state.closed:
            if not job.sha256:
                continue
            stored = BlobStore(self.layout, self.disk)
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
        return Counter(job.attempt for job in self.service.jobs)
