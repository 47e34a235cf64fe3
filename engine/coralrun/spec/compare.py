"""What changed between two surveys, and whether it changes what is run.

Rule: surveys are compared in canonical form, which holds nothing that does not change what a run does: not the file's
name, not the order of keys, not `75s` against `1.25m`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from coralrun.spec.canonical import NO_COVER, USUAL_DESIGN
from coralrun.spec.grid import cells_for
from coralrun.spec.wording import UNWRITTEN, Wording

SURVEY_FILE: Final = "survey_file"
"""The key of a survey that a run keeps which says where its file stands."""
_FILES: Final = ("files", "analysis_files")
"""The keys of a survey that hold the digests of the files that it reads."""
_RUNS: Final = "runs"
"""The key that holds those of the runs that it builds on."""
_SECTIONS_READ: Final = ("design", "cover", "analysis_files", SURVEY_FILE)
_STANDS_FOR: Final = ("number_of_points", "cell_rows", "cell_columns", "points_per_cell")
"""The keys of a point design that `points` is short for."""
_OF_POINTS: Final = re.compile(r"(?:sampling|sources\[\d+\])\.points\.")
_OUTPUTS_RUN: Final = ("directory",)


def run_part(canonical: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a canonical form that says what is run: a run keeps to it, and may be re-analysed otherwise."""
    outputs = {key: value for key, value in canonical["outputs"].items() if key in _OUTPUTS_RUN}
    part = {key: value for key, value in canonical.items() if key not in _SECTIONS_READ}
    return {**part, "outputs": outputs}


def difference(old: Mapping[str, Any], new: Mapping[str, Any], wording: Wording = UNWRITTEN) -> list[str]:
    """What changed between two resolved surveys, wherever they stand, a line each: `sampling.points.seed: 42 -> 43`. A
    default that is written out is no change.

    By the new one's `wording`, a key that stands in a base is told with where, for other surveys may be built on that,
    and a number of points by the short form, unless it was written as cells.
    """
    said = (_with_short_points(_said(survey), wording) for survey in (old, new))
    before, after = (dict(_leaves(part)) for part in said)
    changed = [
        f"{key}: {before.get(key, 'not set')} -> {after.get(key, 'not set')}{_shared(wording.in_base(key))}"
        for key in dict.fromkeys([*before, *after])
        if before.get(key, usual := _usual(key)) != after.get(key, usual)
    ]
    files, since = _digests(old), _digests(new)
    return [*changed, *(f"{name}: changed" for name in files if name in since and files[name] != since[name])]


def _usual(key: str) -> str | None:
    """What holds where nothing is said under a key that a design of points or the section `cover` may do without."""
    return _USUAL.get(_OF_POINTS.sub("points.", key))


def _shared(place: str) -> str:
    return f" ({place}, and so for each survey that is built on it)" if place else ""


def _said(canonical: Mapping[str, Any]) -> dict[str, Any]:
    """A survey without where it stands, and the digests of its files and runs, which say nothing to people."""
    return {key: value for key, value in canonical.items() if key not in (*_FILES, _RUNS, SURVEY_FILE)}


def _with_short_points(canonical: Mapping[str, Any], wording: Wording) -> dict[str, Any]:
    """A survey with `points: 50` for the design that this stands for, wherever the wording has no cells of it."""
    if not wording.keys:
        return dict(canonical)
    sampling, sources = canonical.get("sampling", {}), canonical.get("sources", [])
    return {
        **canonical,
        "sampling": _short(sampling, "sampling", wording),
        "sources": [_short(source, f"sources[{number}]", wording) for number, source in enumerate(sources, start=1)],
    }


def _short(section: Mapping[str, Any], path: str, wording: Wording) -> Mapping[str, Any]:
    """A section with the short form of its points, if there is one and none of what that stands for is written."""
    points = section.get("points", {})
    cells = points.get("cell_rows"), points.get("cell_columns")
    number = points.get("number_of_points")
    if None not in cells and points.get("points_per_cell") == 1 and cells_for(cells[0] * cells[1]) == cells:
        number = cells[0] * cells[1]
    is_long = any(key in points and f"{path}.points.{key}" in wording.keys for key in _STANDS_FOR)
    if is_long or number is None:
        return section
    others = {key: value for key, value in points.items() if key not in _STANDS_FOR}
    return {**section, "points": {**others, "points": number}}


def _digests(canonical: Mapping[str, Any]) -> dict[str, str]:
    files = {name: digest for key in _FILES for name, digest in canonical.get(key, {}).items()}
    return files | {f"the run {run}": digest for run, digest in canonical.get(_RUNS, {}).items()}


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Each value that holds no other key, as JSON, by its path; lists count items from 1, as people do."""
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from _leaves(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
        for number, part in enumerate(value, start=1):
            yield from _leaves(part, f"{path}[{number}]")
    else:
        yield path, json.dumps(value, ensure_ascii=False)


_USUAL: Final = dict(_leaves({"cover": NO_COVER, "points": USUAL_DESIGN}))
"""The defaults of those keys."""
