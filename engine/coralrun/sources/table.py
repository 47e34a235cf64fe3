"""CSV as people have it: any case in the header, a BOM, any line ends, quoted newlines, cells left over.

Rule: a file is read to its end and every problem is gathered with its line, so that a person mends them in one go; a
file that cannot be cut into cells at all stops at the line where that shows. Cells come with surrounding blanks
removed. Lines count from 1, as an editor shows them, and a record stands on the line on which it begins.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from coralrun.errors import InvalidInput, Problem
from coralrun.plan.compile import MAX_PROBLEMS

_WHOLE = re.compile(r"[0-9]{1,9}(\.0*)?")  # spreadsheets and pandas write whole numbers as 12.0; 9 digits fit 32 bits

Headings = Mapping[str, Sequence[str]]
"""The headings that a column goes by, best first, in lower case."""


class Problems:
    """What is wrong in one file of the user's, gathered. `label` is the file as the user named it."""

    def __init__(self, label: str) -> None:
        self.label = label
        self._found: list[Problem] = []
        self._more = 0

    def add(self, line: int, message: str) -> None:
        """Note one problem; after the first hundred they are only counted."""
        if len(self._found) < MAX_PROBLEMS:
            self._found.append(Problem(self.label, line, 0, message))
        else:
            self._more += 1

    def raise_if_any(self) -> None:
        """Raise InvalidInput with every problem noted so far, if there is one."""
        if self._more:
            self._found.append(Problem(self.label, 0, 0, f"and {self._more} more problems like these"))
        if self._found:
            raise InvalidInput(self._found)

    def refusal(self, line: int, message: str) -> InvalidInput:
        """The error for a problem after which the file cannot be read on, with all those before it."""
        return InvalidInput([*self._found, Problem(self.label, line, 0, message)])


def decoded(label: str, data: bytes) -> str:
    """The text of a file in UTF-8, with or without a BOM; InvalidInput names the line that is not."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = data[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        message = "this is not UTF-8 text: save the file as UTF-8 (in Excel: `CSV UTF-8 (Comma delimited)`)"
        raise Problems(label).refusal(start.count(b"\n") + 1, message) from error
    if "\0" in text:
        message = "there is a NUL character: save the file as CSV in UTF-8"
        before = text[: text.index("\0")].replace("\r\n", "\n").replace("\r", "\n")
        raise Problems(label).refusal(before.count("\n") + 1, message)
    return text


def read_table(
    problems: Problems, data: bytes, needed: Headings, optional: Headings
) -> tuple[dict[str, int], Iterator[tuple[int, list[str]]]]:
    """Cut a CSV file into where each column stands and its rows, each with its line and as wide as the header.

    Rows without any content are passed over; one that is wider than the header is noted and passed over.
    """
    records = _records(problems, data)
    header_line, header = next(records, (0, []))
    if not header:
        raise problems.refusal(0, f"the file is empty: it needs a header with {', '.join(needed)}")
    return _columns(problems, header_line, header, needed, optional), _rows(problems, records, len(header))


def whole(cell: str) -> int | None:
    """A whole number from 0, also one written as 12.0; None for anything else."""
    if cell.isascii() and cell.isdigit() and len(cell) <= 9:
        return int(cell)
    return int(float(cell)) if _WHOLE.fullmatch(cell) else None


def _records(problems: Problems, data: bytes) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(decoded(problems.label, data), newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            message = f"the line cannot be read as CSV ({error}): is a quotation mark left open, or not doubled?"
            raise problems.refusal(line, message) from error
        if cells is None:
            return
        cells = [cell.strip() for cell in cells]
        if any(cells):
            yield line, cells


def _rows(problems: Problems, records: Iterator[tuple[int, list[str]]], width: int) -> Iterator[tuple[int, list[str]]]:
    for line, cells in records:
        if any(cells[width:]):
            problems.add(line, f"{len(cells)} cells, where the header has {width}: quote a name with a comma in it")
        else:
            yield line, cells + [""] * (width - len(cells))


def _columns(
    problems: Problems, line: int, header: Sequence[str], needed: Headings, optional: Headings
) -> dict[str, int]:
    headings = [heading.casefold() for heading in header]
    places: dict[str, int] = {}
    for column, aliases in {**needed, **optional}.items():
        there = [alias for alias in aliases if alias in headings]
        if there and headings.count(there[0]) > 1:
            raise problems.refusal(line, f"the header has `{there[0]}` twice: keep one of the two columns")
        if there:
            places[column] = headings.index(there[0])
        elif column in needed:
            raise problems.refusal(line, _missing(column, header, needed))
    return places


def _missing(column: str, header: Sequence[str], needed: Headings) -> str:
    found = ", ".join(heading or "(no heading)" for heading in header)
    message = f"there is no column `{column}`: the header needs {', '.join(needed)}; it has {found}"
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        message += "; columns must be separated by commas"
    return message
