"""What became of a file of truth, and how the machine does against it: the record, its tables, its JSON document.

Rule: what is in-sample is said of every figure, not once at the top.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from coralrun.accuracy.beside import Beside
from coralrun.accuracy.chosen import Chances
from coralrun.accuracy.comparison import Pair
from coralrun.accuracy.measures import Accuracy
from coralrun.accuracy.training import JudgedImage
from coralrun.accuracy.truth import Why
from coralrun.files.written import Table
from coralrun.planning.confusion import Confusion
from coralrun.review.matching import Match, Unmatched
from coralrun.review.whose_labels import OPTION

IN_SAMPLE = "IN-SAMPLE"
OUT_OF_SAMPLE = "out-of-sample"

BIAS_COLUMNS = (
    "grouping", "occasion", "class", "cover_people", "cover_machine", "bias", "se", "lo", "hi", "units", "note",
    "weighting", "sample",
)  # fmt: skip
IMAGE_COLUMNS = ("source", "name", "judged", "may_have_trained", "why", "sample")
BESIDE_COLUMNS = (
    "grouping", "measure", "class", "people", "run", "other", "difference", "se", "lo", "hi", "units", "note",
    "weighting", "sample",
)  # fmt: skip
UNIT_COLUMNS = (
    "grouping", "stratum", "unit", "images", "points", "agreement", "class", "cover_people", "cover_machine", "bias",
    "sample",
)  # fmt: skip
POINT_COLUMNS = (
    "grouping", "class", "people", "machine", "both", "recall", "recall_se", "recall_lo", "recall_hi", "recall_units",
    "precision", "precision_se", "precision_lo", "precision_hi", "precision_units", "note", "weighting", "sample",
)  # fmt: skip
CONFUSION_COLUMNS = ("grouping", "people", "machine", "points", "share", "lo", "hi", "note", "weighting", "sample")


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What became of a file of truth, and how the machine does against what is left of it.

    `notes` are what its owner should know of how it was read. `coralnet` is the accuracy in percent that CoralNet
    gives for the classifier, `confusion` its own confusion matrix, both None where not known; `audit_left` counts the
    points of the run's audit that the file does not label, where it labels any of them. `other_units` are those that
    the audit was drawn from, where it judges and the run is read by others now. `taken_as_peoples` says which labels
    are people's by somebody's word alone, "" for none; `machines_by` are the headings of the columns that say which
    labels are a machine's. `never_given` are labels of people that the classifier never gave, each with its points and
    the label that it may mean. `images` are those with labels, `own_source` is the classifier's. `matches`, `pairs` and
    `chances` are of the points that judge, in one order.
    """

    file: str
    rows: int
    matched: int
    judged: int
    unmatched: tuple[Unmatched, ...]
    names: tuple[str, ...]
    notes: tuple[str, ...]
    unlabelled: int
    taken_as_peoples: str
    machines_by: tuple[str, ...]
    left_out: Mapping[Why, int]
    without_unit: int
    audit_left: int
    other_units: str
    never_given: tuple[tuple[str, int, str | None], ...]
    in_sample: bool
    images: tuple[JudgedImage, ...]
    own_source: int | None
    unit: str
    coralnet: int | None
    confusion: Confusion | None
    found: tuple[Accuracy, ...]
    matches: tuple[Match, ...]
    pairs: tuple[Pair, ...]
    chances: Chances | None

    @property
    def sample(self) -> str:
        """What every figure is stamped with."""
        return IN_SAMPLE if self.in_sample else OUT_OF_SAMPLE


def why_text(why: Why, count: int, machines_by: tuple[str, ...]) -> str:
    """How many rows are left out and why, with the column that says it or what would bring them in."""
    if why is Why.MACHINE:
        return f"{count:,} {why}, as {columns_named(machines_by)}"
    return f"{count:,} {why} ({OPTION}, if people did)" if why is Why.UNSAID else f"{count:,} {why}"


