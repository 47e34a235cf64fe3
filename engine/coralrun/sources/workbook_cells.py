"""The cells of a workbook, read in a process of its own: `python -m coralrun.sources.workbook_cells [SHEET]`.

Rule: the library lays a sheet out in memory up to its furthest cell. One stray cell may be half a terabyte away, and
the library then ends its process: so it gets one, with bounded memory. A workbook comes in by standard input. Lines of
JSON go out: first what is in it, or why it cannot be read, then a row's number and its cells, as the values that they
show. A formula is what it came to when saved; an error, such as #DIV/0!, is an empty cell.
"""

from __future__ import annotations

import importlib.util
import io
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from coralrun.sources.cell_text import text_of

MOST_BYTES = 4 * 1024**3  # ours: a sheet of a million rows and a hundred columns at 32 bytes a cell, and room
MOST_TEXT_BYTES = 1_000_000_000  # as much as a workbook may unpack to: one long text may stand in a million cells
_DIGITS = 15  # what a spreadsheet shows of a number; the rest is the noise of its arithmetic
PASSWORD, NO_SHEET, UNREADABLE = "password", "no sheet", "unreadable"


def main(wanted: str | None) -> None:
    """Read the workbook of standard input; `wanted` is the name of a sheet, None for the first that is shown."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        shown = _shown(book)
        name = _chosen(book.sheet_names, shown, wanted)
        if name is None:
            _say({"refused": NO_SHEET, "sheets": book.sheet_names})
            return
        sheet = book.get_sheet_by_name(name)
        others = [other for other in shown if other != name and book.get_sheet_by_name(other).height]
        _say({"sheet": name, "others": others})
        written_bytes = 0
        for number, cells in _rows(sheet):
            written_bytes += _say([number, cells])
            if written_bytes > MOST_TEXT_BYTES:
                sys.exit("the text of the cells is too long")
    except PasswordError:
        _say({"refused": PASSWORD})
    except CalamineError:
        _say({"refused": UNREADABLE})


def _shown(book: Any) -> list[str]:
    """The sheets of cells that a person sees; all of them, where none is seen."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    tables = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    return [sheet.name for sheet in tables if sheet.visible == SheetVisibleEnum.Visible] or [s.name for s in tables]


def _chosen(names: list[str], shown: list[str], wanted: str | None) -> str | None:
    if wanted is None:
        return next(iter(shown), None)
    alike = [name for name in names if name.strip().casefold() == wanted.strip().casefold()]
    return wanted if wanted in names else alike[0] if len(alike) == 1 else None


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows with anything in them, without the empty cells at their ends."""
    if sheet.start is None:
        return
    before = [""] * sheet.start[1]
    merged = _Merged(sheet.merged_cell_ranges or [])
    for number, values in enumerate(sheet.iter_rows(), start=1):
        cells = [*before, *(text_of(_as_shown(value)) for value in values)]
        merged.fill(number - 1, cells)
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, cells


def _as_shown(value: object) -> object:
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value


class _Merged:
    """Cells that were joined over several rows: each of these rows shows the value, and the first alone holds it."""

    def __init__(self, ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
        self._starts: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for (first, column), (last, _) in ranges:
            if last > first:
                self._starts[first].append((column, last))
        self._open: dict[int, tuple[int, str]] = {}

    def fill(self, row: int, cells: list[str]) -> None:
        """Give the joined cells of a row, from 0, their value."""
        self._open = {column: (last, text) for column, (last, text) in self._open.items() if row <= last}
        for column, (_, text) in self._open.items():
            if column < len(cells) and not cells[column]:
                cells[column] = text
        for column, last in self._starts.get(row, ()):
            if column < len(cells):
                self._open[column] = (last, cells[column])


def _say(value: object) -> int:
    """Write one line; returns its length."""
    return sys.stdout.write(json.dumps(value, ensure_ascii=True) + "\n")


def _bound_memory() -> None:
    if importlib.util.find_spec("resource") is not None:  # Windows has none
        import resource

        most = resource.getrlimit(resource.RLIMIT_AS)[1]
        bound = MOST_BYTES if most == resource.RLIM_INFINITY else min(MOST_BYTES, most)
        resource.setrlimit(resource.RLIMIT_AS, (bound, most))


if __name__ == "__main__":
    _bound_memory()
    main(sys.argv[1] if len(sys.argv) > 1 else None)
