"""Judging a run against labels that people gave: read them, leave out what trained the classifier, compare.

Rule: what is left out is counted with its reason, and what is in-sample is said of every figure, not once at the top.
Labels of a triage, and those that are not people's, are left out always. Nothing is kept: a review that is to correct
cover is imported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import inf
from pathlib import Path

import numpy as np

from coralrun.accuracy.beside import beside
from coralrun.accuracy.chosen import Chances, chances
from coralrun.accuracy.comparison import Pair
from coralrun.accuracy.judgement import JudgedBeside, Judgement, later_images, why_text
from coralrun.accuracy.measures import Visits, accuracy
from coralrun.accuracy.remedies import what_to_do
from coralrun.accuracy.standing import few_words, gone_words, not_in_every_part, of_parts, since_words
from coralrun.accuracy.training import History, is_undated, judged_image
from coralrun.accuracy.truth import Why, judges
from coralrun.app.answers.cover import reader_by_label_if_need_be
from coralrun.app.answers.kept_reviews import (
    is_learnt_from,
    lost_points,
    other_units,
    parts_of,
    points_there,
    triage_gone,
)
from coralrun.app.answers.own_confusion import confusion_of
from coralrun.app.answers.said import Said, said_of
from coralrun.app.answers.source_labels import fetched_labels
from coralrun.app.answers.training import histories_of, untrained
from coralrun.app.reporter import Reporter
from coralrun.app.run.photos_there import sources_of
from coralrun.app.run.run_directory import OpenRun
from coralrun.app.survey.label_files import given_labels
from coralrun.errors import UsageError
from coralrun.estimates.placed import Domains, Placed, placed
from coralrun.estimates.units import units_of
from coralrun.files.written import Table
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.results.counts import LabelCounts
from coralrun.review.labels import Labels
from coralrun.review.matching import Match, Matched
from coralrun.review.reviewed import Parts
from coralrun.review.whose_labels import NOTHING_SAID, Word
from coralrun.sources.reading import AS_USUAL, ByOption


def truth_of(opened: OpenRun, truth: Path | None, from_source: bool, reporter: Reporter) -> Path:
    """The labels that are to judge a run: those that are named, those of an audit of its own, those of people that are
    fetched from its photos' source, or its other reviews. What is fetched also says when photos were annotated, for
    `judge`. Raises UsageError where there are none, and as `fetched_labels`."""
    fetched = fetched_labels(opened, reporter) if from_source else None
    if truth is not None:
        return truth
    reviewed = opened.layout.outputs / Table.REVIEWED.file
    peoples = fetched.file if fetched is not None and fetched.may_judge else None
    if reviewed.is_file() and (peoples is None or opened.reviews.index().draws):
        return reviewed
    if peoples is not None:
        return peoples
    if fetched is not None:
        raise UsageError(
            f"no point of {fetched.of} has a label that people gave",
            remedy="Label some at CoralNet, give --truth a file of labels, or have people review a sample: "
            "`coralrun review`.",
        )
    raise UsageError(
        f"it is not said which labels people gave, and no points of {opened.layout.root} are reviewed",
        remedy="Give --truth, or --from-source for labels given at CoralNet, or have people review a sample: "
        "`coralrun review`.",
    )


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
    given, of_people = given_labels(truth, reading, word)
    said = said_of(opened, of_people.rows)
    plan = opened.plan
    history = histories_of(opened, of_people.rows, annotations)
    judged = judges(plan, said.labelled, said.unfit, allow_in_sample=allow_in_sample, untrained=untrained(history))
    where = placed(plan, plan.analysis)
    kept = [pair for pair in judged.pairs if not where.nameless[pair.image]]
    machines_by = tuple(sorted({row.given_by_column for row in of_people.rows if row.is_machines}))
    if not kept:
        raise _nothing(opened, truth, len(of_people.rows), said.matched, judged.left_out, machines_by, history)
    judging = Counter(pair.image for pair in judged.pairs)
    pairs = tuple(Pair(pair.image, said.labels.of(pair.human), pair.machine) for pair in kept)
    is_of_audit = said.has_audited(kept)
    probabilities, notes = chances(kept, said.drawn.sets), tuple[str, ...]()
    if is_of_audit:
        probabilities, notes = _since_drawn(opened, said, kept, probabilities, where)
    visits, most = _visits(opened, where), most_of(opened, said.counts)
    return Judgement(
        file=str(truth),
        rows=len(of_people.rows),
        matched=len(said.matched.pairs),
        judged=len(kept),
        unmatched=said.matched.unmatched,
        names=said.matched.names,
        notes=(*given.notes, *notes),
        unlabelled=len(said.matched.pairs) - len(said.labelled),
        taken_as_peoples=of_people.said,
        machines_by=machines_by,
        left_out=judged.left_out,
        without_unit=len(judged.pairs) - len(kept),
        audit_left=said.audit_left(),
        other_units=other_units(opened) if is_of_audit else "",
        never_given=tuple(_never_given(said.labels, kept)),
        in_sample=judged.in_sample,
        images=tuple(
            judged_image(plan, image, judging[image], history)
            for image in sorted({pair.image for pair in said.labelled})
        ),
        own_source=plan.classifier.source,
        unit=plan.analysis.design.unit or "",
        coralnet=plan.classifier.accuracy,
        confusion=confusion_of(opened),
        found=accuracy(pairs, probabilities, where, plan.analysis, units_of(plan), visits, most),
        matches=tuple(kept),
        pairs=pairs,
        chances=probabilities,
    )


def most_of(opened: OpenRun, counts: LabelCounts) -> dict[str, dict[str, float]]:
    """How much of the survey the machine calls each class at the most: the upper limits of its cover, by grouping and
    class, in shares; infinite where there is none, and 0 where it names the class nowhere."""
    found: dict[str, dict[str, float]] = {}
    reader, _ = reader_by_label_if_need_be(opened, counts)
    for row in reader.by(()).to_dict("records"):
        limit = 0.0 if row["mean"] == 0 else inf if row["hi"] != row["hi"] else row["hi"] / 100
        of_grouping = found.setdefault(row["grouping"], {})
        of_grouping[row["group"]] = max(limit, of_grouping.get(row["group"], 0.0))  # two labels may have one code
    return found


def _visits(opened: OpenRun, where: Placed) -> Visits | None:
    """The occasions of a survey that has some."""
    if not where.occasion:
        return None
    domains = Domains.of(opened.plan, (where.occasion,))
    return Visits(tuple(visit for (visit,) in domains.values), domains.of_image, points_there(opened))


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
    probabilities = None if judged.chances is None else judged.chances.of(here)
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


def _since_drawn(
    opened: OpenRun, said: Said, kept: Sequence[Match], probabilities: Chances | None, where: Placed
) -> tuple[Chances | None, tuple[str, ...]]:
    """The chances of an audit's points, and what is to be said of it, after the images may have changed."""
    parts, missing = parts_of(opened), 0
    if parts.apart and not parts.untold and probabilities is not None:
        images = np.array([pair.image for pair in kept], np.intp)
        probabilities, missing = of_parts(images, parts, where, points_there(opened))
    gone = gone_words(lost_points(opened, said.records), triage_gone(opened))
    return probabilities, (*_of_other_plan(parts, missing, is_learnt_from=is_learnt_from(opened)), *gone)


