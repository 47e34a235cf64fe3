"""Conditions on what is known of an image: which images meet them, and why the others do not.

Rule: an image of which the field is not known, or says something that is no number or no day where one is asked for,
meets no condition; it is left out and listed, never dropped in silence. So is a value that is asked for and that no
image has, with those that there are. Texts are compared exactly, and fields whatever the case of their names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from coralrun.errors import InvalidInput, Problem
from coralrun.planning.images import FoundImage
from coralrun.planning.model import Listing
from coralrun.spec.model import Asked, ImageSampling, Range, Source
from coralrun.spec.suggest import suggestion
from coralrun.spec.wording import Wording
from coralrun.values.in_order import natural
from coralrun.values.numerals import finite
from coralrun.values.unknown import known_number

_KEYS = {
    "design": ("unit", "levels", "field", "weights", "occasion")
}  # the keys of a section under which fields are named
FIELD_REMEDY = "Name a field that the metadata have, or bring it in with `metadata` or a column of the manifest."
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([T ].*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Met:
    """What one condition left of the images, and what their owner should know of it."""

    images: list[FoundImage]
    listings: tuple[Listing, ...]


def check_fields(
    wording: Wording,
    sources: Sequence[Source],
    sampling: ImageSampling,
    fields: Sequence[str],
    more: Mapping[str, Sequence[str]] = {},
) -> None:
    """Raise InvalidInput where a condition or a sample of a survey names a field that the images do not have.

    `more` are the fields that other keys of the survey name.
    """
    known = {field.casefold() for field in fields}
    named = [("where", field) for source in sources for field in source.filters.where]
    named += [("sampling.images.by", sampling.by)] if sampling.by is not None else []
    named += [(key, field) for key, others in more.items() for field in others]
    wrong = [no_such_field(wording, key, field, fields) for key, field in named if field.casefold() not in known]
    if wrong:
        raise InvalidInput(wrong, remedy=FIELD_REMEDY)


def no_such_field(wording: Wording, key: str, field: str, fields: Sequence[str], whose: str = "the images") -> Problem:
    """The problem of a key that names a field of metadata which no image has; `whose` says which images."""
    there = ", ".join(f"`{field}`" for field in fields) or "none"
    keys = _KEYS.get(key) or (key.rpartition(".")[2],)
    near = suggestion(field, fields)
    meant = f"; did you mean `{near}`?" if near is not None else ""
    return wording.problem(f"`{key}` names the field `{field}`, and {whose} have: {there}{meant}", field, *keys)


def meet(source: str, field: str, asked: Asked, images: Sequence[FoundImage]) -> Met:
    """The images of which a field says what is asked; all of them have the same fields, which hold this one."""
    if not images:
        return Met([], ())
    place = [name.casefold() for name in images[0].fields].index(field.casefold())
    kept, unknown, unreadable = [], [], []
    seen: set[str] = set()
    test = _test(asked)
    # A range of days says of what is no number as little as one of numbers does.
    of_numbers = isinstance(asked, Range) or not any(isinstance(value, str) for value in asked)
    for image in images:
        value = image.metadata[place]
        seen.add(value)
        is_known = known_number(value) if of_numbers else value
        verdict = test(value) if is_known else None
        if verdict:
            kept.append(image)
        elif not is_known:
            unknown.append(image.name)
        elif verdict is None:
            unreadable.append(image.name)
    return Met(kept, tuple(_listings(source, field, asked, seen, unknown, unreadable)))


def _listings(
    source: str, field: str, asked: Asked, seen: set[str], unknown: list[str], unreadable: list[str]
) -> Iterator[Listing]:
    if unknown:
        yield Listing(f"{source}: images left out because their `{field}` is not known", tuple(unknown))
    if unreadable:
        what = "day, such as 2008-04-15" if isinstance(asked, Range) and _is_of_days(asked) else "number"
        yield Listing(f"{source}: images left out because their `{field}` is no {what}", tuple(unreadable))
    values = () if isinstance(asked, Range) else asked
    nowhere = tuple(_not_seen(wanted, seen) for wanted in values if not any(_is(wanted, value) for value in seen))
    if nowhere:
        yield Listing(f"{source}: values of `{field}` under `where` that no image has", nowhere)
        there = tuple(sorted(seen - {""}, key=natural))
        yield from [Listing(f"{source}: values of `{field}` that images have", there)] if there else []


def _not_seen(value: str | float, seen: set[str]) -> str:
    """A value that no image has, and the one that differs from it in case alone, which is the usual slip."""
    if not isinstance(value, str):
        return f"{value:g}"
    near = min((there for there in seen if there.casefold() == value.casefold()), default=None)
    return value if near is None else f"{value} ({near} is there)"


def _test(asked: Asked) -> Callable[[str], bool | None]:
    """A test of a known value; its verdict is None where the value cannot be compared."""
    if not isinstance(asked, Range):
        return lambda value: any(_is(wanted, value) for wanted in asked)
    inside = _in_days if _is_of_days(asked) else _in_range
    return lambda value: inside(asked, value)


def _is_of_days(bounds: Range) -> bool:
    return bounds.first is not None or bounds.last is not None


def _is(wanted: str | float, value: str) -> bool:
    """Whether a value is the one that is wanted; one that is written as a number is compared as a number."""
    return value == wanted if isinstance(wanted, str) else finite(value) == wanted


def _in_range(bounds: Range, value: str) -> bool | None:
    size = finite(value)
    if size is None:
        return None
    return (bounds.least is None or size >= bounds.least) and (bounds.most is None or size <= bounds.most)


def _in_days(bounds: Range, value: str) -> bool | None:
    day = _DAY.fullmatch(value)
    if day is None:
        return None
    return (bounds.first is None or day[1] >= bounds.first) and (bounds.last is None or day[1] <= bounds.last)
