"""The page of a review: its photos fetched one after the other, each with its points drawn and their patches cut out.

Rule: a photo that cannot be had leaves its rows on the page, with the reason, because they belong to the sample. The
audit comes first: whoever stops early has done what corrects cover. A photo stands in the part of each set that has it.
Its whole picture has as many pixels as the page has room for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from coralrun.app.run.photos import why_not
from coralrun.app.run.run_directory import OpenRun
from coralrun.connection import Fetch
from coralrun.files.written import Table
from coralrun.machine.outcomes import Trouble, Unusable
from coralrun.machine.stored_photos import numbered
from coralrun.planning.images import PlannedImage
from coralrun.results import pictures
from coralrun.results.pictures import Mark, NotAPicture
from coralrun.review.drawing import Drawing
from coralrun.review.page.render import ReviewPage, ReviewPart, ReviewPhoto, ReviewRow, render
from coralrun.review.page.room import Room
from coralrun.review.sets import DrawnPoint, ReviewSet
from coralrun.review.table import COLUMNS, image_page, row_of
from coralrun.values.classified import Label, ScoredPoint

_JPEG_QUALITY: Final = 75
_SAID: Final = 4
"""The columns that a person fills in: label, annotator, date, comment."""


def room_for(drawing: Drawing, page_mb: float) -> Room:
    """The room that a page of so many megabytes has for what is handed out of a draw."""
    return Room(page_mb, len({(point.set, point.image) for _, point in drawing.rows}), len(drawing.rows))


def page(opened: OpenRun, drawing: Drawing, *, blind: bool, out: Path, fetch: Fetch, room: Room) -> Iterator[bytes]:
    """The page of a draw, piece by piece; photos come by `fetch`, one at a time, and share the `room`."""
    said = ReviewPage(
        title=f"{opened.identity.name}, review {drawing.number}",
        key=f"{opened.identity.run} {drawing.number} {drawing.only or ''}".strip(),
        columns=COLUMNS,
        codes=_codes(opened),
        blind=blind,
        file_name=f"{out.stem}.csv",
    )
    of_set: dict[ReviewSet, list[tuple[str, DrawnPoint]]] = {}
    for key, point in drawing.rows:
        of_set.setdefault(point.set, []).append((key, point))
    maker = _Maker(opened, blind, fetch, room)
    return render(said, [maker.part(part, of_set[part]) for part in ReviewSet if part in of_set])


def _codes(opened: OpenRun) -> list[tuple[str, str]]:
    """Every label that the classifier named anywhere in the run."""
    labels: Sequence[Label] = ()
    for block in opened.blocks():
        labels = block.labels
    return sorted({(label.code, label.name) for label in labels}, key=lambda label: (label[0].casefold(), label))


@dataclass(frozen=True, slots=True)
class _Maker:
    """What makes the parts of a page, whose photos are taken one after the other."""

    opened: OpenRun
    blind: bool
    fetch: Fetch
    room: Room

    def part(self, of: ReviewSet, wanted: Sequence[tuple[str, DrawnPoint]]) -> ReviewPart:
        by_image: dict[int, list[tuple[str, DrawnPoint]]] = {}
        for key, point in wanted:
            by_image.setdefault(point.image, []).append((key, point))
        return ReviewPart(of, len(wanted), len(by_image), self._photos(by_image))

    def _photos(self, by_image: Mapping[int, Sequence[tuple[str, DrawnPoint]]]) -> Iterator[ReviewPhoto]:
        for image, points in self.opened.points(by_image):
            planned = numbered(self.opened.plan.images[image], self.opened.state.stored)
            answer = self.fetch(self.opened.plan.images[image])
            photo, why = _opened(answer)
            rows = [self._row(planned, photo, points[asked.point - 1], key, asked) for key, asked in by_image[image]]
            self.room.take_points(len(rows), sum(len(row.patch) for row in rows))
            marks = [
                Mark(points[asked.point - 1].row, points[asked.point - 1].column, text=str(asked.point))
                for _, asked in by_image[image]
            ]
            whole = b"" if photo is None else self._whole(photo, marks)
            if photo is None:
                self.room.miss_photo(len(rows), why)
            elif not whole:
                why = "the page has no room for it"
            yield ReviewPhoto(planned.name, image_page(self.opened.plan.about, planned), whole, why, tuple(rows))

    def _row(
        self, image: PlannedImage, photo: Image.Image | None, point: ScoredPoint, key: str, asked: DrawnPoint
    ) -> ReviewRow:
        mark = Mark(point.row, point.column)
        patch = b"" if photo is None else pictures.jpeg(pictures.patch(photo, mark), _JPEG_QUALITY)
        row = row_of(self.opened.plan.about, image, point, asked, key, blind=self.blind)
        cells = Table.REVIEW.cells(row[:-_SAID])
        best = point.classifications[0]
        machine = "" if self.blind else f"{best.label_code}, {best.score:.2f}"
        return ReviewRow(tuple(str(cell) for cell in cells), asked.point, patch, machine)

    def _whole(self, photo: Image.Image, marks: Sequence[Mark]) -> bytes:
        """A whole photo with its points, as large as the page has room for; empty where there is too little."""
        side_px = self.room.side_px(len(marks), *photo.size)
        if not side_px:
            self.room.take_photo(len(marks))
            return b""
        picture = pictures.marked(photo, marks, least_px=side_px, most_px=side_px)
        data = pictures.jpeg(picture, _JPEG_QUALITY)
        self.room.take_photo(len(marks), picture.width * picture.height, len(data))
        return data


def _opened(answer: bytes | Unusable | Trouble) -> tuple[Image.Image | None, str]:
    """A photo, or why there is none."""
    if not isinstance(answer, bytes):
        return None, why_not(answer)
    try:
        return pictures.open_photo(answer), ""
    except NotAPicture as error:
        return None, str(error)
