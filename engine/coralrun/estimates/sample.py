"""The images of a run as a sample: which take part, and in which unit and stratum each is.

Rule: an image takes part if it has predictions, enough usable points, and a unit and a stratum where the survey names
them; every other image has a fate that says why not. A unit is known by all fields of the levels down to it, because
transect 1 of one site is not transect 1 of another; a unit that lies in two strata is one unit in both.

Units count alike, however large they are and however many photos they have, unless a field says what each weighs, as
its area does (`weights`). But where photos were drawn from the values of a field (`sampling.images` with `by`) and
these hold several units each, units were not as likely to be drawn: a transect of a site with few photos more than one
of a site with many. There a unit weighs as many photos as its own stand for, which is the sum of 1 / their probability
(Hajek 1971; Sarndal, Swensson & Wretman 1992, Model Assisted Survey Sampling, section 5.7), and cover is the mean over
all photos that there were. Not so where the field is the unit, or a level below it, for all units are in such a sample;
nor where it is that of the strata, which have their own weights.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coralrun.estimates.occasions import Dates, Span, dates_of, years_of
from coralrun.estimates.scope import Scope, scope_of
from coralrun.planning.design import unit_fields
from coralrun.planning.model import Analysis, Plan
from coralrun.results.counts import LabelCounts
from coralrun.results.groupings import Classes
from coralrun.spec.model import IMAGE, POOL, YEAR, Chosen
from coralrun.values.numerals import finite

_ROUNDING: Final = 1e-6  # in points: 0.55 of 20 points is 11, and in floating point a little more

Whole = NDArray[np.int64]
Numbers = NDArray[np.float64]


class Fate(IntEnum):
    """What became of a planned image."""

    USED = 0
    FAILED = 1
    PENDING = 2
    TOO_FEW = 3
    NO_UNIT = 4


FATE_NAMES: Final = {
    Fate.USED: "used",
    Fate.FAILED: "failed",
    Fate.PENDING: "pending",
    Fate.TOO_FEW: "dropped: too few usable points",
    Fate.NO_UNIT: "dropped: no unit or stratum",
}


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the images of a plan are in its design, whatever became of them. By image: `weight` (1 / inclusion
    probability), the numbers of its `unit` and `stratum`, and whether one of these has no name. `weighs_photos` says
    whether units weigh as many photos as theirs stand for, `of_unit` what else the unit of an image weighs. `strata`
    are those of the images, then those that stand in the table of areas alone; `areas` has their areas, all the same
    where none are given, None where one is not known; `by_area` says whether areas are given. `dates` are None where
    they play no part, `occasion` is the field of the visits that cover is told by, "" for none.
    """

    weight: Numbers
    unit: Whole
    stratum: Whole
    nameless: NDArray[np.bool_]
    unit_fields: tuple[str, ...] | None
    weighs_photos: bool
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
class Sampled(Placed):
    """The images of a run as a sample. By image: `fate`, `usable` and `unusable` points. `scope` is None where every
    stratum has a used image, `span` where no unit's dates are known.
    """

    fate: Whole
    used: NDArray[np.bool_]
    usable: Whole
    unusable: Whole
    scope: Scope | None
    span: Span | None
    notes: tuple[str, ...]

    @property
    def across_years(self) -> str:
        """Why nothing can be said of the whole survey but means, where occasions are mixed in it; "" where not."""
        return f"no interval: cover is told by {self.occasion}" if self.occasion else self._too_long(self.span)

    def why_no_intervals(self, domains: Domains) -> list[str]:
        """Why there is no interval in each set of images, for when they were taken; "" where there may be one."""
        n = len(domains.values)
        if self.occasion and self.occasion not in domains.fields:
            return [self.across_years] * n
        spans = [None] * n if self.dates is None else self.dates.spans(domains.of_image, self.used, n)
        at = domains.fields.index(self.occasion) if self.occasion else None
        return [
            f"no interval: the {self.occasion} is not known"
            if at is not None and not value[at]
            else self._too_long(span)
            for value, span in zip(domains.values, spans, strict=True)
        ]

    def _too_long(self, span: Span | None) -> str:
        is_one = self.dates is None or self.dates.is_pooled or span is None or not span.is_over_a_year
        return "" if is_one or span is None else span.why


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
    known = {key: place for place, key in enumerate(sorted(set(keys)))}
    return tuple(known), np.array([known[key] for key in keys], np.int64)


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
    if design.weights is not None:
        of_unit = np.array([finite(value) or nan for (value,) in _values(plan, (design.weights,))], float)
        nameless |= np.isnan(of_unit)
        weighting += f"; units by their {design.weights}"
    elif weighs_photos and design.unit != IMAGE:
        weighting += f"; units by the photos that theirs stand for, drawn by {analysis.drawn_by}"
    return Placed(
        weight=weight,
        unit=unit,
        stratum=stratum,
        nameless=nameless,
        unit_fields=levels,
        weighs_photos=weighs_photos,
        of_unit=of_unit,
        strata=names,
        areas=areas,
        by_area=areas is not None and bool(analysis.areas),
        weighting=weighting,
        dates=dates_of(plan, analysis, unit, units),
        occasion="" if design.occasion in (None, POOL) else design.occasion,
    )


