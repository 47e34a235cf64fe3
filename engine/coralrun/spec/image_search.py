"""CoralNet's own image search, as a survey asks for it.

Rule: as in `model`: frozen, and nothing that reads or asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal

import msgspec
from msgspec import Struct

ANY = "any"
"""The annotation status of every image."""
NONE: Final = "none"
"""What a field of CoralNet is asked to be where it shall have no value."""
NoDate = Literal["none"]


class PhotoDate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A condition on a date: a year, a day, or a range with both ends included. ISO dates."""

    year: int | None = None
    date: str | None = None
    first: str | None = msgspec.field(default=None, name="from")
    last: str | None = msgspec.field(default=None, name="to")


class Search(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """CoralNet's own image search, done by the server. Empty means any.

    `fields` are, by an auxiliary field, which is named by the source's own label or as aux1 to aux5, the values that it
    must have, `NONE` for none. `last_annotator` is what made the last annotation, `last_annotator_user` who, by number.
    """

    image_name: str = ""
    annotation_status: str = ANY
    photo_date: PhotoDate | NoDate | None = None
    last_annotated: PhotoDate | NoDate | None = None
    last_annotator: str = ""
    last_annotator_user: int | None = None
    fields: Mapping[str, str] = {}
    image_ids: tuple[int, ...] = msgspec.field(default=(), name="image_id_list")
    image_id_range: tuple[int, int] | None = None


def changing(search: Search) -> Iterator[str]:
    """What to say where a search goes by labels: what it found once it may not find again."""
    asked = {
        "annotation_status": search.annotation_status != ANY,
        "last_annotated": search.last_annotated is not None,
        "last_annotator": bool(search.last_annotator),
        "last_annotator_user": search.last_annotator_user is not None,
    }
    keys = [f"`{key}`" for key, is_asked in asked.items() if is_asked]
    if keys:
        yield (
            f"{' and '.join(keys)} {'goes' if len(keys) == 1 else 'go'} by the labels that images have now, so a plan "
            "made later finds others: name the images that are meant, by `search: {image_id_list: ...}` or `filters: "
            "{names_from: ...}` (the run's tries.csv has both)"
        )
