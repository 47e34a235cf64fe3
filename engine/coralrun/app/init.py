"""A first survey, from answers to a file.

Rule: what is written is valid, and no file is written over.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from coralrun.app.resources import SURVEY_SCHEMA, schema
from coralrun.errors import InvalidInput, UsageError
from coralrun.services import all_terms
from coralrun.spec.grid import cells_for, nearest_that_work
from coralrun.spec.starter import Answers, survey_text
from coralrun.spec.survey import load_survey
from coralrun.store.files import Disk

DEFAULT_POINTS = 200  # as many as one entry of a request takes (protocol 3), and as the superseded notebook laid
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


def name_for(folder: Path) -> str:
    """A survey's name from the folder that it will stand in; "survey" where that gives none."""
    return _UNSAFE.sub("-", folder.resolve().name).strip(".-")[:100] or "survey"


def images_of(answer: str, target: Path) -> int | str:
    """Where the images are: the number of a CoralNet source, or the path of a manifest, relative to the survey.

    Raises UsageError where the answer is neither.
    """
    if answer.isascii() and answer.isdigit() and int(answer) > 0:
        return int(answer)
    manifest = Path(answer)
    if not manifest.is_file():
        raise UsageError(
            f"{answer}: neither the number of a CoralNet source nor a file",
            remedy="Give the number (that of /source/3420/ is 3420), or the path of a table of images.",
        )
    try:
        return Path(os.path.relpath(manifest, target.parent)).as_posix()
    except ValueError:  # on another drive of Windows
        return manifest.resolve().as_posix()


def check_points(points: int) -> None:
    """Raise UsageError for a number of points that makes no grid of cells."""
    if points < 1 or cells_for(points) is None:
        nearest = " or ".join(map(str, nearest_that_work(points))) if points > 0 else str(DEFAULT_POINTS)
        raise UsageError(f"{points} points cannot be cut into cells near to square", remedy=f"Take {nearest}.")


def check_free(target: Path) -> None:
    """Raise UsageError where a survey cannot be written."""
    if target.exists() or target.is_symlink():
        raise UsageError(f"{target}: is there already, and is not written over", remedy="Give another name.")
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent}: no such folder", remedy="Make the folder first, or give another.")


def write_survey(target: Path, answers: Answers) -> None:
    """Write a survey; raises UsageError where the answers make no valid one, naming what is wrong."""
    check_free(target)
    check_points(answers.points)
    text = survey_text(answers).encode()
    try:
        load_survey(target.name, text, schema(SURVEY_SCHEMA), lambda base: base.encode(), services=all_terms())
    except InvalidInput as error:
        said = "; ".join(problem.message for problem in error.problems)
        raise UsageError(f"no survey can be made of this: {said}", remedy="Answer otherwise.") from error
    Disk().replace(target, text)
