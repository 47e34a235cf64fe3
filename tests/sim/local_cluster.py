"""A scheduler and its workers in virtual time, in place of Dask: `tasks.Cluster` with everything that it may do.

Rule: as Dask does, and as `local.tasks` allows. A worker takes all that it was given with it when it dies, and whoever
was in it as often as the cluster tries comes back as died. A scheduler that dies remembers nothing. An answer may come
late, twice, after it was called lost, or to another process than asked for it; and two that use one key get one answer.
A process has workers die of a photo a few times, and not for ever.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING

from coralrun.local.dask_cluster import ALONE_S, TRIES
from coralrun.local.service import ALONE_AFTER
from coralrun.local.tasks import Came, Died, Finished, Lost, Task, unpacked

from .faults import Fault
from .local_photos import Photos, scores_of
from .witness import require

if TYPE_CHECKING:
    from .world import World

AWAY_AT_MOST_S = 900.0
BACK_WITHIN_S = 60.0
LATE_AT_MOST_S = 3_000.0
HARDLY_ANY_BYTES = 1_000
MOST_CHANCE_DEATHS = TRIES
"""Workers that die by chance with one photo: one that a worker dies of each time it is tried is not to be told from one
that kills them."""

_KEY = re.compile(r"(.+?)\.(b[0-9]+\.a[0-9]+)\.([0-9]+)-.*")


def stem_of(key: str) -> tuple[str, str, int]:
    """The run, the job and the entry that a task is for."""
    match = _KEY.fullmatch(key)
    assert match is not None, key
    return match[1], match[2], int(match[3])


@dataclass(slots=True)
class _Sent:
    """A task at the scheduler."""

    task: Task
    deaths: int = 0


@dataclass(slots=True)
class _Worker:
    """One worker: what it was given, and when it will have done the first of it."""

    ready_s: float = 0.0
    ends_s: float = inf
    given: deque[_Sent] = field(default_factory=deque)


class SimCluster:
    """Implements `tasks.Cluster` for each process of one world."""

    def __init__(self, world: World, photos: Photos) -> None:
        assert world.knobs.local is not None
        self._world = world
        self._photos = photos
        self._knobs = world.knobs.local
        self._away_until_s = self._gone_until_s = self._small_until_s = 0.0
        self._gone_since_s = 0.0
        self._foreign: dict[str, Came] = {}
        self._chance_deaths: Counter[tuple[str, str, int]] = Counter()
        self._nonce = ""
        self._begin()

    def _begin(self) -> None:
        self._workers = [_Worker(ready_s=self._world.clock.now) for _ in range(self._knobs.workers)]
        self._ours: set[str] = set()
        self._out: list[tuple[str, Came]] = []
        self._late: list[tuple[float, str, Came]] = []
        self._died: Counter[tuple[str, str, int]] = Counter()

    def join(self, nonce: str) -> None:
        """A new process comes; what the one before had is dropped, or may come to this one."""
        self._nonce = nonce
        for key in sorted(self._ours):
            self._foreign[key] = self._of_others(key)
        if self._knobs.is_own:
            self._foreign.clear()
            self._away_until_s = self._gone_until_s = self._small_until_s = 0.0
        self._begin()

    # As the cluster of a process

    @property
    def trouble(self) -> str:
        """Why nothing is computed now."""
        now = self._world.clock.now
        if self.is_away:
            return "the Dask scheduler does not answer"
        return (
            "no worker is at work on the Dask cluster"
            if self._is_gone(now) and now > self._gone_since_s + ALONE_S
            else ""
        )

    @property
    def is_away(self) -> bool:
        """Whether the scheduler is."""
        now = self._world.clock.now
        silent = any(first <= now < last for first, last in self._world.knobs.silences)
        return silent or (now < self._away_until_s and not self._world.calm)

    @property
    def threads(self) -> int:
        """The workers that are there."""
        now = self._world.clock.now
        return 0 if self._is_gone(now) else sum(worker.ready_s <= now for worker in self._workers)

    @property
    def photo_bytes(self) -> int | None:
        """The memory of the smallest worker."""
        is_small = self._world.clock.now < self._small_until_s and not self._world.calm
        return HARDLY_ANY_BYTES if is_small else self._knobs.photo_bytes

    @property
    def photos_at_once(self) -> int:
        """How many photos travel together."""
        return 1 + self._world.knobs.seed % 3

    def send(self, tasks: Sequence[Task]) -> None:
        """Give tasks to workers."""
        for task in tasks:
            self._other_run(task)
            self._ours.add(task.key)
            if task.key in self._foreign:
                self._out.append((task.key, self._foreign[task.key]))
            else:
                worker = min(self._workers, key=lambda worker: len(worker.given))
                worker.given.append(_Sent(task))
                self._start(worker, self._world.clock.now)

    def take(self, timeout_s: float) -> Sequence[tuple[str, Came]]:
        """What came by now."""
        self.advance()
        out, self._out = self._out, []
        self._ours -= {key for key, _ in out}
        if self._foreign and self._world.strikes(Fault.ANSWER_OF_FORMER_LIFE):
            out.insert(0, self._world.chance.choice(sorted(self._foreign.items())))
        if out and self._world.strikes(Fault.ANSWER_TWICE):
            out.append(out[-1])
        return out

    # In time

    def next_s(self) -> float:
        """When something happens next."""
        coming: list[float] = []
        if not self.is_away:
            coming += [at_s for at_s, _, _ in self._late[:1]]
            coming += [] if self._is_gone(self._world.clock.now) else [worker.ends_s for worker in self._workers]
        until = (self._away_until_s, self._gone_until_s, self._gone_since_s + ALONE_S + 1, self._small_until_s)
        coming += [at_s for at_s in until if at_s > self._world.clock.now]
        coming += [last for _, last in self._world.knobs.silences if last > self._world.clock.now]
        return self._world.clock.now if self._out else min(coming, default=inf)

    def advance(self) -> None:
        """Live up to now."""
        now = self._world.clock.now
        if self.is_away:
            self._forget()
            return
        while self._late and self._late[0][0] <= now:
            _, key, came = heapq.heappop(self._late)
            self._out.append((key, came))
        while not self._is_gone(now):
            worker = min(self._workers, key=lambda worker: worker.ends_s)
            if worker.ends_s > now:
                break
            self._ends(worker, worker.ends_s)

    def _start(self, worker: _Worker, at_s: float) -> None:
        if worker.given and worker.ends_s == inf:
            takes_s = self._world.knobs.entry_s * self._world.chance.uniform(0.5, 1.5)
            worker.ends_s = max(at_s, worker.ready_s, self._gone_until_s) + takes_s

    def _ends(self, worker: _Worker, at_s: float) -> None:
        """A worker has done the first of what it was given, or dies of it."""
        world, task = self._world, worker.given[0].task
        worker.ends_s = inf
        if world.strikes(Fault.SCHEDULER_DIES) and not self._knobs.is_own:
            self._away_until_s = at_s + world.chance.uniform(1, AWAY_AT_MOST_S)
            self._forget()
        elif self._photos.kills(task.place) or self._dies_by_chance(worker):
            self._dies(worker, at_s)
        else:
            worker.given.popleft()
            self._answers(task, self._photos.computed(task), at_s)
            self._photos.disturb(task.place)
            self._start(worker, at_s)
        if world.strikes(Fault.WORKERS_GONE):
            self._gone_since_s, self._gone_until_s = at_s, at_s + world.chance.uniform(1, AWAY_AT_MOST_S)
        if world.strikes(Fault.SMALL_WORKER):
            self._small_until_s = at_s + world.chance.uniform(1, AWAY_AT_MOST_S)
            self._photos.too_large()

    def _answers(self, task: Task, came: Came, at_s: float) -> None:
        world = self._world
        lost = world.strikes(Fault.ANSWER_LOST)
        if lost:
            self._out.append((task.key, Lost()))
        if world.strikes(Fault.ANSWER_LATE) or lost:
            heapq.heappush(self._late, (at_s + world.chance.uniform(1, LATE_AT_MOST_S), task.key, came))
        else:
            self._out.append((task.key, came))

    def _dies_by_chance(self, worker: _Worker) -> bool:
        stems = [stem_of(sent.task.key) for sent in worker.given]
        if any(self._chance_deaths[stem] >= MOST_CHANCE_DEATHS for stem in stems):
            return False
        if not self._world.strikes(Fault.WORKER_DIES):
            return False
        self._chance_deaths.update(stems)
        return True

    def _dies(self, worker: _Worker, at_s: float) -> None:
        """A worker dies; the scheduler suspects all that it had, and gives others what may be tried again."""
        given, worker.given = worker.given, deque()
        worker.ready_s = at_s + self._world.chance.uniform(1, BACK_WITHIN_S)
        for sent in given:
            sent.deaths += 1
            if sent.deaths > TRIES:
                self._count(stem_of(sent.task.key))
                self._out.append((sent.task.key, Died()))
                continue
            other = min(self._workers, key=lambda other: (other is worker, len(other.given)))
            other.given.append(sent)
            self._start(other, at_s)

    def _count(self, stem: tuple[str, str, int]) -> None:
        self._died[stem] += 1
        require(self._died[stem] <= ALONE_AFTER + 1, f"workers die of entry {stem[2]} of job {stem[1]} again and again")

    def _forget(self) -> None:
        """The scheduler is gone: whatever it had is nowhere."""
        late = {key for _, key, _ in self._late}
        self._out += [(key, Lost()) for key in sorted(self._ours - late - {key for key, _ in self._out})]
        for worker in self._workers:
            worker.given.clear()
            worker.ends_s = inf
        self._foreign.clear()

    def _is_gone(self, now: float) -> bool:
        return now < self._gone_until_s and not self._world.calm

    # Other processes on the same scheduler

    def _other_run(self, task: Task) -> None:
        """A copy of the run, with photos of its own, asked for the same: by its own key, as its own code makes it."""
        if not self._knobs.is_own and self._world.strikes(Fault.OTHER_RUN):
            self._foreign[task.key.replace(self._nonce, "other")] = self._of_other_photo(task)

    def _of_others(self, key: str) -> Came:
        """What a former process would have got, of whatever the photo was then."""
        sent = next((sent for worker in self._workers for sent in worker.given if sent.task.key == key), None)
        return Lost() if sent is None else self._of_other_photo(sent.task)

    def _of_other_photo(self, task: Task) -> Finished:
        scores = scores_of(self._photos.classifier, b"another copy's photo", unpacked(task.points))
        return Finished(None, scores.shape[1], scores.astype("<u2").tobytes())
