"""How large the whole photos of a page are, so that the page stays one that can be sent.

Rule: the patches come first, because they are what is labelled: they have their size however large the page becomes.
The whole photos share what is left of the page. One with many points on it has more of it, since their numbers must be
told apart, and one that would be too small to see anything on is left out. Same photos, same page, same sizes.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

PAGE_MB: Final = 25
"""What most mail takes: a page is sent to whoever knows the corals."""

_LEAST_PX: Final = 320
_ENLARGED_PX: Final = 900
_MOST_PX: Final = 1400
"""The longer side of a whole photo: with less nothing is seen on it, a smaller one is enlarged so that the numbers of
its points are read, and a screen shows no more."""

BYTES_PER_MB: Final = 1_000_000
_IN_PAGE: Final = 4 / 3  # a picture stands in the page as base64
_HEAD_BYTES: Final = 50_000  # script, style, and some hundred labels
_ROW_BYTES: Final = 1_000  # a point's cells, fields and names for screen readers
_OF_ITSELF: Final = 10  # a photo has as much room for itself as for so many points
_BYTES_PER_PIXEL: Final = 0.25  # of photos of a reef, until some are on the page
_LATEST: Final = 0.25  # the weight of the latest photo in what a pixel takes


@dataclass(frozen=True, slots=True)
class PageSize:
    """How a page came out: its bytes, beside those that it was to have, and what that did to its whole photos.

    `smallest_px` is the longer side of the smallest, 0 where none had to be made smaller. `missing` photos could not be
    had, the first of them for the reason `why`.
    """

    page_bytes: int
    most_bytes: int
    smallest_px: int
    left_out: int
    missing: int = 0
    why: str = ""


class Room:
    """What is left of a page, photo after photo; `photos` and `points` are all that will be on it."""

    def __init__(self, page_mb: float, photos: int, points: int) -> None:
        self.most_bytes = round(page_mb * BYTES_PER_MB)
        self.smallest_px = 0
        self.left_out = self.missing = 0
        self.why = ""
        self._left = self.most_bytes - _HEAD_BYTES
        self._photos, self._points = photos, points
        self._seen, self._points_bytes = 0, 0.0
        self._per_pixel = _BYTES_PER_PIXEL

    def take_points(self, points: int, patches_bytes: int) -> None:
        """The points of the next photo are on the page, with their patches."""
        taken = patches_bytes * _IN_PAGE + points * _ROW_BYTES
        self._left -= round(taken)
        self._seen += points
        self._points_bytes += taken

    def side_px(self, points: int, width: int, height: int) -> int:
        """The longer side that there is room for of this photo, whose `points` were taken; 0 if it is left out."""
        longer = max(width, height)
        wanted = min(max(longer, _ENLARGED_PX), _MOST_PX)
        to_come = (self._points - points) * self._points_bytes / self._seen
        share = (_OF_ITSELF + points) / (_OF_ITSELF * self._photos + self._points)
        pixels = max(0.0, (self._left - to_come) * share) / _IN_PAGE / self._per_pixel
        fits = int(sqrt(pixels * longer / min(width, height)))
        if fits < _LEAST_PX:
            self.left_out += 1
            return 0
        if fits < wanted:
            self.smallest_px = min(fits, self.smallest_px or fits)
        return min(fits, wanted)

    def miss_photo(self, points: int, why: str) -> None:
        """The photo of the last points cannot be had."""
        self.missing += 1
        self.why = self.why or why
        self.take_photo(points)

    def take_photo(self, points: int, pixels: int = 0, photo_bytes: int = 0) -> None:
        """The photo of the last points is done, of so many pixels and bytes; of none if it has no picture."""
        self._photos -= 1
        self._points -= points
        if pixels:
            self._left -= round(photo_bytes * _IN_PAGE)
            self._per_pixel += _LATEST * (photo_bytes / pixels - self._per_pixel)

    def result(self, page_bytes: int) -> PageSize:
        """How the whole page came out."""
        return PageSize(page_bytes, self.most_bytes, self.smallest_px, self.left_out, self.missing, self.why)
