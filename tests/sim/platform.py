"""What a world needs of the service in it, whichever of the two it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from coralrun.files.stored_result import StoredResult
from coralrun.machine.job_id import JobId
from coralrun.planning.model import Point
from coralrun.ports import Budget, Images, Service


class Made(Protocol):
    """A job as the service knows it."""

    @property
    def number(self) -> int:
        """Its id, as a number."""
        ...

    @property
    def mark(self) -> str:
        """The mark of its first entry."""
        ...


class Told(NamedTuple):
    """What a stored result says of one entry; no points where it failed. `scores` is None where they say nothing."""

    mark: str
    points: tuple[Point, ...]
    scores: object = None


@dataclass(frozen=True, slots=True)
class Ports:
    """What one process holds of the service and the images; `budget` None stands for the world's own pace."""

    service: Service
    images: Images
    budget: Budget | None


class Platform(Protocol):
    """A service and the way to it: a toy, or the embedded CoralNet behind the real codec."""

    @property
    def jobs(self) -> Sequence[Made]:
        """Every job that was ever made there."""
        ...

    @property
    def shrunk(self) -> frozenset[int]:
        """The images that were smaller once than they are planned to be."""
        ...

    def told(self, result: StoredResult) -> Sequence[Told]:
        """What a stored result says of each entry."""
        ...

    def connect(self, known: set[JobId]) -> Ports:
        """A new process reaches the service; raises CoralrunError where the real one would. `known` are its jobs."""
        ...

    def leave(self) -> None:
        """The process that lives now is about to end, and dies of nothing."""
        ...

    def jumped_forward(self) -> None:
        """The time of day was set forward."""
        ...
