"""The plan as data: the images in order, the picked classifier and the point design.

Rule: a plan holds no batches and, where a design lays them, no points: both follow from it when a batch is about
to be submitted. Same survey and same inventory give an equal plan. Sizes are (width, height) in raw stored pixels; a
point is (row, column), row counted from the top and column from the left, both from 0.
"""

from __future__ import annotations

from abc import abstractmethod
from array import array
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Final, NamedTuple

from msgspec import Meta, Struct

from coralrun.files.field_types import END, Count, Digest, Positive, PositiveNumber
from coralrun.planning.unfit import Unfit
from coralrun.service.about import NOBODY, AboutService
from coralrun.service.terms import Options
from coralrun.spec.groups import LabelGroups
from coralrun.spec.model import AnnotationArea, CoverOptions, Design, PointDesign

# As in schemas/survey.v1.json: a saved plan may come from anybody, and credentials sign what is asked of an endpoint.
_ENDPOINT = (
    r"(https://[A-Za-z0-9][A-Za-z0-9.-]*|http://(localhost|127(\.[0-9]{1,3}){3}|\[::1\]))(:[0-9]{1,5})?"
    r"(/[A-Za-z0-9._~-]+)*"
)


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Trained:
    """What a classifier was trained on, as it says itself: the `sites` of its photos, none where nobody told, how many
    examples each label had, by its code, and which of the plan's own photos, by their SHA-256, in order."""

    sites: tuple[str, ...]
    examples: Mapping[str, Count]
    photos: tuple[Digest, ...] = ()

    def has_learnt(self, sha256: str | None) -> bool:
        """Whether a photo of the plan is one that it was trained on."""
        place = bisect_left(self.photos, sha256) if sha256 is not None else len(self.photos)
        return place < len(self.photos) and self.photos[place] == sha256


@dataclass(frozen=True, kw_only=True, slots=True)
class Classifier:
    """The classifier picked, by the service's own name for it. `accuracy` in whole percent and `date` as its source's
    page shows them, where it does; `trained` where it says so itself."""

    id: Annotated[str, Meta(min_length=1)]
    source: int | None = None
    accuracy: int | None = None
    date: str | None = None
    images: int | None = None
    trained: Trained | None = None