def _unequal_units(plan: Plan, analysis: Analysis, weight: Numbers, unit: Whole) -> bool:
    """Whether units were drawn with unequal probabilities, through their photos."""
    design, by = analysis.design, analysis.drawn_by
    if by is None or design.unit is None or design.weights is not None:
        return False
    if by == design.strata_field or len(np.unique(weight)) == 1:
        return False
    within = design.levels[design.levels.index(design.unit) :] if design.unit in design.levels else (design.unit,)
    groups, group = _coded(_values(plan, (by,)))
    one_unit_each = len(np.unique(np.stack([group, unit]), axis=1).T) == len(groups)
    return by not in within or not one_unit_each


def sampled(
    counts: LabelCounts, plan: Plan, analysis: Analysis, classes: Classes, pending: Collection[int] = ()
) -> Sampled:
    """Work out which images take part, and where each belongs."""
    n, where = len(plan.images), placed(plan, analysis)
    lost = ~classes.usable[counts.label]
    unusable = np.bincount(counts.image[lost], counts.points[lost], n).astype(np.int64)
    usable = counts.total - unusable
    fate = np.full(n, Fate.USED, np.int64)
    fate[where.nameless] = Fate.NO_UNIT
    least = analysis.cover.min_usable_points * counts.total - _ROUNDING
    fate[(usable < least) | (usable == 0)] = Fate.TOO_FEW
    fate[counts.total == 0] = Fate.FAILED
    fate[np.array(sorted(pending), np.int64)] = Fate.PENDING
    in_use = [int(stratum) for stratum in np.unique(where.stratum[fate == Fate.USED])]
    scope = where.scope_in(range(len(where.strata)), in_use)
    used = fate == Fate.USED
    visits = Domains.of(plan, (where.occasion,) if where.occasion else ())
    spans = [] if where.dates is None else where.dates.spans(visits.of_image, used, len(visits.values))
    span = max((span for span in spans if span is not None), key=lambda span: span.days, default=None)
    return Sampled(
        **{field.name: getattr(where, field.name) for field in dataclasses.fields(where)},
        fate=fate,
        used=used,
        usable=usable,
        unusable=unusable,
        scope=scope,
        span=span,
        notes=(
            *_spanning(analysis, span),
            *_notes(analysis, fate, where),
            *([scope.note] if scope is not None else []),
        ),
    )


def _areas(analysis: Analysis, strata: Sequence[str]) -> tuple[Numbers | None, str]:
    if analysis.design.strata_field is None:
        return np.ones(len(strata)), "no strata"
    if not analysis.areas:
        return np.array([float(bool(name)) for name in strata]), "strata weigh the same: no areas are given"
    if any(name and name not in analysis.areas for name in strata):
        return None, "areas are not given for every stratum"
    return np.array([analysis.areas.get(name, 0.0) for name in strata], float), "areas of the strata"


def _spanning(analysis: Analysis, span: Span | None) -> Iterator[str]:
    """What is to be said of the dates of a unit's photos."""
    if span is None or not span.is_noted:
        return
    taken = f"{span.days:,} days, of `{span.unit}`: {span.first} to {span.last}"
    if analysis.design.occasion == POOL:
        yield f"Photos of one {analysis.design.unit} span up to {taken}. They are pooled, because the survey says so"
    elif span.is_over_a_year:
        yield (
            f"Photos of one {analysis.design.unit} span more than a year (up to {taken}), so there is no figure of all "
            "of them. Say what one visit is, design: {occasion: year} or another field; or, if the reef did not "
            "change, pool them, design: {occasion: pool}"
        )
    else:
        yield f"Photos of one {analysis.design.unit} span up to {taken}. They are pooled"


def _notes(analysis: Analysis, fate: Whole, where: Placed) -> Iterator[str]:
    design, areas = analysis.design, where.areas
    if design.unit is None:
        yield (
            "The survey names no design unit, so there are means and no intervals: photos of one site are not "
            "independent of each other. Name what was chosen independently: design: {unit: site}"
        )
    elif design.unit == IMAGE:
        yield (
            "Every photo counts as chosen independently (design: {unit: image}). Where several were taken at one site, "
            "the intervals are too narrow: name the site as the unit"
        )
    if design.chosen is Chosen.JUDGEMENT:
        yield (
            "The units were chosen by judgement: the intervals say how such units differ, and nothing says how far "
            "these stand for others"
        )
    if where.weighs_photos and design.unit != IMAGE:
        by = analysis.drawn_by
        yield (
            f"Photos were drawn by `{by}` and the unit is `{design.unit}`, so units were not equally likely: each "
            f"weighs as many photos as its own stand for. Intervals may be wider than need be; where the areas of each "
            f"`{by}` are known, name it as the strata: design: {{strata: {{field: {by}, areas: areas.csv}}}}"
        )
    if design.strata_field is not None and areas is None:
        yield f"The table of areas lacks a value of `{design.strata_field}`, so there is no overall mean"
    elif design.strata_field is not None and not analysis.areas:
        yield f"The strata (`{design.strata_field}`) weigh the same in the overall mean, because no areas are given"
    lost = int((fate == Fate.FAILED).sum())
    if lost:
        have = "1 image has" if lost == 1 else f"{lost} images have"
        yield f"{have} no predictions; cover takes such images to be like the others"
    for which, why in ((Fate.TOO_FEW, "too few usable points"), (Fate.NO_UNIT, "no unit or no stratum")):
        dropped = int((fate == which).sum())
        if dropped:
            yield f"{'1 image is' if dropped == 1 else f'{dropped} images are'} left out: {why}"
