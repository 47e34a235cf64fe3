"""The run that a command works with: the one that is named, or one that is said."""

from __future__ import annotations

from pathlib import Path

from coralrun.app.reporter import Reporter
from coralrun.app.run.default_run import last_run, unfinished_run
from coralrun.app.run.missing_run import no_run_here
from coralrun.app.run.paths import RUNS, reaching
from coralrun.errors import UsageError


def run_or_last(
    run_dir: Path | None, reporter: Reporter, *, uploads: bool = False, unfinished: bool = False, changes: bool = False
) -> Path:
    """The run that is named, or the one that was worked on last, which is said; with `uploads` also of photos that were
    uploaded alone, with `unfinished` one to go on with. What `changes` it asks first, where two may be meant.

    Raises UsageError where there is none, or nobody wants it.
    """
    if run_dir is not None:
        return run_dir
    with reaching(RUNS):
        found = unfinished_run(RUNS) if unfinished else last_run(RUNS, uploads=uploads)
    if found is None:
        raise no_run_here(unfinished=unfinished)
    reporter.remark(found.described(RUNS))
    if changes and found.begun_later is not None and not reporter.agrees(f"Take {found.path}?"):
        raise UsageError("no run was chosen; nothing was done", remedy=f"Name the run, such as {found.begun_later}.")
    return found.path
