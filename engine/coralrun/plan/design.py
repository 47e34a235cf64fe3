"""A survey's design held against what is known of its images.

Rule: a field that the survey names is found whatever its case, and is from then on spelt as the metadata spell it; one
that is not there is a problem, and nothing is assumed in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from coralrun.errors import InvalidInput, Problem
from coralrun.spec.model import IMAGE, Design


def spelt(design: Design, fields: Sequence[str], file: str) -> Design:
    """The design with its fields spelt as in `fields`; InvalidInput, for `file`, names those that are not there."""
    known = {field.casefold(): field for field in fields}
    missing = [name for name in dict.fromkeys(_named(design)) if name.casefold() not in known | {IMAGE: IMAGE}]
    if missing:
        there = ", ".join(f"`{field}`" for field in fields) or "none"
        raise InvalidInput(
            [
                Problem(file, 0, 0, f"`design` names the field `{name}`, and the images have: {there}")
                for name in missing
            ],
            remedy="Name a field that the metadata have, or bring it in with `metadata` or a column of the manifest.",
        )
    return replace(
        design,
        unit=None if design.unit is None else _spelt(design.unit, known),
        levels=tuple(_spelt(level, known) for level in design.levels),
        strata_field=None if design.strata_field is None else _spelt(design.strata_field, known),
    )


def _spelt(name: str, known: dict[str, str]) -> str:
    return IMAGE if name.casefold() == IMAGE else known[name.casefold()]


def _named(design: Design) -> Iterator[str]:
    if design.unit is not None:
        yield design.unit
    yield from design.levels
    if design.strata_field is not None:
        yield design.strata_field
