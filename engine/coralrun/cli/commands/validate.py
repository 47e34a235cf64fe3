"""`validate` and `schema`."""

from __future__ import annotations

from pathlib import Path

from coralrun.app.address_life import of_inputs
from coralrun.app.inputs import read_inputs
from coralrun.app.resources import SURVEY_SCHEMA, schema_text
from coralrun.app.survey_file import read_survey
from coralrun.cli.printer import Printer
from coralrun.clock import SystemClock
from coralrun.errors import EXIT_COMPLETE


def validate(path: Path, printer: Printer) -> int:
    """Check a survey and the files that it reads."""
    file = read_survey(path)
    inputs = read_inputs(file)
    survey, named = file.survey, file.survey.wording.file
    count = len(survey.sources)
    warnings = [*inputs.warnings, *of_inputs(file, inputs, SystemClock().wall_s()).warnings]
    printer.say(f"{named}: valid ({survey.name}: {count} source{'s' * (count > 1)}, service {survey.service})")
    printer.lines(f"  warning: {warning}" for warning in warnings)
    printer.document({"valid": True, "file": named, "survey": file.resolved, "warnings": warnings})
    return EXIT_COMPLETE


def schema(printer: Printer) -> int:
    """Print the survey's schema."""
    printer.raw(schema_text(SURVEY_SCHEMA))
    return EXIT_COMPLETE
