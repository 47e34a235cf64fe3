"""Reefs drawn from a seed, whose true cover is known, and samples of them: to hold intervals against.

Every seed draws a new reef of many sites. What grows at a site follows from effects of its own, and what a photo shows
from effects of the photo; the truth is the mean over all sites and all their photos. A sample draws sites, then photos
of each, then points of each photo. `python -m tests.unit.cover.drawn_reef --seeds 1000` prints how often the
intervals hold the truth.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tests.unit.cover.samples import Photo, plan_of

from coralrun.classified import Label
from coralrun.cover.reader import Reader
from coralrun.plan.model import Analysis
from coralrun.results.counts import LabelCounts
from coralrun.spec.model import Design

GROUPS = ("common", "rare", "scarce", "clumped", "absent", "rest")
"""`scarce` is so little that many samples miss it; `clumped` grows at few sites, and samples of few sites miss it."""
CLUMPED = GROUPS.index("clumped")
SITES, PHOTOS = 600, 40

Shares = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class World:
    """How reefs and samples are drawn. `cover` is what each group has at a typical site; effects are in logits.

    `clumped_sites` is the share of the sites where the clumped group grows at all.
    """

    cover: tuple[float, float, float, float, float] = (0.30, 0.02, 0.0003, 0.05, 0.0)
    clumped_sites: float = 0.1
    site_effect: float = 0.7
    photo_effect: float = 0.5
    sites: int = 25
    photos: int = 8
    points: int = 25


def drawn(world: World, seed: int) -> tuple[Shares, LabelCounts, list[Photo]]:
    """A reef's true cover by group (shares), and the counts and photos of one sample of it."""
    rng = np.random.default_rng(seed)
    with np.errstate(divide="ignore"):
        typical = np.log([*world.cover, 1 - sum(world.cover)])
    logits = typical + world.site_effect * rng.standard_normal((SITES, 1, len(GROUPS)))
    logits[rng.random(SITES) >= world.clumped_sites, :, CLUMPED] = -np.inf
    logits = logits + world.photo_effect * rng.standard_normal((SITES, PHOTOS, len(GROUPS)))
    shares = np.exp(logits)
    shares /= shares.sum(axis=2, keepdims=True)
    sites = rng.choice(SITES, world.sites, replace=False)
    photos = [rng.choice(PHOTOS, world.photos, replace=False) for _ in sites]
    seen = np.stack(
        [rng.multinomial(world.points, shares[site, photo]) for site, photo in zip(sites, photos, strict=True)]
    )
    table = seen.reshape(-1, len(GROUPS)).astype(np.int32)
    n = len(table)
    counts = LabelCounts(
        labels=tuple(Label(number, group, group) for number, group in enumerate(GROUPS, start=1)),
        image=np.repeat(np.arange(n, dtype=np.int32), len(GROUPS)),
        label=np.tile(np.arange(len(GROUPS), dtype=np.int32), n),
        points=table.ravel(),
        best=table.ravel(),
        scores=np.zeros(table.size),
        total=table.sum(axis=1, dtype=np.int32),
        unassigned=np.zeros(n, np.int32),
    )
    where = [Photo((f"site {site}",), ("rest",) * world.points) for site in sites for _ in range(world.photos)]
    return shares.mean(axis=(0, 1)), counts, where


@dataclass(frozen=True)
class Held:
    """Of all seeds: how often each group's interval held the truth, how often it lay below or above, how often the
    group was not seen, and the mean width in percent of cover."""

    held: dict[str, float]
    above: dict[str, float]
    below: dict[str, float]
    unseen: dict[str, float]
    width: dict[str, float]


def coverage(world: World, seeds: range, unit: str) -> Held:
    """How often the intervals of a design unit hold the truth."""
    outcomes = []
    for seed in seeds:
        truth, counts, photos = drawn(world, seed)
        design = Design(unit=unit, levels=("site", "image"))
        frame = Reader(counts, plan_of(photos, ("site",)), Analysis(design=design)).by(())
        lo, hi = frame["lo"].to_numpy() / 100, frame["hi"].to_numpy() / 100
        outcomes.append(
            [(lo <= truth) & (truth <= hi), lo > truth, hi < truth, frame["points_seen"] == 0, 100 * (hi - lo)]
        )
    means = np.array(outcomes, float).mean(axis=0)
    return Held(*(dict(zip(GROUPS, row.tolist(), strict=True)) for row in means))


def main() -> None:
    """Print the coverage of both units."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--sites", type=int, default=World.sites)
    parser.add_argument("--site-effect", type=float, default=World.site_effect)
    options = parser.parse_args()
    world = World(sites=options.sites, site_effect=options.site_effect)
    print(world)
    for unit in ("site", "image"):
        found = coverage(world, range(options.seeds), unit)
        for group in GROUPS:
            shares = (each[group] for each in (found.held, found.above, found.below, found.unseen))
            held, above, below, unseen = (f"{100 * share:5.1f}" for share in shares)
            print(f"{unit:5} {group:7} held {held} %  above {above}  below {below}  not seen {unseen}", end="  ")
            print(f"width {found.width[group]:.2f}")


if __name__ == "__main__":
    main()
