"""Points that a person brought, packed: a survey of 15,000 images at 100 points is 19 MB here, 190 MB as tuples.

Rule: a table keeps the order in which each image's points were written and never drops a repeated point: CoralNet's own
random designs draw with replacement, so repeats are ordinary. Points that are not written in pixels stay in the units
that they have, and become pixels once the image's size is known (`in_pixels`).
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from coralrun.plan.model import Extent, Point, Size


@dataclass(frozen=True, slots=True)
class PackedPoints:
    """One image's points; the three arrays are equally long. `lines` are where they stand in the file, 0 if unknown.

    `extent` is the size of the image in the units of the points, None for pixels of an image of any size.
    """

    rows: array[int]
    columns: array[int]
    lines: array[int]
    extent: Extent | None = None


class PointsTable(Mapping[str, tuple[Point, ...]]):
    """Points by image, unpacked only when asked for. `label` names the file, or all of the files, in messages."""

    __slots__ = ("_files", "_packed", "label")

    def __init__(self, label: str, packed: Mapping[str, PackedPoints], files: Mapping[str, str] | None = None) -> None:
        self.label = label
        self._packed = packed
        self._files = files or {}

    def __getitem__(self, name: str) -> tuple[Point, ...]:
        packed = self._packed[name]
        return tuple(map(Point, packed.rows, packed.columns))

    def __contains__(self, name: object) -> bool:
        return name in self._packed

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)

    def count(self, name: str) -> int:
        """How many points an image has."""
        return len(self._packed[name].rows)

    def extent(self, name: str) -> Extent | None:
        """The size of an image in the units of its points, None for pixels of an image of any size."""
        return self._packed[name].extent

    def file(self, name: str) -> str:
        """The file that an image's points stand in."""
        return self._files.get(name, self.label)

    def line(self, name: str, index: int) -> int:
        """The line on which an image's point number `index` (from 0) stands."""
        return self._packed[name].lines[index]

    def repeats(self, name: str) -> Iterator[tuple[int, int]]:
        """The numbers, from 0, of an image's points that are where an earlier one is, each with that of the first."""
        packed = self._packed[name]
        first: dict[tuple[int, int], int] = {}
        for index, place in enumerate(zip(packed.rows, packed.columns, strict=True)):
            before = first.setdefault(place, index)
            if before != index:
                yield index, before

    def matched(self, names: Collection[str]) -> tuple[PointsTable, tuple[str, ...]]:
        """The table under the names of images, and the pairs that were matched ignoring case only.

        An exact name is always taken first; where case is ignored, one name must stand for one image.
        """
        left = [name for name in self._packed if name not in names]
        if not left:
            return self, ()
        by_fold: dict[str, list[str]] = {}
        for name in names:
            if name not in self._packed:
                by_fold.setdefault(name.casefold(), []).append(name)
        ours = Counter(name.casefold() for name in left)
        pairs = {
            name: there[0]
            for name in left
            if len(there := by_fold.get(name.casefold(), [])) == 1 and ours[name.casefold()] == 1
        }
        new = {pairs.get(name, name): name for name in self._packed}
        return self.renamed(new), tuple(f"`{name}` for `{pairs[name]}`" for name in left if name in pairs)

    def renamed(self, names: Mapping[str, str]) -> PointsTable:
        """The same points under other names, and only those: `names` maps each new name to the old one."""
        files = {new: self._files[old] for new, old in names.items() if old in self._files}
        return PointsTable(self.label, {new: self._packed[old] for new, old in names.items()}, files)


def in_pixels(points: tuple[Point, ...], extent: Extent | None, size: Size) -> tuple[Point, ...] | None:
    """Points in the units of `extent` as pixels of an image; None where the image is not the one they were laid on.

    A fraction of the side falls into the pixel that it lies in. CPCe counts in whole parts of a pixel, the same along
    both sides, and its points become the nearest pixel, as CoralNet reads its files (protocol notes, CPCe).
    """
    if extent is None:
        return points
    if extent.exact:
        return points if size == (extent.width, extent.height) else None
    if extent.whole_parts:
        parts = parts_of(extent, size)
        if parts is None:
            return None
        return tuple(Point(round(Fraction(row, parts)), round(Fraction(column, parts))) for row, column in points)
    return tuple(
        Point(
            min(row * size.height // extent.height, size.height - 1),
            min(column * size.width // extent.width, size.width - 1),
        )
        for row, column in points
    )


def parts_of(extent: Extent, size: Size) -> int | None:
    """How many units of `extent` a pixel of an image has along both sides; None where that is no whole number."""
    parts, left = divmod(extent.width, size.width)
    return parts if left == 0 and parts * size.height == extent.height else None
