"""A review as a table: what people fill in, and what is kept of a draw.

Rule: a blind table tells nothing of the machine's answers. The cell for the person's label is always empty: a label
that stands there already would be a review that nobody made.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from coralrun.classified import ScoredPoint
from coralrun.planning.model import Plan, PlannedImage
from coralrun.results.stored_points import Block
from coralrun.review.draws import review_id
from coralrun.review.sets import DrawnPoint, ReviewSet
from coralrun.spec.model import EMULATOR
from coralrun.written import Table

COLUMNS = (
    "review_id",
    "set",
    "source",
    "name",
    "image_page",
    "point",
    "row",
    "column",
    "stratum",
    "inclusion_probability",
    "label_code",
    "annotator",
    "date",
    "comment",
)
SEEN_COLUMNS = ("machine_label_code", "machine_score")
"""Further columns where the reviewer may see what the machine said."""

KEPT_COLUMNS = ("review_id", "set", "key", "point", "stratum", "inclusion_probability", "unit_probability")
"""What is kept of a draw: what a person's file is believed about is decided by this, not by that file."""


def handed_out(
    plan: Plan, blocks: Iterable[Block], drawn: Sequence[DrawnPoint], number: int, *, blind: bool
) -> Iterator[bytes]:
    """The table that people fill in, as lines of CSV."""
    yield Table.REVIEW.lines([COLUMNS if blind else COLUMNS + SEEN_COLUMNS])
    by_image: dict[int, list[tuple[int, DrawnPoint]]] = {}
    for index, each in enumerate(drawn, start=1):
        by_image.setdefault(each.image, []).append((index, each))
    rows: dict[int, Sequence[object]] = {}
    parts = ((block, image, part.start) for block in blocks for image, part in block.slices())
    for block, image, start in parts:
        for index, each in by_image.get(image, ()):
            (point,) = block.points(slice(start + each.point - 1, start + each.point))
            row = row_of(plan.service, plan.images[image], point, each, review_id(number, index), blind=blind)
            rows[index] = row if blind else (*row, *_machine(point))
    yield Table.REVIEW.lines(rows[index] for index in sorted(rows))


def row_of(
    service: str, image: PlannedImage, point: ScoredPoint, drawn: DrawnPoint, key: str, *, blind: bool
) -> Sequence[object]:
    """One row of the table, in the order of `COLUMNS`; what people fill in is empty."""
    triage = drawn.set is ReviewSet.TRIAGE
    return (
        key,
        str(drawn.set),
        image.source,
        image.name,
        image_page(service, image),
        drawn.point,
        point.row,
        point.column,
        "" if triage and blind else drawn.stratum,
        "" if drawn.inclusion is None else drawn.inclusion,
        "",
        "",
        "",
        "",
    )


def _machine(point: ScoredPoint) -> tuple[object, ...]:
    best = point.classifications[0]
    return best.label_code, best.score


def image_page(service: str, image: PlannedImage) -> str:
    """Where a person can look at an image: its page at CoralNet, or its address without what may be secret (R6)."""
    if image.image_id is not None:
        return "" if service == EMULATOR else f"{service}/image/{image.image_id}/view/"
    return (image.url or "").partition("?")[0].partition("#")[0]


def kept(plan: Plan, drawn: Iterable[DrawnPoint], number: int, earlier: Iterable[tuple[str, DrawnPoint]] = ()) -> bytes:
    """The record of a draw: what it hands out, then the `earlier` rows of the audit as they stand since."""
    own = ((review_id(number, index), each) for index, each in enumerate(drawn, start=1))
    rows = (
        (
            key,
            str(each.set),
            plan.images[each.image].key,
            each.point,
            each.stratum,
            "" if each.inclusion is None else each.inclusion,
            "" if each.unit_inclusion is None else each.unit_inclusion,
        )
        for key, each in chain(own, earlier)
    )
    return Table.DRAWN.lines([KEPT_COLUMNS]) + Table.DRAWN.lines(rows)


def read_kept(plan_keys: Mapping[str, int], data: bytes) -> dict[str, DrawnPoint]:
    """The rows of a record by their ids; raises ValueError or KeyError for what is not such a record."""
    reader = csv.reader(io.StringIO(data.decode("utf-8", errors="surrogatepass"), newline=""), strict=True)
    if tuple(next(reader)) != KEPT_COLUMNS:
        raise ValueError("it has other columns")
    return {
        key: DrawnPoint(
            ReviewSet(set_),
            plan_keys[image],
            int(point),
            stratum,
            float(inclusion) if inclusion else None,
            float(unit_inclusion) if unit_inclusion else None,
        )
        for key, set_, image, point, stratum, inclusion, unit_inclusion in reader
    }
