"""`runs`: the runs of a folder, and the removal of a finished one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coralrun.cli.calling import Json, call
from coralrun.console.printer import Printer, at_terminal
from coralrun.errors import EXIT_COMPLETE, UsageError
from coralrun.values.phrases import count

if TYPE_CHECKING:
    from coralrun.app.run.runs import Listed


def command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the runs are.")] = Path("runs"),
    removed: Annotated[
        Path | None, typer.Option("--remove", metavar="RUN_DIR", help="Delete a finished run instead.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before deleting.")] = False,
    as_json: Json = False,
) -> None:
    """List the runs of a folder, or delete a finished one.

    Example: coralrun runs
    """
    call(as_json, lambda printer: run(folder, removed, yes, printer), begins="reading the runs")


def run(folder: Path, removed: Path | None, yes: bool, printer: Printer) -> int:
    """List the runs of a folder, or remove one of them."""
    from coralrun.app.run.paths import reaching
    from coralrun.app.run.runs import runs_in

    if removed is not None:
        return _remove(removed, yes, printer)
    with reaching(folder):
        found = runs_in(folder)
    printer.lines(_line(listed) for listed in found)
    if not found:
        printer.say(f"There is no run under {folder}.")
    printer.document({"runs": [asdict(listed) for listed in found]})
    return EXIT_COMPLETE


def _remove(directory: Path, yes: bool, printer: Printer) -> int:
    from coralrun.app.beforehand.text import size
    from coralrun.app.run.paths import reaching
    from coralrun.app.run.run_directory import open_run
    from coralrun.app.run.runs import remove

    with reaching(directory):
        opened = open_run(directory)
        if not yes:
            if printer.as_json or not at_terminal():
                raise UsageError(f"{directory}: removed for good?", remedy="Say --yes, if you mean it.")
            printer.close()
            if not typer.confirm(f"Remove {directory} for good?", default=False):
                printer.say("Nothing was removed.")
                return EXIT_COMPLETE
        freed = remove(opened)
    printer.say(f"{directory} is removed: {size(freed)} are free")
    printer.document({"removed": str(directory), "size_bytes": freed})
    return EXIT_COMPLETE


def _line(listed: Listed) -> str:
    from coralrun.app.beforehand.text import size

    takes = size(listed.size_bytes)
    if listed.damage:
        return f"{listed.run_dir}: DAMAGED, {takes}: {listed.damage}"
    done = f"{listed.images_over:,} of {count(listed.images, 'image')}"
    done += f", {listed.missed:,} of them failed" if listed.missed else ""
    return f"{listed.run_dir}: {listed.standing}, {done}, {listed.service}, {listed.created_at[:10]}, {takes}"
