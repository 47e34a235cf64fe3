"""What is wrong with a survey, by where in it: between the checks and the lines that a person reads.

Rule: one finding for one cause. Of several findings for the same value the one with the lowest rank is kept, and of a
credential nothing more is said than that it is one. A mapping is not asked for what it lacks while it holds keys that
do not go together: which of them is meant decides what is lacking.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Final

from coralrun.errors import Problem
from coralrun.spec.load import Node, Place

Path = tuple[str | int, ...]

RANK_CREDENTIAL: Final = 0
RANK_KIND: Final = 1
"""A value of the wrong kind, about which nothing else is worth saying."""
RANK_UNKNOWN: Final = 2
RANK_MISFIT: Final = 3
"""A key that does not go with another: such a pair may come from merging a base."""
RANK_LACKING: Final = 4
"""A mapping that lacks a key; what it has may be right."""
RANK_VALUE: Final = 5
RANK_RULE: Final = 6
_DROPPED: Final = frozenset({RANK_KIND, RANK_MISFIT})
"""A key too many: where a base has it, for others who need it, the survey drops it."""


_OTHER: Final = re.compile(r"does not go with `(\w+)`")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong at `path`; `at_key` if the key is at fault rather than its value.

    `about` tells findings at one path apart that have different causes (a mapping may lack two keys).
    """

    path: Path
    message: str
    at_key: bool = False
    rank: int = RANK_VALUE
    about: str = ""


def within(path: Path, section: Path) -> bool:
    """Whether a path is in a section, or is the section."""
    return path[: len(section)] == section


def one_per_cause(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without those that another one explains."""
    kept: dict[tuple[Path, str], Finding] = {}
    for finding in sorted(findings, key=lambda finding: finding.rank):
        kept.setdefault((finding.path, finding.about), finding)
    mismatched = {finding.path[:-1] for finding in kept.values() if finding.rank == RANK_MISFIT}
    credentials = [finding.path for finding in kept.values() if finding.rank == RANK_CREDENTIAL]
    return [
        finding
        for finding in kept.values()
        if finding.rank == RANK_CREDENTIAL or not any(within(finding.path, path) for path in credentials)
        if finding.rank != RANK_LACKING or finding.path not in mismatched
    ]


def located(findings: Iterable[Finding], root: Node) -> list[Problem]:
    """The findings as problems, each where its key or value was written."""
    problems = []
    for finding in findings:
        place = place_of(root, finding.path, at_key=finding.at_key)
        message = finding.message
        if finding.at_key and finding.rank in _DROPPED:
            message += _of_a_base(finding, place, root)
        problems.append(Problem(place.file, place.line, place.column, message))
    return problems


def _of_a_base(finding: Finding, place: Place, root: Node) -> str:
    """How the survey drops a key that is too many: its own, or the other one that this does not go with."""
    key, its = finding.path[-1], "it comes from this base"
    if place.file == root.place.file:
        other = _OTHER.search(finding.message)
        beside = None if other is None else reduce(_child, finding.path[:-1], root).keys.get(other[1])
        if other is None or beside is None or beside.file == root.place.file:
            return ""
        key, its = other[1], f"`{other[1]}` comes from {beside.file}:{beside.line}"
    return f" ({its}: write `{key}: null` in {root.place.file} to drop it)"


def place_of(root: Node, path: Path, *, at_key: bool) -> Place:
    """Where a value stands, or its key; of an empty value always its key, because it has no place of its own."""
    node, key_place = root, root.place
    for step in path:
        parent, node = node, _child(node, step)
        key_place = node.place if isinstance(step, int) else parent.keys[step]
    return key_place if at_key or node.value is None else node.place


def _child(parent: Node, step: str | int) -> Node:
    if isinstance(step, int):
        assert isinstance(parent.value, list)  # noqa: S101 - paths come from the same tree
        return parent.value[step]
    assert isinstance(parent.value, dict)  # noqa: S101 - paths come from the same tree
    return parent.value[step]
