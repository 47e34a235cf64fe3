"""What the engine decides and learns while it submits: intents, lost replies, refusals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coralrun import limits
from coralrun.coralnet import protocol
from coralrun.machine import effects, facts, notes, outcomes, policy
from coralrun.machine.batches import Phase
from coralrun.machine.fact_fields import PauseWhy, RefusedWhy
from coralrun.machine.outcomes import Refusal, Trouble, TroubleKind
from coralrun.machine.reasons import Reason
from coralrun.machine.volatile import Volatile

from .by_hand import AT, BY_MARKER, SIZE, Engine, intended, listed, lost, submitted


def test_the_first_question_is_how_many_slots_are_free() -> None:
    assert Engine().decide().effects == (effects.List(),)


def test_the_intent_tells_what_the_account_had_before_it() -> None:
    engine = intended()
    (intent,) = (fact for fact in engine.happened if isinstance(fact, facts.Intended))
    assert (intent.marker, intent.done_before, intent.entries) == ("at 6", (), 2)
    assert engine.submit() == effects.Submit(1, 1, (0, 1), (SIZE, SIZE))


def test_a_lost_reply_is_waited_out_in_full_before_anything_is_asked_or_sent() -> None:
    engine = lost()
    engine.sleeps(protocol.SETTLE_S - 0.1)
    assert engine.decide().effects == ()
    assert any("reply was lost" in why for why in engine.waits())
    engine.sleeps(0.2)
    assert engine.decide().effects == (BY_MARKER,)


def test_a_restart_begins_the_settle_wait_anew() -> None:
    engine = lost()
    engine.sleeps(protocol.SETTLE_S - 1)
    engine.state.volatile = Volatile(engine.now)
    engine.sleeps(protocol.SETTLE_S - 1)
    assert engine.decide().effects == ()
    engine.sleeps(1.1)
    assert engine.decide().effects == (BY_MARKER,)


def test_a_listing_from_before_the_settle_wait_ended_proves_nothing() -> None:
    engine = lost()
    engine.hears(BY_MARKER, listed(finished=("6",)))
    engine.sleeps(protocol.SETTLE_S + 1)
    assert engine.decide().effects == (BY_MARKER,)
    engine.does(BY_MARKER, listed(finished=("6",)))
    assert engine.decide().effects == (effects.Dismiss(1, 1),)


@pytest.mark.parametrize(("conclusive", "judged"), [(True, effects.Dismiss(1, 1)), (False, effects.Doubt(1, 1))])
def test_that_there_is_no_job_is_believed_of_a_list_alone_that_cannot_lack_one(
    conclusive: bool, judged: effects.Effect
) -> None:
    engine = lost()
    engine.sleeps(protocol.SETTLE_S + 1)
    engine.does(BY_MARKER, listed(conclusive=conclusive))
    assert engine.decide().effects == (judged,)
    engine.books()
    assert engine.state.durable.doubts == ([] if conclusive else [(1, 1)])


def test_a_listing_that_was_not_asked_for_by_the_intents_marker_tells_nothing_of_it() -> None:
    engine = lost()
    engine.sleeps(protocol.SETTLE_S + 1)
    engine.hears(effects.List(), listed())
    assert engine.decide().effects == (BY_MARKER,)


def test_a_lost_batch_that_is_found_is_adopted_and_its_urls_are_used_up() -> None:
    engine = intended()
    engine.state.volatile.ready[0] = notes.Ready(SIZE, None)
    engine.does(engine.submit(), outcomes.Unknown())
    engine.sleeps(protocol.SETTLE_S + 1)
    engine.does(BY_MARKER, listed(finished=("9", "6")))
    engine.does(effects.Identify(1, 1, "9"), outcomes.Recognised(ours=True))
    engine.books()
    assert engine.happened[-1] == facts.Submitted(AT, 1, 1, "9", adopted=True)
    assert engine.state.volatile.ready == {}
    assert engine.decide().effects == (effects.Collect(1, 1, "9", (0, 1), (SIZE, SIZE)),)


def test_a_candidate_whose_result_is_never_readable_becomes_a_doubt() -> None:
    engine = lost()
    engine.sleeps(protocol.SETTLE_S + 1)
    engine.does(BY_MARKER, listed(finished=("9", "6")))
    for _ in range(policy.UNREADABLE_TRIES):
        engine.hears(BY_MARKER, listed(finished=("9", "6")))
        engine.sleeps(1000)
        engine.does(effects.Identify(1, 1, "9"), Trouble(TroubleKind.NOT_UNDERSTOOD))
    assert engine.decide().effects == (effects.Doubt(1, 1),)
    engine.books()
    assert engine.state.durable.doubts == [(1, 1)]


def test_a_job_of_our_size_that_is_done_and_never_gives_its_result_becomes_a_doubt() -> None:
    engine = lost()
    engine.sleeps(protocol.SETTLE_S + 1)
    engine.does(BY_MARKER, listed(active=("9",)))
    engine.does(effects.Look("9"), outcomes.JobDone())
    for _ in range(int(limits.STUCK_S / 75) + 2):
        engine.sleeps(75)
        if effects.Identify(1, 1, "9") in engine.decide().effects:
            engine.does(effects.Identify(1, 1, "9"), outcomes.NotReady())
    assert engine.decide().effects == (effects.Doubt(1, 1),)


def test_a_job_that_was_given_up_is_no_proof_that_the_list_reaches_back() -> None:
    engine = submitted(images=4)
    engine.hears(effects.Look("7"), outcomes.Missing())
    assert engine.state.durable.closed[-1].sha256 == ""
    engine.hears(effects.List(), listed())
    engine.books()
    (_, intent) = (fact for fact in engine.happened if isinstance(fact, facts.Intended))
    assert intent.done_before == ()


@pytest.mark.parametrize(
    ("refusal", "recorded", "paused"),
    [
        (Refusal.NO_SLOT, RefusedWhy.NO_SLOT, None),
        (Refusal.THROTTLED, RefusedWhy.THROTTLED, None),
        (Refusal.BAD_REQUEST, RefusedWhy.STOPPED, PauseWhy.NOT_UNDERSTOOD),
        (Refusal.NO_CLASSIFIER, RefusedWhy.STOPPED, PauseWhy.NO_CLASSIFIER),
        (Refusal.CREDENTIALS, RefusedWhy.STOPPED, PauseWhy.CREDENTIALS),
    ],
)
def test_a_refusal_leaves_the_batch_to_be_sent_again(
    refusal: Refusal, recorded: RefusedWhy, paused: PauseWhy | None
) -> None:
    engine = intended()
    engine.does(engine.submit(), outcomes.Refused(refusal, "text"))
    assert facts.Refused(AT, 1, 1, recorded) in engine.happened
    batch = engine.state.durable.open
    assert batch is not None
    assert batch.phase is Phase.CUT
    assert engine.state.durable.tries == {}
    pause = engine.state.durable.paused
    assert (pause.why if pause else None) == paused


def test_an_entry_that_the_service_names_takes_its_image_out_and_no_other() -> None:
    engine = Engine(3, batch_size=3)
    engine.state.setup = replace(engine.state.setup, entries=(2, 3, 1))
    engine.does(effects.List(), listed())
    engine.books()
    engine.does(engine.submit(), outcomes.Refused(Refusal.BAD_ENTRY, entry=4))
    assert engine.state.durable.ended == {1: Reason.REJECTED}
    engine.books()
    assert engine.submit() == effects.Submit(1, 2, (0, 2), (SIZE, SIZE))


def test_a_service_that_asks_for_silence_is_asked_nothing_until_then() -> None:
    engine = Engine()
    engine.does(effects.List(), Trouble(TroubleKind.THROTTLED, wait_s=603))
    engine.sleeps(602)
    assert engine.decide().effects == ()
    assert "the pause that the service asked for" in engine.waits()
    engine.sleeps(2)
    assert engine.decide().effects == (effects.List(),)


@pytest.mark.parametrize("asked_s", [None, 0.0, -5.0, float("nan"), float("inf")])
def test_a_silence_that_makes_no_sense_is_a_minute(asked_s: float | None) -> None:
    assert policy.throttled_s(asked_s) == limits.THROTTLED_DEFAULT_S


def test_a_silence_longer_than_any_window_is_cut_to_an_hour() -> None:
    assert policy.throttled_s(1e12) == limits.THROTTLED_MOST_S


def test_a_job_id_that_the_run_already_has_counts_as_a_lost_reply() -> None:
    engine = submitted(images=4)
    engine.books()
    engine.does(engine.submit(), outcomes.Accepted("7"))
    assert len(engine.state.durable.jobs) == 1
    assert engine.state.durable.open is not None
    assert engine.state.volatile.unsettled_s == engine.now
