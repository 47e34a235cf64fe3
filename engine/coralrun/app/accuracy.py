"""Judging a run against labels that people gave: read them, leave out what trained the classifier, compare.

Rule: what is left out is counted with its reason, and what is in-sample is said of every figure, not once at the top.
Labels of a triage, and those that are not people's, are left out always. Nothing is kept: a review that is to correct
cover is imported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coralrun.accuracy.chosen import chances, not_random
from coralrun.accuracy.comparison import Pair
from coralrun.accuracy.measures import Accuracy, accuracy
from coralrun.accuracy.truth import NEVER, Why, judges
from coralrun.app.kept_reviews import other_units, read_imports, read_records
from coralrun.app.run_directory import OpenRun
from coralrun.app.whose_labels import NOTHING_SAID, OPTION, Word, labels_of
from coralrun.errors import UsageError
from coralrun.estimates.sample import placed
from coralrun.given import read_given
from coralrun.results.stored_points import Block, read_blocks
from coralrun.review.draws import in_force, place_of
from coralrun.review.matching import Match, Matched, Unmatched, match
from coralrun.review.reviewed import Labels, newest
from coralrun.review.sets import DrawnPoint
from coralrun.sources.labelled_file import read_labelled
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk
from coralrun.written import Table

IN_SAMPLE = "IN-SAMPLE"
OUT_OF_SAMPLE = "out-of-sample"

BIAS_COLUMNS = (
    "grouping", "class", "cover_people", "cover_machine", "bias", "se", "lo", "hi", "units", "note", "weighting",
    "sample",
)  # fmt: skip
POINT_COLUMNS = ("grouping", "class", "people", "machine", "both", "recall", "precision", "sample")
CONFUSION_COLUMNS = ("grouping", "people", "machine", "points", "sample")


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What became of a file of truth, and how the machine does against what is left of it.

    `coralnet` is the accuracy in percent that CoralNet gives for the classifier, None where not known; `audit_left`
    counts the points of the run's audit that the file does not label, where it labels any of them. `other_units` are
    those that the audit was drawn from, where it judges and the run is read by others now. `taken_as_peoples` says
    which labels are people's by somebody's word alone, "" for none; `machines_by` are the headings of the columns that
    say which labels are a machine's. `never_given` are labels of people that the classifier never gave, each with its
    points and the label that it may mean.
    """

    file: str
    rows: int
    matched: int
    judged: int
    unmatched: tuple[Unmatched, ...]
    names: tuple[str, ...]
    unlabelled: int
    taken_as_peoples: str
    machines_by: tuple[str, ...]
    left_out: Mapping[Why, int]
    without_unit: int
    audit_left: int
    other_units: str
    never_given: tuple[tuple[str, int, str | None], ...]
    in_sample: bool
    unit: str
    coralnet: int | None
    found: tuple[Accuracy, ...]

    @property
    def sample(self) -> str:
        """What every figure is stamped with."""
        return IN_SAMPLE if self.in_sample else OUT_OF_SAMPLE


