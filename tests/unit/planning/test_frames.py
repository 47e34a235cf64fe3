"""Points on another frame than the image's: what that was, and how they would fit."""

from __future__ import annotations

import pytest

from coralrun.planning.frames import LaidOn, fit_otherwise, laid_on
from coralrun.planning.images import Extent, Point, Size

TURNED = ": the same photo turned (EXIF orientation)"
LESS = "counted from 1 instead of 0: take 1 from each row and column"
SWAPPED = "the same photo turned (EXIF orientation), or rows and columns swapped"


@pytest.mark.parametrize(
    ("extent", "size", "frame"),
    [
        (Extent(4500, 6000, True), Size(400, 300), LaidOn("300 x 400", note=" (at 15 units a pixel)", turned=TURNED)),
        (Extent(3600, 4800, True), Size(400, 300), LaidOn("300 x 400", note=" (at 12 units a pixel)", turned=TURNED)),
        (Extent(900, 1200, True), Size(400, 300), LaidOn("300 x 400", note=" (at 3 units a pixel)", turned=TURNED)),
        (Extent(60000, 45000, True), Size(2000, 1500), LaidOn("4000 x 3000", note=" (at 15 units a pixel)")),
        (Extent(8004, 6012, True), Size(400, 300), LaidOn("667 x 501", note=" (at 12 units a pixel)")),
        (Extent(8001, 6001, True), Size(400, 300), LaidOn("8001 x 6001", "units of CPCe")),
        (Extent(300, 400, False, exact=True), Size(400, 300), LaidOn("300 x 400", turned=TURNED)),
        (Extent(800, 600, False, exact=True), Size(400, 300), LaidOn("800 x 600")),
    ],
)
def test_the_frame_of_points_is_told_in_pixels_where_it_can_be(extent: Extent, size: Size, frame: LaidOn) -> None:
    assert laid_on(extent, size) == frame


@pytest.mark.parametrize(
    ("points", "how"),
    [
        ([(1, 1), (300, 400)], f"all 2 of its points would fit {LESS}"),
        ([(300, 400)], f"its point would fit {LESS}"),
        ([(0, 0), (399, 299)], f"all 2 of its points would fit on 300 x 400 pixels: {SWAPPED}"),
        ([(1, 1), (400, 300)], f"all 2 of its points would fit on 300 x 400 pixels, {LESS}; {SWAPPED}"),
        ([(0, 0), (300, 400)], ""),
        ([(399, 299), (0, 300)], ""),
        ([(1, 1), (301, 400)], ""),
    ],
)
def test_points_that_would_all_fit_otherwise_say_how(points: list[tuple[int, int]], how: str) -> None:
    assert fit_otherwise([Point(*place) for place in points], Size(400, 300)) == how


def test_a_square_photo_cannot_be_told_from_itself_turned() -> None:
    assert fit_otherwise([Point(11, 0)], Size(10, 10)) == ""
