"""Where the images of a plan are in its design, whatever became of them: units, strata and their weights.

Rule: a unit is known by all fields of the levels down to it, because transect 1 of one site is not transect 1 of
another; a unit that lies in two strata is one unit in both.

Units count alike, however large they are and however many photos they have, unless a field or a table says what each
weighs, as its area does (`weights`). But where photos were drawn from the values of a field (`sampling.images` with
`by`) and these hold several units each, units were not as likely to be drawn: a transect of a site with few photos more
than one of a site with many. There a unit weighs as many photos as its own stand for, which is the sum of 1 / their
probability (Hajek 1971; Sarndal, Swensson & Wretman 1992, Model Assisted Survey Sampling, section 5.7), and cover is
the mean over all photos that there were. Not so where the field is the unit, or a level below it, for all units are in
such a sample; nor where it is that of the strata, which have their own weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from coralrun.estimates.occasions import Dates, dates_of, years_of
from coralrun.estimates.scope import Scope, scope_of
from coralrun.planning.design import unit_fields
from coralrun.planning.model import Analysis, Plan
from coralrun.spec.model import IMAGE, POOL, YEAR
from coralrun.values.in_order import natural
from coralrun.values.numerals import finite
from coralrun.values.places import place_of

Whole = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the images of a plan are in its design, whatever became of them. By image: `weight` (1 / inclusion
    probability), the numbers of its `unit` and `stratum`, and whether one of these has no name. `weighs_photos` says
    whether units weigh as many photos as theirs stand for, `of_unit` what else the unit of an image weighs. `in_all`
    is how many units there are in each stratum, None where that is not known. `strata` are those of the images, then
    those that stand in the table of areas alone; `areas` has their areas, all the same where none are given, None where
    one is not known; `by_area` says whether areas are given. `dates` are None where they play no part, `occasion` is
    the field of the visits that cover is told by, "" for none.
    """

    weight: Numbers
    unit: Whole
    stratum: Whole
    nameless: NDArray[np.bool_]
    unit_fields: tuple[str, ...] | None
    weighs_photos: bool
    in_all: Numbers | None
    of_unit: Numbers
    strata: tuple[str, ...]
    areas: Numbers | None
    by_area: bool
    weighting: str
    dates: Dates | None
    occasion: str

    def unit_weights(self, images: Whole, place: Whole, length: int) -> Numbers:
        """What parts of units weigh: `place` says to which of these, from 0, each of the images belongs."""
        found = np.bincount(place, self.weight[images], length) if self.weighs_photos else np.ones(length)
        weights = np.ones(length)
        weights[place] = self.of_unit[images]
        return np.asarray(found * weights, float)

    def scope_in(self, wanted: Sequence[int], used: Sequence[int]) -> Scope | None:
        """Of what a figure is that should stand for the `wanted` strata and has images of the `used` ones."""
        return scope_of(self.strata, self.areas if self.by_area else None, wanted, used)


@dataclass(frozen=True, slots=True)
class Domains:
    """Sets of images to report on: the `fields` that name them, the `values` of each set, and each image's set."""

    fields: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    of_image: Whole

    @classmethod
    def of(cls, plan: Plan, fields: Sequence[str]) -> Domains:
        """The sets that have one value of every field, in the order of those values; one set without any field."""
        values, of_image = _coded(_values(plan, fields))
        return cls(tuple(fields), values if fields else ((),), of_image)