def judge(opened: OpenRun, truth: Path, *, allow_in_sample: bool, word: Word = NOTHING_SAID) -> Judgement:
    """Judge a run, also an unfinished one, by a file of labelled points. Changes nothing.

    Raises InvalidInput for a file that cannot be read, UsageError where none of its rows may judge, or where nobody
    says that people labelled it.
    """
    try:
        data = read_given(truth)
    except OSError as error:
        raise UsageError(f"{truth}: {error.strerror or error}", remedy="Give a file of labelled points.") from error
    labels_given = labels_of(truth, read_labelled(truth.name, data), word)
    rows = labels_given.rows
    plan = opened.plan
    imports = read_imports(opened.layout)
    counts: dict[int, int] = {}
    blocks = _counted(read_blocks(plan, opened.plan_state, BlobStore(opened.layout, Disk())), counts)
    (*of_imports, matched), codes = match(plan, blocks, [*(of_file for _, of_file in imports.files), rows])
    labels = Labels(codes, imports.accepted)
    labelled = [pair for pair in matched.pairs if pair.human.is_labelled]
    numbers = [number for number, _ in imports.files]
    numbers.append(max(numbers, default=0) + 1)  # as if it were imported now
    people = [pair for pair in labelled if pair.human.is_persons]
    labels_by_file = zip(numbers, [*(labels.taken(each.pairs) for each in of_imports), people], strict=True)
    drawn = in_force(read_records(opened.layout, plan), newest(labels_by_file))
    unfit = not_random(people, drawn.sets, counts)
    unfit |= {(pair.image, pair.point): Why.TWO_LABELS for pair in people if labels.other(pair.human)}
    judged = judges(plan, labelled, unfit, allow_in_sample=allow_in_sample)
    machines_by = tuple(sorted({row.given_by_column for row in rows if row.is_machines}))
    where = placed(plan, plan.analysis)
    kept = [pair for pair in judged.pairs if not where.nameless[pair.image]]
    if not kept:
        raise _nothing(truth, len(rows), matched, judged.left_out, machines_by)
    pairs = [Pair(pair.image, labels.of(pair.human), pair.machine) for pair in kept]
    return Judgement(
        file=str(truth),
        rows=len(rows),
        matched=len(matched.pairs),
        judged=len(kept),
        unmatched=matched.unmatched,
        names=matched.names,
        unlabelled=len(matched.pairs) - len(labelled),
        taken_as_peoples=labels_given.said,
        machines_by=machines_by,
        left_out=judged.left_out,
        without_unit=len(judged.pairs) - len(kept),
        audit_left=_left_of(drawn.audit, people),
        other_units=other_units(opened.layout, plan) if _has_some_of(drawn.audit, kept) else "",
        never_given=tuple(_never_given(labels, kept)),
        in_sample=judged.in_sample,
        unit=plan.analysis.design.unit or "",
        coralnet=plan.classifier.accuracy,
        found=accuracy(pairs, chances(kept, drawn.sets), where, plan.analysis),
    )


def _counted(blocks: Iterable[Block], counts: dict[int, int]) -> Iterator[Block]:
    """The points as they are, noting in `counts` how many each image has."""
    for block in blocks:
        counts.update(zip(block.images.tolist(), block.counts.tolist(), strict=True))
        yield block


def _has_some_of(audit: Sequence[DrawnPoint], pairs: Sequence[Match]) -> bool:
    places = {place_of(each) for each in audit}
    return any((pair.image, pair.point) in places for pair in pairs)


def _left_of(audit: Sequence[DrawnPoint], people: Sequence[Match]) -> int:
    places = {(pair.image, pair.point) for pair in people}
    left = sum(place_of(each) not in places for each in audit)
    return left if left < len(audit) else 0


def _never_given(labels: Labels, pairs: Sequence[Match]) -> Iterator[tuple[str, int, str | None]]:
    counts = Counter(labels.of(pair.human).code for pair in pairs if not labels.knows(pair.human))
    return ((code, count, labels.near(code)) for code, count in sorted(counts.items()))


def _nothing(
    truth: Path,
    rows: int,
    matched: Matched,
    left_out: Mapping[Why, int],
    machines_by: tuple[str, ...],
) -> UsageError:
    reasons = [why_text(why, count, machines_by) for why, count in left_out.items()]
    if matched.unmatched:
        first = matched.unmatched[0].why
        reasons.append(f"{len(matched.unmatched)} match no point of the run (the first: {first})")
    reasons += matched.names
    if not reasons:
        reasons.append("none of them has a label")
    remedy = "Use labels that the classifier was not trained on, of points drawn at random: an audit, or whole images."
    if left_out.keys() == {Why.MACHINE}:
        remedy = "Use labels that people gave: a machine's are no truth."
    if left_out.keys() - NEVER:
        remedy += " To see figures all the same, stamped as in-sample: --allow-in-sample."
    return UsageError(f"{truth}: none of its {rows} rows may judge the run: {'; '.join(reasons)}", remedy=remedy)


