"""A table that a person brings: which column is which, and its rows one after the other.

Rule: a file is read to its end and every problem is gathered with its line, so that a person mends them in one go; a
file that cannot be cut into cells at all stops at the line where that shows. Columns go by their usual names in any
case and with any mark between the words, or by the name that the survey gives them. Lines count from 1, as an editor
shows them, and a record stands on the line on which it begins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import chain

from coralrun.errors import InvalidInput, Problem
from coralrun.sources.lacking import NO_HINTS, OneOf, found, key_of, lacking
from coralrun.sources.programs import Program, program_of
from coralrun.sources.reading import how_to_say, named_by
from coralrun.sources.records import Cells, cells_of
from coralrun.sources.separated import BLANK, Record
from coralrun.sources.workbook import cell_name
from coralrun.spec.model import Reading

_SHOWN_CHARS = 40
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
    header is noted as a problem and passed over. So is a line of text that other lines are shorter than, and that is
    wider by empty cells alone: a mark that nobody quoted has moved its cells to the right. `sheets_left` are those of a
    workbook that were not read; `trimmed` is as in `Cells`.
    """

    header: tuple[str, ...]
    columns: Mapping[str, int]
    rows: Iterator[Record]
    trimmed: Mapping[int, int]
    sheets_left: tuple[str, ...] = ()


Warn = Callable[[str], None]
"""Takes what the owner of a file should know of how it was read."""


def unheard(_: str) -> None:
    """Drops a warning: it was given when the table was read before."""


class Problems:
    """What is wrong in one file of the user's, gathered. `label` is the file as the user named it."""

    def __init__(self, label: str, warn: Warn = unheard) -> None:
        self.label = label
        self.warn = warn
        self._found: list[Problem] = []

    def add(self, line: int, message: str) -> None:
        """Note one problem."""
        self._found.append(Problem(self.label, line, 0, message))

    def raise_if_any(self) -> None:
        """Raise InvalidInput with every problem noted so far, in the order of the lines, if there is one."""
        if self._found:
            raise InvalidInput(sorted(self._found, key=lambda problem: problem.line))

    def refusal(self, line: int, message: str) -> InvalidInput:
        """The error for a problem after which the file cannot be read on, with all those before it."""
        return InvalidInput([*self._found, Problem(self.label, line, 0, message)])

    def with_others(self, last: InvalidInput) -> InvalidInput:
        """An error that ended the reading, with every problem noted before it."""
        return InvalidInput([*self._found, *last.problems], remedy=last.remedy)


class NoSuchColumn(InvalidInput):
    """A table has none of the headings that somebody gave for some of our `columns`: the last problems, one of each."""

    def __init__(self, problems: Iterable[Problem], columns: Sequence[str]) -> None:
        super().__init__(problems)
        self.columns = tuple(map(key_of, columns))

    @property
    def by_column(self) -> Iterator[tuple[str, Problem]]:
        """Each of the columns with what is said of it."""
        return zip(self.columns, self.problems[-len(self.columns) :], strict=True)


def read_table(
    problems: Problems,
    data: bytes,
    needed: Headings,
    optional: Headings,
    reading: Reading | None = None,
    *,
    of_points: bool = False,
    one_of: Sequence[OneOf] = (),
    hints: Mapping[str, str] = NO_HINTS,
) -> Table:
    """Open a table; `reading` is what a person says of how it is to be read, None where nobody can. One `of_points`
    may be of another program, which puts its places and labels otherwise (see `programs`).

    Raises InvalidInput, which names all of them, where columns that are `needed`, or all `one_of` some, are not there;
    `hints` are what else helps with one that is needed.
    """
    try:
        cells = cells_of(problems.label, data, reading)
        line, header = next(cells.rows, (0, []))
        first = next(cells.rows, None)
    except InvalidInput as error:
        raise problems.with_others(error) from error
    sheets = sheets_read(cells, reading)
    if not header:
        with_these = f" with {', '.join(needed)}" if needed else ""
        raise problems.refusal(0, f"the file is empty: it needs a header{with_these}")
    rows = cells.rows
    if first is not None:
        header = ["", *header] if _has_row_names(header, first[1], cells) else header
        rows = chain([first], rows)
    headings = [heading_of(heading) for heading in header]
    program = program_of(headings) if of_points else None
    try:
        columns = _columns(problems, line, header, {**needed, **optional}, reading, program)
        _refuse(problems, line, lacking(header, columns, tuple(needed), one_of, reading, hints))
    except InvalidInput as error:
        raise _with_sheets(error, sheets) from error
    for note in (sheets, _of_commas(cells, header)):
        if note:
            problems.warn(f"{problems.label}: {note}")
    sheets_left = () if cells.sheet is None else cells.sheet.others
    found = _rows(problems, rows, len(header), cells)
    if program is not None:
        found = program.rows(headings, found, partial(_tell_others, problems, program))
        header = [*header, *program.made.values()]
    return Table(tuple(header), columns, found, cells.trimmed, sheets_left)


def _tell_others(problems: Problems, program: Program, others: int, points: int) -> None:
    """Say which rows of another program's table are no points; where none is one, that is a problem."""
    said = f"rows of {program.name} that are {program.others}, not points"
    if points:
        problems.warn(f"{problems.label}: {said}, are left out: {others:,}")
    else:
        problems.add(0, f"there are only {said}: {others:,}")


