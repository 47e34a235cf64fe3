"""`validate`: surveys and their files checked, without a network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from coralrun.cli.calling import Json, call
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE, InvalidInput


def command(
    surveys: Annotated[
        list[Path], typer.Argument(metavar="SURVEY...", help="Surveys, or folders: all that are in them.")
    ],
    skip_missing: Annotated[
        bool,
        typer.Option("--skip-missing", help="Pass over files, photos and runs that are not here, and name them."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Check surveys, and say everything that is wrong with them at once.

    Example: coralrun validate survey.yaml
    """
    call(as_json, lambda printer: run(surveys, printer, skip_missing=skip_missing), begins="reading the survey")


def run(paths: Sequence[Path], printer: Printer, *, skip_missing: bool = False) -> int:
    """Check each survey and the files that it reads."""
    from coralrun.app.beforehand.validate import Checked, check, shared_runs, surveys_of
    from coralrun.app.run.paths import reaching

    with reaching(paths[0]):
        surveys = surveys_of(paths, printer.remark)
    valid: list[Checked] = []
    wrong: list[InvalidInput] = []
    warned: set[str] = set()
    for path in surveys:
        try:
            checked = check(path, skip_missing=skip_missing)
        except InvalidInput as error:
            wrong.append(error)
        else:
            valid.append(checked)
            count = f"{checked.sources} source{'s' * (checked.sources > 1)}"
            printer.say(f"{checked.file}: valid ({checked.name}: {count}, service {checked.service})")
            printer.lines(f"  not checked: {absent}" for absent in checked.absent)
            printer.lines(f"  warning: {warning}" for warning in checked.warnings if warning not in warned)
            warned |= {*checked.warnings}  # of a file that several surveys share once
    if shared := list(shared_runs(valid)):
        wrong.append(InvalidInput(shared))
    if wrong:
        problems = dict.fromkeys(problem for error in wrong for problem in error.problems)  # that of a base once
        raise wrong[0] if len(wrong) == 1 else InvalidInput(problems)
    documents = [
        {
            "valid": True,
            "file": checked.file,
            "survey": checked.resolved,
            "warnings": list(checked.warnings),
            **({"not_checked": list(checked.absent)} if skip_missing else {}),
        }
        for checked in valid
    ]
    printer.document(
        documents[0] if len(paths) == 1 and not paths[0].is_dir() else {"valid": True, "surveys": documents}
    )
    return EXIT_COMPLETE
