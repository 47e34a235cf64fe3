"""Runs that are planned in Python without a name: called as their directory."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, Final

from coralrun.app.beforehand.planned import Planned
from coralrun.app.survey.survey_file import SurveyFile

SURVEY = "survey.yaml"
"""What messages call a survey that was made here."""
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME: Final = 100


def called_as(directory: Path, file: SurveyFile, planned: Planned) -> tuple[SurveyFile, Planned]:
    """A survey that was made here without a name, and its plan, called as a directory, where that can be a name."""
    name = named_after(directory)
    if not name:
        return file, planned
    survey = replace(file.survey, name=name, canonical={**file.survey.canonical, "name": name})
    text = json.dumps(json.loads(file.written[SURVEY]) | {"name": name}, indent=1).encode()
    named = replace(file, survey=survey, written={**file.written, SURVEY: text})
    return named, replace(planned, plan=replace(planned.plan, name=name, survey_digest=named.digest))


def named_after(directory: Path | None) -> str:
    """What a run of a directory is called; "" where the directory has no name that can be one."""
    return "" if directory is None else _NOT_IN_NAMES.sub("-", directory.absolute().name)[:_LONGEST_NAME].strip("._-")


def place_in(sections: Mapping[str, Any]) -> Path | None:
    """The directory that the outputs of a call name; what else they may be, the checks of a survey refuse."""
    outputs = sections.get("outputs")
    place = outputs.get("directory") if isinstance(outputs, Mapping) else None
    return Path(place) if isinstance(place, str | PathLike) else None
