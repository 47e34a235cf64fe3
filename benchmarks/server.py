"""The server: slots, windows, listings, images that fail, and another client of the same account.

Rule: everything happens at the moment of a call or before it, in order of time. The other client, if there is one,
wants some slots for 20 minutes of every 30 and takes each one the moment it is free; so the bound meets it as any
policy does. Where in its half hour the survey begins, at 0 s, the seed draws, as it draws the phase of the server's own
beats; so the other client may have been there before. An image fails when it is submitted for the first time, if the
seed says so, and whenever its URL is too old by then.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from coralrun.coralnet import protocol
from coralrun.coralnet.protocol import FINISHED_JOBS_PER_ACTIVE

from .models import RUNNER_S, Life, Model

OTHER_BUSY_S, OTHER_CYCLE_S = 1200.0, 1800.0
OTHER_REQUEST_EVERY_S = 30.0
SLOTS_CHANGE_EVERY_S = 2400.0
WINDOWS = ((60.0, protocol.REQUESTS_PER_MINUTE), (3600.0, protocol.REQUESTS_PER_HOUR))
QUEUED_S = 30.0  # protocol 5: an image is downloaded when it is due, half a minute after its submission at the earliest


@dataclass(frozen=True, slots=True)
class Job:
    """A job at the server."""

    number: int
    images: tuple[int, ...]
    life: Life
    ours: bool
    failed: tuple[int, ...] = ()


@dataclass(slots=True)
class Server:
    """One account, of whose slots another client wants `other_slots` now and then.

    `slots` are the numbers of slots, one after the other for 40 minutes each, and again; `failing` is the share of
    images that fail once; `life_s` how old a URL may be. `numbered` is the number of the last job, whoever's.
    """

    model: Model
    seed: str
    slots: tuple[int, ...]
    other_slots: int = 0
    failing: float = 0.0
    life_s: float = float("inf")
    numbered: int = 0
    now_s: float = 0.0
    active: dict[int, Job] = field(default_factory=dict)
    finished: list[int] = field(default_factory=list)
    sent_s: list[float] = field(default_factory=list)
    all_sent_s: list[float] = field(default_factory=list)
    throttled: int = 0
    no_slot: int = 0
    made: int = 0
    last_made_s: float = 0.0
    idle_s: float = 0.0
    offered_s: float = 0.0
    _idle_now_s: float = 0.0
    _offered_now_s: float = 0.0
    _lives: dict[int, Job] = field(default_factory=dict)
    _ends: list[tuple[float, int]] = field(default_factory=list)
    _tried: set[int] = field(default_factory=set)
    _other_made: int = 0
    _phase_s: float = field(init=False)
    _other_phase_s: float = field(init=False)
    _next_turn: int = 0

    def __post_init__(self) -> None:
        chance = Random(f"{self.seed}:phase")
        self._phase_s, self._other_phase_s = chance.uniform(0, RUNNER_S), chance.uniform(0, OTHER_CYCLE_S)

    @property
    def limit(self) -> int:
        """How many jobs may be active now."""
        return self.slots[int(max(0.0, self.now_s) // SLOTS_CHANGE_EVERY_S) % len(self.slots)]

    # What a client may ask, each one request of the account's

    def request(self, now: float) -> bool:
        """Count one request; False when a window is full."""
        self.advance(now)
        self.sent_s.append(now)
        others = () if not self.other_slots else range(int(now / OTHER_REQUEST_EVERY_S) + 1)
        for length_s, most in WINDOWS:
            first = bisect_right(self.all_sent_s, now - length_s)
            of_other = sum(OTHER_REQUEST_EVERY_S * beat > now - length_s for beat in others[-int(length_s / 30) - 1 :])
            if len(self.all_sent_s) - first + of_other >= most:
                self.throttled += 1
                return False
        self.all_sent_s.append(now)
        return True

    def submit(self, images: Sequence[int], now: float, read_s: Mapping[int, float] | None = None) -> int | None:
        """A new job, or None when no slot is free; `read_s` is when the images' URLs were read, None for just now."""
        self.advance(now)
        if len(self.active) >= self.limit:
            self.no_slot += 1
            return None
        failed = tuple(image for image in images if self._fails(image, now, read_s))
        self._tried.update(images)
        job = self._begin(Random(f"{self.seed}:{self.made}"), tuple(images), now, ours=True, failed=failed)
        self.made += 1
        self.idle_s, self.offered_s, self.last_made_s = self._idle_now_s, self._offered_now_s, now
        return job.number

    def is_done(self, number: int, now: float) -> bool:
        """Whether a job's result is there."""
        self.advance(now)
        return number not in self.active

    def failed(self, number: int) -> tuple[int, ...]:
        """The images of a job that have to be sent again, as its result says."""
        return self._lives[number].failed

    def done_entries(self, number: int, now: float) -> tuple[int, int]:
        """How many of a job's entries are done, of how many."""
        self.advance(now)
        job = self._lives[number]
        return job.life.done_at(now), len(job.images)

    def end_s(self, number: int) -> float:
        """When a job ends; no client can know."""
        return self._lives[number].life.end_s

    def listing(self, now: float) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The active jobs, oldest first, and the last finished ones, newest first."""
        self.advance(now)
        shown = FINISHED_JOBS_PER_ACTIVE * self.limit
        return tuple(sorted(self.active)), tuple(reversed(self.finished[-shown:]))

    def free(self, now: float) -> int:
        """How many slots are free."""
        self.advance(now)
        return max(0, self.limit - len(self.active))

    def next_change_s(self) -> float:
        """When the next job ends, the number of slots changes, or the other client changes its mind."""
        changes = [self._ends[0][0]] if self._ends else []
        if self.other_slots:
            changes.append(self._turn_s(self._next_turn))
        if len(self.slots) > 1:
            changes.append((max(0.0, self.now_s) // SLOTS_CHANGE_EVERY_S + 1) * SLOTS_CHANGE_EVERY_S)
        return min(changes, default=float("inf"))

    # Inside

    def advance(self, now: float) -> None:
        """Let everything happen that happens until now."""
        while (change_s := self.next_change_s()) <= now:
            self._pass_time(change_s)
            if self._ends and self._ends[0][0] <= change_s:
                _, number = heapq.heappop(self._ends)
                del self.active[number]
                self.finished.append(number)
            self._let_other_in(change_s)
        self._pass_time(max(now, self.now_s))

    def _pass_time(self, until_s: float) -> None:
        passed_s = max(0.0, until_s - max(0.0, self.now_s))
        self._idle_now_s += max(0, self.limit - len(self.active)) * passed_s
        self._offered_now_s += self.limit * passed_s
        self.now_s = until_s

    def _turn_s(self, turn: int) -> float:
        """When the other client begins to want slots, at an even turn, or ends, at an odd one."""
        cycles, ends = divmod(turn, 2)
        return cycles * OTHER_CYCLE_S + ends * OTHER_BUSY_S - self._other_phase_s

    def _let_other_in(self, now: float) -> None:
        while self._turn_s(self._next_turn) <= now:
            self._next_turn += 1
        wants = self.other_slots if self._next_turn % 2 else 0
        while len(self.active) < self.limit and sum(not job.ours for job in self.active.values()) < wants:
            chance = Random(f"{self.seed}:other:{self._other_made}")
            self._other_made += 1
            self._begin(chance, tuple(range(-protocol.MAX_ENTRIES_PER_JOB, 0)), now, ours=False)

    def _begin(
        self, chance: Random, images: tuple[int, ...], now: float, *, ours: bool, failed: tuple[int, ...] = ()
    ) -> Job:
        self.numbered += 1
        life = self.model(chance, len(images), now, self._phase_s)
        job = Job(self.numbered, images, life, ours, failed)
        self.active[job.number] = self._lives[job.number] = job
        heapq.heappush(self._ends, (job.life.end_s, job.number))
        return job

    def _fails(self, image: int, now: float, read_s: Mapping[int, float] | None) -> bool:
        if read_s is not None and now + QUEUED_S - read_s[image] > self.life_s:
            return True
        if not self.failing or image in self._tried:
            return False
        return Random(f"{self.seed}:image:{image}").random() < self.failing
