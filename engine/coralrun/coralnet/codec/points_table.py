"""Tables of points and labels, as CoralNet takes them and as it shows them (upload, observed).

Rule: pure. A label that is given becomes a confirmed annotation; a point without one is the machine's. Nothing is
confirmed that was not previewed as it is meant: these photos by their numbers, so many points and labels, and people's
annotations deleted on those photos alone of which that was known.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from coralrun.coralnet.codec.table_answers import TableRefused
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.values.annotated import AnnotatedPoint

MOST_POINTS: Final = 1_000  # of a photo; upload, observed
_ROBOT: Final = "robot"
_TOOL: Final = re.compile(r"/image/([1-9][0-9]{0,14})/annotation/tool/")

PREVIEW_PAGE: Final = "annotation/upload_preview"
CONFIRM_PAGE: Final = "annotation/upload_confirm"
NONE_THERE: Final = (
    "No matching image names found"  # upload, observed: what is said where no photo has any of the names
)
_WILL_CREATE: Final = re.compile(r"Will create ([0-9]{1,9}) points?, 0 annotations?")

Points = Mapping[str, Sequence[AnnotatedPoint]]
"""Points by the name of the photo."""


def encode(points: Points) -> bytes:
    """A table as it is sent; it has no labels where none are given."""
    with_labels = any(point.code for listed in points.values() for point in listed)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("Name", "Row", "Column", *(("Label code",) if with_labels else ())))
    for name, listed in points.items():
        writer.writerows((name, row, column, *((code,) if with_labels else ())) for row, column, code, _ in listed)
    return text.getvalue().removesuffix("\r\n").encode()


def check_preview(answer: Mapping[str, Any], points: Points, ids: Mapping[str, int], shown: Points) -> None:
    """Raise TableRefused unless CoralNet previews just what is meant, NotUnderstood for what is no preview.

    `ids` are the photos' numbers, `shown` what stands there now.
    """
    table, details = answer.get("previewTable"), answer.get("previewDetails")
    if not isinstance(table, list) or not all(isinstance(line, dict) for line in table):
        raise NotUnderstood("preview of points: no table")
    photos = {str(line.get("name")): _number(line.get("link")) for line in table}
    if photos != {name: ids[name] for name in points}:
        raise TableRefused("the preview shows other photos than were sent")
    annotated = {name for name in points if any(point.is_persons for point in shown.get(name, ()))}
    if {str(line["name"]) for line in table if line.get("deleteInfo")} != annotated:
        raise TableRefused("people have annotated other photos since these were looked at")
    listed = [point for of_photo in points.values() for point in of_photo]
    expected = {
        "numImages": len(points),
        "totalPoints": len(listed),
        "totalAnnotations": sum(bool(point.code) for point in listed),
        "numImagesWithExistingAnnotations": len(annotated),
    }
    if details != expected:
        raise TableRefused("the preview counts other points or labels than were sent")


class Previewed(NamedTuple):
    """A photo of a previewed table: its number, how many points without labels it gets, and whether labels of people's
    on it would be deleted."""

    number: int
    points: int
    deletes: bool


def previewed(answer: Mapping[str, Any]) -> dict[str, Previewed]:
    """What a confirmation would do to each photo, by its name, of a preview without labels; raises NotUnderstood."""
    found: dict[str, Previewed] = {}
    try:
        for line in answer["previewTable"]:
            number, makes = _number(line["link"]), _WILL_CREATE.fullmatch(line["createInfo"])
            if number is None or makes is None:
                raise NotUnderstood("preview of points: a photo")
            found[str(line["name"])] = Previewed(number, int(makes[1]), "deleteInfo" in line)
    except (KeyError, TypeError) as error:
        raise NotUnderstood("preview of points: no table") from error
    return found


def _number(link: object) -> int | None:
    found = _TOOL.fullmatch(str(link))
    return None if found is None else int(found[1])


def read_shown(table: bytes) -> dict[str, list[AnnotatedPoint]]:
    """The points with labels, of CoralNet's own export with annotators, by the photo's name; raises NotUnderstood."""
    shown: dict[str, list[AnnotatedPoint]] = {}
    try:
        for line in csv.DictReader(io.StringIO(table.decode("utf-8"), newline=""), strict=True):
            is_persons = line["Annotator"].casefold() != _ROBOT
            point = AnnotatedPoint(int(line["Row"]), int(line["Column"]), line["Label code"], is_persons)
            shown.setdefault(line["Name"], []).append(point)
    except (UnicodeDecodeError, csv.Error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotUnderstood("the annotations of a source") from error
    return shown