def why_text(why: Why, count: int, machines_by: tuple[str, ...]) -> str:
    """How many rows are left out and why, with the column that says it or what would bring them in."""
    if why is Why.MACHINE:
        return f"{count:,} {why}, as {columns_named(machines_by)}"
    return f"{count:,} {why} ({OPTION}, if people did)" if why is Why.UNSAID else f"{count:,} {why}"


def columns_named(headings: tuple[str, ...]) -> str:
    """What says that labels are a machine's, as a clause."""
    named = ", ".join(f"`{heading}`" for heading in headings)
    return f"the column {named} says" if len(headings) == 1 else f"the columns {named} say"


def tables(judgement: Judgement) -> Iterator[tuple[Table, tuple[str, ...], list[tuple[object, ...]]]]:
    """The figures as tables, each with its columns and rows; every row says whether it is in-sample."""
    stamp = judgement.sample
    bias: list[tuple[object, ...]] = [
        (
            each.grouping,
            b.name,
            _known(b.human),
            _known(b.machine),
            _known(b.bias),
            _known(b.se),
            _known(b.lo),
            _known(b.hi),
            b.units,
            b.why,
            each.weighting,
            stamp,
        )
        for each in judgement.found
        for b in each.bias
    ]
    points: list[tuple[object, ...]] = [
        (each.grouping, h.name, h.human, h.machine, h.both, _known(h.recall), _known(h.precision), stamp)
        for each in judgement.found
        for h in each.hits
    ]
    confusion: list[tuple[object, ...]] = [
        (each.grouping, people, machine, count, stamp)
        for each in judgement.found
        for (people, machine), count in each.confusion.items()
    ]
    yield Table.ACCURACY_COVER, BIAS_COLUMNS, bias
    yield Table.ACCURACY_POINTS, POINT_COLUMNS, points
    yield Table.ACCURACY_CONFUSION, CONFUSION_COLUMNS, confusion


def _known(value: float) -> object:
    return "" if value != value else value


def document(judgement: Judgement) -> dict[str, Any]:
    """The figures as plain JSON values, bias first and kappa last; every record says whether it is in-sample."""
    stamp = {"sample": judgement.sample}
    return {
        **stamp,
        "truth": judgement.file,
        "rows": judgement.rows,
        "matched": judgement.matched,
        "judged": judgement.judged,
        "unlabelled": judgement.unlabelled,
        "without_unit": judgement.without_unit,
        "audit_left": judgement.audit_left,
        "audit_of_other_units": judgement.other_units,
        "taken_as_peoples": judgement.taken_as_peoples,
        "machines_by_columns": list(judgement.machines_by),
        "left_out": {str(why): count for why, count in judgement.left_out.items()},
        "never_given": [{"label": code, "points": n, "meant": meant} for code, n, meant in judgement.never_given],
        "unmatched": [
            {"line": each.human.line, "name": each.human.name, "why": each.why} for each in judgement.unmatched
        ],
        "names": list(judgement.names),
        "coralnet_accuracy_percent": judgement.coralnet,
        "unit": judgement.unit,
        "groupings": [
            {
                "grouping": each.grouping,
                "points": each.points,
                "images": each.images,
                "weighting": each.weighting,
                "cover": [
                    {
                        "class": b.name, "people": _null(b.human), "machine": _null(b.machine), "bias": _null(b.bias),
                        "se": _null(b.se), "lo": _null(b.lo), "hi": _null(b.hi), "units": b.units, "note": b.why,
                        **stamp,
                    }
                    for b in each.bias
                ],
                "classes": [
                    {
                        "class": h.name, "people": h.human, "machine": h.machine, "both": h.both,
                        "recall": _null(h.recall), "precision": _null(h.precision), **stamp,
                    }
                    for h in each.hits
                ],
                "confusion": [
                    {"people": people, "machine": machine, "points": count, **stamp}
                    for (people, machine), count in each.confusion.items()
                ],
                "agreement": each.agreement,
                "kappa": _null(each.kappa),
                **stamp,
            }
            for each in judgement.found
        ],
    }  # fmt: skip


def _null(value: float) -> float | None:
    return None if value != value else value
