"""The image search of the browse and export pages: parameters in, photos out in order, or None for a bad search.

Rule: unknown parameters are ignored; a known one with a value that its form would not offer makes the whole search
invalid. Names are compared in lower case, aux values exactly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from coralrun.emulator.site import AUX_FIELDS, Photo, Source, in_database

Test = Callable[[Photo], bool]
STATUSES = ("unclassified", "unconfirmed", "confirmed")
MAX_LISTED_IDS = 100
MAX_DROPDOWN_VALUES = 100
_ANNOTATORS = ("annotation_tool", "alleviate", "imported", "machine")
_SORTS: dict[str, Callable[[Photo], tuple[object, ...]]] = {
    "": lambda photo: (in_database(photo.name), photo.id),
    "upload_date": lambda photo: (photo.id,),
    "photo_date": lambda photo: (photo.date or "9999", photo.id),
    "last_annotation_date": lambda photo: (photo.annotated_on or "9999", photo.id),
}


class InvalidSearch(Exception):
    """The search parameters are not ones that the form would send."""


def exported(source: Source, parameters: Mapping[str, str]) -> list[Photo] | None:
    """What a search finds for a table: in the order of ids, unless it asks for another."""
    return search(source, {"sort_method": "upload_date", **parameters})


def search(source: Source, parameters: Mapping[str, str]) -> list[Photo] | None:
    """The photos of a source that a search finds, in its order; None if its parameters are invalid."""
    try:
        tests = _tests(source, parameters)
        key = _SORTS.get(parameters.get("sort_method", ""))
        direction = parameters.get("sort_direction", "")
        if key is None or direction not in ("", "desc"):
            return None
    except (InvalidSearch, ValueError):
        return None
    found = [photo for photo in source.photos if all(test(photo) for test in tests)]
    return sorted(found, key=key, reverse=direction == "desc")


def _tests(source: Source, parameters: Mapping[str, str]) -> list[Test]:
    tests: list[Test] = []
    words = parameters.get("image_name", "").lower().split()
    if words:
        tests.append(lambda photo: all(word in photo.name.lower() for word in words))
    status = parameters.get("annotation_status", "")
    if status:
        _require(status in STATUSES)
        tests.append(lambda photo: photo.status == status)
    annotator = parameters.get("last_annotator_0", "")
    if annotator:
        _require(annotator in _ANNOTATORS)
        tests.append(lambda photo: photo.annotator == annotator)
        tests += _user_test(source, parameters.get("last_annotator_1", ""))
    for index in range(AUX_FIELDS):
        tests += _aux_test(source.aux_values[index], index, parameters.get(f"aux{index + 1}", ""))
    tests += _date_test("photo_date", parameters, lambda photo: photo.date, source.photo_years)
    tests += _date_test("last_annotated", parameters, lambda photo: photo.annotated_on, source.annotated_years)
    tests += _id_tests(parameters)
    return tests


def _user_test(source: Source, user: str) -> list[Test]:
    """One of the admins and editors, with or without annotations; all are the uploader's."""
    if not user:
        return []
    editors = {str(number): name for number, name in source.editors}
    _require(user in editors)
    return [lambda photo: editors[user] == source.uploader]


def _aux_test(known_values: Sequence[str], index: int, value: str) -> list[Test]:
    known = frozenset(known_values)
    if not value or not known:
        return []
    if value == "(none)":
        return [lambda photo: photo.aux[index] == ""]
    if len(known) > MAX_DROPDOWN_VALUES:
        return [lambda photo: photo.aux[index].lower() == value.lower()]
    _require(value in known)
    return [lambda photo: photo.aux[index] == value]


def _date_test(
    name: str, parameters: Mapping[str, str], day_of: Callable[[Photo], str | None], years: Sequence[int]
) -> list[Test]:
    kind, year, day, first, last = (parameters.get(f"{name}_{index}", "") for index in range(5))
    if not kind:
        return []
    if kind == "(none)":
        return [lambda photo: day_of(photo) is None]
    if kind == "year":
        _require(year in map(str, years))
        first, last = f"{year}-01-01", f"{year}-12-31"
    elif kind == "date":
        first = last = day
    else:
        _require(kind == "date_range")
    low, high = date.fromisoformat(first).isoformat(), date.fromisoformat(last).isoformat()
    return [lambda photo: low <= (day_of(photo) or "") <= high]


def _id_tests(parameters: Mapping[str, str]) -> list[Test]:
    tests: list[Test] = []
    bounds = parameters.get("image_id_range", "")
    if bounds:
        _require(re.fullmatch("[0-9]{1,15}_[0-9]{1,15}", bounds) is not None)
        low, high = map(int, bounds.split("_"))
        tests.append(lambda photo: low <= photo.id <= high)
    listed = parameters.get("image_id_list", "")
    if listed:
        _require(re.fullmatch("[0-9]{1,15}(_[0-9]{1,15})*", listed) is not None)
        ids = {int(one) for one in listed.split("_")}
        _require(len(ids) <= MAX_LISTED_IDS)
        tests.append(lambda photo: photo.id in ids)
    return tests


def _require(holds: bool) -> None:
    if not holds:
        raise InvalidSearch
