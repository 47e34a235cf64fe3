"""What a first survey knows of its images: whether anything tells the design unit, and what does.

Rule: an answer is checked when it is given, by looking at what it names; CoralNet alone is not asked.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
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
from coralrun.spec.template import BadTemplate, Template, template_of
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


def known_by(
    answers: Iterable[str], unit: str | None, images: Source, target: Path
) -> tuple[str | None, tuple[str, ...]]:
    """A table of metadata, by its path relative to the survey, and templates of names: as many as are given of them.

    Raises UsageError where an answer is neither, there are two tables, none has a field of the unit, or no photo of a
    folder has such a name, and InvalidInput for a table that is none of metadata.
    """
    given = [text for text in map(str.strip, answers) if text]
    names = tuple(text for text in given if "{" in text)
    tables = [text for text in given if "{" not in text]
    if len(tables) > 1:
        raise UsageError(f"{' and '.join(tables)}: a survey has one table of metadata", remedy=KNOWN_REMEDY)
    fields = [field for text in names for field in _template(text).fields]
    of_table = [field for table in tables for field in _fields(table)]
    if unit is not None and given and unit.casefold() not in map(str.casefold, (*fields, *of_table)):
        for table in tables:
            check_has(table, unit, of_table)
        lacks = "has" if len(names) == 1 else "have"
        raise UsageError(f"{', '.join(names)} {lacks} no field `{{{unit}}}`", remedy=KNOWN_REMEDY)
    for text in names:
        _check_followed(text, images, target)
    return next((beside(Path(table), target) for table in tables), None), names


def _fields(table: str) -> tuple[str, ...]:
    place = Path(table)
    if not place.is_file():
        raise UsageError(f"{table}: neither a table nor a template of names{near(place)}", remedy=KNOWN_REMEDY)
    return read_metadata(table, read_given(place)).fields


def _template(text: str) -> Template:
    try:
        return template_of(text)
    except BadTemplate as error:
        raise UsageError(f"{text} is no template: {error}", remedy=KNOWN_REMEDY) from error


def _check_followed(text: str, images: Source, target: Path) -> None:
    if isinstance(images, FolderSource):
        template, folder = template_of(text), target.parent / images.path
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
