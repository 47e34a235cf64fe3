"""What a plan's owner should know of the dates of its photos, before anything is run.

Rule: the same bounds as those of the answer (see `occasions`), unit by unit, and visit by visit where the survey says
what one visit is; what it takes for one (`pool`) needs no word.
"""

from __future__ import annotations

from collections.abc import Iterator

from coralrun.estimates.occasions import NOTED_DAYS, Span
from coralrun.estimates.placed import Domains, placed
from coralrun.planning.design import DATE_FIELDS, unit_fields
from coralrun.planning.model import Listing, Plan
from coralrun.spec.model import IMAGE, POOL


def date_listings(plan: Plan) -> Iterator[Listing]:
    """The units whose photos span more than a year, and those whose photos span less, but more than 90 days."""
    design = plan.analysis.design
    has_dates = any(field.casefold() in DATE_FIELDS for field in plan.fields)
    if design.unit in (None, IMAGE) or design.occasion == POOL or not has_dates:
        return
    spans = _spans(plan)
    years = tuple(span.unit for span in spans if span.is_over_a_year)
    days = tuple(span.unit for span in spans if span.is_noted and not span.is_over_a_year)
    if years:
        remedy = "say what one visit is, design: {occasion: year} or another field, or pool them, {occasion: pool}"
        which = f"units (`{design.unit}`) whose photos span more than a year, which gives means without an interval"
        yield Listing(f"{which}; {remedy}", years)
    if days:
        yield Listing(f"units (`{design.unit}`) whose photos span more than {NOTED_DAYS} days", days)


def _spans(plan: Plan) -> list[Span]:
    """The longest span of each unit on one occasion."""
    where = placed(plan, plan.analysis)
    if where.dates is None:
        return []
    occasion = (where.occasion,) if where.occasion else ()
    visits = Domains.of(plan, (*occasion, *(unit_fields(plan.analysis.design) or ())))
    found: dict[str, Span] = {}
    for span in where.dates.spans(visits.of_image, ~where.nameless, len(visits.values)):
        if span is not None and (span.unit not in found or found[span.unit].days < span.days):
            found[span.unit] = span
    return list(found.values())
