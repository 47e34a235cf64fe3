"""The files of CPCe (.cpc): one image's points, in parts of a pixel, and the label of each.

Rule: the file says how large the image is in its own units, fifteenths of a pixel as a rule and twelfths on some old
screens, so the units become pixels once the image's size is known, and an image of another size is not the one that was
annotated. Layout as CoralNet reads and writes it: a line with the paths and sizes, four corners of the area, the number
of points, a line for each position (x,y), a line for each label (`"1","Sand","Notes",""`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple, Protocol

from coralrun.planning.images import Extent
from coralrun.planning.name_match import parts
from coralrun.sources.table import Problems
from coralrun.sources.text import decoded
from coralrun.spec.model import Reading
from coralrun.values.numerals import whole

SUFFIX = ".cpc"

_CORNERS = 4
_HEADER_CELLS = 6
_LABEL_CELLS = 4
_POINTS_MOST = 1_000_000  # far beyond CPCe's own 500; a damaged count must not ask for memory


class _Lines(Protocol):
    """The lines of a file, cut into cells, and the number of the last one."""

    line_num: int

    def __next__(self) -> list[str]:
        """The next line's cells."""


class CpcePoint(NamedTuple):
    """A point: the line of its place, the place in the units of the file, its label, "" for none, and a note."""

    line: int
    row: int
    column: int
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class CpceFile:
    """The path of an image on the computer where it was annotated, its size in the units of the file, its points."""

    path: str
    extent: Extent
    points: tuple[CpcePoint, ...]


def read_cpce(problems: Problems, data: bytes, reading: Reading, *, with_labels: bool) -> CpceFile:
    """Read a file of CPCe; without its labels where points alone are wanted, whatever stands there.

    Raises InvalidInput with the first problem and its line.
    """
    lines = csv.reader(io.StringIO(decoded(problems.label, data, reading), newline=""))
    header = _cells(problems, lines, _HEADER_CELLS, "two paths and four sizes")
    path = header[1]
    width, height = whole(header[2]), whole(header[3])
    if not parts(path) or not width or not height:
        raise problems.refusal(1, "the first line gives no image, or no width and height of it")
    for _ in range(_CORNERS):
        _cells(problems, lines, 2, "a corner of the annotation area")
    count = whole(_cells(problems, lines, 1, "the number of points")[0])
    if count is None or not 0 < count <= _POINTS_MOST:
        raise problems.refusal(lines.line_num, "the number of points is not a whole number from 1")
    places: list[tuple[int, int, int]] = []
    for number in range(1, count + 1):
        x, y = _cells(problems, lines, 2, f"the position of point {number} of {count}")
        column, row = whole(x), whole(y)
        if row is None or column is None:
            raise problems.refusal(lines.line_num, f"point {number} is not at whole units from 0: {x[:20]},{y[:20]}")
        if row > height or column > width:
            raise problems.refusal(
                lines.line_num, f"point {number} lies outside the image: {x},{y} of {width},{height}"
            )
        places.append((lines.line_num, row, column))
    labels = _labels(problems, lines, count) if with_labels else repeat(("", ""), count)
    points = tuple(CpcePoint(*place, *label) for place, label in zip(places, labels, strict=True))
    return CpceFile(path, Extent(width, height, whole_parts=True), points)


def _labels(problems: Problems, lines: _Lines, count: int) -> Iterator[tuple[str, str]]:
    """The label of each point and its note; InvalidInput where there are fewer."""
    for number in range(1, count + 1):
        _, label, _, note = _cells(problems, lines, _LABEL_CELLS, f"the label of point {number} of {count}")
        yield label, note


def _cells(problems: Problems, lines: _Lines, count: int, what: str) -> list[str]:
    """The next line's cells; InvalidInput, saying what should stand there, where there are fewer or more."""
    try:
        cells = [cell.strip() for cell in next(lines, [])]
    except csv.Error as error:
        raise problems.refusal(lines.line_num, f"the line cannot be read ({error})") from error
    if len(cells) != count:
        raise problems.refusal(lines.line_num, f"this is not a CPCe file: here should stand {what}")
    return cells
