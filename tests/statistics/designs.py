"""Intervals of cover by the less usual designs: units by their size, units drawn from a known number of them, and a
group that most samples miss beside others of which there are strays.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from tests.statistics.case import PHOTOS, Case, Limits
from tests.statistics.reefs import (
    PHOTO_EFFECT,
    POINTS,
    SITE_EFFECT,
    Chance,
    Growth,
    Shares,
    expit,
    logit_of,
    mean_of,
    points_seen,
)

from coralrun.cover.estimate import Units, estimate
from coralrun.estimates.two_stages import Drawn

BY_SIZE = "Cover of units by their size"
OF_ONE_SIZE = 10
"""Reefs whose sites have the same sizes: one call of the estimator is one set of weights."""
STRAYS = 0.001
BOTH = float(np.hypot(SITE_EFFECT, PHOTO_EFFECT))


def beside_strays(chance: Chance, reefs: int, growth: Growth, sites: int) -> Limits:
    """Cover of a group, in one table with another of which there are single points here and there."""
    shape = (sites, PHOTOS, reefs)
    seen, strays = points_seen(chance, growth, shape), chance.binomial(POINTS, STRAYS, shape) / POINTS
    lo, hi = _limits(np.concatenate([seen, strays], axis=2), np.ones(sites))
    return Limits(lo[:reefs], hi[:reefs], growth.cover)


def by_size(chance: Chance, reefs: int, cover: float, sites: int, tied: float) -> Limits:
    """Cover of the area of sites whose sizes differ by a standard deviation of 0.7 in logarithms; `tied` is how far the
    logits of cover rise with one such deviation.
    """
    middle = logit_of(cover, BOTH)
    found = []
    for _ in range(reefs // OF_ONE_SIZE):
        size = chance.standard_normal((sites, 1, 1))
        site = tied * size + np.sqrt(SITE_EFFECT**2 - tied**2) * chance.standard_normal((sites, 1, OF_ONE_SIZE))
        logits = middle + site + PHOTO_EFFECT * chance.standard_normal((sites, PHOTOS, OF_ONE_SIZE))
        seen = chance.binomial(POINTS, expit(logits)) / POINTS
        found.append(_limits(seen, np.exp(0.7 * size[:, 0, 0])))
    lo, hi = np.concatenate(found, axis=1)
    return Limits(lo, hi, mean_of(middle + 0.7 * tied, BOTH))  # of area, the sites' sizes lie 0.7 deviations higher


def of_a_number(chance: Chance, reefs: int, cover: float, drawn: tuple[int, int], photos: int = PHOTOS) -> Limits:
    """Cover of so many sites, of which some are `drawn`: the truth is that of these sites, and not of any others."""
    sites, in_all = drawn
    site = logit_of(cover, BOTH) + SITE_EFFECT * chance.standard_normal((in_all, 1, reefs))
    truth = mean_of(site[:, 0], PHOTO_EFFECT).mean(axis=0)
    logits = site[:sites] + PHOTO_EFFECT * chance.standard_normal((sites, photos, reefs))
    seen = chance.binomial(POINTS, expit(logits)) / POINTS
    whole = Drawn(np.array([float(in_all)]), np.full(sites, photos), seen.var(axis=1, ddof=1) / photos)
    return Limits(*_limits(seen, np.ones(sites), whole), truth)


def _limits(seen: Shares, weights: Shares, drawn: Drawn | None = None) -> tuple[Shares, Shares]:
    """By sites, photos and reefs."""
    sites, photos, _ = seen.shape
    points = np.full(sites, photos * POINTS, float)
    units = Units(np.arange(sites), np.zeros(sites, np.int64), seen.mean(axis=1), points, weights)
    found = estimate(units, np.ones(1), ("",), 0, drawn)
    return found.lo, found.hi


def cases() -> Iterator[Case]:
    """All of them."""
    for sites in (6, 10, 25):
        draw = partial(beside_strays, growth=Growth(0.03, at=0.1), sites=sites)
        yield Case("Cover of a group at every tenth site, 3 %, beside one with 0.1 % of strays", f"{sites} sites", draw)
    for sites in (10, 30):
        for cover in (0.3, 0.05, 0.005):
            for tied, words in ((0.0, ""), (0.3, ", more of it where sites are large")):
                case = f"{100 * cover:g} %{words}; {sites} sites"
                yield Case(BY_SIZE, case, partial(by_size, cover=cover, sites=sites, tied=tied))
    for drawn in ((10, 20), (10, 12), (20, 20), (30, 44)):
        for cover in (0.3, 0.05, 0.005):
            case = f"{100 * cover:g} %; {drawn[0]} of {drawn[1]} sites"
            yield Case("Cover of a known number of sites", case, partial(of_a_number, cover=cover, drawn=drawn))
    few = partial(of_a_number, cover=0.3, drawn=(20, 20), photos=2)
    yield Case("Cover of a known number of sites", "30 %, 2 photos at each; 20 of 20 sites", few)
