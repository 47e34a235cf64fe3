"""`resume`: a run gone on with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coralrun.cli import completing
from coralrun.cli.calling import EventFile, Json, call


def command(
    run_dir: Annotated[
        Path | None,
        typer.Argument(
            metavar="RUN_DIR",
            help="Default: the unfinished run under runs/ worked on last.",
            autocompletion=completing.runs,
        ),
    ] = None,
    only_copy: Annotated[
        bool, typer.Option("--only-copy", help="Go on although another copy of the run was carried on: it is lost.")
    ] = False,
    events: EventFile = None,
    as_json: Json = False,
) -> None:
    """Go on with a run that was interrupted, paused, or killed.

    Example: coralrun resume
    """
    from coralrun.app.applying.apply import resume as run

    call(as_json, lambda printer: run(run_dir, printer, only_copy=only_copy), events, begins="reading the run")
