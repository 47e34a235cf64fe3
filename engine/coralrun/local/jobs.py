"""A job that is not over: what it was asked, how far it is, its entries on their way; and what an entry's answer is.

Rule: an entry is left until its result is kept, and is on its way at most once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from coralrun.classifiers.inference import scored_points
from coralrun.local.spool import Asked, Request
from coralrun.local.tasks import Finished
from coralrun.machine.outcomes import Progress
from coralrun.ports import AnsweredEntry, Place
from coralrun.values.classified import Label


@dataclass(slots=True)
class Job:
    """One job that is not over: what it was asked, and the entries that have no result."""

    request: Request
    left: set[int]
    places: dict[int, Place] = field(default_factory=dict)
    ok: int = 0
    failed: int = 0

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return Progress(self.ok, self.failed, len(self.request.entries))


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of a job on its way: `deaths` is how often workers died of a task that it was in."""

    job: str
    entry: int
    deaths: int = 0
    is_sent: bool = False


def answer_of(asked: Asked, finished: Finished, labels: tuple[Label, ...]) -> AnsweredEntry:
    """What a kept result says of an entry; `labels` are in the order of its scores."""
    if finished.reason is not None:
        return AnsweredEntry(asked.mark, (), finished.reason)
    scores = np.frombuffer(finished.scores, dtype="<u2").reshape(len(asked.points), finished.labels)
    return AnsweredEntry(asked.mark, tuple(scored_points(labels, asked.points, scores)), None)
