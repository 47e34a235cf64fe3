"""The survey as data: what a person asked for, checked and with every default filled in.

Rule: frozen, keyword-only, no behaviour beyond reading itself out. Paths stand as the user wrote them; whoever opens
them resolves them against `Survey.file`'s folder. Lengths of time are in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from coralrun.field_types import Count, Number, Positive, Share
from coralrun.spec.photo_date import PhotoDate
from coralrun.spec.revisit import Revisit
from coralrun.spec.running import Outputs, RunOptions
from coralrun.spec.wording import Wording
from coralrun.unknown import UNKNOWN

EMULATOR = "emulator"
PRODUCTION = "https://coralnet.ucsd.edu"
IMAGE = "image"
"""The level of a design that is the image itself, and no field of its metadata."""
FROM_CORALNET = "coralnet"
"""What stands for what a CoralNet source keeps itself, where a path may stand; a file of that name is `./coralnet`."""
REGEX = "regex:"
"""What a pattern of names begins with that is a regular expression; all others are globs."""


class Pick(StrEnum):
    """How a source's classifier is chosen."""

    NEWEST = "newest"
    MOST_ACCURATE = "most-accurate"


class Method(StrEnum):
    """CoralNet's point designs, in its own words."""

    SIMPLE_RANDOM = "simple random"
    STRATIFIED_RANDOM = "stratified random"
    UNIFORM_GRID = "uniform grid"


class AreaUnit(StrEnum):
    """What the bounds of an annotation area are counted in."""

    PERCENT = "percent"
    PIXELS = "pixels"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassifierChoice:
    """Which classifier to use: one by `id`, a source's by `pick`, or that of an earlier run. One is set.

    `same_as` is a run directory, relative to where the command is run, as outputs are.
    """

    id: int | None = None
    source: int | None = None
    same_as: str | None = None
    pick: Pick = Pick.NEWEST


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """CoralNet's own image search, done by the server. Empty means any.

    `fields` are pairs of an auxiliary field, by the source's own label or as aux1 to aux5, and the value that it must
    have, "" for none. `last_annotator` is what made the last annotation, `last_annotator_user` who, by number.
    """

    image_name: str = ""
    annotation_status: str = ""
    photo_date: PhotoDate | None = None
    last_annotated: PhotoDate | None = None
    last_annotator: str = ""
    last_annotator_user: int | None = None
    fields: tuple[tuple[str, str], ...] = ()
    image_ids: tuple[int, ...] = ()
    image_id_range: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """What a metadata field must say: one of `values` (a number is compared as a number), or a number or a day
    (ISO) within bounds that are included."""

    field: str
    values: tuple[str | float, ...] = ()
    least: float | None = None
    most: float | None = None
    first: str | None = None
    last: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """What is kept of the images found, in this order: include, exclude, names_from, where, not_in, limit.

    Patterns are globs for the whole name, or begin with `REGEX` and are searched for in it. `not_in` are run
    directories, relative to where the command is run, as outputs are.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    names_from: str | None = None
    where: tuple[Condition, ...] = ()
    not_in: tuple[str, ...] = ()
    limit: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How a table that a person brings is read: its encoding, the sheet of a workbook (None for the first), and pairs
    of our column's name and its heading there."""

    encoding: str = "utf-8"
    sheet: str | None = None
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CoralNetSource:
    """A CoralNet source, by its number; `points` is a design of its own, in place of the survey's."""

    source: int
    search: Search = field(default_factory=Search)
    filters: Filters = field(default_factory=Filters)
    points: PointDesign | None = None

    @property
    def label(self) -> str:
        """How this source is named in plans and tables."""
        return f"coralnet:{self.source}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ManifestSource:
    """A table of images that are public elsewhere: name,url[,width,height]; `points` as for a CoralNet source."""

    path: str
    reading: Reading = field(default_factory=Reading)
    filters: Filters = field(default_factory=Filters)
    points: PointDesign | None = None

    @property
    def label(self) -> str:
        """How this source is named in plans and tables."""
        return f"manifest:{self.path}"


