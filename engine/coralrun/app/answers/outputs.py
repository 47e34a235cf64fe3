"""What is derived of a finished run: its tables, its report, and the crate that states every file.

Rule: the last table is written after all else, so where it stands the rest does; all of it can be rebuilt, byte for
byte, from what the run's own files say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from coralrun.app.answers.corrected_cover import write_reviews
from coralrun.app.answers.cover import counting, write_cover
from coralrun.app.answers.provenance import crate_of
from coralrun.app.run.run_directory import LAST_TABLE, OpenRun
from coralrun.files.written import Table
from coralrun.reaching import Progress, tells_nobody
from coralrun.results import parquet, tables

WRITING_TABLES: Final = "writing the tables"

if TYPE_CHECKING:
    from coralrun.results.counts import LabelCounts
    from coralrun.results.stored_points import Block


def write_tables(opened: OpenRun, progress: Progress = tells_nobody) -> None:
    """Write, or rebuild, the tables of a finished run, and its report with the photos that are kept already."""
    progress(WRITING_TABLES)
    if not opened.plan.classifies:
        _write_uploads(opened)
        return
    from coralrun.app.answers.report import (  # with pandas, which no other command of a run needs
        passing_of,
        write_report,
    )

    passing = passing_of(opened)
    counts = write_outputs(opened, lambda blocks: _told(passing.watch(blocks), opened, progress))
    progress("writing the report")
    write_report(opened, counts, passing)
    seal(opened)


def _write_uploads(opened: OpenRun) -> None:
    """The tables of photos that were uploaded alone: those that failed, and, last, that there were no jobs."""
    disk, outputs = opened.disk, opened.layout.outputs
    disk.make_directory(outputs, shared=True)
    disk.replace_from(outputs / Table.FAILURES.file, tables.failures(opened.plan, opened.plan_state))
    disk.replace(outputs / LAST_TABLE, b"".join(tables.jobs(opened.state)))


def _told(blocks: Iterator[Block], opened: OpenRun, progress: Progress) -> Iterator[Block]:
    """The blocks, whose images are counted on their way."""
    done, of = 0, len(opened.plan.images)
    for block in blocks:
        done += len(block.images)
        progress(WRITING_TABLES, done, of)
        yield block


def write_outputs(opened: OpenRun, watch: Callable[[Iterator[Block]], Iterator[Block]] = iter) -> LabelCounts:
    """Write the tables of a finished run, but for the one that says that they are all there; its counts come back.

    The results are read once: all points pass through `watch` on their way.
    """
    from coralrun.app.answers.export import write_asked_for

    disk, layout, state = opened.disk, opened.layout, opened.plan_state
    disk.make_directory(layout.outputs, shared=True)
    predictions = layout.outputs / Table.PREDICTIONS.file
    found, counts = counting(opened)
    disk.replace_from(predictions, tables.predictions(opened.plan, state, watch(found)))
    disk.replace_from(layout.outputs / Table.FAILURES.file, tables.failures(opened.plan, state))
    disk.replace_from(layout.outputs / Table.TRIES.file, tables.tries(opened.plan, state))
    columns = layout.outputs / "predictions.parquet"
    if "parquet" in opened.plan.formats:
        texts = tables.metadata_columns(opened.plan)
        disk.replace_folder_by(columns, lambda target: parquet.write(predictions, texts, target))
    else:
        disk.remove_tree(columns)  # of an earlier reading of the run
    counted = counts()
    write_cover(opened, counted)
    write_reviews(opened, counted)
    write_asked_for(opened)
    return counted


def seal(opened: OpenRun) -> None:
    """State every file of a finished run with its checksum, and say that what is derived of it is whole."""
    disk, layout = opened.disk, opened.layout
    last = b"".join(tables.jobs(opened.state))
    disk.replace(layout.crate, crate_of(opened, {LAST_TABLE: last}))
    disk.replace(layout.outputs / LAST_TABLE, last)
