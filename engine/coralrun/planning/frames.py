"""Points that were laid on another frame than the image's: which frame it was, and how the points would fit.

Rule: it is reported, and nothing is changed. A photo that was turned, rows and columns that were swapped and counting
from 1 are the usual reasons, and each has its own remedy, which only a person can choose. The service never turns a
photo by its EXIF orientation (protocol 4); the programs that people lay points in do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from coralrun.planning.images import Extent, Point, Size
from coralrun.planning.points_table import parts_of

CPCE_UNITS: Final = (15, 12)
"""Units a pixel in the files of CPCe: fifteenths as a rule, twelfths on some old screens (protocol notes, CPCe)."""

TURNED: Final = "the same photo turned (EXIF orientation)"


@dataclass(frozen=True, slots=True)
class LaidOn:
    """The frame of some points: `sides` in `unit`, `note` how that is known, `turned` what the image is of it."""

    sides: str
    unit: str = "pixels"
    note: str = ""
    turned: str = ""


def laid_on(extent: Extent, size: Size) -> LaidOn:
    """What points in the units of `extent` were laid on, seen from an image of `size`, which it is not."""
    turned = Size(size.height, size.width)
    if extent.exact:
        is_turned = turned == (extent.width, extent.height)
        return LaidOn(f"{extent.width} x {extent.height}", turned=f": {TURNED}" if is_turned else "")
    parts = parts_of(extent, turned)
    if parts is not None:
        return LaidOn(f"{turned.width} x {turned.height}", note=_at(parts), turned=f": {TURNED}")
    for parts in CPCE_UNITS:
        if extent.width % parts == extent.height % parts == 0:
            return LaidOn(f"{extent.width // parts} x {extent.height // parts}", note=_at(parts))
    return LaidOn(f"{extent.width} x {extent.height}", "units of CPCe")


def fit_otherwise(points: Sequence[Point], size: Size) -> str:
    """How all points of an image, of which some lie outside it, would fit; "" where they would in no usual way."""
    turned = Size(size.height, size.width)
    who = "its point would fit" if len(points) == 1 else f"all {len(points)} of its points would fit"
    on = f"on {turned.width} x {turned.height} pixels"
    why = f"{TURNED}, or rows and columns swapped"
    less = "counted from 1 instead of 0: take 1 from each row and column"
    ways = ((size, 1, less), (turned, 0, f"{on}: {why}"), (turned, 1, f"{on}, {less}; {why}"))
    return next((f"{who} {how}" for frame, first, how in ways if _fit(points, frame, first)), "")


def _fit(points: Sequence[Point], size: Size, first: int) -> bool:
    return all(first <= row < size.height + first and first <= column < size.width + first for row, column in points)


def _at(parts: int) -> str:
    return f" (at {parts} units a pixel)"
