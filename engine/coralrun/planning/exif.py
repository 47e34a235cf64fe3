"""What cameras wrote into photos, where nothing else is known: date, coordinates, camera.

Rule: nobody looked at it, so it is believed last, and of a date that may be wrong nothing is believed: it is listed.
A camera's clock that was never set, or was reset when its battery was changed, gives every photo a date, and a wrong
one moves the photo into another year of the survey. Dates are those of the camera's own clock, without a zone: two days
are what zones, the date line and a clock that was not set for the journey come to.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from coralrun.planning.images import FoundImage, Taken
from coralrun.planning.metadata import Gathered, listing
from coralrun.planning.model import Listing
from coralrun.planning.values import Values
from coralrun.spec.model import Metadata

DATE: Final = "date"
FIELDS: Final = (DATE, "latitude", "longitude", "camera")
APART_DAYS: Final = 2
FEW_SHARE: Final = 4
"""Of photos whose date is not that of those around them: a part this small is a clock's fault, a larger one a trip."""

NO_DAY: Final = "are no day"
RESET: Final = "are those of a clock that began anew (1 or 2 January, or before 1995)"
FUTURE: Final = "are later than today"
_FAR: Final = f"are more than {APART_DAYS} days from what the table or the name says"
_ALONE: Final = f"are more than {APART_DAYS} days from those of the photos before and after"
NOWHERE: Final = "EXIF coordinates that are 0, 0 or no place on Earth, and are not used"
_DAY: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:[T ].*)?)?)?", re.DOTALL)


def with_exif(gathered: Gathered, wanted: Metadata) -> Gathered:
    """The same images with what their EXIF says, wherever nothing else is known of a field."""
    seen = {field.casefold() for field in gathered.fields}
    fields = (*gathered.fields, *(field for field in FIELDS if field not in seen))
    places = {field.casefold(): place for place, field in enumerate(fields)}
    reading, doubted, nowhere = Values(wanted), dict[str, list[str]](), list[str]()
    inventory = []
    for source, found in gathered.inventory:
        wide = [image.metadata + ("",) * (len(fields) - len(image.metadata)) for image in found]
        days = list(_believed(found, [row[places[DATE]] for row in wide], doubted))
        images = []
        for image, row, day in zip(found, wide, days, strict=True):
            taken = image.taken or Taken()
            nowhere += [image.name] * taken.is_nowhere
            said = day.isoformat() if day else "", taken.latitude, taken.longitude, taken.camera
            values = list(row)
            for field, value in zip(FIELDS, reading.read(FIELDS, said), strict=True):
                values[places[field]] = values[places[field]] or value
            images.append(replace(image, fields=fields, metadata=tuple(values)))
        inventory.append((source, tuple(images)))
    listings = (*gathered.listings, *_listings(doubted), *listing(NOWHERE, nowhere))
    return replace(gathered, inventory=inventory, fields=fields, listings=listings)


def _believed(
    found: Sequence[FoundImage], known: Sequence[str], doubted: dict[str, list[str]]
) -> Iterator[date | None]:
    """The day of each photo by its EXIF, None where that is not believed, which is noted."""
    days: list[date | None] = []
    for image, text in zip(found, known, strict=True):
        taken = image.taken or Taken()
        doubt, span = taken.doubt, _span(text)
        if span is not None and taken.day is not None:
            doubt = "" if _is_near(taken.day, span) else doubt or _FAR
        if doubt:
            doubted.setdefault(doubt, []).append(f"{image.name} ({taken.written})")
        days.append(None if doubt else taken.day)
    alone = set(_alone(found, [day or _first_day(text) for day, text in zip(days, known, strict=True)]))
    for number, (image, day) in enumerate(zip(found, days, strict=True)):
        is_alone = number in alone and day is not None and not known[number]
        if is_alone:
            doubted.setdefault(_ALONE, []).append(f"{image.name} ({day})")
        yield None if is_alone else day


def _first_day(text: str) -> date | None:
    """The first day that a date may mean; None where it is none."""
    span = _span(text)
    return None if span is None else span[0]


def _alone(found: Sequence[FoundImage], days: Sequence[date | None]) -> Iterator[int]:
    """The photos of which the date differs from that of those before and after, which agree with each other.

    Photos of one folder are neighbours in the order of their names, which is that in which a camera counts.
    """
    folders: dict[str, list[int]] = {}
    for number, image in enumerate(found):
        if days[number] is not None:
            folders.setdefault(image.name.rpartition("/")[0], []).append(number)
    for members in folders.values():
        runs: list[list[int]] = []
        for number in members:
            if runs and _days_apart(days[runs[-1][-1]], days[number]) <= APART_DAYS:
                runs[-1].append(number)
            else:
                runs.append([number])
        for before, run, after in zip(runs, runs[1:], runs[2:], strict=False):
            agree = _days_apart(days[before[-1]], days[after[0]]) <= APART_DAYS
            if agree and FEW_SHARE * len(run) <= len(before) + len(after):
                yield from run


def _days_apart(one: date | None, other: date | None) -> int:
    assert one is not None and other is not None  # noqa: S101 - those without a date are left out
    return abs((one - other).days)


def _span(text: str) -> tuple[date, date] | None:
    """The first and the last day that a date may mean: it may be a year or a month."""
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    try:
        first = date(year, month or 1, day or 1)
        return first, date(year, month or 12, day or calendar.monthrange(year, month or 12)[1])
    except ValueError:
        return None


def _is_near(day: date, span: tuple[date, date]) -> bool:
    first, last = span
    return (first - day).days <= APART_DAYS and (day - last).days <= APART_DAYS


def _listings(doubted: dict[str, list[str]]) -> Iterator[Listing]:
    for doubt, names in doubted.items():
        yield from listing(f"EXIF dates that {doubt}, and are not used", names)
