"""What the points of a survey must be beyond its schema: sums, cells, and what else may not stand beside them.

Rule: as in `rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from coralrun.service.terms import ServiceTerms
from coralrun.spec.findings import Finding
from coralrun.spec.grid import MAX_RATIO, cells_for, nearest_that_work
from coralrun.spec.model import FROM_CORALNET
from coralrun.spec.point_design import Method
from coralrun.spec.revisit import fields_that_match


def of_points(terms: ServiceTerms | None, points: Mapping[str, Any]) -> Iterator[Finding]:
    """What one way to lay points must be, whether it is the survey's or one source's."""
    yield from fields_that_match(points)
    for key in ("encoding", "sheet", "columns"):
        if key in points and points.get("from") == FROM_CORALNET:
            message = f"`{key}` belongs to a table of points, and `from: coralnet` reads none of yours"
            yield Finding((key,), f"{message} (a file of that name is `./coralnet`)", at_key=True)
    if points.get("method") == Method.SIMPLE_RANDOM:
        return
    if "points" in points:
        yield from _shorthand(int(points["points"]), None if terms is None else terms.points_per_image)
    if "cell_rows" not in points or "cell_columns" not in points:
        return
    rows, columns = int(points["cell_rows"]), int(points["cell_columns"])
    per_cell = int(points.get("points_per_cell", 1))
    total = rows * columns * per_cell
    if terms is not None and terms.points_per_image is not None and total > terms.points_per_image:
        product = f"{rows} rows x {columns} columns" + (f" x {per_cell} points" if per_cell > 1 else "")
        message = f"{product} = {total} points an image, and {terms.name} takes at most {terms.points_per_image}"
        yield Finding(("cell_rows",), message, at_key=True)


def _shorthand(count: int, most: int | None) -> Iterator[Finding]:
    if cells_for(count) is None:
        nearest = " and ".join(str(number) for number in nearest_that_work(count, most))
        verb = "works" if " " not in nearest else "work"
        message = (
            f"`points: {count}` cannot be cut into rows x columns of cells no longer than {MAX_RATIO}:1; "
            f"the nearest that {verb}: {nearest} (or give `cell_rows` and `cell_columns`)"
        )
        yield Finding(("points",), message)


def of_area(area: Mapping[str, Any]) -> Iterator[Finding]:
    """What an annotation area must be."""
    for axis in ("x", "y"):
        low, high = area.get(axis, (0, 100))
        if low is not None and high is not None and low >= high:
            yield Finding((axis,), f"`{axis}` must go from a smaller to a larger number, not [{low}, {high}]")


def own_points(terms: ServiceTerms | None, source: Mapping[str, Any]) -> Iterator[Finding]:
    """What one source's own points must be."""
    points = source.get("points", {})
    if "from" in points:
        message = "`from` does not go here: a file of points is the whole survey's, under `sampling.points`"
        yield Finding(("from",), message, at_key=True)
        return
    if "revisit" in points:
        message = "`revisit` does not go here: an earlier run's points are the whole survey's, under `sampling.points`"
        yield Finding(("revisit",), message, at_key=True)
        return
    yield from of_points(terms, points)
    area = points.get("annotation_area", {})
    yield from (Finding(("annotation_area", *f.path), f.message) for f in of_area(area))


def points_of_sources(survey: Mapping[str, Any]) -> Iterator[Finding]:
    """What each source must be where the points are brought, from a file or from the sources themselves."""
    origin = survey.get("sampling", {}).get("points", {}).get("from")
    if origin is None:
        return
    own = origin == FROM_CORALNET
    given = "{from: coralnet}`, which takes the source's own" if own else "{from: ...}`, which says where points are"
    for index, source in enumerate(survey.get("sources", [])):
        for kind in ("manifest", "bucket", "folder") if own else ():
            if source is not None and kind in source:
                message = f"a {kind} has no points of its own, as `sampling.points: {{from: coralnet}}` wants them"
                yield Finding(("sources", index, kind), message, at_key=True)
        if source is not None and "points" in source:
            message = f"`points` does not go with `sampling.points: {given}"
            yield Finding(("sources", index, "points"), message, at_key=True)
