"""How often people and machine say the same, as a share of the survey's points, with its interval.

Rule: it is estimated as cover is, with agreement for a class: points weigh one over the probability with which they
were chosen, units are what tells how certain it is, and strata are joined by their areas. Without a design unit there
is a share and no interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.accuracy.bias import Weighed
from coralrun.accuracy.chosen import Chances
from coralrun.accuracy.truth import in_sample
from coralrun.cover.estimate import Units, estimate
from coralrun.estimates.placed import placed
from coralrun.planning.model import Analysis, Plan
from coralrun.review.reviewed import ReviewedPoint


class Agreement(NamedTuple):
    """A share from 0 to 1 with its 95 % interval; NaN where not known. `in_sample` says whether the classifier may have
    been trained on what judges it."""

    share: float
    lo: float = nan
    hi: float = nan
    in_sample: bool = False


def agreement(agrees: NDArray[np.bool_], points: Weighed) -> Agreement:
    """That of some points, by whether the two agree on each."""
    where, (known, by_cell) = points.where, points.cells()
    weights = [points.weight[rows] for rows in by_cell]
    shares = [float(w @ agrees[rows] / w.sum()) for w, rows in zip(weights, by_cell, strict=True)]
    present, stratum = np.unique(known[:, 0], return_inverse=True)
    if where.areas is None and len(present) > 1:
        return Agreement(nan)
    areas = np.ones(1) if where.areas is None else where.areas[present] / where.areas[present].sum()
    units = Units(
        number=known[:, 1],
        stratum=stratum.ravel(),
        shares=np.array(shares)[:, None],
        points=np.array([w.sum() ** 2 / (w**2).sum() for w in weights]),
        weight=np.array([points.of_unit[rows[0]] for rows in by_cell]),
    )
    found = estimate(units, areas, [where.strata[stratum] for stratum in present], len(agrees))
    if where.unit_fields is None:
        return Agreement(float(found.mean[0]))
    return Agreement(float(found.mean[0]), float(found.lo[0]), float(found.hi[0]))


def agreement_of_audit(plan: Plan, analysis: Analysis, audited: Sequence[ReviewedPoint]) -> Agreement:
    """That of the points of a random audit."""
    where = placed(plan, analysis)
    drawn = [(point, point.drawn) for point in audited if point.drawn is not None and not where.nameless[point.image]]
    if not drawn:
        return Agreement(nan)
    chances = Chances(
        np.array([draw.inclusion or 1.0 for _, draw in drawn]),
        np.array([draw.unit_inclusion or 1.0 for _, draw in drawn]),
    )
    points = Weighed.of([point.image for point, _ in drawn], chances, where)
    found = agreement(np.array([point.agrees for point, _ in drawn]), points)
    return found._replace(in_sample=any(in_sample(plan, point.image) is not None for point, _ in drawn))
