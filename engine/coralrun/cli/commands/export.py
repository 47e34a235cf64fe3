"""`export`: a run as a file that another program reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from coralrun.app.exporting import export as write
from coralrun.app.runs import newest_run, open_run
from coralrun.cli.paths import reaching
from coralrun.cli.printer import Printer
from coralrun.errors import EXIT_COMPLETE, UsageError
from coralrun.results.exports.model import InputFile, Wishes
from coralrun.results.exports.registry import format_named

RUNS = Path("runs")


def export(
    run_dir: Path | None,
    name: str,
    wishes: Wishes,
    printer: Printer,
    *,
    out: Path | None,
    source: str | None,
    partial: bool,
    overwrite: bool,
) -> int:
    """Write a run in a format, and say what must be known of the file."""
    wanted = format_named(name)
    with reaching(RUNS):
        chosen = run_dir or newest_run(RUNS)
    if chosen is None:
        raise UsageError("there is no run under runs/", remedy="Name a run directory, or start with `coralrun apply`.")
    with reaching(chosen):
        opened = open_run(chosen)
    with reaching(out or Path()):
        done = write(opened, wanted, wishes, out=out, source=source, partial=partial, overwrite=overwrite)
    printer.say(f"{done.path}: {wanted.name} of {opened.layout.root}{' as it stands: PARTIAL' if done.partial else ''}")
    printer.lines(f"  {note}" for note in done.notes)
    printer.document(
        {
            "file": str(done.path),
            "format": wanted.name,
            "run_dir": str(opened.layout.root),
            "partial": done.partial,
            "notes": list(done.notes),
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


def read_input(path: Path | None) -> InputFile | None:
    """A file that an option names; raises UsageError when it cannot be read."""
    if path is None:
        return None
    with reaching(path):
        return InputFile(path.as_posix(), path.read_bytes())
