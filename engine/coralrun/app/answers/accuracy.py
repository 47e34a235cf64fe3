"""Judging a run against labels that people gave: read them, leave out what trained the classifier, compare.

Rule: what is left out is counted with its reason, and what is in-sample is said of every figure, not once at the top.
Labels of a triage, and those that are not people's, are left out always. Nothing is kept: a review that is to correct
cover is imported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from coralrun.accuracy.beside import beside
from coralrun.accuracy.chosen import Chances, chances, not_random
from coralrun.accuracy.comparison import Pair
from coralrun.accuracy.judgement import JudgedBeside, Judgement, later_images, why_text
from coralrun.accuracy.measures import Visits, accuracy
from coralrun.accuracy.standing import lost_words, of_parts
from coralrun.accuracy.training import judged_image
from coralrun.accuracy.truth import NEVER, Why, judges
from coralrun.app.answers.kept_reviews import (
    drawn_from_now,
    images_since,
    lost_points,
    other_units,
    read_imports,
    read_records,
)
from coralrun.app.answers.own_confusion import confusion_of
from coralrun.app.answers.training import histories_of, untrained
from coralrun.app.run.run_directory import OpenRun
from coralrun.app.survey.label_files import read_labels
from coralrun.errors import UsageError
from coralrun.estimates.placed import Domains, Placed, placed
from coralrun.estimates.units import units_of
from coralrun.files.written import Table
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.planning.model import Plan
from coralrun.results.stored_points import Block
from coralrun.review.draws import in_force, place_of
from coralrun.review.matching import Match, Matched, match
from coralrun.review.reviewed import Labels, newest
from coralrun.review.sets import DrawnPoint
from coralrun.review.whose_labels import NOTHING_SAID, Word, labels_of
from coralrun.sources.reading import AS_USUAL, ByOption
from coralrun.values.phrases import count


def own_reviews(opened: OpenRun) -> Path:
    """What people reviewed of a run itself; raises UsageError where they have not."""
    path = opened.layout.outputs / Table.REVIEWED.file
    if not path.is_file():
        raise UsageError(
            "it is not said which labels people gave, and none of this run are reviewed",
            remedy="Give --truth, or have people review a sample: `coralrun review`.",
        )
    return path


def judge(
    opened: OpenRun,
    truth: Path,
    *,
    allow_in_sample: bool,
    word: Word = NOTHING_SAID,
    reading: ByOption = AS_USUAL,
    annotations: Path | None = None,
) -> Judgement:
    """Judge a run, also an unfinished one, by labelled points: a file, a folder or a pattern. Changes nothing.

    `annotations` is an export of those of the classifier's source, with dates.

    Raises InvalidInput for a file that cannot be read, UsageError where none of its rows may judge, or where nobody
    says that people labelled it.
    """
    given = read_labels(truth, reading)
    of_people = labels_of(truth, given.rows, word)
    rows = of_people.rows
    plan = opened.plan
    imports = read_imports(opened)
    counts: dict[int, int] = {}
    blocks = _counted(opened.blocks(), counts)
    (*of_imports, matched), codes = match(
        plan, blocks, [*(of_file for _, of_file in imports.files), rows], opened.sizes
    )
    labels = Labels(codes, imports.accepted)
    labelled = [pair for pair in matched.pairs if pair.human.is_labelled]
    numbers = [number for number, _ in imports.files]
    numbers.append(max(numbers, default=0) + 1)  # as if it were imported now
    people = [pair for pair in labelled if pair.human.is_persons]
    labels_by_file = zip(numbers, [*(labels.taken(of_file.pairs) for of_file in of_imports), people], strict=True)
    records = read_records(opened)
    drawn = in_force(records, newest(labels_by_file))
    unfit = not_random(people, drawn.sets, counts)
    unfit |= {(pair.image, pair.point): Why.TWO_LABELS for pair in people if labels.other(pair.human)}
    history = histories_of(opened, rows, annotations)
    judged = judges(plan, labelled, unfit, allow_in_sample=allow_in_sample, untrained=untrained(history))
    judging = Counter(pair.image for pair in judged.pairs)
    machines_by = tuple(sorted({row.given_by_column for row in rows if row.is_machines}))
    where = placed(plan, plan.analysis)
    kept = [pair for pair in judged.pairs if not where.nameless[pair.image]]
    if not kept:
        raise _nothing(plan, truth, len(rows), matched, judged.left_out, machines_by)
    pairs = tuple(Pair(pair.image, labels.of(pair.human), pair.machine) for pair in kept)
    probabilities, is_of_audit = chances(kept, drawn.sets), _has_some_of(drawn.audit, kept)
    said: tuple[str, ...] = ()
    if is_of_audit:
        later, is_of_now = images_since(opened), drawn_from_now(opened)
        said = tuple(_of_other_plan(len(later), lost_points(opened, records), is_of_now=is_of_now))
        if later and is_of_now and probabilities is not None:
            there = np.array([counts.get(image, 0) for image in range(len(plan.images))], float)
            probabilities = of_parts(np.array([pair.image for pair in kept], np.intp), later, where, there)
    return Judgement(
        file=str(truth),
        rows=len(rows),
        matched=len(matched.pairs),
        judged=len(kept),
        unmatched=matched.unmatched,
        names=matched.names,
        notes=(*given.notes, *said),
        unlabelled=len(matched.pairs) - len(labelled),
        taken_as_peoples=of_people.said,
        machines_by=machines_by,
        left_out=judged.left_out,
        without_unit=len(judged.pairs) - len(kept),
        audit_left=_left_of(drawn.audit, people),
        other_units=other_units(opened) if is_of_audit else "",
        never_given=tuple(_never_given(labels, kept)),
        in_sample=judged.in_sample,
        images=tuple(
            judged_image(plan, image, judging[image], history) for image in sorted({pair.image for pair in labelled})
        ),
        own_source=plan.classifier.source,
        unit=plan.analysis.design.unit or "",
        coralnet=plan.classifier.accuracy,
        confusion=confusion_of(opened),
        found=accuracy(pairs, probabilities, where, plan.analysis, units_of(plan), _visits(plan, where, counts)),
        matches=tuple(kept),
        pairs=pairs,
        chances=probabilities,
    )


def _visits(plan: Plan, where: Placed, counts: Mapping[int, int]) -> Visits | None:
    """The occasions of a survey that has some."""
    if not where.occasion:
        return None
    domains = Domains.of(plan, (where.occasion,))
    points = np.array([counts.get(image, 0) for image in range(len(plan.images))], float)
    return Visits(tuple(visit for (visit,) in domains.values), domains.of_image, points)


def judge_beside(first: OpenRun, judged: Judgement, second: OpenRun, other: Judgement) -> JudgedBeside:
    """Compare two runs that were judged by the same labels, on the points that judge both.

    Raises UsageError where there is none, or where a label is in no group of the first run.
    """
    of_other = {_row(match.human): at for at, match in enumerate(other.matches)}
    here = [at for at, match in enumerate(judged.matches) if _row(match.human) in of_other]
    if not here:
        raise UsageError(
            f"no point judges both {first.layout.root} and {second.layout.root}",
            remedy="Compare runs of the same points on the same images.",
        )
    there = [of_other[_row(judged.matches[at].human)] for at in here]
    pairs = [judged.pairs[at] for at in here]
    beside_these = [pair._replace(machine=other.pairs[at].machine) for pair, at in zip(pairs, there, strict=True)]
    probabilities = None
    if judged.chances is not None:
        probabilities = Chances(judged.chances.point[here], judged.chances.unit[here])
    plan = first.plan
    return JudgedBeside(
        run=str(first.layout.root),
        other=str(second.layout.root),
        both=len(here),
        run_alone=judged.judged - len(here),
        other_alone=other.judged - len(here),
        in_sample=judged.in_sample or other.in_sample,
        found=beside(pairs, beside_these, probabilities, placed(plan, plan.analysis), plan.analysis),
    )


def _row(human: LabelledPoint) -> tuple[str, int]:
    """Which row of what was handed in one is."""
    return human.file, human.line


def _counted(blocks: Iterable[Block], counts: dict[int, int]) -> Iterator[Block]:
    """The points as they are, noting in `counts` how many each image has."""
    for block in blocks:
        counts.update(zip(block.images.tolist(), block.counts.tolist(), strict=True))
        yield block


def _of_other_plan(later: int, lost: int, *, is_of_now: bool) -> Iterator[str]:
    """What is to be said of an audit whose images have changed since it was drawn."""
    if later and is_of_now:
        yield (
            f"{count(later, 'image')} came, or had points moved, between the draws of the audit: in each unit they and "
            "the others are estimated apart"
        )
    elif later:
        yield f"The audit was drawn before {count(later, 'image')} came or had points moved, and tells nothing of these"
    if lost:
        yield lost_words(lost)


def _has_some_of(audit: Sequence[DrawnPoint], pairs: Sequence[Match]) -> bool:
    places = {place_of(point) for point in audit}
    return any((pair.image, pair.point) in places for pair in pairs)


def _left_of(audit: Sequence[DrawnPoint], people: Sequence[Match]) -> int:
    places = {(pair.image, pair.point) for pair in people}
    left = sum(place_of(point) not in places for point in audit)
    return left if left < len(audit) else 0


def _never_given(labels: Labels, pairs: Sequence[Match]) -> Iterator[tuple[str, int, str | None]]:
    counts = Counter(labels.of(pair.human).code for pair in pairs if not labels.knows(pair.human))
    return ((code, count, labels.near(code)) for code, count in sorted(counts.items()))


def _nothing(
    plan: Plan,
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
        if Why.OWN_SOURCE in left_out:
            remedy += f" {later_images(plan.classifier.source)}"
        remedy += " To see figures all the same, stamped as in-sample: --allow-in-sample."
    return UsageError(f"{truth}: none of its {rows} rows may judge the run: {'; '.join(reasons)}", remedy=remedy)
