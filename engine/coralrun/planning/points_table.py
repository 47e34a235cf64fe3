"""Points that a person supplied, packed: a survey of 15,000 images at 100 points is 19 MB here, 190 MB as tuples.

Rule: a table keeps the order in which each image's points were written and never drops a repeated point: CoralNet's own
random designs draw with replacement, so repeats are ordinary. Points that are not written in pixels stay in the units
that they have, and become pixels once the image's size is known (`in_pixels`).
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from coralrun.errors import InvalidInput, Problem
from coralrun.planning.images import Extent, Point, Size
from coralrun.planning.name_match import NameMatch, match_names, match_paths


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
    """Points by image, unpacked only when asked for. `label` names the file, or all of the files, in messages.

    Where a file says of which image it is by a path, its points stand under the name of the file, and `paths` has the
    paths that the image may have, the best one first.
    """

    __slots__ = ("_files", "_packed", "_paths", "label")

    def __init__(
        self,
        label: str,
        packed: Mapping[str, PackedPoints],
        files: Mapping[str, str] | None = None,
        paths: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.label = label
        self._packed = packed
        self._files = files or {}
        self._paths = paths or {}

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

    def written(self, name: str) -> str:
        """How an image was named by whoever supplied its points."""
        return self._paths[name][0] if name in self._paths else name

    def matched(self, images: Collection[str]) -> tuple[PointsTable, NameMatch]:
        """The table under the names of images, those of no image as they were; and what was not matched exactly.

        Raises InvalidInput where two files are of one image.
        """
        named = match_names([name for name in self._packed if name not in self._paths], images, in_folders=True)
        by_file = match_paths(self._paths, images)
        meant = named.images | by_file.images
        old: dict[str, str] = {}
        problems: list[Problem] = []
        for name in self._packed:
            new = meant.get(name, name)
            if new in old:
                problems.append(self._twice(new, old[new], name))
            old[new] = name
        if problems:
            raise InvalidInput(problems)
        by_case = {self.written(name): image for name, image in by_file.by_case.items()}
        by_look = {self.written(name): image for name, image in by_file.by_look.items()}
        both = replace(named, by_case={**named.by_case, **by_case}, by_look={**named.by_look, **by_look})
        return self.renamed(old), both

    def _twice(self, image: str, first: str, second: str) -> Problem:
        text = f"`{image}` has points in {self.file(first)} too: give each image one file"
        paths = self.written(first), self.written(second)
        if paths[0] != paths[1]:
            text += f" (they name it `{paths[0]}` and `{paths[1]}`)"
        return Problem(self.file(second), 0, 0, text)

    def renamed(self, names: Mapping[str, str]) -> PointsTable:
        """The same points under other names, and only those: `names` maps each new name to the old one."""
        files = {new: self._files[old] for new, old in names.items() if old in self._files}
        paths = {new: self._paths[old] for new, old in names.items() if old in self._paths}
        return PointsTable(self.label, {new: self._packed[old] for new, old in names.items()}, files, paths)


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
