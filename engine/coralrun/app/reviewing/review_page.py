"""The page of a review: its photos fetched one after the other, each with its points drawn and their patches cut out.

Rule: a photo that cannot be had leaves its rows on the page, with the reason, because they belong to the sample. The
audit comes first: whoever stops early has done what corrects cover. A photo stands in the part of each set that has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from coralrun.app.run.photos import why_not
from coralrun.app.run.run_directory import OpenRun
from coralrun.connection import Fetch
from coralrun.files.written import Table
from coralrun.machine.outcomes import Trouble, Unusable
from coralrun.machine.stored_photos import numbered
from coralrun.planning.images import PlannedImage
from coralrun.results import pictures
from coralrun.results.pictures import Mark, NotAPicture
from coralrun.review.draws import review_id
from coralrun.review.page.render import ReviewPage, ReviewPart, ReviewPhoto, ReviewRow, render
from coralrun.review.sets import DrawnPoint, ReviewSet
from coralrun.review.table import COLUMNS, image_page, row_of
from coralrun.service.about import AboutService
from coralrun.values.classified import Label, ScoredPoint

_LEAST_PX: Final = 900
_MOST_PX: Final = 1400
"""The longer side of a whole photo on the page: room for the numbers of its points, and no more than a screen shows."""
_SAID: Final = 4
"""The columns that a person fills in: label, annotator, date, comment."""


def page(
    opened: OpenRun, drawn: Sequence[DrawnPoint], number: int, *, blind: bool, out: Path, fetch: Fetch
) -> Iterator[bytes]:
    """The page of draw `number`, piece by piece; photos come by `fetch`, one at a time."""
    said = ReviewPage(
        title=f"{opened.identity.name}, review {number}",
        key=f"{opened.identity.run} {number}",
        columns=COLUMNS,
        codes=_codes(opened),
        blind=blind,
        file_name=f"{out.stem}.csv",
    )
    of_set: dict[ReviewSet, list[tuple[str, DrawnPoint]]] = {}
    for index, point in enumerate(drawn, start=1):
        of_set.setdefault(point.set, []).append((review_id(number, index), point))
    return render(said, [_part(opened, part, of_set[part], blind, fetch) for part in ReviewSet if part in of_set])


def _codes(opened: OpenRun) -> list[tuple[str, str]]:
    """Every label that the classifier named anywhere in the run."""
    labels: Sequence[Label] = ()
    for block in opened.blocks():
        labels = block.labels
    return sorted({(label.code, label.name) for label in labels}, key=lambda label: (label[0].casefold(), label))


def _part(
    opened: OpenRun, of: ReviewSet, wanted: Sequence[tuple[str, DrawnPoint]], blind: bool, fetch: Fetch
) -> ReviewPart:
    by_image: dict[int, list[tuple[str, DrawnPoint]]] = {}
    for key, point in wanted:
        by_image.setdefault(point.image, []).append((key, point))
    return ReviewPart(of, len(wanted), len(by_image), _photos(opened, by_image, blind, fetch))


def _photos(
    opened: OpenRun, by_image: Mapping[int, Sequence[tuple[str, DrawnPoint]]], blind: bool, fetch: Fetch
) -> Iterator[ReviewPhoto]:
    for image, points in opened.points(by_image):
        planned = numbered(opened.plan.images[image], opened.state.stored)
        answer = fetch(opened.plan.images[image])
        yield _photo(opened.plan.about, planned, points, by_image[image], blind, answer)


def _photo(
    about: AboutService,
    image: PlannedImage,
    points: Sequence[ScoredPoint],
    wanted: Sequence[tuple[str, DrawnPoint]],
    blind: bool,
    answer: bytes | Unusable | Trouble,
) -> ReviewPhoto:
    why = "" if isinstance(answer, bytes) else why_not(answer)
    photo, whole = None, b""
    if isinstance(answer, bytes):
        try:
            photo = pictures.open_photo(answer)
        except NotAPicture as error:
            why = str(error)
    rows = []
    marks = []
    for key, asked in wanted:
        point = points[asked.point - 1]
        marks.append(Mark(point.row, point.column, text=str(asked.point)))
        patch = b"" if photo is None else pictures.jpeg(pictures.patch(photo, Mark(point.row, point.column)))
        cells = Table.REVIEW.cells(row_of(about, image, point, asked, key, blind=blind)[:-_SAID])
        best = point.classifications[0]
        machine = "" if blind else f"{best.label_code}, {best.score:.2f}"
        rows.append(ReviewRow(tuple(str(cell) for cell in cells), asked.point, patch, machine))
    if photo is not None:
        whole = pictures.jpeg(pictures.marked(photo, marks, least_px=_LEAST_PX, most_px=_MOST_PX))
    return ReviewPhoto(image.name, image_page(about, image), whole, why, tuple(rows))
