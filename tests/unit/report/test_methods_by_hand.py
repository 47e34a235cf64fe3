"""The methods paragraph suffices to work its table out again: here it is done, from what the paragraph says and the
shares of the units, with nothing of coralrun's estimators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import sqrt

import pytest
from scipy.special import betaincinv, stdtrit
from tests.unit.cover.samples import IDS, Photo, reader
from tests.unit.report.samples import totals

from coralrun.planning.model import Analysis, Plan
from coralrun.report.cover import cover_of
from coralrun.report.methods import methods
from coralrun.report.model import Cover
from coralrun.spec.groups import Group, LabelGroups
from coralrun.spec.model import Design

GROUPS = LabelGroups(
    name="lab", title="Lab", date="", source="", levels=("category",),
    groups=tuple(Group(path=(name,), labels=(IDS[name],)) for name in ("coral", "sand")),
)  # fmt: skip
POINTS = 10
Shares = Mapping[tuple[str, str], Sequence[int]]
"""By stratum and site: of ten points each, how many are coral, photo by photo."""


def told(shares: Shares, design: Design, areas: Mapping[str, float]) -> tuple[Cover, str]:
    """The cover of a survey and its methods paragraph."""
    photos = [
        Photo((stratum, site), ("coral",) * coral + ("sand",) * (POINTS - coral))
        for (stratum, site), of_site in shares.items()
        for coral in of_site
    ]
    read = reader(photos, ("zone", "site"), design, groups=GROUPS, areas=areas)
    analysis: Analysis = read._analysis
    plan: Plan = replace(read._plan, analysis=analysis)
    cover = cover_of(read, analysis)
    assert cover is not None
    return cover, methods(plan, "9.9", totals(), cover, None)


def coral(cover: Cover) -> tuple[float, float, float]:
    """Mean and limits as the report has them."""
    (found,) = (estimate for estimate in cover.overall if estimate.what == "coral")
    assert found.low is not None
    assert found.high is not None
    return found.mean, found.low, found.high


def limits(p: float, se: float, df: float, points: float, kish: float) -> tuple[float, float]:
    """ "Clopper and Pearson's exact limits for so many independent points as ...": word by word."""
    ratio = stdtrit(points - 1, 0.975) / stdtrit(df, 0.975)
    n = min(p * (1 - p) / se**2 * ratio**2, kish)
    return betaincinv(p * n, n - p * n + 1, 0.025), betaincinv(p * n + 1, n - p * n, 0.975)


def pooled(of_site: Sequence[int]) -> float:
    """ "Usable points were pooled within each site"."""
    return sum(of_site) / (POINTS * len(of_site))


def test_units_alike() -> None:
    shares: Shares = {
        ("", site): of_site for site, of_site in zip("abcd", ((3, 4), (1, 0, 2), (5,), (2, 6)), strict=True)
    }
    cover, said = told(shares, Design(unit="site"), {})
    for words in (
        "pooled within each site; sites count the same",
        "as many degrees of freedom as these less one: SE is s / \N{SQUARE ROOT}n",
        "quantiles for Kish's effective number of points less one and for these degrees of freedom",
    ):
        assert words in said, said
    p = [pooled(of_site) for of_site in shares.values()]
    mean, n = sum(p) / 4, 4
    se = sqrt(sum((each - mean) ** 2 for each in p) / (n - 1)) / sqrt(n)
    points = [POINTS * len(of_site) for of_site in shares.values()]
    kish = 1 / sum((1 / n) ** 2 / each for each in points)
    assert coral(cover) == pytest.approx((mean, *limits(mean, se, n - 1, kish, kish)))


def test_strata_by_their_areas() -> None:
    shares: Shares = {
        ("reef", "a"): (3, 4), ("reef", "b"): (1, 2), ("reef", "c"): (5, 2),
        ("slope", "d"): (7, 6), ("slope", "e"): (4, 4),
    }  # fmt: skip
    design = Design(unit="site", strata_field="zone", areas="areas.csv")
    cover, said = told(shares, design, {"reef": 3.0, "slope": 1.0})
    for words in (
        "the areas of the strata (reef 75 % and slope 25 %)",
        "the sum over the strata of W\N{SUPERSCRIPT TWO} s\N{SUPERSCRIPT TWO} / n",
        "equation 5.16; the smaller of those by class and by design",
    ):
        assert words in said, said
    weights, means, parts, even = {"reef": 0.75, "slope": 0.25}, {}, {}, {}
    for zone, w in weights.items():
        p = [pooled(of_site) for (stratum, _), of_site in shares.items() if stratum == zone]
        n, means[zone] = len(p), sum(p) / len(p)
        parts[zone] = w**2 * sum((each - means[zone]) ** 2 for each in p) / (n - 1) / n, n - 1
        even[zone] = w**2 / n, n - 1
    mean = sum(w * means[zone] for zone, w in weights.items())
    df = min(sum(v for v, _ in by.values()) ** 2 / sum(v**2 / f for v, f in by.values()) for by in (parts, even))
    kish = 1 / (3 * (0.75 / 3) ** 2 / 20 + 2 * (0.25 / 2) ** 2 / 20)
    se = sqrt(sum(v for v, _ in parts.values()))
    assert coral(cover) == pytest.approx((mean, *limits(mean, se, df, kish, kish)))


def test_a_site_in_several_strata_is_one_unit() -> None:
    shares: Shares = {
        ("deep", "a"): (3, 4), ("shallow", "a"): (4, 5), ("deep", "b"): (1, 2), ("shallow", "b"): (2, 2),
        ("deep", "c"): (5, 6), ("shallow", "c"): (8, 7),
    }  # fmt: skip
    design = Design(unit="site", strata_field="zone", areas="areas.csv")
    cover, said = told(shares, design, {"deep": 3.0, "shallow": 1.0})
    assert "a site that lies in several strata is one unit, and SE\N{SUPERSCRIPT TWO} is the sum over sites" in said
    weights = {"deep": 0.75, "shallow": 0.25}
    means = {zone: sum(pooled(shares[zone, site]) for site in "abc") / 3 for zone in weights}
    adds = [
        sum(sqrt(3 / 2) * w / 3 * (pooled(shares[zone, site]) - means[zone]) for zone, w in weights.items())
        for site in "abc"
    ]
    mean = sum(w * means[zone] for zone, w in weights.items())
    kish = 1 / sum(3 * (w / 3) ** 2 / 20 for w in weights.values())
    se = sqrt(sum(each**2 for each in adds))
    assert coral(cover) == pytest.approx((mean, *limits(mean, se, 2, kish, kish)))
