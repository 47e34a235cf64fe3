"""The tasks whose cost is measured: each prepares what it needs, gives the work that counts, and clears up.

Rule: the work is done by coralrun's own code, on real files; only the service is in memory and answers at once.
"""

from __future__ import annotations

import gc
import random
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from coralrun.coralnet.account.limiter import Limiter
from coralrun.coralnet.codec import wire
from coralrun.coralnet.protocol import LIMITS
from coralrun.driver import Driver, Ending
from coralrun.machine import effects, facts, outcomes
from coralrun.machine.apply import apply
from coralrun.machine.state import Setup, State
from coralrun.machine.units import PlanUnits
from coralrun.machine.volatile import Volatile
from coralrun.perform import Performer
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Plan
from coralrun.ports import Answer, Entry, Located
from coralrun.store import run as run_store
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk
from coralrun.store.layout import FIRST_PLAN, Layout
from coralrun.store.run import RunJournal

from . import big_run, tables
from .engine import VirtualClock, World, coralrun
from .world import Case

Task = Callable[[], AbstractContextManager[Callable[[], None]]]
MODEL = "1-2 min"


def plan(images: int) -> Task:
    """Read a manifest with sizes, compile it and encode the plan's files."""

    @contextmanager
    def task() -> Iterator[Callable[[], None]]:
        from coralrun.planning import codec

        compiled = _compiling(images)

        def work() -> None:
            assert codec.encode(compiled()).images.count(b"\n") == images

        yield work

    return task


def change(images: int, more: int) -> Task:
    """Let a finished run become what its survey says with so many images more: read and compile it, compare, commit."""

    @contextmanager
    def task() -> Iterator[Callable[[], None]]:
        from coralrun.app.applying.next_plan import bring_into_force
        from coralrun.app.beforehand.so_far import history
        from coralrun.app.run.run_directory import open_run
        from coralrun.machine.reconcile import reconcile

        compiled = _compiling(images + more)

        def work() -> None:
            plan = compiled()
            opened = open_run(root)
            difference = reconcile(history(opened), opened.state, plan)
            assert (difference.kept, len(difference.to_send)) == (images, more)
            bring_into_force(opened, plan, difference, None, big_run.AT)

        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "run"
            big_run.make_apart(root, images)
            yield work

    return task


def _compiling(images: int) -> Callable[[], Plan]:
    """What reads a manifest with sizes, which is in memory, and compiles it."""
    from coralrun.app.survey.survey_file import read_survey
    from coralrun.planning.compile import compile_plan
    from coralrun.planning.model import Classifier
    from coralrun.sources.manifest import read_manifest

    rows = (
        f"reef_{number:07d}.jpg,https://example.org/photos/site_{number % 100}/reef_{number:07d}.jpg,1600,1200\n"
        for number in range(images)
    )
    data = ("name,url,width,height\n" + "".join(rows)).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "survey.yaml"
        (path.parent / "images.csv").write_text("name,url\na,https://example.org/a\n")
        path.write_text(
            "version: 1\nname: scale\nclassifier: {id: 1}\nsources: [{manifest: images.csv}]\n"
            "sampling: {points: {method: simple random, number_of_points: 25}}\noutputs: {directory: run}\n"
        )
        survey = read_survey(path).survey

    def compiled() -> Plan:
        inventory = [(survey.sources[0], read_manifest("images.csv", data).images)]
        return compile_plan(survey, inventory, Classifier(id="1"), "0" * 64, {}, None, allowed=LIMITS)

    return compiled


def go_on(images: int) -> Task:
    """Go on with a run of which one batch is left: open it, send the batch, collect it, finish. Without the tables."""

    @contextmanager
    def task() -> Iterator[Callable[[], None]]:
        from coralrun.app.run.run_directory import open_run

        def work() -> None:
            opened = open_run(root)
            journal = RunJournal(opened.layout, Disk(), opened.loaded)
            state = State(Setup.of(opened.plan, opened.units, LIMITS), opened.state, Volatile(started_s=0.0))
            case, clock = Case(model=MODEL, images=big_run.BATCH), VirtualClock()
            server, limiter = case.server(), Limiter(clock)
            server.numbered = len(opened.state.closed)
            world = World(case, server, clock, limiter)
            assert Driver(state, world, journal, clock, limiter, world, world).run() is Ending.FINISHED
            journal.close()

        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "run"
            big_run.make_apart(root, images, left=big_run.BATCH)
            yield work

    return task


