"""How often people and machine say the same, as a share of the survey's points, with its interval.

Rule: it is estimated as cover is, with agreement for a class: points weigh one over the probability with which they
were chosen, units are what tells how certain it is, and strata are joined by their areas. Without a design unit there
is a share and no interval.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.accuracy.truth import in_sample
from coralrun.accuracy.weighed import Laid, weighed_audit
from coralrun.estimates.placed import placed
from coralrun.planning.model import Plan
from coralrun.review.reviewed import ReviewedPoint, Reviews


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


def agreement_of_audit(
    plan: Plan, reviews: Reviews, there: NDArray[np.float64], untrained: Collection[int] = ()
) -> Agreement:
    """That of the points of a random audit; images that are `untrained` did not train the classifier, and `there` is
    how many points with a result each image has. It is not known where the audit tells nothing of some images."""
    drawn, points = weighed_audit(reviews, placed(plan, plan.analysis), there)
    found = Agreement(nan)
    if drawn:
        found = agreement(np.array([point.agrees for point in drawn]), Laid.of(points))
    return found._replace(in_sample=may_have_trained(plan, reviews.audited, untrained))


def may_have_trained(plan: Plan, reviewed: Sequence[ReviewedPoint], untrained: Collection[int] = ()) -> bool:
    """Whether the classifier may have been trained on any image of these points but those `untrained`."""
    images = {point.image for point in reviewed} - {*untrained}
    return any(in_sample(plan, image) is not None for image in images)
