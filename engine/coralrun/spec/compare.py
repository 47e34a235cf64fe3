"""What changed between two surveys, and whether it changes what is run.

Rule: surveys are compared in canonical form, which holds nothing that does not change what a run does: not the file's
name, not the order of keys, not `75s` against `1.25m`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

SURVEY_FILE: Final = "survey_file"
"""The key of a survey that a run keeps which says where its file stands."""
_SECTIONS_READ: Final = ("design", "cover", "analysis_files", SURVEY_FILE)
_OUTPUTS_RUN: Final = ("directory",)


def run_part(canonical: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a canonical form that says what is run: a run keeps to it, and may be re-analysed otherwise."""
    outputs = {key: value for key, value in canonical["outputs"].items() if key in _OUTPUTS_RUN}
    part = {key: value for key, value in canonical.items() if key not in _SECTIONS_READ}
    return {**part, "outputs": outputs}


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What changed between two resolved surveys, a line each: `sampling.points.seed: 42 -> 43`."""
    before, after = dict(_leaves(_but_files(old))), dict(_leaves(_but_files(new)))
    changed = [
        f"{key}: {before.get(key, 'not set')} -> {after.get(key, 'not set')}"
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    ]
    files, since = old.get("files", {}), new.get("files", {})
    return [*changed, *(f"{name}: changed" for name in files if name in since and files[name] != since[name])]


def _but_files(canonical: Mapping[str, Any]) -> dict[str, Any]:
    """A survey without the digests of its files, which say nothing to people."""
    return {key: value for key, value in canonical.items() if key != "files"}


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
