"""How much an estimate varies whose units were drawn from a known number of them: the finite population correction.

Rule: what was not drawn by chance varies by none. Where n of the N units that there are were drawn, only the share
1 - f of the variance between units is left, f = n / N; but then the photos within a unit count too, for they are a
sample of it however many units were drawn. With V as in `clusters`, of a set of strata that share units, and c the
share of a unit in the mean, v the variance of its own share between its m photos:

    variance = (1 - f) V + f sum c^2 v

(Cochran 1977, Sampling Techniques, chapter 10, photos being few of very many; what R's `svydesign` makes of two stages
with `fpc`.) Where all units were drawn, nothing but photos is left. The degrees of freedom are Satterthwaite's as
in `clusters`, with each v as a part with m - 1 of its own; never more than the design gives the units.

A unit with a single photo says nothing of how its photos differ: the set that it is in is taken for few of very many.
Nor does one with a part of which a single photo stands for others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.estimates import clusters
from coralrun.estimates.clusters import Mean, Numbers, Spread, Whole

LEAST_PHOTOS = 2


class Drawn(NamedTuple):
    """Of how many units (`in_all`, by stratum) those of a mean were drawn; by row of the mean, how many `photos` it has
    and the variance of its shares between these, `within`, by class."""

    in_all: Numbers
    photos: Whole
    within: Numbers

    def without(self, lonely: NDArray[np.bool_]) -> Drawn:
        """The same where the photos of rows that are `lonely` do not tell how these differ."""
        return self._replace(photos=np.where(lonely, LEAST_PHOTOS - 1, self.photos))

    def certain(self, stratum: Whole) -> NDArray[np.bool_]:
        """Whether each stratum has been seen as a whole in its one unit; `stratum` is that of the rows."""
        n = np.bincount(stratum, minlength=len(self.in_all))
        alone = np.bincount(stratum, self.photos < LEAST_PHOTOS, len(self.in_all)) > 0
        return np.asarray((n == 1) & (self.in_all == 1) & ~alone)


def spread(found: Mean, drawn: Drawn) -> Spread:
    """How much a mean varies between samples. Every stratum has two units or more, or is certain."""
    sets = clusters.sharing(found.parts)
    taken = np.array([_taken(found, drawn, strata) for strata in sets])
    some = [(strata, share) for strata, share in zip(sets, taken, strict=True) if share < 1]
    inside = [found.parts.inside(strata) for strata, _ in some]
    left = np.array([1 - share for _, share in some])[:, None]
    own = np.array([clusters.own_degrees(*found.inside(strata)) for strata, _ in some])[:, None]
    n_classes = found.parts.residuals.shape[1]
    first = left * np.array([clusters.variance(parts) for parts in inside]).reshape(-1, n_classes)
    even = left * np.array([clusters.squares(*found.inside(strata)) for strata, _ in some])[:, None]
    return joined(first, own, even, *_within(found, drawn, sets, taken))


def joined(first: Numbers, own: Numbers, even: Numbers, second: Numbers, photos: Numbers) -> Spread:
    """The spread of what units and photos add: the variances of sets of strata by class (`first`), the degrees of
    freedom that each has of its `own`, and what it would be in proportion to, were units as different everywhere
    (`even`); what the photos of rows add (`second`), and how many they are. All but `first` and `second` are columns.
    """
    total = first.sum(axis=0) + second.sum(axis=0)
    squares = (first**2 / own).sum(axis=0) + (second**2 / (photos - 1)).sum(axis=0)
    by_design = even.sum() ** 2 / (even**2 / own).sum() if even.any() else np.nan
    by_class = total**2 / np.where(total > 0, squares, 1)
    return Spread(total, np.asarray(np.where(total > 0, np.fmin(by_class, by_design), by_design), float))


def between_photos(residuals: Numbers, row: Whole, n_rows: int) -> tuple[Whole, Numbers]:
    """How many photos each row has, and the variance of its shares between these; 0 for a single photo.

    `residuals` are what photos add to the share of their `row`, less their part of it: in a row they sum to 0. Of a
    part of a row they need not: what the part has in common varies by none.
    """
    photos = np.bincount(row, minlength=n_rows).astype(np.int64)
    sums, squares = np.zeros((2, n_rows, residuals.shape[1]))
    np.add.at(sums, row, residuals)
    np.add.at(squares, row, residuals**2)
    each = np.maximum(photos, 1)[:, None]
    return photos, (squares - sums**2 / each) * each / np.maximum(each - 1, 1)


def between_photos_of_parts(residuals: Numbers, row: Whole, part: Whole, n_rows: int) -> tuple[Whole, Numbers]:
    """The same of rows whose photos are samples of the parts of it, each by itself: how many photos they tell as much
    as, and the sum of the variances of the parts. That of a photo alone of its part is its distance from the row."""
    n_parts = int(part.max(initial=0)) + 1
    cell = row * n_parts + part
    counts, apart = between_photos(residuals, cell, n_rows * n_parts)
    alone = counts[cell] == 1
    apart[cell[alone]] = residuals[alone] ** 2
    counts = counts.reshape(n_rows, n_parts)
    photos = np.maximum(counts - 1, 0).sum(axis=1) + counts.any(axis=1)
    return photos, apart.reshape(n_rows, n_parts, residuals.shape[1]).sum(axis=1)


def _taken(found: Mean, drawn: Drawn, strata: Whole) -> float:
    """The share of the units of some strata that were drawn; 0 where it may not be used."""
    here = np.isin(found.parts.stratum, strata)
    if (drawn.photos[here] < LEAST_PHOTOS).any():
        return 0.0
    return float(len(np.unique(found.parts.unit[here])) / drawn.in_all[strata].max())


def _within(found: Mean, drawn: Drawn, sets: list[Whole], taken: Numbers) -> tuple[Numbers, Numbers]:
    """What the photos of each row add to the variance, and how many they are; of the rows where they do."""
    of_stratum = np.zeros(len(drawn.in_all))
    for strata, share in zip(sets, taken, strict=True):
        of_stratum[strata] = share
    of_row = of_stratum[found.parts.stratum]
    used = of_row > 0
    parts = (of_row * found.share**2)[used, None] * drawn.within[used]
    return parts, np.asarray(drawn.photos[used, None], float)
