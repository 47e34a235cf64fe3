"""Photos for pictures: fetched once, and kept small in the run directory, so that a report is rebuilt without asking.

Rule: a picture is kept under the number of its image's unit of work, which stays what it is when a plan's images are
others. Without a photo there is no picture, and never an error: a report is not worth failing for. A question that gets
no answer ends the asking, because the next one would wait as long; what was wrong is remembered and said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from coralrun.app.run.run_directory import OpenRun
from coralrun.connection import Fetch
from coralrun.machine.outcomes import Trouble, Unusable
from coralrun.machine.reasons import TEXTS
from coralrun.results import pictures
from coralrun.results.pictures import Mark, NotAPicture

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
            [Mark(int(mark.row * down), int(mark.column * across), mark.colour, mark.text) for mark in marks],
        )


class Photos:
    """The photos of one run; without `fetch`, those that are kept already.

    `small` are the numbers of the images that are wanted whole, `patches` the point wanted of others, with its mark.
    """

    def __init__(
        self,
        opened: OpenRun,
        small: Collection[int],
        patches: Mapping[int, tuple[int, Mark]],
        fetch: Fetch | None,
    ) -> None:
        self._layout = opened.layout
        self._images = opened.plan.images
        self._unit_of = opened.units.unit_of
        self._small = frozenset(small)
        self._patches = patches
        self._fetch = fetch
        self._disk = opened.disk
        self._names = set(self._disk.names(self._layout.report))
        self._asked: set[int] = set()
        self.missing = 0
        self.why = ""

    def small(self, number: int) -> SmallPhoto | None:
        """An image's photo made smaller; None where it is not to be had."""
        small = self._kept(number)
        if small is None:
            self._get(number)
            small = self._kept(number)
        self.missing += small is None
        return small

    def patch(self, number: int) -> bytes:
        """The JPEG of the patch around the point that is wanted of an image; b"" where it is not to be had."""
        path = self._layout.patch(self._unit_of[number], self._patches[number][0])
        if path.name not in self._names:
            self._get(number)
        if path.name not in self._names:
            self.missing += 1
            return b""
        return self._disk.read(path)

    def _kept(self, number: int) -> SmallPhoto | None:
        kept = self._layout.photo_of(self._unit_of[number], self._names)
        if kept is None:
            return None
        path, width, height = kept
        try:
            return SmallPhoto(pictures.open_photo(self._disk.read(path)), width, height)
        except NotAPicture:  # somebody wrote over it; it was never more than a copy
            self._names.discard(path.name)
            return None

    def _get(self, number: int) -> None:
        """Fetch a photo, at most once, and keep all that is wanted of it."""
        if self._fetch is None or number in self._asked:
            return
        self._asked.add(number)
        answer = self._fetch(self._images[number])
        if not isinstance(answer, bytes):
            self.why = why_not(answer)
            if isinstance(answer, Trouble):
                self._fetch = None
            return
        try:
            photo = pictures.open_photo(answer)
        except NotAPicture as error:
            self.why = str(error)
            return
        if number in self._small:
            path = self._layout.photo(self._unit_of[number], photo.width, photo.height)
            self._keep(path, pictures.marked(photo, (), most_px=SMALL_PX))
        if number in self._patches:
            point, mark = self._patches[number]
            self._keep(self._layout.patch(self._unit_of[number], point), pictures.patch(photo, mark))

    def _keep(self, path: Path, picture: Image.Image) -> None:
        self._disk.replace(path, pictures.jpeg(picture))
        self._names.add(path.name)


def why_not(answer: Unusable | Trouble) -> str:
    """Why there is no photo, in words."""
    return TEXTS[answer.reason] if isinstance(answer, Unusable) else answer.detail or str(answer.kind)
