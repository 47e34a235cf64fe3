"""How far a run is and how fast it gets on, as the process that works on it sees it.

Rule: an image counts as done when it has ended, or once a job that is not over has done it, at a service that tells so
much. The second is for people alone: what such a job did is the run's when the job is over and its result stored. While
photos are uploaded nothing is classified: the pace of the one says nothing of the other's.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from coralrun import limits
from coralrun.machine.state import State
from coralrun.planning.estimate import by_requests_s

_CHANGES: Final = 20
_LATELY_S: Final = 600.0
"""A pace is made of the last so many changes, and of all in so long a time: jobs end seldom, and photos go fast."""
_ASLEEP_S: Final = 2 * limits.BACKOFF_MOST_S
"""A process that is awake looks more often."""
_LEAST_PHOTOS: Final = 10
_MOST_LINES: Final = 20
"""From one line on photos to the next so many of them, and no more lines than these in all, about."""


def images_done(state: State) -> int:
    """The images of the plan in force that are done."""
    return state.durable.units_over + state.images_done_in_jobs()


def is_uploading(state: State) -> bool:
    """Whether photos are still to be sent to the service, before new batches are."""
    return state.durable.upload is not None or next(state.uploads_to_do(), None) is not None


def only_uploads(state: State) -> bool:
    """Whether photos are uploaded, and no job is at work beside them."""
    return bool(state.setup.uploads) and not state.durable.active and is_uploading(state)


def classify_s(state: State) -> float:
    """The least time that classifying what waits takes, by the same sum as the plan's."""
    setup, waiting = state.setup, state.images_waiting()
    if not setup.classifies or not waiting:
        return 0.0
    entries_each = max(1, setup.entries[setup.uploads[0].unit])
    batches = math.ceil(waiting / max(1, min(setup.batch_size, setup.allowed.entries_per_job // entries_each)))
    slots = max(1, min(setup.concurrency, state.volatile.max_active or setup.allowed.jobs_at_once))
    round_s = state.volatile.experience.usual_s(setup.allowed.job_takes_s)
    return max(math.ceil(batches / slots) * round_s, *by_requests_s(batches, waiting, setup.allowed))


def every(of: int) -> int:
    """From one line on photos, of so many, to the next."""
    return max(_LEAST_PHOTOS, of // _MOST_LINES)


def done_line(done: int, of: int) -> str:
    """How far a run is whose jobs tell how far they are."""
    return f"images done: {done:,} of {of:,}"


@dataclass(slots=True)
class Pace:
    """How fast something got done lately: how much was done, and when (s at work), at its last changes."""

    _marks: deque[tuple[float, int]] = field(default_factory=deque)

    def begin(self, at_s: float, done: int) -> None:
        """Count from here."""
        self._marks = deque([(at_s, done)])

    def mark(self, at_s: float, done: int) -> None:
        """So much is done. What is long past is forgotten, unless few changes came since."""
        if done == self._marks[-1][1]:
            return
        self._marks.append((at_s, done))
        while len(self._marks) > _CHANGES and self._marks[1][0] <= at_s - _LATELY_S:
            self._marks.popleft()

    def raise_by(self, more: int) -> None:
        """Let so much more have been done all along."""
        self._marks = deque((at_s, done + more) for at_s, done in self._marks)

    def per_s(self, at_s: float) -> float:
        """So much a second; 0 while nothing is done."""
        (since_s, before), (_, done) = self._marks[0], self._marks[-1]
        return max(0, done - before) / (at_s - since_s) if at_s > since_s else 0.0

    def left_s(self, left: int, at_s: float) -> float | None:
        """How long so much takes at that pace; None while it is not known."""
        per_s = self.per_s(at_s)
        return left / per_s if per_s else None


@dataclass(slots=True)
class Headway:
    """What this process has seen a run do: so many images are `done`, the last since `changed_s`.

    It foretells from recent work. Time in which somebody did not answer, or the computer slept, is no work.
    """

    done: int = 0
    changed_s: float = float("-inf")
    _images: Pace = field(default_factory=Pace)
    _photos: Pace = field(default_factory=Pace)
    _seen_s: float = float("-inf")
    _worked_s: float = 0.0
    _was_away: bool = False
    _has_heard: bool = False

    def see(self, state: State, now: float) -> bool:
        """See how far the run is; True if an image was done since the last time."""
        done = images_done(state)
        self._worked_s, self._was_away = self._work_s(now), bool(state.volatile.outages)
        if self._seen_s < 0:
            self.changed_s, self.done = now, done
            self._images.begin(self._worked_s, done)
            self._photos.begin(self._worked_s, state.uploads_there())
        self._seen_s = now
        self._photos.mark(self._worked_s, state.uploads_there())
        if only_uploads(state):
            self._images.begin(self._worked_s, done)
        if not self._has_heard and state.volatile.listed_s is not None:
            self._has_heard = True
            self.done += state.images_done_in_jobs()  # by earlier processes: no pace of this one
            self._images.raise_by(state.images_done_in_jobs())
        self._images.mark(self._worked_s, done)
        if done == self.done:
            return False
        is_more, self.done, self.changed_s = done > self.done, done, now
        return is_more

    def per_s(self, now: float) -> float:
        """Images done by the second; 0 while none is."""
        return self._images.per_s(self._work_s(now))

    def left_s(self, state: State, now: float) -> float | None:
        """How long the run still takes; None while it is not known. Before photos are classified they are uploaded."""
        if only_uploads(state):
            uploads_s = self.uploads_left_s(state, now)
            return None if uploads_s is None else uploads_s + classify_s(state)
        return self._images.left_s(state.durable.wanted - self.done, self._work_s(now))

    def uploads_left_s(self, state: State, now: float) -> float | None:
        """How long the photos that are not there yet take at the pace of this process; None while it is not known."""
        left = max(0, len(state.setup.uploads) - state.uploads_there())
        return self._photos.left_s(left, self._work_s(now))

    def _work_s(self, now: float) -> float:
        """How long this process has worked by now."""
        since_s = now - self._seen_s if self._seen_s >= 0 else 0.0
        return self._worked_s + (0.0 if self._was_away or since_s > _ASLEEP_S else since_s)


@dataclass(slots=True)
class Milestones:
    """A line each time that so many more images are done in jobs; what a job that is over did has its own line."""

    tell: Callable[[str], None]
    _told: int = 0

    def passed(self, in_jobs: int, done: int, of: int) -> None:
        """Tell, if it is time; `in_jobs` of those that are done are in jobs that are not over."""
        if not in_jobs:
            self._told = done
        elif done >= self._told + every(of):
            self._told = done
            self.tell(done_line(done, of))
