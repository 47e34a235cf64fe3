"""How far the machine's cover is from people's on the same points, between design units, with its interval.

Rule: it is estimated as the cover whose bias it is. Within a unit points are pooled, each weighing one over the
probability with which it was chosen; within a stratum units weigh the same, unless they were drawn with unequal
probabilities; strata are joined by their areas. Where there is no design unit, or only one in a stratum, there is no
interval, and the reason is said.

Bias of a class: machine minus people, in shares. Its variance is that of the units, each of which counts once however
many strata it lies in (see `estimates.clusters`); the interval is Student's t with their degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.accuracy.chosen import Chances
from coralrun.accuracy.comparison import Compared
from coralrun.estimates import clusters
from coralrun.estimates.intervals import CONFIDENCE
from coralrun.estimates.sample import Placed

NO_UNIT = "the survey names no design unit: no interval"

Numbers = NDArray[np.float64]
Whole = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bias:
    """How far the machine's cover of a class is from people's, in shares; NaN, with the reason, where not known.

    `units` is 0 where the survey names no design unit.
    """

    name: str
    human: float
    machine: float
    bias: float
    se: float
    lo: float
    hi: float
    units: int
    why: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """Points with labels of both sides: the image of each, its weight, that of its unit, and where images are."""

    images: Whole
    weight: Numbers
    of_unit: Numbers
    where: Placed
    words: str

    @classmethod
    def of(cls, images: Sequence[int], chances: Chances | None, where: Placed) -> Weighed:
        """The points on these images; without `chances` all of them were as likely."""
        numbers = np.array(images, np.intp)
        weight, of_unit = where.weight[numbers], np.ones(len(numbers))
        if where.image_units:
            of_unit = where.weight[numbers]
        if chances is None:
            words = "labelled images taken for a random part of the run, because nothing says how they were chosen"
        else:
            weight, of_unit = weight / chances.point, of_unit / chances.unit
            words = "points weighed by the probabilities of the audit"
        if where.strata != ("",):
            words += f"; {where.weighting}"
        return cls(numbers, weight, of_unit, where, words)


class _Cells(NamedTuple):
    """Units, each once in every stratum that it has points in: people's shares, the machine's, their difference."""

    unit: NDArray[np.int64]
    stratum: NDArray[np.int64]
    weight: Numbers
    shares: Numbers


def bias(each: Compared, seen: Sequence[int], points: Weighed) -> tuple[tuple[Bias, ...], str]:
    """The bias of the classes `seen`, and what weighed how, in words; no class where no unit has usable points."""
    where, cells = points.where, _cells(each, seen, points)
    if not len(cells.unit):
        return (), points.words
    present, stratum = np.unique(cells.stratum, return_inverse=True)
    scope = where.scope_in(range(len(where.strata)), [int(each) for each in present])
    words = points.words if scope is None else f"{points.words}; of {scope.part}: no labels in {scope.named}"
    has_unit = where.unit_fields is not None
    units = len(np.unique(cells.unit)) if has_unit else 0
    if where.areas is None and len(present) > 1:
        none = np.full((3, len(seen)), nan)
        return _biases(each, seen, none, none[0], 0, units, f"no mean: {where.weighting}"), words
    areas = np.ones(1) if where.areas is None else where.areas[present]
    found = clusters.mean(cells.shares, cells.weight, cells.unit, stratum, areas / areas.sum())
    means = found.mean.reshape(3, len(seen))
    why = _why([where.strata[each] for each in present], np.bincount(stratum)) if has_unit else NO_UNIT
    se = np.full(3 * len(seen), nan) if why else np.sqrt(clusters.variance(found.parts))
    df = 0 if why else clusters.degrees(found.parts)
    return _biases(each, seen, means, se[2 * len(seen) :], df, units, why), words


def _cells(each: Compared, seen: Sequence[int], points: Weighed) -> _Cells:
    """Those in which both sides have usable points."""
    keys = np.stack([points.where.stratum[points.images], points.where.unit[points.images]], axis=1)
    known, place, sizes = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    by_cell = np.split(np.argsort(place.ravel(), kind="stable"), np.cumsum(sizes)[:-1])
    shares, weights, used = [], [], []
    for cell, rows in enumerate(by_cell):
        human, machine = (
            side.shares(rows, points.weight, len(each.names))[list(seen)] for side in (each.human, each.machine)
        )
        if not np.isnan([human, machine]).any():
            used.append(cell)
            shares.append(np.concatenate([human, machine, machine - human]))
            weights.append(points.of_unit[rows[0]])
    return _Cells(known[used, 1], known[used, 0], np.array(weights), np.array(shares).reshape(len(used), 3 * len(seen)))


def _why(strata: Sequence[str], units: NDArray[np.int64]) -> str:
    """Why there is no interval; "" where every stratum has two units or more."""
    single = [name for name, count in zip(strata, units, strict=True) if count == 1]
    if not single:
        return ""
    if len(strata) == 1:
        return "n = 1: no interval"
    return f"no interval: n = 1 in {'stratum' if len(single) == 1 else 'strata'} {', '.join(f'`{n}`' for n in single)}"


def _biases(
    each: Compared, seen: Sequence[int], means: Numbers, se: Numbers, df: int, units: int, why: str
) -> tuple[Bias, ...]:
    """The classes; `means` has people's, the machine's and the difference in its rows."""
    from scipy.special import stdtrit

    times = float(stdtrit(df, (1 + CONFIDENCE) / 2)) if df else nan
    found = []
    for place, which in enumerate(seen):
        human, machine, difference = (float(row[place]) for row in means)
        error = float(se[place])
        same = f"the same in all {units} units: no interval" if error == 0 else ""
        error = nan if same else error
        found.append(
            Bias(
                name=each.names[which],
                human=human,
                machine=machine,
                bias=difference,
                se=error,
                lo=difference - times * error,
                hi=difference + times * error,
                units=units,
                why=why or same,
            )
        )
    return tuple(found)
