"""A toy service and toy images, with the real ones' rules of what can be seen when.

A listing shows all active jobs, oldest first, and the last 2 x limit finished ones, newest first. A job takes time,
entry by entry. A job whose entries are done answers "done", and stays active until its result is there. Everything
happens at the moment of a call: `advance` first lets all that was due before it arrive.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from random import Random
from typing import TYPE_CHECKING

from coralrun.machine import outcomes
from coralrun.machine.outcomes import Refusal, TroubleKind
from coralrun.machine.reasons import Reason
from coralrun.plan.model import PlannedImage, Point, Size
from coralrun.ports import Answer, AnsweredEntry, Entry, Located

from .faults import Fault
from .knobs import Knobs
from .platform import Ports
from .witness import OURS

if TYPE_CHECKING:
    from .world import World

LATEST_ARRIVAL_S = 80.0
"""A POST that its sender gave up on arrives within this; with the longest latency, less than the settle wait."""

Strikes = Callable[[Fault], bool]


@dataclass(slots=True)
class Job:
    """One job. `mark` is that of its first entry; `done_at` and `reasons` are per entry."""

    number: int
    mark: str
    entries: tuple[Entry, ...]
    done_at: tuple[float, ...]
    reasons: tuple[Reason | None, ...]
    result_at_s: float
    gone: bool = False


class ToyService:
    """Implements `ports.Service`. `is_known` says whether the run knows a job's number."""

    def __init__(self, knobs: Knobs, chance: Random, clock: Callable[[], float], strikes: Strikes) -> None:
        self.knobs = knobs
        self.chance = chance
        self.clock = clock
        self.strikes = strikes
        self.limit = knobs.slots
        self.jobs: list[Job] = []
        self.requests = 0
        self.is_known: Callable[[int], bool] = lambda job: False
        self._arrivals: list[tuple[float, int, tuple[Entry, ...], float]] = []
        for number, stranger in enumerate(knobs.strangers):
            whose = chance.choice(("", "other.1.1.0"))
            entries = tuple(Entry(whose, "sim:stranger:", (Point(0, 0),)) for _ in range(stranger.entries))
            self._arrivals.append((stranger.at_s, number, entries, stranger.entry_s))
        heapq.heapify(self._arrivals)
        self._arrived = len(knobs.strangers)

    # What the account's owner could see

    def active(self, now: float) -> list[Job]:
        """The jobs that hold a slot."""
        return [job for job in self.jobs if now < job.result_at_s and not job.gone]

    def finished(self, now: float) -> list[Job]:
        """The finished jobs that a listing still shows."""
        over = [job for job in self.jobs if job.result_at_s <= now and not job.gone]
        over.sort(key=lambda job: (job.result_at_s, job.number), reverse=True)
        return over[: 2 * self.limit]

    # The port

    def submit(self, entries: Sequence[Entry]) -> outcomes.Accepted | outcomes.Refused | outcomes.Unknown:
        """Take a batch, or refuse it, or leave its sender in the dark."""
        now = self._advance()
        if self._is_silent(now) or self.strikes(Fault.POST_LOST):
            return outcomes.Unknown("lost")
        if self.strikes(Fault.POST_LATE):
            self._arrived += 1
            at_s = now + self.chance.uniform(1, LATEST_ARRIVAL_S)
            heapq.heappush(self._arrivals, (at_s, self._arrived, tuple(entries), self.knobs.entry_s))
            return outcomes.Unknown("late")
        if self.strikes(Fault.FOREIGN_SAME_IMAGES):
            self._take(tuple(replace(entry, mark=f"other.{entry.mark}") for entry in entries), now)
        answer = self._take(tuple(entries), now)
        return outcomes.Unknown("reply lost") if self.strikes(Fault.REPLY_LOST) else answer

    def listing(self) -> outcomes.Listed | outcomes.Trouble:
        """The account's jobs and its limit."""
        now = self._advance()
        if self.strikes(Fault.LIMIT_CHANGES):
            self.limit = self.chance.choice((1, 2, 5))
        if self.strikes(Fault.LIMIT_ZERO):
            self.limit = 0
        if (trouble := self._trouble(now)) is not None:
            return trouble
        active = [job.number for job in self.active(now)]
        known = [number for number in active if self.is_known(number)]
        if known and self.strikes(Fault.LISTING_LAGS):
            active.remove(known[0])
        return outcomes.Listed(tuple(active), tuple(job.number for job in self.finished(now)), self.limit)

    def look(self, number: int) -> outcomes.Progress | outcomes.JobDone | outcomes.Missing | outcomes.Trouble:
        """How far a job is."""
        now = self._advance()
        if (trouble := self._trouble(now)) is not None:
            return trouble
        job = self.jobs[number - 1]
        if self._is_gone(job):
            return outcomes.Missing()
        done = [reason for at_s, reason in zip(job.done_at, job.reasons, strict=True) if at_s <= now]
        if len(done) == len(job.entries):
            return outcomes.JobDone()
        if done and self.strikes(Fault.STATUS_BACKWARDS):
            done.pop()
        failed = sum(reason is not None for reason in done)
        return outcomes.Progress(ok=len(done) - failed, failed=failed, total=len(job.entries))

    def fetch(self, number: int) -> Answer | outcomes.NotReady | outcomes.Missing | outcomes.Trouble:
        """A job's result, now and then not as it should be."""
        now = self._advance()
        if (trouble := self._trouble(now)) is not None:
            return trouble
        if self.strikes(Fault.RESULTS_AWAY):
            return outcomes.Trouble(TroubleKind.UNREACHABLE)
        job = self.jobs[number - 1]
        if self._is_gone(job):
            return outcomes.Missing()
        if now < job.result_at_s:
            return outcomes.NotReady()
        answered = [
            AnsweredEntry(entry.mark, entry.points if reason is None else (), reason)
            for entry, reason in zip(job.entries, job.reasons, strict=True)
        ]
        spoilt = tuple(self._spoilt(answered))
        told = [(entry.mark, () if entry.reason else entry.points) for entry in spoilt]
        return Answer(json.dumps(told).encode(), spoilt)

    # Inside

    def _advance(self) -> float:
        now = self.clock()
        self.requests += 1
        while self._arrivals and self._arrivals[0][0] <= now:
            at_s, _, entries, entry_s = heapq.heappop(self._arrivals)
            self._take(entries, at_s, entry_s)
        if now >= self.knobs.calm_after_s:
            self.limit = self.knobs.slots
        return now

    def _is_silent(self, now: float) -> bool:
        return any(first <= now < last for first, last in self.knobs.silences)

    def _trouble(self, now: float) -> outcomes.Trouble | None:
        if self._is_silent(now) or self.strikes(Fault.UNREACHABLE):
            return outcomes.Trouble(TroubleKind.UNREACHABLE)
        if self.strikes(Fault.THROTTLED):
            return outcomes.Trouble(TroubleKind.THROTTLED, wait_s=self._retry_after_s())
        if self.strikes(Fault.NOT_UNDERSTOOD):
            return outcomes.Trouble(TroubleKind.NOT_UNDERSTOOD)
        if self.strikes(Fault.CREDENTIALS):
            return outcomes.Trouble(TroubleKind.CREDENTIALS)
        return None

    def _retry_after_s(self) -> float | None:
        odd = self.strikes(Fault.ODD_RETRY_AFTER)
        return self.chance.choice((None, -1.0, 1e12, float("nan"))) if odd else 28.0

    def _is_gone(self, job: Job) -> bool:
        if not job.gone and self.is_known(job.number) and self.strikes(Fault.JOB_GONE):
            job.gone = True
        return job.gone

    def _spoilt(self, answered: list[AnsweredEntry]) -> list[AnsweredEntry]:
        if len(answered) > 1 and self.strikes(Fault.RESULT_SHORT):
            return answered[:-1]
        if len(answered) > 1 and self.strikes(Fault.RESULT_REORDERED):
            return answered[::-1]
        if self.strikes(Fault.RESULT_LONG):
            return [*answered, answered[-1]]
        if answered[0].points and self.strikes(Fault.RESULT_MISSING_POINT):
            return [replace(answered[0], points=answered[0].points[:-1]), *answered[1:]]
        if self.strikes(Fault.RESULT_WRONG_POINTS):
            return [replace(entry, points=(Point(9999, 9999),)) for entry in answered]
        return answered

    def _take(
        self, entries: tuple[Entry, ...], now: float, entry_s: float | None = None
    ) -> outcomes.Accepted | outcomes.Refused:
        ours = entries[0].mark.startswith(OURS)
        if ours and (refused := self._refused(entries)) is not None:
            return refused
        if len(self.active(now)) >= self.limit or (ours and self.strikes(Fault.SLOT_RACE)):
            return outcomes.Refused(Refusal.NO_SLOT)
        job = self._job(entries, now, self.knobs.entry_s if entry_s is None else entry_s)
        self.jobs.append(job)
        return outcomes.Accepted(job.number)

    def _refused(self, entries: tuple[Entry, ...]) -> outcomes.Refused | None:
        if self.strikes(Fault.THROTTLED):
            return outcomes.Refused(Refusal.THROTTLED, wait_s=self._retry_after_s())
        if self.strikes(Fault.CREDENTIALS):
            return outcomes.Refused(Refusal.CREDENTIALS)
        if self.strikes(Fault.BAD_REQUEST):
            return outcomes.Refused(Refusal.BAD_REQUEST)
        if self.strikes(Fault.NO_CLASSIFIER):
            return outcomes.Refused(Refusal.NO_CLASSIFIER)
        for number, entry in enumerate(entries):
            if self._nature(entry) is Reason.REJECTED:
                return outcomes.Refused(Refusal.BAD_ENTRY, entry=number)
        return None

    def _nature(self, entry: Entry) -> Reason | None:
        image = entry.url.split(":")[1]
        return None if image == "stranger" else self.knobs.natures[int(image)]

    def _job(self, entries: tuple[Entry, ...], now: float, entry_s: float) -> Job:
        done_at: list[float] = []
        reasons: list[Reason | None] = []
        at_s = now + self.chance.uniform(0, 30)
        for entry in entries:
            expires = entry.url.split(":")[2]
            reason = self._nature(entry)
            if expires and (at_s > float(expires) or self.strikes(Fault.URL_EXPIRED)):
                reason = Reason.URL_EXPIRED
            elif reason is None and entries[0].mark and self.strikes(Fault.DOWNLOAD_BROKEN):
                reason = Reason.DOWNLOAD_BROKEN
            reasons.append(reason)
            at_s += entry_s * self.chance.uniform(0.5, 1.5)
            done_at.append(at_s)
        result_at_s = at_s
        if self._may_hold_a_slot_for_ever() and self.strikes(Fault.STUCK):
            result_at_s = inf
        elif self._may_hold_a_slot_for_ever() and self.strikes(Fault.FROZEN):
            done_at[-1] = result_at_s = inf
        elif self.strikes(Fault.RESULT_LATE):
            result_at_s += self.chance.uniform(1, 3000)
        return Job(len(self.jobs) + 1, entries[0].mark, entries, tuple(done_at), tuple(reasons), result_at_s)

    def _may_hold_a_slot_for_ever(self) -> bool:
        """One slot at least must stay free, or no engine could finish the run."""
        return sum(job.result_at_s == inf for job in self.jobs) < self.knobs.slots - 1


