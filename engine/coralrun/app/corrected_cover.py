"""The corrected cover of a run, where people have reviewed an audit of it, and the tables of reviews.

Rule: whatever is wrong with label groups, a review that came in is not lost: then cover is corrected by label alone,
and every row of the table says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coralrun.app.cover import by_label_if_need_be, reader_of
from coralrun.app.kept_reviews import has_reviews, load
from coralrun.files.written import Table
from coralrun.review import reviewed

if TYPE_CHECKING:
    import pandas as pd

    from coralrun.app.run_directory import OpenRun
    from coralrun.results.counts import LabelCounts
    from coralrun.review.reviewed import Reviews


def correction_of(opened: OpenRun, reviews: Reviews | None = None, counts: LabelCounts | None = None) -> pd.DataFrame:
    """Cover as the machine has it beside corrected cover; empty where no audited point was reviewed.

    Raises UsageError where a label, the machine's or a person's, is in no group.
    """
    from coralrun.accuracy.corrected import corrected

    reviews = reviews if reviews is not None else load(opened)
    return corrected(reader_of(opened, counts), opened.plan, opened.plan.analysis, reviews)


def correction_by_label_if_need_be(
    opened: OpenRun, reviews: Reviews, counts: LabelCounts | None = None
) -> pd.DataFrame:
    """The same, by label alone where the groups do not know a label; then every row's warning says so."""
    frame, wrong = by_label_if_need_be(opened, lambda run: correction_of(run, reviews, counts))
    if wrong is None:
        return frame
    said = f"by label alone: {' '.join(wrong.message.split())}"
    return frame.assign(warning=[f"{warning}; {said}" if warning else said for warning in frame["warning"]])


def write_reviews(opened: OpenRun, counts: LabelCounts) -> None:
    """Write, or rebuild, the tables of what people said, where they have said anything."""
    if not has_reviews(opened):
        return
    from coralrun.cover import tables as cover_tables

    disk, outputs = opened.disk, opened.layout.outputs
    reviews = load(opened)
    disk.replace_from(outputs / Table.REVIEWED.file, reviewed.table(opened.plan, reviews))
    frame = correction_by_label_if_need_be(opened, reviews, counts)
    if frame.empty:
        disk.remove(outputs / Table.COVER_CORRECTED.file)
    else:
        disk.replace_from(outputs / Table.COVER_CORRECTED.file, cover_tables.lines(Table.COVER_CORRECTED, frame))
