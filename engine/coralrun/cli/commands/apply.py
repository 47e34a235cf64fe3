"""`apply`: a survey or a saved plan carried out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coralrun.cli.calling import EventFile, Json, call
from coralrun.cli.options import Offline
from coralrun.console.printer import Printer


def command(
    survey: Annotated[Path, typer.Argument(metavar="SURVEY|PLAN", help="A survey, or a plan saved by `plan --out`.")],
    run_dir: Annotated[Path | None, typer.Option("--run-dir", help="Where the run's files go.")] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Try out the first N images; the others can follow.")
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try again the images that failed or were skipped.")
    ] = False,
    reason: Annotated[
        list[str] | None, typer.Option("--reason", help="With --retry-failed: those that ended with this reason.")
    ] = None,
    upgrade: Annotated[
        bool, typer.Option("--upgrade-classifier", help="Let a newer classifier take the place of the run's.")
    ] = False,
    names: Annotated[bool, typer.Option("--names", help="Name all images that differ from the run.")] = False,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Let the survey take the place of another one in its run.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before starting.")] = False,
    offline: Offline = False,
    events: EventFile = None,
    as_json: Json = False,
) -> None:
    """Carry out a survey; a run of it becomes what the survey says now, and only the difference is sent.

    Example: coralrun apply survey.yaml --limit 5
    """

    def applied(printer: Printer) -> int:
        from coralrun.app.applying.apply import ApplyOptions, apply
        from coralrun.app.applying.retrying import retry_of

        retry = retry_of(retry_failed, reason or [])
        options = ApplyOptions(
            limit=limit, yes=yes, offline=offline, retry=retry, upgrade=upgrade, all_names=names, take_over=take_over
        )
        return apply(survey, run_dir, options, printer)

    call(as_json, applied, events, begins="reading the survey")
