"""model.json: what a classifier says of itself; schemas/classifier.v1.json is made of these types.

Rule: a classifier carries what a reader needs to judge it: what it was trained on, how many examples each label had,
and how it was judged, or that nobody judged it. An extractor is named by its digest, because another file of the same
name gives other vectors.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from coralrun.files.field_types import END, Count, Digest, Positive, PositiveNumber

FORMAT: Final = "coralrun.classifier"
VERSION: Final = 1
NOT_JUDGED: Final = "not judged"

MOST_LABELS: Final = 10_000  # CoralNet has some 4,700 in all
MOST_FEATURES: Final = 65_536  # extractors give hundreds to some thousands
MOST_CROP_PX: Final = 1024

Text = Annotated[str, Meta(min_length=1, max_length=1000)]
Day = Annotated[str, Meta(pattern=f"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{END}", description="ISO 8601.")]
Channels = tuple[float, float, float]


class Extractor(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What makes a vector of the square around a point: an ONNX file, and what it is given.

    The square is `crop_px` pixels wide and high, from row - crop_px / 2 on, of the photo as it is stored: its
    orientation is not applied. Beyond an edge the photo is reflected. Each value, 0 to 255 in RGB, becomes
    (value - mean) / divisor.
    """

    name: Text
    sha256: Digest
    features: Annotated[int, Meta(ge=1, le=MOST_FEATURES)]
    crop_px: Annotated[int, Meta(ge=2, le=MOST_CROP_PX, multiple_of=2)]
    padding: Literal["reflect"] = "reflect"
    mean: Channels
    divisor: tuple[PositiveNumber, PositiveNumber, PositiveNumber]


class TrainedLabel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A label that the classifier gives; the id is CoralNet's, null where it is not known."""

    code: Text
    name: Text
    id: Positive | None
    examples: Positive
    photos: Annotated[int, Meta(ge=1, description="On how many photos its examples were.")]


class LeftOut(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A label that the training data has and the classifier does not give: it had too few examples."""

    code: Text
    examples: Positive


class Training(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the classifier was trained on; the digest is of the photos' digests, their points and labels."""

    sites: Annotated[tuple[Text, ...], Meta(description="Where the photos were taken, as told; empty if nobody told.")]
    photos: Positive
    points: Positive
    digest: Digest
    photo_digests: Annotated[Digest, Meta(description="Of photos.sha256, which has those of the photos.")]
    left_out: tuple[LeftOut, ...]
    calibrated_by: Annotated[
        Literal["photo", "point"], Meta(description="Whether whole photos were held back to calibrate the scores.")
    ]
    seed: Count


class ModelFile(Struct, frozen=True, kw_only=True, tag_field="format", tag=FORMAT, forbid_unknown_fields=True):
    """model.json: what the classifier in this folder is. Rows of the arrays in head.npz are its labels, in order."""

    version: Literal[1] = VERSION
    name: Text
    date: Day
    licence: Annotated[str, Meta(max_length=1000, description="Empty if nobody told.")]
    coralrun: Annotated[str, Meta(description="The version that trained it.")]
    extractor: Extractor
    labels: Annotated[tuple[TrainedLabel, ...], Meta(min_length=2, max_length=MOST_LABELS)]
    training: Training
    held_out: Literal["not judged"]
    head: Annotated[Digest, Meta(description="Of head.npz.")]
