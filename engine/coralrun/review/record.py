"""The record of a draw: each of its points by the identity of its image, its row and its column.

Rule: what a person's file is believed about is decided by this, not by that file. A record outlives the plan that it
was drawn from: of its points those are taken up that the plan in force has too, on the very same picture, as long as
that has no others.

Why no others: the probability of a point is that of its image, times that of the point on it, for the points that the
image had when it was drawn. Where it lost some of them, and got none, each that is left had that probability still, and
those that were drawn tell of the rest. A new point had none: nobody could have drawn it. Where points were laid anew,
an old one that lies on the pixel of a new one by chance is in the sample with the chance of that coincidence, which no
record states. Taken for drawn, a single such point would stand for its whole image, and keep that from being drawn.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from coralrun.files.written import Table
from coralrun.planning.identity import identity_of
from coralrun.planning.images import Point
from coralrun.planning.model import Plan
from coralrun.review.draws import Place, own_prefix, review_id
from coralrun.review.sets import DrawnPoint, ReviewSet
from coralrun.values.ids import digest_of


class Row(NamedTuple):
    """A row of a record. `key` is the image's, `identity` the digest of which picture it is."""

    review_id: str
    set: ReviewSet
    key: str
    identity: str
    row: int
    column: int
    point: int
    stratum: str
    inclusion_probability: float | None
    unit_probability: float | None

    def on(self, image: int, point: int) -> DrawnPoint:
        """What was drawn, as a point of an image of the plan in force."""
        return DrawnPoint(self.set, image, point, self.stratum, self.inclusion_probability, self.unit_probability)


COLUMNS = Row._fields


def encode(
    plan: Plan,
    places: Mapping[Place, Point],
    drawn: Iterable[DrawnPoint],
    number: int,
    earlier: Iterable[tuple[str, DrawnPoint]] = (),
) -> bytes:
    """The record of draw `number`: what it hands out, then the `earlier` rows of the audit as they stand since.

    `places` has the row and column of every point of these images.
    """
    own = ((review_id(number, index), point) for index, point in enumerate(drawn, start=1))
    rows = (
        Row(
            key,
            point.set,
            plan.images[point.image].key,
            _identity(plan, point.image),
            *places[point.image, point.point],
            point.point,
            point.stratum,
            point.inclusion,
            point.unit_inclusion,
        )
        for key, point in chain(own, earlier)
    )
    return Table.DRAWN.lines([COLUMNS]) + Table.DRAWN.lines(map(_cells, rows))


def decode(data: bytes) -> list[Row]:
    """The rows of a record; raises ValueError for what is none."""
    reader = csv.reader(io.StringIO(data.decode("utf-8", errors="surrogatepass"), newline=""), strict=True)
    if tuple(next(reader)) != COLUMNS:
        raise ValueError("it has other columns")
    return [
        Row(key, ReviewSet(set_), image, identity, int(row), int(column), int(point), stratum, _share(one), _share(two))
        for key, set_, image, identity, row, column, point, stratum, one, two in reader
    ]


def own_rows(number: int, rows: Iterable[Row]) -> list[Row]:
    """The rows of a record that its draw, of this number, handed out."""
    return [row for row in rows if row.review_id.startswith(own_prefix(number))]


def drawn_in(plan: Plan, keys: Mapping[str, int], rows: Iterable[Row]) -> dict[str, DrawnPoint]:
    """The points of a record that was drawn from this very plan, whose images have these `keys`, by the rows' ids.

    Raises ValueError for an image that the plan does not have.
    """
    found = {}
    for row in rows:
        image = _image_of(row, plan, keys)
        if image is None:
            raise ValueError(f"it names {row.key}, which the plan does not have")
        found[row.review_id] = row.on(image, row.point)
    return found


def still_there(
    plan: Plan,
    keys: Mapping[str, int],
    rows: Iterable[Row],
    without_new: Container[int],
    places: Callable[[frozenset[int]], Mapping[Place, Point]],
) -> dict[str, DrawnPoint]:
    """Those points of a record of another plan that this one has too, by the rows' ids; none of an image that has other
    points since, which are those that are not `without_new`.

    `places` gives the rows and columns of the points of some images. Where several points of an image have one place, a
    row is of that with its number, or else of the first that no other row is of.
    """
    images = {row: image for row in rows if (image := _image_of(row, plan, keys)) is not None and image in without_new}
    there: dict[tuple[int, Point], list[int]] = {}
    for (image, point), place in places(frozenset(images.values())).items():
        there.setdefault((image, place), []).append(point)
    found = {}
    for row, image in images.items():
        free = there.get((image, Point(row.row, row.column)), [])
        if free:
            point = row.point if row.point in free else free[0]
            free.remove(point)
            found[row.review_id] = row.on(image, point)
    return found


def _image_of(row: Row, plan: Plan, keys: Mapping[str, int]) -> int | None:
    """The image of a plan that a row is about, if it is the same picture."""
    image = keys.get(row.key)
    return image if image is not None and _identity(plan, image) == row.identity else None


def _identity(plan: Plan, image: int) -> str:
    return digest_of(identity_of(plan.images[image], plan.buckets))


def _cells(row: Row) -> Sequence[object]:
    return ["" if cell is None else str(cell) if isinstance(cell, ReviewSet) else cell for cell in row]


def _share(text: str) -> float | None:
    return float(text) if text else None
