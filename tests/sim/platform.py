"""What a world needs of the service in it, whichever of the three it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from coralrun.files.stored_result import StoredResult
from coralrun.machine.durable import Durable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Point
from coralrun.ports import Budget, Images, Service, Uploads

if TYPE_CHECKING:
    from .source import ToySource


class Made(Protocol):
    """A job as the service knows it."""

    @property
    def number(self) -> object:
        """Its id, as a number or a text."""
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
    uploads: Uploads | None = None


class Platform(Protocol):
    """A service and the way to it: a toy, the embedded CoralNet behind the real codec, or `service: local`."""

    @property
    def jobs(self) -> Sequence[Made]:
        """Every job that was ever made there."""
        ...

    @property
    def excused(self) -> Mapping[int, Collection[Reason]]:
        """What images may end of for good, by what befell them, though they could succeed."""
        ...

    @property
    def source(self) -> ToySource | None:
        """Where photos are uploaded to; None where none are."""
        ...

    @property
    def is_away(self) -> bool:
        """Whether whoever computes is away now."""
        ...

    def told(self, result: StoredResult) -> Sequence[Told]:
        """What a stored result says of each entry."""
        ...

    def connect(self, state: Durable) -> Ports:
        """A new process reaches the service; raises CoralrunError where the real one would."""
        ...

    def replaced(self, name: int, was: int, photo: int) -> None:
        """A person put another photo under a name, where `was` one."""
        ...

    def leave(self) -> None:
        """The process that lives now is about to end, and dies of nothing."""
        ...

    def jumped_forward(self) -> None:
        """The time of day was set forward."""
        ...

    def ended(self) -> None:
        """The run is over; raises Violation where what it leaves there is not as promised."""
        ...
