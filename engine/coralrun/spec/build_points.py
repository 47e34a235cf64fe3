"""How the points of a survey are laid, and how a person's tables are read: from checked mappings, and back again.

Rule: as in `build`: what is written out gives the same again, and holds nothing that is as usual.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coralrun.spec.grid import cells_for
from coralrun.spec.model import (
    FROM_CORALNET,
    AnnotationArea,
    AreaUnit,
    CoralNetPoints,
    Method,
    PointDesign,
    PointsFile,
    Reading,
)
from coralrun.spec.revisit import Revisit, build_revisit, revisit_out


def build_points(value: Mapping[str, Any]) -> PointDesign | PointsFile | CoralNetPoints | Revisit:
    """How points are laid: a design, the person's own, those that the sources have, or an earlier run's."""
    if "revisit" in value:
        return build_revisit(value["revisit"])
    if value.get("from") == FROM_CORALNET:
        return CoralNetPoints()
    return (
        PointsFile(path=value["from"], reading=build_reading(value)) if "from" in value else build_point_design(value)
    )


def build_point_design(value: Mapping[str, Any]) -> PointDesign:
    """A point design, with its shorthand worked out."""
    method = Method(value["method"])
    common: dict[str, Any] = {
        "method": method,
        "annotation_area": _area(value.get("annotation_area", {})),
        "border": int(value.get("border", 0)),
        "no_duplicates": value.get("no_duplicates", False),
        "seed": int(value.get("seed", 0)),
    }
    if method is Method.SIMPLE_RANDOM:
        count = int(value["points"] if "points" in value else value["number_of_points"])
        return PointDesign(number_of_points=count, **common)
    cells = cells_for(int(value["points"])) if "points" in value else (value["cell_rows"], value["cell_columns"])
    if cells is None:
        raise ValueError("a number of points that the rules refuse")
    return PointDesign(
        cell_rows=int(cells[0]),
        cell_columns=int(cells[1]),
        points_per_cell=int(value.get("points_per_cell", 1)),
        **common,
    )


def points_out(points: PointDesign | PointsFile | CoralNetPoints | Revisit) -> dict[str, Any]:
    """The canonical form of how points are laid."""
    if isinstance(points, Revisit):
        return {"revisit": revisit_out(points)}
    if isinstance(points, CoralNetPoints):
        return {"from": FROM_CORALNET}
    if isinstance(points, PointsFile):
        return {"from": points.path, **reading_out(points.reading)}
    if points.method is Method.SIMPLE_RANDOM:
        count = {"number_of_points": points.number_of_points}
    else:
        count = {
            "cell_rows": points.cell_rows,
            "cell_columns": points.cell_columns,
            "points_per_cell": points.points_per_cell,
        }
    area = points.annotation_area
    return {
        "method": points.method.value,
        **count,
        "annotation_area": {"unit": area.unit.value, "x": list(area.x), "y": list(area.y)},
        **present(border=points.border or None, no_duplicates=points.no_duplicates or None),
        "seed": points.seed,
    }


def _area(value: Mapping[str, Any]) -> AnnotationArea:
    (x_low, x_high), (y_low, y_high) = value.get("x", (0, 100)), value.get("y", (0, 100))
    return AnnotationArea(
        unit=AreaUnit(value.get("unit", AreaUnit.PERCENT)),
        x=(as_written(x_low), as_written(x_high)),
        y=(as_written(y_low), as_written(y_high)),
    )


def as_written(value: float) -> float:
    """A number as it is written: 5.0 and 5 are one number, and JSON would tell them apart."""
    return int(value) if value == int(value) else value


def build_reading(value: Mapping[str, Any]) -> Reading:
    """How the table of a mapping is read."""
    return Reading(
        encoding=value.get("encoding", "utf-8"),
        sheet=value.get("sheet"),
        columns=tuple(sorted(value.get("columns", {}).items())),
    )


def reading_out(reading: Reading) -> dict[str, Any]:
    """How a table is read, where that is not as usual."""
    return present(
        encoding=None if reading.encoding == "utf-8" else reading.encoding,
        sheet=reading.sheet,
        columns=dict(reading.columns) or None,
    )


def present(**values: object) -> dict[str, Any]:
    """The values that are set."""
    return {key: value for key, value in values.items() if value is not None}
