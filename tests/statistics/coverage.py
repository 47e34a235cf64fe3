"""How often intervals of 95 % hold the truth, on drawn reefs: every kind of interval, where it is easy and where not.

`make coverage` runs this with as many reefs as docs/coverage.md says, and writes its table there; the tests beside it
take a few hundred.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tests.statistics import designs, populations
from tests.statistics.case import PHOTOS, Case, Limits
from tests.statistics.reefs import POINTS, Audited, Called, Growth, Machine, Shares, audited, called, points_seen

from coralrun.accuracy.correction import AuditedUnits, correct
from coralrun.accuracy.measures import FEW_POINTS
from coralrun.accuracy.rates import Rows, rates
from coralrun.accuracy.sides import Sides, difference_limits, errors_of
from coralrun.accuracy.two_phase import Audited as Points
from coralrun.accuracy.two_phase import two_phase
from coralrun.cover.estimate import Units, estimate
from coralrun.review.by_class import allocate

Counts = NDArray[np.int64]

AREAS = (0.70, 0.25, 0.05)
LEAST, MOST = 93, 97.5
"""Percent that an interval of 95 % should hold; what leaves it stands out in the table, and its reason beside it."""
MARK = "<!-- written by `make coverage` -->"


def cover(
    chance: np.random.Generator,
    reefs: int,
    growth: Growth,
    sites: Sequence[int],
    areas: Sequence[float] = (1.0,),
    *,
    by_photo: bool = False,
) -> Limits:
    """Cover of strata with so many sites each; `by_photo` takes each photo for a unit, as one should not."""
    seen = np.concatenate([points_seen(chance, growth, (n, PHOTOS, reefs)) for n in sites])
    stratum = np.repeat(np.arange(len(sites)), sites)
    shares = seen.reshape(-1, reefs) if by_photo else seen.mean(axis=1)
    if by_photo:
        stratum = np.repeat(stratum, PHOTOS)
    n = len(shares)
    points = np.full(n, POINTS if by_photo else PHOTOS * POINTS, float)
    units = Units(np.arange(n), stratum, shares, points, np.ones(n))
    found = estimate(units, np.array(areas), ("",) * len(areas), 0)
    return Limits(found.lo, found.hi, growth.cover)


HABITATS = {8000: 0.1, 1500: 0.3, 500: 0.5}
"""Of how many photos each habitat has, ten at a site; what its cover is."""
DRAWN = 30


def by_habitat(chance: np.random.Generator, reefs: int, *, as_strata: bool = False) -> Limits:
    """Cover of sites, from as many photos of each habitat: units weigh the photos that theirs stand for."""
    limits = []
    for _ in range(reefs):
        sites = [np.unique(chance.permutation(photos)[:DRAWN] // 10, return_counts=True)[1] for photos in HABITATS]
        stratum = np.repeat(np.arange(len(sites)), [len(counts) for counts in sites])
        counts, weight = np.concatenate(sites), np.array(list(HABITATS))[stratum] / DRAWN
        shares = _of_sites(chance, sites)
        units = Units(
            np.arange(len(counts)), stratum if as_strata else np.zeros_like(stratum), shares,
            np.asarray(counts * POINTS, float),
            np.ones(len(counts)) if as_strata else np.asarray(counts * weight, float),
        )  # fmt: skip
        areas = np.array(list(HABITATS), float) / sum(HABITATS) if as_strata else np.ones(1)
        found = estimate(units, areas, ("",) * len(areas), 0)
        limits.append((found.lo[0], found.hi[0]))
    lo, hi = np.array(limits).T
    return Limits(lo, hi, sum(photos * cover for photos, cover in HABITATS.items()) / sum(HABITATS))


def _of_sites(chance: np.random.Generator, sites: Sequence[Counts]) -> Shares:
    """The share of each site's points, of as many photos as it has, habitat by habitat."""
    found = []
    for counts, cover in zip(sites, HABITATS.values(), strict=True):
        seen = points_seen(chance, Growth(cover), (len(counts), int(counts.max()), 1))[..., 0]
        used = np.arange(seen.shape[1]) < counts[:, None]
        found.append((seen * used).sum(axis=1) / counts)
    return np.concatenate(found)[:, None]


