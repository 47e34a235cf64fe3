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

from coralrun.accuracy.chosen import Chances
from coralrun.accuracy.truth import in_sample
from coralrun.accuracy.weighed import Laid, Weighed
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


def agreement(agrees: NDArray[np.bool_], laid: Laid) -> Agreement:
    """That of some points, by whether the two agree on each."""
    found = laid.estimate(agrees[:, None])
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
    laid = Laid.of(Weighed.of([point.image for point, _ in drawn], chances, where))
    found = agreement(np.array([point.agrees for point, _ in drawn]), laid)
    return found._replace(in_sample=any(in_sample(plan, point.image) is not None for point, _ in drawn))
