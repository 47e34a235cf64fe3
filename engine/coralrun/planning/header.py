"""The header of a plan: what it says of the plan, and how it is checked.

Rule: what is read is used as text and number, and hashes can be forged: nothing of a header is believed before its
format, its version, its digest and the type of each field have been looked at. What the types below do not know is
refused, however deep: a header that would be written in another way than it stands is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from coralrun.errors import RunDamaged, UsageError
from coralrun.files.field_types import END, Digest, Positive
from coralrun.files.sealed import Head, opened, seal, seal_of
from coralrun.planning.model import Analysis, Bucket, Classifier, FunnelStep, Listing, left_for_later
from coralrun.service.about import AboutService
from coralrun.service.terms import Options
from coralrun.spec.point_design import PointDesign
from coralrun.spec.running import Format

HEADER_FILE: Final = "plan.json"
WRONG_FIELD: Final = "a field of the plan is missing or of the wrong kind"
FORMAT: Final = "coralrun.plan"
VERSION: Final = 1


class Lines(Struct, frozen=True, forbid_unknown_fields=True):
    """How many images or points there are, and the SHA-256 of their lines: none where a design lays the points."""

    count: Positive
    sha256: Digest | None


class Header(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """plan.json of a plan in a run directory, and the first line of a plan in one file, where the lines follow."""

    format: Literal["coralrun.plan"]
    version: Literal[1]
    # A saved plan may come from anybody, and its name names a folder.
    name: Annotated[str, Meta(pattern=f"^[A-Za-z0-9_-][A-Za-z0-9_.-]{{0,99}}{END}")]
    service: Annotated[str, Meta(description="The address of the service, or `emulator`.")]
    survey_digest: Annotated[str, Meta(description="Of the resolved survey, and of every file that it reads.")]
    classifier: Classifier
    design: Annotated[PointDesign | None, Meta(description="Null where the points were supplied.")]
    own_designs: Annotated[
        Mapping[str, PointDesign], Meta(description="Of the sources that have one of their own, by the source's label.")
    ] = {}
    buckets: Annotated[
        Mapping[str, Bucket], Meta(description="Where the images of each bucket are. It holds no credentials.")
    ] = {}
    folders: Annotated[
        Mapping[str, Annotated[str, Meta(min_length=1)]], Meta(description="Where each folder of photos is, whole.")
    ] = {}
    revisits: Annotated[str, Meta(description="The directory of the earlier run whose points these are.")] = ""
    fields: Annotated[tuple[str, ...], Meta(description="The names of what is known of the images.")] = ()
    funnel: tuple[FunnelStep, ...]
    not_found: tuple[str, ...]
    without_points: Annotated[tuple[str, ...], Meta(description="Images that the points file does not name.")]
    listings: tuple[Listing, ...]
    warnings: tuple[str, ...]
    batch_size: Annotated[int, Meta(ge=1, description="Images a job, at most.")]
    concurrency: Annotated[int, Meta(ge=1, description="Jobs at a time, at most.")]
    options: Annotated[Options, Meta(description="What the survey says by its service's own keys, by their paths.")]
    attempts: Annotated[int, Meta(ge=1, description="Tries an image, at most.")]
    points_per_entry: Annotated[
        Positive | None, Meta(description="Points that the service takes in one entry of a job; none for any number.")
    ] = None
    about: Annotated[AboutService, Meta(description="What people are told of the service.")]
    directory: Annotated[str, Meta(description="Where the run goes unless the user says otherwise.")]
    formats: tuple[Format, ...]
    images: Lines
    points: Lines
    analysis: Annotated[Analysis | None, Meta(description="How the run is read; in a plan in one file alone.")] = None


class Damage(Exception):
    """A part of a plan cannot be read; `line` counts from 1 within its part, 0 for all of it."""

    def __init__(self, part: str, line: int, message: str) -> None:
        super().__init__(message)
        self.part = part
        self.line = line


@dataclass(frozen=True, slots=True)
class Outline:
    """What the header alone tells of a plan; `points_each` is None where it is not the same number for every image.

    `directory` and `left_for_later` are as in the plan.
    """

    digest: str
    images: int
    points: int
    classifier: str
    formats: tuple[str, ...]
    points_each: int | None
    directory: str
    left_for_later: int


def outline_of(data: bytes) -> Outline:
    """What a run's plan is, without its images.

    Raises RunDamaged where the header is not what was written, UsageError where a newer coralrun wrote it.
    """
    try:
        header = read_header(data)
    except Damage as damage:
        raise RunDamaged(f"{damage.part}: {damage}") from damage
    laid = [] if header.design is None else [header.design, *header.own_designs.values()]
    counts = {design.points_per_image for design in laid}
    return Outline(
        digest=seal_of(data),
        images=header.images.count,
        points=header.points.count,
        classifier=header.classifier.id,
        formats=header.formats,
        points_each=counts.pop() if len(counts) == 1 else None,
        directory=header.directory,
        left_for_later=left_for_later(header.funnel),
    )


_ENCODER = msgspec.json.Encoder()
_HEADER = msgspec.json.Decoder(Header)


def write_header(header: Header) -> bytes:
    """The bytes of a header; raises UsageError for half a character, which comes from an escape in somebody's file."""
    try:
        return seal(_ENCODER.encode(header))
    except UnicodeEncodeError as error:
        raise UsageError(
            f"a name or a text of the survey holds half a character: {error.object[:80]!r}",
            remedy="Correct the file that it stands in.",
        ) from error


def read_header(data: bytes) -> Header:
    """A header whose digest is right; its version is looked at first: a newer one may differ in all else.

    Raises Damage, or UsageError where a newer coralrun wrote it.
    """
    try:
        head = msgspec.json.decode(data, type=Head)
    except msgspec.ValidationError:
        head = Head("", VERSION)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Damage(HEADER_FILE, 1, "the header cannot be read") from error
    if head.format != FORMAT:
        raise Damage(HEADER_FILE, 1, f"this is not a plan: `format` is not `{FORMAT}`")
    if head.version > VERSION:
        raise UsageError(
            f"this plan has format version {head.version}; this coralrun reads up to version {VERSION}",
            remedy="Use the coralrun that wrote the plan, or a later one.",
        )
    body = opened(data)
    if body is None:
        raise Damage(HEADER_FILE, 1, "the header was changed after it was written")
    try:
        header = _HEADER.decode(body)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Damage(HEADER_FILE, 1, WRONG_FIELD) from error
    if _ENCODER.encode(header) != body:
        raise Damage(HEADER_FILE, 1, WRONG_FIELD)
    return header
