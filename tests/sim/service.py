"""A toy service, with the real one's rules of what can be seen when.

A listing shows all active jobs, oldest first, and the last 2 x limit finished ones, newest first. A job takes time,
entry by entry. A job whose entries are done answers "done", and stays active until its result is there. Everything
happens at the moment of a call: `advance` first lets all that was due before it arrive.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import inf, nan
from random import Random
from typing import Protocol

from tests.answers import scored

from coralrun.coralnet.codec.job_lists import listed
from coralrun.coralnet.codec.wire import Jobs
from coralrun.machine import outcomes
from coralrun.machine.job_id import JobId, Marker
from coralrun.machine.outcomes import Refusal, TroubleKind
from coralrun.machine.reasons import Reason
from coralrun.perform import LEAST_LIFE_SHARE
from coralrun.planning.images import Point
from coralrun.ports import Answer, AnsweredEntry, Entry

from .clock import VirtualClock
from .faults import LISTING_LAGS_AT_MOST_S, Fault
from .knobs import Knobs
from .manners import Manners
from .marks import Mark
from .photos import SIGNED_ANEW
from .sizes import Sizes
from .spoil import spoilt_answer
from .witness import OURS, require

LATEST_ARRIVAL_S = 80.0
"""A POST that its sender gave up on arrives within this; with the longest latency, less than the settle wait."""

ROUNDING_S = 0.001

_ODD_WAITS = (
    (None, Mark.TOY_RETRY_AFTER_MISSING),
    (-1.0, Mark.TOY_RETRY_AFTER_NEGATIVE),
    (1e12, Mark.TOY_RETRY_AFTER_HUGE),
    (nan, Mark.TOY_RETRY_AFTER_NO_NUMBER),
)


@dataclass(slots=True)
class Job:
    """One job. `mark` is that of its first entry; `done_at` and `reasons` are per entry; `sent_at_s` its request's."""

    number: int
    mark: str
    entries: tuple[Entry, ...]
    done_at: tuple[float, ...]
    reasons: tuple[Reason | None, ...]
    result_at_s: float
    sent_at_s: float
    gone: bool = False


class Around(Protocol):
    """What a toy asks of the world that it is in, which says when a fault strikes."""

    @property
    def knobs(self) -> Knobs: ...
    @property
    def clock(self) -> VirtualClock: ...
    @property
    def chance(self) -> Random: ...
    @property
    def manners(self) -> Manners: ...
    @property
    def is_silent(self) -> bool: ...
    @property
    def sender_is_dead(self) -> bool: ...
    def strikes(self, fault: Fault) -> bool: ...
    def mark(self, mark: Mark) -> None: ...


