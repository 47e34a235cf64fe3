"""How far a run is and how fast it gets on, as the process that works on it sees it.

Rule: an image counts as done when it has ended, or once a job that is not over has done it, at a service that tells so
much. The second is for people alone: what such a job did is the run's when the job is over and its result stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from coralrun.machine.state import State

_LEAST_PHOTOS: Final = 10
_MOST_LINES: Final = 20
"""From one line on photos to the next so many of them, and no more lines than these in all, about."""


def images_done(state: State) -> int:
    """The images of the plan in force that are done."""
    return state.durable.units_over + state.images_done_in_jobs()


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
    _has_heard: bool = False

    def see(self, state: State, now: float) -> bool:
        """See how far the run is; True if an image was done since the last time."""
        done = images_done(state)
        if self._began_s < 0:
            self._began_s = self.changed_s = now
            self.done = self._done_before = done
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

    def left_s(self, of: int, now: float) -> float | None:
        """How long the rest of so many images takes at that pace; None while it is not known."""
        return self.left_of(self.done - self._done_before, of - self.done, now)

    def left_of(self, did: int, left: int, now: float) -> float | None:
        """The same of whatever this process did so many of, and has so many left of."""
        return left * (now - self._began_s) / did if did > 0 and now > self._began_s else None


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
