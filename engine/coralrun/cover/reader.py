"""Cover: what share of the reef each label and each group has, per image, per unit, per stratum, and overall.

Rule: no interval between images without a design unit, because photos of one transect are subsamples of it; without one
there are means, and the reason. Within a unit usable points are pooled (weighted by 1 / inclusion probability where
images were drawn with unequal ones); how units become a mean with an interval stands in `estimate`, what a class
is and which points leave the denominator in `results.groupings`. Every row says how many images were planned, used,
failed, dropped (too few usable points, or no unit) and are still to come, and how many points and units it rests on.
Failed and dropped images are taken to be like the others, which nobody can check.

All shares are in percent. Frames, with the columns that stand in the constants here:

- `overall`, `strata`, `units` and what `by` gives: a row for every class of every grouping, also for classes that were
  never seen. Leading columns name the row: none, the strata's field, the unit's fields, the fields asked for.
- `images`: a row for every class that was seen on an image, with `points_lo` and `points_hi`: Wilson's interval of
  point sampling within this one photo, approximate for stratified points and grids; it says nothing about other
  photos. An image without any such row has one with an empty `grouping`.
- `diagnostics`: by label, what the scores say next to what the points say. Not an estimate of cover.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from coralrun.cover.rows import COVER_COLUMNS, rows_of
from coralrun.cover.trained import trained_notes
from coralrun.estimates.intervals import wilson
from coralrun.estimates.placed import Domains, Whole
from coralrun.estimates.sample import FATE_NAMES, Sampled, sampled
from coralrun.planning.model import Analysis, Plan
from coralrun.planning.nested_units import single_unit_notes
from coralrun.planning.value_warnings import near_notes
from coralrun.results.counts import LabelCounts
from coralrun.results.groupings import Classes, classes_of
from coralrun.spec.model import IMAGE

__all__ = ["COVER_COLUMNS", "DIAGNOSTIC_COLUMNS", "IMAGE_COLUMNS", "Cover", "Reader", "cover"]

IMAGE_COLUMNS: Final = (
    "source", "name", "fate", "points", "points_usable", "points_unusable", "points_unassigned",
    "grouping", "group", "label_id", "points_seen", "mean", "points_lo", "points_hi",
)  # fmt: skip
"""The columns of `images`; those of the design (strata, unit, levels) stand after `name`."""

DIAGNOSTIC_COLUMNS: Final = ("label_id", "label_code", "label_name", "fate", "points", "share", "score_share")

_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Cover:
    """The answer, as frames; see the module's docstring. `notes` are what a reader must know, in plain sentences."""

    overall: pd.DataFrame
    strata: pd.DataFrame
    units: pd.DataFrame
    images: pd.DataFrame
    diagnostics: pd.DataFrame
    notes: tuple[str, ...]


def cover(counts: LabelCounts, plan: Plan, analysis: Analysis, pending: Collection[int] = ()) -> Cover:
    """All frames of a run; parameters and errors as for `Reader`."""
    return Reader(counts, plan, analysis, pending).cover()


