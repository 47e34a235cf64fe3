"""The yardstick's figures, as rows, as a table and as JSON.

Rule: a row is a policy at a group of cases; everything in it is counted or in virtual time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Final

from . import engine, rivals
from .cases import Group
from .world import Case, Outcome

Policy = Callable[[Case], Outcome]

POLICIES: Final[Mapping[str, Policy]] = {
    "coralrun": engine.coralrun,
    "fixed 75 s loop": rivals.fixed_patience,
    "one at a time": rivals.one_at_a_time,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One policy at one group: makespan over the bound, idle share of the slots, requests a job, 429s, and the rest."""

    group: str
    policy: str
    ratio: float
    worst_ratio: float
    idle_share: float
    requests_a_job: float
    throttled: int
    no_slot: int
    most_a_minute: int
    most_an_hour: int
    jobs: float
    facts_a_job: float


def rows_of(group: Group, policies: Iterable[str] = POLICIES) -> list[Row]:
    """Every policy on the same cases. Requests a job are by the jobs that full batches would be."""
    bounds = [rivals.bound(case).makespan_s for case in group.cases]
    return [_row(group, policy, [POLICIES[policy](case) for case in group.cases], bounds) for policy in policies]


def _row(group: Group, policy: str, outcomes: list[Outcome], bounds: list[float]) -> Row:
    ratios = [outcome.makespan_s / bound for outcome, bound in zip(outcomes, bounds, strict=True)]
    pairs = list(zip(outcomes, group.cases, strict=True))
    return Row(
        group=group.name,
        policy=policy,
        ratio=fmean(ratios),
        worst_ratio=max(ratios),
        idle_share=fmean(outcome.idle_share for outcome in outcomes),
        requests_a_job=fmean(outcome.requests / case.jobs for outcome, case in pairs),
        throttled=sum(outcome.throttled for outcome in outcomes),
        no_slot=sum(outcome.no_slot for outcome in outcomes),
        most_a_minute=max(outcome.most_a_minute for outcome in outcomes),
        most_an_hour=max(outcome.most_an_hour for outcome in outcomes),
        jobs=fmean(outcome.jobs for outcome in outcomes),
        facts_a_job=fmean(outcome.facts / outcome.jobs for outcome in outcomes),
    )


HEADS = (
    "server, survey",
    "policy",
    "makespan / bound",
    "worst",
    "idle",
    "requests a job",
    "429 rate",
    "429 slot",
    "most a minute",
    "most an hour",
    "jobs",
)


def to_markdown(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [f"| {' | '.join(HEADS)} |", f"|{'---|' * 2}{'---:|' * (len(HEADS) - 2)}"]
    lines += [
        f"| {row.group} | {row.policy} | {row.ratio:.3f} | {row.worst_ratio:.3f} | {row.idle_share:.1%} |"
        f" {row.requests_a_job:.2f} | {row.throttled} | {row.no_slot} | {row.most_a_minute} | {row.most_an_hour} |"
        f" {row.jobs:.0f} |"
        for row in rows
    ]
    return "\n".join(lines)


def to_json(rows: Iterable[Row]) -> list[dict[str, object]]:
    """The rows as plain values."""
    return [asdict(row) for row in rows]
