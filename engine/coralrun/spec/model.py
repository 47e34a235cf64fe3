"""The survey as data: what a person asked for, checked and with every default filled in.

Rule: frozen, keyword-only, no behaviour beyond reading itself out. A record has the keys that schemas/survey.v1.json
has at its place, and `msgspec` reads it from a survey's canonical form: a field that is called otherwise than its key
names the key. Paths stand as the user wrote them; whoever opens them resolves them against the folder of
the survey. Lengths of time are in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import msgspec
from msgspec import Struct

from coralrun.files.field_types import Positive, Share
from coralrun.service.terms import Options
from coralrun.spec.image_search import Search
from coralrun.spec.point_design import PointDesign
from coralrun.spec.revisit import Revisit
from coralrun.spec.running import Outputs, RunOptions
from coralrun.spec.wording import Wording
from coralrun.values.unknown import UNKNOWN

EMULATOR = "emulator"
PRODUCTION = "https://coralnet.ucsd.edu"
IMAGE = "image"
"""The level of a design that is the image itself, and no field of its metadata."""
POOL = "pool"
"""The occasion of a design that takes photos of all dates as one."""
YEAR = "year"
"""The occasion that is the year of the photo's date, where no field has this name."""
FROM_CORALNET = "coralnet"
"""What stands for what a CoralNet source keeps itself, where a path may stand; a file of that name is `./coralnet`."""
REGEX = "regex:"
"""What a pattern of names begins with that is a regular expression; all others are globs."""


class Pick(StrEnum):
    """How a source's classifier is chosen."""

    NEWEST = "newest"
    MOST_ACCURATE = "most-accurate"


class ClassifierChoice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which classifier to use: one by `id`, a folder, a source's by `pick`, whichever the source uses that it is
    `run_in`, or that of an earlier run. One is set.

    `id` is the service's own name for it. `same_as` is a run directory, relative to where the command is run, as
    outputs are.
    """

    id: str | None = None
    folder: str | None = None
    source: int | None = None
    run_in: int | None = None
    same_as: str | None = None
    pick: Pick = Pick.NEWEST


class Range(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds that are included, of a number or of a day (ISO)."""

    least: float | None = msgspec.field(default=None, name="min")
    most: float | None = msgspec.field(default=None, name="max")
    first: str | None = msgspec.field(default=None, name="from")
    last: str | None = msgspec.field(default=None, name="to")


Asked = tuple[str | float, ...] | Range
"""What a metadata field must say: one of some values, of which a number is compared as a number; or within a range."""


class Filters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of the images found: the filters are applied in the order of these fields.

    Patterns are globs for the whole name, or begin with `REGEX` and are searched for in it. `not_in` are run
    directories, relative to where the command is run, as outputs are; `not_trained_on` is the folder of a classifier.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    names_from: str | None = None
    where: Mapping[str, Asked] = {}
    not_in: tuple[str, ...] = ()
    not_trained_on: str | None = None
    limit: int | None = None


