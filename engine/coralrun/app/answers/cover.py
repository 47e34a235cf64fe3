"""The cover of a run: from its directory to the answer, and to the tables in `outputs`.

Rule: whatever is wrong with label groups, a run keeps its other tables. Then cover stands there by label alone, and
`cover_notes.txt` says why; `coralrun cover` fails with the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from coralrun.app.answers.kept_reviews import notes_of_labels
from coralrun.errors import UsageError
from coralrun.files.written import Table

if TYPE_CHECKING:
    import pandas as pd

    from coralrun.app.run.run_directory import OpenRun
    from coralrun.cover.reader import Reader
    from coralrun.planning.model import Plan
    from coralrun.results.counts import LabelCounts
    from coralrun.results.stored_points import Block

Made = TypeVar("Made")

_BY_LABEL: Final = "Cover stands here by label alone"


def counting(opened: OpenRun) -> tuple[Iterator[Block], Callable[[], LabelCounts]]:
    """The points of a run, and the counts of those that were taken so far: both from one reading of them."""
    from coralrun.results.counts import Counting

    count = Counting(len(opened.plan.images), opened.plan.analysis.cover.min_confidence)
    return count.watch(opened.blocks()), count.done


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
    reader, wrong = by_label_if_need_be(opened, lambda run: reader_of(run, counts))
    return reader, "" if wrong is None else f"{_BY_LABEL}: {wrong.message}\n{wrong.remedy}"


def said_of_groups(opened: OpenRun) -> Iterator[str]:
    """What the notes beside a run's tables of cover say of groups that these lack; nothing where they have them."""
    from coralrun.cover.tables import NOTES

    notes = opened.layout.outputs / NOTES
    said = iter(opened.disk.read(notes).decode("utf-8").splitlines() if notes.exists() else ())
    for line in said:
        if line.startswith(_BY_LABEL):
            yield line
            for label in said:  # the labels, and then what to do
                yield label
                if not label.startswith(" "):
                    return


def by_label_if_need_be(opened: OpenRun, make: Callable[[OpenRun], Made]) -> tuple[Made, UsageError | None]:
    """What `make` makes of a run; where its label groups do not serve, of the same run without them, and what was wrong
    with them."""
    try:
        return make(opened), None
    except UsageError as error:
        return make(opened.by_label), error


def write_cover(opened: OpenRun, counts: LabelCounts) -> None:
    """Write, or rebuild, the tables of cover, and take away those that the analysis no longer asks for."""
    from coralrun.cover import tables as cover_tables

    disk, outputs = opened.disk, opened.layout.outputs
    reader, said = reader_by_label_if_need_be(opened, counts)
    notes = [*notes_of_labels(opened), *([said] if said else [])]
    _write(opened, Table.COVER, cover_tables.overall(reader))
    disk.replace(outputs / cover_tables.R_SCRIPT, cover_tables.r_script())
    disk.replace_from(outputs / Table.COVER_IMAGES.file, cover_tables.image_lines(reader))
    _write(opened, Table.COVER_DIAGNOSTICS, reader.diagnostics())
    units = reader.units()
    if units.empty:
        disk.remove(outputs / Table.COVER_UNITS.file)
    else:
        _write(opened, Table.COVER_UNITS, units)
    notes += _write_diversity(opened, reader)
    if notes or reader.notes:
        disk.replace_from(outputs / cover_tables.NOTES, cover_tables.notes([*notes, *reader.notes]))
    else:
        disk.remove(outputs / cover_tables.NOTES)


def _write(opened: OpenRun, table: Table, frame: pd.DataFrame) -> None:
    from coralrun.cover import tables as cover_tables

    opened.disk.replace_from(opened.layout.outputs / table.file, cover_tables.lines(table, frame))


def _write_diversity(opened: OpenRun, reader: Reader) -> list[str]:
    """Write the table of diversity where it is asked for; what is to be said where it cannot be worked out."""
    from coralrun.cover.diversity import diversity

    path = opened.layout.outputs / Table.DIVERSITY.file
    if not opened.plan.analysis.cover.diversity:
        opened.disk.remove(path)
        return []
    try:
        _write(opened, Table.DIVERSITY, diversity(reader.counts, opened.plan, reader.sampled, reader.classes))
    except UsageError as error:
        opened.disk.remove(path)
        return [f"{error.message}. {error.remedy}"]
    return []