@dataclass(frozen=True, kw_only=True, slots=True)
class BucketSource:
    """A folder of S3-compatible storage: `address` is `s3://<bucket>/<prefix>`, and ends in a slash.

    `endpoint` is the storage's address where it is not Amazon's, `region` what its signatures name.
    """

    address: str
    endpoint: str | None = None
    region: str | None = None
    filters: Filters = field(default_factory=Filters)
    points: PointDesign | None = None

    @property
    def label(self) -> str:
        """How this source is named in plans and tables."""
        return f"bucket:{self.address}"


Source = CoralNetSource | ManifestSource | BucketSource


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageSampling:
    """Which of the images to use: all, or `count` drawn with `seed`, of each value of the field `by` if it is set."""

    count: int | None = None
    by: str | None = None
    seed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnotationArea:
    """The part of an image that points may lie in, both ends included; all of it by default."""

    unit: AreaUnit = AreaUnit.PERCENT
    x: tuple[Number, Number] = (0, 100)
    y: tuple[Number, Number] = (0, 100)


@dataclass(frozen=True, kw_only=True, slots=True)
class PointDesign:
    """How points are laid on an image; `number_of_points` for simple random, cells for the other two.

    `border` keeps points so many pixels away from every edge; `no_duplicates` draws a place again that is taken.
    """

    method: Method
    number_of_points: Count = 0
    cell_rows: Count = 0
    cell_columns: Count = 0
    points_per_cell: Positive = 1
    annotation_area: AnnotationArea = field(default_factory=AnnotationArea)
    border: Count = 0
    no_duplicates: bool = False
    seed: int = 0

    @property
    def points_per_image(self) -> int:
        """How many points every image gets; never rounded."""
        if self.method is Method.SIMPLE_RANDOM:
            return self.number_of_points
        if self.method is Method.UNIFORM_GRID:
            return self.cell_rows * self.cell_columns
        return self.cell_rows * self.cell_columns * self.points_per_cell


@dataclass(frozen=True, kw_only=True, slots=True)
class PointsFile:
    """Points that the user brings: a file, a folder of them, or a pattern with `*`."""

    path: str
    reading: Reading = field(default_factory=Reading)


@dataclass(frozen=True, slots=True)
class CoralNetPoints:
    """The points that each of the sources, all of CoralNet, has itself: those that have a label there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """Where what is known of an image comes from, besides the further columns of a manifest, which always count.

    `coralnet`: what its CoralNet source says of it. `table`: a table joined on the image's name, read as `reading`
    says. `from_names`: a template that its name follows, such as `mcr_{site}_{date:%Y%m%d}.jpg`. `unknown`: what means
    "not known" besides an empty cell. `same`: for a field, lists of values that are one, which is the first of each.
    """

    coralnet: bool = False
    table: str | None = None
    reading: Reading = field(default_factory=Reading)
    from_names: str | None = None
    unknown: tuple[str, ...] = UNKNOWN
    same: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Design:
    """How the survey was laid out, in names of metadata fields; `IMAGE` stands for the image itself.

    `unit` is the design unit: what was drawn independently, such as the site. `levels` go from the widest to the
    narrowest. `areas` is the path of a table with the area of each value of `strata_field`.
    """

    unit: str | None = None
    levels: tuple[str, ...] = ()
    strata_field: str | None = None
    areas: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CoverOptions:
    """How cover is worked out. `unusable` and `unclear` are label codes or ids, as text.

    `groups` is the path of a file of label groups. An image counts with at least `min_usable_points` (a share, 0 to 1)
    of its points usable; a best score below `min_confidence` (0 to 1, None for off) leaves a point unassigned.
    """

    groups: str | None = None
    unusable: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    min_usable_points: Share = 0.0
    min_confidence: Share | None = None
    diversity: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """One survey, complete. `wording` has the path that it was read from, as given, and where its words stand there."""

    wording: Wording = field(compare=False)
    name: str
    service: str
    classifier: ClassifierChoice
    sources: tuple[Source, ...]
    images: ImageSampling
    points: PointDesign | PointsFile | CoralNetPoints | Revisit
    metadata: Metadata = field(default_factory=Metadata)
    design: Design = field(default_factory=Design)
    cover: CoverOptions = field(default_factory=CoverOptions)
    run: RunOptions
    outputs: Outputs
