"""Points that a person brings, in one file or many, packed image by image; labels and all other columns are left alone.

Rule: how a file is read stands in `point_rows`. An image's points all stand in one file.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping

from coralrun.errors import InvalidInput, Problem
from coralrun.planning.points_table import PackedPoints, PointsTable
from coralrun.sources.alike import Alike
from coralrun.sources.point_rows import open_points
from coralrun.sources.table import Problems, Warn, unheard
from coralrun.spec.model import Reading

_PERCENT_LEAST = 20  # points; of fewer it may be chance that all lie in a corner
_AS_PERCENT = (
    "no row or column is above 100, so all points lie in the top left corner, for they count pixels; "
    "if they are percent, write fractions of the sides: 0.5 for 50 %"
)
_AMONG_OTHERS = "Correct the lines named above; where other files are in the folder, name the tables alone: `{}/*.csv`."


def read_points(
    label: str, files: Mapping[str, bytes], reading: Reading | None = None, warn: Warn = unheard
) -> PointsTable:
    """Read files of points; `label` is what the survey names, `files` what it stands for, each by its own name.

    Raises InvalidInput with every problem of every file, each at its line.
    """
    reading = reading or Reading()
    packed: dict[str, PackedPoints] = {}
    origins: dict[str, str] = {}
    paths: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    alike = Alike(warn)
    for file, data in files.items():
        try:
            images, of_file = _read(Problems(file, alike.of(file)), data, reading)
        except InvalidInput as error:
            problems += error.problems
            continue
        for name in images:
            if name in packed:
                problems.append(
                    Problem(file, 0, 0, f"`{name}` has points in {origins[name]} too: give each image one file")
                )
        packed |= images
        origins |= dict.fromkeys(images, file)
        if of_file:
            paths[file] = of_file
    if not problems and not packed:
        problems = [Problem(label, 0, 0, "there are no points in it")]
    if problems:
        among = len(files) > 1 and "*" not in label
        raise InvalidInput(problems, remedy=_AMONG_OTHERS.format(label) if among else None)
    alike.tell()
    return PointsTable(label, packed, origins if len(files) > 1 else None, paths)


def _read(problems: Problems, data: bytes, reading: Reading) -> tuple[dict[str, PackedPoints], tuple[str, ...]]:
    """The points of a file by image; where it is of one image, by the file, and the paths that the image may have."""
    opened = open_points(problems, data, reading)
    packed: dict[str, PackedPoints] = {}
    for point in opened.rows:
        name = point.name or problems.label
        points = packed.setdefault(name, PackedPoints(array("i"), array("i"), array("i"), opened.extent))
        points.rows.append(point.row)
        points.columns.append(point.column)
        points.lines.append(point.line)
    problems.raise_if_any()
    if not packed:
        raise problems.refusal(0, "the file has no points")
    if opened.extent is None and _may_be_percent(packed.values()):
        problems.warn(f"{problems.label}: {_AS_PERCENT}")
    return packed, opened.paths


def _may_be_percent(images: Collection[PackedPoints]) -> bool:
    """Whether whole numbers look like percent of the sides: many, none above 100, and some beyond the middle."""
    if sum(len(points.rows) for points in images) < _PERCENT_LEAST:
        return False
    sides = ([max(points.rows) for points in images], [max(points.columns) for points in images])
    return all(50 < max(furthest) <= 100 for furthest in sides)
