"""`validate`: a survey and its files checked, without a network."""

from __future__ import annotations

from pathlib import Path

from coralrun.cli.calling import Json, call
from coralrun.cli.options import SurveyArgument
from coralrun.console.printer import Printer
from coralrun.errors import EXIT_COMPLETE


def command(survey: SurveyArgument, as_json: Json = False) -> None:
    """Check a survey, and say everything that is wrong with it at once.

    Example: coralrun validate survey.yaml
    """
    call(as_json, lambda printer: run(survey, printer))


def run(path: Path, printer: Printer) -> int:
    """Check a survey and the files that it reads."""
    from coralrun.app.address_life import of_inputs
    from coralrun.app.inputs import read_inputs
    from coralrun.app.survey_file import read_survey
    from coralrun.clock import SystemClock

    file = read_survey(path)
    inputs = read_inputs(file)
    survey, named = file.survey, file.survey.wording.file
    count = len(survey.sources)
    warnings = [*inputs.warnings, *of_inputs(file, inputs, SystemClock().wall_s()).warnings]
    printer.say(f"{named}: valid ({survey.name}: {count} source{'s' * (count > 1)}, service {survey.service})")
    printer.lines(f"  warning: {warning}" for warning in warnings)
    printer.document({"valid": True, "file": named, "survey": file.resolved, "warnings": warnings})
    return EXIT_COMPLETE
