"""Points without labels into a source: the table that is sent, and what CoralNet's two pages answer (upload, observed).

Rule: pure. A preview is believed where it says, of every photo, what will be made and deleted there; a confirmation
where it says that it succeeded.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from coralrun.coralnet.html import parse, words
from coralrun.coralnet.upload_pages import Denied, is_about_permission, json_of
from coralrun.coralnet.urls import detail_of
from coralrun.coralnet.wire import NotUnderstood
from coralrun.http.client import Reply
from coralrun.planning.model import Point

_LINK = re.compile(r"/image/([1-9][0-9]{0,14})/annotation/tool/")
_WILL_CREATE = re.compile(r"Will create ([0-9]{1,9}) points?, 0 annotations?")
_NONE_THERE: Final = "No matching image names found"
_NO_LABELSET: Final = "No labelset"


@dataclass(frozen=True, slots=True)
class Previewed:
    """A photo of a table: its id, how many points it gets, and whether people's labels on it would be deleted."""

    id: int
    points: int
    deletes: bool


@dataclass(frozen=True, slots=True)
class NotPreviewed:
    """A table is refused, in CoralNet's words; nothing of it waits to be confirmed."""

    why: str
    no_labelset: bool = False


def encode_points(photos: Iterable[tuple[str, Sequence[Point]]]) -> bytes:
    """The table of the points of photos, by their names."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("Name", "Row", "Column"))
    for name, points in photos:
        writer.writerows((name, point.row, point.column) for point in points)
    return text.getvalue().encode("utf-8")


def read_preview(reply: Reply) -> Mapping[str, Previewed] | NotPreviewed | Denied:
    """The photos that a confirmation would lay points on, by name; raises NotUnderstood."""
    if reply.status == 200 and reply.body.lstrip().startswith(b"<"):
        if words(parse(reply.body).css_first("head title")).startswith(_NO_LABELSET):
            return NotPreviewed("the source has no labelset", no_labelset=True)
        raise NotUnderstood("points: a page in place of an answer")
    answer = json_of(reply)
    said = answer.get("error")
    if isinstance(said, str):
        if is_about_permission(said):
            return Denied()
        return {} if said.startswith(_NONE_THERE) else NotPreviewed(detail_of(said))
    lines = answer.get("previewTable")
    if answer.get("success") is not True or not isinstance(lines, list):
        raise NotUnderstood("points: neither an error nor a preview")
    return dict(map(_line, lines))


def read_confirmed(reply: Reply) -> None:
    """Whether a confirmation says that the points were laid; raises NotUnderstood for anything else."""
    answer = json_of(reply)
    if answer.get("success") is not True:
        raise NotUnderstood(detail_of(str(answer.get("error", "neither an error nor a success"))))


def _line(line: Any) -> tuple[str, Previewed]:
    try:
        name, link, makes = line["name"], _LINK.fullmatch(line["link"]), _WILL_CREATE.fullmatch(line["createInfo"])
    except (TypeError, KeyError) as error:
        raise NotUnderstood("points: a photo's preview") from error
    if not isinstance(name, str) or link is None or makes is None:
        raise NotUnderstood("points: a photo's preview")
    return name, Previewed(int(link[1]), int(makes[1]), "deleteInfo" in line)
