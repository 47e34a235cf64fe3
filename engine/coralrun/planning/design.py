"""A survey's design held against what is known of its images.

Rule: a field that the survey names is found whatever its case, and is from then on spelt as the metadata spell it; one
that is not there is a problem, and nothing is assumed in its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from coralrun.errors import InvalidInput, Problem
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Listing, Plan
from coralrun.planning.nested_units import shared_names
from coralrun.planning.value_warnings import doubtful_listings
from coralrun.planning.where import FIELD_REMEDY, no_such_field
from coralrun.spec.model import IMAGE, POOL, YEAR, Design
from coralrun.spec.suggest import suggestion
from coralrun.spec.wording import Wording
from coralrun.values.numerals import finite
from coralrun.values.phrases import count
from coralrun.values.places import BETWEEN, place_of

DATE_FIELDS: Final = ("date", "photo date", "photo_date", "eventdate", "year")
"""Fields that hold a photo's date, in lower case; the first that the images have is read."""


def spelt(design: Design, fields: Sequence[str], wording: Wording) -> Design:
    """The design with its fields spelt as in `fields`; InvalidInput names those that are not there."""
    known = {field.casefold(): field for field in fields}
    there = {IMAGE: IMAGE, **known}
    if any(field in known for field in DATE_FIELDS):
        there.setdefault(YEAR, YEAR)
    missing = [
        name
        for name in dict.fromkeys(_named(design))
        if name.casefold() not in (there if name == design.occasion else {IMAGE: IMAGE, **known})
    ]
    if missing:
        raise InvalidInput([no_such_field(wording, "design", name, fields) for name in missing], remedy=FIELD_REMEDY)
    return replace(
        design,
        unit=None if design.unit is None else _spelt(design.unit, known),
        levels=tuple(_spelt(level, known) for level in design.levels),
        strata_field=None if design.strata_field is None else _spelt(design.strata_field, known),
        weights=None if design.weights is None else _spelt(design.weights, known),
        occasion=design.occasion if design.occasion in (None, POOL) else there[design.occasion.casefold()],
    )


def unit_fields(design: Design) -> tuple[str, ...] | None:
    """The fields by which a unit is known: the levels down to it; None without a unit."""
    if design.unit is None:
        return None
    if design.unit == IMAGE or design.unit not in design.levels:
        return (design.unit,)
    return design.levels[: design.levels.index(design.unit) + 1]


def unit_keys(by: Sequence[str], fields: Sequence[str], images: Sequence[PlannedImage]) -> list[tuple[str, ...]]:
    """The unit of each image, by the values of the fields that units are known `by`."""
    columns = [values_of(field, fields, images) if field != IMAGE else [image.key for image in images] for field in by]
    return list(zip(*columns, strict=True))


def check_weights(design: Design, fields: Sequence[str], images: Sequence[PlannedImage], wording: Wording) -> None:
    """Raise InvalidInput where a unit has no weight, one that is no number above 0, or several."""
    by = unit_fields(design)
    if design.weights is None:
        return
    if by is None:
        problem = wording.problem("`weights` needs a `unit`, which is what weighs", design.weights, "weights")
        raise InvalidInput([problem], remedy="Name the design unit: design: {unit: site, weights: ...}")
    of_unit: dict[tuple[str, ...], dict[str, str]] = {}
    weights_of_images = values_of(design.weights, fields, images)
    for key, weight, image in zip(unit_keys(by, fields, images), weights_of_images, images, strict=True):
        of_unit.setdefault(key, {}).setdefault(weight, image.name)
    problems = []
    for key, weights in of_unit.items():
        unit = BETWEEN.join(key)
        wrong = next((weight for weight in weights if (finite(weight) or 0) <= 0), None)
        if "" in key:
            continue
        if wrong is not None:
            said = f"`{wrong}`, which is no number above 0" if wrong else "not known"
            why = f"the `{design.weights}` of `{unit}` is {said} (photo `{weights[wrong]}`)"
        elif len(weights) > 1:
            named = " and ".join(f"`{weight}` (photo `{name}`)" for weight, name in list(weights.items())[:2])
            why = f"the `{design.weights}` of `{unit}` is {named}"
        else:
            continue
        problems.append(wording.problem(why, design.weights, "weights"))
    if problems:
        raise InvalidInput(problems, remedy="Give every photo of a unit the same weight, a number above 0.")