def _of_other_plan(parts: Parts, missing: int, *, is_learnt_from: bool) -> Iterator[str]:
    """What is to be said of an audit whose images have changed since; `missing` units have a part without any."""
    if parts.untold:
        came = since_words(len(parts.untold), is_learnt_from=is_learnt_from)
        yield f"{came} after the audit was drawn, which tells nothing of these"
    elif parts.apart:
        came = since_words(len(parts.later), is_learnt_from=is_learnt_from)
        yield f"{came} between the draws of the audit: in each unit they and the others are estimated apart"
    yield from few_words(parts.few)
    if missing:
        yield not_in_every_part(missing, is_learnt_from=is_learnt_from, is_judging=True)


def _never_given(labels: Labels, pairs: Sequence[Match]) -> Iterator[tuple[str, int, str | None]]:
    counts = Counter(labels.of(pair.human).code for pair in pairs if not labels.knows(pair.human))
    return ((code, count, labels.near(code)) for code, count in sorted(counts.items()))


def _nothing(
    opened: OpenRun,
    truth: Path,
    rows: int,
    matched: Matched,
    left_out: Mapping[Why, int],
    machines_by: tuple[str, ...],
    history: Mapping[int, History],
) -> UsageError:
    elsewhere = [one.why for one in matched.unmatched if not one.human.is_machines]
    if machines := len(matched.unmatched) - len(elsewhere):
        left_out = {**left_out, Why.MACHINE: left_out.get(Why.MACHINE, 0) + machines}
    reasons = [why_text(why, count, machines_by) for why, count in left_out.items()]
    if elsewhere:
        reasons.append(f"{len(elsewhere):,} match no point of the run (the first: {elsewhere[0]})")
    reasons += matched.names
    if not reasons:
        reasons.append("none of them has a label")
    undated = any(is_undated(history[pair.image]) for pair in matched.pairs if pair.image in history)
    later = later_images(opened.plan.classifier.source) if undated else ""
    return UsageError(
        f"{truth}: none of its {rows:,} rows may judge {opened.layout.root}: {'; '.join(reasons)}",
        remedy=what_to_do(left_out, elsewhere, later, _init_of_own_points(opened)),
    )


def _init_of_own_points(opened: OpenRun) -> str:
    """The command that begins a survey of the points that the one source of a run's photos has, for its classifier; ""
    where they are in none, or in several."""
    sources, own = sources_of(opened), opened.plan.classifier.source
    if len(sources) != 1:
        return ""
    of_another = f" --classifier {own}" if own not in (None, *sources) else ""
    return f"coralrun init own.yaml --images {sources[0]}{of_another} --points coralnet"
