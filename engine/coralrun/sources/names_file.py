"""A list of image names for `names_from`: plain text, one name a line, or a table of one column.

Rule: a line is a name as it stands, commas and quotation marks included; only blanks around it are removed, and lines
with nothing on them are passed over. A first line that is the heading of such a list, Name for one, is no name; where
it is quoted the names are too, and so they are where every line is. A table of several columns is refused: its lines
would be names that no image has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from coralrun.errors import InvalidInput, Problem
from coralrun.sources.records import cells_of, has_reader, refuse_others
from coralrun.sources.table import NAME_HEADINGS, Warn, sheets_read, unheard
from coralrun.sources.text import decoded
from coralrun.values.addresses import as_name

_LINE_END = re.compile(r"\r\n|\n|\r")  # and no other that Unicode knows: those may stand in a name
_CELL_END = re.compile(r"[,;\t]")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


def read_names(label: str, data: bytes, warn: Warn = unheard) -> tuple[str, ...]:
    """The names of a list, each once, in its order; InvalidInput where it is no list, or no text in UTF-8."""
    if has_reader(label):
        return _of_table(label, data, warn)
    refuse_others(label, data)
    lines = [line.strip() for line in _LINE_END.split(decoded(label, data))]
    names = [line for line in lines if line]
    headings = _CELL_END.split(names[0]) if names else []
    if any(_is_heading(cell) for cell in headings):
        if len([cell for cell in headings if cell.strip()]) > 1:
            raise _several(label, 1, names[0])
        quoted = _QUOTED.fullmatch(names[0]) is not None
        names = [_unquoted(name) if quoted else name for name in names[1:]]
    elif all(_QUOTED.fullmatch(name) for name in names):
        names = [_unquoted(name) for name in names]
    return _each_once(names)


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(as_name, names)))


def _of_table(label: str, data: bytes, warn: Warn) -> tuple[str, ...]:
    """The names of a table of one column, with a heading or without."""
    cells = cells_of(label, data)
    names: list[str] = []
    for line, row in cells.rows:
        filled = [cell for cell in row if cell]
        if len(filled) > 1:
            raise _several(label, line, ", ".join(filled))
        names += filled
    note = sheets_read(cells, None)
    if note:
        warn(f"{label}: {note}")
    return _each_once(names[1:] if names and _is_heading(names[0]) else names)


def _is_heading(cell: str) -> bool:
    return cell.strip(' "#').casefold() in NAME_HEADINGS


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"').strip() if _QUOTED.fullmatch(name) else name


def _several(label: str, line: int, row: str) -> InvalidInput:
    message = f"the line `{row[:60]}` is that of a table: keep the names alone, one a line"
    return InvalidInput([Problem(label, line, 0, message)])
