"""A journal knows every attempt that it made: what else has its marks was sent by another copy of the run."""

from __future__ import annotations

import pytest
from tests.unit.states import state_of

from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.durable import Durable
from coralrun.machine.fact_fields import RefusedWhy
from coralrun.machine.lineage import may_be_own
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Size

AT = "2026-01-01T00:00:00Z"
SIZE = Size(90, 60)


def intended(batch: int, attempt: int) -> facts.Intended:
    return facts.Intended.of(AT, batch, attempt, 1, "0", (), (SIZE,))


def cut_again(batch: int, attempt: int) -> facts.Refused:
    return facts.Refused(AT, batch, attempt, RefusedWhy.NEVER_ARRIVED)


def state_after(*happened: facts.Fact) -> Durable:
    state = state_of(9)
    for fact in happened:
        apply(state, fact)
    return state


def collected(batch: int, job: str, attempt: int = 1) -> list[facts.Fact]:
    return [
        facts.Batched.of(batch, (batch - 1,)),
        intended(batch, attempt),
        facts.Submitted(AT, batch, attempt, job),
        facts.Collected(AT, batch, attempt, job, "0" * 64, ok=1),
    ]


def own(state: Durable, batch: int, attempt: int, job: str) -> bool:
    return may_be_own(state, batch=batch, attempt=attempt, job=job)


def test_a_job_that_the_journal_has_is_its_own() -> None:
    assert own(state_after(*collected(1, "71")), 1, 1, "71")


def test_a_batch_that_was_never_cut_here_is_another_copys() -> None:
    state = state_after(*collected(1, "71"))
    assert not own(state, 2, 1, "72")
    assert not own(state_of(9), 1, 1, "71")


def test_an_open_intent_whose_reply_was_lost_may_be_any_job() -> None:
    state = state_after(*collected(1, "71"), facts.Batched.of(2, (1,)), intended(2, 1))
    assert own(state, 2, 1, "72")
    assert not own(state, 2, 2, "72")


def test_a_batch_that_was_cut_and_never_sent_cannot_be_a_job() -> None:
    state = state_after(facts.Batched.of(1, (0,)))
    assert not own(state, 1, 1, "71")


def test_what_was_taken_for_lost_may_have_arrived_all_the_same() -> None:
    lost: list[facts.Fact] = [facts.Batched.of(1, (0,)), intended(1, 1), cut_again(1, 1)]
    assert own(state_after(*lost), 1, 1, "71")
    again = [*lost, intended(1, 2)]
    assert own(state_after(*again), 1, 1, "71")
    sent = [*again, facts.Submitted(AT, 1, 2, "72")]
    assert own(state_after(*sent), 1, 1, "71")
    assert own(state_after(*sent, facts.Collected(AT, 1, 2, "72", "0" * 64, ok=1)), 1, 1, "71")


@pytest.mark.parametrize("over", [False, True])
def test_the_attempt_of_a_known_job_as_another_job_is_another_copys(over: bool) -> None:
    state = state_after(*collected(1, "71")[: 4 if over else 3])
    assert not own(state, 1, 1, "75")
    assert not own(state, 1, 2, "75")


def test_a_batch_that_is_forgotten_cannot_be_told() -> None:
    refused = facts.Refused(AT, 1, 1, RefusedWhy.BAD_ENTRY, {0: Reason.BAD_URL})
    state = state_after(facts.Batched.of(1, (0,)), intended(1, 1), refused)
    assert state.batch_of(1) is None
    assert own(state, 1, 1, "71")
