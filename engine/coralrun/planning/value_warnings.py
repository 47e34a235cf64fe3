"""Values of metadata that their owner should look at: nearly the same, doubtful, or a number that stands for none.

Rule: what a survey's design, conditions and samples go by is always looked at; of other fields those that are lists of
places or kinds, in which a value stands for several images. Nothing is changed: a warning says what to write in the
survey if it is meant so.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import Final

from coralrun.planning.images import FoundImage, PlannedImage
from coralrun.planning.metadata import Gathered
from coralrun.planning.model import Listing, Plan
from coralrun.planning.near_values import MOST_VALUES, Group, nearly_the_same, numbers_with_a_unit
from coralrun.spec.model import Survey
from coralrun.spec.revisit import Revisit
from coralrun.values.unknown import UNKNOWN, is_doubtful

_AT_ONCE: Final = 10_000  # images whose values are counted before it is looked whether a field has too many
_SHOWN: Final = 5  # groups of values in a warning
_CATEGORY_LEAST: Final = 2.0  # images a value, on average, in a field that is a list of places or kinds
_NO_NUMBER = re.compile(r"-9{3,4}(\.0*)?")
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?")
_NUMBERS_LEAST: Final = 0.5  # of the images, in a field of numbers
_PLAIN_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_INVISIBLE = re.compile("[\u00ad\u0300-\u036f\u200b-\u200f\u2060\ufeff]")

Counts = dict[str, Counter[str]]


def counts_of(fields: Sequence[str], images: Iterable[FoundImage | PlannedImage], wanted: Collection[str]) -> Counts:
    """How many images have each value of the wanted fields, of those with at most `MOST_VALUES` values."""
    counts: Counts = {field: Counter() for field in fields if field in wanted}
    rows = (image.metadata for image in images if image.metadata)
    while counts and (some := list(islice(rows, _AT_ONCE))):
        for field in list(counts):
            counts[field].update(map(itemgetter(fields.index(field)), some))
            if len(counts[field]) > MOST_VALUES:
                del counts[field]
    return counts


def value_warnings(survey: Survey, gathered: Gathered, kept: Sequence[FoundImage]) -> Iterator[str]:
    """What is to be said of the images that a survey's filters `kept`, before a sample; of all that were found in the
    fields that its conditions go by, since a condition leaves out what it does not recognise.
    """
    asked = _spelt({field for source in survey.sources for field in source.filters.where}, gathered.fields)
    design = survey.design
    grouping = {*design.levels, design.unit, design.strata_field, survey.images.by}
    match = survey.points.match if isinstance(survey.points, Revisit) else ()
    in_use = _spelt({*(name for name in grouping if name is not None), *match}, gathered.fields)
    found = (image for _, images in gathered.inventory for image in images)
    counts = counts_of(gathered.fields, found, asked)
    counts |= counts_of(gathered.fields, kept, set(gathered.fields) - asked)
    yield from near_warnings(counts, asked | in_use)
    yield from number_warnings(counts, asked | in_use, survey.metadata.unknown)


def near_notes(plan: Plan, fields: Collection[str]) -> tuple[str, ...]:
    """The values of these fields that are nearly the same, among the images of a plan."""
    return tuple(near_warnings(counts_of(plan.fields, plan.images, fields), fields))


def near_warnings(counts: Counts, in_use: Collection[str]) -> Iterator[str]:
    """The values that are nearly the same, by field, with what to write where they are one."""
    for field, of_field in counts.items():
        there = len(of_field) - ("" in of_field)
        is_category = there * _CATEGORY_LEAST <= of_field.total() - of_field[""]
        is_looked_at = field in in_use or is_category
        groups = (*nearly_the_same(of_field), *numbers_with_a_unit(of_field)) if is_looked_at else ()
        if groups:
            yield _near(field, groups)


def number_warnings(counts: Counts, in_use: Collection[str], unknown: Sequence[str]) -> Iterator[str]:
    """Fields with a number that programs write where there is none: of numbers, or in use. `unknown` is the survey's
    own list.
    """
    for field, of_field in counts.items():
        odd = [value for value in of_field if _NO_NUMBER.fullmatch(value)]
        numbers = sum(count for value, count in of_field.items() if _NUMBER.fullmatch(value))
        if odd and (field in in_use or numbers >= _NUMBERS_LEAST * (of_field.total() - of_field[""])):
            said = " and ".join(f"`{value}` in {_images(of_field[value])}" for value in odd)
            yield f"`{field}` is {said}: {_if_unknown(odd, unknown)}"


def doubtful_listings(field: str, role: str, values: Iterable[str], names: Iterable[str]) -> Iterator[Listing]:
    """The images, by `names`, of which the `values` of a field that groups them often mean "not known"."""
    images: dict[str, list[str]] = {}
    for value, name in zip(values, names, strict=True):
        if value and is_doubtful(value):
            images.setdefault(value, []).append(name)
    for value, those in images.items():
        what = f"images whose `{field}`, {role}, is `{value}`, which counts as a value; {_if_unknown([value])}"
        yield Listing(what, tuple(those))


def _if_unknown(values: Sequence[str], unknown: Sequence[str] = UNKNOWN) -> str:
    marks = ", ".join(map(_quoted, (*unknown, *values)))
    return f'if it means "not known", say in the survey, under `metadata`: `unknown: [{marks}]`'


def _spelt(names: Iterable[str], fields: Sequence[str]) -> set[str]:
    """Those fields that are named, in whatever case."""
    folded = {name.casefold() for name in names}
    return {field for field in fields if field.casefold() in folded}


def _near(field: str, groups: Sequence[Group]) -> str:
    shown = "; ".join(", ".join(f"`{_visible(value)}` ({n:,})" for value, n in group) for group in groups[:_SHOWN])
    more = f"; and {len(groups) - _SHOWN:,} more such" if len(groups) > _SHOWN else ""
    ones = ", ".join(f"[{', '.join(_quoted(value) for value, _ in group)}]" for group in groups[:_SHOWN])
    key = field if _PLAIN_KEY.fullmatch(field) else _quoted(field)
    return (
        f"values of `{field}` that are nearly the same, with their images: {shown}{more}. Each counts as one "
        f"more value; those that are one you give in the survey, under `metadata`: `same: {{{key}: [{ones}]}}`"
    )


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count:,} images"


def _quoted(text: str) -> str:
    """A text as YAML and JSON have it, in quotes, so that it is no number, no null and no list."""
    return f'"{_visible(json.dumps(text, ensure_ascii=False)[1:-1])}"'


def _visible(text: str) -> str:
    """A text in which nobody can overlook what two that look the same differ in."""
    return _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
