"""The corrected cover of a run, where people have reviewed an audit of it, and the tables of reviews.

Rule: whatever is wrong with label groups, a review that came in is not lost: then cover is corrected by label alone,
and every row of the table says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from coralrun.app.answers.cover import by_label_if_need_be, reader_of
from coralrun.app.answers.kept_reviews import audit_waits, has_reviews, load
from coralrun.errors import UsageError
from coralrun.files.written import Table
from coralrun.review import reviewed

if TYPE_CHECKING:
    import pandas as pd

    from coralrun.app.run.run_directory import OpenRun
    from coralrun.cover.reader import Reader
    from coralrun.results.counts import LabelCounts
    from coralrun.review.reviewed import Reviews

_ALONE: Final = ", of the whole survey alone"


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
    head, *labels = wrong.message.split("\n")
    listed = "; ".join(" ".join(label.split()) for label in labels)
    said = f"by label alone: {' '.join(filter(None, (head, listed)))}. Add them to the groups, and call coralrun apply"
    return frame.assign(warning=[f"{warning}; {said}" if warning else said for warning in frame["warning"]])


def by_class_of(opened: OpenRun, reviews: Reviews | None = None, counts: LabelCounts | None = None) -> pd.DataFrame:
    """Cover corrected by the points that were drawn by class; empty where none of these is reviewed.

    Raises UsageError where a label, the machine's or a person's, is in no group.
    """
    import pandas as pd

    from coralrun.accuracy.by_class import COLUMNS, by_class, machine_classes

    reviews = reviews if reviews is not None else load(opened)
    nothing = pd.DataFrame(columns=list(COLUMNS))
    if not reviews.by_class:
        return nothing
    reader, analysis = reader_of(opened, counts), opened.plan.analysis
    level = next(draw.by_class for draw in opened.reviews.index().draws if draw.by_class)
    classes = machine_classes(reader, analysis, level)
    return nothing if classes is None else by_class(reader, opened.plan, analysis, reviews, classes)


def by_class_if_may_be(opened: OpenRun, reviews: Reviews, counts: LabelCounts | None = None) -> pd.DataFrame:
    """The same, empty where the groups do not know a label; `cover_corrected.csv` says so."""
    try:
        return by_class_of(opened, reviews, counts)
    except UsageError:
        return by_class_of(opened, replace(reviews, by_class={}), counts)


def frames_of(opened: OpenRun, reviews: Reviews, counts: LabelCounts | None = None) -> dict[Table, pd.DataFrame]:
    """The tables of corrected cover, one after the other; a table is empty where nothing reviewed corrects it."""
    return {
        Table.COVER_CORRECTED: correction_by_label_if_need_be(opened, reviews, counts),
        Table.COVER_TWO_PHASE: by_class_if_may_be(opened, reviews, counts),
    }


def notes_on_correction(opened: OpenRun, reader: Reader, by: Sequence[str] = ()) -> tuple[str, ...]:
    """Which tables have the cover that people's reviews correct, that it is not told `by` these fields where it is not,
    and why it is not corrected where none have it."""
    from coralrun.accuracy.corrected_text import not_told_by, why_not_corrected

    if not has_reviews(opened):
        return ()
    reviews = load(opened)
    frames = frames_of(opened, reviews, reader.counts)
    paths = {
        table: opened.layout.outputs / table.file
        for table, made in frames.items()
        if made["cover_corrected"].notna().any() and (opened.layout.outputs / table.file).is_file()
    }
    named = " and ".join(map(str, paths.values()))
    frame = frames[Table.COVER_CORRECTED]
    why = "" if named and frame.empty else why_not_corrected(frame, reviews.elsewhere)
    if frame.empty and audit_waits(opened):
        why = "what people labelled of the audit is on images that the run has no result of yet"
    design, occasion = opened.plan.analysis.design, reader.sampled.occasion
    alone = not_told_by(by, design, occasion) if Table.COVER_CORRECTED in paths else _ALONE if by else ""
    said = f"these figures are the machine's; {named} has those that people's reviews correct{alone}" if named else ""
    return tuple(filter(None, (said, f"no corrected cover: {why}" if why else "")))


def write_reviews(opened: OpenRun, counts: LabelCounts) -> None:
    """Write, or rebuild, the tables of what people said, where they have said anything."""
    if not has_reviews(opened):
        return
    from coralrun.cover import tables as cover_tables

    disk, outputs = opened.disk, opened.layout.outputs
    reviews = load(opened)
    disk.replace_from(outputs / Table.REVIEWED.file, reviewed.table(opened.plan, reviews))
    for table, frame in frames_of(opened, reviews, counts).items():
        if frame.empty:
            disk.remove(outputs / table.file)
        else:
            disk.replace_from(outputs / table.file, cover_tables.lines(table, frame))