class ToyImages:
    """Implements `ports.Images`: an URL names its image and when it expires, `sim:<number>:<time>`."""

    def __init__(self, service: ToyService) -> None:
        self._service = service

    def locate(self, image: PlannedImage) -> Located | outcomes.Unusable | outcomes.Trouble:
        """An image's URL and size."""
        service = self._service
        number = int(image.key.removeprefix("image-"))
        nature = service.knobs.natures[number]
        if nature is Reason.NOT_FOUND:
            return outcomes.Unusable(Reason.NOT_FOUND)
        if nature is Reason.HOST_UNREACHABLE or service.strikes(Fault.PAGE_TROUBLE):
            return outcomes.Trouble(TroubleKind.UNREACHABLE)
        if service.strikes(Fault.PAGE_THROTTLED):
            return outcomes.Trouble(TroubleKind.THROTTLED, wait_s=service.chance.choice((None, 28.0)))
        life_s = 0.0 if service.strikes(Fault.URL_DEAD) else service.knobs.url_life_s
        expires = "" if life_s is None else f"{service.clock() + life_s}"
        size = image.size or Size(1, 1)
        if nature is None and service.strikes(Fault.SIZE_CHANGED):
            size = Size(size.width + 7, size.height + 5)
        return Located(f"sim:{number}:{expires}", size, life_s)


class ToyPlatform:
    """Implements `Platform` with the two toys."""

    def __init__(self, world: World) -> None:
        self._service = ToyService(world.knobs, world.chance, lambda: world.clock.now, world.strikes)

    @property
    def jobs(self) -> Sequence[Job]:
        """Every job that was ever made."""
        return self._service.jobs

    def told(self, blob: bytes) -> list[tuple[str, tuple[Point, ...]]]:
        """The mark and the points of each entry of a stored result."""
        return [(mark, tuple(Point(*row) for row in rows)) for mark, rows in json.loads(blob)]

    def connect(self, known: set[int]) -> Ports:
        """A new process reaches the service at once."""
        self._service.is_known = lambda job: job in known
        return Ports(self._service, ToyImages(self._service), None)

    def died(self) -> None:
        """Nothing of a process is kept here."""

    def ended(self) -> None:
        """The witness has seen it all."""
