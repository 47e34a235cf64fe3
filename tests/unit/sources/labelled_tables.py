"""Labelled points as other programs write them, each from a list of (row, column, label), on 5000 x 5000 pixels."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

WIDTH, HEIGHT = 5000, 5000
Labelled = Sequence[tuple[int, int, str]]


def squidle(name: str, points: Labelled, user: str = "anna") -> bytes:
    """An export of annotations of Squidle+: fractions of the sides, and numbers of labels that are its own."""
    rows = [(name, 7, f"Biota > {label}", label, (x + 0.5) / WIDTH, (y + 0.5) / HEIGHT, user) for y, x, label in points]
    header = "point.media.key", "label.id", "label.lineage_names", "label.name", "point.x", "point.y", "user.username"
    return _csv(header, [*rows, (name, 7, "Whole", "Whole", "", "", user)])


def biigle(name: str, points: Labelled, first: str = "Anna", last: str = "Lee") -> bytes:
    """BIIGLE's CSV report of image annotations, with a shape in it that is no point."""
    header = (
        "annotation_label_id", "label_id", "label_name", "label_hierarchy", "user_id", "firstname", "lastname",
        "image_id", "filename", "image_longitude", "image_latitude", "shape_id", "shape_name", "points", "attributes",
        "annotation_id", "created_at",
    )  # fmt: skip
    known = (5, first, last, 1, name, "", "")
    rows = [
        (n, 7, label, f"All > {label}", *known, 1, "Point", f"[{x + 0.25},{y + 0.75}]", "{}", n, "2014-05-01 10:00:00")
        for n, (y, x, label) in enumerate(points)
    ]
    return _csv(
        header, [*rows, (99, 7, "Round", "All > Round", *known, 4, "Circle", "[9,8,7]", "{}", 99, "2014-05-01")]
    )


def taglab(name: str, points: Labelled) -> bytes:
    """TagLab's table of annotations, with a region in it; a point that has no class yet is of the class `Empty`."""
    header = (
        "Image name", "TagLab Date", "TagLab Type", "TagLab Genet Id", "TagLab Id", "TagLab Class name",
        "TagLab Centroid x", "TagLab Centroid y", "TagLab Perimeter", "TagLab Area", "TagLab Surf. area", "TagLab Note",
    )  # fmt: skip
    rows = [
        (name, "2014-05-01", "Points", 0, n, label or "Empty", x + 0.4, float(y), 0.0, 0.0, 0.0, "")
        for n, (y, x, label) in enumerate(points)
    ]
    return _csv(header, [(name, "2014-05-01", "Region", 0, 1, "Round", 9.5, 9.5, 40.1, 12.5, 0.0, ""), *rows])


def toolbox(name: str, points: Labelled) -> bytes:
    """The CoralNet-Toolbox's table of patches, all verified; `Review` is its word for no label yet."""
    header = "Name", "Path", "Row", "Column", "Patch Size", "Annotation Type", "Label", "Long Label", "Verified"
    rows = [
        (name, f"C:/{name}", y, x, 224, "PatchAnnotation", label or "Review", label or "Review", True)
        for y, x, label in points
    ]
    return _csv(header, rows)


def cpce(path: str, points: Labelled, width: int = WIDTH) -> bytes:
    """A file of CPCe: fifteenths of a pixel, and its header's lines at the end."""
    lines = [rf'"C:\CPCe\codes.txt","{path}",{width * 15},{HEIGHT * 15},14400,10800', *["0,0"] * 4, str(len(points))]
    lines += [f"{x * 15},{y * 15}" for y, x, _ in points]
    lines += [
        f'"{n}","{label}","Notes","{"pale" if n == 1 else ""}"' for n, (_, _, label) in enumerate(points, start=1)
    ]
    return "\r\n".join([*lines, *['""'] * 28, ""]).encode("cp1252")


def _csv(header: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()
