"""`service: local` as the platform of a world: the real service and the real spool, workers in virtual time.

Rule: what the thread of a process does to the service happens here as events of its own, whenever something may have
come. Each photo is computed until it is kept and never again, each result is kept once, no job that was accepted is
lost before the run has its result, and of a run that is finished nothing is left here. A result that is damaged while
no process runs is none, and a job whose request is: nobody puts them back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from unittest.mock import patch

from tests.answers import entries_of, places_of

from coralrun.classifiers.inference import scored_points
from coralrun.errors import ServiceError
from coralrun.files.stored_result import StoredResult
from coralrun.local import service as local_service
from coralrun.local import whereabouts
from coralrun.local.service import LocalService
from coralrun.local.spool import Request, Spool
from coralrun.local.tasks import Finished, Task
from coralrun.machine.durable import Durable
from coralrun.machine.job_id import JobId, Marker
from coralrun.machine.outcomes import Accepted, Listed, Refused, Trouble, Unusable
from coralrun.machine.reasons import Reason
from coralrun.ports import Entry, Home, Located

from .clock import HOUR_S
from .faults import Fault
from .local_cluster import SimCluster, stem_of
from .local_photos import LABELS, Photos, scores_of
from .platform import Ports, Told
from .witness import Violation, require

if TYPE_CHECKING:
    from .world import World

TURNS_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Job:
    """A job that was made: its name, and the mark of its first entry."""

    number: str
    mark: str


class WatchedSpool(Spool):
    """The real spool, which says what is kept and let go of."""

    __slots__ = ("platform",)
    platform: LocalPlatform

    def keep_request(self, job: str, request: Request) -> None:
        """A job is made."""
        super().keep_request(job, request)
        self.platform.made(job, request)

    def keep_result(self, job: str, entry: int, mark: str, finished: Finished) -> None:
        """A result is kept."""
        require(not self.has_result(job, entry), f"the result of entry {entry} of job {job} is kept twice")
        super().keep_result(job, entry, mark, finished)
        self.platform.kept.add((job, entry))

    def release(self, job: str) -> None:
        """A job is let go of."""
        self.platform.forget(job)
        super().release(job)

    def has_result(self, job: str, entry: int) -> bool:
        """Whether an entry has its result."""
        return self._result(job, entry).exists()


@dataclass(slots=True)
class WatchedService(LocalService):
    """The real service, whose thread notices soon that there is something to send."""

    platform: LocalPlatform = field(init=False)

    def submit(self, name: str, entries: Sequence[Entry]) -> Accepted | Refused:
        """A batch is taken."""
        answer = LocalService.submit(self, name, entries)
        self.platform.turn_at(self.platform.now + TURNS_EVERY_S)
        return answer

    def listing(self, since: Marker | None = None, done_before: Sequence[JobId] = ()) -> Listed | Trouble:
        """The jobs are asked for, and people see by the answer how far they are."""
        listed = LocalService.listing(self, since, done_before)
        for job, progress in listed.progress.items() if isinstance(listed, Listed) else ():
            assert isinstance(self.spool, WatchedSpool)
            told, has_result = progress.ok + progress.failed, self.spool.has_result
            kept = sum(has_result(job, entry) for entry in range(progress.total))
            require(told == kept, f"of job {job} {told} photos are said to be done, and {kept} are kept")
        return listed


class WatchedCluster(SimCluster):
    """The cluster, which is given nothing whose result is kept."""

    spool: WatchedSpool

    def send(self, tasks: Sequence[Task]) -> None:
        """Tasks are given to it."""
        for task in tasks:
            _, job, entry = stem_of(task.key)
            require(not self.spool.has_result(job, entry), f"entry {entry} of job {job} is computed after it was kept")
        super().send(tasks)


class LocalPlatform:
    """Implements `Platform`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._photos = Photos(world)
        self._cluster = WatchedCluster(world, self._photos)
        self._jobs: dict[str, Job] = {}
        self._seen: set[str] = set()
        self.needed: set[str] = set()
        self.kept: set[tuple[str, int]] = set()
        self._harmed = 0
        self._service: LocalService | None = None
        self._turn_s = inf

    @property
    def now(self) -> float:
        """The true time."""
        return self._world.clock.now

    @property
    def jobs(self) -> Sequence[Job]:
        """Every job that was ever made."""
        return list(self._jobs.values())

    @property
    def excused(self) -> Mapping[int, Collection[Reason]]:
        """What befell photos."""
        return self._photos.excused

    @property
    def source(self) -> None:
        """Nothing is uploaded."""

    @property
    def is_away(self) -> bool:
        """Whether the workers or their scheduler are."""
        return bool(self._cluster.trouble)

    def told(self, result: StoredResult) -> list[Told]:
        """The mark and the points of each entry; the scores are those of the photo that was planned."""
        told, asked = [], self._world.asked
        for entry, stored in zip(entries_of(result), result.entries, strict=True):
            points = places_of(stored)
            if points:
                classifier, photo = asked.of(entry.unit)[0].classifier.id, self._photos.planned(asked.photo(entry.unit))
                expected = scored_points(LABELS[classifier], points, scores_of(classifier, photo, points))
                require(entry.points == tuple(expected), f"{entry.mark} has other scores")
            told.append(Told(entry.mark, points, entry.points))
        return told

    def connect(self, state: Durable) -> Ports:
        """A new process starts its workers, or joins those that are there; raises ServiceError where it cannot."""
        world, cluster = self._world, self._cluster
        self._service = None
        if cluster.is_away:
            world.clock.sleep(world.chance.uniform(0, HOUR_S))
            raise ServiceError("no Dask scheduler answers", remedy="Start it.")
        nonce = f"life{world.processes}"
        self._photos.classifier = classifier = world.asked.plan.classifier.id
        cluster.join(nonce)
        cluster.spool = spool = WatchedSpool(world.layout.spool, world.files)
        object.__setattr__(spool, "platform", self)
        self._harm()
        there = spool.jobs()
        for job in self._seen - there.keys():
            del self._jobs[job]  # it was made, and not for good
        self._seen = there.keys() - self.needed
        for job, request in there.items():
            self._see(job, request)
        wanted = state.attempts_under_way()
        lost = sorted((self.needed & wanted) - there.keys())
        require(not lost, f"jobs that were accepted are gone: {lost}")
        results = {(job, entry) for job, request in there.items() for entry, _ in spool.results(job, request)}
        lost_results = sorted((job, entry) for job, entry in self.kept - results if job in there)
        require(not lost_results, f"results that were kept are gone: {lost_results}")
        assert world.knobs.local is not None
        self._service = WatchedService(
            classifier=classifier,
            labels=LABELS[classifier],
            spool=spool,
            home=Home(world.layout.spool, wanted, self._locate),
            most_jobs=world.knobs.slots,
            cluster=cluster,
            nonce=nonce,
            wall_s=world.clock.wall_s,
            sends=world.knobs.local.sends,
        )
        self._service.platform = self
        for job in there.keys() - spool.jobs().keys() - state.jobs:
            del self._jobs[job]  # nobody heard that it was taken, and it was of a classifier of before
        self.needed |= spool.jobs().keys()
        self._seen.clear()
        self._turn_s = inf
        self.turn_at(world.clock.now)
        return Ports(self._service, self._photos, None)

    def replaced(self, name: int, was: int, photo: int) -> None:
        """Somebody put another photo in a photo's place."""
        self._photos.replaced(name, was, photo)

    def leave(self) -> None:
        """A process that has finished the run leaves nothing of it here, and no job was given up on the way, but for
        those of a classifier that the survey names no longer."""
        happenings = self._world.witness.happenings
        given_up = [name for name in happenings if name.startswith("GaveUp: ")]
        upgraded = len({plan.classifier.id for plan, _ in self._world.asked.plans}) > 1
        of_harm = given_up == [f"GaveUp: {Reason.JOB_LOST}"] and (upgraded or happenings[given_up[0]] <= self._harmed)
        require(not given_up or of_harm, f"jobs were given up: {given_up}")
        if self._service is not None and self._world.witness.acknowledged.finished_at:
            left = sorted(name for name in self._world.disk.seen if name.startswith(f"{self._world.layout.spool}/"))
            require(not left, f"left of the jobs of a finished run: {left}")

    def jumped_forward(self) -> None:
        """Nothing is counted by the time of day."""

    def ended(self) -> None:
        """A job is looked after by whoever watches jobs."""

    def made(self, job: str, request: Request) -> None:
        """A job is there for good."""
        self._see(job, request)
        self.needed.add(job)

    def _harm(self) -> None:
        """Perhaps something befell a file of a job while no process ran; a job without its request is none."""
        world = self._world
        names = sorted(name for name in world.disk.seen if name.startswith(f"{world.layout.spool}/"))
        is_flipped = bool(names) and world.strikes(Fault.BYTE_FLIPPED)
        if not is_flipped and not (names and world.strikes(Fault.TRUNCATED)):
            return
        path = PurePosixPath(world.chance.choice(names))
        inode = world.disk.seen[str(path)]
        if is_flipped and inode.data:
            first = inode.data.find(b"\n") + 1  # of a result the scores, of which nothing else would tell
            at = world.chance.randrange(first if first < len(inode.data) else 0, len(inode.data))
            inode.data[at] ^= 1 << world.chance.randrange(8)
        else:
            inode.data.clear()
        inode.synced = bytes(inode.data)
        job = path.parent.name
        if path.suffix == ".scores":
            self.kept.discard((job, int(path.stem)))
        elif path.name == "request.json":
            self._harmed += 1
            self._seen.discard(job)
            self._jobs.pop(job, None)
            self.forget(job)

    def forget(self, job: str) -> None:
        """A job is needed no longer, nor what was kept of it."""
        self.needed.discard(job)
        self.kept = {(of, entry) for of, entry in self.kept if of != job}

    def _see(self, job: str, request: Request) -> None:
        """A job is there, and may be gone again if the power is lost."""
        job_made = Job(job, request.entries[0].mark)
        require(self._jobs.setdefault(job, job_made) == job_made, f"the folder of job {job} is used again")

    def _locate(self, unit: int) -> Located | Unusable | Trouble:
        """Where the photo of a unit of work is."""
        return self._photos.locate(self._world.asked.of(unit)[1])

    def turn_at(self, at_s: float) -> None:
        """Turn then, unless it turns before."""
        if at_s < self._turn_s:
            self._turn_s = at_s
            service = self._service
            self._world.happens(at_s, lambda: self._turn(service, at_s))

    def _turn(self, service: LocalService | None, at_s: float) -> None:
        """As the thread of a process does, which ends with what it raises: the next call of the port raises it."""
        if service is None or service is not self._service or at_s > self._turn_s:
            return
        self._turn_s = inf
        try:
            with (
                patch.object(whereabouts, "read_given", self._photos.read),
                patch.object(local_service, "parallel_map", lambda ask, things, workers: map(ask, things)),
            ):
                service.turn(0.0)
        except Violation:
            raise
        except Exception:
            return
        self.turn_at(min(self._cluster.next_s(), self._world.clock.now + HOUR_S) + TURNS_EVERY_S)
