"""The event columns of GCRMN's database: where and when each photo was taken, as a site, a transect and a quadrat.

Source: the README of github.com/GCRMN/gcrmndb_benthos, tables 2 (variables) and 4 (checks). Rule: a photo is a quadrat.
Transects and quadrats are whole numbers there; those with other names are numbered within a site, habitat and day.
Quadrats of one name at two depths get two numbers. A depth is in metres: `5m` is 5. Two checks need maps that coralrun
does not carry (near a reef; not on land): they are named, not run.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from coralrun.exports.model import ExportOptions, Results, known_field
from coralrun.planning.images import PlannedImage
from coralrun.planning.value_warnings import near_notes
from coralrun.values.numerals import finite
from coralrun.values.unknown import known_number

COLUMNS = (
    "datasetID", "higherGeography", "country", "territory", "locality", "habitat", "parentEventID", "eventID",
    "decimalLatitude", "decimalLongitude", "verbatimDepth", "year", "month", "day", "eventDate", "samplingProtocol",
    "recordedBy",
)  # fmt: skip
_FIELDS = {
    "locality": ("locality", "site", "site name"),
    "habitat": ("habitat",),
    "parentEventID": ("parenteventid", "transect", "transect number"),
    "eventID": ("eventid", "quadrat"),
    "decimalLatitude": ("decimallatitude", "latitude", "lat"),
    "decimalLongitude": ("decimallongitude", "longitude", "long", "lon"),
    "verbatimDepth": ("verbatimdepth", "depth"),
    "eventDate": ("eventdate", "date"),
    "recordedBy": ("recordedby",),
    "country": ("country",),
    "territory": ("territory",),
    "higherGeography": ("highergeography", "region"),
    "datasetID": ("datasetid",),
}
"""Fields that fill a column when nobody says otherwise, by their names in lower case; a person may call it so too."""

_WHOLE = ("parentEventID", "eventID")
_NUMBERS = ("decimalLatitude", "decimalLongitude", "verbatimDepth", "eventDate", "year", "month", "day")
_DEEPEST_M = 100  # check 6 of table 4
_METRES = re.compile(r"([0-9]++(?:\.[0-9]++)?)\s*+(?:m|met(?:re|er)s?)", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SHOWN = 5
NOT_CHECKED = "not checked, for want of maps: whether sites are near a reef and off land (GCRMN's checks 4 and 5)"

Event = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Events:
    """The event of each photo by its number in the plan, what GCRMN's checks find wrong in them, and what to know."""

    of_image: Mapping[int, Event]
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def by_column(options: ExportOptions) -> ExportOptions:
    """The options with the columns under GCRMN's names, where a person called them as fields are usually called."""
    usual = {name: column for column, names in _FIELDS.items() for name in names}

    def named(said: Mapping[str, str]) -> dict[str, str]:
        return {column if column in COLUMNS else usual.get(column.lower(), column): said[column] for column in said}

    return replace(options, fields=named(options.fields), values=named(options.values))


def events_of(results: Results, options: ExportOptions, numbers: Sequence[int]) -> Events:
    """The events of these photos."""
    plan = results.plan
    fields = _fields(results, options)
    constants = {
        "samplingProtocol": "Photo-quadrat",
        "recordedBy": f"{plan.about.name} classifier {plan.classifier.id}",
        **options.values,
    }
    rows = {
        number: {
            column: options.values.get(column)
            or (_value(results, plan.images[number], column, fields[column]) if column in fields else "")
            or constants.get(column, "")
            for column in COLUMNS
        }
        for number in numbers
    }
    notes = [_in_metres(rows), *(_numbered(rows, column, plan.images) for column in _WHOLE)]
    notes += near_notes(plan, dict.fromkeys(fields.values()))
    problems: dict[str, list[str]] = {}
    for number, row in rows.items():
        for problem in _wrong(row):
            problems.setdefault(problem, []).append(plan.images[number].name)
    return Events(
        of_image={number: tuple(row.values()) for number, row in rows.items()},
        problems=tuple(f"{problem}: {whose(names, len(rows))}" for problem, names in problems.items()),
        notes=tuple(note for note in notes if note),
    )