class Reader:
    """Reads the counts of a run as cover, whole or by any fields of the metadata.

    `pending` are the numbers of images that are not over yet. Raises UsageError where a label is in no group.
    """

    def __init__(self, counts: LabelCounts, plan: Plan, analysis: Analysis, pending: Collection[int] = ()) -> None:
        self._plan = plan
        self._analysis = analysis
        self.classes: Classes = classes_of(counts, analysis)
        self.sampled: Sampled = sampled(counts, plan, analysis, self.classes, pending)
        self.counts = counts
        self.n_images = len(plan.images)

    @cached_property
    def near_notes(self) -> tuple[str, ...]:
        """The values of the design's fields that are nearly the same."""
        return near_notes(self._plan, [field for field, _ in self._design_fields()])

    @property
    def trained_notes(self) -> tuple[str, ...]:
        """What the classifier says itself that it was trained on."""
        return tuple(trained_notes(self._plan, self.classes, tuple(self.counts.labels)))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the cover of the whole run."""
        return (*self.sampled.notes, *self.classes.notes, *self.near_notes, *self.trained_notes)

    def notes_by(self, fields: Sequence[str]) -> tuple[str, ...]:
        """The same of cover by some fields."""
        design = {field for field, _ in self._design_fields()}
        near = near_notes(self._plan, [field for field in fields if field not in design])
        return (*self.notes, *near, *single_unit_notes(self._analysis.design, self._plan.fields, fields))

    def cover(self) -> Cover:
        """All frames."""
        return Cover(
            overall=self.told_by(()),
            strata=self.strata(),
            units=self.units(),
            images=self.images(),
            diagnostics=self.diagnostics(),
            notes=self.notes,
        )

    def visits(self) -> Iterator[tuple[str, str, Reader]]:
        """Each occasion by itself, read as if its images were all, and why there is no interval, "" where there may be
        one. A survey without occasions is one visit without a name."""
        sample = self.sampled
        if not sample.occasion:
            yield "", sample.across_years, self
            return
        domains = Domains.of(self._plan, (sample.occasion,))
        reasons = sample.why_no_intervals(domains)
        for place, ((visit,), why) in enumerate(zip(domains.values, reasons, strict=True)):
            here = copy(self)
            here.sampled = sample.on(domains.of_image == place)
            if here.sampled.used.any():
                yield visit, why, here

    def by(self, fields: Sequence[str]) -> pd.DataFrame:
        """Cover for each value of some fields of the metadata (as `Plan.fields` spells them); for all with none."""
        return rows_of(self.sampled, self.classes, self.counts, Domains.of(self._plan, fields))

    def told_fields(self, fields: Sequence[str]) -> list[str]:
        """The fields that rows are told by: the occasion first, where the survey has one, then those asked for."""
        return list(dict.fromkeys([self.sampled.occasion, *fields] if self.sampled.occasion else fields))

    def told_by(self, fields: Sequence[str]) -> pd.DataFrame:
        """The same as `by`, for each occasion by itself."""
        return self.by(self.told_fields(fields))

    def strata(self) -> pd.DataFrame:
        """Cover of each stratum; empty without strata. Images whose stratum is not known are in none."""
        field = self._analysis.design.strata_field
        if field is None:
            return self.told_by(()).iloc[:0]
        rows = self.told_by((field,))
        return rows[rows[field] != ""].reset_index(drop=True)

    def units(self) -> pd.DataFrame:
        """Cover of each unit, on each occasion: means, for one unit is n = 1. Empty without a unit, and where images
        are the units.
        """
        if self.sampled.unit_fields is None or IMAGE in self.sampled.unit_fields:
            return self.told_by(()).iloc[:0]
        return self.told_by(self.sampled.unit_fields)

    def images(self, numbers: range | None = None) -> pd.DataFrame:
        """What was seen on each image; on those with these numbers in the plan, all by default."""
        numbers = range(self.n_images) if numbers is None else numbers
        sample, counts = self.sampled, self.counts
        first, last = np.searchsorted(counts.image, [numbers.start, numbers.stop])
        image, label, points = (column[first:last] for column in (counts.image, counts.label, counts.points))
        frames = []
        for grouping in self.classes.groupings:
            of_row = grouping.of_label[label]
            kept = sample.used[image] & (points > 0) & (of_row >= 0)
            table = pd.DataFrame({"image": image[kept], "class": of_row[kept], "seen": points[kept]})
            table = table.groupby(["image", "class"], sort=True).sum().reset_index()
            which = table["class"].to_numpy()
            table["grouping"] = grouping.name
            table["group"] = np.array(grouping.names, object)[which]
            table["label_id"] = pd.array(list(grouping.label_ids), dtype="Int64")[which]
            frames.append(table)
        return self._image_frame(pd.concat(frames, ignore_index=True), numbers)

    def _image_frame(self, rows: pd.DataFrame, numbers: range) -> pd.DataFrame:
        sample, images = self.sampled, self._plan.images[numbers.start : numbers.stop]
        without = np.setdiff1d(np.arange(numbers.start, numbers.stop), rows["image"].to_numpy())
        rows = pd.concat([rows, pd.DataFrame({"image": without, "grouping": "", "group": ""})], ignore_index=True)
        rows = rows.sort_values("image", kind="stable", ignore_index=True)
        which = rows["image"].to_numpy(np.int64)
        here = which - numbers.start
        usable = sample.usable[which]
        seen = rows["seen"].to_numpy(float)
        some = (usable > 0) & ~np.isnan(seen)
        inside = wilson(np.where(some, seen, 0), np.where(some, usable, 1))
        fields = {
            field: _texts([image.metadata[at] if image.metadata else "" for image in images], here)
            for field, at in self._design_fields()
        }
        return pd.DataFrame(
            {
                "source": _texts([image.source for image in images], here),
                "name": _texts([image.name for image in images], here),
                **fields,
                "fate": _texts([FATE_NAMES[fate] for fate in sample.fate[numbers.start : numbers.stop]], here),
                "points": self.counts.total[which],
                "points_usable": usable,
                "points_unusable": sample.unusable[which],
                "points_unassigned": self.counts.unassigned[which],
                "grouping": rows["grouping"],
                "group": rows["group"],
                "label_id": rows["label_id"].astype("Int64"),
                "points_seen": rows["seen"].astype("Int64"),
                "mean": np.where(some, _PERCENT * seen / np.where(some, usable, 1), np.nan),
                "points_lo": np.where(some, _PERCENT * inside.lo, np.nan),
                "points_hi": np.where(some, _PERCENT * inside.hi, np.nan),
            }
        )

    def _design_fields(self) -> list[tuple[str, int]]:
        design = self._analysis.design
        named = [design.strata_field, *design.levels, design.unit]
        return [(name, self._plan.fields.index(name)) for name in dict.fromkeys(named) if name in self._plan.fields]

    def diagnostics(self) -> pd.DataFrame:
        """Points and summed scores by label, over all images with predictions; the last row is what no score names."""
        counts, classes = self.counts, self.classes
        n = len(counts.labels)
        points = np.bincount(counts.label, counts.points, n)
        scores = np.bincount(counts.label, counts.scores, n)
        total = max(int(counts.total.sum()), 1)
        fates = np.where(~classes.usable, "unusable", np.where(classes.unclear, "unclear", "usable"))
        frame = pd.DataFrame(
            {
                "label_id": pd.array([label.id for label in counts.labels], dtype="Int64"),
                "label_code": [label.code for label in counts.labels],
                "label_name": [label.name for label in counts.labels],
                "fate": fates,
                "points": points.astype(int),
                "share": _PERCENT * points / total,
                "score_share": _PERCENT * scores / total,
            }
        )
        rest = int(counts.unassigned.sum())
        last = pd.DataFrame(
            {
                "label_id": pd.array([None], dtype="Int64"),
                "label_code": [""],
                "label_name": ["(not assigned; beyond the best scores)"],
                "fate": ["unassigned"],
                "points": [rest],
                "share": [_PERCENT * rest / total],
                "score_share": [_PERCENT * max(0.0, 1 - float(scores.sum()) / total)],
            }
        )
        return pd.concat([frame, last], ignore_index=True)


def _texts(values: Sequence[str], which: Whole) -> pd.Categorical:
    """Texts by image, for the rows of a long frame; kept once each."""
    known = {text: place for place, text in enumerate(dict.fromkeys(values))}
    codes = np.array([known[text] for text in values], np.int32)
    return pd.Categorical.from_codes(codes[which], categories=pd.Index(list(known), dtype=object))
