"""The images that an audit may draw from, and what a draw of them leaves out.

Rule: units, strata and parts are those of cover. A draw is spread over them, so what it cannot reach is known before
anybody labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from coralrun.estimates.units import units_of
from coralrun.planning.model import Plan
from coralrun.review.audit import Candidate, images_for_every_unit
from coralrun.review.reach import OutOfReach, out_of_reach
from coralrun.review.reviewed import Parts


def candidates_of(plan: Plan, images: list[int], by: str, parts: Parts) -> tuple[list[Candidate], tuple[str, ...]]:
    """The images to draw from, and the names of those whose unit or stratum nobody knows: they cannot be drawn.

    A unit that lies in two strata of the design is a unit of each, as in cover. So is each part of a unit, for none of
    them tells of another; without units, each part of a stratum.
    """
    design, units = plan.analysis.design, units_of(plan)
    strata_at = None if design.strata_field is None else plan.fields.index(design.strata_field)
    spread_at = plan.fields.index(by) if spread_over(plan, by) else None
    part = parts.samples(len(plan.images)).tolist()
    found, without = [], []
    for number in images:
        image = plan.images[number]
        own = units[number] if units is not None else "all" if parts.apart else image.key
        known = ["" if at is None else image.metadata[at] for at in (strata_at, spread_at) if image.metadata]
        lacking = [at for at, text in zip((strata_at, spread_at), known, strict=False) if at is not None and not text]
        if not own or lacking:
            without.append(image.name)
        else:
            stratum, spread = known or ("", "")
            unit = f"{stratum} / {own} / {part[number]}" if part[number] else f"{stratum} / {own}"
            found.append(Candidate(number, spread, unit))
    return found, tuple(without)


def spread_over(plan: Plan, by: str) -> str:
    """What an audit by this field is spread over, beside the units and strata of the design, over which all are."""
    return "" if by in (plan.analysis.design.unit, plan.analysis.design.strata_field) else by


def value_of(plan: Plan, field: str, image: int) -> str:
    """What is known of an image in a field; empty for none."""
    return plan.images[image].metadata[plan.fields.index(field)] if field else ""


def left_out_of(
    plan: Plan, parts: Parts, candidates: Sequence[Candidate], audited: frozenset[int]
) -> OutOfReach | None:
    """What an audit leaves out; None where it reaches enough, or is none, or the survey has no unit, but for parts."""
    if not audited:
        return None
    if parts.apart:
        lacking = {one.unit for one in candidates} - {one.unit for one in candidates if one.image in audited}
        if lacking:
            return OutOfReach({}, 1, images_for_every_unit(candidates, audited), len(lacking))
    units, field = units_of(plan), plan.analysis.design.strata_field
    if units is None:
        return None
    images = [candidate.image for candidate in candidates]
    found = out_of_reach(((image, (value_of(plan, field or "", image), units[image])) for image in images), audited)
    is_spread = any(candidate.stratum for candidate in candidates)  # then another value may get what one lacks
    if found is None or (found.further and not is_spread):
        return found
    return replace(found, further=images_for_every_unit(candidates, audited))