def _value(results: Results, image: PlannedImage, column: str, field: str) -> str:
    value = results.field(image, field)
    return known_number(value) if column in _NUMBERS else value


def whose(names: Sequence[str], images: int) -> str:
    """The photos that something is true of, the first of them by name."""
    if len(names) == images > 1:
        return "on every photo"
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def _fields(results: Results, options: ExportOptions) -> dict[str, str]:
    found = {column: known_field(results.plan, name) for column, name in options.fields.items()}
    known = {field.casefold(): field for field in results.plan.fields}
    for column, names in _FIELDS.items():
        there = [known[name] for name in names if name in known]
        if column not in found and there:
            found[column] = there[0]
    unit = results.plan.analysis.design.unit
    if "locality" not in found and unit in results.plan.fields:
        found["locality"] = str(unit)
    return found


def _in_metres(rows: Mapping[int, dict[str, str]]) -> str:
    """Make a depth such as `5m` the number of metres that it is, as GCRMN has it."""
    shortened = ""
    for row in rows.values():
        found = _METRES.fullmatch(row["verbatimDepth"].strip())
        if found:
            shortened = shortened or f"{row['verbatimDepth']} is written as {found[1]}"
            row["verbatimDepth"] = found[1]
    return f"`verbatimDepth` is in metres: {shortened}, and so on" if shortened else ""


def _numbered(rows: Mapping[int, dict[str, str]], column: str, images: Sequence[PlannedImage]) -> str:
    """Make a transect or a quadrat a whole number, as GCRMN has it: by order of appearance where it is none."""
    if all(row[column].isdigit() for row in rows.values()):
        return ""
    seen: dict[tuple[str, ...], dict[tuple[str, ...], int]] = {}
    for number, row in rows.items():
        within: tuple[str, ...] = (row["locality"], row["habitat"], row["eventDate"])
        value: tuple[str, ...] = (row[column],)
        if column == "eventID":  # a transect may go down a slope; a photo is at one depth
            within, value = (*within, row["parentEventID"]), (row["verbatimDepth"], row[column] or images[number].key)
        places = seen.setdefault(within, {})
        row[column] = str(places.setdefault(value, len(places) + 1))
    return f"`{column}` must be a whole number: they are numbered within a site in the order of the plan"


def _wrong(row: dict[str, str]) -> Iterator[str]:
    """The checks of table 4 that need no map, and the dates; fills in year, month and day."""
    if not row["datasetID"]:
        yield "no datasetID (GCRMN gives you one: --set datasetID=...)"
    if not row["locality"]:
        yield "no locality"
    yield from _wrong_place(row)
    if row["verbatimDepth"] and not 0 <= (_number(row["verbatimDepth"])) <= _DEEPEST_M:
        yield "the depth is not between 0 and 100 m (check 6)"
    if _DATE.fullmatch(row["eventDate"]):
        try:
            day = date.fromisoformat(row["eventDate"])
        except ValueError:
            yield "there is no such date (check 7)"
            return
        row["year"], row["month"], row["day"] = str(day.year), str(day.month), str(day.day)
    elif not re.fullmatch(r"\d{4}", row["year"]):
        yield "no date such as 2026-11-22, and no year (check 7)"


def _wrong_place(row: dict[str, str]) -> Iterator[str]:
    for column, most, check in (("decimalLatitude", 90, 2), ("decimalLongitude", 180, 3)):
        if not row[column]:
            yield f"no {column} (check 1)"
        elif not abs(_number(row[column])) <= most:
            yield f"{column} is not between -{most} and {most} (check {check})"


def _number(cell: str) -> float:
    value = finite(cell)
    return math.nan if value is None else value
