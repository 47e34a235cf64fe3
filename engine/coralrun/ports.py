"""What the engine asks of the world: protocols, and the small records that cross them.

Rule: the engine knows these and nothing behind them. `Service` is any place that classifies batches (CoralNet over
HTTP is one); `Images` is any place that images come from. A port answers with an outcome: it never raises for what the
world does, only for what coralrun itself got wrong. A port makes one request for one call and never sleeps to retry.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol, TypeAlias

from coralrun.machine.job_id import JobId, Marker
from coralrun.machine.outcomes import (
    Accepted,
    Compared,
    Done,
    JobDone,
    Listed,
    Missing,
    Names,
    NotReady,
    NotSent,
    NotTaken,
    Progress,
    Refused,
    Stored,
    Trouble,
    Unknown,
    Unusable,
)
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Point, Size
from coralrun.planning.unfit import Refusal
from coralrun.values.annotated import AnnotatedPoint
from coralrun.values.classified import ScoredPoint

Place: TypeAlias = str | PurePath | bytes
"""Where a service finds an image: an address, a path, or the file itself."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One part of a batch: an image's place, as many of its points as the service takes at once, and its mark.

    `unit` is the image's unit of work, `size` its raw size. `sha256` is that of the bytes that were planned, where a
    file was: a service that finds others there answers `Reason.CHANGED`.
    """

    mark: str
    place: Place
    points: tuple[Point, ...]
    unit: int = 0
    size: Size | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class AnsweredEntry:
    """One part of a result, in the order asked: its mark ("" if it has none), and points or the reason for none."""

    mark: str
    points: tuple[ScoredPoint, ...]
    reason: Reason | None

    @property
    def places(self) -> tuple[Point, ...]:
        """Where its points are."""
        return tuple(Point(point.row, point.column) for point in self.points)


@dataclass(frozen=True, slots=True)
class Answer:
    """A job's whole result. `reply` is the service's own, to be kept as evidence, without the query of any URL; b"" for
    none.
    """

    entries: tuple[AnsweredEntry, ...]
    reply: bytes


@dataclass(frozen=True, slots=True)
class Located:
    """Where an image is now. `life_s` is how long its place serves from when it was told; None for ever."""

    place: Place
    size: Size
    life_s: float | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """What a run gives a service that works beside it: a folder of the run for whatever the service must keep, the jobs
    that it could still ask for when it was opened, by its own names, and where the image of a unit of work is now."""

    folder: Path
    wanted: Collection[str]
    locate: Callable[[int], Located | Unusable | Trouble]


class Service(Protocol):
    """A place that classifies batches."""

    def submit(self, name: str, entries: Sequence[Entry]) -> Accepted | Refused | Unknown | NotSent:
        """Send one batch at once, or not at all: the places of its images grow old.

        `name` is the run's own for this attempt at it, and is given to no other.
        """
        ...

    def listing(self, since: Marker | None = None, done_before: Sequence[JobId] = ()) -> Listed | Trouble:
        """Ask for the account's jobs, and which of them are newer than an earlier listing, by that one's marker.

        `done_before` are jobs that were known to have finished when that marker was given, which may help to tell.
        """
        ...

    def look(self, job: JobId) -> Progress | JobDone | Missing | Trouble:
        """Ask how far one job is."""
        ...

    def fetch(self, job: JobId) -> Answer | NotReady | Missing | Trouble:
        """Ask for one job's result."""
        ...

    def release(self, job: JobId) -> Done | Trouble:
        """Let go of a job whose result is stored for good; asked for where `ServiceLimits.must_release` says so.

        It sends nothing: whatever silence a service asked for, it may be called.
        """
        ...


class Images(Protocol):
    """A place that images come from."""

    def locate(self, image: PlannedImage) -> Located | Unusable | Trouble:
        """Ask for an image's place and raw size."""
        ...


