"""Of how many units those of a survey were drawn, held against the units that its plan has.

Rule: a number is of what was drawn together. Strata that share no unit were drawn each by itself, and have a number
each; where units lie in several strata, as sites that were visited at two depths do, there is one number of all units.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from typing import Final

from coralrun.errors import InvalidInput, Problem
from coralrun.planning.design import unit_fields, unit_keys, values_of
from coralrun.planning.model import Plan
from coralrun.spec.model import Design
from coralrun.spec.suggest import suggestion
from coralrun.spec.wording import Wording
from coralrun.values.phrases import count

_KEY: Final = "units_in_all"
Strata = Mapping[tuple[str, ...], Collection[str]]
"""The strata that each unit lies in; one called "" where there are none."""


def check_units_in_all(design: Design, plan: Plan, areas: Collection[str], wording: Wording) -> None:
    """Raise InvalidInput where a design says of how many units its own were drawn, and it cannot be so.

    `areas` are the strata of which there is an area.
    """
    if design.units_in_all is None:
        return
    strata = _strata_of_units(design, plan)
    if isinstance(design.units_in_all, int):
        problems = list(_of_all(design, design.units_in_all, strata, wording))
    else:
        problems = list(_of_each(design, design.units_in_all, strata, areas, wording))
    if problems:
        raise InvalidInput(
            problems, remedy="Count the units that might have been drawn, those of the survey among them."
        )


def unequal_chances(by: str | None, wording: Wording) -> InvalidInput:
    """The error where photos were drawn by a field, and units had unequal chances for it."""
    said = f"photos were drawn by `{by}`, so units were not equally likely, and `{_KEY}` is for those that were"
    return InvalidInput(
        [wording.problem(said, _KEY, "design")], remedy=f"Name `{by}` as the strata of the design, or take {_KEY} out."
    )


def _of_all(design: Design, in_all: int, strata: Strata, wording: Wording) -> Iterator[Problem]:
    if len(strata) > in_all:
        said = f"`{_KEY}` is {in_all:,}, and the plan has {count(len(strata), 'unit')} (`{design.unit}`)"
        yield wording.problem(said, _KEY, "design")
    if len(_joined(strata)) > 1:
        names = ", ".join(
            f"{name}: ..." for name in sorted({name for inside in strata.values() for name in inside})[:3]
        )
        said = f"`{_KEY}` is one number, and strata that share no `{design.unit}` have one each: {{{names}}}"
        yield wording.problem(said, _KEY, "design")


def _of_each(
    design: Design, in_all: Mapping[str, int], strata: Strata, areas: Collection[str], wording: Wording
) -> Iterator[Problem]:
    n: dict[str, int] = {}
    for unit, inside in strata.items():
        for stratum in inside:
            n[stratum] = n.get(stratum, 0) + 1
        if len(inside) > 1:
            named = " and ".join(f"`{name}`" for name in sorted(inside)[:2])
            said = f"the {design.unit} `{' / '.join(unit)}` lies in {named}: give one number, of all units"
            yield wording.problem(said, _KEY, "design")
            return
    for stratum, units in sorted(n.items()):
        if stratum not in in_all:
            said = f"`{_KEY}` has no number for the {design.strata_field} `{stratum}` ({count(units, 'unit')})"
            yield wording.problem(said, _KEY, "design")
        elif units > in_all[stratum]:
            said = f"`{_KEY}` is {in_all[stratum]:,} for `{stratum}`, and the plan has {count(units, 'unit')} there"
            yield wording.problem(said, stratum, _KEY)
    for stratum in in_all:
        if stratum not in n and stratum not in areas:
            near = suggestion(stratum, [name for name in n if name not in in_all])
            meant = f"; did you mean `{near}`?" if near is not None else ""
            said = f"no image is in the {design.strata_field} `{stratum}` of `{_KEY}`{meant}"
            yield wording.problem(said, stratum, _KEY)


def _strata_of_units(design: Design, plan: Plan) -> Strata:
    by, field = unit_fields(design) or (), design.strata_field
    units = unit_keys(by, plan.fields, plan.images)
    strata = values_of(field, plan.fields, plan.images) if field is not None else [""] * len(units)
    found: dict[tuple[str, ...], set[str]] = {}
    for unit, stratum in zip(units, strata, strict=True):
        if "" not in unit and (stratum or field is None):
            found.setdefault(unit, set()).add(stratum)
    return found


def _joined(strata: Strata) -> list[set[str]]:
    """The strata, in sets that share units, directly or through others."""
    home: dict[str, set[str]] = {name: {name} for inside in strata.values() for name in inside}
    for inside in strata.values():
        for one, other in pairwise(inside):
            if home[one] is not home[other]:
                home[one] |= home[other]
                for name in home[other]:
                    home[name] = home[one]
    return list({id(names): names for names in home.values()}.values())