def _audit(found: Audited, photos: int) -> tuple[AuditedUnits, Units]:
    """The same audit as the two estimators take it."""
    n, here = len(found.machine), found.reviewed > 0
    sides = Sides(found.human, found.said, found.missed, found.added)
    all_units = AuditedUnits(
        numbers=np.arange(n), strata=("",) * n, machine=found.machine, points=np.full(n, photos * POINTS, float),
        sides=sides,
        reviewed_points=found.reviewed.astype(float), unit_weights=np.ones(n), audit_weights=np.ones(n),
        reviewed_share=float(found.reviewed.sum() / (n * photos * POINTS)),
    )  # fmt: skip
    places = np.arange(here.sum())
    points = found.reviewed[here].astype(float)
    return all_units, Units(
        places, np.zeros_like(places), (found.said - found.human)[here], points, np.ones(len(places))
    )


Plot = tuple[int, int, int]
"""Sites, photos at each, and how many photos are reviewed in all."""


def corrected(chance: np.random.Generator, reefs: int, growth: Growth, machine: Machine, plot: Plot) -> Limits:
    """Corrected cover."""
    sites, photos, reviewed = plot
    units, _ = _audit(audited(chance, growth, machine, (sites, photos, reefs), reviewed), photos)
    found = correct(units, {"": 1.0})
    return Limits(found.lo, found.hi, growth.cover)


def bias(chance: np.random.Generator, reefs: int, growth: Growth, machine: Machine, plot: Plot) -> Limits:
    """The machine's bias on the reviewed points."""
    sites, photos, reviewed = plot
    audit = audited(chance, growth, machine, (sites, photos, reefs), reviewed)
    all_units, units = _audit(audit, photos)
    sides = all_units.sides.rows(audit.reviewed > 0)
    n = len(audit.machine)
    whole = Units(np.arange(n), np.zeros(n, np.int64), audit.machine, np.full(n, photos * POINTS, float), np.ones(n))
    most = np.where(audit.machine.any(axis=0), estimate(whole, np.ones(1), ("",), 0).hi, 0.0)
    errors = errors_of(sides, units, np.ones(1)).within(most)
    found = difference_limits(units.shares.mean(axis=0), errors)
    return Limits(found.lo, found.hi, machine.bias(growth.cover))


def by_class(
    chance: np.random.Generator, reefs: int, growth: Growth, machine: Machine, plot: Plot, *, of_bias: bool = False
) -> Limits:
    """Corrected cover, or the bias, by points that were drawn by what the machine calls them; where they suffice."""
    sites, photos, total = plot
    limits = [
        limits
        for _ in range(reefs)
        if (limits := _drawn_by_class(chance, called(chance, growth, machine, sites, photos), total, of_bias))
    ]
    lo, hi = np.array(limits).T
    return Limits(lo, hi, machine.bias(growth.cover) if of_bias else growth.cover)


def _drawn_by_class(chance: np.random.Generator, reef: Called, total: int, of_bias: bool) -> tuple[float, float] | None:
    sites = len(reef.found)
    of_site = float(sum(each[0] for each in reef))
    strata = np.stack([reef.found + reef.taken, reef.missed + reef.others], axis=1)
    shares = allocate(strata.sum(axis=0).tolist(), total)
    drawn = [
        chance.multivariate_hypergeometric(np.concatenate(counts), n)
        for counts, n in zip(((reef.found, reef.taken), (reef.missed, reef.others)), shares, strict=True)
    ]
    each = np.concatenate(drawn)  # by the machine's class, then people's, then site
    audit = Points(
        row=np.repeat(np.tile(np.arange(sites), 4), each),
        stratum=np.repeat(np.repeat([0, 1], 2 * sites), each),
        people=np.repeat(np.tile(np.repeat([0, 1], sites), 2), each),
        weight=np.full(total, 1 / of_site),
        is_usable=np.ones(total, bool),
    )
    if ((audit.stratum == 0) | (audit.people == 0)).sum() < FEW_POINTS:
        return None
    rows = Rows(np.arange(sites), np.zeros(sites, np.int64), np.ones(sites))
    found = two_phase(strata / of_site, strata.sum(axis=0), np.full(sites, of_site), rows, np.ones(1), audit)
    limits = found.of_bias if of_bias else found.limits
    return float(limits.lo[0]), float(limits.hi[0])


