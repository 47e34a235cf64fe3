"""The images of a plan as data: as a source reports them, and as they are planned.

Rule: sizes are (width, height) in raw stored pixels; a point is (row, column), row counted from the top and column from
the left, both from 0. A plan may have a million images, so what a whole survey is asked for is asked of their kinds.
"""

from __future__ import annotations

from abc import abstractmethod
from array import array
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from coralrun.files.field_types import END, Digest, Positive
from coralrun.planning.unfit import Unfit
from coralrun.spec.point_design import AnnotationArea


class Point(NamedTuple):
    """One place on an image."""

    row: int
    column: int


class Size(NamedTuple):
    """An image's raw stored size in pixels; EXIF orientation is never applied."""

    width: Annotated[int, Meta(ge=0)]
    height: Annotated[int, Meta(ge=0)]


class Extent(NamedTuple):
    """The size of an image in the units in which its points are written, where pixels alone do not say enough.

    `whole_parts` says that a pixel is a whole number of units along both sides, as in the files of CPCe. `exact` says
    that the units are pixels, and that the points are for an image of this very size and for no other.
    """

    width: Positive
    height: Positive
    whole_parts: bool
    exact: bool = False


class Taken(NamedTuple):
    """What a camera wrote into a photo, "" and None for nothing: the `day` by its clock, the date as it is `written`
    there, why it is in `doubt`; degrees north and east; `is_nowhere` says that they are no place on Earth."""

    day: date | None = None
    written: str = ""
    doubt: str = ""
    latitude: str = ""
    longitude: str = ""
    camera: str = ""
    is_nowhere: bool = False


class Upload(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a photo of a folder is uploaded `to`, by the service's own name for the place, and the SHA-256 of the bytes
    that are sent: another than the file's where something is taken out of it."""

    to: Annotated[str, Meta(pattern=f"^[A-Za-z0-9_-]{{1,64}}{END}")]
    sha256: Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundImage:
    """An image as its source reports it, before any filter; `image_id` for CoralNet, `url` for a manifest, neither for
    an object of a bucket, which has the `etag` of what is in it, nor for a photo in a folder, which has the `sha256` of
    its bytes, if it can be opened; `unfit` says why it cannot be taken.

    `taken` is what the camera wrote into it, `area` its own annotation area, instead of the design's. `metadata` are
    the values of `fields`, "" where nothing is known. `place` is where the user wrote it (file:line), empty for a
    crawled one.
    """

    name: str
    image_id: int | None = None
    url: str | None = None
    etag: str | None = None
    sha256: str | None = None
    size: Size | None = None
    area: AnnotationArea | None = None
    place: str = ""
    fields: tuple[str, ...] = ()
    metadata: tuple[str, ...] = ()
    taken: Taken | None = None
    unfit: Unfit | None = None


class PlannedImage(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One image of the plan. `key` is unique in a run; `points` counts its points. A line of images.jsonl is just this.

    Which image it is, `plan.identity` says.
    `metadata` is in the order of `Plan.fields`, "" where nothing is known, and empty where the plan has no fields;
    `inclusion` is the probability with which `sampling.images` draws the image: 1 where all are taken. An image that is
    `unfit` fails without being asked for.
    """

    key: str
    source: str
    name: str
    points: Positive
    image_id: Positive | None = None
    url: str | None = None
    etag: str | None = None
    sha256: Digest | None = None
    size: Size | None = None
    area: AnnotationArea | None = None
    metadata: tuple[str, ...] = ()
    inclusion: Annotated[int, Meta(gt=0, le=1)] | Annotated[float, Meta(gt=0, le=1)] = 1.0
    upload: Upload | None = None
    unfit: Unfit | None = None

    @property
    def uploaded_as(self) -> str:
        """Which photo it is at the service, by where it goes, if it is uploaded; "" if it is not."""
        return "" if self.upload is None else f"{self.upload.to}/{self.name}"

    @property
    def needs_resolving(self) -> bool:
        """Whether its URL or its size must be asked for before it can be submitted."""
        return self.url is None or self.size is None

    @property
    def kind(self) -> Hashable:
        """What it has in common with many others."""
        is_file, is_sent = self.sha256 is not None, self.upload is not None
        no_id, no_url = self.image_id is None, self.url is None
        return self.source, self.points, self.size, self.area, no_id, no_url, is_file, is_sent, self.unfit


@dataclass(frozen=True, slots=True)
class Kinds:
    """Images that differ in nothing but their names, addresses and metadata are of one kind.

    `of_image` holds the kind of each image, from 0; `firsts` the first image of each, which stands for all of its kind.
    """

    of_image: Sequence[int]
    firsts: Sequence[PlannedImage]

    @classmethod
    def of(cls, images: Iterable[PlannedImage]) -> Kinds:
        """The kinds of images that are at hand."""
        numbers: dict[Hashable, int] = {}
        firsts: list[PlannedImage] = []
        of_image = array("I")
        for image in images:
            number = numbers.setdefault(image.kind, len(firsts))
            if number == len(firsts):
                firsts.append(image)
            of_image.append(number)
        return cls(of_image, firsts)


class PackedImages(Sequence[PlannedImage]):
    """Images of a plan that become objects only when they are asked for."""

    __slots__ = ()

    @property
    @abstractmethod
    def kinds(self) -> Kinds:
        """The kind of every image."""