class ToyService:
    """Implements `ports.Service`. `is_known` says whether the run knows a job's number."""

    def __init__(self, world: Around) -> None:
        self._world = world
        self.knobs = knobs = world.knobs
        self.chance = chance = world.chance
        self.strikes = world.strikes
        self.limit = knobs.slots
        self.jobs: list[Job] = []
        self._by_end: list[tuple[float, int]] = []
        self.sizes = Sizes(world)
        self.is_known: Callable[[int], bool] = lambda job: False
        self._arrivals: list[tuple[float, int, tuple[Entry, ...], float, float]] = []
        for number, stranger in enumerate(knobs.strangers):
            whose = chance.choice(("", "other.1.1.0"))
            entries = tuple(Entry(whose, "sim:stranger:", (Point(0, 0),)) for _ in range(stranger.entries))
            self._arrivals.append((stranger.at_s, number, entries, stranger.entry_s, stranger.at_s))
        heapq.heapify(self._arrivals)
        self._arrived = len(knobs.strangers)

    @property
    def now(self) -> float:
        """The true time."""
        return self._world.clock.now

    # What the account's owner could see

    def active(self, now: float) -> list[Job]:
        """The jobs that hold a slot."""
        numbers = sorted(number for _, number in self._by_end[self._ended_by(now) :])
        return [job for number in numbers if not (job := self.jobs[number - 1]).gone]

    def finished(self, now: float) -> list[Job]:
        """The finished jobs that a listing still shows."""
        ended = (self.jobs[number - 1] for _, number in reversed(self._by_end[: self._ended_by(now)]))
        return list(islice((job for job in ended if not job.gone), 2 * self.limit))

    def _ended_by(self, now: float) -> int:
        """How many jobs have ended: the first ones in the order in which they end."""
        return bisect_right(self._by_end, (now, inf))

    # The port

    def submit(self, name: str, entries: Sequence[Entry]) -> outcomes.Accepted | outcomes.Refused | outcomes.Unknown:
        """Take a batch, or refuse it, or leave its sender in the dark."""
        now = self._advance()
        self._require_life(entries, now)
        if self._world.is_silent or self.strikes(Fault.POST_LOST):
            return outcomes.Unknown("lost")
        if self.strikes(Fault.POST_LATE):
            self._arrived += 1
            at_s = now + self.chance.uniform(1, LATEST_ARRIVAL_S)
            heapq.heappush(self._arrivals, (at_s, self._arrived, tuple(entries), self.knobs.entry_s, now))
            return outcomes.Unknown("late")
        if self.strikes(Fault.FOREIGN_SAME_IMAGES):
            self._take(tuple(replace(entry, mark=f"other.{entry.mark}") for entry in entries), now)
        answer = self._take(tuple(entries), now)
        return outcomes.Unknown("reply lost") if self.strikes(Fault.REPLY_LOST) else answer

    def listing(
        self, since: Marker | None = None, done_before: Sequence[JobId] = ()
    ) -> outcomes.Listed | outcomes.Trouble:
        """The account's jobs and its limit."""
        now = self._advance()
        if self.strikes(Fault.LIMIT_CHANGES):
            self.limit = self.chance.choice((1, 2, 5))
        if self.strikes(Fault.LIMIT_ZERO):
            self.limit = 0
        if (trouble := self._trouble()) is not None:
            return trouble
        active = self.active(now)
        lagging = [job for job in active if self.is_known(job.number) or _is_new(job, now)]
        if lagging and self.strikes(Fault.LISTING_LAGS):
            hidden = self.chance.choice(lagging)
            active.remove(hidden)
            if not self.is_known(hidden.number):
                self._world.mark(Mark.ORPHAN_HIDDEN)
        finished = self.finished(now)
        at_work, over = (tuple(str(job.number) for job in shown) for shown in (active, finished))
        return listed(Jobs(at_work, over, self.limit), since, done_before)

    def look(self, name: JobId) -> outcomes.Progress | outcomes.JobDone | outcomes.Missing | outcomes.Trouble:
        """How far a job is."""
        now = self._advance()
        if (trouble := self._trouble()) is not None:
            return trouble
        job = self.jobs[int(name) - 1]
        if self._is_gone(job):
            return outcomes.Missing()
        done = [reason for at_s, reason in zip(job.done_at, job.reasons, strict=True) if at_s <= now]
        if len(done) == len(job.entries):
            return outcomes.JobDone()
        if done and self.strikes(Fault.STATUS_BACKWARDS):
            done.pop()
        failed = sum(reason is not None for reason in done)
        return outcomes.Progress(ok=len(done) - failed, failed=failed, total=len(job.entries))

    def fetch(self, name: JobId) -> Answer | outcomes.NotReady | outcomes.Missing | outcomes.Trouble:
        """A job's result, now and then not as it should be."""
        now = self._advance()
        if (trouble := self._trouble()) is not None:
            return trouble
        if self.strikes(Fault.RESULTS_AWAY):
            return outcomes.Trouble(TroubleKind.UNREACHABLE)
        job = self.jobs[int(name) - 1]
        if self._is_gone(job):
            return outcomes.Missing()
        if now < job.result_at_s:
            return outcomes.NotReady()
        answered = [
            AnsweredEntry(entry.mark, scored(entry.points) if reason is None else (), reason)
            for entry, reason in zip(job.entries, job.reasons, strict=True)
        ]
        return Answer(tuple(spoilt_answer(answered, self.strikes)), b"the reply")

    def release(self, job: str) -> outcomes.Done:
        """Nothing is kept."""
        return outcomes.Done()

    # Inside

    def _advance(self) -> float:
        now = self._world.clock.now
        self._world.manners.sent()
        while self._arrivals and self._arrivals[0][0] <= now:
            at_s, _, entries, entry_s, sent_at_s = heapq.heappop(self._arrivals)
            self._take(entries, at_s, entry_s, sent_at_s)
        if now >= self.knobs.calm_after_s:
            self.limit = self.knobs.slots
        return now

    def _require_life(self, entries: Sequence[Entry], now: float) -> None:
        """No URL is submitted that may run out before the service has come to it."""
        if self._world.sender_is_dead or not self._world.clock.counts_sleep:
            return  # it was sent long ago; or nothing on such a machine tells how long it slept
        for entry in entries:
            expires = str(entry.place).split(":")[2]
            least_s = (self.knobs.url_life_s or 0.0) / LEAST_LIFE_SHARE - ROUNDING_S
            require(not expires or float(expires) - now >= least_s, "a URL is sent with too little life left")

    def _trouble(self) -> outcomes.Trouble | None:
        if self._world.is_silent or self.strikes(Fault.UNREACHABLE):
            return outcomes.Trouble(TroubleKind.UNREACHABLE)
        if self.strikes(Fault.THROTTLED):
            return outcomes.Trouble(TroubleKind.THROTTLED, wait_s=self._retry_after_s())
        if self.strikes(Fault.NOT_UNDERSTOOD):
            return outcomes.Trouble(TroubleKind.NOT_UNDERSTOOD)
        if self.strikes(Fault.CREDENTIALS):
            return outcomes.Trouble(TroubleKind.CREDENTIALS)
        return None

    def _retry_after_s(self) -> float | None:
        if not self.strikes(Fault.ODD_RETRY_AFTER):
            return 28.0
        wait_s, mark = self.chance.choice(_ODD_WAITS)
        self._world.mark(mark)
        return wait_s

    def _is_gone(self, job: Job) -> bool:
        if not job.gone and self.is_known(job.number) and self.strikes(Fault.JOB_GONE):
            job.gone = True
        return job.gone

    def _take(
        self, entries: tuple[Entry, ...], now: float, entry_s: float | None = None, sent_at_s: float | None = None
    ) -> outcomes.Accepted | outcomes.Refused:
        ours = entries[0].mark.startswith(OURS)
        if ours and (refused := self._refused(entries)) is not None:
            return refused
        if len(self.active(now)) >= self.limit or (ours and self.strikes(Fault.SLOT_RACE)):
            return outcomes.Refused(Refusal.NO_SLOT)
        if not ours:
            self._world.mark(Mark.FOREIGN_IN_SLOT)
        job = self._job(entries, now, self.knobs.entry_s if entry_s is None else entry_s)
        job.sent_at_s = now if sent_at_s is None else sent_at_s
        self.jobs.append(job)
        insort(self._by_end, (job.result_at_s, job.number))
        return outcomes.Accepted(str(job.number))

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
        image = str(entry.place).split(":")[1]
        if image == "stranger" or SIGNED_ANEW in str(entry.place):
            return None
        return self.knobs.natures[int(image)]

    def _job(self, entries: tuple[Entry, ...], now: float, entry_s: float) -> Job:
        done_at: list[float] = []
        reasons: list[Reason | None] = []
        at_s = now + self.chance.uniform(0, 30)
        for entry in entries:
            expires = str(entry.place).split(":")[2]
            reason = self._nature(entry)
            if expires and (at_s > float(expires) or self.strikes(Fault.URL_EXPIRED)):
                reason = Reason.URL_EXPIRED
            elif reason in (Reason.HOST_REFUSED, Reason.SIGNATURE_ENDED) and not expires:
                reason = Reason.URL_EXPIRED  # all that the codec sees of it: who made the address is not its business
            elif reason is None and entries[0].mark and self.strikes(Fault.DOWNLOAD_BROKEN):
                reason = Reason.DOWNLOAD_BROKEN
            elif reason is None and self.sizes.leave_outside(entry):
                reason = Reason.POINT_OUTSIDE
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
        return Job(len(self.jobs) + 1, entries[0].mark, entries, tuple(done_at), tuple(reasons), result_at_s, now)

    def _may_hold_a_slot_for_ever(self) -> bool:
        """One slot at least must stay free, or no engine could finish the run."""
        return sum(job.result_at_s == inf for job in self.jobs) < self.knobs.slots - 1


def _is_new(job: Job, now: float) -> bool:
    """Whether a listing may not show this job of ours yet."""
    return job.mark.startswith(OURS) and now - job.sent_at_s < LISTING_LAGS_AT_MOST_S
