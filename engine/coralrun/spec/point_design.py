"""A design of points: how they are laid on every image.

Rule: as in `model`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from coralrun.files.field_types import Count, Number, Positive


class Method(StrEnum):
    """CoralNet's point designs, in its own words."""

    SIMPLE_RANDOM = "simple random"
    STRATIFIED_RANDOM = "stratified random"
    UNIFORM_GRID = "uniform grid"


class AreaUnit(StrEnum):
    """What the bounds of an annotation area are counted in."""

    PERCENT = "percent"
    PIXELS = "pixels"


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnotationArea:
    """The part of an image that points may lie in, both ends included; all of it by default."""

    unit: AreaUnit = AreaUnit.PERCENT
    x: tuple[Number, Number] = (0, 100)
    y: tuple[Number, Number] = (0, 100)


@dataclass(frozen=True, kw_only=True, slots=True)
class PointDesign:
    """How points are laid on an image; `number_of_points` for simple random, cells for the other two.

    `border` keeps points so many pixels away from every edge; `no_duplicates` draws a place again that is taken.
    """

    method: Method
    number_of_points: Count = 0
    cell_rows: Count = 0
    cell_columns: Count = 0
    points_per_cell: Positive = 1
    annotation_area: AnnotationArea = field(default_factory=AnnotationArea)
    border: Count = 0
    no_duplicates: bool = False
    seed: int = 0

    @property
    def points_per_image(self) -> int:
        """How many points every image gets; never rounded."""
        if self.method is Method.SIMPLE_RANDOM:
            return self.number_of_points
        if self.method is Method.UNIFORM_GRID:
            return self.cell_rows * self.cell_columns
        return self.cell_rows * self.cell_columns * self.points_per_cell
