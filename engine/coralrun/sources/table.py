"""A table that a person brings: which column is which, and its rows one after the other.

Rule: a file is read to its end and every problem is gathered with its line, so that a person mends them in one go; a
file that cannot be cut into cells at all stops at the line where that shows. Columns go by their usual names in any
case and with any mark between the words, or by the name that the survey gives them. Lines count from 1, as an editor
shows them, and a record stands on the line on which it begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

from coralrun.errors import InvalidInput, Problem
from coralrun.sources.records import Record, records
from coralrun.spec.model import Reading

_WHOLE = re.compile(r"[0-9]{1,9}(\.0*)?")  # spreadsheets and pandas write whole numbers as 12.0; 9 digits fit 32 bits

_BETWEEN_WORDS = re.compile(r"[ ._]+")
_MANGLED = re.compile(r"^(\ufeff|ï\.\.|ï»¿|x\.u\.feff\.)")
"""What becomes of a byte order mark in programs that do not know it, and so of the first heading."""

Headings = Mapping[str, Sequence[str]]
"""The headings that a column goes by, best first, in lower case."""


NAME_HEADINGS = (
    *("name", "image_name", "image name", "filename", "file_name", "file name", "img_name", "image"),
    *("point.media.key", "media_key", "key"),
)
"""What a column of image names is called: in CoralNet's tables, in those of its tools, and in Squidle's."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table cut into cells: its header as written, where each known column stands, and its rows.

    Rows have their line and as many cells as the header, without those that are empty; one that is wider than the
    header is noted as a problem and passed over.
    """

    header: tuple[str, ...]
    columns: Mapping[str, int]
    rows: Iterator[Record]


class Problems:
    """What is wrong in one file of the user's, gathered. `label` is the file as the user named it."""

    def __init__(self, label: str) -> None:
        self.label = label
        self._found: list[Problem] = []

    def add(self, line: int, message: str) -> None:
        """Note one problem."""
        self._found.append(Problem(self.label, line, 0, message))

    def raise_if_any(self) -> None:
        """Raise InvalidInput with every problem noted so far, if there is one."""
        if self._found:
            raise InvalidInput(self._found)

    def refusal(self, line: int, message: str) -> InvalidInput:
        """The error for a problem after which the file cannot be read on, with all those before it."""
        return InvalidInput([*self._found, Problem(self.label, line, 0, message)])

    def with_others(self, last: InvalidInput) -> InvalidInput:
        """An error that ended the reading, with every problem noted before it."""
        return InvalidInput([*self._found, *last.problems], remedy=last.remedy)


def read_table(
    problems: Problems, data: bytes, needed: Headings, optional: Headings, reading: Reading | None = None
) -> Table:
    """Open a table; `reading` is what the survey says of how it is to be read, None where a survey cannot say.

    Raises InvalidInput where a needed column is not there.
    """
    rows = records(problems.label, data, None if reading is None else reading.encoding)
    try:
        line, header = next(rows, (0, []))
        first = next(rows, None)
    except InvalidInput as error:
        raise problems.with_others(error) from error
    if not header:
        raise problems.refusal(0, f"the file is empty: it needs a header with {', '.join(needed)}")
    if first is not None:
        header = ["", *header] if _has_row_names(header, first[1]) else header
        rows = chain([first], rows)
    columns = _columns(problems, line, header, {**needed, **optional}, frozenset(needed), reading)
    return Table(tuple(header), columns, _rows(problems, rows, len(header)))


def _has_row_names(header: Sequence[str], first: Sequence[str]) -> bool:
    """Whether R wrote its row names, 1 and so on, as a first column without a heading, as `write.table` does."""
    return len(first) == len(header) + 1 and first[0] == "1"


def whole(cell: str) -> int | None:
    """A whole number from 0, also one written as 12.0; None for anything else."""
    if cell.isascii() and cell.isdigit() and len(cell) <= 9:
        return int(cell)
    return int(float(cell)) if _WHOLE.fullmatch(cell) else None


def _rows(problems: Problems, rows: Iterator[Record], width: int) -> Iterator[Record]:
    try:
        for line, cells in rows:
            if any(cells[width:]):
                problems.add(line, f"{len(cells)} cells, where the header has {width}: quote a name with a comma in it")
            else:
                yield line, cells[:width] + [""] * (width - len(cells))
    except InvalidInput as error:
        raise problems.with_others(error) from error


def _columns(
    problems: Problems,
    line: int,
    header: Sequence[str],
    known: Headings,
    needed: frozenset[str],
    reading: Reading | None,
) -> dict[str, int]:
    named = {} if reading is None else dict(reading.columns)
    headings = [_MANGLED.sub("", heading.lstrip("#").strip().casefold()) for heading in header]
    places: dict[str, int] = {}
    for column, aliases in known.items():
        own = named.get(column.casefold())
        there = [alias for alias in ((own.casefold(),) if own else aliases) if alias in headings]
        if not there and not own:
            there = [heading for alias in aliases for heading in headings if _loose(heading) == _loose(alias)]
        if there and headings.count(there[0]) > 1:
            raise problems.refusal(line, f"the header has `{there[0]}` twice: keep one of the two columns")
        if there:
            places[column] = headings.index(there[0])
        elif own:
            raise problems.refusal(line, f"there is no column `{own}`, which the survey names: {found(header)}")
        elif column in needed:
            missing = _missing(column, header, sorted(needed, key=list(known).index))
            hint = f"; a column of another name is named in the survey: `columns: {{{column.casefold()}: ...}}`"
            raise problems.refusal(line, missing + ("" if reading is None else hint))
    return places


@cache
def _loose(heading: str) -> str:
    """A heading whatever stands between its words: R writes `Image name` as `Image.name`."""
    return _BETWEEN_WORDS.sub(" ", heading)


def _missing(column: str, header: Sequence[str], needed: Sequence[str]) -> str:
    return f"there is no column `{column}`: the header needs {', '.join(needed)}; {found(header)}"


def found(header: Sequence[str]) -> str:
    """What a message says of the header that is there."""
    return "it has " + ", ".join(heading or "(no heading)" for heading in header)