NO_CLASSIFIER: Final = "none"
"""What stands for the classifier of a plan that uploads photos, and classifies none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bucket:
    """A folder of S3-compatible storage: all that is needed to sign the address of an image in it, but for credentials.

    `endpoint` is None for Amazon's own.
    """

    name: Annotated[str, Meta(pattern=f"^[A-Za-z0-9][A-Za-z0-9._-]{{1,61}}[A-Za-z0-9]{END}")]
    prefix: str
    endpoint: Annotated[str, Meta(pattern=f"^{_ENDPOINT}{END}")] | None
    region: Annotated[str, Meta(pattern=f"^[A-Za-z0-9]([A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?{END}")]


@dataclass(frozen=True, kw_only=True, slots=True)
class FunnelStep:
    """How many images one step of the selection removed, and how many it left."""

    source: str
    step: str
    removed: Count
    left: Count


TRY_OUT: Final = "--limit"
"""The step of a selection that leaves images for later: nothing speaks against them."""


def left_for_later(funnel: Iterable[FunnelStep]) -> int:
    """How many images a try-out leaves for later."""
    return sum(step.removed for step in funnel if step.step == TRY_OUT)


@dataclass(frozen=True, slots=True)
class Listing:
    """Names of images, or values, that have something in common which their owner should know, said in `what`."""

    what: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitWeights:
    """What each unit weighs, by the name of its place, and `what` that is: its area, its length, or a weight."""

    what: str
    weights: Mapping[str, PositiveNumber]


@dataclass(frozen=True, kw_only=True, slots=True)
class Analysis:
    """How a run is read, apart from what is run: a finished run may be re-analysed with another.

    The fields that `design` names are spelt as in `Plan.fields`. `areas` maps each value of its strata field to an
    area, in any one unit; it is empty where the survey names no table of them. `drawn_by` is the field of whose values
    photos were drawn each, None where not so; `thumbnails` how many photos the report shows, None where the survey does
    not say.
    """

    design: Design = field(default_factory=Design)
    cover: CoverOptions = field(default_factory=CoverOptions)
    groups: LabelGroups | None = None
    areas: Mapping[str, PositiveNumber] = field(default_factory=dict)
    unit_weights: UnitWeights | None = None
    drawn_by: str | None = None
    thumbnails: Count | None = None

    @property
    def weighed_by(self) -> str | None:
        """What units weigh, such as their area; None where they count the same."""
        return self.design.weights if self.unit_weights is None else self.unit_weights.what


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a run will do.

    `survey_digest` is the SHA-256 of the resolved survey, but for how the run is read, and of every file it reads.
    `fields` names the metadata of the images. `own_designs` are those of sources that have one, by the source's
    label, `buckets` where the images of each bucket are, by the same, and `folders` where each folder of photos is on
    this computer, as a whole path. `file_points` maps an image's key to its points
    where they were supplied, and is empty when `design` lays them; `extents` maps the key of each image whose points
    are for one size of it, or not in pixels, to that size; `revisits` is the directory of the run that has the points,
    empty where they are not an earlier run's. `directory` is where the run goes unless the user says otherwise,
    `formats` those of its tables. `not_found` lists what was named and is not there; `without_points` the images that
    the points file does not name, which are not planned. `about` is what people are told of the service, `options`
    what the survey says by its own keys, by their paths; `points_per_entry` is how many points the service takes in one
    entry of a job, None for any number: what a job was asked for is read by it for ever.
    """

    name: str
    service: str
    survey_digest: str
    classifier: Classifier
    images: Sequence[PlannedImage]
    fields: tuple[str, ...] = ()
    design: PointDesign | None
    own_designs: Mapping[str, PointDesign] = field(default_factory=dict)
    buckets: Mapping[str, Bucket] = field(default_factory=dict)
    folders: Mapping[str, str] = field(default_factory=dict)
    file_points: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    extents: Mapping[str, Extent] = field(default_factory=dict)
    revisits: str = ""
    funnel: tuple[FunnelStep, ...] = ()
    not_found: tuple[str, ...] = ()
    without_points: tuple[str, ...] = ()
    listings: tuple[Listing, ...] = ()
    warnings: tuple[str, ...] = ()
    batch_size: int
    concurrency: int
    options: Options = field(default_factory=dict)
    attempts: int
    points_per_entry: int | None = None
    about: AboutService = NOBODY
    directory: str = ""
    formats: tuple[str, ...] = ("csv",)
    analysis: Analysis = field(default_factory=Analysis)

    @property
    def classifies(self) -> bool:
        """Whether photos are classified, and not uploaded alone."""
        return self.classifier.id != NO_CLASSIFIER

    @property
    def kinds(self) -> Kinds:
        """The kind of every image: what a whole survey is asked for need not be asked of each of a million."""
        return self.images.kinds if isinstance(self.images, PackedImages) else Kinds.of(self.images)

    @property
    def point_counts(self) -> Sequence[int]:
        """How many points each image has, in order."""
        if not isinstance(self.images, PackedImages):
            return [image.points for image in self.images]
        kinds = self.images.kinds
        counts = [image.points for image in kinds.firsts]
        return [counts[kind] for kind in kinds.of_image]

    @property
    def unfit(self) -> int:
        """How many of its images fail without being asked for."""
        kinds = self.kinds
        unfit = {kind for kind, image in enumerate(kinds.firsts) if image.unfit is not None}
        return sum(kind in unfit for kind in kinds.of_image) if unfit else 0

    @property
    def points(self) -> int:
        """All points of the plan."""
        return sum(self.point_counts)

    def needs_size(self, image: PlannedImage) -> bool:
        """Whether an image's points follow from its size, or are for one alone: all but a file's in pixels."""
        return self.design is not None or image.key in self.extents

    def design_for(self, image: PlannedImage) -> PointDesign | None:
        """The design that lays an image's points, in its own area if it has one; None where a file gives them."""
        if self.design is None:
            return None
        return with_area(self.own_designs.get(image.source, self.design), image.area)


def with_area(design: PointDesign, area: AnnotationArea | None) -> PointDesign:
    """A design with an image's own annotation area in place of its own, where the image has one."""
    return design if area is None else replace(design, annotation_area=area)
