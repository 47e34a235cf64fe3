"""What CoralNet's pages for uploads answer, read into outcomes (upload, observed).

Rule: pure. A refusal is JSON with HTTP 200, and is believed in CoralNet's own words alone: what is neither certainly
stored nor certainly refused is `Unknown`. CoralNet's words come out cleaned and short.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coralrun.coralnet.codec.html import parse, words
from coralrun.coralnet.codec.urls import detail_of
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.http.client import Reply
from coralrun.machine.outcomes import Names, NotTaken, Stored, Unknown
from coralrun.machine.reasons import Reason

_PERMISSION = "permission"
_EXISTS = "already exists"
_OF_THE_PHOTO = ("Image file:", "Image name:")
_IMAGE = re.compile(r"/image/([1-9][0-9]{0,14})/view/")
_POINTS = re.compile(r"point generation settings: (.+?) Your Source")
_AREA = re.compile(r"annotation area settings: (.+)")
FREE = ""


class Denied:
    """The session has ended, or the account may not edit the source: the two look alike."""


@dataclass(frozen=True, slots=True)
class UploadForm:
    """What a source does to each photo that is uploaded, in CoralNet's words: its points, and where they may lie."""

    points: str
    area: str


def read_form(html: bytes) -> UploadForm:
    """The page with the form of uploads."""
    said = words(parse(html).css_first("#auto_generate_points_page_section"))
    points, area = _POINTS.search(said), _AREA.search(said)
    if points is None or area is None:
        raise NotUnderstood("upload form: no settings of points")
    return UploadForm(points[1], area[1])


def is_csrf_failure(reply: Reply) -> bool:
    """Whether a form was refused for want of its token: nothing else of it was looked at."""
    return reply.status == 403


def read_names(reply: Reply, asked: int) -> Names | Denied:
    """What is stored under the names that were asked for; raises NotUnderstood."""
    answer = _json_of(reply)
    if _PERMISSION in str(answer.get("error", "")):
        return Denied()
    statuses = answer.get("statuses")
    if not isinstance(statuses, list) or len(statuses) != asked:
        raise NotUnderstood("names: not as many answers as names")
    return Names(tuple(map(_stored_under, statuses)))


def _stored_under(status: Any) -> str:
    if not isinstance(status, dict):
        raise NotUnderstood("names: not an object")
    if status.get("ok") is True:
        return FREE
    found = _IMAGE.fullmatch(str(status.get("url", "")))
    if found is None:
        raise NotUnderstood(f"names: {detail_of(str(status.get('error', '')))}")
    return found[1]


def read_upload(reply: Reply) -> Stored | NotTaken | Unknown | Denied:
    """What became of a photo that was sent."""
    if reply.status == 413:
        return NotTaken(Reason.UPLOAD_TOO_LARGE, "HTTP 413")
    try:
        answer = _json_of(reply)
    except NotUnderstood as error:
        return Unknown(str(error))
    said, number = answer.get("error"), answer.get("image_id")
    if answer.get("success") is True and isinstance(number, int) and not isinstance(number, bool) and number > 0:
        return Stored(str(number))
    if not isinstance(said, str):
        return Unknown("neither an error nor an image")
    if _EXISTS in said:
        return Unknown("the name is taken")  # by our own photo, if its reply was lost
    if said.startswith(_OF_THE_PHOTO):
        return NotTaken(Reason.UPLOAD_REFUSED, detail_of(said))
    return Denied() if _PERMISSION in said else Unknown(detail_of(said))


def _json_of(reply: Reply) -> dict[str, Any]:
    if reply.status != 200:
        raise NotUnderstood(f"HTTP {reply.status}")
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood("not JSON") from error
    if not isinstance(answer, dict):
        raise NotUnderstood("not an object")
    return answer


def file_info(names: Sequence[str]) -> dict[str, str]:
    """What asks for names. Sizes are looked at before, by this program: any that is small is said."""
    return {"file_info": json.dumps([{"filename": name, "size": 1} for name in names])}
