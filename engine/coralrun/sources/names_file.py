"""A list of image names for `names_from`: plain text, one name a line, or a table with a column of names.

Rule: a line is a name as it stands, commas and quotation marks included; only blanks around it are removed, and lines
with nothing on them are passed over. A first line that is the heading of such a list, Name for one, is no name; where
it is quoted the names are too, and so they are where every line is. One with several headings is that of a table, of
which the column of names is read, as of any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from coralrun.errors import InvalidInput, Problem
from coralrun.sources.records import cells_of, has_reader, refuse_others
from coralrun.sources.table import NAME_HEADINGS, Problems, Warn, read_table, sheets_read, unheard
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
            return _of_column(label, data, warn)
        quoted = _QUOTED.fullmatch(names[0]) is not None
        names = [_unquoted(name) if quoted else name for name in names[1:]]
    elif all(_QUOTED.fullmatch(name) for name in names):
        names = [_unquoted(name) for name in names]
    return _each_once(names)


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(as_name, names)))


def _of_table(label: str, data: bytes, warn: Warn) -> tuple[str, ...]:
    """The names of a table of one column, with a heading or without, or of several with a heading."""
    cells = cells_of(label, data)
    names: list[str] = []
    for line, row in cells.rows:
        filled = [cell for cell in row if cell]
        if len(filled) > 1 and not names and any(map(_is_heading, filled)):
            return _of_column(label, data, warn)
        if len(filled) > 1:
            raise _several(label, line, ", ".join(filled))
        names += filled
    note = sheets_read(cells, None)
    if note:
        warn(f"{label}: {note}")
    return _each_once(names[1:] if names and _is_heading(names[0]) else names)


def _of_column(label: str, data: bytes, warn: Warn) -> tuple[str, ...]:
    """The names of a table of several columns, which may have several rows of an image."""
    problems = Problems(label, warn)
    table = read_table(problems, data, needed={"Name": NAME_HEADINGS}, optional={})
    at = table.columns["Name"]
    names = [cells[at] for _, cells in table.rows]
    problems.raise_if_any()
    return _each_once(filter(None, names))


def _is_heading(cell: str) -> bool:
    return cell.strip(' "#').casefold() in NAME_HEADINGS


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"').strip() if _QUOTED.fullmatch(name) else name


def _several(label: str, line: int, row: str) -> InvalidInput:
    message = f"the line `{row[:60]}` is that of a table: give the column of names a heading, such as `Name`"
    return InvalidInput([Problem(label, line, 0, message)])
