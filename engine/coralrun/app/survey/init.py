"""A first survey, from answers to a file.

Rule: an answer is checked when it is given, by looking at what it names; what is written is valid, and no file is
written over but the schema for editors, which is coralrun's own.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from msgspec import structs

from coralrun.app.survey.init_metadata import beside, check_has
from coralrun.app.survey.near_path import near
from coralrun.app.survey.resources import SURVEY_SCHEMA, schema, schema_text
from coralrun.errors import InvalidInput, UsageError
from coralrun.files.given import read_given
from coralrun.services import all_terms, usual_service
from coralrun.sources.folder import count_files
from coralrun.sources.manifest import Manifest, read_manifest
from coralrun.spec.grid import cells_for, nearest_that_work
from coralrun.spec.model import (
    FROM_CORALNET,
    IMAGE,
    PRODUCTION,
    BucketSource,
    CoralNetSource,
    ExifChoice,
    FolderSource,
    ManifestSource,
    Source,
    UploadTo,
)
from coralrun.spec.starter import Answers, survey_text
from coralrun.spec.survey import load_survey
from coralrun.store.files import Disk

DEFAULT_POINTS: Final = 200  # as many as one entry of a request takes (protocol 3), and as the superseded notebook laid
LOCAL: Final = "local"
SCHEMA_FILE: Final = "coralrun-survey.v1.json"
"""What the schema is called beside a survey, for editors."""
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
_SOURCE_PAGE = re.compile(r"/source/([1-9][0-9]*)(/.*)?")
_A_CLASSIFIER: Final = "model.json"


def name_for(folder: Path) -> str:
    """A survey's name from the folder that it will stand in, accents taken off; "survey" where that gives none."""
    return _plain(folder.resolve().name)


def name_beside(target: Path) -> str:
    """The name of the survey in a file: the file's, or the folder's where the file is called `survey`.

    Several surveys in one folder are several runs: by the folder's name all of them would be one.
    """
    return name_for(target.parent) if target.stem.casefold() == "survey" else _plain(target.stem)


def name_of(answer: str) -> str:
    """The name of a survey; raises UsageError where it may not be one."""
    allowed = schema(SURVEY_SCHEMA)["properties"]["name"]
    if not re.fullmatch(allowed["pattern"], answer):
        raise UsageError(f"the name `{answer}` {allowed['errorMessage']}", remedy=f"Take {_plain(answer)}.")
    return answer


def images_of(answer: str, target: Path) -> tuple[Source, str | None]:
    """Where the images are, by a number, an address, a folder or a table; and the service that an address names.

    Paths are made relative to the survey. Raises UsageError where the answer is none of these or there are no photos,
    and InvalidInput for a table that is no list of images.
    """
    number, service = _source_of(answer)
    if number is not None:
        return CoralNetSource(source=number), service
    if answer.startswith("s3://"):
        return BucketSource(address=answer if answer.endswith("/") else f"{answer}/"), None
    place = Path(answer)
    if place.is_dir():
        return _photos_in(place, target), None
    if place.is_file():
        _read(place)
        return ManifestSource(path=beside(place, target)), None
    raise UsageError(
        f"{answer}: neither a CoralNet source, a bucket, a folder nor a file{near(place)}",
        remedy="Give the number or address of a source (3420, https://coralnet.ucsd.edu/source/3420/), a folder of "
        "photos, the path of a table of images, or a bucket (s3://reef/2024/).",
    )


def upload_of(answer: str, exif: Callable[[], str], images: Source) -> tuple[Source, str | None]:
    """The images, uploaded to a CoralNet source if one is said; and the service that its address names.

    `exif` is asked for only then. Raises UsageError where the answer is no source, or the images are no folder.
    """
    if not answer.strip():
        return images, None
    number, service = _source_of(answer)
    if number is None:
        raise UsageError(f"{answer}: not a CoralNet source", remedy="Give its number, or the address of its page.")
    if not isinstance(images, FolderSource):
        raise UsageError("photos of a folder are uploaded, and no others", remedy="Give --images a folder.")
    return structs.replace(images, upload_to=UploadTo(source=number, exif=ExifChoice(exif()))), service


def exif_of(answer: str) -> str:
    """What becomes of places in photos; raises UsageError where it is not said."""
    if answer not in tuple(ExifChoice):
        raise UsageError(
            f"{answer or 'nothing'}: it is not said whether photos keep the places that cameras wrote into them",
            remedy=f"Say {' or '.join(ExifChoice)} (--exif).",
        )
    return answer


