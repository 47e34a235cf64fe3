"""How a batch whose reply never came is told from what else the account's jobs are."""

from __future__ import annotations

import pytest

from coralrun.coralnet import protocol
from coralrun.machine import effects, facts, look, notes, outcomes, volatile
from coralrun.machine.apply import apply
from coralrun.machine.interpret import interpret
from coralrun.machine.notes import Channel
from coralrun.machine.outcomes import Listed, Trouble, TroubleKind
from coralrun.machine.settle import unsent
from coralrun.machine.state import Instant
from coralrun.machine.volatile import Volatile

from .by_hand import AT, BY_MARKER, DAY_S, SIZE, Engine, intended, listed, lost

PATIENCE_S = 75


def settled(seen: Listed) -> Engine:
    """A batch without a reply, and what the listing after the settle wait shows."""
    engine = lost()
    engine.sleeps(protocol.SETTLE_S + 1)
    engine.does(BY_MARKER, seen)
    return engine


def test_a_candidate_whose_result_is_not_there_yet_is_asked_again_after_a_while() -> None:
    engine = settled(listed(finished=("9", "6")))
    engine.does(effects.Identify(1, 1, "9"), outcomes.NotReady())
    assert engine.decide().effects == ()
    assert "job 9, which may be batch 1, to give its result" in engine.waits()
    engine.sleeps(PATIENCE_S)
    assert engine.decide().effects == (effects.Identify(1, 1, "9"),)


def test_a_submission_that_is_on_its_way_is_not_sent_again() -> None:
    engine = intended()
    submit = engine.submit()
    volatile.observe(engine.state.volatile, notes.Started(submit), engine.now)
    assert not any(isinstance(effect, effects.Submit) for effect in engine.decide().effects)


def test_an_active_job_of_another_size_is_another_clients() -> None:
    engine = settled(listed(active=("9",), finished=("6",)))
    engine.does(effects.Look("9"), outcomes.Progress(0, 0, 5))
    assert engine.decide().effects == (effects.Dismiss(1, 1),)


def test_an_active_job_of_our_size_is_looked_at_now_and_then_until_it_has_finished() -> None:
    engine = settled(listed(active=("9",), finished=("6",)))
    engine.does(effects.Look("9"), outcomes.Progress(0, 0, 2))
    assert engine.decide().effects == ()
    assert "job 9, which may be batch 1, to finish" in engine.waits()
    engine.sleeps(1000)
    engine.hears(BY_MARKER, listed(active=("9",), finished=("6",)))
    engine.does(effects.Look("9"), outcomes.JobDone())
    engine.hears(BY_MARKER, listed(active=("9",), finished=("6",)))
    assert engine.decide().effects == ()
    engine.sleeps(PATIENCE_S)
    engine.hears(BY_MARKER, listed(active=("9",), finished=("6",)))
    assert engine.decide().effects == (effects.Identify(1, 1, "9"),)


def test_a_job_of_our_size_that_stands_still_for_a_day_is_a_doubt() -> None:
    engine = settled(listed(active=("9",), finished=("6",)))
    engine.does(effects.Look("9"), outcomes.Progress(1, 0, 2))
    engine.sleeps(DAY_S)
    engine.hears(effects.Look("9"), outcomes.Progress(1, 0, 2))
    assert engine.decide().effects == (effects.Doubt(1, 1),)


def test_jobs_of_our_size_that_stand_still_take_turns_within_one_day() -> None:
    seen = listed(active=("9", "10"), finished=("6",))
    engine = settled(seen)
    for job in ("9", "10"):
        engine.does(effects.Look(job), outcomes.Progress(0, 0, 2))
    engine.sleeps(600)
    engine.hears(BY_MARKER, seen)
    for job in ("9", "10"):  # both have gone on since, and stand still from then on
        engine.does(effects.Look(job), outcomes.Progress(1, 0, 2))
    assert engine.decide().effects == ()
    engine.sleeps(DAY_S)
    for job in ("9", "10"):
        engine.hears(BY_MARKER, seen)
        engine.does(effects.Look(job), outcomes.Progress(1, 0, 2))
    assert engine.decide().effects == (effects.Doubt(1, 1),)


