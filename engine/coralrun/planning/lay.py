"""The points of one image of a plan, once its size is known: from its design, or from the person's own file.

Rule: this is the one place that says which points an image gets, so what is previewed, written out, submitted and
credited is the same. Points follow from the plan and the size alone.
"""

from __future__ import annotations

from coralrun.planning.images import PlannedImage, Point, Size
from coralrun.planning.model import Plan
from coralrun.planning.points import check_design_fits, points_of
from coralrun.planning.points_table import in_pixels


class PointsOutside(Exception):
    """The points of a file do not lie on the image as it is."""


class AnotherSize(PointsOutside):
    """The points were laid on an image of another size, so that each would be somewhere else on this one."""


def lay(plan: Plan, image: PlannedImage, size: Size) -> tuple[Point, ...]:
    """The points of an image of this size, in order, none outside it; raises AreaTooSmall or PointsOutside."""
    points = lay_unchecked(plan, image, size)
    if not all(point.row < size.height and point.column < size.width for point in points):
        raise PointsOutside(image.key)
    return points


def check_fits(plan: Plan, image: PlannedImage, size: Size) -> None:
    """Raise what `lay` would: an image may be measured long before its points are needed."""
    design = plan.design_for(image)
    if design is None:
        lay(plan, image, size)
    else:
        check_design_fits(design, size)


def lay_unchecked(plan: Plan, image: PlannedImage, size: Size) -> tuple[Point, ...]:
    """The same for an image that was measured before: pixels of a file are given as they are, whatever `size` says."""
    design = plan.design_for(image)
    if design is not None:
        return points_of(design, image.key, size)
    points = in_pixels(plan.file_points[image.key], plan.extents.get(image.key), size)
    if points is None:
        raise AnotherSize(image.key)
    return points
