"""A review as a table: what people fill in.

Rule: a blind table tells nothing of the machine's answers. The cell for the person's label is always empty: a label
that stands there already would be a review that nobody made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from coralrun.files.written import Table
from coralrun.machine.stored_photos import StoredPhoto, numbered
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Plan
from coralrun.results.stored_points import Block
from coralrun.review.sets import DrawnPoint, ReviewSet
from coralrun.service.about import AboutService
from coralrun.values.classified import ScoredPoint

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


def handed_out(
    plan: Plan,
    blocks: Iterable[Block],
    handed: Iterable[tuple[str, DrawnPoint]],
    *,
    blind: bool,
    stored: Mapping[str, StoredPhoto],
) -> Iterator[bytes]:
    """The table that people fill in, as lines of CSV, of points with their ids; `stored` are uploaded photos."""
    yield Table.REVIEW.lines([COLUMNS if blind else COLUMNS + SEEN_COLUMNS])
    by_image: dict[int, list[tuple[int, str, DrawnPoint]]] = {}
    for index, (key, asked) in enumerate(handed):
        by_image.setdefault(asked.image, []).append((index, key, asked))
    rows: dict[int, Sequence[object]] = {}
    parts = ((block, image, part.start) for block in blocks for image, part in block.slices())
    for block, image, start in parts:
        for index, key, asked in by_image.get(image, ()):
            (point,) = block.points(slice(start + asked.point - 1, start + asked.point))
            photo = numbered(plan.images[image], stored)
            row = row_of(plan.about, photo, point, asked, key, blind=blind)
            rows[index] = row if blind else (*row, *_machine(point))
    yield Table.REVIEW.lines(rows[index] for index in sorted(rows))


def row_of(
    about: AboutService, image: PlannedImage, point: ScoredPoint, drawn: DrawnPoint, key: str, *, blind: bool
) -> Sequence[object]:
    """One row of the table, in the order of `COLUMNS`; what people fill in is empty."""
    tells = drawn.set is not ReviewSet.AUDIT  # of what the machine says there
    return (
        key,
        str(drawn.set),
        image.source,
        image.name,
        image_page(about, image),
        drawn.point,
        point.row,
        point.column,
        "" if tells and blind else drawn.stratum,
        "" if drawn.inclusion is None or (tells and blind) else drawn.inclusion,
        "",
        "",
        "",
        "",
    )


def _machine(point: ScoredPoint) -> tuple[object, ...]:
    best = point.classifications[0]
    return best.label_code, best.score


def image_page(about: AboutService, image: PlannedImage) -> str:
    """Where a person can look at an image: its page at the service, or its address without what may be secret (R6)."""
    if image.image_id is not None:
        return about.page_of_image(image.image_id)
    return (image.url or "").partition("?")[0].partition("#")[0]
