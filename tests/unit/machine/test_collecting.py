"""What becomes of a batch when its result is asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coralrun.coralnet.protocol import LIMITS
from coralrun.machine import effects, facts, notes, outcomes, policy, volatile
from coralrun.machine.fact_fields import PauseWhy
from coralrun.machine.notes import Channel
from coralrun.machine.outcomes import Trouble, TroubleKind
from coralrun.machine.reasons import Reason
from coralrun.machine.state import State
from coralrun.machine.volatile import Volatile

from .by_hand import AT, SIZE, Engine, listed, submitted

COLLECT = effects.Collect(1, 1, "7", (0, 1), (SIZE, SIZE))


def finished() -> Engine:
    """A batch whose job is over, as the last listing told."""
    engine = submitted()
    engine.sleeps(80)
    engine.does(effects.List(), listed(finished=("7", "6")))
    return engine


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [(outcomes.Missing(), Reason.JOB_LOST), (outcomes.Mismatch("another batch"), Reason.REPLY_MISMATCH)],
    ids=["gone", "another's"],
)
def test_a_result_that_is_gone_or_another_ones_gives_its_images_another_try(
    outcome: outcomes.Outcome, reason: Reason
) -> None:
    engine = finished()
    engine.does(COLLECT, outcome)
    assert engine.happened[-1] == facts.GaveUp(AT, 1, 1, "7", reason, {}, {0: reason, 1: reason})
    assert list(engine.state.durable.again) == [0, 1]


@pytest.mark.parametrize(("reason", "tries"), [(Reason.NOT_LABELLED_YET, {}), (Reason.DOWNLOAD_BROKEN, {1: 1})])
def test_what_the_service_is_not_done_with_is_no_try_whatever_a_survey_allows(
    reason: Reason, tries: dict[int, int]
) -> None:
    engine = finished()
    engine.does(COLLECT, outcomes.Collected("0" * 64, 1, {}, {1: reason}))
    assert engine.state.durable.tries == tries
    assert policy.is_again(reason, tries=9, attempts=1) is (not tries)


def test_a_job_that_ended_with_its_service_is_no_try_of_its_images() -> None:
    engine = finished()
    setup = replace(engine.state.setup, attempts=1, allowed=replace(LIMITS, ends_with_process=True))
    engine.state = State(setup, engine.state.durable, engine.state.volatile)
    engine.does(COLLECT, outcomes.Missing())
    why = Reason.SERVICE_ENDED
    assert engine.happened[-1] == facts.GaveUp(AT, 1, 1, "7", why, {}, {0: why, 1: why})
    assert engine.state.durable.tries == {}
    assert list(engine.state.waiting_resting(engine.now)) == [], "they need no rest"


def test_a_result_that_is_never_readable_is_given_up_after_some_tries() -> None:
    engine = finished()
    for _ in range(policy.UNREADABLE_TRIES):
        engine.now = max((outage.retry_at_s for outage in engine.state.volatile.outages.values()), default=engine.now)
        engine.sleeps(75)
        engine.hears(effects.List(), listed(finished=("7", "6")))
        engine.does(COLLECT, Trouble(TroubleKind.NOT_UNDERSTOOD))
    assert engine.decide().effects == (effects.GiveUp(1, 1, "7", Reason.REPLY_MISMATCH),)


def test_a_job_that_is_listed_as_finished_and_has_no_result_is_asked_how_far_it_is() -> None:
    engine = finished()
    engine.does(COLLECT, outcomes.NotReady())
    engine.hears(effects.List(), listed(finished=("7", "6")))
    assert engine.decide().effects == ()
    assert "job 7" in engine.waits()
    engine.sleeps(75)
    engine.hears(effects.List(), listed(finished=("7", "6")))
    engine.does(effects.Look("7"), outcomes.JobDone())
    assert engine.decide().effects == (COLLECT,)


def test_a_result_that_did_not_come_is_asked_for_again_after_a_while() -> None:
    engine = finished()
    engine.does(COLLECT, Trouble(TroubleKind.UNREACHABLE))
    engine.now = engine.state.volatile.outages[Channel.RESULTS].retry_at_s
    engine.hears(effects.List(), listed(finished=("7", "6")))
    assert engine.decide().effects == ()
    assert "the result of job 7" in engine.waits()
    engine.sleeps(75)
    engine.hears(effects.List(), listed(finished=("7", "6")))
    assert engine.decide().effects == (COLLECT,)


def test_a_result_that_comes_after_its_job_was_given_up_teaches_nothing() -> None:
    engine = finished()
    engine.hears(effects.Look("7"), outcomes.Missing())
    consequences = engine.hears(COLLECT, outcomes.Collected("d", 2, {}, {}))
    assert consequences.facts == ()
    assert engine.state.durable.succeeded == 0


def test_a_job_that_another_process_began_leaves_no_length_of_time() -> None:
    engine = finished()
    engine.state.volatile = Volatile(engine.now)
    engine.does(effects.List(), listed(finished=("7", "6")))
    engine.does(COLLECT, outcomes.Collected("d", 2, {}, {}))
    assert list(engine.state.volatile.experience.lengths) == []
    assert engine.decide().effects == (effects.Finish(),)


def test_a_job_that_was_given_up_tells_nothing_of_how_long_jobs_take() -> None:
    """Or the others that stand still would be asked about by name when they are four times as old."""
    engine = submitted()
    engine.hears(effects.Look("7"), outcomes.Missing())
    experience = engine.state.volatile.experience
    assert (list(experience.lengths), experience.watched) == ([], {})


def test_a_token_that_is_no_good_pauses_the_run_with_what_the_service_said() -> None:
    engine = Engine()
    engine.does(effects.List(), Trouble(TroubleKind.CREDENTIALS, "Invalid token."))
    assert engine.state.durable.paused == facts.Paused(AT, PauseWhy.CREDENTIALS, "Invalid token.")


def test_without_leave_to_send_nothing_is_asked_and_the_wait_says_why() -> None:
    engine = Engine()
    volatile.observe(engine.state.volatile, notes.Budgeted(engine.now + 30), engine.now)
    assert engine.decide().effects == ()
    assert engine.waits() == ["the service's limit of requests"]
