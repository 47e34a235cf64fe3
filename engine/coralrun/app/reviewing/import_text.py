"""What came of a review that was taken back, as lines for people: the command's, and those of Python."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from coralrun.accuracy.agreement import agreement_of_audit
from coralrun.accuracy.corrected_text import agreement_lines, by_class_lines, corrected_lines, why_not_corrected
from coralrun.app.answers.corrected_cover import by_class_if_may_be, correction_by_label_if_need_be
from coralrun.app.answers.kept_reviews import labels_of_undone, points_there
from coralrun.app.answers.training import histories_of, untrained
from coralrun.app.run.next_review import next_review
from coralrun.app.run.run_directory import OpenRun
from coralrun.app.run.summary import next_lines
from coralrun.files.written import Table
from coralrun.review.reviewed import Reviews, Taken
from coralrun.review.text import held_lines, taken_lines
from coralrun.values.phrases import count, typed


def import_lines(opened: OpenRun, file: Path, taken: Taken) -> Iterator[str]:
    """What was taken of a file, the cover that it corrects, and last what is held back, where nobody overlooks it."""
    yield from taken_lines(opened.layout.root, taken)
    if lost := labels_of_undone(opened, taken.reviews):
        yield f"  of a review that was undone, and so no part of the audit: {count(lost, 'point')}"
    yield from _corrected_lines(opened, taken.reviews)
    if taken.outcome.held:
        yield from held_lines(opened.layout.root, file, taken.outcome.held)
    elif opened.state.finished_at:
        run = typed(opened.layout.root)
        following = next_review(opened.layout, opened.disk, opened.state.plan).commands(run)
        yield from next_lines([f"coralrun report {run} --open", *following])


def _corrected_lines(opened: OpenRun, found: Reviews) -> Iterator[str]:
    """The corrected cover of the survey, by the coarsest classes that there are, and where the tables stand."""
    if not opened.state.finished_at:
        return
    by_class = by_class_if_may_be(opened, found)
    frame = correction_by_label_if_need_be(opened, found)
    if frame.empty and by_class.empty:
        yield f"  {why_not_corrected(frame)}: cover stays as the machine has it"
    if not frame.empty:
        there = points_there(opened)
        agreement = agreement_of_audit(opened.plan, found, there, untrained(histories_of(opened)))
        yield from agreement_lines(agreement)
        yield from corrected_lines(frame, str(opened.layout.root), int(there.sum()), in_sample=agreement.in_sample)
    if not by_class.empty:
        yield from by_class_lines(by_class.to_dict("records"))
    tables = {Table.COVER_CORRECTED: frame, Table.COVER_TWO_PHASE: by_class}
    written = [Table.REVIEWED, *(table for table, made in tables.items() if not made.empty)]
    yield from (f"  wrote {opened.layout.outputs / table.file}" for table in written)
