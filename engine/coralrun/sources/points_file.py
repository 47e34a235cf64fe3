"""Points that a person brings, in one file or many: tables of image name, row and column, and the files of CPCe.

Rule: rows and columns are whole pixels from 0, counted from the top left, or fractions of the sides from 0 to 1, as the
first place of a file tells that is not at a corner, where both are written alike. The order of each image's points is
that of the file, repeated points stay, and an image's points all stand in one file. Other columns are left alone. A
table without a column of names is one image's, and its file is called after it: `reef1.jpg.csv` is of reef1.jpg. A file
of CPCe names its image by the path that it had. Either may be in a folder that tells it from an image of its name.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import PurePosixPath

from coralrun.errors import InvalidInput, Problem
from coralrun.planning.filters import IMAGE_ENDINGS
from coralrun.planning.model import Extent
from coralrun.planning.name_match import parts
from coralrun.planning.points_table import PackedPoints, PointsTable
from coralrun.sources import cpce, point_columns
from coralrun.sources.deploy_payload import read_payload
from coralrun.sources.records import is_table
from coralrun.sources.separated import Record
from coralrun.sources.table import NAME_HEADINGS, Problems, Warn, found, read_table, unheard
from coralrun.spec.model import Reading
from coralrun.values.addresses import NotAnAddress, address_of, last_part
from coralrun.values.numerals import finite, whole

_OPTIONAL = {"Name": NAME_HEADINGS}
_OTHER_NAMES = (
    "a column of another name is named in the survey: `columns: {name: ...}`; "
    "the table of one image is called after it: `reef1.jpg.csv`"
)
_FRACTION_PARTS = (
    1_000_000_000  # a fraction is kept as so many parts of the side: exact to 1/1000 of a pixel, and an int
)
_PERCENT_LEAST = 20  # points; of fewer it may be chance that all lie in a corner
_AS_PERCENT = (
    "no row or column is above 100, so all points lie in the top left corner, for they count pixels; "
    "if they are percent, write fractions of the sides: 0.5 for 50 %"
)
_AMONG_OTHERS = "Correct the lines named above; where other files are in the folder, name the tables alone: `{}/*.csv`."
_FRACTIONS = Extent(_FRACTION_PARTS, _FRACTION_PARTS, whole_parts=False)


def read_points(
    label: str, files: Mapping[str, bytes], reading: Reading | None = None, warn: Warn = unheard
) -> PointsTable:
    """Read files of points; `label` is what the survey names, `files` what it stands for, each by its own name.

    Raises InvalidInput with every problem of every file, each at its line.
    """
    reading = reading or Reading()
    packed: dict[str, PackedPoints] = {}
    origins: dict[str, str] = {}
    paths: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    for file, data in files.items():
        try:
            images, of_file = _read(file, data, reading, warn)
        except InvalidInput as error:
            problems += error.problems
            continue
        for name in images:
            if name in packed:
                problems.append(
                    Problem(file, 0, 0, f"`{name}` has points in {origins[name]} too: give each image one file")
                )
        packed |= images
        origins |= dict.fromkeys(images, file)
        if of_file:
            paths[file] = of_file
    if not problems and not packed:
        problems = [Problem(label, 0, 0, "there are no points in it")]
    if problems:
        among = len(files) > 1 and "*" not in label
        raise InvalidInput(problems, remedy=_AMONG_OTHERS.format(label) if among else None)
    return PointsTable(label, packed, origins if len(files) > 1 else None, paths)


def _read(file: str, data: bytes, reading: Reading, warn: Warn) -> tuple[dict[str, PackedPoints], tuple[str, ...]]:
    """The points of a file by image; where it is of one image, by the file, and the paths that the image may have."""
    if PurePosixPath(file).suffix.lower() == cpce.SUFFIX:
        path, points = cpce.read_cpce(file, data, reading.encoding)
        beside = PurePosixPath(file).parent / parts(path)[-1]
        return {file: points}, (path, beside.as_posix())
    problems = Problems(file, warn)
    payload = read_payload(file, data)
    if payload is not None:
        return _of_payload(problems, payload), ()
    table = read_table(problems, data, needed=point_columns.NEEDED, optional=_OPTIONAL, reading=reading)
    named_by_file = "" if "Name" in table.columns else _name_in(file)
    if not named_by_file and "Name" not in table.columns:
        message = f"there is no column `Name`: the header needs Name, Row, Column; {found(table.header)}"
        raise problems.refusal(1, f"{message}; {_OTHER_NAMES}")
    row_at, column_at = point_columns.places(problems, table, reading)
    extent, rows = _unit_of(table.rows, row_at, column_at)
    packed: dict[str, PackedPoints] = {}
    for line, cells in rows:
        place = cells[row_at], cells[column_at]
        point = _point(problems, line, place, extent)
        name = file if named_by_file else cells[table.columns["Name"]]
        if not name:
            problems.add(line, "there is no image name")
        if point is None or not name:
            continue
        points = packed.setdefault(name, PackedPoints(array("i"), array("i"), array("i"), extent))
        points.rows.append(point[0])
        points.columns.append(point[1])
        points.lines.append(line)
    problems.raise_if_any()
    if not packed:
        raise problems.refusal(0, "the file has no points")
    if extent is None and _may_be_percent(packed.values()):
        problems.warn(f"{file}: {_AS_PERCENT}")
    return packed, (named_by_file,) if named_by_file else ()


def _of_payload(problems: Problems, payload: Mapping[str, PackedPoints]) -> dict[str, PackedPoints]:
    """The points of a deploy request, by the names that its addresses give the images."""
    packed: dict[str, PackedPoints] = {}
    for url, points in payload.items():
        line = points.lines[0]
        try:
            name = last_part(address_of(url))
        except NotAnAddress as bad:
            problems.add(line, str(bad))
            continue
        if not name or name in packed:
            problems.add(line, f"the url ends in `{name}`, as another does" if name else "the url ends in no name")
        else:
            packed[name] = points
    problems.raise_if_any()
    return packed


def _name_in(file: str) -> str:
    """The path of the image that a table is called after, such as reef1.jpg of reef1.jpg.csv; "" for none."""
    path = PurePosixPath(file)
    inner = path.with_suffix("")
    is_image = inner.suffix.lower() in IMAGE_ENDINGS
    return inner.as_posix() if is_table(file) and is_image else ""


def _unit_of(rows: Iterator[Record], row_at: int, column_at: int) -> tuple[Extent | None, Iterator[Record]]:
    """The extent of places that are fractions, None for pixels, as the first that is not at a corner tells; and all
    rows, those that were read for it among them."""
    read: list[Record] = []
    for record in rows:
        read.append(record)
        place = record[1][row_at], record[1][column_at]
        if any(finite(cell) not in (0, 1) for cell in place):
            return _FRACTIONS if _is_fraction(place) else None, chain(read, rows)
    return None, iter(read)


def _may_be_percent(images: Collection[PackedPoints]) -> bool:
    """Whether whole numbers look like percent of the sides: many, none above 100, and some beyond the middle."""
    if sum(len(points.rows) for points in images) < _PERCENT_LEAST:
        return False
    sides = ([max(points.rows) for points in images], [max(points.columns) for points in images])
    return all(50 < max(furthest) <= 100 for furthest in sides)


def _is_fraction(place: Sequence[str]) -> bool:
    """Whether a place that is not at a corner is in fractions of the sides."""
    values = [finite(cell) for cell in place]
    return all(value is not None and 0 <= value <= 1 for value in values)


def _point(problems: Problems, line: int, place: Sequence[str], extent: Extent | None) -> tuple[int, int] | None:
    """A row and column in the units of their table; None, with the problems noted, where they are none."""
    if extent is None:
        parts, unit = [whole(cell) for cell in place], "whole number of pixels from 0"
    else:
        parts, unit = [_parts(cell) for cell in place], "fraction of the image's side, from 0 to 1"
    for what, cell, part in zip(("row", "column"), place, parts, strict=True):
        if part is None:
            problems.add(line, f"the {what} `{cell[:20]}` is not a {unit}")
    row, column = parts
    return None if row is None or column is None else (row, column)


def _parts(cell: str) -> int | None:
    value = finite(cell)
    return round(value * _FRACTION_PARTS) if value is not None and 0 <= value <= 1 else None