def placed(plan: Plan, analysis: Analysis) -> Placed:
    """Work out in which unit and stratum each image is, and what these weigh."""
    design = analysis.design
    levels = unit_fields(design)
    units, unit = _coded(_values(plan, levels or ()))
    strata, stratum = _coded(_values(plan, (design.strata_field,) if design.strata_field else ()))
    nameless = np.zeros(len(plan.images), bool)
    if levels:
        nameless |= np.array(["" in key for key in units], bool)[unit]
    if design.strata_field:
        nameless |= np.array(["" in key for key in strata], bool)[stratum]
    there = tuple(key[0] if key else "" for key in strata)
    names = (*there, *(name for name in analysis.areas if design.strata_field and name not in there))
    areas, weighting = _areas(analysis, names)
    weight = np.array([1 / image.inclusion for image in plan.images], float)
    weighs_photos = design.unit == IMAGE or _unequal_units(plan, analysis, weight, unit)
    of_unit = np.ones(len(plan.images))
    if analysis.weighed_by is not None:
        of_unit = _weights(plan, analysis, units, unit)
        nameless |= np.isnan(of_unit)
        weighting += f"; units by their {analysis.weighed_by}"
    elif weighs_photos and design.unit != IMAGE:
        weighting += f"; units by the photos that theirs stand for, drawn by {analysis.drawn_by}"
    if design.units_in_all is not None:
        weighting += "; units drawn from a known number of them"
    return Placed(
        weight=weight,
        unit=unit,
        stratum=stratum,
        nameless=nameless,
        unit_fields=levels,
        weighs_photos=weighs_photos,
        in_all=_in_all(analysis, names),
        of_unit=of_unit,
        strata=names,
        areas=areas,
        by_area=areas is not None and bool(analysis.areas),
        weighting=weighting,
        dates=dates_of(plan, analysis, unit, units),
        occasion="" if design.occasion in (None, POOL) else design.occasion,
    )


def _weights(plan: Plan, analysis: Analysis, units: Sequence[tuple[str, ...]], unit: Whole) -> Numbers:
    """What the unit of each image weighs; NaN where that is not known."""
    if analysis.unit_weights is not None:
        return np.array([analysis.unit_weights.weights.get(place_of(key), nan) for key in units], float)[unit]
    field = analysis.design.weights or ""
    return np.array([finite(value) or nan for (value,) in _values(plan, (field,))], float)


def _unequal_units(plan: Plan, analysis: Analysis, weight: Numbers, unit: Whole) -> bool:
    """Whether units were drawn with unequal probabilities, through their photos."""
    design, by = analysis.design, analysis.drawn_by
    if by is None or design.unit is None or analysis.weighed_by is not None:
        return False
    if by == design.strata_field or len(np.unique(weight)) == 1:
        return False
    within = design.levels[design.levels.index(design.unit) :] if design.unit in design.levels else (design.unit,)
    groups, group = _coded(_values(plan, (by,)))
    one_unit_each = len(np.unique(np.stack([group, unit]), axis=1).T) == len(groups)
    return by not in within or not one_unit_each


def _areas(analysis: Analysis, strata: Sequence[str]) -> tuple[Numbers | None, str]:
    if analysis.design.strata_field is None:
        return np.ones(len(strata)), "no strata"
    if not analysis.areas:
        return np.array([float(bool(name)) for name in strata]), "strata weigh the same: no areas are given"
    if any(name and name not in analysis.areas for name in strata):
        return None, "areas are not given for every stratum"
    return np.array([analysis.areas.get(name, 0.0) for name in strata], float), "areas of the strata"


def _in_all(analysis: Analysis, strata: Sequence[str]) -> Numbers | None:
    """How many units there are in each stratum; NaN for one that no image is in."""
    counted = analysis.design.units_in_all
    if counted is None or isinstance(counted, int):
        return None if counted is None else np.full(len(strata), counted, float)
    return np.array([counted.get(name, nan) for name in strata], float)


def _values(plan: Plan, fields: Sequence[str]) -> list[tuple[str, ...]]:
    columns = [_column(plan, field) for field in fields]
    return [tuple(column[number] for column in columns) for number in range(len(plan.images))]


def _column(plan: Plan, field: str) -> list[str]:
    if field == IMAGE:
        return [image.key for image in plan.images]
    if field == YEAR and YEAR not in plan.fields:
        return years_of(plan)
    at = plan.fields.index(field)
    return [image.metadata[at] if image.metadata else "" for image in plan.images]


def _coded(keys: Sequence[tuple[str, ...]]) -> tuple[tuple[tuple[str, ...], ...], Whole]:
    ordered = sorted(set(keys), key=lambda key: tuple(map(natural, key)))
    known = {key: place for place, key in enumerate(ordered)}
    return tuple(known), np.array([known[key] for key in keys], np.int64)
