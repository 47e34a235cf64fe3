"""Judging a run against labels that people gave: read them, leave out what trained the classifier, compare.

Rule: what is left out is counted with its reason, and what is in-sample is said of every figure, not once at the top.
Labels of a triage, and those that are not people's, are left out always. Nothing is kept: a review that is to correct
cover is imported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from coralrun.accuracy.chosen import chances, not_random
from coralrun.accuracy.comparison import Pair
from coralrun.accuracy.judgement import Judgement, why_text
from coralrun.accuracy.measures import accuracy
from coralrun.accuracy.truth import NEVER, Why, judges
from coralrun.app.kept_reviews import other_units, read_imports, read_records
from coralrun.app.labels_given import read_labels
from coralrun.app.run_directory import OpenRun
from coralrun.errors import UsageError
from coralrun.estimates.placed import placed
from coralrun.results.stored_points import Block
from coralrun.review.draws import in_force, place_of
from coralrun.review.matching import Match, Matched, match
from coralrun.review.reviewed import Labels, newest
from coralrun.review.sets import DrawnPoint
from coralrun.review.whose_labels import NOTHING_SAID, Word, labels_of
from coralrun.sources.reading import AS_USUAL, ByOption


def judge(
    opened: OpenRun,
    truth: Path,
    *,
    allow_in_sample: bool,
    word: Word = NOTHING_SAID,
    reading: ByOption = AS_USUAL,
) -> Judgement:
    """Judge a run, also an unfinished one, by labelled points: a file, a folder or a pattern. Changes nothing.

    Raises InvalidInput for a file that cannot be read, UsageError where none of its rows may judge, or where nobody
    says that people labelled it.
    """
    given = read_labels(truth, reading)
    labels_given = labels_of(truth, given.rows, word)
    rows = labels_given.rows
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
    drawn = in_force(read_records(opened), newest(labels_by_file))
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
        notes=given.notes,
        unlabelled=len(matched.pairs) - len(labelled),
        taken_as_peoples=labels_given.said,
        machines_by=machines_by,
        left_out=judged.left_out,
        without_unit=len(judged.pairs) - len(kept),
        audit_left=_left_of(drawn.audit, people),
        other_units=other_units(opened) if _has_some_of(drawn.audit, kept) else "",
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
