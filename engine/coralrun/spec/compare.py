"""What changed between two surveys, and whether it changes what is run.

Rule: surveys are compared in canonical form, which holds nothing that does not change what a run does: not the file's
name, not the order of keys, not `75s` against `1.25m`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from coralrun.spec.canonical import NO_COVER

SURVEY_FILE: Final = "survey_file"
"""The key of a survey that a run keeps which says where its file stands."""
_FILES: Final = ("files", "analysis_files")
"""The keys of a survey that hold the digests of the files that it reads."""
_SECTIONS_READ: Final = ("design", "cover", "analysis_files", SURVEY_FILE)
_OUTPUTS_RUN: Final = ("directory",)


def run_part(canonical: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a canonical form that says what is run: a run keeps to it, and may be re-analysed otherwise."""
    outputs = {key: value for key, value in canonical["outputs"].items() if key in _OUTPUTS_RUN}
    part = {key: value for key, value in canonical.items() if key not in _SECTIONS_READ}
    return {**part, "outputs": outputs}


def difference(
    old: Mapping[str, Any], new: Mapping[str, Any], in_base: Callable[[str], str] = lambda path: ""
) -> list[str]:
    """What changed between two resolved surveys, wherever they stand, a line each: `sampling.points.seed: 42 -> 43`. A
    default that is written out is no change.

    `in_base` says of a key of the new one where it stands in a base, if it does: other surveys may be built on that.
    """
    before, after, usual = (dict(_leaves(part)) for part in (_said(old), _said(new), {"cover": NO_COVER}))
    changed = [
        f"{key}: {before.get(key, 'not set')} -> {after.get(key, 'not set')}{_shared(in_base(key))}"
        for key in dict.fromkeys([*before, *after])
        if before.get(key, usual.get(key)) != after.get(key, usual.get(key))
    ]
    files, since = _digests(old), _digests(new)
    return [*changed, *(f"{name}: changed" for name in files if name in since and files[name] != since[name])]


def _shared(place: str) -> str:
    return f" ({place}, and so for each survey that is built on it)" if place else ""


def _said(canonical: Mapping[str, Any]) -> dict[str, Any]:
    """A survey without where it stands, and the digests of its files, which say nothing to people."""
    return {key: value for key, value in canonical.items() if key not in (*_FILES, SURVEY_FILE)}


def _digests(canonical: Mapping[str, Any]) -> dict[str, str]:
    return {name: digest for key in _FILES for name, digest in canonical.get(key, {}).items()}


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
