"""Units that lie within something wider: transects of a site, whose names may be the same at each.

Rule: whether two photos are of one transect cannot be seen in a name. Where transects of one name lie at several sites
and the survey does not say that they are known by their site, it is said how they are taken; nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from coralrun.planning.model import Listing, Plan
from coralrun.spec.model import IMAGE, Design

_WITHIN: Final = ("transect", "quadrat", "plot", "replicate")
"""What lies within a site, as parts of a field's name; the wider first."""
_SITES: Final = ("site", "station", "reef", "location", "locality")
"""What a field is called that says at which site something is, alone or with `name`, `code` or `id` behind it."""


def shared_names(plan: Plan, by: Sequence[str] | None) -> Iterator[Listing]:
    """Units within a site, known `by` these fields, of which one name stands for photos of several sites."""
    site = site_field(plan.fields)
    if by is None or site is None or site in by or not _lies_within(by[-1]):
        return
    places = [plan.fields.index(field) for field in (*by, site)]
    sites: dict[str, set[str]] = {}
    for image in plan.images:
        *unit, where = (image.metadata[place] for place in places)
        if where and all(unit):
            sites.setdefault(" / ".join(unit), set()).add(where)
    shared = tuple(unit for unit, those in sites.items() if len(those) > 1)
    if shared:
        levels = ", ".join((site, *by))
        yield Listing(
            f"units (`{by[-1]}`) with photos of more than one `{site}`, each taken for one unit; if each `{site}` has "
            f"its own, say `design: {{unit: {by[-1]}, levels: [{levels}]}}`",
            shared,
        )


def single_unit_notes(design: Design, fields: Sequence[str], by: Sequence[str]) -> Iterator[str]:
    """What gives an interval where cover is told `by` the unit, of which each has one."""
    unit = design.unit
    if unit is None or unit == IMAGE or unit not in by:
        return
    inner = next((field for part in _WITHIN for field in fields if part in field.casefold() and field != unit), None)
    levels = "" if inner is None else f", levels: [{unit}, {inner}]"
    words = "the photos were placed one by one at random there" if inner is None else f"each has several of `{inner}`"
    yield (
        f"One `{unit}` is one unit, so it has no interval. Cover of each `{unit}` with an interval, if {words}: "
        f"`design: {{unit: {inner or IMAGE}{levels}, strata: {{field: {unit}}}}}` in the survey, then coralrun apply"
    )


def site_field(fields: Sequence[str]) -> str | None:
    """The field that says at which site a photo is, if one is called so."""
    plain = {"".join(filter(str.isalpha, field.casefold())): field for field in fields}
    called = (f"{site}{end}" for site in _SITES for end in ("", "s", "name", "code", "id"))
    return next((plain[name] for name in called if name in plain), None)


def _lies_within(field: str) -> bool:
    return any(part in field.casefold() for part in _WITHIN)
