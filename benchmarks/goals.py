"""What must hold, as data: the figures of the yardstick that a change may not make worse.

Rule: each goal names its group, its figure and its bound; the small ones are a test, all are part of `make bench`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .cases import Group, group
from .table import Row, rows_of


@dataclass(frozen=True, slots=True)
class Goal:
    """A group at which coralrun's makespan over the bound, and its requests a job or an hour, stay within limits."""

    group: Group
    most_ratio: float
    most_requests_a_job: float = float("inf")
    most_an_hour: int = 1_000

    def eased(self) -> Goal:
        """The same goal for few seeds, whose mean may lie a little off: a tenth more."""
        idle = max(0.0, self.most_ratio - 1.0)
        return replace(self, most_ratio=1.0 + 1.1 * idle, most_requests_a_job=1.1 * self.most_requests_a_job)

    def missed_by(self, row: Row) -> list[str]:
        """What is wrong with a row, in words; empty when the goal is met."""
        pairs = {
            "makespan / bound": (row.ratio, self.most_ratio),
            "requests a job": (row.requests_a_job, self.most_requests_a_job),
            "requests in an hour": (row.most_an_hour, self.most_an_hour),
            "429s caused": (row.throttled + row.no_slot, 0),
        }
        return [
            f"{row.group}: {name} {is_now:.3f}, not {most}" for name, (is_now, most) in pairs.items() if is_now > most
        ]


GOALS = (
    Goal(group("2-6 min", 6_000), most_ratio=1.06, most_requests_a_job=4.0),
    Goal(group("2-6 min, even counts", 6_000), most_ratio=1.03, most_requests_a_job=4.0),
    Goal(group("1-2 min", 6_000), most_ratio=1.03, most_requests_a_job=7.0),
    Goal(group("4-20 min", 6_000), most_ratio=1.03),
    Goal(group("grows with size", 671), most_ratio=1.0),
)


def missed(goals: Iterable[Goal] = GOALS) -> list[str]:
    """Which goals are missed, and by how much."""
    return [text for goal in goals for row in rows_of(goal.group, ["coralrun"]) for text in goal.missed_by(row)]


def of_growth(rows: Iterable[Row]) -> list[str]:
    """How 671 images do whose time grows with size, with pages and shared too, which the goal does not speak of."""
    ours = (row for row in rows if row.policy == "coralrun" and row.group.startswith("grows with size, 7 "))
    return [f"{row.group}: {row.ratio:.3f}" for row in ours]


def slower_than_fixed(rows: Iterable[Row]) -> list[str]:
    """The groups at which coralrun was slower than the fixed-patience loop, or broke a limit."""
    by_group: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_group.setdefault(row.group, {})[row.policy] = row
    found: list[str] = []
    for name, policies in by_group.items():
        ours, fixed = policies["coralrun"], policies["fixed 75 s loop"]
        if ours.ratio > fixed.ratio:
            found.append(f"{name}: {ours.ratio:.4f} x the bound, the fixed loop {fixed.ratio:.4f} x")
        if ours.most_an_hour > 1_000 or ours.most_a_minute > 60 or ours.throttled:
            found.append(f"{name}: {ours.most_a_minute} requests in a minute, {ours.most_an_hour} in an hour")
    return found
