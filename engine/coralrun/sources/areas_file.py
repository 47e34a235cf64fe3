"""The areas of the strata: a CSV with one column named after the strata's field, and one called area.

Rule: areas are positive numbers in any one unit, for only their shares count; each stratum stands once. Other columns
are left alone.
"""

from __future__ import annotations

from coralrun.sources.table import Problems, Warn, read_table, unheard
from coralrun.spec.model import Metadata
from coralrun.spec.values import reader_of
from coralrun.values.numerals import finite


def read_areas(label: str, data: bytes, field: str, wanted: Metadata, warn: Warn = unheard) -> dict[str, float]:
    """Read the area of each value of a field, which is read as the images' are (`wanted`); `label` is the file as the
    survey names it.

    Raises InvalidInput with every problem, each at its line.
    """
    problems = Problems(label, warn)
    table = read_table(problems, data, needed={field: (field.casefold(),), "area": ("area",)}, optional={})
    columns = table.columns
    areas: dict[str, float] = {}
    lines: dict[str, int] = {}
    read = reader_of(wanted, field)
    for line, cells in table.rows:
        stratum, area = read(cells[columns[field]]), _area(cells[columns["area"]])
        if not stratum:
            problems.add(line, _without(field, cells[columns[field]]))
        elif stratum in lines:
            problems.add(line, f"`{stratum}` is already on line {lines[stratum]}: each stratum stands once")
        lines.setdefault(stratum, line)
        if area is None:
            problems.add(line, f"the area `{cells[columns['area']][:20]}` is not a number above 0")
        else:
            areas[stratum] = area
    problems.raise_if_any()
    if not areas:
        raise problems.refusal(0, "the file has no areas")
    return areas


def _without(field: str, cell: str) -> str:
    return f'`{cell}` means "not known", and is no {field} (see `metadata.unknown`)' if cell else f"there is no {field}"


def _area(cell: str) -> float | None:
    value = finite(cell)
    return value if value is not None and value > 0 else None
