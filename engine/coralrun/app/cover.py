"""The cover of a run: from its directory to the answer, and to the tables in `outputs`.

Rule: whatever is wrong with label groups, a run keeps its other tables. Then cover stands there by label alone, and
`cover_notes.txt` says why; `coralrun cover` fails with the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from coralrun.errors import UsageError
from coralrun.results.stored_points import read_blocks
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk
from coralrun.written import Table

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from coralrun.app.run_directory import OpenRun
    from coralrun.cover.reader import Reader
    from coralrun.planning.model import Plan
    from coralrun.results.counts import LabelCounts
    from coralrun.results.stored_points import Block


def counting(opened: OpenRun) -> tuple[Iterator[Block], Callable[[], LabelCounts]]:
    """The points of a run, and the counts of those that were taken so far: both from one reading of them."""
    from coralrun.results.counts import Counting

    count = Counting(len(opened.plan.images), opened.plan.analysis.cover.min_confidence)
    return count.watch(read_blocks(opened.plan, opened.plan_state, BlobStore(opened.layout, Disk()))), count.done


def counts_of(opened: OpenRun) -> LabelCounts:
    """The points of a run's images by label, as far as the run has come."""
    points, counts = counting(opened)
    for _ in points:
        pass
    return counts()


def reader_of(opened: OpenRun, counts: LabelCounts | None = None) -> Reader:
    """What reads a run's cover; raises UsageError, with the list, where a label is in no group."""
    from coralrun.cover.reader import Reader

    counts = counts if counts is not None else counts_of(opened)
    ended = opened.plan_state.ended()
    pending = [number for number, total in enumerate(counts.total) if not total and number not in ended]
    return Reader(counts, opened.plan, opened.plan.analysis, pending)


def fields_of(plan: Plan, names: Sequence[str]) -> list[str]:
    """Fields of the metadata as the plan spells them, whatever case they are asked for in; UsageError where one is not
    there.
    """
    known = {field.casefold(): field for field in plan.fields}
    missing = [name for name in names if name.casefold() not in known]
    if missing:
        there = ", ".join(f"`{field}`" for field in plan.fields) or "none"
        raise UsageError(
            f"the images have no field `{missing[0]}`; they have: {there}",
            remedy="Name a field of theirs, or bring it in with `metadata` in the survey.",
        )
    return [known[name.casefold()] for name in names]


def reader_by_label_if_need_be(opened: OpenRun, counts: LabelCounts) -> tuple[Reader, str]:
    """The same, without the groups where a label is in none, and what is to be said of it: for files that must be."""
    try:
        return reader_of(opened, counts), ""
    except UsageError as error:
        plain = replace(opened.plan, analysis=replace(opened.plan.analysis, groups=None))
        said = f"Cover stands here by label alone: {error.message}\n{error.remedy}"
        return reader_of(replace(opened, plan=plain), counts), said


def write_cover(opened: OpenRun, counts: LabelCounts) -> None:
    """Write, or rebuild, the tables of cover, and take away those that the analysis no longer asks for."""
    from coralrun.cover import tables as cover_tables

    disk, outputs = Disk(), opened.layout.outputs
    reader, said = reader_by_label_if_need_be(opened, counts)
    notes = [said] if said else []
    _write(outputs, Table.COVER, cover_tables.overall(reader))
    disk.replace_from(outputs / Table.COVER_IMAGES.file, cover_tables.image_lines(reader))
    _write(outputs, Table.COVER_DIAGNOSTICS, reader.diagnostics())
    units = reader.units()
    if units.empty:
        disk.remove(outputs / Table.COVER_UNITS.file)
    else:
        _write(outputs, Table.COVER_UNITS, units)
    notes += _write_diversity(opened, reader)
    disk.replace_from(outputs / cover_tables.NOTES, cover_tables.notes([*notes, *reader.notes]))


def _write(outputs: Path, table: Table, frame: pd.DataFrame) -> None:
    from coralrun.cover import tables as cover_tables

    Disk().replace_from(outputs / table.file, cover_tables.lines(table, frame))


def _write_diversity(opened: OpenRun, reader: Reader) -> list[str]:
    """Write the table of diversity where it is asked for; what is to be said where it cannot be worked out."""
    from coralrun.cover.diversity import diversity

    outputs = opened.layout.outputs
    path = outputs / Table.DIVERSITY.file
    if not opened.plan.analysis.cover.diversity:
        Disk().remove(path)
        return []
    try:
        _write(outputs, Table.DIVERSITY, diversity(reader.counts, opened.plan, reader.sampled, reader.classes))
    except UsageError as error:
        Disk().remove(path)
        return [f"{error.message}. {error.remedy}"]
    return []
