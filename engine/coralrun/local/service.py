"""Classification beside the run: `ports.Service` over a spool of jobs and whatever computes them.

Rule: the spool alone says what is asked and what is done; the cluster may lose, repeat or delay anything. Whatever has
no result is sent, so that each photo is computed at least once, and each result is kept once. A few tasks a worker are
under way at a time, so that no scheduler holds more, no address grows old, and memory does not grow with the survey.
The port's calls come from any thread; `turn`, which alone speaks to the cluster, from one.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Final

from coralrun.errors import RunDamaged
from coralrun.local.jobs import Job, Part, answer_of
from coralrun.local.spool import Request, Spool, request_of
from coralrun.local.tasks import Came, Cluster, Died, Finished, Lost, Task, key_of, packed
from coralrun.local.whereabouts import is_too_large, place_of
from coralrun.machine.job_id import JobId, Marker
from coralrun.machine.outcomes import (
    Accepted,
    Done,
    JobDone,
    Listed,
    Missing,
    NotReady,
    Progress,
    Refusal,
    Refused,
    Trouble,
    TroubleKind,
)
from coralrun.machine.reasons import Reason
from coralrun.parallel import parallel_map
from coralrun.ports import Answer, Entry, Home, Located, Place
from coralrun.values.classified import Label

AHEAD: Final = 4
"""Tasks under way for each worker's thread: one that it computes, and the next ones while results travel."""

SENT_AHEAD: Final = 2
"""The same where the photos themselves are sent: the scheduler holds them all."""

ALONE_AFTER: Final = 2
"""How often workers may die of what a photo was in, before it is tried with nothing else under way. It fails then, if
they die again."""

WRITTEN_AT_ONCE: Final = 4
"""Results that are written at the same time: a disk that takes 6 ms for one syncs four as fast (docs/local.md)."""

_SEPARATOR: Final = ","