def classifier_of(answer: str, images: Source, target: Path) -> int | str:
    """The number of the source whose classifier is meant, or the folder of one of our own, relative to the survey.

    Raises UsageError where it is neither, or where CoralNet would be asked for photos that it cannot reach.
    """
    number, _ = _source_of(answer)
    if number is not None:
        if isinstance(images, FolderSource) and images.upload_to is None:
            raise UsageError(
                "CoralNet classifies photos that it can fetch, and those of a folder on this computer it cannot",
                remedy="Give the folder of a classifier of your own (`coralrun train` makes one), or say to which "
                "CoralNet source they are uploaded: --upload-to 3420.",
            )
        return number
    if not (Path(answer) / _A_CLASSIFIER).is_file():
        out = "models/reef" if Path(answer).exists() else answer  # nothing is trained into a folder of something else
        raise UsageError(
            f"{answer}: neither a CoralNet source nor the folder of a classifier",
            remedy="Give the number or address of a CoralNet source, or a folder that `coralrun train` made: "
            f"coralrun train --labels LABELS.csv --photos LABELLED_PHOTOS --out {out}",
        )
    return beside(Path(answer), target)


def points_of(answer: str, images: Source) -> int | None:
    """A number of points, None for those that a CoralNet source has itself; raises UsageError where there are none, or
    where the number makes no grid of cells."""
    if answer == FROM_CORALNET:
        if not isinstance(images, CoralNetSource):
            raise UsageError(
                f"{answer}: the points that a CoralNet source has are of its own images",
                remedy=f"Take {DEFAULT_POINTS}, or another number.",
            )
        return None
    points = int(answer) if answer.isascii() and answer.isdigit() and len(answer) < 10 else 0
    if points < 1:
        raise UsageError(f"{answer}: not a number of points", remedy=f"Take {DEFAULT_POINTS}, or another number.")
    if cells_for(points) is None:
        nearest = " or ".join(map(str, nearest_that_work(points)))
        raise UsageError(f"{points} points cannot be cut into cells near to square", remedy=f"Take {nearest}.")
    return points


def unit_of(answer: str, images: Source, target: Path) -> str | None:
    """The field of the design unit, None if not said; raises UsageError where the table of images has no such field."""
    field = answer.strip()
    if not field:
        return None
    if isinstance(images, ManifestSource) and field != IMAGE:
        table = _read(target.parent / images.path)
        check_has(images.path, field, {name for image in table.images for name in image.fields})
    return field


def service_of(named: str | None, classifier: int | str) -> str:
    """The service of a survey that an address among the answers may name: else that of the account of the environment,
    or this computer for a classifier of our own, whatever photos it is given."""
    if isinstance(classifier, int):
        return named or usual_service()
    return named if named not in (None, PRODUCTION) else LOCAL


def check_free(target: Path) -> None:
    """Raise UsageError where a survey cannot be written."""
    if target.exists() or target.is_symlink():
        raise UsageError(f"{target}: is there already, and is not written over", remedy="Give another name.")
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent}: no such folder", remedy="Make the folder first, or give another.")


def write_survey(target: Path, answers: Answers) -> None:
    """Write a survey, and its schema beside it; raises UsageError where the answers make no valid one, with why."""
    check_free(target)
    text = survey_text(answers).encode()
    try:
        load_survey(target.name, text, schema(SURVEY_SCHEMA), lambda base: base.encode(), services=all_terms())
    except InvalidInput as error:
        said = "; ".join(problem.message for problem in error.problems)
        raise UsageError(f"no survey can be made of this: {said}", remedy="Answer otherwise.") from error
    if answers.schema is not None:
        _lay_schema(target.parent / answers.schema)
    Disk().replace(target, text)


def _plain(text: str) -> str:
    letters = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _UNSAFE.sub("-", letters).strip(".-")[:100] or "survey"


def _source_of(answer: str) -> tuple[int | None, str | None]:
    """A CoralNet source by its number or the address of one of its pages; and where that is, if it is said."""
    if answer.isascii() and answer.isdigit() and int(answer) > 0:
        return int(answer), None
    address = urlsplit(answer)
    page = _SOURCE_PAGE.fullmatch(address.path)
    if address.scheme not in ("http", "https") or page is None or "@" in address.netloc:
        return None, None
    return int(page[1]), f"{address.scheme}://{address.netloc}"


def _photos_in(folder: Path, target: Path) -> FolderSource:
    if (folder / _A_CLASSIFIER).is_file():
        raise UsageError(
            f"{folder}: the folder of a classifier, not of photos", remedy="Give the folder that the photos are in."
        )
    if count_files(folder) == 0:
        raise UsageError(f"{folder}: no photo is in it", remedy="Give the folder that the photos are in, or below.")
    return FolderSource(path=beside(folder, target))


def _read(table: Path) -> Manifest:
    return read_manifest(str(table), read_given(table))


def _lay_schema(path: Path) -> None:
    """Write the schema, in place of one of ours alone."""
    text = schema_text(SURVEY_SCHEMA)
    if path.exists():
        try:
            is_ours = json.loads(read_given(path)).get("$id") == json.loads(text)["$id"]
        except (ValueError, AttributeError):
            is_ours = False
        if not is_ours:
            raise UsageError(
                f"{path}: is there already, and is no schema of coralrun's", remedy="Move it, or take --no-schema."
            )
    Disk().replace(path, text.encode())
