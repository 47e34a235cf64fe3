"""Cover corrected by an audit by class, and the classifier's bias: the frame behind `cover_two_phase.csv`.

Rule: units, strata, areas, weights and fates are those of `cover`; what the machine says of all usable points is the
first phase, what people say of those drawn by its classes the second (see `two_phase`). A class of which fewer than
`FEW_POINTS` points are audited has no figure, and its row says what to review: whatever interval is made of so few is
mostly chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coralrun.accuracy.comparison import Pair, compare
from coralrun.accuracy.corrected import unit_fields_of
from coralrun.accuracy.measures import FEW_POINTS
from coralrun.accuracy.rates import Rows
from coralrun.accuracy.two_phase import METHOD, Audited, TwoPhase, two_phase
from coralrun.cover.estimate import NO_UNIT, why_none
from coralrun.cover.reader import Reader
from coralrun.estimates import clusters
from coralrun.estimates.placed import Domains
from coralrun.estimates.scope import with_scope
from coralrun.planning.model import Analysis, Plan
from coralrun.review.by_class import UNASSIGNED, MachineClasses
from coralrun.review.reviewed import ReviewedPoint, Reviews

COLUMNS: Final = (
    "grouping", "group", "cover_machine", "cover_corrected", "se", "df", "lo", "hi", "bias", "bias_se", "bias_lo",
    "bias_hi", "points_machine", "points_reviewed", "points_of_class", "units", "method", "warning",
)  # fmt: skip
"""The columns, in percent of usable points. `points_machine` are those of the run that the machine calls so,
`points_reviewed` those of them that people looked at, `points_of_class` the reviewed ones that either side calls so."""

SURE_POINTS: Final = 60
"""From so many audited points of a class on, the interval of its bias held the truth on drawn reefs where a classifier
fails at one site in ten and nowhere else; with 10 to 29 in 9 of 100 samples of ten sites (docs/coverage.md)."""

_PERCENT: Final = 100.0

Whole = NDArray[np.int64]
Numbers = NDArray[np.float64]


def machine_classes(reader: Reader, analysis: Analysis, level: str) -> MachineClasses | None:
    """The machine's classes at a level (`label`, or one of the groups); None where the run has no such level."""
    grouping = next((each for each in reader.classes.groupings if each.name == level), None)
    if grouping is None:
        return None
    nowhere = len(grouping.names)
    places = np.where(grouping.of_label < 0, np.where(reader.classes.usable, nowhere, -1), grouping.of_label)
    of_label = {label.key: int(place) for label, place in zip(reader.counts.labels, places, strict=True)}
    return MachineClasses(level, grouping.names, of_label, analysis.cover.min_confidence or 0.0)


@dataclass(frozen=True, slots=True)
class _First:
    """The first phase: shares of the machine's strata by row of units, and what belongs to it."""

    machine: Numbers
    points: Whole
    worth: Numbers
    rows: Rows
    areas: Numbers
    row_of: Whole
    weight: Numbers
    why: str


def by_class(reader: Reader, plan: Plan, analysis: Analysis, reviews: Reviews, classes: MachineClasses) -> pd.DataFrame:
    """Correct the cover of a survey at the level of the draw; empty where no point that was drawn so is reviewed.

    Raises UsageError where a person's label is in no group.
    """
    used = reader.sampled.used
    points = [p for p in reviews.points if (p.image, p.point) in reviews.by_class and used[p.image]]
    drawn = [reviews.by_class[p.image, p.point].stratum for p in points]
    if not points:
        return pd.DataFrame(columns=list(COLUMNS))
    stratum = np.array([classes.of(p.machine.label_key, p.machine.score) for p in points], np.int64)
    names, people, is_usable = _people(points, analysis, classes)
    first = _first(reader, plan, analysis, classes, len(names))
    reviewed = np.bincount(stratum[stratum >= 0], minlength=len(names))
    why = first.why or _why(names, first.points, reviewed)
    if drawn != [classes.strata[at] if at >= 0 else "" for at in stratum.tolist()]:
        why = "the points were drawn by other classes than the run has now"
    if number := reviews.by_class_plan:
        why = f"the points were drawn from the images of plan {number}: draw from those that there are now"
    images = np.array([p.image for p in points], np.int64)
    found = None
    if not why:
        audit = Audited(first.row_of[images], stratum, people, first.weight[images], is_usable)
        found = two_phase(first.machine, first.points, first.worth, first.rows, first.areas, audit)
    either = [int(((stratum == number) | (people == number)).sum()) for number in range(len(names))]
    left = len(reviews.by_class) - sum((p.image, p.point) in reviews.by_class for p in reviews.points)
    scope = reader.sampled.scope
    frame = pd.DataFrame(
        {
            "grouping": classes.level,
            "group": names,
            **_columns(first, found, np.array(either)),
            "points_machine": first.points,
            "points_reviewed": reviewed,
            "points_of_class": either,
            "units": len(np.unique(first.rows.number)),
            "method": with_scope(f"{METHOD}; {why}" if why else METHOD, scope),
            "warning": [_warning(classes.level, n, left) for n in either],
        }
    )
    is_shown = (frame["group"] != UNASSIGNED) & ((frame["points_machine"] > 0) | (frame["points_of_class"] > 0))
    return frame[is_shown][list(COLUMNS)].reset_index(drop=True)


