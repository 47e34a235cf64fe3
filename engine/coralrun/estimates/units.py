"""The design unit of each image, as a text: one place for all that asks which images belong together.

Rule: a unit is known by all levels down to it, as in `sample`; an image of which one of them is not known has no
unit, and its text is empty.
"""

from __future__ import annotations

from coralrun.planning.design import unit_fields
from coralrun.planning.model import Plan
from coralrun.spec.model import IMAGE, Design
from coralrun.values.phrases import plural, share_list
from coralrun.values.places import BETWEEN, place_of


def describe_units(design: Design) -> str:
    """What the units of a design are, in words; without one every image stands for itself."""
    units = BETWEEN.join(unit_fields(design) or (IMAGE,))
    return f"{units} in each {design.strata_field}" if design.strata_field else units


def drawn_from(design: Design) -> str:
    """Of how many units those of a design were drawn, in words; "" where that is not known."""
    in_all, units = design.units_in_all, plural(str(design.unit))
    if in_all is None or isinstance(in_all, int):
        return "" if in_all is None else f"{in_all:,} {units}"
    return f"{share_list(tuple(f'{number:,} in {stratum}' for stratum, number in in_all.items()))} ({units})"


def units_of(plan: Plan) -> dict[int, str] | None:
    """The unit of each image by its number in the plan; None where the survey names no design unit."""
    fields = unit_fields(plan.analysis.design)
    if fields is None:
        return None
    places = [None if field == IMAGE else plan.fields.index(field) for field in fields]
    found = {}
    for number, image in enumerate(plan.images):
        parts = [image.key if at is None else image.metadata[at] if image.metadata else "" for at in places]
        found[number] = place_of(parts)
    return found
