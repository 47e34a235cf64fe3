"""The yardstick's figures, as rows, as a table and as JSON.

Rule: a row is a policy at a group of cases; everything in it is counted or in virtual time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import inf, isfinite
from statistics import fmean
from typing import Final

from . import engine, rivals
from .cases import Group
from .world import Case, Outcome

Policy = Callable[[Case], Outcome]

NOTEBOOK, HINDSIGHT = "notebook", "listing loop, best interval by hindsight"
POLICIES: Final[Mapping[str, Policy]] = {
    "coralrun": engine.coralrun,
    NOTEBOOK: rivals.notebook,
    "fixed 75 s loop": rivals.fixed_patience,
}
INTERVALS_S: Final = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60, 90, 120)
"""What the loop of hindsight chooses from, for each group the best that needs no more requests than coralrun."""


@dataclass(frozen=True, slots=True)
class Row:
    """One policy at one group: makespan over the bound, idle share of the slots, requests a job, 429s, and the rest.

    `lost` is the number of seeds in which coralrun was slower than this policy, `most_lost` by how much at most, in
    makespans of the bound. `interval_s` is that of a loop that chose one.
    """

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
    lost: int = 0
    most_lost: float = 0.0
    interval_s: float = 0.0


def rows_of(group: Group, policies: Iterable[str] = (*POLICIES, HINDSIGHT)) -> list[Row]:
    """Every policy on the same cases, coralrun first. Requests a job are by the jobs that full batches would be."""
    bounds = [rivals.bound(case).makespan_s for case in group.cases]
    ours = [engine.coralrun(case) for case in group.cases]
    rows = [_row(group, "coralrun", ours, ours, bounds)]
    for policy in policies:
        if policy == HINDSIGHT:
            interval_s, outcomes = _best_by_hindsight(group, ours, bounds)
            rows.append(_row(group, policy, outcomes, ours, bounds, interval_s))
        elif policy != "coralrun":
            rows.append(_row(group, policy, [POLICIES[policy](case) for case in group.cases], ours, bounds))
    return rows


def _best_by_hindsight(
    group: Group, ours: Sequence[Outcome], bounds: Sequence[float]
) -> tuple[float, Sequence[Outcome]]:
    """The listing loop at the interval that does best on all of these seeds with no more requests than coralrun."""
    most = sum(outcome.requests for outcome in ours)
    tried: list[tuple[float, float, Sequence[Outcome]]] = []
    for interval_s in reversed(INTERVALS_S):
        outcomes = [rivals.listing_every(interval_s)(case) for case in group.cases]
        if tried and sum(outcome.requests for outcome in outcomes) > most:
            break
        ratio = fmean(outcome.makespan_s / bound for outcome, bound in zip(outcomes, bounds, strict=True))
        tried.append((ratio, interval_s, outcomes))
    best = min(tried, key=lambda one: one[0])
    return best[1:]


def _row(
    group: Group,
    policy: str,
    outcomes: Sequence[Outcome],
    ours: Sequence[Outcome],
    bounds: Sequence[float],
    interval_s: float = 0.0,
) -> Row:
    ratios = [outcome.makespan_s / bound for outcome, bound in zip(outcomes, bounds, strict=True)]
    losses = [
        (own.makespan_s - outcome.makespan_s) / bound
        for own, outcome, bound in zip(ours, outcomes, bounds, strict=True)
    ]
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
        lost=sum(loss > 0 for loss in losses),
        most_lost=max(0.0, *losses),
        interval_s=interval_s,
    )


HEADS = (
    "server, survey",
    "policy",
    "makespan / bound",
    "worst",
    "coralrun slower in",
    "by at most",
    "idle",
    "requests a job",
    "429 rate",
    "429 slot",
    "most an hour",
    "jobs",
)


def to_markdown(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [f"| {' | '.join(HEADS)} |", f"|{'---|' * 2}{'---:|' * (len(HEADS) - 2)}"]
    lines += [
        f"| {row.group} | {_policy(row)} | {_ratio(row.ratio, 4)} | {_ratio(row.worst_ratio, 3)} | {_seeds(row)} |"
        f" {f'{row.most_lost:.1%}' if row.lost else ''} | {row.idle_share:.1%} | {row.requests_a_job:.2f} |"
        f" {row.throttled} | {row.no_slot} | {row.most_an_hour} | {row.jobs:.0f} |"
        for row in rows
    ]
    return "\n".join(lines)


def _ratio(ratio: float, digits: int) -> str:
    return f"{ratio:.{digits}f}" if isfinite(ratio) else "never ends"


def _policy(row: Row) -> str:
    return f"listing every {row.interval_s:g} s" if row.interval_s else row.policy


def _seeds(row: Row) -> str:
    return "" if row.policy == "coralrun" else f"{row.lost} seeds" if row.lost != 1 else "1 seed"


def to_json(rows: Iterable[Row]) -> list[dict[str, object]]:
    """The rows as plain values; a ratio of a policy that never ends is None."""
    return [{name: None if value == inf else value for name, value in asdict(row).items()} for row in rows]
