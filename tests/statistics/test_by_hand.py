"""Cover equals its formulas, worked out in plain loops from the labels of the photos, on data sets of every kind.

Means, standard errors and limits by one rule on the number of points have also been compared with R's `survey`, which
need not be at hand here; docs/cover.md says where the degrees of freedom differ. The loops share no code with coralrun.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import sqrt
from typing import NamedTuple

import pytest
from scipy.stats import beta, t
from tests.unit.cover.samples import IDS, Photo, reader

from coralrun.spec.groups import Group, LabelGroups
from coralrun.spec.model import Design

LABELS = ("coral", "algae", "sand")
AREAS = {"deep": 70.0, "middle": 25.0, "shallow": 5.0}
GROUPS = LabelGroups(
    name="lab",
    title="",
    date="",
    source="",
    levels=("category",),
    groups=(
        Group(path=("Coral",), labels=(IDS["coral"],)),
        Group(path=("Rest",), labels=(IDS["algae"], IDS["sand"])),
    ),
)
Unit = tuple[str, str]


class Kind(NamedTuple):
    """A kind of data set: how many sites in each stratum, whether a site lies in all, whether photos were drawn with
    unequal chances, and how much of a site's photos may be coral."""

    sites: Mapping[str, int]
    shared: bool = False
    unequal: bool = False
    coral: tuple[float, float] = (0.0, 0.8)
    areas: bool = True


KINDS = {
    "one stratum": Kind({"deep": 7}),
    "strata of unequal area and size": Kind({"deep": 3, "middle": 10, "shallow": 10}),
    "strata without areas": Kind({"deep": 4, "middle": 5}, areas=False),
    "sites that lie in all strata": Kind({"deep": 6, "middle": 6, "shallow": 6}, shared=True),
    "photos of unequal chances within the strata": Kind({"deep": 4, "middle": 4}, unequal=True),
    "a class that is nowhere": Kind({"deep": 5, "middle": 3}, coral=(0.0, 0.0)),
    "a class that is everything": Kind({"deep": 5, "middle": 3}, coral=(1.0, 1.0)),
    "a class that is nearly nowhere": Kind({"deep": 5, "middle": 9}, coral=(0.0, 0.05)),
}


def drawn(kind: Kind, seed: int) -> list[Photo]:
    """Photos of unequal points, unequally many at each site."""
    chance = random.Random(seed)
    found = []
    for depth, sites in kind.sites.items():
        for site in range(sites):
            most = chance.uniform(*kind.coral)
            for number in range(chance.randint(1, 4)):
                points = chance.choice((10, 25, 40))
                labels = tuple("coral" if chance.random() < most else chance.choice(LABELS[1:]) for _ in range(points))
                name = f"site {site}" if kind.shared else f"site {site} {depth}"
                found.append(Photo((depth, name), labels, inclusion=0.2 if kind.unequal and number % 2 else 1.0))
    return found


class ByHand(NamedTuple):
    mean: float
    se: float
    df: float
    lo: float
    hi: float


def by_hand(photos: Sequence[Photo], kind: Kind) -> ByHand:
    """Cover of coral."""
    seen: dict[Unit, float] = defaultdict(float)
    total: dict[Unit, float] = defaultdict(float)
    squares: dict[Unit, float] = defaultdict(float)
    for photo in photos:
        cell: Unit = (photo.where[0], photo.where[1])
        weight, points = 1 / photo.inclusion, len(photo.points)
        seen[cell] += weight * photo.points.count("coral")
        total[cell] += weight * points
        squares[cell] += weight**2 * points
    share = {cell: seen[cell] / total[cell] for cell in seen}
    depths = sorted({depth for depth, _ in share})
    area = {depth: AREAS[depth] if kind.areas else 1.0 for depth in depths}
    area = {depth: size / sum(area.values()) for depth, size in area.items()}
    n = {depth: sum(cell[0] == depth for cell in share) for depth in depths}
    middle = {depth: sum(value for cell, value in share.items() if cell[0] == depth) / n[depth] for depth in depths}
    mean = sum(area[depth] * middle[depth] for depth in depths)
    variances, even, own = _of_sets(share, depths, area, n, middle, shared=kind.shared)
    variance = sum(variances)
    df = sum(even) ** 2 / sum(part**2 / free for part, free in zip(even, own, strict=True))
    if variance > 0:
        df = min(df, variance**2 / sum(part**2 / free for part, free in zip(variances, own, strict=True)))
    sites: dict[str, float] = defaultdict(float)
    for depth, site in share:
        sites[site] += area[depth] / n[depth]
    most = 1 / sum((area[cell[0]] / n[cell[0]]) ** 2 * squares[cell] / total[cell] ** 2 for cell in share)
    if mean in (0, 1) or variance == 0:
        worth = 1 / sum(weight**2 for weight in sites.values())
    else:
        cut = (t.ppf(0.975, most - 1) / t.ppf(0.975, df)) ** 2
        worth = min(mean * (1 - mean) / variance * cut, most)
    x = mean * worth
    lo = beta.ppf(0.025, x, worth - x + 1) if x > 0 else 0.0
    hi = beta.ppf(0.975, x + 1, worth - x) if worth - x > 1e-9 else 1.0
    return ByHand(mean, sqrt(variance), df, lo, hi)


def _of_sets(
    share: Mapping[Unit, float],
    depths: Sequence[str],
    area: Mapping[str, float],
    n: Mapping[str, int],
    middle: Mapping[str, float],
    *,
    shared: bool,
) -> tuple[list[float], list[float], list[int]]:
    """By sets of strata that share sites: the variance, what it would be in proportion to, the degrees of freedom."""
    if not shared:
        variances = []
        for depth in depths:
            values = [value for cell, value in share.items() if cell[0] == depth]
            spread = sum((value - middle[depth]) ** 2 for value in values) / (n[depth] - 1)
            variances.append(area[depth] ** 2 * spread / n[depth])
        return variances, [area[depth] ** 2 / n[depth] for depth in depths], [n[depth] - 1 for depth in depths]
    sites = sorted({site for _, site in share})
    sums = [sum(area[depth] * share[depth, site] for depth in depths) for site in sites]
    mean = sum(sums) / len(sites)
    variance = sum((of_site - mean) ** 2 for of_site in sums) / (len(sites) - 1) / len(sites)
    return [variance], [1 / len(sites)], [len(sites) - 1]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_cover_is_what_its_formulas_say(kind: Kind, seed: int) -> None:
    photos = drawn(kind, seed)
    design = Design(unit="site", levels=("site",), strata_field="depth", areas="areas.csv" if kind.areas else None)
    areas = {depth: AREAS[depth] for depth in kind.sites} if kind.areas else {}
    frame = reader(photos, ("depth", "site"), design, groups=GROUPS, areas=areas).by(())
    (found,) = frame[(frame["grouping"] == "category") & (frame["group"] == "Coral")].to_dict("records")
    expected = by_hand(photos, kind)
    assert [found["mean"], found["se"], found["lo"], found["hi"]] == pytest.approx(
        [100 * share for share in (expected.mean, expected.se, expected.lo, expected.hi)], rel=1e-9, abs=1e-9
    )
    assert found["df"] == pytest.approx(expected.df)