def sheets_read(cells: Cells, reading: Reading | None) -> str:
    """Which sheet of several is read, "" where there is one or somebody said which; `reading` as in `read_table`."""
    sheet = cells.sheet
    if sheet is None or not sheet.others or (reading is not None and reading.sheet is not None):
        return ""
    others = ", ".join(f"`{other}`" for other in sheet.others)
    say = how_to_say(reading, "sheet", sheet.others[0])
    another = f"{say} chooses another" if say else "move another to the front"
    return f"of its sheets `{sheet.name}` is read, and not {others}; {another}"


def _with_sheets(error: InvalidInput, note: str) -> InvalidInput:
    """An error of a header, and which sheet it is of: the table may be on another."""
    *others, last = error.problems
    told = [*others, replace(last, message=f"{last.message}; {note}" if note else last.message)]
    return NoSuchColumn(told, error.columns) if isinstance(error, NoSuchColumn) else InvalidInput(told)


def _of_commas(cells: Cells, header: Sequence[str]) -> str:
    """Where a comma is read as a decimal mark."""
    if cells.text is None or not cells.text.decimal:
        return ""
    columns = ", ".join(f"`{header[place]}`" for place in sorted(cells.text.decimal) if place < len(header))
    return f"the comma is a decimal mark in {columns}: 1,5 is 1.5"


def _has_row_names(header: Sequence[str], first: Sequence[str], cells: Cells) -> bool:
    """Whether R wrote its row names, 1 and so on, as a first column without a heading, as `write.table` does."""
    by_blanks = cells.text is not None and cells.text.separator == BLANK  # of part of a table R keeps its old numbers
    return len(first) == len(header) + 1 and (first[0] == "1" or (by_blanks and first[0].isdigit()))


_MARKS = {",": "comma", ";": "semicolon", "\t": "tab", BLANK: "blank"}


def _rows(problems: Problems, rows: Iterator[Record], width: int, table: Cells) -> Iterator[Record]:
    wider: list[tuple[int, int]] = []
    narrower = False
    try:
        for line, cells in rows:
            if any(cells[width:]):
                problems.add(line, _too_wide(line, cells, width, table))
                continue
            if len(cells) > width and table.text is not None:
                wider.append((line, len(cells)))
            else:
                narrower = True
            yield line, cells[:width] + [""] * (width - len(cells))
    except InvalidInput as error:
        raise problems.with_others(error) from error
    if narrower:  # where every row ends in a mark too many, nothing has moved
        for line, count in wider:
            problems.add(line, f"{_too_many(count, width, table)}, or take the one at the end away")


def _too_wide(line: int, cells: Sequence[str], width: int, table: Cells) -> str:
    """What is wrong with a row that goes on beyond the header."""
    if table.sheet is None:
        return _too_many(len(cells), width, table)
    place = next(place for place in range(width, len(cells)) if cells[place])
    remedy = "give it one, or clear the cell"
    return f"cell {cell_name(line, place)} (`{cells[place][:_SHOWN_CHARS]}`) has no heading above it: {remedy}"


def _too_many(count: int, width: int, table: Cells) -> str:
    mark = _MARKS.get(table.text.separator if table.text else "", "mark between cells")
    return f"{count} cells, where the header has {width}: quote a name with a {mark} in it"


def _columns(
    problems: Problems,
    line: int,
    header: Sequence[str],
    known: Headings,
    reading: Reading | None,
    program: Program | None,
) -> dict[str, int]:
    named: Mapping[str, str] = {} if reading is None else reading.columns
    headings = [heading_of(heading) for heading in header]
    of_program = {} if program is None else program.places(headings)
    places: dict[str, int] = {}
    missing: dict[str, str] = {}
    for column, aliases in known.items():
        own = " ".join(named.get(key_of(column), "").split())
        if not own and column in of_program:
            places[column] = of_program[column]
            continue
        if not own and program is not None and column in program.not_ours:
            continue
        there = [alias for alias in ((own.casefold(),) if own else aliases) if alias in headings]
        if not there and not own:
            there = [heading for alias in aliases for heading in headings if _loose(heading) == _loose(alias)]
        if there and headings.count(there[0]) > 1:
            raise problems.refusal(line, f"the header has `{there[0]}` twice: keep one of the two columns")
        if there:
            places[column] = headings.index(there[0])
        elif own:
            missing[column] = f"there is no column `{own}`, which {named_by(reading, 'columns')} names: {found(header)}"
    if missing:
        told = [problems.refusal(line, message).problems for message in missing.values()]
        raise NoSuchColumn([*told[0][:-1], *(each[-1] for each in told)], tuple(missing))
    return places


def _refuse(problems: Problems, line: int, messages: Sequence[str]) -> None:
    """Raise InvalidInput where there is something to be said of a header."""
    for message in messages[:-1]:
        problems.add(line, message)
    if messages:
        raise problems.refusal(line, messages[-1])


def heading_of(heading: str) -> str:
    """A heading as it is compared."""
    return _MANGLED.sub("", heading.lstrip("#").strip().casefold())


@cache
def _loose(heading: str) -> str:
    """A heading whatever stands between its words: R writes `Image name` as `Image.name`."""
    return _BETWEEN_WORDS.sub(" ", heading)
