"""The points file of a lab: a row for each point, in the order in which people wrote them.

Rule: an image has the points of its rows, in their order, and one without rows is in no plan. So to sort the file by
image changes nothing, and to turn it round changes the points of every image that has two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from random import Random
from typing import NamedTuple

from msgspec.structs import replace

from coralrun.planning.images import PlannedImage, Point

FIRST_ROW, LAST_ROW, LAST_COLUMN = 60, 79, 90
"""Inside every photo as it was planned; outside one that was made smaller."""

FULL_HEIGHT = LAST_ROW + 1


class FileRow(NamedTuple):
    """A line of the file: which image, and where."""

    key: str
    point: Point


class Edit(StrEnum):
    """What people do to a points file."""

    CORRECT = "changed: a row is corrected"
    ADD = "changed: a row more"
    REMOVE = "changed: a row less"
    SORT = "changed: rows sorted by image"
    TURN = "changed: rows in another order"
    SWITCH = "changed: points from a file, or from a design again"


def rows_of(chance: Random, images: Sequence[PlannedImage]) -> tuple[FileRow, ...]:
    """The file of a world's first survey: about as many points for each image as a design would lay."""
    rows = [FileRow(image.key, _point(chance)) for image in images for _ in range(_count(chance, image.points))]
    chance.shuffle(rows)
    return tuple(rows)


def table_of(rows: Sequence[FileRow], keys: Collection[str]) -> Mapping[str, tuple[Point, ...]]:
    """The points of each of these images that has any."""
    found: dict[str, list[Point]] = {}
    for key, point in rows:
        if key in keys:
            found.setdefault(key, []).append(point)
    return {key: tuple(points) for key, points in found.items()}


def edited(chance: Random, rows: Sequence[FileRow], edit: Edit) -> tuple[FileRow, ...]:
    """The file after one edit."""
    kept, at = list(rows), chance.randrange(len(rows))
    match edit:
        case Edit.CORRECT:
            kept[at] = FileRow(kept[at].key, _point(chance))
        case Edit.ADD:
            kept.insert(chance.randint(0, len(kept)), FileRow(kept[at].key, _point(chance)))
        case Edit.REMOVE if len(kept) > 1:
            del kept[at]
        case Edit.SORT:
            kept.sort(key=lambda row: row.key)
        case _:
            kept.reverse()
    return tuple(kept)


def with_points(images: Sequence[PlannedImage], table: Mapping[str, tuple[Point, ...]]) -> Iterator[PlannedImage]:
    """The images of a survey whose points are a table's."""
    return (replace(image, points=len(table[image.key])) for image in images if image.key in table)


def _count(chance: Random, points: int) -> int:
    return max(1, points + chance.choice((-1, 0, 0, 1)))


def _point(chance: Random) -> Point:
    return Point(chance.randint(FIRST_ROW, LAST_ROW), chance.randint(0, LAST_COLUMN))