def check_unit_weights(
    design: Design, weights: Mapping[str, float], fields: Sequence[str], images: Sequence[PlannedImage]
) -> None:
    """Raise InvalidInput, for the table of weights, where it lacks a unit that images of the plan are in."""
    path, by = design.weights_table, unit_fields(design)
    if path is None or by is None:
        return
    places = Counter(map(place_of, unit_keys(by, fields, images)))
    missing = {place: images_there for place, images_there in places.items() if place and place not in weights}
    unused = [place for place in weights if place not in places]
    problems = []
    for place, images_there in missing.items():
        near = suggestion(place, unused)
        meant = f"; did you mean `{near}`?" if near is not None else ""
        there = count(images_there, "image")
        problems.append(Problem(path, 0, 0, f"there is no weight for the {design.unit} `{place}` ({there}){meant}"))
    if problems:
        raise InvalidInput(problems, remedy="Give every unit its weight, spelt as the images' metadata spell it.")


def check_areas(
    design: Design, areas: Mapping[str, float], fields: Sequence[str], images: Iterable[PlannedImage]
) -> None:
    """Raise InvalidInput, for the table of areas, where it lacks a stratum that images of the plan are in."""
    if design.areas is None or design.strata_field is None:
        return
    strata = Counter(values_of(design.strata_field, fields, images))
    problems = [
        Problem(design.areas, 0, 0, f"there is no area for the {design.strata_field} `{stratum}` ({count:,} images)")
        for stratum, count in strata.items()
        if stratum and stratum not in areas
    ]
    if problems:
        raise InvalidInput(problems, remedy="Give every stratum its area, spelt as the images' metadata spell it.")


def design_listings(plan: Plan) -> Iterator[Listing]:
    """What a plan's owner should know of its design: images that it has no place for, strata without any image."""
    design = plan.analysis.design
    for field in dict.fromkeys(_named(design)):
        if field not in plan.fields:  # the image itself, or the year of its date
            continue
        values = values_of(field, plan.fields, plan.images)
        without = tuple(image.name for image, value in zip(plan.images, values, strict=True) if not value)
        if without:
            yield Listing(f"images whose `{field}`, {_role(design, field)}, is not known", without)
        yield from doubtful_listings(field, _role(design, field), values, (image.name for image in plan.images))
    if design.strata_field is not None:
        there = set(values_of(design.strata_field, plan.fields, plan.images))
        empty = tuple(stratum for stratum in plan.analysis.areas if stratum not in there)
        if empty:
            yield Listing(f"values of `{design.strata_field}` in {design.areas} that no image has", empty)
    yield from _listing_of_weights(plan)
    yield from shared_names(plan, unit_fields(design))


def _listing_of_weights(plan: Plan) -> Iterator[Listing]:
    """Units of the table of weights that no image is in."""
    design, by, weights = plan.analysis.design, unit_fields(plan.analysis.design), plan.analysis.unit_weights
    if by is None or weights is None:
        return
    there = set(map(place_of, unit_keys(by, plan.fields, plan.images)))
    empty = tuple(place for place in weights.weights if place not in there)
    if empty:
        yield Listing(f"units (`{design.unit}`) in {design.weights_table} that no image is in", empty)


def _role(design: Design, field: str) -> str:
    if field == design.unit:
        return "the unit of the design"
    if field == design.weights:
        return "the weight of a unit"
    if field == design.occasion:
        return "the occasion"
    return "the stratum" if field == design.strata_field else "a level of the design"


def values_of(field: str, fields: Sequence[str], images: Iterable[PlannedImage]) -> list[str]:
    """What each image says of a field."""
    place = list(fields).index(field)
    return [image.metadata[place] for image in images]


def _spelt(name: str, known: dict[str, str]) -> str:
    return IMAGE if name.casefold() == IMAGE else known[name.casefold()]


def _named(design: Design) -> Iterator[str]:
    if design.unit is not None:
        yield design.unit
    yield from design.levels
    if design.strata_field is not None:
        yield design.strata_field
    if design.weights is not None:
        yield design.weights
    if design.occasion is not None and design.occasion != POOL:
        yield design.occasion
