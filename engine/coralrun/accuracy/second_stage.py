"""How a unit's own corrected cover varies between its photos, where it is known of how many units these were drawn.

Rule: with a of its M photos reviewed, and v_h and v_d the variances of people's cover and of what people find more than
the machine between the a,

    v = v_h a / M + v_d (1 - a / M)

Where an audit is in parts, each is a sample of its own: v_d (1 - a / M) is the sum of those of the parts (Cochran 1977,
Sampling Techniques, section 5.6), and one that is reviewed as a whole adds nothing. A photo that stands for others
without a second one of its part says nothing of how these differ, however many the other parts have. v_h takes the
photos of all parts together; where these stand for differently many it is too large rather than too small.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.estimates.two_stages import LEAST_PHOTOS, between_photos

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]


class Photos(NamedTuple):
    """Reviewed photos: the `row` of units and the `part` of it that each is in; and how many photos each part has that
    take part in cover, by row and part (`used`)."""

    row: Whole
    part: Whole
    used: Whole


class SecondStage(NamedTuple):
    """Of how many units those of a survey were drawn (`in_all`, by the name of the stratum). By row: how many photos
    are `reviewed`, so far as these tell how its photos differ, and the variance of its own corrected cover between
    them (`within`), by class; 0 in the rows that nobody reviewed."""

    in_all: Mapping[str, float]
    reviewed: Whole
    within: Numbers

    @classmethod
    def of(cls, in_all: Mapping[str, float], photos: Photos, human: Numbers, difference: Numbers) -> SecondStage:
        """That of some photos, by what each adds to its row's share of people's cover and of what people find more."""
        n_rows, n_parts = photos.used.shape
        reviewed, of_people = between_photos(human, photos.row, n_rows)
        counts, apart = between_photos(difference, photos.row * n_parts + photos.part, n_rows * n_parts)
        counts, apart = counts.reshape(n_rows, n_parts), apart.reshape(n_rows, n_parts, -1)
        left = 1 - counts / np.maximum(photos.used, 1)
        share = reviewed / np.maximum(photos.used.sum(axis=1), 1)
        within = of_people * share[:, None] + (apart * left[..., None]).sum(axis=1)
        is_sample = (counts > 0) & (left > 0)
        free = ((counts - 1) * is_sample).sum(axis=1) + 1
        lonely = (is_sample & (counts < LEAST_PHOTOS)).any(axis=1)
        tells = np.where(lonely, LEAST_PHOTOS - 1, np.where(is_sample.any(axis=1), free, reviewed))
        return cls(in_all, tells, within)

    def rows(self, which: NDArray[np.bool_]) -> SecondStage:
        """Those of some of the rows."""
        return SecondStage(self.in_all, self.reviewed[which], self.within[which])