class Reading(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a table that a person brings is read: its encoding, the sheet of a workbook (None for the first), and the
    heading of each column by our name of it, where it has one of its own."""

    encoding: str = "utf-8"
    sheet: str | None = None
    columns: Mapping[str, str] = {}


class CoralNetSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A CoralNet source, by its number; `points` is a design of its own, in place of the survey's."""

    source: int = msgspec.field(name="coralnet")
    search: Search = Search()
    points: PointDesign | None = None
    filters: Filters = Filters()

    @property
    def label(self) -> str:
        """How this source is named in plans and tables."""
        return f"coralnet:{self.source}"


class ManifestSource(Reading, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of images that are public elsewhere: name,url[,width,height]; `points` as for a CoralNet source."""

    path: str = msgspec.field(name="manifest")
    points: PointDesign | None = None
    filters: Filters = Filters()

    @property
    def label(self) -> str:
        """How this source is named in plans and tables."""
        return f"manifest:{self.path}"


class BucketSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A folder of S3-compatible storage: `address` is `s3://<bucket>/<prefix>`, and ends in a slash.

    `endpoint` is the storage's address where it is not Amazon's, `region` what its signatures name.
    """

    address: str = msgspec.field(name="bucket")
    endpoint: str | None = None
    region: str | None = None
    points: PointDesign | None = None
    filters: Filters = Filters()

    @property
    def label(self) -> str:
        """How this source is named in plans and tables."""
        return f"bucket:{self.address}"


class ExifChoice(StrEnum):
    """What becomes of what a camera wrote into a photo that is uploaded."""

    KEEP = "keep"
    STRIP_PRIVATE = "strip-private"


class UploadTo(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The CoralNet source that photos are uploaded to, by its number."""

    source: int = msgspec.field(name="coralnet")
    exif: ExifChoice


class FolderSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A folder of photos on this computer, with all that is below it; `points` as for a CoralNet source.

    With `upload_to` its photos are sent there before they are classified.
    """

    path: str = msgspec.field(name="folder")
    upload_to: UploadTo | None = None
    points: PointDesign | None = None
    filters: Filters = Filters()

    @property
    def label(self) -> str:
        """How this source is named in plans and tables."""
        return f"folder:{self.path}"


Source = CoralNetSource | ManifestSource | BucketSource | FolderSource
SOURCES: Final[Mapping[str, type[Source]]] = {
    "coralnet": CoralNetSource,
    "manifest": ManifestSource,
    "bucket": BucketSource,
    "folder": FolderSource,
}
"""The kinds of sources, by the key that says which one an item of `sources` is."""


class ImageSampling(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of the images to use: all, or `count` drawn with `seed`, of each value of the field `by` if it is set."""

    count: int | None = None
    by: str | None = None
    seed: int = 0


class PointsFile(Reading, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points that the user brings: a file, a folder of them, or a pattern with `*`."""

    path: str = msgspec.field(name="from")


@dataclass(frozen=True, slots=True)
class CoralNetPoints:
    """The points that each of the sources, all of CoralNet, has itself: those that have a label there."""


class Metadata(Reading, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where what is known of an image comes from, besides the further columns of a manifest, which always count.

    `origin` is the path of a table joined on the image's name, or `FROM_CORALNET` for what its CoralNet source says of
    it. `exif`: whether what cameras wrote into photos of folders counts too. `from_names`: a template that its name
    follows, such as `mcr_{site}_{date:%Y%m%d}.jpg`, or several. `unknown`: what means "not known" besides an empty
    cell. `same`: for a field, lists of values that are one, which is the first of each.
    """

    origin: str | None = msgspec.field(default=None, name="from")
    exif: bool = False
    from_names: str | tuple[str, ...] | None = None
    unknown: tuple[str, ...] = UNKNOWN
    same: Mapping[str, tuple[tuple[str, ...], ...]] = {}

    @property
    def coralnet(self) -> bool:
        """Whether the images' CoralNet sources are asked."""
        return self.origin == FROM_CORALNET

    @property
    def table(self) -> str | None:
        """The path of the table, where there is one."""
        return None if self.coralnet else self.origin


class Chosen(StrEnum):
    """How the design units were chosen."""

    RANDOM = "random"
    JUDGEMENT = "judgement"


@dataclass(frozen=True, kw_only=True, slots=True)
class Design:
    """How the survey was laid out, in names of metadata fields; `IMAGE` stands for the image itself.

    `unit` is the design unit: what was drawn independently, such as the site. `levels` go from the widest to the
    narrowest. `areas` is the path of a table with the area of each value of `strata_field`. `weights` is the field with
    what each unit weighs, such as its area, `weights_table` the path of a table of that; `chosen` how units were, None
    where the survey does not say. `occasion` is the field whose values are visits, or `YEAR`; `POOL` where photos of
    all dates are taken as one. `units_in_all` is how many units there are, of which those here were drawn: in all, or
    in each stratum; None where not known.
    """

    unit: str | None = None
    levels: tuple[str, ...] = ()
    strata_field: str | None = None
    areas: str | None = None
    weights: str | None = None
    weights_table: str | None = None
    chosen: Chosen | None = None
    occasion: str | None = None
    units_in_all: Positive | Mapping[str, Positive] | None = None


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
    """One survey, complete. `wording` has the path that it was read from, as given, and where its words stand there;
    `canonical` is its canonical form, which the rest was read from; `options` are what it says by its service's own
    keys."""

    wording: Wording = field(compare=False)
    canonical: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
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
    options: Options = field(default_factory=dict)
    outputs: Outputs
