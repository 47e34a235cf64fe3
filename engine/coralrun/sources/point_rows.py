"""A file of points, whichever program wrote it, row by row: the one reader of points, with labels or without.

Rule: rows and columns are whole pixels from 0, counted from the top left, or fractions of the sides from 0 to 1, as the
first place of a file tells that is not at a corner, where both are written alike; a file of CPCe has units of its own.
They stay in the units of the file (`extent`) until an image's size is known. Repeated points stay, in the order of the
file. A table without a column of names is one image's, and its file is called after it: `reef1.jpg.csv` is of
reef1.jpg. A file of CPCe names its image by the path that it had. Either may be in a folder that tells it from an image
of its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from coralrun.planning.filters import IMAGE_ENDINGS
from coralrun.planning.images import Extent
from coralrun.planning.name_match import parts
from coralrun.planning.points_table import PackedPoints
from coralrun.sources import cpce, point_columns
from coralrun.sources.deploy_payload import read_payload
from coralrun.sources.lacking import OneOf
from coralrun.sources.records import is_table
from coralrun.sources.separated import Record
from coralrun.sources.table import NAME_HEADINGS, Headings, Problems, Table, read_table
from coralrun.spec.model import Reading
from coralrun.values.addresses import NotAnAddress, address_of, as_name, last_part
from coralrun.values.numerals import finite, whole

_HINTS: Final = {"Name": "the table of one image is called after it: `reef1.jpg.csv`"}
_FRACTION_PARTS: Final = (
    1_000_000_000  # a fraction is kept as so many parts of the side: exact to 1/1000 of a pixel, and an int
)
_FRACTIONS: Final = Extent(_FRACTION_PARTS, _FRACTION_PARTS, whole_parts=False)
_OF_CPCE: Final = {"Label": 0, "Comment": 1}


class PointRow(NamedTuple):
    """A point: its line, the image's name, "" where the file is one image's, its place, and the row's cells."""

    line: int
    name: str
    row: int
    column: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class PointRows:
    """An open file of points. `extent` is the size of its images in the units of the points, None for pixels.

    `rows` notes every problem of a row and passes it over; `columns` says where ours stand in its cells, under the
    `header`, empty in a file that is no table. `paths` are those that the image may have where the file is of one.
    """

    rows: Iterator[PointRow]
    extent: Extent | None = None
    paths: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    columns: Mapping[str, int] = field(default_factory=dict)
    sheets_left: tuple[str, ...] = ()


def open_points(
    problems: Problems, data: bytes, reading: Reading, optional: Headings | None = None, one_of: Sequence[OneOf] = ()
) -> PointRows:
    """Open a file of points; `optional` are the columns that are wanted beside their places, labels among them. A table
    needs the columns of its places and names, and `one_of` others.

    Raises InvalidInput where it is none.
    """
    file = problems.label
    if PurePosixPath(file).suffix.lower() == cpce.SUFFIX:
        return _of_cpce(file, cpce.read_cpce(problems, data, reading, with_labels=optional is not None))
    payload = read_payload(file, data)
    if payload is not None:
        return PointRows(_of_payload(problems, payload))
    wanted = {"Name": NAME_HEADINGS, **(optional or {})}
    of_one = _name_in(file)
    needed = point_columns.NEEDED if of_one else {"Name": NAME_HEADINGS, **point_columns.NEEDED}
    table = read_table(problems, data, needed, wanted, reading, of_points=True, one_of=one_of, hints=_HINTS)
    places = point_columns.places(problems, table, reading)
    extent, rows = _unit_of(problems, table, places, point_columns.unnamed(table, places, reading))
    return PointRows(
        _of_table(problems, rows, places, table.columns.get("Name"), extent),
        extent,
        (of_one,) if of_one and "Name" not in table.columns else (),
        table.header,
        table.columns,
        table.sheets_left,
    )


