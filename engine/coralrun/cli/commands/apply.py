"""`apply`: a survey or a saved plan carried out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coralrun.cli.calling import Json, call
from coralrun.cli.options import Offline


def command(
    survey: Annotated[Path, typer.Argument(metavar="SURVEY|PLAN", help="A survey, or a plan saved by `plan --out`.")],
    run_dir: Annotated[Path | None, typer.Option("--run-dir", help="Where the run's files go.")] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Try out the first N images, in a run of its own.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before starting.")] = False,
    offline: Offline = False,
    as_json: Json = False,
) -> None:
    """Carry out a survey, or go on with it where it was left."""
    from coralrun.app.apply import apply as run

    call(as_json, lambda printer: run(survey, run_dir, limit, yes, offline, printer))
