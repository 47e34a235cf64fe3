"""How far a run is and how fast it gets on, as the process that works on it sees it.

Rule: an image counts as done when it has ended, or once a job that is not over has done it, at a service that tells so
much. The second is for people alone: what such a job did is the run's when the job is over and its result stored. While
photos are uploaded nothing is classified: the pace of the one says nothing of the other's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from coralrun.machine.state import State
from coralrun.planning.estimate import by_requests_s

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
    return f"images classified: {done:,} of {of:,}"


@dataclass(slots=True)
class Headway:
    """What this process has seen a run do: so many images are `done`, the last since `changed_s`."""

    done: int = 0
    changed_s: float = float("-inf")
    _began_s: float = float("-inf")
    _done_before: int = 0
    _uploading_s: float = float("-inf")
    _stored_before: int = 0
    _has_heard: bool = False

    def see(self, state: State, now: float) -> bool:
        """See how far the run is; True if an image was done since the last time."""
        done = images_done(state)
        if self._began_s < 0:
            self._began_s = self.changed_s = now
            self.done = self._done_before = done
            self._uploading_s, self._stored_before = now, state.uploads_there()
        if only_uploads(state):
            self._began_s, self._done_before = now, done
        if not self._has_heard and state.volatile.listed_s is not None:
            self._has_heard = True
            self.done += state.images_done_in_jobs()  # by earlier processes: no pace of this one
            self._done_before += state.images_done_in_jobs()
        if done == self.done:
            return False
        is_more, self.done, self.changed_s = done > self.done, done, now
        return is_more

    def per_s(self, now: float) -> float:
        """Images done by the second; 0 while none is."""
        return max(0, self.done - self._done_before) / (now - self._began_s) if now > self._began_s else 0.0

    def left_s(self, state: State, now: float) -> float | None:
        """How long the run still takes; None while it is not known. Before photos are classified they are uploaded."""
        if only_uploads(state):
            uploads_s = self.uploads_left_s(state, now)
            return None if uploads_s is None else uploads_s + classify_s(state)
        return _left_s(self.done - self._done_before, state.durable.wanted - self.done, now - self._began_s)

    def uploads_left_s(self, state: State, now: float) -> float | None:
        """How long the photos that are not there yet take at the pace of this process; None while it is not known."""
        stored = state.uploads_there()
        left = max(0, len(state.setup.uploads) - stored)
        return _left_s(stored - self._stored_before, left, now - self._uploading_s)


def _left_s(did: int, left: int, in_s: float) -> float | None:
    """How long so many take, at the pace of those that were done in that time."""
    return left * in_s / did if did > 0 and in_s > 0 else None


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
