"""Intervals of corrected cover and of the classifier's bias, where sites were drawn from a known number of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from tests.statistics.case import PHOTOS, Case, Limits
from tests.statistics.designs import BOTH
from tests.statistics.reefs import (
    ERROR_EFFECT,
    PHOTO_EFFECT,
    POINTS,
    SITE_EFFECT,
    Chance,
    Machine,
    Shares,
    expit,
    logit_of,
    mean_of,
)

from coralrun.accuracy.correction import AuditedUnits, correct
from coralrun.accuracy.photos import PhotoSides
from coralrun.accuracy.second_stage import Photos, SecondStage
from coralrun.accuracy.sides import Sides, difference_limits, errors_of
from coralrun.cover.estimate import Units

SECTION = "Corrected cover of a known number of sites"
OF_BIAS = "Bias of the classifier at a known number of sites"
REVIEWED = 3
"""Photos at each reviewed site."""

Plot = tuple[int, int, int]
"""Sites that are reviewed, of those that are visited, of those that there are."""


def of_a_number(
    chance: Chance, reefs: int, cover: float, machine: Machine, plot: Plot, *, of_bias: bool = False
) -> Limits:
    """Corrected cover, or the bias, of so many sites."""
    audited, sites, in_all = plot
    site = logit_of(cover, BOTH) + SITE_EFFECT * chance.standard_normal((in_all, 1, reefs))
    miss, take = (
        expit(logit_of(mean, ERROR_EFFECT) + ERROR_EFFECT * chance.standard_normal((in_all, 1, reefs)))
        for mean in (1 - machine.finds, machine.takes)
    )
    there = mean_of(site[:, 0], PHOTO_EFFECT)
    logits = site[:sites] + PHOTO_EFFECT * chance.standard_normal((sites, PHOTOS, reefs))
    true = chance.binomial(POINTS, expit(logits))
    missed = chance.binomial(true, np.broadcast_to(miss[:sites], true.shape)) / POINTS
    added = chance.binomial(POINTS - true, np.broadcast_to(take[:sites], true.shape)) / POINTS
    human = true / POINTS
    photos = (human, human - missed + added, missed, added)
    reviewed = [side[:audited, :REVIEWED] for side in photos]
    if of_bias:
        truth = ((1 - there) * take[:, 0] - there * miss[:, 0]).mean(axis=0)
        return Limits(*_bias(reviewed, in_all), truth)
    return Limits(*_corrected(photos[1], reviewed, in_all), there.mean(axis=0))


def _bias(reviewed: list[Shares], in_all: int) -> tuple[Shares, Shares]:
    n, k, _ = reviewed[0].shape
    means = [side.mean(axis=1) for side in reviewed]
    residuals = [(side - side.mean(axis=1, keepdims=True)).reshape(n * k, -1) / k for side in reviewed]
    row = np.repeat(np.arange(n), k)
    photos = PhotoSides(np.array([float(in_all)]), n, row, np.zeros_like(row), np.zeros(n, bool), *residuals)
    place, points = np.arange(n), np.full(n, k * POINTS, float)
    units = Units(place, np.zeros_like(place), means[1] - means[0], points, np.ones(n))
    return difference_limits(units.shares.mean(axis=0), errors_of(Sides(*means), units, np.ones(1), photos))


def _corrected(machine: Shares, reviewed: list[Shares], in_all: int) -> tuple[Shares, Shares]:
    sites, photos, reefs = machine.shape
    n, k, _ = reviewed[0].shape

    def filled(values: Shares, empty: float) -> Shares:
        return np.concatenate([values, np.full((sites - n, reefs), empty)])

    residuals = [(side - side.mean(axis=1, keepdims=True)).reshape(n * k, -1) / k for side in reviewed]
    row = np.repeat(np.arange(n), k)
    here = Photos(row, np.zeros_like(row), np.full((sites, 1), photos))
    stage = SecondStage.of({"": float(in_all)}, here, residuals[0], residuals[0] - residuals[1])
    units = AuditedUnits(
        numbers=np.arange(sites), strata=("",) * sites, machine=machine.mean(axis=1),
        points=np.full(sites, photos * POINTS, float),
        sides=Sides(*(filled(side.mean(axis=1), np.nan) for side in reviewed)),
        reviewed_points=np.where(np.arange(sites) < n, k * POINTS, 0).astype(float), unit_weights=np.ones(sites),
        audit_weights=np.ones(sites), reviewed_share=n * k / (sites * photos), photos=stage,
    )  # fmt: skip
    found = correct(units, {"": 1.0})
    return found.lo, found.hi


IN_PARTS = "Corrected cover of a known number of sites, audited in two parts"
OF_PART = ((3, 3), (5, 2))
"""Of how many photos of each part of a site how many are reviewed."""


def in_parts(chance: Chance, reefs: int, cover: float, machine: Machine, sites: int) -> Limits:
    """Corrected cover of so many sites, all of which are reviewed, in parts."""
    site = logit_of(cover, BOTH) + SITE_EFFECT * chance.standard_normal((sites, 1, reefs))
    logits = site + PHOTO_EFFECT * chance.standard_normal((sites, PHOTOS, reefs))
    true = chance.binomial(POINTS, expit(logits))
    missed = chance.binomial(true, 1 - machine.finds) / POINTS
    added = chance.binomial(POINTS - true, machine.takes) / POINTS
    human = true / POINTS
    said = human - missed + added
    part = np.repeat(np.arange(len(OF_PART)), [reviewed for _, reviewed in OF_PART])
    weight = np.repeat([there / reviewed / PHOTOS for there, reviewed in OF_PART], [n for _, n in OF_PART])[:, None]
    here = np.concatenate([np.arange(n) + sum(m for m, _ in OF_PART[:at]) for at, (_, n) in enumerate(OF_PART)])
    reviewed = [side[:, here] for side in (human, said, missed, added)]
    means = [(weight * side).sum(axis=1) for side in reviewed]
    residuals = [
        (weight * (side - mean[:, None])).reshape(-1, reefs) for side, mean in zip(reviewed[:2], means[:2], strict=True)
    ]
    row = np.repeat(np.arange(sites), len(here))
    photos = Photos(row, np.tile(part, sites), np.tile([there for there, _ in OF_PART], (sites, 1)))
    units = AuditedUnits(
        numbers=np.arange(sites), strata=("",) * sites, machine=said.mean(axis=1),
        points=np.full(sites, PHOTOS * POINTS, float), sides=Sides(*means),
        reviewed_points=np.full(sites, POINTS / (weight**2).sum()), unit_weights=np.ones(sites),
        audit_weights=np.ones(sites), reviewed_share=len(here) / PHOTOS,
        photos=SecondStage.of({"": float(sites)}, photos, residuals[0], residuals[0] - residuals[1]),
    )  # fmt: skip
    found = correct(units, {"": 1.0})
    return Limits(found.lo, found.hi, mean_of(site[:, 0], PHOTO_EFFECT).mean(axis=0))


def cases() -> Iterator[Case]:
    """All of them."""
    for cover, machine in ((0.3, Machine(0.7, 0.1)), (0.04, Machine(0.7, 0.01))):
        words = f"{100 * cover:g} %; 3 of 3 and 2 of 5 photos reviewed at each of 20 sites"
        yield Case(IN_PARTS, words, partial(in_parts, cover=cover, machine=machine, sites=20))
    for of_bias, section in ((False, SECTION), (True, OF_BIAS)):
        for plot in ((10, 10, 12), (10, 20, 24), (20, 20, 20), (15, 30, 44)):
            for cover, machine in ((0.3, Machine(0.7, 0.1)), (0.04, Machine(0.7, 0.01))):
                words = f"{100 * cover:g} %; {plot[0]} reviewed of {plot[1]} visited of {plot[2]} sites"
                draw = partial(of_a_number, cover=cover, machine=machine, plot=plot, of_bias=of_bias)
                yield Case(section, words, draw)