def _people(
    points: Sequence[ReviewedPoint], analysis: Analysis, classes: MachineClasses
) -> tuple[tuple[str, ...], Whole, NDArray[np.bool_]]:
    """All classes (the machine's strata, then those that people alone gave), people's of each point, and whether it is
    usable."""
    compared = next(
        each for each in compare([Pair(p.image, p.human, p.machine) for p in points], analysis)
        if each.grouping == classes.level
    )  # fmt: skip
    said = [compared.names[at] if at >= 0 else "" for at in compared.human.classes.tolist()]
    extra = sorted({name for name in said if name and name not in classes.names})
    names = (*classes.strata, *extra)
    place = {name: at for at, name in enumerate(names)}
    return names, np.array([place.get(name, -1) for name in said], np.int64), compared.human.usable


def _first(reader: Reader, plan: Plan, analysis: Analysis, classes: MachineClasses, n_strata: int) -> _First:
    sample, counts = reader.sampled, reader.counts
    domains = Domains.of(plan, unit_fields_of(reader, analysis))
    n_rows, of_image = len(domains.values), domains.of_image
    of_label = np.array([classes.of_label.get(label.key, -1) for label in counts.labels], np.int64)
    stratum = of_label[counts.label]
    here = sample.used[counts.image] & (stratum >= 0)
    cells = np.zeros((n_rows, n_strata))
    points = np.zeros(n_strata, np.int64)
    np.add.at(cells, (of_image[counts.image[here]], stratum[here]), (sample.weight[counts.image] * counts.points)[here])
    np.add.at(points, stratum[here], counts.points[here])
    images, nowhere = np.flatnonzero(sample.used), len(classes.names)
    np.add.at(cells[:, nowhere], of_image[images], sample.weight[images] * counts.unassigned[images])
    points[nowhere] += counts.unassigned[images].sum()
    totals = cells.sum(axis=1)
    used = np.flatnonzero(totals > 0)
    squares = np.bincount(of_image[images], sample.weight[images] ** 2 * sample.usable[images], n_rows)
    number, in_stratum = np.zeros(n_rows, np.int64), np.zeros(n_rows, np.int64)
    number[of_image], in_stratum[of_image] = sample.unit, sample.stratum
    present, place = np.unique(in_stratum[used], return_inverse=True)
    names = [sample.strata[at] for at in present]
    why = NO_UNIT if sample.unit_fields is None else why_none(names, place)
    areas = np.ones(1)
    if sample.areas is not None:
        areas = sample.areas[present] / sample.areas[present].sum()
    elif len(present) > 1:
        why, areas = f"no mean: {sample.weighting}", np.full(len(present), np.nan)
    row_of = np.full(n_rows, -1, np.int64)
    row_of[used] = np.arange(len(used))
    return _First(
        machine=cells[used] / totals[used, None],
        points=points,
        worth=totals[used] ** 2 / np.maximum(squares[used], 1e-12),
        rows=Rows(number[used], place.ravel(), sample.unit_weights(images, of_image[images], n_rows)[used]),
        areas=areas,
        row_of=row_of[of_image],
        weight=sample.weight / np.where(totals > 0, totals, 1.0)[of_image],
        why=_by_occasion(sample.occasion) or sample.across_years or why,
    )


def _by_occasion(occasion: str) -> str:
    """Why there is no figure of a survey whose cover is told by occasion, and what to do; "" where it is not."""
    if not occasion:
        return ""
    return (
        f"cover is told by {occasion}, and points drawn by class are of the whole run: an audit of photos (--sample "
        f"without --by-class) corrects each {occasion}"
    )


def _why(names: Sequence[str], points: Whole, reviewed: Whole) -> str:
    """Why there is no figure: a class of the machine of which hardly a point is audited; "" where there is none."""
    lacking = [name for name, there, seen in zip(names, points, reviewed, strict=True) if seen < min(2, there)]
    if not lacking:
        return ""
    return f"fewer than two points are reviewed of what the machine calls {', '.join(f'`{name}`' for name in lacking)}"


_CORRECTED: Final = ("cover_corrected", "se", "df", "lo", "hi", "bias", "bias_se", "bias_lo", "bias_hi")


def _columns(first: _First, found: TwoPhase | None, of_class: Whole) -> dict[str, Numbers]:
    nothing = np.full(len(of_class), np.nan)
    if found is None:
        mean = clusters.mean(first.machine, first.rows.weight, first.rows.number, first.rows.stratum, first.areas).mean
        return {"cover_machine": _PERCENT * mean, **dict.fromkeys(_CORRECTED, nothing)}
    shares = (found.corrected, found.se, *found.limits, found.bias, found.bias_se, *found.of_bias)
    corrected, se, lo, hi, *of_bias = (_PERCENT * share for share in shares)
    enough = of_class >= FEW_POINTS
    figures = zip(_CORRECTED, (corrected, se, found.df, lo, hi, *of_bias), strict=True)
    return {
        "cover_machine": _PERCENT * found.machine,
        **{name: np.where(enough, values, np.nan) for name, values in figures},
    }


def _warning(level: str, of_class: int, left: int) -> str:
    found = []
    if of_class < FEW_POINTS:
        found.append(
            f"{of_class} audited points of this class, fewer than {FEW_POINTS}: no figure; review more of it, "
            f"--by-class {level} with another --seed"
        )
    elif of_class < SURE_POINTS:
        found.append(
            f"fewer than {SURE_POINTS} audited points of this class: the limits of its bias hold no error that the "
            "classifier makes at few units alone"
        )
    if left:
        found.append(f"{left} points drawn by class are not reviewed: they are random only as a whole")
    return "; ".join(found)
