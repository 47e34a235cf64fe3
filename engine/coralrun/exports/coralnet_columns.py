"""The metadata columns of CoralNet's own exports, filled from whatever fields a survey has.

Source: CoralNet's exports with both kinds of image metadata (`coralnet-protocol`, section 11): Date, five auxiliary
fields that bear the names that the source gives them, then eleven fixed ones. Other tools find the auxiliary fields by
their place, so there are always five; those that a survey does not fill bear CoralNet's own names, Aux1 to Aux5.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from coralrun.planning.images import PlannedImage

AUXILIARY = 5
FIXED = (
    "Height (cm)",
    "Latitude",
    "Longitude",
    "Depth",
    "Camera",
    "Photographer",
    "Water quality",
    "Strobes",
    "Framing gear used",
    "White balance card",
    "Comments",
)
_SHORT = {"height": "Height (cm)", "lat": "Latitude", "lon": "Longitude", "long": "Longitude", "lng": "Longitude"}
_BARE = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, slots=True)
class Columns:
    """The metadata columns of an export; `places` says which field of the plan fills each, None for none."""

    names: tuple[str, ...]
    places: tuple[int | None, ...]
    left_out: tuple[str, ...]

    def cells(self, image: PlannedImage) -> list[str]:
        """What is known of an image, in these columns."""
        known = image.metadata
        return [known[place] if place is not None and known else "" for place in self.places]


def metadata_columns(fields: Sequence[str], first: Sequence[str] = ()) -> Columns:
    """The columns for these fields, none if there are no fields; `first` are auxiliary fields that come first."""
    if not fields:
        return Columns((), (), ())
    fixed = {_bare(name): name for name in ("Date", *FIXED)} | _SHORT
    places: dict[str, int] = {}
    others: list[int] = [fields.index(name) for name in first]
    for place, field in enumerate(fields):
        name = fixed.get(_bare(field))
        if place in others:
            continue
        if name is not None and name not in places:
            places[name] = place
        else:
            others.append(place)
    auxiliary: list[tuple[str, int | None]] = [(fields[place], place) for place in others[:AUXILIARY]]
    auxiliary += [(f"Aux{number}", None) for number in range(len(auxiliary) + 1, AUXILIARY + 1)]
    columns = [("Date", places.get("Date")), *auxiliary, *((name, places.get(name)) for name in FIXED)]
    left_out = tuple(fields[place] for place in others[AUXILIARY:])
    return Columns(tuple(name for name, _ in columns), tuple(place for _, place in columns), left_out)


def _bare(name: str) -> str:
    return _BARE.sub("", name.casefold())