class Uploads(Protocol):
    """Places at a service that photos are sent to before they are classified: each has at most one photo of a name."""

    def names(self, images: Sequence[str]) -> Names | Trouble:
        """Ask what is stored under the names of photos, by where they go; all go to one place."""
        ...

    def send(self, image: PlannedImage) -> Stored | NotTaken | Unusable | Unknown | Trouble:
        """Send a photo of a plan that has an `upload`; trouble means that it did not arrive."""
        ...

    def compare(self, stored: str, sha256: str) -> Compared | Missing | Trouble:
        """Ask whether a photo at the service has the bytes of that digest."""
        ...


@dataclass(frozen=True, slots=True)
class UploadPlace:
    """A place that photos are sent to, as a plan must know it: by the service's own name, and `named` for people.

    `points` and `area` say in the service's words what each photo gets there; `is_public` is None where that is not
    told. What is refused is answered with why: by a name, by a number of bytes, by the content. Names of one
    `same_name` are one photo. `size_of` asks for the raw size of a photo that is there. `bytes_per_s` is how fast
    earlier photos went there, None where none did; no more than `photos_per_s` go.
    """

    to: str
    named: str
    is_public: bool | None
    points: str
    area: str
    same_name: Callable[[str], str]
    refused_name: Callable[[str], Refusal | None]
    refused_size: Callable[[int], Refusal | None]
    refused_content: Callable[[bytes], Refusal | None]
    size_of: Callable[[str], Size | None]
    photos_per_s: float
    bytes_per_s: float | None = None


class MetadataPlace(Protocol):
    """A place whose photos have metadata that may be changed. Raises CredentialsError or ServiceError."""

    @property
    def fields(self) -> Sequence[str]:
        """What can be known of each photo there, once that was asked for."""
        ...

    def known(self) -> Mapping[str, Mapping[str, str]]:
        """Ask what is known of each photo, by its name and by the field."""
        ...

    def problem(self, field: str, value: str) -> str | None:
        """Why a value cannot be that of a field; None where it can."""
        ...

    def is_rough(self, field: str, value: str) -> bool:
        """Whether a value is right, and tells less than that of a field must: a year, where a day is needed."""
        ...

    def changes(self, wanted: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
        """The rows to put for what is wanted: a value that is not wanted stays as it is."""
        ...

    def put(self, rows: Mapping[str, Mapping[str, str]]) -> None:
        """Write rows, and read them back."""
        ...


class AnnotationPlace(Protocol):
    """A place whose photos have points and labels that may be replaced. Raises CredentialsError, UsageError or
    ServiceError."""

    @property
    def most_points(self) -> int:
        """How many points a photo can have there."""
        ...

    def labelset(self) -> Mapping[int, str]:
        """Ask for the codes of the labels that a point can have there, by their ids."""
        ...

    def shown(self, images: Mapping[str, int]) -> Mapping[str, Sequence[AnnotatedPoint]]:
        """Ask for the points that have a label, of photos that are given with their ids, by name."""
        ...

    def put(
        self,
        points: Mapping[str, Sequence[AnnotatedPoint]],
        images: Mapping[str, int],
        before: Mapping[str, Sequence[AnnotatedPoint]],
    ) -> tuple[str, ...]:
        """Let points take the place of all that photos have, which showed `before`, and read them back; the names of
        the photos whose points do not show yet."""
        ...


class Budget(Protocol):
    """The service's limits on requests, as far as they are used up."""

    def wait_s(self, requests: int = 1) -> float:
        """How long until so many more requests may be sent; 0 when they may be sent now."""
        ...


class Clock(Protocol):
    """The one clock."""

    def monotonic(self) -> float:
        """Seconds that only ever grow; comparable within one process."""
        ...

    def utc(self) -> str:
        """The time of day in UTC, ISO 8601 with whole seconds and a Z."""
        ...

    def sleep(self, seconds: float) -> None:
        """Do nothing for so long."""
        ...
