"""What a first survey knows of its images: whether anything tells the design unit, and what does.

Rule: an answer is checked when it is given, by looking at what it names; CoralNet alone is not asked.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

from coralrun.app.survey.near_path import near
from coralrun.errors import UsageError
from coralrun.files.given import read_given
from coralrun.planning.exif import FIELDS as EXIF_FIELDS
from coralrun.sources.folder_photo import is_called_photo
from coralrun.sources.metadata_file import read_metadata
from coralrun.spec.model import IMAGE, BucketSource, FolderSource, Source
from coralrun.spec.suggest import suggestion
from coralrun.spec.template import BadTemplate, template_of
from coralrun.spec.template_stop import remedy_for, stop_of

KNOWN_REMEDY: Final = (
    'Give how names tell it: "{site}_{transect}_{_}.jpg" reads `Heron North_T1_001.jpg`, where {_} says nothing and '
    "all else outside braces is in each name as it stands. Or give a table with a column Name and one of the unit "
    "(sites.csv)."
)


def is_told(unit: str, images: Source) -> bool:
    """Whether what is known of images by themselves may have a field: what a camera wrote, the columns of a table, or
    what CoralNet knows, which only it can say."""
    if isinstance(images, FolderSource):
        return unit.casefold() in EXIF_FIELDS or unit == IMAGE
    return unit == IMAGE or not isinstance(images, BucketSource)


def known_by(answer: str, unit: str | None, images: Source, target: Path) -> tuple[str | None, str | None]:
    """A table of metadata, by its path relative to the survey, or a template of names: one of the two, or neither.

    Raises UsageError where it is neither, has no field of the unit, or no photo of a folder has such a name, and
    InvalidInput for a table that is none of metadata.
    """
    answer = answer.strip()
    if not answer:
        return None, None
    if "{" in answer:
        _check_template(answer, unit, images, target)
        return None, answer
    place = Path(answer)
    if not place.is_file():
        raise UsageError(f"{answer}: neither a table nor a template of names{near(place)}", remedy=KNOWN_REMEDY)
    fields = read_metadata(answer, read_given(place)).fields
    if unit is not None:
        check_has(answer, unit, fields)
    return beside(place, target), None


def _check_template(text: str, unit: str | None, images: Source, target: Path) -> None:
    try:
        template = template_of(text)
    except BadTemplate as error:
        raise UsageError(f"{text} is no template: {error}", remedy=KNOWN_REMEDY) from error
    if unit is not None and unit.casefold() not in map(str.casefold, template.fields):
        raise UsageError(f"{text} has no field `{{{unit}}}`", remedy=KNOWN_REMEDY)
    if isinstance(images, FolderSource):
        folder = target.parent / images.path
        names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if is_called_photo(path.name))
        if names and not any(map(template.read, names)):
            why = f"in the first, `{names[0]}`, {stop_of(template, names[0])}"
            raise UsageError(f"no name in {images.path} follows {text}: {why}", remedy=remedy_for(template, names))


def check_has(table: str, field: str, fields: Collection[str]) -> None:
    """Raise UsageError where a table has no column of a name, in whatever case."""
    if field.casefold() not in map(str.casefold, fields):
        near = suggestion(field, sorted(fields))
        raise UsageError(
            f"{table} has no column `{field}`" + (f": did you mean `{near}`?" if near is not None else ""),
            remedy=f"It has {', '.join(sorted(fields))}." if fields else "Say the unit later, with the metadata.",
        )


def beside(place: Path, target: Path) -> str:
    """A path relative to the folder of the survey, with forward slashes."""
    try:
        return Path(os.path.relpath(place, target.parent)).as_posix()
    except ValueError:  # on another drive of Windows
        return place.resolve().as_posix()
