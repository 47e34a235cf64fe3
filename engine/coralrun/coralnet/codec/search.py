"""CoralNet's image search: what a source's form offers, and the parameters of a query (protocol 9).

Rule: pure. CoralNet answers a value that its form does not offer with an empty page and status 200, so a search is
checked against the form before it is walked, and what is wrong is reported in the source's own words.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec import structs

from coralrun.errors import UsageError
from coralrun.spec import image_search
from coralrun.spec.image_search import ANY, NoDate, PhotoDate, Search

LAST_ID = 2_147_483_647  # protocol 12, 6c: the upper end of an id range
MAX_LISTED_IDS = 100  # protocol 9: of image_id_list
AUX_FIELDS = 5
NONE = "(none)"  # what the form calls a field without a value

_FIRST_DAY, _LAST_DAY = "1900-01-01", "2100-12-31"  # an open end of a range: no reef photo is older or newer
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class OfferedField:
    """An auxiliary field that a source's search offers: its number, its label, and its values, None for free text."""

    number: int
    label: str
    values: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class SearchForm:
    """What a source's search offers; None where the form does not say, so that nothing is held against a search.

    `photo_years` and `annotated_years` are the years to choose from, `annotators` users by their numbers.
    """

    fields: tuple[OfferedField, ...]
    photo_years: tuple[int, ...] | None = None
    annotated_years: tuple[int, ...] | None = None
    annotators: tuple[tuple[int, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class IdRange:
    """Image ids from `first` to `last`, both included."""

    first: int
    last: int = LAST_ID


def needs_form(search: Search) -> bool:
    """Whether a search has a value that only some sources offer."""
    days = (search.photo_date, search.last_annotated)
    by_year = any(isinstance(day, PhotoDate) and day.year is not None for day in days)
    return bool(search.fields) or by_year or search.last_annotator_user is not None


def checked(search: Search, form: SearchForm, source: int) -> Search:
    """A search with its fields as aux1 to aux5; raises UsageError for what the source's form does not offer."""
    _check_year("photo_date", search.photo_date, form.photo_years, f"the photos of source {source} are of")
    _check_year("last_annotated", search.last_annotated, form.annotated_years, f"source {source} offers")
    _check_annotator(search.last_annotator_user, form.annotators, source)
    fields = dict(_checked(name, value, form.fields, source) for name, value in search.fields.items())
    return structs.replace(search, fields=fields)


def _check_year(key: str, day: PhotoDate | NoDate | None, years: Sequence[int] | None, there: str) -> None:
    if not isinstance(day, PhotoDate) or day.year is None or years is None or day.year in years:
        return
    said = f"{there} {_listed([str(year) for year in years])}" if years else f"{there} no year at all: none has a date"
    raise UsageError(
        f"`search.{key}.year`: {day.year} finds no image; {said}", remedy=f"Correct `search.{key}` in the survey."
    )


def _check_annotator(user: int | None, annotators: Sequence[tuple[int, str]] | None, source: int) -> None:
    if user is None or annotators is None or any(number == user for number, _ in annotators):
        return
    known = f"; they are {_listed([f'{number} ({name})' for number, name in annotators])}" if annotators else ""
    raise UsageError(
        f"`search.last_annotator_user`: user {user} is no admin or editor of source {source} now, and CoralNet "
        f"searches by no others{known}",
        remedy="Correct `search.last_annotator_user` in the survey: it is the user's number.",
    )


def _checked(name: str, value: str, offered: Sequence[OfferedField], source: int) -> tuple[str, str]:
    field = _field(name, offered)
    if field is None:
        labels = ", ".join(f"`{field.label}`" for field in offered) or "no field at all: all five are blank"
        raise UsageError(
            f"`search.fields`: source {source} cannot be searched by `{name}`; it offers {labels}",
            remedy="Correct `search.fields` in the survey.",
        )
    if field.values is not None and value not in (image_search.NONE, *field.values):
        near = difflib.get_close_matches(value, field.values, 1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`? " if near else ""
        raise UsageError(
            f"`search.fields.{name}`: no image of source {source} has the value `{value}`; {hint}"
            f"there are {_listed([f'`{known}`' for known in field.values])}",
            remedy="Correct `search.fields` in the survey; upper and lower case differ.",
        )
    return f"aux{field.number}", value


def _field(name: str, offered: Sequence[OfferedField]) -> OfferedField | None:
    """The field of this label, else of this label in another case, else of this number."""
    for is_it in (
        lambda offer: offer.label == name,
        lambda offer: offer.label.lower() == name.lower(),
        lambda offer: f"aux{offer.number}" == name.lower(),
    ):
        found = next(filter(is_it, offered), None)
        if found is not None:
            return found
    return None


def _listed(values: Sequence[str]) -> str:
    return ", ".join(values[:_SHOWN]) + (", ..." if values[_SHOWN:] else "")


def parts(search: Search) -> tuple[Search, ...]:
    """A search cut so that each part lists no more ids than one query may, in the order of ids."""
    if not search.image_ids:
        return (search,)
    ids = sorted(set(search.image_ids))
    return tuple(
        structs.replace(search, image_ids=tuple(ids[start : start + MAX_LISTED_IDS]))
        for start in range(0, len(ids), MAX_LISTED_IDS)
    )


def bounds(search: Search) -> IdRange:
    """The ids that a search may find."""
    if search.image_ids:
        return IdRange(min(search.image_ids), max(search.image_ids))
    return IdRange(1) if search.image_id_range is None else IdRange(*search.image_id_range)


def browse_query(search: Search, ids: IdRange, *, backwards: bool = False) -> list[tuple[str, str]]:
    """The query that walks a checked search by key: images of an id range, in the order of ids (protocol 12, 6c)."""
    query = [("image_id_range", f"{ids.first}_{ids.last}"), ("sort_method", "upload_date")]
    if backwards:
        query.append(("sort_direction", "desc"))
    if search.image_name:
        query.append(("image_name", search.image_name))
    if search.annotation_status != ANY:
        query.append(("annotation_status", search.annotation_status))
    if search.image_ids:
        query.append(("image_id_list", "_".join(map(str, search.image_ids))))
    if search.last_annotator:
        query.append(("last_annotator_0", search.last_annotator))
    if search.last_annotator_user is not None:
        query.append(("last_annotator_1", str(search.last_annotator_user)))
    query += ((name, NONE if value == image_search.NONE else value) for name, value in search.fields.items())
    query += _dates("photo_date", search.photo_date)
    query += _dates("last_annotated", search.last_annotated)
    return query


def _dates(name: str, day: PhotoDate | NoDate | None) -> Iterator[tuple[str, str]]:
    if day is None:
        return
    if not isinstance(day, PhotoDate):
        yield f"{name}_0", NONE
    elif day.year is not None:
        yield from ((f"{name}_0", "year"), (f"{name}_1", str(day.year)))
    elif day.date is not None:
        yield from ((f"{name}_0", "date"), (f"{name}_2", day.date))
    else:
        first, last = day.first or _FIRST_DAY, day.last or _LAST_DAY
        yield from ((f"{name}_0", "date_range"), (f"{name}_3", first), (f"{name}_4", last))