@dataclass(slots=True)
class LocalService:
    """One run's use of one classifier, called `classifier`, whose `labels` are in the order of its scores.

    `nonce` is this process's own. With `sends` photos travel with their tasks. Without a cluster nothing is computed.
    """

    classifier: str
    labels: tuple[Label, ...]
    spool: Spool
    home: Home
    most_jobs: int
    cluster: Cluster | None
    nonce: str
    wall_s: Callable[[], float]
    sends: bool = False
    _jobs: dict[str, Job] = field(default_factory=dict, init=False)
    _over: set[str] = field(default_factory=set, init=False)
    _waiting: deque[Part] = field(default_factory=deque, init=False)
    _accused: deque[Part] = field(default_factory=deque, init=False)
    _under_way: dict[str, Part] = field(default_factory=dict, init=False)
    _finished: list[tuple[Part, Finished]] = field(default_factory=list, init=False)
    _sent: int = field(default=0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _error: BaseException | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.spool.sweep(self.home.wanted, self.classifier)
        for name, request in self.spool.jobs().items():
            self._take_on(name, request, {})

    def submit(self, name: str, entries: Sequence[Entry]) -> Accepted | Refused:
        """Take a batch; one of the same name is the same job."""
        self._check()
        request = request_of(self.classifier, entries)
        with self._lock:
            if (known := self._request(name)) is not None:
                if known != request:
                    raise RunDamaged(f"{self.spool.folder / name}: it holds another batch of this name")
                return Accepted(name)
            if len(self._jobs) >= self.most_jobs:
                return Refused(Refusal.NO_SLOT)
            self.spool.keep_request(name, request)
            self._take_on(name, request, {number: entry.place for number, entry in enumerate(entries)})
        return Accepted(name)

    def listing(self, since: Marker | None = None, done_before: Sequence[JobId] = ()) -> Listed | Trouble:
        """The jobs; a marker names those that there were."""
        self._check()
        if (trouble := self._trouble()) is not None:
            return trouble
        with self._lock:
            active, over = tuple(self._jobs), tuple(sorted(self._over))
            progress = {name: job.progress for name, job in self._jobs.items()}
        marker = _SEPARATOR.join((*active, *over))
        known = set((since or "").split(_SEPARATOR))
        newer = () if since is None else tuple(job for job in (*active, *over) if job not in known)
        return Listed(active, over, self.most_jobs, marker, newer, since is not None, progress)

    def look(self, job: JobId) -> Progress | JobDone | Missing | Trouble:
        """How far a job is; while nothing can be computed, one that stands still is not to blame."""
        self._check()
        with self._lock:
            if job in self._over:
                return JobDone()
            found = self._jobs.get(job)
            if found is None:
                return Missing()
            return self._trouble() or found.progress

    def fetch(self, job: JobId) -> Answer | NotReady | Missing:
        """A job's result, once every entry has its own; the scores of all labels are its reply."""
        self._check()
        with self._lock:
            if job in self._jobs:
                return NotReady()
            request = self._request(job)
            if request is None:
                return Missing()
            kept = dict(self.spool.results(job, request))
            if len(kept) < len(request.entries):  # some were damaged since, and are computed anew
                self._over.discard(job)
                self._take_on(job, request, {})
                return NotReady()
        entries = tuple(
            answer_of(asked, kept[number].finished, self.labels) for number, asked in enumerate(request.entries)
        )
        return Answer(entries, b"".join(kept[number].data for number in range(len(entries))))

    def release(self, job: JobId) -> Done:
        """Let go of a job: the run has its result, or waits for it no longer."""
        self._check()
        with self._lock:
            if job in self._over or self._jobs.pop(job, None) is not None:
                self._over.discard(job)
                self.spool.release(job)
        return Done()

    def turn(self, timeout_s: float) -> None:
        """Keep what came back, and send what may go; waits so long for something to come."""
        assert self.cluster is not None  # noqa: S101 - there is nothing to turn without one
        try:
            for key, came in self.cluster.take(timeout_s):
                self._keep(key, came)
            self._write()
            if not self.cluster.trouble:
                self._send(self.cluster)
                self._write()
        except BaseException as error:  # raised again, from the next call of the port
            self._error = error
            raise

    def _trouble(self) -> Trouble | None:
        text = "" if self.cluster is None else self.cluster.trouble
        return Trouble(TroubleKind.UNREACHABLE, text) if text else None

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _request(self, name: str) -> Request | None:
        """What a job is asked; one whose request was damaged is none any more."""
        if name in self._jobs:
            return self._jobs[name].request
        found = self.spool.request(name) if name in self._over else None
        if found is None and name in self._over:
            self._over.discard(name)
            self.spool.release(name)
        return found

    def _take_on(self, name: str, request: Request, places: dict[int, Place]) -> None:
        kept = {entry: result.finished.reason for entry, result in self.spool.results(name, request)}
        left = set(range(len(request.entries))) - kept.keys()
        ok = sum(reason is None for reason in kept.values())
        self._jobs[name] = Job(request, left, places, ok, len(kept) - ok)
        self._waiting.extend(Part(name, entry) for entry in sorted(left))
        if not left:
            self._end(name)

    def _end(self, name: str) -> None:
        self._jobs.pop(name, None)
        self._over.add(name)

    def _keep(self, key: str, came: Came) -> None:
        """Act on what came of a task; what is not waited for any more was kept before."""
        part = self._under_way.pop(key, None)
        job = None if part is None else self._jobs.get(part.job)
        if part is None or job is None or part.entry not in job.left:
            return
        match came:
            case Finished(Reason.NOT_FOUND | Reason.CHANGED) if not part.is_sent:
                self._keep_unseen(part, job, came)
            case Finished():
                self._finished.append((part, came))
            case Died():
                self._blame(replace(part, deaths=part.deaths + 1))
            case Lost():
                self._again(part)

    def _blame(self, part: Part) -> None:
        """Act on a photo that workers died of, it or what they had beside it: only one that was alone is to blame."""
        if part.deaths > ALONE_AFTER:
            self._finished.append((part, Finished(Reason.WORKER_DIED)))
        else:
            self._again(part)

    def _again(self, part: Part) -> None:
        with self._lock:
            (self._accused if part.deaths == ALONE_AFTER else self._waiting).appendleft(part)

    def _write(self) -> None:
        """Write what is to be kept. Nothing counts as kept before it is."""
        with self._lock:
            due = [one for one in self._finished if one[0].job in self._jobs]  # others were let go of meanwhile
            self._finished.clear()
            for part, finished in parallel_map(self._written, due, WRITTEN_AT_ONCE):
                job = self._jobs[part.job]
                job.left.discard(part.entry)
                job.ok += finished.reason is None
                job.failed += finished.reason is not None
                if not job.left:
                    self._end(part.job)

    def _written(self, one: tuple[Part, Finished]) -> tuple[Part, Finished]:
        part, finished = one
        mark = self._jobs[part.job].request.entries[part.entry].mark
        self.spool.keep_result(part.job, part.entry, mark, finished)
        return one

    def _keep_unseen(self, part: Part, job: Job, finished: Finished) -> None:
        """Act on a photo that a worker does not see as it was planned.

        A worker may see another folder than we do: then the photo itself is sent. A folder that is away, as on a drive
        that was unplugged, is no fault of its photos, which are tried again.
        """
        located = self.home.locate(job.request.entries[part.entry].unit)
        if isinstance(located, Located) and isinstance(located.place, PurePath):
            self._again(replace(part, is_sent=True))
        elif isinstance(located, Trouble):
            self._finished.append((part, Finished(Reason.HOST_UNREACHABLE)))
        else:
            self._finished.append((part, finished))

    def _send(self, cluster: Cluster) -> None:
        """Send what may go: as much as keeps the workers busy, and what is accused by itself.

        A scheduler suspects all that a worker had when it died, so one that is accused is sent when nothing else is
        under way.
        """
        tasks: list[Task] = []
        most = max(1, cluster.threads) * (SENT_AHEAD if self.sends else AHEAD * cluster.photos_at_once)
        while self._accused and not self._under_way:
            self._prepare(self._accused.popleft(), cluster, tasks)
        while self._waiting and not self._accused and len(self._under_way) < most:
            with self._lock:
                part = self._waiting.popleft()
            self._prepare(part, cluster, tasks)
        if tasks:
            cluster.send(tasks)

    def _prepare(self, part: Part, cluster: Cluster, tasks: list[Task]) -> None:
        """Make the task of an entry, or keep why there is none."""
        job = self._jobs.get(part.job)
        if job is None or part.entry not in job.left:
            return
        asked = job.request.entries[part.entry]
        if is_too_large(asked.size, cluster.photo_bytes):
            self._finished.append((part, Finished(Reason.TOO_LARGE_FOR_WORKER)))
            return
        known, is_sent = job.places.pop(part.entry, None), self.sends or part.is_sent
        place = place_of(asked, known, self.home, self.wall_s(), is_sent=is_sent)
        if isinstance(place, Reason):
            self._finished.append((part, Finished(place)))
            return
        self._sent += 1
        key = key_of(asked.mark, part.job, part.entry, f"{self.nonce}.{self._sent}")
        self._under_way[key] = part
        tasks.append(Task(key, place, packed(asked.points), asked.sha256, is_single=part.deaths > 0))
