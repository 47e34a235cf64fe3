"""`cover`: what share of the reef each label and group has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from coralrun.cli.calling import Json, call
from coralrun.cli.options import NewestRun
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE


def command(
    run_dir: NewestRun = None,
    by: Annotated[
        list[str] | None, typer.Option("--by", metavar="FIELD", help="For each value of a metadata field; may repeat.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what share of the reef each label and group has, and how certain that is."""
    call(as_json, lambda printer: run(run_dir, by or [], printer))


def run(run_dir: Path | None, by: list[str], printer: Printer) -> int:
    """Say the cover of a run, as far as it has come."""
    from coralrun.app.cover import fields_of, reader_of
    from coralrun.app.paths import reaching, run_or_newest
    from coralrun.app.run_directory import open_run
    from coralrun.cover.text import cover_lines

    chosen = run_or_newest(run_dir)
    with reaching(chosen):
        opened = open_run(chosen)
        fields = fields_of(opened.plan, by)
        reader = reader_of(opened)
    notes = list(reader.notes_by(fields))
    fields = reader.told_fields(fields)
    frame = reader.by(fields)
    rows = json.loads(frame.to_json(orient="records", double_precision=10))
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