@pytest.mark.parametrize("outcome", [outcomes.Missing(), outcomes.Mismatch("another batch")])
def test_a_finished_candidate_that_can_no_longer_be_read_is_a_doubt(outcome: outcomes.Outcome) -> None:
    engine = settled(listed(finished=("9", "6")))
    engine.does(effects.Identify(1, 1, "9"), outcome)
    assert engine.decide().effects == (effects.Doubt(1, 1),)


def test_an_active_candidate_that_is_gone_when_it_is_looked_at_is_a_doubt() -> None:
    engine = settled(listed(active=("9",), finished=("6",)))
    engine.does(effects.Look("9"), outcomes.Missing())
    assert engine.decide().effects == (effects.Doubt(1, 1),)


@pytest.mark.parametrize(
    ("seen", "question"),
    [(listed(active=("9",)), effects.Look("9")), (listed(finished=("9", "6")), effects.Identify(1, 1, "9"))],
    ids=["looking", "identifying"],
)
def test_a_service_that_is_away_while_a_candidate_is_examined_is_asked_again_later(
    seen: Listed, question: effects.Effect
) -> None:
    engine = settled(seen)
    engine.does(question, Trouble(TroubleKind.UNREACHABLE))
    assert engine.decide().effects == ()
    engine.now = engine.state.volatile.outages[Channel.API].retry_at_s
    assert engine.decide().effects == (question,)


def test_an_account_without_slots_has_no_list_to_look_in_so_it_is_waited_for() -> None:
    engine = settled(listed(max_active=0))
    assert engine.decide().effects == ()
    assert "the service takes no job now, and so nothing tells of the lost batch" in engine.waits()
    engine.now = look.next_look(engine.state, engine.now).at_s
    engine.does(BY_MARKER, listed(finished=("6",)))
    assert engine.decide().effects == (effects.Dismiss(1, 1),)


def test_only_an_intent_that_this_process_has_handed_to_nobody_is_unsent() -> None:
    assert unsent(Engine().state) is None
    engine = intended()
    submit = engine.submit()
    assert unsent(engine.state) == submit
    engine.state.volatile.in_flight[submit] = engine.now
    assert unsent(engine.state) is None
    assert unsent(lost().state) is None


def test_a_batch_whose_units_were_withdrawn_meanwhile_is_adopted_with_its_entries() -> None:
    engine = Engine(images=2)
    state = engine.state.durable
    apply(state, facts.Planned(AT, 2, "1" * 64, 4, ((0, 3),)))
    apply(state, facts.Batched.of(1, (2, 3)))
    apply(state, facts.Intended.of(AT, 1, 1, 5, "6", (), (SIZE, SIZE)))
    apply(state, facts.Planned(AT, 3, "2" * 64, 4, ((0, 1),)))
    found = interpret(engine.state, effects.Adopt(1, 1, "9"), outcomes.Done(), Instant(0.0, AT))
    assert found.facts == (facts.Submitted(AT, 1, 1, "9", adopted=True),)
    assert notes.JobStarted("9", 5, whole=False) in found.notes


def test_a_batch_found_by_the_next_process_is_adopted_all_the_same() -> None:
    engine = lost()
    engine.state.volatile = Volatile(engine.now)
    engine.sleeps(protocol.SETTLE_S)
    engine.does(BY_MARKER, listed(finished=("9", "6")))
    engine.does(effects.Identify(1, 1, "9"), outcomes.Recognised(ours=True))
    engine.books()
    assert engine.happened[-1] == facts.Submitted(AT, 1, 1, "9", adopted=True)
    assert engine.decide().effects == (effects.Collect(1, 1, "9", (0, 1), (SIZE, SIZE)),)
