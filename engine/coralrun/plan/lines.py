"""The lines of a plan: an image each, the points of an image each; and the designs and buckets of its header.

Rule: a line is written with canonical JSON, and what is not known of an image is left out. What is read is used as text
and number, and hashes can be forged: so every kind is looked at, and a line that is not as it was written raises.
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from coralrun.ids import canonical_json
from coralrun.plan.model import Bucket, Extent, Plan, PlannedImage, Size
from coralrun.plan.points_table import PackedPoints
from coralrun.spec.model import AnnotationArea, AreaUnit, Method, PointDesign

# As in schemas/survey.v1.json: a saved plan may come from anybody, and credentials sign what is asked of an endpoint.
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]")
_REGION = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_ENDPOINT = re.compile(
    r"(https://[A-Za-z0-9][A-Za-z0-9.-]*|http://(localhost|127(\.[0-9]{1,3}){3}|\[::1\]))(:[0-9]{1,5})?"
    r"(/[A-Za-z0-9._~-]+)*"
)

UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
"""What is raised for a line that is not as it was written."""


def image_line(image: PlannedImage) -> bytes:
    """The line of one image."""
    fields: dict[str, object] = {
        "key": image.key,
        "source": image.source,
        "name": image.name,
        "points": image.points,
    }
    if image.image_id is not None:
        fields["image_id"] = image.image_id
    if image.url is not None:
        fields["url"] = image.url
    if image.size is not None:
        fields["width"], fields["height"] = image.size
    if image.metadata:
        fields["metadata"] = list(image.metadata)
    if image.inclusion != 1.0:
        fields["inclusion"] = image.inclusion
    if image.area is not None:
        fields["area"] = asdict(image.area)
    return canonical_json(fields) + b"\n"


def points_lines(plan: Plan) -> Iterator[bytes]:
    """The lines of the points, of a plan whose points come from a file."""
    for image in plan.images:
        points = plan.file_points[image.key]
        fields: dict[str, object] = {
            "key": image.key,
            "rows": [point.row for point in points],
            "columns": [point.column for point in points],
        }
        if image.key in plan.extents:
            fields["extent"] = _extent_out(plan.extents[image.key])
        yield canonical_json(fields) + b"\n"


def image_of(line: bytes, known: int, shared: dict[str, str]) -> PlannedImage:
    """One image with `known` fields of metadata; values that many images have are held once, in `shared`.

    Raises one of UNREADABLE for a line that `image_line` did not write.
    """
    fields = json.loads(line)
    width, height = fields.pop("width", None), fields.pop("height", None)
    metadata = tuple(shared.setdefault(value, value) for value in fields.pop("metadata", ()))
    size, area = None if width is None else Size(width, height), area_of(fields.pop("area", None))
    image = PlannedImage(size=size, area=area, metadata=metadata, **fields)
    texts = (image.key, image.source, image.name, image.url or "", *metadata)
    if len(metadata) != known or not (type(image.inclusion) in (int, float) and 0 < image.inclusion <= 1):
        raise ValueError("metadata or inclusion")
    wholes = (image.points, 1 if image.image_id is None else image.image_id, *(image.size or ()))
    if not all(type(text) is str for text in texts) or not all(type(n) is int and n > 0 for n in wholes):
        raise ValueError("fields")
    return image


def points_of(line: bytes) -> tuple[str, PackedPoints]:
    """The points of one image, by its key; raises one of UNREADABLE for a line that `points_lines` did not write."""
    fields = json.loads(line)
    rows, columns = array("i", fields["rows"]), array("i", fields["columns"])
    extent = _extent(fields["extent"]) if "extent" in fields else None
    return fields["key"], PackedPoints(rows, columns, array("i", bytes(rows.itemsize * len(rows))), extent)


def _extent_out(extent: Extent) -> dict[str, Any]:
    return {key: value for key, value in extent._asdict().items() if key != "exact" or value}


def _extent(fields: dict[str, Any]) -> Extent:
    extent = Extent(**fields)
    sides, kinds = (extent.width, extent.height), (extent.whole_parts, extent.exact)
    if not all(type(side) is int and side > 0 for side in sides) or not all(type(kind) is bool for kind in kinds):
        raise ValueError("extent")
    return extent


def design_of(fields: dict[str, Any]) -> PointDesign:
    """A point design of a header."""
    return PointDesign(
        **{**fields, "method": Method(fields["method"]), "annotation_area": area_of(fields["annotation_area"])}
    )


def bucket_of(fields: dict[str, Any]) -> Bucket:
    """A bucket of a header; raises one of UNREADABLE for one that no survey may name."""
    bucket = Bucket(**fields)
    if not (_BUCKET.fullmatch(bucket.name) and _REGION.fullmatch(bucket.region) and type(bucket.prefix) is str):
        raise ValueError("bucket")
    if bucket.endpoint is not None and not _ENDPOINT.fullmatch(bucket.endpoint):
        raise ValueError("endpoint")
    return bucket


def area_of(fields: dict[str, Any] | None) -> AnnotationArea | None:
    """An annotation area; None where there is none of one's own."""
    if fields is None:
        return None
    (x_low, x_high), (y_low, y_high) = fields["x"], fields["y"]
    if not all(type(bound) in (int, float) for bound in (x_low, x_high, y_low, y_high)):
        raise TypeError("bounds")
    return AnnotationArea(unit=AreaUnit(fields["unit"]), x=(x_low, x_high), y=(y_low, y_high))
