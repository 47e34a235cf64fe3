"""`gcrmn`: benthic cover in the 27 columns of the Global Coral Reef Monitoring Network's database, with its checks.

Source: the README of github.com/GCRMN/gcrmndb_benthos, tables 2 (variables), 3 (categories) and 4 (checks). A row is a
category of one quadrat, that is, of one image: percent of its usable points. Categories come from the survey's label
groups, whose levels must be `category` and `subcategory`. Check 9 wants every row above 0, so a category that was not
seen has no row; check 8 wants no quadrat above 100, so values are cut to six decimals, never rounded up. Two checks
need maps that coralrun does not carry (near a reef; not on land): they are named, not run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from coralrun.errors import UsageError
from coralrun.plan.model import PlannedImage
from coralrun.results.counts import LabelCounts
from coralrun.results.cover_classes import Classes, classes_of
from coralrun.results.csv_lines import lines
from coralrun.results.exports.model import Export, Results, Wishes, known_field, notes_on_people
from coralrun.spec.groups import Group, GroupOf, LabelGroups

COLUMNS = (
    "datasetID", "higherGeography", "country", "territory", "locality", "habitat", "parentEventID", "eventID",
    "decimalLatitude", "decimalLongitude", "verbatimDepth", "year", "month", "day", "eventDate", "samplingProtocol",
    "recordedBy", "category", "subcategory", "condition", "phylum", "class", "order", "family", "genus",
    "scientificName", "measurementValue",
)  # fmt: skip
CATEGORIES = frozenset({"Abiotic", "Algae", "Hard coral", "Other fauna", "Seagrass"})
LEVELS = ("category", "subcategory")
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
"""Fields that fill a column when nobody says otherwise, by their names in lower case."""

_WHOLE = ("parentEventID", "eventID")
_DEEPEST_M = 100  # check 6 of table 4
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SHOWN = 5
NOT_CHECKED = "not checked, for want of maps: whether sites are near a reef and off land (GCRMN's checks 4 and 5)"


def make(results: Results, wishes: Wishes) -> Export:
    """Write the cover of a run for GCRMN; raises UsageError with every check that fails."""
    groups = results.plan.analysis.groups
    if groups is None or groups.levels != LEVELS or not CATEGORIES & {group.path[0] for group in groups.groups}:
        raise UsageError(
            "GCRMN's categories are not among this run's label groups",
            remedy="Say `cover: {groups: configs/groups/gcrmn.yaml}` in the survey, and apply it again.",
        )
    unknown = sorted(({*wishes.fields, *wishes.values}) - set(COLUMNS))
    if unknown:
        raise UsageError(f"GCRMN has no column {', '.join(unknown)}", remedy=f"Its columns are: {', '.join(COLUMNS)}.")
    counts = results.counts_for_cover()
    classes = classes_of(counts, results.plan.analysis)
    events, problems, notes = _events(results, wishes, np.flatnonzero(counts.total))
    if problems:
        raise UsageError(
            "not for GCRMN yet:\n" + "\n".join(f"  {each}" for each in problems),
            remedy="Complete the survey's metadata and apply it again; name a field (--field locality=station), or one "
            "value for all (--set country=France).",
        )
    return Export(_parts(results, groups, counts, classes, events), [*notes, *notes_on_people(results), NOT_CHECKED])


def _parts(
    results: Results, groups: LabelGroups, counts: LabelCounts, classes: Classes, events: dict[int, Sequence[str]]
) -> Iterator[bytes]:
    yield lines([COLUMNS])
    finder = GroupOf(groups)
    kinds = [
        _kind(finder.find(label.id), bool(unclear))
        for label, unclear in zip(counts.labels, classes.unclear, strict=True)
    ]
    starts = np.searchsorted(counts.image, np.arange(len(results.plan.images) + 1))
    for number, event in events.items():
        rows = slice(starts[number], starts[number + 1])
        for kind, value in _cover(counts.label[rows], counts.points[rows], classes.usable, kinds):
            yield lines([(*event, *kind, "", "", "", "", "", "", repr(value))])


def _kind(group: Group | None, unclear: bool) -> tuple[str, str, str]:
    """Category, subcategory and condition of a label; what is no category of GCRMN's has none and gets no row."""
    if group is None or unclear or group.path[0] not in CATEGORIES:
        return ("", "", "")
    return (group.path[0], group.path[1] if len(group.path) > 1 else "", group.condition)


def _cover(
    labels: NDArray[np.int32], points: NDArray[np.int32], usable: NDArray[np.bool_], kinds: Sequence[tuple[str, ...]]
) -> list[tuple[tuple[str, ...], float]]:
    seen: dict[tuple[str, ...], int] = {}
    total = 0
    for label, number in zip(labels, points, strict=True):
        if usable[label] and number:
            total += int(number)
            seen[kinds[label]] = seen.get(kinds[label], 0) + int(number)
    return [(kind, number * 10**8 // total / 10**6) for kind, number in sorted(seen.items()) if kind[0]]


def _events(
    results: Results, wishes: Wishes, numbers: NDArray[np.int64]
) -> tuple[dict[int, Sequence[str]], list[str], list[str]]:
    """The first 17 columns of every image, what GCRMN's checks find wrong in them, and what to know of them."""
    plan = results.plan
    fields = _fields(results, wishes)
    constants = {
        "samplingProtocol": "Photo-quadrat",
        "recordedBy": f"CoralNet classifier {plan.classifier.id}",
        **wishes.values,
    }
    rows = {
        int(number): {
            column: wishes.values.get(column)
            or (results.field(plan.images[number], fields[column]) if column in fields else "")
            or constants.get(column, "")
            for column in COLUMNS[:17]
        }
        for number in numbers
    }
    notes = [note for column in _WHOLE if (note := _numbered(rows, column, plan.images))]
    problems: dict[str, list[str]] = {}
    for number, row in rows.items():
        for problem in _wrong(row):
            problems.setdefault(problem, []).append(plan.images[number].name)
    told = [f"{problem}: {_whose(names, len(rows))}" for problem, names in problems.items()]
    return {number: list(row.values()) for number, row in rows.items()}, told, notes


def _whose(names: Sequence[str], images: int) -> str:
    if len(names) == images > 1:
        return "on every photo"
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def _fields(results: Results, wishes: Wishes) -> dict[str, str]:
    found = {column: known_field(results.plan, name) for column, name in wishes.fields.items()}
    known = {field.casefold(): field for field in results.plan.fields}
    for column, names in _FIELDS.items():
        there = [known[name] for name in names if name in known]
        if column not in found and there:
            found[column] = there[0]
    unit = results.plan.analysis.design.unit
    if "locality" not in found and unit in results.plan.fields:
        found["locality"] = str(unit)
    return found


def _numbered(rows: dict[int, dict[str, str]], column: str, images: Sequence[PlannedImage]) -> str:
    """Make a transect or a quadrat a whole number, as GCRMN has it: by order of appearance where it is none."""
    if all(row[column].isdigit() for row in rows.values()):
        return ""
    seen: dict[tuple[str, ...], dict[str, int]] = {}
    for number, row in rows.items():
        within: tuple[str, ...] = (row["locality"], row["habitat"], row["eventDate"])
        value = row[column]
        if column == "eventID":
            within, value = (*within, row["parentEventID"]), value or images[number].key
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
    try:
        return float(cell)
    except ValueError:
        return float("nan")
