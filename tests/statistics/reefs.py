"""Reefs drawn from a seed, whose true cover is known, thousands at a time: to hold every kind of interval against.

Every reef has its own mean cover at each site and on each photo; sites, photos and points are drawn from one that is
without end, so the truth is its mean. A column is a reef throughout, because the estimators take a column for a class
and reckon each by itself: a thousand reefs are one call.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Shares = NDArray[np.float64]
Chance = np.random.Generator

SITE_EFFECT, PHOTO_EFFECT = 0.7, 0.5
"""Standard deviations in logits of what grows evenly: half of the sites have between 0.6 and 1.6 times the odds."""
PATCHES, PATCHES_ON_PHOTOS = 12.0, 20.0
"""Sums of the parameters of the beta distributions of what grows in patches: of sites about the reef's mean, and of
photos about their site's. A group of 0.5 % is then missing at most sites."""
ERROR_EFFECT = 0.4
"""The standard deviation in logits of how often a classifier is wrong, between sites."""
POINTS = 25
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(40)


class Growth(NamedTuple):
    """How a group grows: its mean `cover`, the share of the sites where it grows at all, and whether in patches."""

    cover: float
    at: float = 1.0
    patchy: bool = False


class Machine(NamedTuple):
    """How often a classifier finds the group where it is, and takes something else for it (`at` some of the sites)."""

    finds: float
    takes: float
    at: float = 1.0

    def bias(self, cover: float) -> float:
        """How far the machine's cover is from the truth."""
        return cover * self.finds + (1 - cover) * self.takes - cover


def photos(chance: Chance, growth: Growth, shape: tuple[int, int, int]) -> Shares:
    """The cover of photos, by site, photo and reef."""
    sites, _, reefs = shape
    if growth.patchy:
        mean = chance.beta(PATCHES * growth.cover, PATCHES * (1 - growth.cover), (sites, 1, reefs))
        parameters = np.maximum(PATCHES_ON_PHOTOS * np.broadcast_to(mean, shape), 1e-9)
        drawn: Shares = chance.beta(parameters, np.maximum(PATCHES_ON_PHOTOS - parameters, 1e-9))
        return drawn
    middle = logit_of(growth.cover / growth.at, float(np.hypot(SITE_EFFECT, PHOTO_EFFECT)))
    logits = middle + SITE_EFFECT * chance.standard_normal((sites, 1, reefs))
    logits = logits + PHOTO_EFFECT * chance.standard_normal(shape)
    return expit(logits) * (chance.random((sites, 1, reefs)) < growth.at)


def points_seen(chance: Chance, growth: Growth, shape: tuple[int, int, int]) -> Shares:
    """The share of a group among the points of each photo, by site, photo and reef."""
    drawn: Shares = chance.binomial(POINTS, photos(chance, growth, shape)) / POINTS
    return drawn


class Audited(NamedTuple):
    """By site and reef: what the machine says of all photos; on those reviewed, what both say, and what only one does.

    Sites that nobody reviewed are NaN in the last four. `reviewed` counts the points that were, by site.
    """

    machine: Shares
    human: Shares
    said: Shares
    missed: Shares
    added: Shares
    reviewed: NDArray[np.int64]


def audited(
    chance: Chance, growth: Growth, machine: Machine, shape: tuple[int, int, int], photos_reviewed: int
) -> Audited:
    """An audit spread over the sites; of single photos at some sites where there are fewer photos than sites."""
    sites, n_photos, reefs = shape
    true = chance.binomial(POINTS, photos(chance, growth, shape))
    miss = _rate(chance, 1 - machine.finds, 1.0, sites, reefs)
    take = _rate(chance, machine.takes, machine.at, sites, reefs)
    missed, added = chance.binomial(true, np.broadcast_to(miss, shape)), chance.binomial(POINTS - true, take)
    fewest, more = divmod(photos_reviewed, sites)
    reviewed = fewest + (np.arange(sites) < more)
    here = np.arange(n_photos)[None, :, None] < reviewed[:, None, None]
    points = np.where(reviewed > 0, reviewed * POINTS, 1)[:, None]

    def share(counts: NDArray[np.int64]) -> Shares:
        return np.where(reviewed[:, None] > 0, (counts * here).sum(axis=1) / points, np.nan)

    said = true - missed + added
    return Audited(said.mean(axis=1) / POINTS, share(true), share(said), share(missed), share(added), reviewed * POINTS)


class Called(NamedTuple):
    """Of one reef, by site: the points that the machine calls the group and what people call them (`taken` are those
    that they do not), and the points that it calls something else, of which people call `missed` the group."""

    found: NDArray[np.int64]
    taken: NDArray[np.int64]
    missed: NDArray[np.int64]
    others: NDArray[np.int64]


def called(chance: Chance, growth: Growth, machine: Machine, sites: int, n_photos: int) -> Called:
    """All points of one reef, as machine and people call them."""
    shape = (sites, n_photos, 1)
    true = chance.binomial(POINTS, photos(chance, growth, shape))
    miss = _rate(chance, 1 - machine.finds, 1.0, sites, 1)
    take = _rate(chance, machine.takes, machine.at, sites, 1)
    missed, added = chance.binomial(true, np.broadcast_to(miss, shape)), chance.binomial(POINTS - true, take)
    sums = (each.sum(axis=(1, 2)) for each in (true - missed, added, missed, POINTS - true - added))
    return Called(*sums)


def _rate(chance: Chance, mean: float, at: float, sites: int, reefs: int) -> Shares:
    """How often a mistake is made, by site (and photo: the same) and reef."""
    if mean in {0, 1}:
        return np.full((sites, 1, reefs), mean)
    logits = logit_of(mean / at, ERROR_EFFECT) + ERROR_EFFECT * chance.standard_normal((sites, 1, reefs))
    return expit(logits) * (chance.random((sites, 1, reefs)) < at)


def expit(logits: Shares) -> Shares:
    """Shares of logits."""
    found: Shares = 1 / (1 + np.exp(-logits))
    return found


def logit_of(mean: float, spread: float) -> float:
    """Where normal logits with this standard deviation have to lie, that their shares have this mean."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if mean_of(middle, spread) < mean else (low, middle)
    return middle


def mean_of(middle: ArrayLike, spread: float) -> Any:
    """The mean of the shares of normal logits about a middle, or about each of many, with this standard deviation."""
    return expit(np.asarray(middle)[..., None] + spread * _NODES) @ _WEIGHTS / _WEIGHTS.sum()
