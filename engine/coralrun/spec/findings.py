"""What is wrong with a survey, by where in it: between the checks and the lines that a person reads.

Rule: one finding for one cause. Of several findings for the same value the one with the lowest rank is kept, and of a
credential nothing more is said than that it is one. A mapping is not asked for what it lacks while it holds keys that
do not go together: which of them is meant decides what is lacking.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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
        if finding.at_key and finding.rank in _DROPPED and place.file != root.place.file:
            message += f" (it comes from this base: write `{finding.path[-1]}: null` in {root.place.file} to drop it)"
        problems.append(Problem(place.file, place.line, place.column, message))
    return problems


def place_of(root: Node, path: Path, *, at_key: bool) -> Place:
    """Where a value stands, or its key; of an empty value always its key, because it has no place of its own."""
    node, key_place = root, root.place
    for step in path:
        parent = node
        if isinstance(step, int):
            assert isinstance(parent.value, list)  # noqa: S101 - paths come from the same tree
            node = parent.value[step]
            key_place = node.place
        else:
            assert isinstance(parent.value, dict)  # noqa: S101 - paths come from the same tree
            node = parent.value[step]
            key_place = parent.keys[step]
    return key_place if at_key or node.value is None else node.place
