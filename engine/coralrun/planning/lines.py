"""The lines of a plan: an image each, and the points of an image each.

Rule: the types say what a line may hold, and what is not known of an image is left out. Hashes can be forged, so a line
is held to its type whenever it is read.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import force_setattr

from coralrun.planning.images import Extent, PlannedImage
from coralrun.planning.model import Plan
from coralrun.planning.points_table import PackedPoints

Place = Annotated[int, Meta(ge=0, lt=2**31, description="A row from the top or a column from the left, from 0.")]


class PointsLine(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The points of one image, in the order of the user's file; `extent` where they are not pixels of any size."""

    key: str
    rows: tuple[Place, ...]
    columns: tuple[Place, ...]
    extent: Extent | None = None


_ENCODER = msgspec.json.Encoder()
_IMAGE = msgspec.json.Decoder(PlannedImage)
_POINTS = msgspec.json.Decoder(PointsLine)


def image_lines(images: Iterable[PlannedImage]) -> bytes:
    """The lines of some images."""
    return _ENCODER.encode_lines(images)


def points_lines(plan: Plan) -> Iterator[bytes]:
    """The lines of the points, of a plan whose points come from a file."""
    for image in plan.images:
        points = plan.file_points[image.key]
        rows, columns = tuple(point.row for point in points), tuple(point.column for point in points)
        yield _ENCODER.encode(PointsLine(image.key, rows, columns, plan.extents.get(image.key))) + b"\n"


def image_of(line: bytes, known: int, shared: dict[str, str]) -> PlannedImage:
    """One image with `known` fields of metadata; values that many images have are held once, in `shared`.

    Raises ValueError for a line that `image_lines` did not write.
    """
    image = _IMAGE.decode(line)
    if len(image.metadata) != known or min(image.size or (1,)) < 1:
        raise ValueError("metadata or size")
    if known:
        force_setattr(image, "metadata", tuple(shared.setdefault(value, value) for value in image.metadata))
    return image


def points_of(line: bytes) -> tuple[str, PackedPoints]:
    """The points of one image, by its key; raises ValueError for a line that `points_lines` did not write."""
    points = _POINTS.decode(line)
    rows, columns = array("i", points.rows), array("i", points.columns)
    return points.key, PackedPoints(rows, columns, array("i", bytes(rows.itemsize * len(rows))), points.extent)
