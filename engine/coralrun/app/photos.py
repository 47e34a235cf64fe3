"""Photos for pictures: fetched once, and kept small in the run directory, so that a report is rebuilt without asking.

Rule: without a photo there is no picture, and never an error: a report is not worth failing for. A question that gets
no answer ends the asking, because the next one would wait as long; what was wrong is remembered and said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image

from coralrun.app.connection import Fetch
from coralrun.machine.outcomes import Trouble, Unusable
from coralrun.machine.reasons import TEXTS
from coralrun.plan.model import PlannedImage
from coralrun.results import pictures
from coralrun.results.pictures import Mark, NotAPicture
from coralrun.store.files import Disk
from coralrun.store.layout import Layout

SMALL_PX: Final = 480
"""The longer side of a kept photo: twice what a column of the contact sheet is wide, for screens with fine pixels."""


@dataclass(frozen=True, slots=True)
class SmallPhoto:
    """A photo made smaller, and its stored size, in which rows and columns count."""

    picture: Image.Image
    width: int
    height: int

    def marked(self, marks: Sequence[Mark]) -> Image.Image:
        """It with marks, which are in stored pixels."""
        across, down = self.picture.width / self.width, self.picture.height / self.height
        return pictures.marked(
            self.picture,
            [Mark(int(each.row * down), int(each.column * across), each.colour, each.text) for each in marks],
        )


class Photos:
    """The photos of one run; without `fetch`, those that are kept already."""

    def __init__(self, layout: Layout, images: Sequence[PlannedImage], fetch: Fetch | None) -> None:
        self._layout = layout
        self._images = images
        self._fetch = fetch
        self._disk = Disk()
        self._names = self._disk.names(layout.report)
        self._last: tuple[int, Image.Image | None] = (-1, None)
        self.missing = 0
        self.why = ""

    def small(self, number: int) -> SmallPhoto | None:
        """An image's photo made smaller."""
        kept = self._layout.photo_of(number, self._names)
        if kept is not None:
            path, width, height = kept
            return SmallPhoto(pictures.open_photo(self._disk.read(path)), width, height)
        photo = self._whole(number)
        if photo is None:
            self.missing += 1
            return None
        data = pictures.jpeg(pictures.marked(photo, (), most_px=SMALL_PX))
        self._disk.replace(self._layout.photo(number, photo.width, photo.height), data)
        return SmallPhoto(pictures.open_photo(data), photo.width, photo.height)

    def patch(self, number: int, point: int, mark: Mark) -> bytes:
        """The JPEG of the patch around a point; b"" where there is no photo."""
        path = self._layout.patch(number, point)
        if path.name in self._names:
            return self._disk.read(path)
        photo = self._whole(number)
        if photo is None:
            self.missing += 1
            return b""
        data = pictures.jpeg(pictures.patch(photo, mark))
        self._disk.replace(path, data)
        return data

    def _whole(self, number: int) -> Image.Image | None:
        if self._last[0] != number:
            self._last = (number, self._fetched(number))
        return self._last[1]

    def _fetched(self, number: int) -> Image.Image | None:
        if self._fetch is None:
            return None
        answer = self._fetch(self._images[number])
        if isinstance(answer, bytes):
            try:
                return pictures.open_photo(answer)
            except NotAPicture as error:
                self.why = str(error)
                return None
        self.why = why_not(answer)
        if isinstance(answer, Trouble):
            self._fetch = None
        return None


def why_not(answer: Unusable | Trouble) -> str:
    """Why there is no photo, in words."""
    return TEXTS[answer.reason] if isinstance(answer, Unusable) else answer.detail or str(answer.kind)
