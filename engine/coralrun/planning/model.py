"""The plan as data: the images in order, the picked classifier and the point design.

Rule: a plan holds no batches and, where a design lays them, no points: both follow from it when a batch is about
to be submitted. Same survey and same inventory give an equal plan.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Final

from msgspec import Meta

from coralrun.files.field_types import END, Count, Digest, PositiveNumber
from coralrun.planning.images import Extent, Kinds, PackedImages, PlannedImage, Point
from coralrun.service.about import NOBODY, AboutService
from coralrun.service.terms import Options
from coralrun.spec.groups import LabelGroups
from coralrun.spec.model import CoverOptions, Design
from coralrun.spec.point_design import AnnotationArea, PointDesign

# As in schemas/survey.v1.json: a saved plan may come from anybody, and credentials sign what is asked of an endpoint.
_ENDPOINT = (
    r"(https://[A-Za-z0-9][A-Za-z0-9.-]*|http://(localhost|127(\.[0-9]{1,3}){3}|\[::1\]))(:[0-9]{1,5})?"
    r"(/[A-Za-z0-9._~-]+)*"
)


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


FOUND: Final = "found"
"""The first step of each source: all that it has."""

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
    def untold(self) -> str:
        """That nobody knows whether some of its photos trained its classifier, which knows those by their content; ""
        where that is known of all, or the classifier says nothing of it."""
        if self.classifier.trained is None:
            return ""
        kinds = self.kinds
        unknown = {kind for kind, image in enumerate(kinds.firsts) if image.sha256 is None and image.unfit is None}
        photos = sum(kind in unknown for kind in kinds.of_image) if unknown else 0
        of_these = f"{photos:,} of these photos"
        why = "for only photos in folders are known by their content"
        return f"whether the classifier was trained on {of_these} is not known, {why}" if photos else ""

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
