"""Whether an image has no point that it did not have in an earlier plan, without laying any.

Rule: told from what the points follow from, so that it is known before anything is sent and no result is read. Where
neither a design nor a file tells it, as of points in a file that a design laid before, all are taken for new.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Plan
from coralrun.spec.point_design import Method, PointDesign


def has_no_new_point(plan: Plan, image: PlannedImage, before: Plan, then: PlannedImage) -> bool:
    """Whether each point of an image is one that the same picture, under the same key and of the same size, had in the
    plan `before`, as the image `then`."""
    design, earlier = plan.design_for(image), before.design_for(then)
    if design is not None and earlier is not None:
        return lays_no_other(design, earlier)
    if design is not None or earlier is not None or plan.extents.get(image.key) != before.extents.get(then.key):
        return False
    return Counter(plan.file_points[image.key]) <= Counter(before.file_points[then.key])


def lays_no_other(design: PointDesign, earlier: PointDesign) -> bool:
    """Whether a design lays the points of an earlier one, or some of them alone, on any image.

    Simple random points are drawn one after the other, so fewer of them are the first that were drawn.
    """
    is_fewer = design.method is Method.SIMPLE_RANDOM and design.number_of_points < earlier.number_of_points
    return design == (replace(earlier, number_of_points=design.number_of_points) if is_fewer else earlier)
