"""`cover`: percent cover by design unit and group, one row for each (tidy), with what every estimate rests on.

Rule: these are the rows of the run's own cover tables (`cover.tables`), nothing is worked out here. Without `--by` a
row is for a design unit and a class, and the file is `cover_units.csv` byte for byte; with it, for each value of the
fields named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coralrun.cover.reader import Reader
from coralrun.cover.tables import lines
from coralrun.errors import UsageError
from coralrun.exports.model import Export, ExportOptions, Results, known_field, notes_on_people
from coralrun.files.written import Table
from coralrun.spec.model import IMAGE

if TYPE_CHECKING:
    import pandas as pd

TABLE = Table.COVER_UNITS


def make(results: Results, options: ExportOptions) -> Export:
    """Write the cover of a run."""
    frame, notes = rows_by(results, options)
    return Export(lines(TABLE, frame), notes)


def rows_by(results: Results, options: ExportOptions) -> tuple[pd.DataFrame, list[str]]:
    """Cover by the fields asked for, or by the design unit, and what a reader must know of it."""
    fields = [known_field(results.plan, name) for name in options.by]
    reader = Reader(results.counts_for_cover(), results.plan, results.plan.analysis, results.pending)
    frame = reader.told_by(fields) if fields else reader.units()
    if not fields and results.plan.analysis.design.unit in (None, IMAGE):
        raise UsageError(
            "the survey names no design unit to sum up by, or the image itself",
            remedy="Say it in the survey (`design: {unit: site}`), or name fields here: --by site",
        )
    return frame, [*reader.notes, *notes_on_people(results)]