def _of_cpce(file: str, read: cpce.CpceFile) -> PointRows:
    beside = PurePosixPath(file).parent / parts(read.path)[-1]
    rows = (PointRow(point.line, "", point.row, point.column, (point.label, point.note)) for point in read.points)
    return PointRows(rows, read.extent, (read.path, beside.as_posix()), columns=_OF_CPCE)


def _of_payload(problems: Problems, payload: Mapping[str, PackedPoints]) -> Iterator[PointRow]:
    """The points of a deploy request, by the names that its addresses give the images."""
    names: set[str] = set()
    for url, points in payload.items():
        line = points.lines[0]
        try:
            name = last_part(address_of(url))
        except NotAnAddress as bad:
            problems.add(line, str(bad))
            continue
        if not name or name in names:
            problems.add(line, f"the url ends in `{name}`, as another does" if name else "the url ends in no name")
            continue
        names.add(name)
        for at, row, column in zip(points.lines, points.rows, points.columns, strict=True):
            yield PointRow(at, name, row, column, ())


def _of_table(
    problems: Problems, rows: Iterator[Record], places: tuple[int, int], name_at: int | None, extent: Extent | None
) -> Iterator[PointRow]:
    row_at, column_at = places
    for line, cells in rows:
        point = _point(problems, line, (cells[row_at], cells[column_at]), extent)
        name = "" if name_at is None else as_name(cells[name_at])
        if not name and name_at is not None:
            problems.add(line, "there is no image name")
        elif point is not None:
            yield PointRow(line, name, *point, cells)


def _name_in(file: str) -> str:
    """The path of the image that a table is called after, such as reef1.jpg of reef1.jpg.csv; "" for none."""
    path = PurePosixPath(file)
    inner = path.with_suffix("")
    is_image = inner.suffix.lower() in IMAGE_ENDINGS
    return inner.as_posix() if is_table(file) and is_image else ""


def _unit_of(
    problems: Problems, table: Table, at: tuple[int, int], unnamed: Sequence[str]
) -> tuple[Extent | None, Iterator[Record]]:
    """The extent of places that are fractions, None for pixels, as the first that is not at a corner tells; and all
    rows, those that were read for it among them. Of headings that were `unnamed` what is read is said."""
    read: list[Record] = []
    for record in table.rows:
        read.append(record)
        place = record[1][at[0]], record[1][at[1]]
        if any(finite(cell) not in (0, 1) for cell in place):
            extent = _FRACTIONS if _is_fraction(place) else None
            if unnamed:
                unit = "pixels" if extent is None else "fractions of the sides"
                problems.warn(
                    f"{problems.label}: rows are read from `{unnamed[0]}` and columns from `{unnamed[1]}`, in {unit}"
                )
            return extent, chain(read, table.rows)
    if unnamed and read:
        raise problems.refusal(
            read[0][0],
            f"`{unnamed[1]}` and `{unnamed[0]}` are 0 or 1 in every row, pixels or fractions of the sides: "
            "if they are pixels, call them `Column` and `Row`",
        )
    return None, iter(read)


def _is_fraction(place: Sequence[str]) -> bool:
    """Whether a place that is not at a corner is in fractions of the sides."""
    values = [finite(cell) for cell in place]
    return all(value is not None and 0 <= value <= 1 for value in values)


def _point(problems: Problems, line: int, place: Sequence[str], extent: Extent | None) -> tuple[int, int] | None:
    """A row and column in the units of their table; None, with the problems noted, where they are none."""
    if extent is None:
        numbers, unit = [whole(cell) for cell in place], "whole number of pixels from 0"
    else:
        numbers, unit = [_parts(cell) for cell in place], "fraction of the image's side, from 0 to 1"
    for what, cell, number in zip(("row", "column"), place, numbers, strict=True):
        if number is None:
            problems.add(line, f"the {what} `{cell[:20]}` is not a {unit}")
    row, column = numbers
    return None if row is None or column is None else (row, column)


def _parts(cell: str) -> int | None:
    value = finite(cell)
    return round(value * _FRACTION_PARTS) if value is not None and 0 <= value <= 1 else None
