"""Why points do not go with an image as large as it is, with the numbers that show it.

Rule: a reason alone sends its reader to look for what is wrong; the sizes, or the first points too far, say it.
"""

from __future__ import annotations

from coralrun.machine.reasons import TEXTS, Reason
from coralrun.planning.check_points import outside
from coralrun.planning.frames import fit_otherwise, laid_on
from coralrun.planning.images import Extent, PlannedImage, Size
from coralrun.planning.lay import lay_unchecked
from coralrun.planning.model import Plan
from coralrun.planning.points_table import PointsTable

_TOLD = 3


def describe_mismatch(reason: Reason, plan: Plan, image: PlannedImage, size: Size) -> str:
    """A reason in words, with what of an image of this size makes it one."""
    return f"{TEXTS[reason]}: {_shown(reason, plan, image, size)}"


def _shown(reason: Reason, plan: Plan, image: PlannedImage, size: Size) -> str:
    if reason is not Reason.POINT_OUTSIDE:
        return _sizes(size, plan.extents.get(image.key))
    points = lay_unchecked(plan, image, size)
    found = list(outside(points, size))
    why = fit_otherwise(points, size)
    more = f" and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    first = (f"{what}{_written(plan, image, index)}, where {last} is the last" for index, what, last in found[:_TOLD])
    return "; ".join(first) + more + (f": {why}" if why else "")


def _sizes(size: Size, extent: Extent | None) -> str:
    """An image's size in words, and the one that its points were laid on, where they are for one size."""
    text = f"{size.width} x {size.height} pixels"
    if extent is None:
        return text
    was = laid_on(extent, size)
    unit = "" if was.unit == "pixels" else f" {was.unit}"
    return f"{text} instead of {was.sides}{unit}{was.note}{was.turned}"


def _written(plan: Plan, image: PlannedImage, index: int) -> str:
    """Where a point was written, in brackets; "" where that is not known, as in a plan that was saved."""
    table = plan.file_points
    line = table.line(image.key, index) if isinstance(table, PointsTable) else 0
    return f" ({table.file(image.key)}:{line})" if isinstance(table, PointsTable) and line else ""
