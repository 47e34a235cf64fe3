"""CoralNet's image search: what a source's form offers, and the parameters of a query (protocol 9).

Rule: pure. CoralNet answers a value that its form does not offer with an empty page and status 200, so a search is
checked against the form before it is walked, and what is wrong is told in the source's own words.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from coralrun.errors import UsageError
from coralrun.spec.model import PhotoDate, Search

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
class IdRange:
    """Image ids from `first` to `last`, both included."""

    first: int
    last: int = LAST_ID


def checked(search: Search, offered: Sequence[OfferedField], source: int) -> Search:
    """A search with its fields as aux1 to aux5; raises UsageError for one that the source does not offer."""
    return replace(search, fields=tuple(_checked(name, value, offered, source) for name, value in search.fields))


def _checked(name: str, value: str, offered: Sequence[OfferedField], source: int) -> tuple[str, str]:
    field = next((each for each in offered if name.casefold() in (each.label.casefold(), f"aux{each.number}")), None)
    if field is None:
        labels = ", ".join(f"`{each.label}`" for each in offered) or "no field at all, for all are blank"
        raise UsageError(
            f"`search.fields`: source {source} cannot be searched by `{name}`; it offers {labels}",
            remedy="Correct `search.fields` in the survey.",
        )
    if field.values is not None and value and value not in field.values:
        near = difflib.get_close_matches(value, field.values, 1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`? " if near else ""
        more = ", ..." if field.values[_SHOWN:] else ""
        shown = ", ".join(f"`{each}`" for each in field.values[:_SHOWN]) + more
        raise UsageError(
            f"`search.fields.{name}`: no image of source {source} has the value `{value}`; {hint}there are {shown}",
            remedy="Correct `search.fields` in the survey; upper and lower case differ.",
        )
    return f"aux{field.number}", value


def parts(search: Search) -> tuple[Search, ...]:
    """A search cut so that each part lists no more ids than one query may, in the order of ids."""
    if not search.image_ids:
        return (search,)
    ids = sorted(set(search.image_ids))
    return tuple(
        replace(search, image_ids=tuple(ids[start : start + MAX_LISTED_IDS]))
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
    if search.annotation_status not in ("", "any"):
        query.append(("annotation_status", search.annotation_status))
    if search.image_ids:
        query.append(("image_id_list", "_".join(map(str, search.image_ids))))
    if search.last_annotator:
        query.append(("last_annotator_0", search.last_annotator))
    if search.last_annotator_user is not None:
        query.append(("last_annotator_1", str(search.last_annotator_user)))
    query += ((name, value or NONE) for name, value in search.fields)
    query += _dates("photo_date", search.photo_date)
    query += _dates("last_annotated", search.last_annotated)
    return query


def _dates(name: str, day: PhotoDate | None) -> Iterator[tuple[str, str]]:
    if day is None:
        return
    if day.none:
        yield f"{name}_0", NONE
    elif day.year is not None:
        yield from ((f"{name}_0", "year"), (f"{name}_1", str(day.year)))
    elif day.date is not None:
        yield from ((f"{name}_0", "date"), (f"{name}_2", day.date))
    else:
        first, last = day.first or _FIRST_DAY, day.last or _LAST_DAY
        yield from ((f"{name}_0", "date_range"), (f"{name}_3", first), (f"{name}_4", last))
