"""How far the machine's cover is from people's on the same points, between design units, with its interval.

Rule: it is estimated as the cover whose bias it is. Within a unit points are pooled, each weighing one over the
probability with which it was chosen; within a stratum units weigh the same, unless they were drawn with unequal
probabilities; strata are joined by their areas. Where there is no design unit, or only one in a stratum, there is no
interval, and the reason is said.

Bias of a class: machine minus people, in shares. Its variance is that of the units, each of which counts once however
many strata it lies in (see `clusters`), or that of units drawn from a known number of them (see `two_stages`). Its
limits come from those of the machine's two errors (see `sides`), so that they hold also where few points of a class
were labelled, or where no error was seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.accuracy.comparison import Compared
from coralrun.accuracy.photos import PhotoSides
from coralrun.accuracy.sides import Sides, difference_limits, errors_of
from coralrun.accuracy.weighed import Weighed
from coralrun.cover.estimate import NO_UNIT, Units, spread_of, why_none
from coralrun.estimates import clusters
from coralrun.estimates.intervals import Interval
from coralrun.estimates.rounding import less
from coralrun.estimates.two_stages import LEAST_PHOTOS

Numbers = NDArray[np.float64]


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


def bias(
    compared: Compared, seen: Sequence[int], points: Weighed, most: Mapping[str, float] | None = None
) -> tuple[tuple[Bias, ...], str]:
    """The bias of the classes `seen`, and what weighed how, in words; no class where no unit has usable points. The
    machine calls at `most` so much of the survey each class, none of those that are not named; None: not known."""
    where = points.where
    sides, cells, photos = _cells(compared, seen, points)
    if not len(cells.number):
        return (), points.words
    present, stratum = np.unique(cells.stratum, return_inverse=True)
    cells = cells._replace(stratum=stratum)
    scope = where.scope_in(range(len(where.strata)), [int(stratum) for stratum in present])
    words = points.words if scope is None else f"{points.words}; of {scope.part}: no labels in {scope.named}"
    has_unit = where.unit_fields is not None
    units = len(np.unique(cells.number)) if has_unit else 0
    nothing = np.full(len(seen), nan)
    if where.areas is None and len(present) > 1:
        none = _Found(nothing, nothing, nothing, nothing, Interval(nothing, nothing))
        return _biases(compared, seen, none, units, f"no mean: {where.weighting}"), words
    areas = np.ones(1) if where.areas is None else where.areas[present] / where.areas[present].sum()
    people, machine, difference = (
        clusters.mean(shares, cells.weight, cells.number, stratum, areas)
        for shares in (sides.human, sides.machine, cells.shares)
    )
    far = less(machine.mean, people.mean)
    photos = None if photos is None else photos._replace(in_all=photos.in_all[present])
    apart = None if photos is None else photos.drawn(photos.machine - photos.human)
    if apart is not None and (apart.photos < LEAST_PHOTOS).any():
        words = f"{words}; units taken for few of very many where one, or a part of it, has a single labelled photo"
    certain = None if apart is None else apart.certain(stratum)
    why = why_none([where.strata[number] for number in present], stratum, certain) if has_unit else NO_UNIT
    se, limits = nothing, Interval(nothing, nothing)
    if not why:
        se = np.sqrt(spread_of(difference, apart).variance)
        errors = errors_of(sides, cells, areas, photos)
        if most is not None:
            errors = errors.within(np.array([most.get(compared.names[which], 0.0) for which in seen]))
        limits = difference_limits(far, errors)
    return _biases(compared, seen, _Found(people.mean, machine.mean, far, se, limits), units, why), words


class _Found(NamedTuple):
    """By class: people's cover, the machine's, how far it is from people's, and what belongs to that."""

    human: Numbers
    machine: Numbers
    difference: Numbers
    se: Numbers
    limits: Interval


def _cells(compared: Compared, seen: Sequence[int], points: Weighed) -> tuple[Sides, Units, PhotoSides | None]:
    """Units, each once in every stratum where both sides have usable points; their shares are machine minus people.
    With their photos, where it is known of how many units they were drawn."""
    known, by_cell = points.cells()
    found, worth = Sides.of(compared, by_cell, points.weight)
    used, classes = worth > 0, list(seen)
    sides = Sides(*(side[:, classes] for side in found.rows(used)))
    weight = np.array([points.of_unit[rows[0]] for rows in by_cell])[used]
    photos, in_all = None, points.where.in_all
    if in_all is not None:
        there = points.images, points.weight, in_all, points.part, points.of_rows(by_cell)
        photos = PhotoSides.of(compared, by_cell, *there).rows(used, classes)
    units = Units(known[used, 1], known[used, 0], less(sides.machine, sides.human), worth[used], weight)
    return sides, units, photos


def _biases(compared: Compared, seen: Sequence[int], found: _Found, units: int, why: str) -> tuple[Bias, ...]:
    return tuple(
        Bias(
            name=compared.names[which],
            human=float(found.human[place]),
            machine=float(found.machine[place]),
            bias=float(found.difference[place]),
            se=float(found.se[place]),
            lo=float(found.limits.lo[place]),
            hi=float(found.limits.hi[place]),
            units=units,
            why=why,
        )
        for place, which in enumerate(seen)
    )