def journal(jobs: int) -> Task:
    """Write the facts of so many jobs, each synced by itself, with the snapshots that fall due."""

    @contextmanager
    def task() -> Iterator[Callable[[], None]]:
        def work() -> None:
            loaded = run_store.load(layout, disk)
            written = RunJournal(layout, disk, loaded)
            written.append((planned,))
            apply(loaded.state, planned)
            for number in range(1, jobs + 1):
                for fact in _facts_of(number):
                    written.append((fact,))
                    apply(loaded.state, fact)
            written.close()

        with tempfile.TemporaryDirectory() as folder:
            layout, disk = Layout(Path(folder)), Disk()
            disk.make_directory(layout.state)
            planned = big_run.planned(big_run.BATCH * jobs)
            yield work

    return task


def _facts_of(number: int) -> tuple[facts.Fact, ...]:
    images = tuple(range(big_run.BATCH * (number - 1), big_run.BATCH * number))
    sizes = (Size(1600, 1200),) * len(images)
    return (
        facts.Batched.of(number, images),
        facts.Intended.of(big_run.AT, number, 1, len(images), str(number - 1), (), sizes),
        facts.Submitted(big_run.AT, number, 1, str(number)),
        facts.Collected(big_run.AT, number, 1, str(number), "0" * 64, len(images), {}, {}),
    )


@dataclass(slots=True)
class Replying:
    """A service that keeps what it is sent, and gives a reply as large as a real one."""

    sent: list[Entry] = field(default_factory=list)
    body: bytes = b""

    def submit(self, name: str, entries: Sequence[Entry]) -> outcomes.Accepted:
        """Take a batch."""
        self.sent = list(entries)
        return outcomes.Accepted("1")

    def listing(self, since: str | None = None, done_before: Sequence[str] = ()) -> outcomes.Listed:
        """No job is active."""
        return outcomes.Listed((), ("1",), 5)

    def look(self, job: str) -> outcomes.JobDone:
        """Every job is done."""
        return outcomes.JobDone()

    def fetch(self, job: str) -> Answer:
        """Read the reply, as the client does."""
        return wire.decode_result(self.body)

    def release(self, job: str) -> outcomes.Done:
        """Nothing is kept."""
        return outcomes.Done()

    def locate(self, image: PlannedImage) -> Located:
        """No image needs it."""
        raise AssertionError(image)


def collect(images: int, points: int) -> Task:
    """Read a job's reply, compare it with what was asked, and store it durably."""

    @contextmanager
    def task() -> Iterator[Callable[[], None]]:
        plan, service, sizes = tables.plan_of(images, points, url=True), Replying(), (Size(4000, 3000),) * images
        numbers = tuple(range(images))
        with tempfile.TemporaryDirectory() as folder:
            layout, disk = Layout(Path(folder)), Disk()
            for made in (layout.results, layout.points):
                disk.make_directory(made)
            performer = Performer(
                plan, PlanUnits(((0, images - 1),)), "r", service, service, BlobStore(layout, disk), VirtualClock()
            )
            performer.perform(effects.Submit(1, 1, numbers, sizes))
            service.body = tables.reply(service.sent, random.Random(1))

            def work() -> None:
                found = performer.perform(effects.Collect(1, 1, "1", numbers, sizes))
                assert isinstance(found, outcomes.Collected), found

            yield work

    return task


def fold(images: int, points: int) -> Task:
    """Write the tables of a finished run, as CSV and as Parquet."""

    @contextmanager
    def task() -> Iterator[Callable[[], None]]:
        with tempfile.TemporaryDirectory() as folder:
            tables.make_apart(Path(folder), images, points)

            def work() -> None:
                tables.fold(Path(folder), images, points)

            yield work

    return task


def run(images: int) -> Task:
    """Carry out a survey on a server whose jobs take a minute and whose requests take none of our time."""

    @contextmanager
    def task() -> Iterator[Callable[[], None]]:
        def work() -> None:
            coralrun(Case(model=MODEL, images=images))

        yield work

    return task


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes of memory for each image: its line, the plan beyond the lines, and what the machine needs of it."""

    line: float
    plan: float
    setup: float


def held(images: int) -> Held:
    """What the plan of a run and the machine's own view of it hold."""
    from coralrun.app.run.run_directory import open_run

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "run"
        big_run.make(root, images)
        lines = Layout(root).plan(FIRST_PLAN).images.stat().st_size
        open_run(root)  # what is loaded with the first one is no image's
        gc.collect()
        tracemalloc.start()
        opened = open_run(root)
        plan, units = opened.plan, opened.units
        del opened
        gc.collect()
        with_plan, _ = tracemalloc.get_traced_memory()
        setup = Setup.of(plan, units, LIMITS)
        gc.collect()
        with_setup, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert len(setup.sizes) == len(plan.images) == images
    return Held(lines / images, (with_plan - lines) / images, (with_setup - with_plan) / images)