def later_images(source: int | None) -> str:
    """How to say which images of the classifier's source were annotated after its training."""
    return (
        "Images that were annotated after the training may judge: add --from-source, which asks source "
        f"{source} when this run's photos were annotated, or give --annotations the table of annotations that CoralNet "
        "exports of it now, with annotators and dates."
    )


def columns_named(headings: tuple[str, ...]) -> str:
    """What says that labels are a machine's, as a clause."""
    named = ", ".join(f"`{heading}`" for heading in headings)
    return f"the column {named} says" if len(headings) == 1 else f"the columns {named} say"


def tables(judgement: Judgement) -> Iterator[tuple[Table, tuple[str, ...], list[tuple[object, ...]]]]:
    """The figures as tables, each with its columns and rows; every row says whether it is in-sample."""
    stamp = judgement.sample
    bias: list[tuple[object, ...]] = [
        (
            grouping.grouping,
            occasion,
            b.name,
            _known(b.human),
            _known(b.machine),
            _known(b.bias),
            _known(b.se),
            _known(b.lo),
            _known(b.hi),
            b.units,
            b.why,
            grouping.weighting,
            stamp,
        )
        for grouping in judgement.found
        for occasion, found in (("", grouping.bias), *grouping.by_occasion)
        for b in found
    ]
    by_unit: list[tuple[object, ...]] = [
        (
            grouping.grouping,
            u.stratum,
            u.unit,
            u.images,
            u.points,
            _known(u.agreement),
            u.name,
            _known(u.human),
            _known(u.machine),
            _known(u.bias),
            stamp,
        )
        for grouping in judgement.found
        for u in grouping.by_unit
    ]
    points: list[tuple[object, ...]] = [
        (
            grouping.grouping,
            h.name,
            h.human,
            h.machine,
            h.both,
            *map(_known, (*h.recall, *h.precision)),
            grouping.why,
            grouping.weighting,
            stamp,
        )
        for grouping in judgement.found
        for h in grouping.hits
    ]
    confusion: list[tuple[object, ...]] = [
        (grouping.grouping, *words, *map(_known, cell), grouping.why, grouping.weighting, stamp)
        for grouping in judgement.found
        for words, cell in grouping.confusion.items()
    ]
    yield Table.ACCURACY_COVER, BIAS_COLUMNS, bias
    yield Table.ACCURACY_UNITS, UNIT_COLUMNS, by_unit
    yield Table.ACCURACY_POINTS, POINT_COLUMNS, points
    yield Table.ACCURACY_CONFUSION, CONFUSION_COLUMNS, confusion
    images: list[tuple[object, ...]] = [
        (image.source, image.name, image.judged, _YES_NO[image.may_have_trained], image.why, stamp)
        for image in judgement.images
    ]
    yield Table.ACCURACY_IMAGES, IMAGE_COLUMNS, images


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedBeside:
    """Two runs judged by the same labels: how many points judge both, and how many one alone; whether the classifier of
    either may have been trained on them."""

    run: str
    other: str
    both: int
    run_alone: int
    other_alone: int
    in_sample: bool
    found: tuple[Beside, ...]

    @property
    def sample(self) -> str:
        """What every figure is stamped with."""
        return IN_SAMPLE if self.in_sample else OUT_OF_SAMPLE


def beside_table(judged: JudgedBeside) -> tuple[Table, tuple[str, ...], list[tuple[object, ...]]]:
    """The comparison of two runs as a table."""
    rows = [
        (
            found.grouping,
            measure,
            each.name,
            *map(_known, each[1:8]),
            each.units,
            each.why,
            found.weighting,
            judged.sample,
        )
        for found in judged.found
        for measure, differences in (("agreement", (found.agreement,)), ("cover", found.cover))
        for each in differences
    ]
    return Table.ACCURACY_BESIDE, BESIDE_COLUMNS, rows


_YES_NO: Final = {True: "yes", False: "no", None: ""}


def _known(value: float) -> object:
    return "" if value != value else value
