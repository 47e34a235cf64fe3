"""Points that a person brings: a CSV of image name, row and column, as CoralNet exports and imports it.

Rule: rows and columns are whole pixels from 0, counted from the top left; nothing is rounded. The order of each
image's points is that of the file, and repeated points stay. All other columns are left alone.
"""

from __future__ import annotations

from array import array

from coralrun.plan.points_table import PackedPoints, PointsTable
from coralrun.sources.table import Problems, read_table, whole
from coralrun.spec.model import Reading

_NEEDED = {
    "Name": ("name", "image_name", "image name", "image", "filename", "file_name", "img_name"),
    "Row": ("row",),
    "Column": ("column", "col"),
}


def read_points(label: str, data: bytes, reading: Reading | None = None) -> PointsTable:
    """Read a points file; `label` is the file as the survey names it.

    Raises InvalidInput with every problem, each at its line.
    """
    problems = Problems(label)
    table = read_table(problems, data, needed=_NEEDED, optional={}, reading=reading)
    name_at, row_at, column_at = table.columns["Name"], table.columns["Row"], table.columns["Column"]
    packed: dict[str, PackedPoints] = {}
    for line, cells in table.rows:
        name, row, column = cells[name_at], whole(cells[row_at]), whole(cells[column_at])
        if not name:
            problems.add(line, "there is no image name")
        if row is None:
            problems.add(line, f"the row `{cells[row_at][:20]}` is not a whole number of pixels from 0")
        if column is None:
            problems.add(line, f"the column `{cells[column_at][:20]}` is not a whole number of pixels from 0")
        if not name or row is None or column is None:
            continue
        points = packed.get(name)
        if points is None:
            points = packed[name] = PackedPoints(array("i"), array("i"), array("i"))
        points.rows.append(row)
        points.columns.append(column)
        points.lines.append(line)
    problems.raise_if_any()
    if not packed:
        raise problems.refusal(0, "the file has no points")
    return PointsTable(label, packed)