def recall(chance: np.random.Generator, reefs: int, growth: Growth, machine: Machine, plot: Plot) -> Limits:
    """What share of the group the machine finds, where the audit lets an interval be."""
    sites, photos, reviewed = plot
    audit = audited(chance, growth, machine, (sites, photos, reefs), reviewed)
    return _rate(audit, audit.human, machine.finds)


def precision(chance: np.random.Generator, reefs: int, growth: Growth, machine: Machine, plot: Plot) -> Limits:
    """What share of what the machine calls the group is it, where the audit lets an interval be."""
    sites, photos, reviewed = plot
    audit = audited(chance, growth, machine, (sites, photos, reefs), reviewed)
    found = growth.cover * machine.finds
    return _rate(audit, audit.said, found / (found + (1 - growth.cover) * machine.takes))


def _rate(audit: Audited, one: Shares, truth: float) -> Limits:
    here = audit.reviewed > 0
    sites, both = np.arange(here.sum()), (audit.human - audit.missed)[here]
    rows = Rows(sites, np.zeros_like(sites), np.ones(len(sites)))
    squares = one[here] / audit.reviewed[here, None]
    found = rates(both, one[here], squares, rows, np.ones(1), has_interval=True)
    has = ~np.isnan(found.lo)
    return Limits(found.lo[has], found.hi[has], truth)


GROWTHS = (
    (Growth(0.3), "30 %"),
    (Growth(0.05), "5 %"),
    (Growth(0.005), "0.5 %"),
    (Growth(0.06, at=0.2), "6 %, at every fifth site"),
    (Growth(0.03, at=0.1), "3 %, at every tenth site"),
    (Growth(0.005, patchy=True), "0.5 %, in patches"),
)
MISTAKES = (
    (Growth(0.3), Machine(0.7, 0.1), "30 %"),
    (Growth(0.04), Machine(0.7, 0.01), "4 %"),
    (Growth(0.005), Machine(0.7, 0.002), "0.5 %"),
    (Growth(0.3), Machine(0.99, 0.002), "30 %, hardly an error"),
    (Growth(0.04, patchy=True), Machine(0.7, 0.01), "4 %, in patches"),
    (Growth(0.005, patchy=True), Machine(0.7, 0.002), "0.5 %, in patches"),
    (Growth(0.005, patchy=True), Machine(0.6, 0.0), "0.5 %, in patches, missed and never mistaken"),
    (Growth(0.005), Machine(0.9, 0.005, at=0.1), "0.5 %, mistaken at every tenth site"),
)

NEVER = (
    (Growth(0.1), Machine(0.0, 0.0), "10 %, never named by the classifier"),
    (Growth(0.02), Machine(0.0, 0.0), "2 %, never named by the classifier"),
)
"""What the labelset has and the classifier gives no point, in so many points of a survey."""

RIGHT = (
    (Growth(0.8), Machine(0.95, 0.3), "the second right on 80 %, the first on 82 %"),
    (Growth(0.8), Machine(0.98, 0.4), "the second right on 80 %, the first on 86 %"),
    (Growth(0.9), Machine(0.995, 0.05), "the second right on 90 %, the first hardly other"),
)
"""Where the second classifier is right, and how often the first is where that one is and is not."""


