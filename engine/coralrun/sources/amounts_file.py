"""How much each place of a design is: a table with the area of each stratum, or with what each unit weighs.

Rule: amounts are positive numbers in any one unit, for only their shares count; each place stands once, in columns that
are named after the fields of the design. Other columns are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from coralrun.planning.model import UnitWeights
from coralrun.sources.table import Problems, Table, Warn, read_table, unheard
from coralrun.spec.model import Metadata
from coralrun.spec.values import reader_of
from coralrun.values.numerals import finite
from coralrun.values.places import place_of

_AREA: Final = "area"
_WEIGHT: Final = "weight"
_WEIGHTS: Final = (_WEIGHT, _AREA, "length")
"""What a column of weights may be called; the others say what the weight is."""


def read_areas(label: str, data: bytes, field: str, wanted: Metadata, warn: Warn = unheard) -> dict[str, float]:
    """Read the area of each value of a field, which is read as the images' are (`wanted`); `label` is the file as the
    survey names it.

    Raises InvalidInput with every problem, each at its line.
    """
    problems = Problems(label, warn)
    table = read_table(problems, data, needed={field: (field.casefold(),), _AREA: (_AREA,)}, optional={})
    return _amounts(problems, table, (field,), wanted, ("stratum", _AREA))


def read_weights(label: str, data: bytes, fields: Sequence[str], wanted: Metadata, warn: Warn = unheard) -> UnitWeights:
    """Read what each unit weighs, which is known by some `fields`; parameters and errors as of `read_areas`."""
    problems = Problems(label, warn)
    of_fields = {field: (field.casefold(),) for field in fields}
    table = read_table(problems, data, needed={**of_fields, _WEIGHT: _WEIGHTS}, optional={})
    there = [heading for heading in map(str.casefold, table.header) if heading in _WEIGHTS]
    if len(there) > 1 and _WEIGHT not in there:
        raise problems.refusal(1, f"the header has {' and '.join(map(_quoted, there))}: call what counts `{_WEIGHT}`")
    what = there[0] if len(there) == 1 else _WEIGHT
    return UnitWeights(what, _amounts(problems, table, fields, wanted, (fields[-1], what), _WEIGHT))


def _amounts(
    problems: Problems,
    table: Table,
    fields: Sequence[str],
    wanted: Metadata,
    words: tuple[str, str],
    column: str = _AREA,
) -> dict[str, float]:
    """The amount of each place; `words` are what a place and its amount are called, `column` is that of the amounts."""
    place_word, amount_word = words
    amounts: dict[str, float] = {}
    lines: dict[str, int] = {}
    readers = [(field, table.columns[field], reader_of(wanted, field)) for field in fields]
    for line, cells in table.rows:
        values = [(field, cells[at], read(cells[at])) for field, at, read in readers]
        for field, cell, value in values:
            if not value:
                problems.add(line, _without(field, cell))
        place, amount = place_of([value for _, _, value in values]), _amount(cells[table.columns[column]])
        if place and place in lines:
            problems.add(line, f"`{place}` is already on line {lines[place]}: each {place_word} stands once")
        lines.setdefault(place, line)
        if amount is None:
            said = cells[table.columns[column]][:20]
            problems.add(line, f"the {amount_word} `{said}` is not a number above 0")
        else:
            amounts[place] = amount
    problems.raise_if_any()
    if not amounts:
        raise problems.refusal(0, f"the file has no {amount_word}s")
    return amounts


def _without(field: str, cell: str) -> str:
    return f'`{cell}` means "not known", and is no {field} (see `metadata.unknown`)' if cell else f"there is no {field}"


def _amount(cell: str) -> float | None:
    value = finite(cell)
    return value if value is not None and value > 0 else None


def _quoted(text: str) -> str:
    return f"`{text}`"
