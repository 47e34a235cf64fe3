"""`doctor`: whether coralrun can work here, check by check."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from coralrun.cli.calling import Json, call
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE, UsageError


def command(
    survey: Annotated[
        Path | None, typer.Argument(metavar="SURVEY", help="Default: the service and the account alone.")
    ] = None,
    service: Annotated[
        str | None, typer.Option("--service", help="An address; default: CORALNET_SERVICE, or CoralNet's.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check what a survey needs: credentials, permissions, classifier, free jobs, clock, disk. Each with its remedy.

    Example: coralrun doctor survey.yaml
    """
    call(as_json, lambda printer: run(survey, service, printer), begins="checking")


def run(survey: Path | None, service: str | None, printer: Printer) -> int:
    """Check whether coralrun can work here; the exit code is that of the first check that failed."""
    from coralrun.app.beforehand.doctor import examine
    from coralrun.services import usual_service

    if survey is not None and service is not None:
        raise UsageError("a survey names its own service", remedy="Leave out --service, or the survey.")
    checks = []
    for check in examine(survey, service or usual_service(), printer.ask):
        checks.append(check)
        printer.say(f"{check.verdict:<6}{check.what}: {check.said}")
        if check.remedy:
            printer.say(f"      -> {check.remedy}")
    printer.document({"checks": [asdict(check) for check in checks]})
    return next((check.exit_code for check in checks if check.exit_code), EXIT_COMPLETE)
