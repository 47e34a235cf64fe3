"""The points of an earlier run, taken again: what a survey says of them, and what else it may not say then.

Rule: as in `model` and in `rules`. The run is named by its directory and read elsewhere; here it is a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from coralrun.spec.findings import Finding
from coralrun.spec.text import shown


class Revisit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The points that an earlier run had, for photos of the same frame.

    `run` is its directory, relative to where the command is run, as outputs are. Two photos are of one frame when all
    fields of `match` say the same of them; without fields, when they have the same name.
    """

    run: str
    match: tuple[str, ...] = ()


def fields_that_match(points: Mapping[str, Any]) -> Iterator[Finding]:
    """A field that stands twice among those that tell photos: fields are one whatever their case."""
    named: list[Any] = points.get("revisit", {}).get("match", [])
    folded = [field.casefold() if isinstance(field, str) else None for field in named]
    for index, field in enumerate(folded):
        if field is not None and field in folded[:index]:
            yield Finding(("revisit", "match", index), f"the field {shown(named[index])} stands twice under `match`")


def points_of_an_earlier_run(survey: Mapping[str, Any], own_run: str) -> Iterator[Finding]:
    """What else a survey may not say that takes its points from an earlier run; `own_run` is its own directory."""
    revisit = survey.get("sampling", {}).get("points", {}).get("revisit")
    if revisit is None:
        return
    run = revisit.get("run")
    if run is not None and run.rstrip("/") == own_run:
        message = f"{shown(run)} is the run of this survey itself: name an earlier one"
        yield Finding(("sampling", "points", "revisit", "run"), message)
    for index, source in enumerate(survey.get("sources") or []):
        if source is not None and "points" in source:
            message = "`points` does not go with `sampling.points: {revisit: ...}`, which takes those of an earlier run"
            yield Finding(("sources", index, "points"), message, at_key=True)