def _cases() -> Iterator[Case]:
    for sites in (5, 10, 30):
        for growth, words in GROWTHS:
            yield Case("Cover", f"{words}; {sites} sites", partial(cover, growth=growth, sites=(sites,)))
    for strata in ((3, 10, 10), (2, 2, 2), (20, 6, 4)):
        for growth, words in GROWTHS[:4]:
            draw = partial(cover, growth=growth, sites=strata, areas=AREAS)
            yield Case(STRATA, f"{words}; {' + '.join(map(str, strata))} sites", draw)
    for as_strata, words in ((False, "weighed by their photos"), (True, "in strata, with areas")):
        yield Case("Cover of sites, photos drawn by habitat", words, partial(by_habitat, as_strata=as_strata))
    yield from designs.cases()
    for section, draw_of in (("Corrected cover", corrected), ("Bias of the classifier", bias)):
        for plot in ((10, 20, 50), (30, 10, 100), (100, 6, 50)):
            for growth, machine, words in (*MISTAKES, *NEVER):
                where = f"{words}; {plot[0]} sites, {plot[2]} photos reviewed"
                yield Case(section, where, partial(draw_of, growth=growth, machine=machine, plot=plot))
    yield from populations.cases()
    for is_bias, section in ((False, BY_CLASS), (True, BIAS_BY_CLASS)):
        for plot in ((10, 20, 400), (30, 10, 600)):
            for growth, machine, words in MISTAKES:
                where = f"{words}; {plot[0]} sites, {plot[2]} points drawn by class"
                draw = partial(by_class, growth=growth, machine=machine, plot=plot, of_bias=is_bias)
                yield Case(section, where, draw)
    for plot in ((10, 20, 50), (30, 10, 100)):
        for growth, machine, words in RIGHT:
            where = f"{words}; {plot[0]} sites, {plot[2]} photos reviewed"
            yield Case(PAIRED, where, partial(bias, growth=growth, machine=machine, plot=plot))
    for section, draw_of in ((RECALL, recall), (PRECISION, precision)):
        for plot in ((10, 20, 50), (30, 10, 100)):
            for growth, machine, words in MISTAKES:
                where = f"{words}; {plot[0]} sites, {plot[2]} photos reviewed"
                yield Case(section, where, partial(draw_of, growth=growth, machine=machine, plot=plot))
    yield Case(
        "Not an interval that coralrun makes",
        "30 %; 10 sites, with each photo taken for a unit",
        partial(cover, growth=Growth(0.3), sites=(10,), by_photo=True),
    )


BY_CLASS, BIAS_BY_CLASS = "Cover corrected by points drawn by class", "Bias by points drawn by class"
PAIRED = "Agreement of one classifier less another's, on the same points"
RECALL, PRECISION = "Recall of the classifier (producer's accuracy)", "Precision of the classifier (user's accuracy)"
STRATA = "Cover of three strata, areas 70 : 25 : 5"
CASES = tuple(_cases())


def table(reefs: int, seed: int, only: str = "") -> Iterator[str]:
    """The lines of the table in docs/coverage.md; of the sections alone that begin with some words."""
    section = ""
    for case in (case for case in CASES if case.section.startswith(only)):
        if case.section != section:
            section = case.section
            yield from ("", f"## {section}", "", "| | holds | too high | too low | width |", "|---|---|---|---|---|")
        held = case.held(reefs, seed)
        said = f"{held.held:.1f}" if LEAST <= held.held <= MOST else f"**{held.held:.1f}**"
        yield f"| {case.words} | {said} | {held.above:.1f} | {held.below:.1f} | {held.width:.2f} |"


def main() -> None:
    """Print the table, or write it into a document behind the line that marks where it begins."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--reefs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="the first words of the sections to print")
    parser.add_argument("--into", type=Path)
    options = parser.parse_args()
    lines = "\n".join(table(options.reefs, options.seed, options.only))
    if options.into is None or options.only:
        print(lines)
        return
    head, mark, _ = options.into.read_text(encoding="utf-8").partition(MARK)
    options.into.write_text(f"{head}{mark}\n{lines}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
