"""`mermaid`: the annotations as MERMAID's importer of CoralNet data takes them.

Source: github.com/data-mermaid/easypqt, `inst/config.yml` and its checks: CoralNet's annotation export with Date, five
auxiliary fields after it, Row, Column, Label code and Label ID; site, management and transect number must stand among
the five, be filled for every image, the last a whole number; every date must be a date. MERMAID counts points by
quadrat and divides by transect, so images of one transect must have equally many.

MERMAID has no mark for machine labels: what is imported counts as observed by people. So points that nobody has
reviewed are refused, unless `--unreviewed` says that they are meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from msgspec import structs

from coralrun.errors import UsageError
from coralrun.exports import coralnet_annotations
from coralrun.exports.coralnet_columns import metadata_columns
from coralrun.exports.model import Export, ExportOptions, Results, closed_at, known_field
from coralrun.files.written import Csv
from coralrun.planning.images import PlannedImage
from coralrun.planning.value_warnings import near_notes
from coralrun.values.unknown import known_number

TABLE = Csv("mermaid", is_for_people=False)

ASKED = {
    "site": ("site",),
    "management": ("management", "management regime"),
    "transect": ("transect", "transect number", "transect_number"),
    "date": ("date",),
}
_NUMBERED = re.compile(r"\D*(\d{1,9})")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SHOWN = 5


def make(results: Results, options: ExportOptions) -> Export:
    """Write the annotations of a run for MERMAID; raises UsageError with all that MERMAID would refuse."""
    results = _with_constants(results, options)
    fields = {what: _field_of(results, options, what, names) for what, names in ASKED.items()}
    results, notes = _with_numbers(results, fields)
    images = [results.plan.images[number] for number in sorted(closed_at(results.state))]
    problems = _problems(results, images, fields)
    nameless = sorted({label.code for label in results.people.values() if label.id is None})
    which = "reviewers' labels without a label id, which MERMAID goes by (import them again, with a column `label_id`)"
    problems += _named(which, nameless)
    machine = sum(image.points for image in images) - len(results.people)
    if machine and not options.unreviewed:
        problems.append(
            f"{machine:,} points have the classifier's label and nobody's: MERMAID takes them for people's observations"
            " (--unreviewed, if that is meant)"
        )
    if problems:
        raise UsageError("not for MERMAID yet:\n" + "\n".join(f"  {problem}" for problem in problems), remedy=_REMEDY)
    first = tuple(fields[what] for what in ("site", "management", "transect"))
    made = coralnet_annotations.export(results, metadata_columns(results.plan.fields, first), TABLE)
    made.notes.extend((*notes, *near_notes(results.plan, fields.values())))
    return made


def _with_constants(results: Results, options: ExportOptions) -> Results:
    """The same run with a metadata field for each value that holds for all of it."""
    unknown = sorted({*options.values, *options.fields} - set(ASKED))
    if unknown:
        raise UsageError(f"MERMAID is not asked for {', '.join(unknown)}", remedy=f"It is for: {', '.join(ASKED)}.")
    plan = results.plan
    others = [place for place, name in enumerate(plan.fields) if name.casefold() not in options.values]
    images = tuple(
        structs.replace(image, metadata=(*options.values.values(), *(image.metadata[place] for place in others)))
        for image in plan.images
    )
    fields = (*options.values, *(plan.fields[place] for place in others))
    return replace(results, plan=replace(plan, fields=fields, images=images))


def _with_numbers(results: Results, fields: dict[str, str]) -> tuple[Results, list[str]]:
    """The same run with `t1` and its like as 1, where the digits alone tell the transects of a site apart."""
    plan, place = results.plan, results.plan.fields.index(fields["transect"])
    values = {image.metadata[place] for image in plan.images}
    if all(value.isdigit() for value in values) or not all(_NUMBERED.fullmatch(value) for value in values):
        return results, []
    digits = {value: _NUMBERED.sub(r"\1", value) for value in values}
    if len({int(number) for number in digits.values()}) < len(values):
        return results, []
    images = tuple(
        structs.replace(
            image,
            metadata=(*image.metadata[:place], digits[image.metadata[place]], *image.metadata[place + 1 :]),
        )
        for image in plan.images
    )
    example = min(values)
    note = f"`{fields['transect']}` must be a whole number: {example} is written as {digits[example]}, and so on"
    return replace(results, plan=replace(plan, images=images)), [note]


_REMEDY = (
    "Complete the survey's metadata and apply it again; or name a field here (--field site=station), or one value for "
    "all (--set management=open)"
)


def _field_of(results: Results, options: ExportOptions, what: str, names: Iterable[str]) -> str:
    if what in options.fields:
        return known_field(results.plan, options.fields[what])
    for name in names:
        for field in results.plan.fields:
            if field.casefold() == name:
                return field
    known = ", ".join(results.plan.fields) or "none"
    raise UsageError(
        f"MERMAID needs the {what} of every image, and there is no such metadata field",
        remedy=f"Name one with --field {what}=FIELD, or one value for all with --set {what}=VALUE. "
        f"The fields of this run are: {known}.",
    )


def _problems(results: Results, images: list[PlannedImage], fields: dict[str, str]) -> list[str]:
    transect, date = fields["transect"], fields["date"]

    def of(image: PlannedImage, name: str) -> str:
        value = results.field(image, name)
        return known_number(value) if name in (transect, date) else value

    found = []
    for name in fields.values():
        found += _named(f"no `{name}`", [image.name for image in images if not of(image, name)])
    odd = sorted({of(image, transect) for image in images if of(image, transect) and not of(image, transect).isdigit()})
    found += _named(f"`{transect}` must be a whole number", odd)
    odd = sorted({of(image, date) for image in images if of(image, date) and not _DATE.fullmatch(of(image, date))})
    found += _named(f"`{date}` must be a date such as 2026-11-22", odd)
    points: dict[tuple[str, ...], set[int]] = {}
    for image in images:
        unit = tuple(of(image, name) for name in fields.values())
        points.setdefault(unit, set()).add(image.points)
    uneven = [" / ".join(unit) for unit, numbers in points.items() if len(numbers) > 1]
    return found + _named("photos of one transect must have equally many points", uneven)


def _named(what: str, whose: list[str]) -> list[str]:
    if not whose:
        return []
    return [f"{what}: {', '.join(whose[:_SHOWN])}{f' and {len(whose) - _SHOWN} more' if len(whose) > _SHOWN else ''}"]
