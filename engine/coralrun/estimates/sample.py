"""The images of a run as a sample: which take part, and what became of the others.

Rule: an image takes part if it has predictions, enough usable points, and a unit and a stratum where the survey names
them; every other image has a fate that says why not. Where each belongs, `placed` says.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coralrun.estimates.occasions import Span
from coralrun.estimates.placed import Domains, Placed, Whole, placed
from coralrun.estimates.scope import Scope
from coralrun.estimates.two_stages import LEAST_PHOTOS
from coralrun.estimates.units import drawn_from
from coralrun.planning.model import Analysis, Plan
from coralrun.results.counts import LabelCounts
from coralrun.results.groupings import Classes
from coralrun.spec.model import IMAGE, POOL, Chosen
from coralrun.values.phrases import plural

_ROUNDING: Final = 1e-6  # in points: 0.55 of 20 points is 11, and in floating point a little more


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

    def on(self, images: NDArray[np.bool_]) -> Sampled:
        """The same of some images alone, as of one visit: it should stand for all strata, as the whole does."""
        used = self.used & images
        here = [int(stratum) for stratum in np.unique(self.stratum[used])]
        scope = self.scope_in(range(len(self.strata)), here)
        return dataclasses.replace(self, used=used, scope=scope, occasion="")

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


def _drawn(analysis: Analysis, fate: Whole, where: Placed) -> Iterator[str]:
    """What is to be said where it is known of how many units those here were drawn."""
    unit = analysis.design.unit
    if where.in_all is None:
        return
    used = fate == Fate.USED
    photos = np.unique(np.stack([where.stratum[used], where.unit[used]]), axis=1, return_counts=True)[1]
    lonely = int((photos < LEAST_PHOTOS).sum())
    yield (
        f"Standard errors are those of units drawn from all that there are, {drawn_from(analysis.design)}; those of "
        "cover that is corrected by points drawn by class take them for few of very many, which is wider"
    )
    if lonely:
        have = f"1 {unit} has a single photo" if lonely == 1 else f"{lonely:,} {plural(str(unit))} have a single photo"
        yield f"{have}, which says nothing of how photos differ there: its stratum is taken for few units of very many"


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
    yield from _drawn(analysis, fate, where)
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
