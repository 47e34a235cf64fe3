"""Conditions on what is known of an image: which images meet them, and why the others do not.

Rule: an image of which the field is not known, or says something that is no number or no day where one is asked for,
meets no condition; it is left out and listed, never dropped in silence. So is a value that is asked for and that no
image has. Texts are compared exactly, and fields whatever the case of their names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from coralrun.errors import InvalidInput, Problem
from coralrun.numerals import finite
from coralrun.plan.model import FoundImage, Listing
from coralrun.spec.model import Condition, ImageSampling, Source
from coralrun.spec.suggest import suggestion
from coralrun.spec.wording import Wording
from coralrun.unknown import known_number

_KEYS = {"design": ("unit", "levels", "field")}  # the keys of a section under which fields are named
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
    named = [("where", condition.field) for source in sources for condition in source.filters.where]
    named += [("sampling.images.by", sampling.by)] if sampling.by is not None else []
    named += [(key, field) for key, others in more.items() for field in others]
    wrong = [no_such_field(wording, key, field, fields) for key, field in named if field.casefold() not in known]
    if wrong:
        raise InvalidInput(wrong, remedy=FIELD_REMEDY)


def no_such_field(wording: Wording, key: str, field: str, fields: Sequence[str], whose: str = "the images") -> Problem:
    """The problem of a key that names a field of metadata which no image has; `whose` says which images."""
    there = ", ".join(f"`{each}`" for each in fields) or "none"
    keys = _KEYS.get(key) or (key.rpartition(".")[2],)
    near = suggestion(field, fields)
    meant = f"; did you mean `{near}`?" if near is not None else ""
    return wording.problem(f"`{key}` names the field `{field}`, and {whose} have: {there}{meant}", field, *keys)


def meet(source: str, condition: Condition, images: Sequence[FoundImage]) -> Met:
    """The images that meet a condition; all of them have the same fields, which hold the condition's."""
    if not images:
        return Met([], ())
    place = [field.casefold() for field in images[0].fields].index(condition.field.casefold())
    kept, unknown, unreadable = [], [], []
    seen: set[str] = set()
    test = _test(condition)
    of_numbers = not any(isinstance(value, str) for value in condition.values)  # or of days, which say as little
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
    return Met(kept, tuple(_listings(source, condition, seen, unknown, unreadable)))


def _listings(
    source: str, condition: Condition, seen: set[str], unknown: list[str], unreadable: list[str]
) -> Iterator[Listing]:
    field = condition.field
    if unknown:
        yield Listing(f"{source}: images left out because their `{field}` is not known", tuple(unknown))
    if unreadable:
        what = "day, such as 2008-04-15" if condition.first or condition.last else "number"
        yield Listing(f"{source}: images left out because their `{field}` is no {what}", tuple(unreadable))
    nowhere = tuple(_not_seen(value, seen) for value in condition.values if not any(_is(value, each) for each in seen))
    if nowhere:
        yield Listing(f"{source}: values of `{field}` under `where` that no image has", nowhere)


def _not_seen(value: str | float, seen: set[str]) -> str:
    """A value that no image has, and the one that differs from it in case alone, which is the usual slip."""
    if not isinstance(value, str):
        return f"{value:g}"
    near = min((each for each in seen if each.casefold() == value.casefold()), default=None)
    return value if near is None else f"{value} ({near} is there)"


def _test(condition: Condition) -> Callable[[str], bool | None]:
    """A test of a known value; its verdict is None where the value cannot be compared."""
    if condition.values:
        return lambda value: any(_is(wanted, value) for wanted in condition.values)
    if condition.first is not None or condition.last is not None:
        return lambda value: _in_days(condition, value)
    return lambda value: _in_range(condition, value)


def _is(wanted: str | float, value: str) -> bool:
    """Whether a value is the one that is wanted; one that is written as a number is compared as a number."""
    return value == wanted if isinstance(wanted, str) else finite(value) == wanted


def _in_range(condition: Condition, value: str) -> bool | None:
    size = finite(value)
    if size is None:
        return None
    return (condition.least is None or size >= condition.least) and (condition.most is None or size <= condition.most)


def _in_days(condition: Condition, value: str) -> bool | None:
    day = _DAY.fullmatch(value)
    if day is None:
        return None
    return (condition.first is None or day[1] >= condition.first) and (
        condition.last is None or day[1] <= condition.last
    )
