"""Why points do not go with an image as large as it is, with the numbers that show it.

Rule: a reason alone sends its reader to look for what is wrong; the sizes, or the first points too far, say it.
"""

from __future__ import annotations

from coralrun.machine.reasons import TEXTS, Reason
from coralrun.plan.check_points import outside
from coralrun.plan.lay import lay_unchecked, sizes_told
from coralrun.plan.model import Plan, PlannedImage, Size
from coralrun.plan.points_table import PointsTable

_TOLD = 3


def told(reason: Reason, plan: Plan, image: PlannedImage, size: Size) -> str:
    """A reason in words, with what of an image of this size makes it one."""
    return f"{TEXTS[reason]}: {_shown(reason, plan, image, size)}"


def _shown(reason: Reason, plan: Plan, image: PlannedImage, size: Size) -> str:
    if reason is not Reason.POINT_OUTSIDE:
        return sizes_told(size, plan.extents.get(image.key))
    found = list(outside(lay_unchecked(plan, image, size), size))
    more = f" and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    first = (f"{what}{_written(plan, image, index)}, where {last} is the last" for index, what, last in found[:_TOLD])
    return "; ".join(first) + more


def _written(plan: Plan, image: PlannedImage, index: int) -> str:
    """Where a point was written, in brackets; "" where that is not known, as in a plan that was saved."""
    table = plan.file_points
    line = table.line(image.key, index) if isinstance(table, PointsTable) else 0
    return f" ({table.file(image.key)}:{line})" if isinstance(table, PointsTable) and line else ""
