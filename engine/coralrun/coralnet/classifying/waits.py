"""How long a run waits for the labels of its photos in a source.

Rule: a source labels in its own time, and whatever comes into it keeps others waiting, so a photo is not given up for
being late alone: only after the source has labelled none of the run's, and was sent none, for as long as the survey
says. What has labels does not wait for what has none: a batch that stands still is read as it is. Times are this
process's own, and another one waits anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from coralrun.machine.job_id import JobId
from coralrun.ports import Clock

STANDS_STILL_S: Final = 30 * 60.0
"""A batch of which some photos have labels is read after so long without another: CoralNet takes batches in turn, and
two internal jobs of a photo at the usual 2 to 6 minutes each are far less."""


class _Left(NamedTuple):
    photos: int
    since_s: float


@dataclass(slots=True)
class Waits:
    """The batches of one process, each with how many of its photos had no label, and since when."""

    clock: Clock
    patience_s: float
    _moved_s: float = field(init=False)
    _left: dict[JobId, _Left] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.sent()

    def sent(self) -> None:
        """Something of the run came into the source, which keeps waiting what waits there."""
        self._moved_s = self.clock.monotonic()

    def see(self, job: JobId, left: int) -> None:
        """So many photos of a batch have no label now."""
        before, now = self._left.get(job), self.clock.monotonic()
        if before is None or left != before.photos:
            self._left[job] = _Left(left, now)
        if before is not None and left < before.photos:
            self._moved_s = now

    def is_over(self, job: JobId, photos: int) -> bool:
        """Whether a batch of so many photos is to be read."""
        left, since_s = self._left[job]
        stands_s = self.clock.monotonic() - since_s
        return not left or (left < photos and stands_s >= STANDS_STILL_S) or self.is_given_up(job)

    def is_given_up(self, job: JobId) -> bool:
        """Whether the photos of a batch that have no label are waited for no longer."""
        return self.clock.monotonic() - max(self._moved_s, self._left[job].since_s) >= self.patience_s

    def forget(self, job: JobId) -> None:
        """A batch is waited for no longer."""
        self._left.pop(job, None)
