"""Tables of text, cut into cells: by commas, tabs, semicolons or blanks, as the header shows.

Rule: what separates the cells is what stands in the header most often, outside quotation marks; blanks do where
nothing else is there and the header is quoted, or has three words or more, as R's `write.table` writes it. Where the
comma separates nothing, 12,5 is a number: in columns of nothing but numbers, once one of them can be nothing else
(1,234 might be a thousand). Such a cell leaves here as 12.5. A quotation mark opens a cell after blanks too: hand-made
tables have `a.jpg, "Reef, north"`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from coralrun.errors import InvalidInput, Problem
from coralrun.values.unknown import known_number

Record = tuple[int, list[str]]
"""A row's number, from 1, and its cells."""


@dataclass(frozen=True, slots=True)
class Separated:
    """A text cut at `separator`: its rows, and the columns in which the comma is a decimal mark, as a point here."""

    rows: Iterator[Record]
    separator: str
    decimal: frozenset[int] = frozenset()


BLANK = " "
_MARKS = (",", "\t", ";")  # the last is what a spreadsheet writes where the comma is the decimal mark
_SAID = re.compile(r"\"?sep=([,;\t|])\"?[\r\n]")
_BEGINNING_CHARS = 100_000
_LEAST_WORDS = 3
_WORD = re.compile(r'"[^"]*"|[^\s"]+')
_QUOTED_WORDS = re.compile(r'\s*"[^"]*"(\s+"[^"]*")+\s*')
_QUOTED_AFTER_BLANKS = re.compile(r"(^|[,;\t]) +\"", re.MULTILINE)
_DIGITS_AND_COMMA = re.compile(r"[0-9],[0-9]")
_NUMBER = re.compile(r"[-+]?[0-9]+(,[0-9]+)?")
_THOUSANDS = re.compile(r"[-+]?[1-9][0-9]{0,2},[0-9]{3}")


def cut(label: str, text: str, separator: str | None) -> Separated:
    """Cut a text into its rows that are not empty, the header first; `separator` is None to look for it.

    The rows raise InvalidInput at the line that cannot be read.
    """
    mark = separator or _separator_of(text)
    if mark == BLANK:
        text = text.replace('\\"', '""')  # as R doubles a quotation mark
    rows = _rows(label, text, mark)
    if mark == "," or _DIGITS_AND_COMMA.search(text) is None:
        return Separated(rows, mark)
    decimal = _decimal_columns(_rows(label, text, mark))
    return Separated(_with_points(rows, decimal) if decimal else rows, mark, decimal)


def _separator_of(text: str) -> str:
    """What separates the cells: what the line before the header says, as Excel has it, or what the header shows."""
    said = _SAID.match(text)
    if said is not None:
        return said[1]
    header = _header_of(text[:_BEGINNING_CHARS])
    outside = "".join(header.split('"')[::2])
    mark = max(_MARKS, key=outside.count)
    if mark in outside:
        return mark
    words = len(_WORD.findall(header))
    return BLANK if words >= _LEAST_WORDS or _QUOTED_WORDS.fullmatch(header) else mark


def _header_of(beginning: str) -> str:
    """The first line with anything on it, and those after it as long as a quotation mark is open: a heading may have
    several lines.
    """
    header = ""
    for line in beginning.splitlines(keepends=True):
        header += line if header or line.strip() else ""
        if header and header.count('"') % 2 == 0:
            break
    return header


def _rows(label: str, text: str, mark: str) -> Iterator[Record]:
    # Not io.StringIO, which takes four bytes for each character of a table that may have a hundred million.
    lines = io.TextIOWrapper(io.BytesIO(text.encode("utf-8", "surrogatepass")), "utf-8", "surrogatepass", newline="")
    skips = mark == BLANK or (' "' in text and _QUOTED_AFTER_BLANKS.search(text) is not None)
    reader = csv.reader(lines, delimiter=mark, strict=True, skipinitialspace=skips)
    if _SAID.match(text):
        next(reader)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            message = f"the line cannot be read as CSV ({error}): is a quotation mark left open, or not doubled?"
            raise InvalidInput([Problem(label, line, 0, message)]) from error
        if cells is None:
            return
        while mark == BLANK and cells and not cells[-1].strip():
            cells.pop()
        if any(cell.strip() for cell in cells):
            yield line, cells


def _decimal_columns(rows: Iterator[Record]) -> frozenset[int]:
    """The columns of nothing but numbers with commas in them; none where they all might be thousands."""
    with_comma: set[int] = set()
    other: set[int] = set()
    certain: set[int] = set()
    try:
        next(rows, None)
        for _, cells in rows:
            for place, cell in enumerate(map(str.strip, cells)):
                if place in other or not known_number(cell):
                    continue
                if _NUMBER.fullmatch(cell) is None:
                    other.add(place)
                elif "," in cell:
                    with_comma.add(place)
                    if _THOUSANDS.fullmatch(cell) is None:
                        certain.add(place)
    except InvalidInput:
        return frozenset()  # whoever reads the rows comes upon it
    return frozenset(with_comma - other) if certain - other else frozenset()


def _with_points(rows: Iterator[Record], decimal: frozenset[int]) -> Iterator[Record]:
    header = next(rows, None)
    if header is not None:
        yield header
    for line, cells in rows:
        yield line, [cell.replace(",", ".") if place in decimal else cell for place, cell in enumerate(cells)]
