"""Deploy jobs, which take time image by image, as a pure function of the clock.

Rule: nothing runs by itself. `advance` carries every image whose time has come, in the order of those times, and is
called before the service looks at or changes anything; so a job is always as it would be had it run all along. An
image's URL is judged at the moment its turn comes, not when the job was asked for or is looked at.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from coralrun.emulator import protocol
from coralrun.emulator.deploy_body import Asked
from coralrun.emulator.site import Scores, Source, TrainedClassifier
from coralrun.values.ids import SplitMix64, seed_from

_STEPS = 1_000_000

Outcome = list[Scores] | str
"""An image's scores, point by point, or the text of its failure."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """How fast jobs go. An image starts `start_min_s` to `start_max_s` after the request, at the next multiple of
    `runner_s`; it takes `seconds_per_image`, and counts as done at the next multiple of `collector_s`.
    """

    seconds_per_image: float = 0.2
    start_min_s: float = 0.0
    start_max_s: float = 1.0
    runner_s: float = 0.0
    collector_s: float = 0.0

    def done_s(self, scheduled_s: float) -> float:
        """When an image counts as done that is scheduled for that time."""
        return _next_multiple(_next_multiple(scheduled_s, self.runner_s) + self.seconds_per_image, self.collector_s)


PRODUCTION = Cadence(seconds_per_image=30.0, start_min_s=5.0, start_max_s=29.0, runner_s=120.0, collector_s=120.0)
"""The production service's pace (protocol 5): what collects results wants to be started each minute, but whatever
starts it comes every two."""


@dataclass(slots=True)
class Unit:
    """One image of a job. `outcome` is decided when it starts and shows once it is `done`; times are None before."""

    asked: Asked
    scheduled_s: float | None = None
    started_s: float | None = None
    done_s: float | None = None
    outcome: Outcome = ""

    @property
    def done(self) -> bool:
        """Whether it counts."""
        return self.done_s is not None


@dataclass(slots=True)
class Job:
    """One deploy job. A `stuck` one never gets its finish date, so it stays active (protocol 4, stuck job)."""

    id: int
    owner: str
    source: Source
    classifier: TrainedClassifier
    created_s: float
    units: list[Unit]
    left: int = 0
    changed_s: float = 0.0
    finished_s: float | None = None
    stuck: bool = False

    @property
    def successes(self) -> int:
        """How many images are done with scores."""
        return sum(1 for unit in self.units if unit.done and not isinstance(unit.outcome, str))

    @property
    def failures(self) -> int:
        """How many images are done without."""
        return sum(1 for unit in self.units if unit.done and isinstance(unit.outcome, str))


@dataclass(slots=True)
class Jobs:
    """All jobs of the service. Ids count up from `next_id`; `run` gives an image's outcome when its turn comes.

    `ended` counts the jobs that came to their end.
    """

    next_id: int
    cadence: Cadence
    seed: int
    run: Callable[[Job, Asked, float], Outcome]
    ended: int = 0
    _jobs: dict[int, Job] = field(default_factory=dict)
    _active: dict[str, dict[int, Job]] = field(default_factory=dict)
    _finished: dict[str, list[Job]] = field(default_factory=dict)
    _due: list[tuple[float, int, str, Job, Unit]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)

    def deploy(
        self, owner: str, source: Source, classifier: TrainedClassifier, images: tuple[Asked, ...], now: float
    ) -> Job:
        """A new job, whose images are scheduled from now on."""
        job = self.open(owner, source, classifier, images, now)
        chance = SplitMix64(seed_from("start", self.seed, job.id))
        pace = self.cadence
        for unit in job.units:
            share = chance.below(_STEPS) / _STEPS
            unit.scheduled_s = now + pace.start_min_s + share * (pace.start_max_s - pace.start_min_s)
            self._schedule(_next_multiple(unit.scheduled_s, pace.runner_s), "start", job, unit)
        return job

    def open(
        self, owner: str, source: Source, classifier: TrainedClassifier, images: tuple[Asked, ...], now: float
    ) -> Job:
        """A new job, active, of which no image is scheduled."""
        units = [Unit(asked) for asked in images]
        job = Job(self.next_id, owner, source, classifier, now, units, left=len(units), changed_s=now)
        self._jobs[job.id] = job
        self._active.setdefault(owner, {})[job.id] = job
        self.next_id += 1
        return job

    def advance(self, now: float, stands_still: Callable[[], bool], most: int | None = None) -> bool:
        """Carry what is due by now, at most `most` steps of it, and clean up; whether more is due."""
        carried = 0
        while self._due and self._due[0][0] <= now and not stands_still():
            if most is not None and carried >= most:
                return True
            carried += 1
            when, _, step, job, unit = heapq.heappop(self._due)
            if step == "done":
                self.count(job, unit, when)
                continue
            unit.started_s = when
            unit.outcome = self.run(job, unit.asked, when)
            ready = _next_multiple(when + self.cadence.seconds_per_image, self.cadence.collector_s)
            self._schedule(ready, "done", job, unit)
        self._clean_up(now)
        return False

    def count(self, job: Job, unit: Unit, when: float) -> None:
        """One image of a job is done; with the last, unless it is stuck, so is the job."""
        unit.done_s = when
        job.left -= 1
        job.changed_s = when
        if job.left == 0 and not job.stuck and job.id in self._jobs:
            job.finished_s = when
            self.ended += 1
            del self._active[job.owner][job.id]
            self._finished.setdefault(job.owner, []).append(job)

    def units(self) -> Iterator[Unit]:
        """The images of all jobs that were asked for here."""
        return (unit for job in self._jobs.values() for unit in job.units if unit.scheduled_s is not None)

    def of(self, owner: str, job_id: int) -> Job | None:
        """A job, if it exists and belongs to this user."""
        job = self._jobs.get(job_id)
        return job if job is not None and job.owner == owner else None

    def latest(self) -> Job:
        """The newest job of all."""
        return next(reversed(self._jobs.values()))

    def active(self, owner: str) -> list[Job]:
        """A user's active jobs, oldest first."""
        return list(self._active.get(owner, {}).values())

    def finished(self, owner: str, most: int) -> list[Job]:
        """A user's finished jobs, latest first, at most `most`."""
        done = self._finished.get(owner, [])
        return done[: -most - 1 : -1] if most else []

    def forget(self, job_id: int) -> None:
        """Lose a job altogether, as a clean-up does."""
        job = self._jobs.pop(job_id, None)
        if job is None:
            return
        self._active[job.owner].pop(job_id, None)
        if job.finished_s is not None:
            self._finished[job.owner].remove(job)

    def _schedule(self, when: float, step: str, job: Job, unit: Unit) -> None:
        heapq.heappush(self._due, (when, next(self._order), step, job, unit))

    def _clean_up(self, now: float) -> None:
        """Drop old jobs; they are kept in the order of creation, so the first young one ends the search."""
        while self._jobs:
            job = next(iter(self._jobs.values()))
            if now - max(job.created_s, job.changed_s) <= protocol.JOB_LIFE_S:
                return
            self.forget(job.id)


def _next_multiple(when: float, period_s: float) -> float:
    return math.ceil(when / period_s) * period_s if period_s else when


def out_of_range(asked: Asked, width: int, height: int) -> str | None:
    """The real server's text for the first point outside the image, None if all lie inside."""
    for row, column in asked.points:
        for word, value, end in (("Row", row, height), ("Column", column, width)):
            if value >= end:
                return (
                    f"spacer.exceptions.RowColumnInvalidError: {asked.url}: {word} value {value} falls outside"
                    f" this image's valid range of 0-{end - 1}."
                )
    return None


def too_many_pixels(asked: Asked, width: int, height: int) -> str | None:
    """The real server's text for an image that is too large, None if it is not."""
    if width * height <= protocol.PIXELS:
        return None
    return (
        f"spacer.exceptions.DataLimitError: Image {asked.url} has {width} x {height} = {width * height} total pixels,"
        f" which is larger than the max allowed of {protocol.PIXELS}."
    )
