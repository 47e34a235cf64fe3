"""How far the machine's cover is from people's at each design unit: where a classifier fails, not only how much.

Rule: of one unit there are shares and no interval, because its photos and points are not drawn independently. What is
said of the survey is `bias`, which is made of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coralrun.accuracy.comparison import Compared, Pair, compare
from coralrun.accuracy.sides import Sides
from coralrun.accuracy.weighed import Weighed, weighed_audit
from coralrun.estimates.placed import placed
from coralrun.estimates.rounding import less
from coralrun.estimates.units import units_of
from coralrun.planning.model import Plan
from coralrun.review.reviewed import Reviews


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitBias:
    """One unit (what of it lies in one stratum) and class: the cover of both sides in shares, NaN where not known; with
    the labelled images and points of the unit, and the share of these on which both sides agree."""

    stratum: str
    unit: str
    images: int
    points: int
    agreement: float
    name: str
    human: float
    machine: float

    @property
    def bias(self) -> float:
        """Machine minus people."""
        return float(less(self.machine, self.human))


def bias_by_unit(
    compared: Compared, seen: Sequence[int], agrees: NDArray[np.bool_], points: Weighed, units: Mapping[int, str]
) -> Iterator[UnitBias]:
    """That of the classes `seen`, unit by unit; `units` names the unit of each image."""
    known, of_row = points.cells()
    sides, _ = Sides.of(compared, of_row, points.weight)
    for row, at in enumerate(of_row):
        weights = points.weight[at]
        for which in seen:
            yield UnitBias(
                stratum=points.where.strata[known[row, 0]],
                unit=units[int(points.images[at[0]])],
                images=len(np.unique(points.images[at])),
                points=len(at),
                agreement=float(weights @ agrees[at] / weights.sum()),
                name=compared.names[which],
                human=float(sides.human[row, which]),
                machine=float(sides.machine[row, which]),
            )


def bias_by_unit_of_audit(
    plan: Plan, reviews: Reviews, there: NDArray[np.float64], grouping: str
) -> tuple[UnitBias, ...]:
    """That of the points of a random audit under one grouping; nothing where the survey names no design unit. `there`
    is how many points with a result each image has.

    Raises UsageError where a person's label is in no group.
    """
    units = units_of(plan)
    drawn, points = weighed_audit(reviews, placed(plan, plan.analysis), there)
    if units is None or not drawn:
        return ()
    pairs = [Pair(point.image, point.human, point.machine) for point in drawn]
    compared = next(each for each in compare(pairs, plan.analysis) if each.grouping == grouping)
    return tuple(bias_by_unit(compared, compared.seen, compared.agrees, points, units))
