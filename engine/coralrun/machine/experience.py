"""What this process has seen of jobs: since when each is at work, and how long the last ones took.

Rule: part of the volatile half: changed by `observe` alone, lost at every restart, and no rule of safety rests on it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from statistics import median_high

from coralrun.machine.job_id import JobId
from coralrun.machine.lengths import Length

KEPT = 200  # lengths: those of about an hour, where so many jobs end in one that its requests are short
RATE_LEAST = 10  # lengths that tell how many jobs end a second
TIME_LEAST_S = 1.0  # what is shorter says nothing of a rate: looks do not follow each other faster


@dataclass(frozen=True, slots=True)
class Watched:
    """A job of ours at work: since when, and when it was last seen so. `whole` says that its start was seen."""

    started_s: float
    seen_s: float
    entries: int
    whole: bool = True


@dataclass(slots=True)
class Experience:
    """The jobs that are watched, by their ids, and the lengths of the last ones."""

    watched: dict[JobId, Watched] = field(default_factory=dict)
    lengths: deque[Length] = field(default_factory=lambda: deque(maxlen=KEPT))
    _median_s: float | None = None

    def usual_s(self, guess_s: float) -> float:
        """How long a job usually takes: the median of the last ones, and a guess before one was seen."""
        return guess_s if self._median_s is None else self._median_s

    def jobs_a_second(self, slots: int, now: float, usual_s: float) -> float:
        """How many jobs end a second: as many as did of late, or, while few have, as `slots` at work let expect."""
        if len(self.lengths) < RATE_LEAST:
            return slots / max(TIME_LEAST_S, usual_s)
        return len(self.lengths) / max(TIME_LEAST_S, now - self.lengths[0].seen_s)

    def start(self, job: JobId, entries: int, now: float, *, whole: bool) -> None:
        """A job of ours is at work."""
        self.watched[job] = Watched(now, now, entries, whole)

    def see(self, job: JobId, at_s: float) -> None:
        """A job was seen at work."""
        if (watched := self.watched.get(job)) is not None:
            self.watched[job] = replace(watched, seen_s=max(watched.seen_s, at_s))

    def end(self, job: JobId, now: float) -> None:
        """A job was seen to be over."""
        watched = self.watched.pop(job, None)
        if watched is not None and watched.whole:
            after_s, by_s = watched.seen_s - watched.started_s, now - watched.started_s
            self.learn(Length(watched.entries, after_s, by_s, now))

    def learn(self, *lengths: Length) -> None:
        """So long did jobs take that have ended."""
        self.lengths.extend(lengths)
        self._median_s = median_high(length.seconds for length in self.lengths)

    def forget(self, job: JobId) -> None:
        """A job is waited for no longer."""
        self.watched.pop(job, None)
