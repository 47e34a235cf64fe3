"""`doctor`: whether coralrun can work here, check by check."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coralrun.cli.calling import Json, call
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE, UsageError

if TYPE_CHECKING:
    from coralrun.service.checks import Check


def command(
    surveys: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="SURVEY...", help="Surveys, or folders of them; default: the service and the account alone."
        ),
    ] = None,
    service: Annotated[
        str | None, typer.Option("--service", help="An address; default: your account's, or CoralNet's.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check what a survey needs: credentials, permissions, classifier, free jobs, clock, disk. Each with its remedy.

    Example: coralrun doctor survey.yaml
    """
    call(as_json, lambda printer: run(surveys or [], service, printer), begins="checking")


def run(surveys: Sequence[Path], service: str | None, printer: Printer) -> int:
    """Check whether coralrun can work here; the exit code is that of the first check that failed."""
    from coralrun.app.beforehand.doctor import examine
    from coralrun.app.beforehand.validate import is_folder_of_surveys, surveys_of
    from coralrun.services import usual_service

    if surveys and service is not None:
        raise UsageError("a survey names its own service", remedy="Leave out --service, or the survey.")
    if len(surveys) > 1 or any(map(is_folder_of_surveys, surveys)):
        return _run_each(surveys_of(surveys, printer.remark), printer)
    survey = next(iter(surveys), None)
    checks = _shown(examine(survey, service or usual_service(), printer.ask), [], printer)
    printer.document({"checks": [asdict(check) for check in checks]})
    return _code(checks)


def _run_each(surveys: Iterable[Path], printer: Printer) -> int:
    """Check what each survey needs; what was found for an earlier one is not shown again. Nobody is asked."""
    from coralrun.app.beforehand.doctor import examine
    from coralrun.services import usual_service

    seen: list[Check] = []
    documents = []
    for survey in surveys:
        printer.say(survey.as_posix())
        checks = _shown(examine(survey, usual_service()), seen, printer)
        documents.append({"survey": survey.as_posix(), "checks": [asdict(check) for check in checks]})
        seen += checks
    printer.document({"surveys": documents})
    return _code(seen)


def _shown(checks: Iterable[Check], seen: list[Check], printer: Printer) -> list[Check]:
    """The checks, shown as they are made, but for those that were seen."""
    made = []
    for check in checks:
        made.append(check)
        if check in seen:
            continue
        first, *more = check.said.split("\n")
        printer.lines([f"{check.verdict:<6}{check.what}: {first}", *(f"      {line}" for line in more)])
        if check.remedy:
            printer.say(f"      -> {check.remedy}")
    return made


def _code(checks: Iterable[Check]) -> int:
    return next((check.exit_code for check in checks if check.exit_code), EXIT_COMPLETE)
