"""The cover of a run: from its directory to the answer, and to the tables in `outputs`.

Rule: whatever is wrong with label groups, a run keeps its other tables. Then cover stands there by label alone, and
`cover_notes.txt` says why; `coralrun cover` fails with the same words.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coralrun.errors import UsageError
from coralrun.results.readout import read_points
from coralrun.store.blobs import BlobStore
from coralrun.store.files import Disk

if TYPE_CHECKING:
    from coralrun.app.runs import OpenRun
    from coralrun.results.counts import LabelCounts
    from coralrun.results.cover import Reader


def counts_of(opened: OpenRun) -> LabelCounts:
    """The points of a run's images by label, as far as the run has come."""
    from coralrun.results.counts import count_labels

    least = opened.plan.analysis.cover.min_confidence
    return count_labels(opened.plan, read_points(opened.plan, opened.state, BlobStore(opened.layout, Disk())), least)


def reader_of(opened: OpenRun, counts: LabelCounts | None = None) -> Reader:
    """What reads a run's cover; raises UsageError, with the list, where a label is in no group."""
    from coralrun.results.cover import Reader

    counts = counts if counts is not None else counts_of(opened)
    ended = opened.state.ended
    pending = [number for number, total in enumerate(counts.total) if not total and number not in ended]
    return Reader(counts, opened.plan, opened.plan.analysis, pending)


def write_cover(opened: OpenRun) -> None:
    """Write, or rebuild, the tables of cover, and take away those that the analysis no longer asks for."""
    from coralrun.results import cover_tables
    from coralrun.results.diversity import diversity

    disk, outputs = Disk(), opened.layout.outputs
    counts = counts_of(opened)
    said: list[str] = []
    try:
        reader = reader_of(opened, counts)
    except UsageError as error:
        said.append(f"Cover stands here by label alone: {error.message}\n{error.remedy}")
        plain = replace(opened.plan, analysis=replace(opened.plan.analysis, groups=None))
        reader = reader_of(replace(opened, plan=plain), counts)
    cover = reader.cover()
    disk.replace_from(outputs / cover_tables.COVER, cover_tables.lines(cover_tables.overall(cover)))
    disk.replace_from(outputs / cover_tables.IMAGES, cover_tables.lines(cover.images))
    disk.replace_from(outputs / cover_tables.DIAGNOSTICS, cover_tables.lines(cover.diagnostics))
    if cover.units.empty:
        disk.remove(outputs / cover_tables.UNITS)
    else:
        disk.replace_from(outputs / cover_tables.UNITS, cover_tables.lines(cover.units))
    disk.remove(outputs / cover_tables.DIVERSITY)
    if opened.plan.analysis.cover.diversity:
        try:
            frame = diversity(counts, opened.plan, reader.sampled, reader.classes)
            disk.replace_from(outputs / cover_tables.DIVERSITY, cover_tables.lines(frame))
        except UsageError as error:
            said.append(f"{error.message}. {error.remedy}")
    disk.replace_from(outputs / cover_tables.NOTES, cover_tables.notes(replace(cover, notes=(*said, *cover.notes))))
