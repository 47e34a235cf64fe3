"""Where labelled points are on their photos, by the photos' sizes.

Rule: a label is learnt only from where a person put it. A row outside its photo is a slip, and goes alone. Many are no
slips: the table was made on the photo in another size, in which its other points are elsewhere too, so none of them is
learnt from. Points that were laid on smaller copies are outside nowhere: they are all in one corner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from coralrun.classifiers.examples import Example, LabelledPhoto
from coralrun.planning.images import Point, Size
from coralrun.planning.points_table import in_pixels

MOST_SLIPS: Final = 0.1
"""Of a photo's rows, and of the photos: more of them outside, or with a row outside, are no slips."""

LEAST_POINTS, LEAST_PHOTOS = 100, 5
"""So many tell that points are in a corner of photos, where their design would leave as much free on all sides."""

FAR_SHORT: Final = 0.2
NEAR_EDGE: Final = 0.25
"""A fifth of the side is free beyond the last point, and before the first no more than a quarter of that."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A photo with its points in pixels and their labels' codes; `outside` are rows that are on no pixel of it. With
    `is_other_size` no point of it is known."""

    path: str
    size: Size
    points: tuple[Point, ...]
    codes: tuple[str, ...]
    outside: tuple[Example, ...] = ()
    is_other_size: bool = False


def placed(photo: LabelledPhoto, size: Size) -> Placed:
    """A photo's points on it, as it is."""
    inside: list[tuple[Point, str]] = []
    outside: list[Example] = []
    for example in photo.examples:
        (at,) = in_pixels((example.point,), example.extent, size) or (None,)
        if at is not None and 0 <= at.row < size.height and 0 <= at.column < size.width:
            inside.append((at, example.code))
        else:
            outside.append(example)
    if len(outside) > MOST_SLIPS * len(photo.examples):
        return Placed(photo.path, size, (), (), photo.examples, is_other_size=True)
    inside.sort()
    return Placed(photo.path, size, tuple(at for at, _ in inside), tuple(code for _, code in inside), tuple(outside))


def in_doubt(photos: Sequence[Placed]) -> int:
    """How many photos have a row outside, where they are too many for slips; else 0."""
    affected = sum(bool(photo.outside) for photo in photos)
    return affected if affected > MOST_SLIPS * len(photos) else 0


def in_corner(photos: Sequence[Placed]) -> tuple[float, float] | None:
    """What share of their photos' height and width all points are in, if that is the upper left of them; else None."""
    told = [photo for photo in photos if photo.points]
    if len(told) < LEAST_PHOTOS or sum(len(photo.points) for photo in told) < LEAST_POINTS:
        return None
    rows = [(point.row + 0.5) / photo.size.height for photo in told for point in photo.points]
    columns = [(point.column + 0.5) / photo.size.width for photo in told for point in photo.points]
    is_short = all(
        1 - max(along) > FAR_SHORT and min(along) < NEAR_EDGE * (1 - max(along)) for along in (rows, columns)
    )
    return (max(rows), max(columns)) if is_short else None
