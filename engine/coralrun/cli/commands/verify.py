"""`verify`: whether a run is what it was."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from coralrun.cli.calling import Json, call
from coralrun.cli.options import LastRun
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE, RunDamaged

if TYPE_CHECKING:
    from coralrun.app.answers.verify import Verified


def command(
    run_dir: LastRun = None,
    as_json: Json = False,
) -> None:
    """Check that a run is what it was: every checksum, the accounting, and the tables made once more.

    Example: coralrun verify runs/my-reef
    """
    call(as_json, lambda printer: run(run_dir, printer), begins="checking every file of the run")


def run(run_dir: Path | None, printer: Printer) -> int:
    """Check a run and say what was found; the exit code tells damage from soundness."""
    from coralrun.app.answers.verify import verify as check
    from coralrun.app.chosen_run import run_or_last
    from coralrun.app.run.paths import reaching
    from coralrun.app.run.run_directory import open_run

    chosen = run_or_last(run_dir, printer)
    with reaching(chosen):
        found = check(open_run(chosen))
    printer.lines(_lines(chosen, found))
    printer.document({"run_dir": str(chosen), "sound": not found.damage, **asdict(found)})
    return RunDamaged.exit_code if found.damage else EXIT_COMPLETE


def _lines(chosen: Path, found: Verified) -> list[str]:
    account = found.account
    lines = [
        f"{chosen}: {'DAMAGED' if found.damage else 'sound'}",
        f"  points   {account.points:,} in = {account.predicted:,} predicted + {account.failed:,} failed"
        f" + {account.skipped:,} skipped{'' if found.finished else ', the rest not over yet'}",
        f"  replies  {found.replies:,} as they were stored",
        f"  files    {found.files:,} as they were written",
        f"  tables   {found.rebuilt:,} made once more, the same bytes",
    ]
    lines += [f"  damage   {damage}" for damage in found.damage]
    return lines + [f"  note     {note}" for note in found.notes]
