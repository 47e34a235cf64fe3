"""What the engine decides and learns, step by step, in the situations that a long survey meets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coralrun import limits
from coralrun.machine import effects, facts, outcomes, policy
from coralrun.machine import volatile as notes
from coralrun.machine.decide import Decision, decide
from coralrun.machine.durable import Durable, Phase, apply
from coralrun.machine.learn import Lesson, learn
from coralrun.machine.outcomes import Listed, Refusal, Trouble, TroubleKind
from coralrun.machine.reasons import Reason
from coralrun.machine.state import Instant, Setup, State
from coralrun.machine.volatile import Lane, Volatile
from coralrun.plan.model import Classifier, Plan, PlannedImage, Size
from coralrun.spec.model import AnnotationArea, AreaUnit, Method, PointDesign

AT = "2026-01-01T00:00:00Z"
SIZE = Size(100, 80)
DAY_S = 24 * 3600.0


class Engine:
    """The machine with a hand on its clock: `does` performs one decided effect with a given outcome."""

    def __init__(self, images: int = 2, *, resolved: bool = True, batch_size: int = 2, attempts: int = 3) -> None:
        sizes = tuple(SIZE if resolved else None for _ in range(images))
        setup = Setup(
            entries=(1,) * images, sizes=sizes, batch_size=batch_size, concurrency=5, attempts=attempts, patience_s=75
        )
        self.now = 1000.0
        self.state = State(setup, Durable(total=images), Volatile(self.now))
        self.happened: list[facts.Fact] = []

    def decide(self) -> Decision:
        return decide(self.state, self.now)

    def does(self, effect: effects.Effect, outcome: outcomes.Outcome | None = None, *, after_s: float = 0.0) -> Lesson:
        assert effect in self.decide().effects, self.decide()
        return self.hears(effect, outcome, after_s=after_s)

    def hears(self, effect: effects.Effect, outcome: outcomes.Outcome | None = None, *, after_s: float = 0.0) -> Lesson:
        notes.observe(self.state.volatile, notes.Started(effect), self.now)
        self.now += after_s
        lesson = learn(self.state, effect, outcome or outcomes.Done(), Instant(self.now, AT))
        for fact in lesson.facts:
            apply(self.state.durable, fact)
            self.happened.append(fact)
        for note in lesson.notes:
            notes.observe(self.state.volatile, note, self.now)
        return lesson

    def books(self) -> None:
        """Do what is decided without asking the world."""
        (effect,) = (effect for effect in self.decide().effects if isinstance(effect, effects.Bookkeeping))
        self.does(effect)

    def waits(self) -> list[str]:
        return [wait.why for wait in self.decide().waits]

    def sleeps(self, seconds: float) -> None:
        self.now += seconds

    def submit(self) -> effects.Submit:
        (effect,) = (effect for effect in self.decide().effects if isinstance(effect, effects.Submit))
        return effect


def listed(active: tuple[int, ...] = (), finished: tuple[int, ...] = (), max_active: int = 5) -> Listed:
    return Listed(active, finished, max_active)


def intended() -> Engine:
    engine = Engine()
    engine.does(effects.List(), listed(finished=(6,)))
    engine.books()
    return engine


def submitted(images: int = 2, batch_size: int = 2, attempts: int = 3) -> Engine:
    engine = Engine(images, batch_size=batch_size, attempts=attempts)
    engine.does(effects.List(), listed(finished=(6,)))
    engine.books()
    engine.does(engine.submit(), outcomes.Accepted(7))
    return engine


def lost() -> Engine:
    engine = intended()
    engine.does(engine.submit(), outcomes.Unknown())
    return engine


def test_the_first_question_is_how_many_slots_are_free() -> None:
    assert Engine().decide().effects == (effects.List(),)


def test_the_intent_tells_what_the_account_had_before_it() -> None:
    engine = intended()
    (intent,) = (fact for fact in engine.happened if isinstance(fact, facts.Intended))
    assert (intent.after_job, intent.done_before, intent.entries) == (6, (6,), 2)
    assert engine.submit() == effects.Submit(1, 1, (0, 1), (SIZE, SIZE))


def test_a_lost_reply_is_waited_out_in_full_before_anything_is_asked_or_sent() -> None:
    engine = lost()
    engine.sleeps(limits.SETTLE_S - 0.1)
    assert engine.decide().effects == ()
    assert any("reply was lost" in why for why in engine.waits())
    engine.sleeps(0.2)
    assert engine.decide().effects == (effects.List(),)


def test_a_restart_begins_the_settle_wait_anew() -> None:
    engine = lost()
    engine.sleeps(limits.SETTLE_S - 1)
    engine.state.volatile = Volatile(engine.now)
    engine.sleeps(limits.SETTLE_S - 1)
    assert engine.decide().effects == ()
    engine.sleeps(1.1)
    assert engine.decide().effects == (effects.List(),)


def test_a_listing_from_before_the_settle_wait_ended_proves_nothing() -> None:
    engine = lost()
    engine.hears(effects.List(), listed(finished=(6,)))
    engine.sleeps(limits.SETTLE_S + 1)
    assert engine.decide().effects == (effects.List(),)
    engine.does(effects.List(), listed(finished=(6,)))
    assert engine.decide().effects == (effects.Dismiss(1, 1),)


def test_a_lost_batch_that_is_found_is_adopted_and_its_urls_are_used_up() -> None:
    engine = intended()
    engine.state.volatile.ready[0] = notes.Ready(SIZE, None)
    engine.does(engine.submit(), outcomes.Unknown())
    engine.sleeps(limits.SETTLE_S + 1)
    engine.does(effects.List(), listed(finished=(9, 6)))
    engine.does(effects.Identify(1, 1, 9), outcomes.Recognised(ours=True))
    engine.books()
    assert engine.happened[-1] == facts.Submitted(AT, 1, 1, 9, adopted=True)
    assert engine.state.volatile.ready == {}
    assert engine.decide().effects == (effects.Collect(1, 1, 9, (0, 1), (SIZE, SIZE)),)


def test_a_candidate_whose_result_is_never_readable_becomes_a_doubt() -> None:
    engine = lost()
    engine.sleeps(limits.SETTLE_S + 1)
    engine.does(effects.List(), listed(finished=(9, 6)))
    for _ in range(policy.UNREADABLE_TRIES):
        engine.hears(effects.List(), listed(finished=(9, 6)))
        engine.sleeps(1000)
        engine.does(effects.Identify(1, 1, 9), Trouble(TroubleKind.NOT_UNDERSTOOD))
    assert engine.decide().effects == (effects.Doubt(1, 1),)
    engine.books()
    assert engine.state.durable.doubts == [(1, 1)]


def test_a_job_of_our_size_that_is_done_and_never_gives_its_result_becomes_a_doubt() -> None:
    engine = lost()
    engine.sleeps(limits.SETTLE_S + 1)
    engine.does(effects.List(), listed(active=(9,)))
    engine.does(effects.Look(9), outcomes.JobDone())
    for _ in range(int(limits.STUCK_S / 75) + 2):
        engine.sleeps(75)
        if effects.Identify(1, 1, 9) in engine.decide().effects:
            engine.does(effects.Identify(1, 1, 9), outcomes.NotReady())
    assert engine.decide().effects == (effects.Doubt(1, 1),)


def test_a_job_that_was_given_up_is_no_proof_that_the_list_reaches_back() -> None:
    engine = submitted(images=4)
    engine.hears(effects.Look(7), outcomes.Missing())
    assert engine.state.durable.closed[-1].sha256 == ""
    engine.hears(effects.List(), listed())
    engine.books()
    (_, intent) = (fact for fact in engine.happened if isinstance(fact, facts.Intended))
    assert intent.done_before == ()


@pytest.mark.parametrize(
    ("refusal", "recorded", "paused"),
    [
        (Refusal.NO_SLOT, facts.RefusedWhy.NO_SLOT, None),
        (Refusal.THROTTLED, facts.RefusedWhy.THROTTLED, None),
        (Refusal.BAD_REQUEST, facts.RefusedWhy.STOPPED, facts.PauseWhy.NOT_UNDERSTOOD),
        (Refusal.NO_CLASSIFIER, facts.RefusedWhy.STOPPED, facts.PauseWhy.NO_CLASSIFIER),
        (Refusal.CREDENTIALS, facts.RefusedWhy.STOPPED, facts.PauseWhy.CREDENTIALS),
    ],
)
def test_a_refusal_leaves_the_batch_to_be_sent_again(
    refusal: Refusal, recorded: facts.RefusedWhy, paused: facts.PauseWhy | None
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
    engine.does(engine.submit(), outcomes.Accepted(7))
    assert len(engine.state.durable.jobs) == 1
    assert engine.state.durable.open is not None
    assert engine.state.volatile.unsettled_s == engine.now


def test_images_are_tried_again_until_their_attempts_are_used_up() -> None:
    engine = submitted(images=2, attempts=1)
    engine.sleeps(80)
    engine.does(effects.List(), listed(finished=(7, 6)))
    collect = effects.Collect(1, 1, 7, (0, 1), (SIZE, SIZE))
    engine.does(collect, outcomes.Collected("d", 1, {}, {1: Reason.HOST_ERROR}))
    assert engine.state.durable.ended == {1: Reason.HOST_ERROR}
    assert engine.decide().effects == (effects.Finish(),)


def test_a_permanent_error_ends_an_image_at_once_and_another_one_waits() -> None:
    engine = submitted()
    engine.sleeps(80)
    engine.does(effects.List(), listed(finished=(7, 6)))
    collect = effects.Collect(1, 1, 7, (0, 1), (SIZE, SIZE))
    engine.does(collect, outcomes.Collected("d", 0, {0: Reason.NOT_FOUND}, {1: Reason.HOST_ERROR}))
    assert engine.state.durable.ended == {0: Reason.NOT_FOUND}
    assert list(engine.state.durable.again) == [1]
    assert "images that failed, to be tried again" in engine.waits()


def test_a_job_that_is_done_and_never_gives_its_result_is_given_up_as_stuck() -> None:
    engine = submitted()
    engine.sleeps(limits.STUCK_S + 1)
    engine.hears(effects.List(), listed(active=(7,)))
    engine.does(effects.Look(7), outcomes.JobDone())
    collect = effects.Collect(1, 1, 7, (0, 1), (SIZE, SIZE))
    for _ in range(100):
        engine.sleeps(75)
        if effects.GiveUp(1, 1, 7, Reason.JOB_STUCK) in engine.decide().effects:
            break
        engine.hears(effects.List(), listed(active=(7,)))
        engine.does(collect, outcomes.NotReady())
    engine.books()
    assert isinstance(engine.happened[-1], facts.GaveUp)
    assert list(engine.state.durable.again) == [0, 1]


def test_a_job_whose_counts_stand_still_for_a_day_is_lost() -> None:
    engine = submitted()
    engine.sleeps(limits.STUCK_S + 1)
    engine.hears(effects.List(), listed(active=(7,)))
    engine.does(effects.Look(7), outcomes.Progress(1, 0, 2))
    engine.sleeps(DAY_S - 1)
    engine.hears(effects.Look(7), outcomes.Progress(1, 0, 2))
    assert engine.state.durable.active
    engine.sleeps(2)
    engine.hears(effects.Look(7), outcomes.Progress(1, 0, 2))
    assert engine.state.durable.closed[-1].why is Reason.JOB_LOST


def test_a_result_that_cannot_be_fetched_after_a_long_sleep_is_no_lost_job() -> None:
    engine = submitted()
    engine.sleeps(limits.STUCK_S + 1)
    engine.hears(effects.List(), listed(active=(7,)))
    engine.does(effects.Look(7), outcomes.Progress(1, 0, 2))
    engine.sleeps(2 * DAY_S)
    engine.hears(effects.List(), listed(finished=(7,)))
    engine.does(effects.Collect(1, 1, 7, (0, 1), (SIZE, SIZE)), Trouble(TroubleKind.UNREACHABLE))
    assert not any(isinstance(effect, effects.GiveUp) for effect in engine.decide().effects)
    assert 1 in engine.state.durable.active


@pytest.mark.parametrize("seen", [listed(max_active=0), listed(active=(3, 4), max_active=2)])
def test_a_day_without_any_slot_pauses_the_run(seen: Listed) -> None:
    engine = Engine()
    for _ in range(25):
        engine.hears(effects.List(), seen)
        engine.sleeps(3600)
    (pause,) = engine.decide().effects
    assert pause == effects.Pause(facts.PauseWhy.NO_SLOTS, "the account has had no free slot for a day")


def test_slots_that_the_runs_own_jobs_hold_are_no_reason_to_pause() -> None:
    engine = submitted(images=4)
    for _ in range(25):
        engine.hears(effects.List(), listed(active=(7,), max_active=1))
        engine.sleeps(3600)
    assert not any(isinstance(effect, effects.Pause) for effect in engine.decide().effects)


def test_a_url_without_life_is_asked_for_again_after_a_rest_and_not_for_ever() -> None:
    engine = Engine(1, resolved=False)
    tries = 0
    while 0 not in engine.state.durable.ended and tries < 50:
        engine.sleeps(700)
        engine.hears(effects.List(), listed())
        engine.does(effects.Resolve(0), outcomes.Resolved(SIZE, life_s=0.0))
        assert effects.Resolve(0) not in engine.decide().effects
        tries += 1
    assert engine.state.durable.ended == {0: Reason.URL_EXPIRED}
    assert tries == policy.RESOLVE_TRIES


def test_an_image_whose_page_fails_ends_only_when_the_service_was_seen_alive_meanwhile() -> None:
    engine = Engine(1, resolved=False)
    for _ in range(policy.RESOLVE_TRIES + 3):
        engine.hears(effects.Resolve(0), Trouble(TroubleKind.UNREACHABLE))
        engine.sleeps(700)
    assert engine.state.durable.ended == {}
    engine.hears(effects.List(), listed())
    engine.hears(effects.Resolve(0), Trouble(TroubleKind.UNREACHABLE))
    assert engine.state.durable.ended == {0: Reason.HOST_UNREACHABLE}


def test_an_image_with_too_many_pixels_is_never_sent() -> None:
    engine = Engine(1, resolved=False)
    engine.hears(effects.Resolve(0), outcomes.Resolved(Size(8100, 8000)))
    assert engine.state.durable.ended == {0: Reason.TOO_MANY_PIXELS}


def test_an_outage_doubles_its_wait_up_to_ten_minutes_and_ends_with_an_answer() -> None:
    engine = Engine()
    rests: list[float] = []
    for _ in range(10):
        engine.does(effects.List(), Trouble(TroubleKind.UNREACHABLE))
        retry_s = engine.state.volatile.outages[Lane.API].retry_at_s
        rests.append(retry_s - engine.now)
        engine.now = retry_s
    assert rests == [5, 10, 20, 40, 80, 160, 320, 600, 600, 600]
    engine.does(effects.List(), listed())
    assert Lane.API not in engine.state.volatile.outages


def test_a_machine_that_slept_for_a_day_does_not_take_that_for_an_outage() -> None:
    engine = Engine()
    engine.does(effects.List(), Trouble(TroubleKind.UNREACHABLE))
    engine.sleeps(2 * DAY_S)
    assert engine.decide().effects == (effects.List(),)


def test_an_image_on_which_the_design_does_not_fit_is_resolved_though_its_size_is_known() -> None:
    lower = AnnotationArea(unit=AreaUnit.PIXELS, x=(0, 1000), y=(60, 1000))
    images = tuple(
        PlannedImage(key=name, source="m", name=name, points=2, url="http://a", size=size)
        for name, size in (("fits", Size(10, 80)), ("small", Size(10, 40)), ("unknown", None))
    )
    plan = Plan(
        name="n",
        service="s",
        survey_digest="",
        classifier=Classifier(id=1),
        images=images,
        design=PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=2, annotation_area=lower),
        batch_size=2,
        concurrency=1,
        patience_s=75,
        attempts=3,
        web_rate=4,
    )
    assert Setup.of(plan).sizes == (Size(10, 80), None, None)
    assert None not in Setup.of(replace(plan, design=None)).sizes


def test_a_finished_run_decides_nothing() -> None:
    engine = Engine(0)
    engine.books()
    assert engine.state.durable.finished_at == AT
    assert engine.decide() == Decision((), ())


def test_the_same_state_and_moment_give_the_same_decision() -> None:
    engine = submitted(images=4)
    assert engine.decide() == engine.decide()


@pytest.mark.parametrize(
    ("effect", "outcome"),
    [
        (effects.List(), outcomes.Done()),
        (effects.Look(7), outcomes.NotReady()),
        (effects.Identify(1, 1, 7), outcomes.Accepted(7)),
        (effects.Collect(1, 1, 7, (0, 1), (SIZE, SIZE)), outcomes.JobDone()),
    ],
)
def test_an_outcome_that_an_effect_cannot_have_is_a_defect(effect: effects.Effect, outcome: outcomes.Outcome) -> None:
    with pytest.raises(AssertionError, match="cannot have the outcome"):
        submitted().hears(effect, outcome)
