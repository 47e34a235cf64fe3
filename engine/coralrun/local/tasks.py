"""What is sent to a worker, and what comes back: the border between a run's jobs and whatever computes them.

Rule: a task is one photo with its points. Its key is its own for good: it holds the run, the process, the batch, the
attempt, the entry and the sending, for two that use one key on one scheduler get each other's answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from coralrun.machine.reasons import Reason
from coralrun.planning.images import Point
from coralrun.ports import Place


@dataclass(frozen=True, slots=True)
class Task:
    """One photo to be classified at its points. `sha256` is that of the bytes that were planned, where they were.

    One that `is_single` shares no worker's task with others: workers died of a task that it was in.
    """

    key: str
    place: Place
    points: bytes
    sha256: str | None
    is_single: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """What a task came to: the scores of all `labels` at each point, point by point, each in two bytes, the lower one
    first, in ten thousandths; or the reason for none."""

    reason: Reason | None
    labels: int = 0
    scores: bytes = b""


@dataclass(frozen=True, slots=True)
class Died:
    """The worker that had the photo, perhaps with others, died, and others before it, as often as the cluster tries."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The task is nowhere any more."""


Came = Finished | Died | Lost


class Cluster(Protocol):
    """Whatever computes tasks. It is asked by one thread alone, but for `trouble`."""

    @property
    def trouble(self) -> str:
        """Why nothing is computed now; "" where all is well."""
        ...

    @property
    def threads(self) -> int:
        """How many tasks are computed at once; 0 where it is not known now."""
        ...

    @property
    def photo_bytes(self) -> int | None:
        """The memory that one photo may take on the smallest worker; None for any."""
        ...

    @property
    def photos_at_once(self) -> int:
        """How many photos travel together, where each takes hardly any time."""
        ...

    def send(self, tasks: Sequence[Task]) -> None:
        """Have tasks computed: each comes back through `take` once, whatever happens."""
        ...

    def take(self, timeout_s: float) -> Sequence[tuple[str, Came]]:
        """What came back since the last time, by the tasks' keys; waits so long for the first."""
        ...


class RunningCluster(Cluster, Protocol):
    """A cluster that was started, or joined."""

    @property
    def addresses(self) -> Sequence[str]:
        """The workers at work now."""
        ...

    @property
    def worked(self) -> tuple[float, int]:
        """The seconds that workers computed, added up, and of how many points."""
        ...

    def digests(self, path: str) -> Mapping[str, str]:
        """The SHA-256 of a file as each worker sees it, "" where one does not."""
        ...

    def close(self) -> None:
        """Leave it; one of our own ends."""
        ...


def key_of(mark: str, job: str, entry: int, sending: str) -> str:
    """The key of a task: of the run whose mark an entry has, and of one sending, which no other process has."""
    return f"{mark.partition('.')[0]}.{job}.{entry}-{sending}"


def packed(points: Sequence[Point]) -> bytes:
    """Points as a worker takes them."""
    return np.asarray(points, dtype="<i4").tobytes()


def unpacked(data: bytes) -> list[Point]:
    """The inverse of `packed`."""
    return [Point(row, column) for row, column in np.frombuffer(data, dtype="<i4").reshape(-1, 2).tolist()]
