"""From the frames of cover to what a report shows of them.

Rule: nothing is reckoned here; numbers are picked, ordered and turned from percent into shares. The main groups are
those of the coarsest level of groups, or the labels where the survey has no groups.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from coralrun.cover.reader import Reader
from coralrun.estimates.scope import without_scope
from coralrun.planning.model import Analysis
from coralrun.report.model import Cover, Estimate
from coralrun.results.counts import LabelCounts
from coralrun.results.groupings import LABEL, NOWHERE, Grouping
from coralrun.spec.model import IMAGE
from coralrun.values.classified import LabelKey
from coralrun.values.phrases import count, percent

MOST_SHOWN: Final = 12
"""Groups or labels in the report; the tables have all."""

_BETWEEN: Final = " / "


def cover_of(reader: Reader, analysis: Analysis) -> Cover | None:
    """The cover of a run for its report; None where there is no overall mean."""
    design = analysis.design
    grouping = main_grouping(reader).name
    everything = reader.by(())
    overall_frame = _of(everything, grouping)
    overall = _ordered(overall_frame)
    labels = [estimate for estimate in _ordered(_of(everything, LABEL)) if not estimate.unseen]
    if grouping == LABEL:
        overall, labels = labels, []
    if not overall:
        return None
    stratum = reader.told_fields((design.strata_field,) if design.strata_field is not None else ())
    visits = reader.told_fields(())
    unit = reader.sampled.unit_fields if reader.sampled.unit_fields and IMAGE not in reader.sampled.unit_fields else ()
    strata = _of(reader.by(stratum), grouping) if stratum else overall_frame.iloc[:0]
    by_cell = tuple(dict.fromkeys((*stratum, *unit)))
    units = _of(reader.by(unit), grouping) if unit else overall_frame.iloc[:0]
    cells = _of(reader.by(by_cell), grouping) if unit else overall_frame.iloc[:0]
    first, scope = overall_frame.iloc[0], reader.sampled.scope
    span = reader.sampled.span
    across = reader.sampled.notes[0] if reader.sampled.across_years and not visits else ""
    said_apart = ("" if scope is None else scope.note, across)
    kept = [estimate.what for estimate in overall[:MOST_SHOWN]]
    return Cover(
        by="label" if grouping == LABEL else "group",
        unit=design.unit or "",
        stratum=_BETWEEN.join(stratum),
        overall=tuple(overall[:MOST_SHOWN]),
        labels=tuple(labels),
        more=len(overall) - len(kept),
        strata=tuple(estimate for estimate in _estimates(strata, stratum, stratum) if estimate.what in kept),
        units=tuple(estimate for estimate in _estimates(units, (), unit) if estimate.what in kept),
        cells=tuple(estimate for estimate in _estimates(cells, stratum, unit) if estimate.what in kept),
        usable_points=int(first["points_usable"]),
        unusable_points=int(first["points_unusable"]),
        photos=int(first["images_used"]),
        photos_dropped=int(first["images_dropped"]),
        notes=(
            *(note for note in reader.sampled.notes if note not in said_apart),
            *reader.classes.notes,
            *reader.near_notes,
            *reader.trained_notes,
            *_left_out(first),
        ),
        scope="" if scope is None else scope.note,
        across_years=across,
        occasions=tuple(
            estimate
            for estimate in _estimates(_of(reader.by(visits), grouping), visits, visits)
            if visits and estimate.what in kept
        ),
        span="" if span is None or not span.is_noted else f"{span.days:,} days ({span.first} to {span.last})",
        missing=() if scope is None else scope.missing,
        weighs_photos=reader.sampled.weighs_photos,
        is_crossed=_is_crossed(reader),
    )


def _is_crossed(reader: Reader) -> bool:
    """Whether a unit lies in several strata."""
    sample = reader.sampled
    if sample.unit_fields is None:
        return False
    cells = np.unique(np.stack([sample.unit, sample.stratum])[:, sample.used], axis=1)
    return bool(len(np.unique(cells[0])) < cells.shape[1])


def _ordered(frame: pd.DataFrame) -> list[Estimate]:
    """The estimates of a frame for the whole survey, the largest first."""
    return sorted(_estimates(frame, (), ()), key=lambda estimate: (-estimate.mean, estimate.what))


def _left_out(row: pd.Series[Any]) -> Iterator[str]:
    """What became of points that are in no group's cover."""
    unusable, unassigned = int(row["points_unusable"]), float(row["unassigned"])
    if unusable:
        yield f"Left out of the denominator as unusable: {count(unusable, 'point')}"
    if unassigned > 0:
        share = percent(unassigned / 100)
        yield (
            f"{share} of the usable points have no label, because their best score is too low: any group may have that "
            "much more"
        )


def names_of(reader: Reader, counts: LabelCounts) -> dict[LabelKey, str]:
    """The group (or label) under which the points of each label are shown; labels that are in none are left out."""
    grouping = main_grouping(reader)
    return {
        label.key: grouping.names[which]
        for label, which in zip(counts.labels, grouping.of_label.tolist(), strict=True)
        if which != NOWHERE
    }


def main_grouping(reader: Reader) -> Grouping:
    """The grouping that is shown: the coarsest level of the groups, which follows the labels."""
    groupings = reader.classes.groupings
    return groupings[1 if len(groupings) > 1 else 0]


def _of(frame: pd.DataFrame, grouping: str) -> pd.DataFrame:
    return frame[frame["grouping"] == grouping]


def _estimates(frame: pd.DataFrame, stratum: Sequence[str], place: Sequence[str]) -> Iterator[Estimate]:
    for row in frame.to_dict("records"):
        if not math.isnan(row["mean"]):
            yield _estimate(row, stratum, place)


def _estimate(row: dict[Any, Any], stratum: Sequence[str], place: Sequence[str]) -> Estimate:
    has_interval = not math.isnan(row["hi"])
    return Estimate(
        what=str(row["group"]),
        mean=row["mean"] / 100,
        place=_BETWEEN.join(str(row[field]) for field in place),
        stratum=_BETWEEN.join(str(row[field]) for field in stratum),
        low=row["lo"] / 100 if has_interval else None,
        high=row["hi"] / 100 if has_interval else None,
        units=int(row["units"]),
        photos=int(row["images_used"]),
        points=int(row["points_usable"]),
        unseen=int(row["points_seen"]) == 0,
        why="" if has_interval else without_scope(str(row["method"])),
    )
