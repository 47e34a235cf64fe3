"""Where the rows and the columns of points stand in a table.

Rule: both come from one pair of headings, for a table may have two: `Row` beside `X` and `Y` numbers its lines, or the
cells of a grid. Of two whole pairs the first of `_PAIRS` is read, which is said; the survey can name the other. Places
that are called otherwise than `Row` and `Column`, and that nobody named, are said with their unit, and must tell it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from coralrun.sources.reading import ByOption, how_to_say
from coralrun.sources.table import Problems, Table, heading_of
from coralrun.spec.model import Reading

_PAIRS: Final = (("row", ("column", "col")), ("y", ("x",)), ("point.y", ("point.x",)))

NEEDED: Final[Mapping[str, Sequence[str]]] = {
    "Row": tuple(row for row, _ in _PAIRS),
    "Column": tuple(column for _, columns in _PAIRS for column in columns),
}
"""The headings of both, for `read_table`."""


def places(problems: Problems, table: Table, reading: Reading | None = None) -> tuple[int, int]:
    """Where the row and the column stand in the rows of a table; `reading` is what the survey says of them."""
    named: Mapping[str, str] = {} if reading is None else reading.columns
    usual = table.columns["Row"], table.columns["Column"]
    if {"row", "column"} & named.keys():
        return usual
    at = {heading.casefold(): place for place, heading in reversed(list(enumerate(table.header)))}
    pairs = [(at[row], at[column]) for row, columns in _PAIRS for column in columns if row in at and column in at]
    if len(pairs) > 1:
        (row, column), (other_row, other_column), *_ = ([table.header[place] for place in pair] for pair in pairs)
        problems.warn(
            f"{problems.label}: points are read from `{row}` and `{column}`, and not from `{other_row}` and "
            f"`{other_column}`{_other_pair(reading, other_row, other_column)}"
        )
    return pairs[0] if pairs else usual


def unnamed(table: Table, at: Sequence[int], reading: Reading | None) -> tuple[str, ...]:
    """The headings of rows and columns, where these are called `y` and `x` and nobody said that they are places."""
    if reading is not None and {"row", "column"} & reading.columns.keys():
        return ()
    headings = tuple(table.header[place] for place in at)
    return headings if {"x", "y"} & {*map(heading_of, headings)} else ()


def _other_pair(reading: Reading | None, row: str, column: str) -> str:
    """What reads the other pair, as a clause."""
    if reading is None:
        return ""
    if isinstance(reading, ByOption):
        return (
            f", which {how_to_say(reading, 'columns.row', row)} {how_to_say(reading, 'columns.column', column)} reads"
        )
    return f", which `columns: {{row: {row}, column: {column}}}` reads"
