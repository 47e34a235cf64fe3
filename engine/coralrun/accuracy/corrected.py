"""Cover as the machine has it beside cover corrected by an audit: the frame behind `cover_corrected.csv`.

Rule: units, strata, areas and fates are those of `cover`, so its machine cover is cover's own; of what people said only
points of a random audit take part, on images that take part in cover. The triage never enters: points that were chosen
because the machine was unsure say nothing about the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coralrun.accuracy.comparison import Compared, Pair, compare
from coralrun.accuracy.corrected_warnings import LONELY, of_reviews, warning
from coralrun.accuracy.correction import METHOD, AuditedUnits, Corrected, correct
from coralrun.accuracy.photos import PhotoSides
from coralrun.accuracy.second_stage import Photos, SecondStage
from coralrun.accuracy.sides import Sides
from coralrun.accuracy.standing import Standing, standing
from coralrun.cover.estimate import NO_UNIT
from coralrun.cover.reader import Reader
from coralrun.estimates.placed import Domains
from coralrun.estimates.scope import Scope, with_scope
from coralrun.estimates.two_stages import LEAST_PHOTOS
from coralrun.planning.model import Analysis, Plan
from coralrun.review.reviewed import ReviewedPoint, Reviews

COLUMNS: Final = (
    "stratum", "grouping", "group", "cover_machine", "cover_corrected", "correction", "correction_se", "se", "df",
    "lo", "hi", "method", "warning", "units", "units_reviewed", "images_reviewed", "images_lacking", "points_reviewed",
    "points_of_class", "weighting",
)  # fmt: skip
"""The columns, in percent of usable points. `stratum` is empty for the whole survey; `correction` is what was added,
`correction_se` its own error; `se`, `df`, `lo` and `hi` (95 %) belong to the corrected cover; `method` says how, or why
there is no interval; `images_lacking` are the further images without which the audit corrects nothing, of all strata;
`points_of_class` are the reviewed points that people or machine put into the class; `weighting` is that of cover, and
what units weigh beside it in the audit."""

_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class _Audit:
    """The audited points of images that take part in cover, with the weight of each, and each one's unit; and the part
    of its unit that each image is in, as a sample."""

    points: tuple[ReviewedPoint, ...]
    weights: NDArray[np.float64]
    unit: NDArray[np.intp]
    compared: Mapping[str, Compared]
    standing: Standing
    part: NDArray[np.intp]


def corrected(reader: Reader, plan: Plan, analysis: Analysis, reviews: Reviews) -> pd.DataFrame:
    """Correct the cover of a survey, whole and by stratum, on each occasion by itself where it has some, whose column
    stands first; empty where no audited point takes part.

    Raises UsageError where a person's label is in no group.
    """
    occasion = reader.sampled.occasion
    if not any(reader.sampled.used[point.image] for point in reviews.audited):
        return pd.DataFrame(columns=[*([occasion] if occasion else []), *COLUMNS])
    found = []
    for visit, why, here in reader.visits():
        found.append(_of_visit(here, plan, analysis, reviews, why, is_visit=bool(occasion)))
        if occasion:
            found[-1].insert(0, occasion, visit)
    return pd.concat(found, ignore_index=True)


def _of_visit(
    reader: Reader, plan: Plan, analysis: Analysis, reviews: Reviews, across: str, *, is_visit: bool
) -> pd.DataFrame:
    """That of one visit, or of a survey that is one; `across` says why it has no interval in any case."""
    units = unit_fields_of(reader, analysis)
    domains = Domains.of(plan, units)
    audit = _audit(reader, analysis, reviews, domains, is_visit=is_visit)
    corrector = _Corrector(reader, audit, domains, of_reviews(reviews), across)
    frames = [
        corrector.frame(stratum, facts, areas)
        for grouping, rows in reader.by(units).groupby("grouping", sort=False)
        for facts in [corrector.facts(rows, audit.compared[str(grouping)])]
        for stratum, areas in corrector.wanted(facts)
    ]
    table = pd.concat(frames, ignore_index=True)[list(COLUMNS)]
    order = {name: place for place, name in enumerate(["", *reader.sampled.strata])}
    return table.sort_values("stratum", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def unit_fields_of(reader: Reader, analysis: Analysis) -> tuple[str, ...]:
    """The fields of what a unit has in one stratum; without a design unit all of a stratum is one."""
    fields = reader.sampled.unit_fields or ()
    strata = analysis.design.strata_field
    return fields if strata is None or strata in fields else (*fields, strata)


def _audit(reader: Reader, analysis: Analysis, reviews: Reviews, domains: Domains, *, is_visit: bool) -> _Audit:
    sample = reader.sampled
    points = tuple(point for point in reviews.points if point.is_audit and sample.used[point.image])
    compared = compare([Pair(point.image, point.human, point.machine) for point in points], analysis)
    found = standing(points, reviews, sample, domains, is_visit=is_visit)
    images = np.array([point.image for point in points], np.intp)
    part = reviews.parts.samples(len(sample.used))
    by_name = {grouping.grouping: grouping for grouping in compared}
    return _Audit(points, sample.weight[images] * found.of_point, domains.of_image[images], by_name, found, part)


@dataclass(frozen=True, slots=True)
class _Facts:
    """One grouping: shares by unit (in a stratum) and class, what both sides say there, and where the unit is."""

    compared: Compared
    names: tuple[str, ...]
    machine: NDArray[np.float64]
    sides: Sides
    reviewed: NDArray[np.float64]
    unit: NDArray[np.intp]
    stratum: NDArray[np.int64]
    photos: SecondStage | None


class _Corrector:
    """Corrects one survey, grouping by grouping."""

    def __init__(self, reader: Reader, audit: _Audit, domains: Domains, warnings: Sequence[str], across: str) -> None:
        self._across = across
        self._sample = sample = reader.sampled
        self._audit = audit
        self._domains = domains
        self._warnings = warnings
        units = len(domains.values)
        self._stratum = np.zeros(units, np.int64)  # all images of a unit are in one: its fields say so
        self._stratum[domains.of_image] = self._sample.stratum
        self._number = np.zeros(units, np.int64)  # the unit itself, which may lie in several strata
        self._number[domains.of_image] = self._sample.unit
        used, weighted = domains.of_image[sample.used], sample.weight[sample.used] * sample.usable[sample.used]
        squares = np.bincount(used, sample.weight[sample.used] * weighted, units)
        self._points = np.bincount(used, weighted, units) ** 2 / np.where(
            squares > 0, squares, 1
        )  # what they are worth
        self._unit_weights = sample.unit_weights(np.flatnonzero(sample.used), used, units)

    def facts(self, rows: pd.DataFrame, compared: Compared) -> _Facts:
        """What is known by one grouping; `rows` are its rows of cover, unit by unit."""
        known = list(dict.fromkeys(rows["group"]))
        names = [*known, *(name for name in compared.names if name not in known)]
        shares = rows["mean"].to_numpy(float).reshape(len(self._domains.values), len(known)) / _PERCENT
        used = np.flatnonzero(~np.isnan(shares).any(axis=1))
        machine = np.zeros((len(used), len(names)))
        machine[:, : len(known)] = shares[used]
        points = [np.flatnonzero(self._audit.unit == unit) for unit in used]
        found, reviewed = Sides.of(compared, points, self._audit.weights)
        sides = Sides(*(np.zeros_like(machine) for _ in found))
        columns = [names.index(name) for name in compared.names]
        for whole, part in zip(sides, found, strict=True):
            whole[:, columns] = part
            whole[reviewed == 0] = np.nan
        stage = self._second_stage(compared, points, used, np.zeros_like(machine), columns)
        return _Facts(compared, tuple(names), machine, sides, reviewed, used, self._stratum[used], stage)

    def _second_stage(
        self,
        compared: Compared,
        points: Sequence[NDArray[np.intp]],
        used: NDArray[np.intp],
        nothing: NDArray[np.float64],
        columns: Sequence[int],
    ) -> SecondStage | None:
        """How the reviewed photos of units differ, where it is known of how many units those here were drawn."""
        sample, audit = self._sample, self._audit
        if sample.in_all is None:
            return None
        images = np.array([point.image for point in audit.points], np.int64)
        lonely = np.zeros(len(points), bool)
        sides = PhotoSides.of(compared, points, images, audit.weights, sample.in_all, audit.part[images], lonely)
        n_parts = int(audit.part.max()) + 1
        cell = self._domains.of_image[sample.used] * n_parts + audit.part[sample.used]
        there = np.bincount(cell, minlength=len(self._domains.values) * n_parts).reshape(-1, n_parts)[used]
        in_all = dict(zip(sample.strata, sample.in_all.tolist(), strict=True))
        photos = Photos(sides.row, sides.part, there)
        stage = SecondStage.of(in_all, photos, sides.human, sides.human - sides.machine)
        within = nothing.copy()
        within[:, columns] = stage.within
        return stage._replace(within=within)

    def wanted(self, facts: _Facts) -> Iterator[tuple[str, dict[int, float]]]:
        """The whole survey, where areas let its strata be joined, and each stratum, with the strata's area shares."""
        sample = self._sample
        present = [int(stratum) for stratum in np.unique(facts.stratum)]
        areas = np.ones(len(sample.strata)) if sample.areas is None else sample.areas
        if sample.areas is not None or len(present) == 1:
            yield "", {stratum: float(areas[stratum] / areas[present].sum()) for stratum in present}
        if sample.strata != ("",):
            yield from ((sample.strata[stratum], {stratum: 1.0}) for stratum in present)

    def frame(self, stratum: str, facts: _Facts, areas: Mapping[int, float]) -> pd.DataFrame:
        """The rows of a set of strata."""
        sample, audit, inside = self._sample, self._audit, np.isin(facts.stratum, list(areas))
        points = np.isin(self._stratum[audit.unit], list(areas))
        images = {point.image for point, is_inside in zip(audit.points, points, strict=True) if is_inside}
        usable = sample.usable[sample.used & np.isin(sample.stratum, list(areas))].sum()
        units = AuditedUnits(
            numbers=self._number[facts.unit[inside]],
            strata=tuple(sample.strata[stratum] for stratum in facts.stratum[inside]),
            machine=facts.machine[inside],
            points=self._points[facts.unit[inside]],
            sides=facts.sides.rows(inside),
            reviewed_points=facts.reviewed[inside],
            unit_weights=self._unit_weights[facts.unit[inside]],
            audit_weights=audit.standing.of_unit[facts.unit[inside]],
            reviewed_share=float((facts.compared.machine.usable & points).sum() / usable),
            photos=None if facts.photos is None else facts.photos.rows(inside),
        )
        of_class = _points_of_class(facts, points)
        found = correct(units, {sample.strata[stratum]: area for stratum, area in areas.items()})
        has_lonely = units.photos is not None and bool((units.photos.reviewed == LEAST_PHOTOS - 1).any())
        of_all = [*([LONELY] if has_lonely else []), *self._warnings]
        columns = self._columns(found, None if stratum else sample.scope)
        has_limits = ~np.isnan(np.asarray(columns["lo"], float))
        return pd.DataFrame(
            {
                "stratum": stratum,
                "grouping": facts.compared.grouping,
                "group": list(facts.names),
                **columns,
                "images_reviewed": len(images),
                "images_lacking": audit.standing.lacks,
                "points_reviewed": int(points.sum()),
                "points_of_class": of_class,
                "weighting": "; ".join(filter(None, (sample.weighting, audit.standing.weighting))),
                "warning": [
                    warning(points_of, of_all, is_unseen=is_unseen)
                    for points_of, is_unseen in zip(of_class, found.unseen & has_limits, strict=True)
                ],
            }
        )

    def _columns(self, found: Corrected, scope: Scope | None) -> dict[str, object]:
        has_unit = self._sample.unit_fields is not None
        why = (found.why if has_unit else NO_UNIT) if found.why else ""
        none = np.full(len(found.machine), np.nan)
        if self._across:
            why = self._across
            found = replace(found, se=none, df=none, lo=none, hi=none)
        if self._audit.standing.why:
            why = self._audit.standing.why
            found = replace(found, corrected=none, correction_se=none, se=none, df=none, lo=none, hi=none)
        return {
            "cover_machine": _PERCENT * found.machine,
            "cover_corrected": _PERCENT * found.corrected,
            "correction": _PERCENT * (found.corrected - found.machine),
            "correction_se": _PERCENT * found.correction_se,
            "se": _PERCENT * found.se,
            "df": found.df,
            "lo": _PERCENT * found.lo,
            "hi": _PERCENT * found.hi,
            "method": with_scope(f"{METHOD}; {why}" if why else METHOD, scope),
            "units": found.units if has_unit else 0,
            "units_reviewed": found.reviewed if has_unit else 0,
        }


def _points_of_class(facts: _Facts, among: NDArray[np.bool_]) -> list[int]:
    """How many of some audited points either side puts into each class."""
    human, machine = facts.compared.human, facts.compared.machine
    counts = dict.fromkeys(facts.names, 0)
    for place, name in enumerate(facts.compared.names):
        said = [(side.classes == place) & side.usable for side in (human, machine)]
        counts[name] = int(((said[0] | said[1]) & among).sum())
    return list(counts.values())
