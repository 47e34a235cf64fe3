"""What must hold, as data: the figures of the yardstick that a change may not make worse.

Rule: each goal names its group, its figures and their bounds; those of small surveys are a test, all are part of
`make bench`. A goal that cannot be met with the others is kept out of here and named in RESULTS.md's first lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .cases import CHANGING_SLOTS, GROWING, LARGE, SMALL, USUAL, Group, group
from .table import HINDSIGHT, NOTEBOOK, Row

CLOSE_TO_HINDSIGHT = 0.005
"""How much nearer to the bound the best loop of hindsight may be, at the same requests or fewer."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A group at which coralrun's makespan over the bound, and its fullest hour, stay within limits."""

    group: Group
    most_ratio: float = float("inf")
    most_an_hour: int = 1_000

    def eased(self) -> Goal:
        """The same goal for few seeds, whose mean may lie a little off: a fifth more idle time."""
        return replace(self, most_ratio=1.0 + 1.2 * max(0.0, self.most_ratio - 1.0))

    def missed_by(self, row: Row) -> list[str]:
        """What is wrong with a row, in words; empty when the goal is met."""
        pairs = {
            "makespan / bound": (row.ratio, self.most_ratio),
            "requests in an hour": (row.most_an_hour, self.most_an_hour),
        }
        return [
            f"{row.group}: {name} {is_now:.4f}, not {most}" for name, (is_now, most) in pairs.items() if is_now > most
        ]


GOALS = (
    Goal(group("1-2 min", USUAL), 1.033),
    Goal(group("2-6 min", USUAL), 1.024),
    Goal(group("4-20 min", USUAL), 1.008),
    Goal(group("heavy tail", USUAL), 1.016),
    Goal(group("production", USUAL), 1.003),
    Goal(group("2-6 min", USUAL, slots=(9,)), 1.024),
    Goal(group("2-6 min", USUAL, slots=CHANGING_SLOTS), 1.036),
    Goal(group(GROWING, SMALL), 1.0),
    Goal(group("1-2 min", LARGE, shared=True), 1.050, most_an_hour=750),
    Goal(group("1-2 min", LARGE), most_an_hour=800),
    Goal(group("heavy tail", LARGE), most_an_hour=800),
)


def missed(rows: Iterable[Row], goals: Iterable[Goal] = GOALS) -> list[str]:
    """Which goals the rows miss, and by how much."""
    ours = {row.group: row for row in rows if row.policy == "coralrun"}
    return [text for goal in goals if (row := ours.get(goal.group.name)) for text in goal.missed_by(row)]


def beaten(rows: Iterable[Row]) -> list[str]:
    """The groups at which coralrun is slower than the notebook, or than the loop of hindsight by more than is allowed,
    or was refused for the number of its requests."""
    found: list[str] = []
    for name, policies in by_group(rows).items():
        ours, notebook, hindsight = (policies.get(policy) for policy in ("coralrun", NOTEBOOK, HINDSIGHT))
        if ours is None:
            continue
        if notebook is not None and ours.ratio > notebook.ratio:
            found.append(f"{name}: {ours.ratio:.4f} x the bound, the notebook {notebook.ratio:.4f} x")
        if hindsight is not None and ours.ratio > hindsight.ratio + CLOSE_TO_HINDSIGHT:
            loop = f"a listing every {hindsight.interval_s:g} s"
            found.append(f"{name}: {ours.ratio:.4f} x the bound, {loop} {hindsight.ratio:.4f} x")
        if ours.throttled:
            found.append(f"{name}: {ours.throttled} requests refused")
    return found


def by_group(rows: Iterable[Row]) -> Mapping[str, Mapping[str, Row]]:
    """The rows by group and policy."""
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        found.setdefault(row.group, {})[row.policy] = row
    return found
