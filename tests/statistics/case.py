"""One kind of interval in one place, tried on drawn reefs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from tests.statistics.reefs import Shares

PHOTOS = 8
"""At each site, where nothing else is said."""


class Limits(NamedTuple):
    """Of many reefs, and what they should hold."""

    lo: Shares
    hi: Shares
    truth: float | Shares


@dataclass(frozen=True)
class Held:
    """Percent of the reefs whose interval holds the truth, lies above it, lies below it; the median width."""

    held: float
    above: float
    below: float
    width: float


@dataclass(frozen=True)
class Case:
    """One kind of interval in one place."""

    section: str
    words: str
    draw: Callable[[np.random.Generator, int], Limits]

    def held(self, reefs: int, seed: int = 1) -> Held:
        """On so many reefs."""
        lo, hi, truth = self.draw(np.random.default_rng(seed), reefs)
        holds, above, below = (
            float(100 * where.mean()) for where in ((lo <= truth) & (truth <= hi), lo > truth, hi < truth)
        )
        return Held(holds, above, below, float(100 * np.median(hi - lo)))
