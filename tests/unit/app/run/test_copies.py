"""A run that was copied while it ran is noticed at the next start, and nothing that others do stops one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from platform import node
from typing import cast

import pytest
from tests.unit.states import state_of

from coralrun.app.run.copies import check_only_copy, other_host_lines
from coralrun.errors import LockedError
from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.durable import Durable
from coralrun.machine.outcomes import Listed, Missing, NotReady, Trouble, TroubleKind
from coralrun.planning.images import Size
from coralrun.ports import Answer, AnsweredEntry, Service
from coralrun.store.lock import Owner

AT = "2026-01-01T00:00:00Z"
NOW = datetime(2026, 1, 3, tzinfo=UTC)
RUN = "3f9c2a17b0"
ROOT = Path("runs/moorea")
Reply = Answer | Missing | NotReady | Trouble


@dataclass
class Account:
    """An account's finished jobs with their replies, and which of them were asked for."""

    replies: Mapping[str, Reply]
    asked: list[str] = field(default_factory=list)
    away: bool = False

    def listing(self) -> Listed | Trouble:
        if self.away:
            return Trouble(TroubleKind.UNREACHABLE)
        return Listed((), tuple(self.replies), 5)

    def fetch(self, job: str) -> Reply:
        self.asked.append(job)
        return self.replies[job]


def result(*marks: str) -> Answer:
    return Answer(tuple(AnsweredEntry(mark, (), None) for mark in marks), b"")


def the_run() -> Durable:
    """Batch 1 is job 71; the reply to batch 2 was lost."""
    state = state_of(3)
    for fact in (
        facts.Batched.of(1, (0,)),
        facts.Intended.of(AT, 1, 1, 1, "0", (), (Size(9, 9),)),
        facts.Submitted(AT, 1, 1, "71"),
        facts.Batched.of(2, (1,)),
        facts.Intended.of(AT, 2, 1, 1, "71", (), (Size(9, 9),)),
    ):
        apply(state, fact)
    return state


def check(account: Account) -> None:
    check_only_copy(ROOT, RUN, the_run(), cast(Service, account))


def test_a_job_that_only_another_copy_can_have_sent_stops_the_run_with_what_to_do() -> None:
    account = Account({"73": result(f"{RUN}.3.1.0", f"{RUN}.3.1.1"), "71": result(f"{RUN}.1.1.0")})
    with pytest.raises(LockedError) as stopped:
        check(account)
    assert stopped.value.message == (
        "runs/moorea: another copy of this run was carried on: job 73 of the account is batch 3 of this run, and this "
        "directory did not send it"
    )
    assert stopped.value.remedy == (
        "Go on with the other copy and delete this one, which would send the same images again. If the other is lost: "
        "coralrun resume runs/moorea --only-copy"
    )
    assert stopped.value.exit_code == 4


def test_the_job_of_a_lost_reply_is_the_runs_own() -> None:
    check(Account({"72": result(f"{RUN}.2.1.0"), "71": result(f"{RUN}.1.1.0")}))


def test_jobs_of_others_never_stop_a_run() -> None:
    others = ("another0run.9.1.0", f"{RUN}0.9.1.0", f"x{RUN}.9.1.0", f"{RUN}.9", f"{RUN}.a.1.0", "", f"{RUN}.9.1.0\n")
    check(Account({f"8{number}": result(mark) for number, mark in enumerate(others)}))


def test_jobs_that_the_journal_has_are_not_asked_for() -> None:
    account = Account({"72": result("other.1.1.0"), "71": result(f"{RUN}.1.1.0")})
    check(account)
    assert account.asked == ["72"]


def test_what_cannot_be_known_stops_nothing() -> None:
    check(Account({}, away=True))
    check(Account({"90": Missing(), "91": NotReady(), "92": Trouble(TroubleKind.UNREACHABLE), "93": result()}))


def test_another_computer_that_worked_on_the_run_not_long_ago_is_said() -> None:
    assert other_host_lines(Owner(4711, "bobs-laptop", "2026-01-02T10:00:00Z"), NOW) == [
        "warning: bobs-laptop worked on this run (process 4711, since 2026-01-02T10:00:00Z): if it still does, or has "
        "a copy of it, stop one of the two"
    ]


@pytest.mark.parametrize(
    "earlier",
    [
        None,
        Owner(1, node(), "2026-01-02T10:00:00Z"),
        Owner(1, f"{node().partition('.')[0].upper()}.lan", "2026-01-02T10:00:00Z"),
        Owner(1, "elsewhere", "2025-12-01T10:00:00Z"),
        Owner(1, "elsewhere", "yesterday"),
    ],
)
def test_a_run_that_was_last_held_here_or_long_ago_is_not_warned_of(earlier: Owner | None) -> None:
    assert other_host_lines(earlier, NOW) == []
