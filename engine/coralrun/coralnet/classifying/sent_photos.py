"""What becomes of each photo of a batch that goes into a source: by what a preview shows, and by what an export says.

Rule: pure. A photo is credited with the machine's labels of exactly its points in their order, and with nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from urllib.parse import quote, unquote

from msgspec.structs import replace

from coralrun.coralnet.classifying.sent_points import SentPhoto
from coralrun.coralnet.codec.points_table import Previewed
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Point
from coralrun.ports import AnsweredEntry, Entry
from coralrun.values.annotated import AnnotatedPoint
from coralrun.values.classified import ScoredPoint

_PAGE: Final = "/image/{}/view/#"


def place_of(base_url: str, image_id: int, name: str) -> str:
    """Where a photo is: the address of its page, and its name."""
    return f"{base_url}{_PAGE.format(image_id)}{quote(name, safe='')}"


def photo_at(place: str) -> tuple[int, str]:
    """The id and the name of the photo at a place."""
    address, _, name = place.partition("#")
    return int(address.split("/")[-3]), unquote(name)


def photo_of(entry: Entry) -> SentPhoto:
    """A photo as it is to be sent."""
    image_id, name = photo_at(str(entry.place))
    return SentPhoto(mark=entry.mark, image=image_id, name=name, points=entry.points)


def table_of(photos: Sequence[SentPhoto]) -> dict[str, list[AnnotatedPoint]]:
    """The points of photos, without labels, by the photo's name."""
    return {photo.name: [AnnotatedPoint(*point, "", is_persons=False) for point in photo.points] for photo in photos}


def checked(photo: SentPhoto, previewed: Mapping[str, Previewed]) -> SentPhoto:
    """A photo with why its points cannot be sent, where they cannot."""
    found = previewed.get(photo.name)
    if photo.reason is not None:
        return photo
    if found is None or (found.number, found.points) != (photo.image, len(photo.points)):
        return replace(photo, reason=Reason.NOT_IN_SOURCE)
    return replace(photo, reason=Reason.CONFIRMED) if found.deletes else photo


def is_begun(photo: SentPhoto, found: Sequence[ScoredPoint]) -> bool:
    """Whether the first of a photo's points have labels, and the others none yet."""
    return 0 < len(found) < len(photo.points) and _places(found) == photo.points[: len(found)]


def answered(
    photo: SentPhoto, labels: Mapping[str, Sequence[ScoredPoint]], waiting: Collection[int], without: Reason
) -> AnsweredEntry:
    """What is said of a photo whose labels were read; one that is among those `waiting` is `without` any."""
    found = labels.get(photo.name, ())
    if photo.reason is not None:
        return AnsweredEntry(photo.mark, (), photo.reason)
    if photo.image in waiting and len(found) < len(photo.points):
        return AnsweredEntry(photo.mark, (), without)
    if not found:
        return AnsweredEntry(photo.mark, (), Reason.NOT_FOUND)
    if _places(found) != photo.points:
        return AnsweredEntry(photo.mark, (), Reason.POINTS_REPLACED)
    if not all(point.classifications for point in found):
        return AnsweredEntry(photo.mark, (), Reason.LABELLED_SINCE)
    return AnsweredEntry(photo.mark, tuple(found), None)


def _places(points: Sequence[ScoredPoint]) -> tuple[Point, ...]:
    return tuple(Point(point.row, point.column) for point in points)
