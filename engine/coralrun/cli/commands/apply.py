"""`apply`: a survey or a saved plan carried out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coralrun.cli.calling import EventFile, Json, call
from coralrun.cli.options import Names, Offline
from coralrun.console.printer import Printer


def command(
    surveys: Annotated[
        list[Path],
        typer.Argument(
            metavar="SURVEY|PLAN...",
            help="Surveys, or plans saved by `plan --out`; of a folder all surveys in it, one after the other.",
        ),
    ],
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
    names: Names = False,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Let the survey take the place of another one in its run.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before starting.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="For cron: ask nothing, and print only what somebody has to see to.")
    ] = False,
    offline: Offline = False,
    events: EventFile = None,
    as_json: Json = False,
) -> None:
    """Carry out a survey, or all in a folder; a run becomes what its survey says now, and only the difference is sent.

    Example: coralrun apply survey.yaml --limit 5
    """

    def applied(printer: Printer) -> int:
        from coralrun.app.applying.apply import ApplyOptions, apply
        from coralrun.app.applying.retrying import retry_of
        from coralrun.app.beforehand.together import Together
        from coralrun.app.beforehand.validate import is_folder_of_surveys, surveys_of
        from coralrun.cli.several import carry_out_each, carry_out_quietly
        from coralrun.errors import UsageError

        retry = retry_of(retry_failed, reason or [])
        if quiet and as_json:
            raise UsageError("--quiet and --json exclude each other", remedy="Leave one of them out.")
        options = ApplyOptions(
            limit=limit,
            yes=yes,
            unseen=quiet,
            offline=offline,
            retry=retry,
            upgrade=upgrade,
            all_names=names,
            take_over=take_over,
        )
        if len(surveys) == 1 and not quiet and not is_folder_of_surveys(surveys[0]):
            return apply(surveys[0], run_dir, options, printer)
        found = surveys_of(surveys) if quiet else surveys_of(surveys, printer.remark)
        if len(found) > 1 and run_dir is not None:
            raise UsageError("--run-dir is for one survey", remedy="Leave it out: each says itself where its run goes.")
        carry_out = carry_out_quietly if quiet else carry_out_each
        return carry_out(
            Together.of(found).in_order(found), lambda survey, one: apply(survey, run_dir, options, one), printer
        )

    call(as_json, applied, events, begins="reading the survey")
