"""`cover`."""

from __future__ import annotations

import json
from pathlib import Path

from coralrun.app.cover import fields_of, reader_of
from coralrun.app.default_run import newest_run
from coralrun.app.run_directory import open_run
from coralrun.cli.paths import reaching
from coralrun.cli.printer import Printer
from coralrun.cover.text import cover_lines
from coralrun.errors import EXIT_COMPLETE, UsageError

RUNS = Path("runs")


def cover(run_dir: Path | None, by: list[str], printer: Printer) -> int:
    """Say the cover of a run, as far as it has come."""
    with reaching(RUNS):
        chosen = run_dir or newest_run(RUNS)
    if chosen is None:
        raise UsageError("there is no run under runs/", remedy="Name a run directory, or start with `coralrun apply`.")
    with reaching(chosen):
        opened = open_run(chosen)
        fields = fields_of(opened.plan, by)
        reader = reader_of(opened)
    frame = reader.by(fields)
    rows = json.loads(frame.to_json(orient="records", double_precision=10))
    notes = list(reader.notes_by(fields))
    if not opened.state.finished_at:
        notes.insert(0, "PARTIAL: the run goes on; this is what is there so far")
    unit = opened.plan.analysis.design.unit
    printer.say(
        f"{opened.identity.name}: cover in percent, with 95 % intervals"
        if unit
        else f"{opened.identity.name}: cover in percent"
    )
    printer.lines(cover_lines(rows, fields, unit))
    printer.lines(f"  note: {note}" for note in notes)
    printer.document({"run_dir": str(chosen), "by": fields, "rows": rows, "notes": notes})
    return EXIT_COMPLETE
