"""`export`: a run as a file that another program reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coralrun.cli import completing
from coralrun.cli.calling import Json, call
from coralrun.cli.options import LastRun
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE, UsageError
from coralrun.exports.options import OPTIONS

if TYPE_CHECKING:
    from coralrun.exports.model import ExportOptions


def _option(name: str, **more: Any) -> Any:
    """An option of exports as the command has it."""
    option = OPTIONS[name]
    return typer.Option(option.flag, help=option.help, metavar=option.value or None, **more)


def command(
    run_dir: LastRun = None,
    format_name: Annotated[
        str,
        typer.Option(
            "--format",
            help="Which format; without it they are listed, unless --out ends in .xlsx.",
            autocompletion=completing.formats,
        ),
    ] = "",
    out: Annotated[Path | None, typer.Option("--out", help="Where to; default: one named after the run, here.")] = None,
    partial: Annotated[bool, typer.Option("--partial", help="What is there so far of a run that goes on.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write over what is there.")] = False,
    source: Annotated[str | None, typer.Option("--source", help="One source alone, such as coralnet:1.")] = None,
    by: Annotated[list[str] | None, _option("by", autocompletion=completing.fields)] = None,
    fields: Annotated[list[str] | None, _option("fields")] = None,
    values: Annotated[list[str] | None, _option("values")] = None,
    label_display: Annotated[str, _option("label_display")] = "code",
    groups: Annotated[Path | None, _option("groups")] = None,
    rates: Annotated[Path | None, _option("rates")] = None,
    existing: Annotated[Path | None, _option("existing")] = None,
    replace_existing: Annotated[bool, _option("replace_existing")] = False,
    with_labels: Annotated[bool, _option("with_labels")] = False,
    unreviewed: Annotated[bool, _option("unreviewed")] = False,
    as_json: Json = False,
) -> None:
    """Write a run as a file that another program reads: CoralNet, MERMAID, GCRMN, vegan and others.

    Example: coralrun export runs/my-reef --format matrix --by site
    """
    from coralrun.app.answers.export_options import options_of

    def command(printer: Printer) -> int:
        options = options_of(
            by=by or (),
            fields=pairs("--field", fields or ()),
            values=pairs("--set", values or ()),
            label_display=label_display,
            groups=groups,
            rates=rates,
            existing=existing,
            replace_existing=replace_existing,
            with_labels=with_labels,
            unreviewed=unreviewed,
        )
        return run(run_dir, format_name, options, printer, out=out, source=source, partial=partial, overwrite=overwrite)

    call(as_json, command, begins="reading the run")


def run(
    run_dir: Path | None,
    name: str,
    options: ExportOptions,
    printer: Printer,
    *,
    out: Path | None,
    source: str | None,
    partial: bool,
    overwrite: bool,
) -> int:
    """Write a run in a format, and say what must be known of the file."""
    from coralrun.app.answers.export import export as write
    from coralrun.app.chosen_run import run_or_last
    from coralrun.app.run.paths import reaching
    from coralrun.app.run.run_directory import open_run
    from coralrun.exports.registry import format_named

    wanted = format_named(name, out)
    chosen = run_or_last(run_dir, printer)
    with reaching(chosen):
        opened = open_run(chosen)
    with reaching(out or Path()):
        done = write(opened, wanted, options, out=out, source=source, partial=partial, overwrite=overwrite)
    printer.say(f"{done.path}: {wanted.name} of {opened.layout.root}{' as it stands: PARTIAL' if done.partial else ''}")
    printer.lines(f"  {note}" for note in done.notes)
    printer.document(
        {
            "file": str(done.path),
            "format": wanted.name,
            "run_dir": str(opened.layout.root),
            "partial": done.partial,
            "notes": list(done.notes),
            "left_out": list(done.left_out),
            "left_out_file": str(done.left_out_file) if done.left_out_file is not None else "",
        }
    )
    return EXIT_COMPLETE


def pairs(option: str, words: Sequence[str]) -> dict[str, str]:
    """COLUMN=VALUE words as a mapping; raises UsageError for one that is not of this form."""
    found: dict[str, str] = {}
    for word in words:
        column, equals, value = word.partition("=")
        if not equals or not column.strip():
            raise UsageError(f"{option} {word}: not of the form COLUMN=...", remedy=f"Write {option} COLUMN=...")
        found[column.strip()] = value.strip()
    return found
