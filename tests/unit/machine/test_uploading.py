"""Photos go to the service first: each once, whatever is lost, and nothing is submitted before they are there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs
from tests.unit.plans import PLAN

from coralrun.coralnet.protocol import LIMITS
from coralrun.errors import RunDamaged
from coralrun.machine import effects, facts, notes, outcomes, policy, volatile
from coralrun.machine.apply import apply
from coralrun.machine.fact_fields import PauseWhy
from coralrun.machine.facts import AlreadyThere, Uploaded, UploadGone, UploadIntended, UploadMissed, UploadRefused
from coralrun.machine.outcomes import Trouble, TroubleKind
from coralrun.machine.reasons import Reason
from coralrun.machine.runs import MOST_UNITS_PER_BATCH
from coralrun.machine.state import PhotoToUpload, Setup, State
from coralrun.machine.stored_photos import MissedPhoto, OpenUpload, StoredPhoto, numbered
from coralrun.machine.units import PlanUnits
from coralrun.machine.volatile import Volatile
from coralrun.planning.images import PlannedImage
from coralrun.planning.images import Upload as PlannedUpload
from coralrun.planning.unfit import Unfit

from .by_hand import AT, SIZE, Engine, submitted

A, B = "3420/a.jpg", "3420/b.jpg"
SHA_A, SHA_B = "a" * 64, "b" * 64
AWAY = Trouble(TroubleKind.UNREACHABLE)


def two_photos(*, elsewhere: bool = False) -> Engine:
    """A run of two photos, neither of which is at the service as far as is known; the second may go elsewhere."""
    engine = Engine(2, resolved=False)
    second = PhotoToUpload(1, "77" if elsewhere else "3420", "b.jpg", SHA_B)
    setup = replace(engine.state.setup, uploads=(PhotoToUpload(0, "3420", "a.jpg", SHA_A), second))
    engine.state = State(setup, engine.state.durable, engine.state.volatile)
    return engine


def asked(engine: Engine, *ids: str) -> Engine:
    """The same, after the names that are asked for were answered."""
    (effect,) = engine.decide().effects
    assert isinstance(effect, effects.AskNames)
    engine.does(effect, outcomes.Names(ids))
    return engine


def intended() -> Engine:
    engine = asked(two_photos(), "", "")
    engine.books()
    return engine


def lost() -> Engine:
    """The reply to the first photo never came, and the wait after that is over."""
    engine = intended()
    engine.does(effects.Upload(A, 0), outcomes.Unknown("HTTP 500"))
    engine.sleeps(60)
    return engine


def restarted(engine: Engine) -> Engine:
    """Another process goes on with the same run."""
    engine.state = State(engine.state.setup, engine.state.durable, Volatile(engine.now))
    return engine


def test_an_intent_is_written_before_a_photo_is_sent_and_names_asked_for_together() -> None:
    engine = two_photos()
    engine.does(effects.AskNames((A, B)), outcomes.Names(("", "")))
    engine.does(effects.IntendUpload(A, SHA_A))
    assert engine.happened == [UploadIntended(AT, A, SHA_A)]
    assert engine.decide().effects == (effects.Upload(A, 0),)


def test_names_of_one_place_are_asked_for_at_a_time() -> None:
    assert two_photos(elsewhere=True).decide().effects == (effects.AskNames((A,)),)


def test_every_photo_is_there_before_anything_else_is_asked() -> None:
    engine = intended()
    engine.does(effects.Upload(A, 0), outcomes.Stored("1"))
    engine.books()
    engine.does(effects.Upload(B, 1), outcomes.Stored("2"))
    assert engine.state.durable.stored == {A: StoredPhoto("1", SHA_A), B: StoredPhoto("2", SHA_B)}
    assert [type(effect) for effect in engine.decide().effects] == [effects.Resolve, effects.Resolve, effects.List]


def test_another_process_goes_on_with_those_that_are_not_there_yet() -> None:
    engine = intended()
    engine.does(effects.Upload(A, 0), outcomes.Stored("1"))
    assert restarted(engine).decide().effects == (effects.AskNames((B,)),)


def test_where_nothing_is_classified_photos_are_done_once_they_are_there() -> None:
    engine = intended()
    engine.state = State(replace(engine.state.setup, classifies=False), engine.state.durable, engine.state.volatile)
    engine.does(effects.Upload(A, 0), outcomes.Stored("1"))
    engine.books()
    engine.does(effects.Upload(B, 1), outcomes.NotTaken(Reason.UPLOAD_REFUSED))
    engine.does(effects.EndUploaded((0,)))
    engine.does(effects.Finish())
    assert engine.state.durable.ended == {0: Reason.NOT_ASKED, 1: Reason.UPLOAD_REFUSED}


def with_unfit(engine: Engine, unfit: dict[int, Reason], *, classifies: bool = True) -> Engine:
    """The same of a plan that finds this wrong with units, none of which it uploads."""
    uploads = tuple(photo for photo in engine.state.setup.uploads if photo.unit not in unfit)
    setup = replace(engine.state.setup, unfit=unfit, uploads=uploads, classifies=classifies)
    engine.state = State(setup, engine.state.durable, Volatile(engine.now))
    return engine


def test_what_a_plan_finds_wrong_is_written_down_first_and_asked_for_of_nobody() -> None:
    engine = with_unfit(two_photos(), {0: Reason.EMPTY})
    engine.does(effects.EndUnfit())
    assert engine.happened == [facts.Ended(AT, {0: Reason.EMPTY})]
    engine.does(effects.AskNames((B,)), outcomes.Names(("",)))
    assert not any(isinstance(effect, effects.EndUnfit) for effect in engine.decide().effects)
    with_unfit(engine, {0: Reason.EMPTY}).does(effects.EndUnfit())
    assert len(engine.happened) == 1


def test_a_run_of_which_nothing_can_be_taken_is_over_at_once() -> None:
    wrong = {0: Reason.DAMAGED, 1: Reason.BAD_NAME}
    engine = with_unfit(two_photos(), wrong, classifies=False)
    engine.does(effects.EndUnfit())
    engine.does(effects.Finish())
    assert engine.state.durable.ended == wrong


def test_many_units_that_cannot_be_taken_end_in_several_records() -> None:
    count = MOST_UNITS_PER_BATCH + 1
    engine = with_unfit(Engine(count), dict.fromkeys(range(count), Reason.OTHER_FORMAT))
    engine.does(effects.EndUnfit())
    assert [len(fact.final) for fact in engine.happened if isinstance(fact, facts.Ended)] == [MOST_UNITS_PER_BATCH, 1]


def test_units_that_are_in_a_job_are_not_ended_as_uploaded() -> None:
    engine = submitted()
    engine.state = State(replace(engine.state.setup, classifies=False), engine.state.durable, engine.state.volatile)
    assert not any(isinstance(effect, effects.EndUploaded) for effect in engine.decide().effects)


def test_one_photo_is_sent_at_a_time() -> None:
    engine = intended()
    engine.state.volatile.in_flight[effects.Upload(A, 0)] = engine.now
    assert engine.decide().effects == ()


@pytest.mark.parametrize("again", [False, True], ids=["same process", "another process"])
def test_a_lost_photo_that_is_there_with_our_bytes_is_ours(again: bool) -> None:
    engine = restarted(lost()) if again else lost()
    engine.does(effects.AskNames((A,)), outcomes.Names(("9",)))
    engine.does(effects.CompareUpload(A, "9", SHA_A, 0), outcomes.Compared(same=True))
    assert engine.happened[-1] == Uploaded(AT, A, "9", SHA_A, adopted=True)


def test_a_lost_photo_whose_name_is_free_never_arrived_and_is_sent_again() -> None:
    engine = asked(lost(), "")
    engine.does(effects.MissUpload(A, 0))
    assert engine.happened[-1] == UploadMissed(AT, A, lost=True)
    assert engine.decide().effects == (effects.AskNames((A, B)),)


def test_a_photo_that_arrives_after_it_was_given_up_is_ours_still() -> None:
    engine = asked(lost(), "")
    engine.does(effects.MissUpload(A, 0))
    asked(restarted(engine), "9", "")
    engine.does(effects.CompareUpload(A, "9", SHA_A, 0), outcomes.Compared(same=True))
    assert engine.happened[-1] == Uploaded(AT, A, "9", SHA_A, adopted=True)
    assert engine.state.durable.missed == {}


def test_a_photo_that_never_arrives_ends_and_the_others_go_on() -> None:
    engine = intended()
    for _ in range(policy.UPLOAD_TRIES):
        engine.does(effects.Upload(A, 0), outcomes.Unknown())
        engine.sleeps(700)
        asked(engine, "")
        engine.books()
        if engine.state.durable.ended:
            break
        engine.sleeps(700)
        asked(engine, "", "")
        engine.books()
    assert engine.happened[-2:] == [
        UploadRefused(AT, A, Reason.UPLOAD_FAILED),
        facts.Ended(AT, {0: Reason.UPLOAD_FAILED}),
    ]
    assert engine.decide().effects == (effects.IntendUpload(B, SHA_B),)


def test_after_a_lost_reply_the_name_is_asked_for_only_after_a_while() -> None:
    engine = intended()
    engine.does(effects.Upload(A, 0), outcomes.Unknown())
    assert engine.decide().effects == ()
    assert engine.waits() == ["the source to take photos again"]


def test_another_photo_under_the_name_of_a_lost_one_ends_it() -> None:
    engine = asked(lost(), "9")
    engine.does(effects.CompareUpload(A, "9", SHA_A, 0), outcomes.Compared(same=False))
    ended = facts.Ended(AT, {0: Reason.NAME_TAKEN})
    assert engine.happened[-2:] == [UploadMissed(AT, A, lost=True), ended]  # it comes yet, if the other is taken out
    assert engine.state.durable.upload is None


def test_a_photo_that_was_there_before_is_not_ours() -> None:
    engine = asked(two_photos(), "7", "8")
    engine.does(effects.CompareUpload(A, "7", SHA_A, 0), outcomes.Compared(same=True))
    engine.does(effects.CompareUpload(B, "8", SHA_B, 1), outcomes.Compared(same=False))
    assert engine.happened == [AlreadyThere(AT, A, "7", SHA_A), facts.Ended(AT, {1: Reason.NAME_TAKEN})]
    assert engine.state.durable.stored == {A: StoredPhoto("7", SHA_A, ours=False)}


def test_a_photo_that_was_taken_out_meanwhile_is_asked_for_again() -> None:
    engine = asked(two_photos(), "7", "")
    engine.does(effects.CompareUpload(A, "7", SHA_A, 0), outcomes.Missing())
    assert engine.decide().effects == ()
    engine.sleeps(5)
    assert engine.decide().effects == (effects.AskNames((A, B)),)


def both_there() -> Engine:
    """A run whose two photos were sent."""
    engine = intended()
    engine.does(effects.Upload(A, 0), outcomes.Stored("1"))
    engine.books()
    engine.does(effects.Upload(B, 1), outcomes.Stored("2"))
    return engine


def test_a_photo_that_was_taken_out_after_it_was_sent_is_sent_again_by_another_try() -> None:
    engine = both_there()
    engine.does(effects.Resolve(0), outcomes.Unusable(Reason.NOT_FOUND))
    assert engine.happened[-2:] == [UploadGone(AT, A), facts.Ended(AT, {0: Reason.NOT_FOUND})]
    assert not any(isinstance(effect, effects.AskNames) for effect in engine.decide().effects)
    apply(engine.state.durable, facts.Planned(AT, 2, "0" * 64, 2, ((0, 1),), ((0, 0),)))
    asked(restarted(engine), "")
    engine.does(effects.IntendUpload(A, SHA_A))
    engine.does(effects.Upload(A, 0), outcomes.Stored("3"))
    assert engine.state.durable.stored == {A: StoredPhoto("3", SHA_A), B: StoredPhoto("2", SHA_B)}


@pytest.mark.parametrize("now_there", ["1", "", "9"], ids=["there", "taken out", "another photo"])
def test_a_photo_that_failed_and_was_taken_out_since_is_sent_by_one_other_try(now_there: str) -> None:
    engine = both_there()
    engine.does(effects.Resolve(0), outcomes.Unusable(Reason.HOST_REFUSED))
    apply(engine.state.durable, facts.Planned(AT, 2, "0" * 64, 2, ((0, 1),), ((0, 0),)))
    asked(restarted(engine), now_there)
    if now_there == "1":
        assert effects.Resolve(0) in engine.decide().effects, "it is there, and not sent again"
        return
    engine.does(effects.LoseUpload(A))
    if now_there:
        engine.does(effects.CompareUpload(A, "9", SHA_A, 0), outcomes.Compared(same=True))
    else:
        engine.does(effects.IntendUpload(A, SHA_A))
        engine.does(effects.Upload(A, 0), outcomes.Stored("9"))
    assert engine.state.durable.stored[A].id == "9"
    assert effects.Resolve(0) in engine.decide().effects, "it is not asked for once more"


def test_photos_that_are_there_are_counted_as_they_come_and_go() -> None:
    engine = both_there()
    stored = engine.state.durable.stored
    there = stored.pop(B)
    assert engine.state.uploads_there() == 1
    stored["3420/old.jpg"] = StoredPhoto("7", SHA_A)
    assert engine.state.uploads_there() == 1
    stored[B] = there
    assert engine.state.uploads_there() == 2
    assert engine.state.uploads_there() == 2
    del stored[A]
    assert engine.state.uploads_there() == 1


def test_photos_that_are_there_cost_no_look_at_each_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = restarted(both_there())
    engine.decide()
    monkeypatch.setattr(State, "_is_to_upload", None)
    engine.decide()


def test_that_a_photo_is_gone_may_be_told_by_a_job_while_another_is_sent() -> None:
    engine = submitted()
    setup = replace(engine.state.setup, uploads=(PhotoToUpload(0, "3420", "a.jpg", SHA_A),))
    engine.state = State(setup, engine.state.durable, engine.state.volatile)
    for fact in (AlreadyThere(AT, A, "1", SHA_A), UploadIntended(AT, B, SHA_B)):
        apply(engine.state.durable, fact)
    job = engine.state.durable.active[1]
    collect = effects.Collect(job.number, job.attempt, job.job, job.units, job.sizes)
    engine.hears(collect, outcomes.Collected("0" * 64, 1, {0: Reason.NOT_IN_SOURCE}, {}))
    assert engine.happened[-2] == UploadGone(AT, A)
    assert engine.state.durable.upload == OpenUpload(B, SHA_B)
    assert engine.state.durable.missed == {A: MissedPhoto(SHA_A)}


@pytest.mark.parametrize(
    "outcome",
    [outcomes.NotTaken(Reason.UPLOAD_REFUSED, "format"), outcomes.Unusable(Reason.CHANGED)],
    ids=["by the service", "by its file"],
)
def test_a_photo_that_is_refused_ends(outcome: outcomes.NotTaken | outcomes.Unusable) -> None:
    engine = intended()
    reason = outcome.why if isinstance(outcome, outcomes.NotTaken) else outcome.reason
    engine.does(effects.Upload(A, 0), outcome)
    assert engine.happened[-2:] == [UploadRefused(AT, A, reason), facts.Ended(AT, {0: reason})]
    assert engine.decide().effects == (effects.IntendUpload(B, SHA_B),)


def test_trouble_means_that_the_photo_never_left() -> None:
    engine = intended()
    engine.does(effects.Upload(A, 0), Trouble(TroubleKind.THROTTLED, wait_s=30.0))
    assert engine.happened[-1] == UploadMissed(AT, A)
    assert engine.decide().effects == ()
    engine.sleeps(30)
    assert engine.decide().effects == (effects.AskNames((A, B)),)


def test_an_account_that_may_no_longer_edit_pauses_the_run_with_nothing_in_doubt() -> None:
    engine = intended()
    engine.does(effects.Upload(A, 0), Trouble(TroubleKind.CREDENTIALS, "may not"))
    assert engine.happened[-2:] == [
        UploadMissed(AT, A),
        facts.Paused(AT, PauseWhy.CREDENTIALS, "may not"),
    ]


def test_nobody_who_answers_about_names_or_photos_is_waited_for_longer_and_longer() -> None:
    engine = two_photos()
    engine.does(effects.AskNames((A, B)), AWAY)
    assert engine.decide().effects == ()
    engine.sleeps(5)
    asked(engine, "7", "")
    engine.does(effects.CompareUpload(A, "7", SHA_A, 0), AWAY)
    engine.sleeps(5)
    assert engine.decide().effects == ()
    engine.sleeps(5)
    assert engine.decide().effects == (effects.CompareUpload(A, "7", SHA_A, 0),)


def test_a_source_that_takes_no_photos_for_a_day_pauses_the_run() -> None:
    engine = two_photos()
    for _ in range(200):
        engine.hears(effects.AskNames((A, B)), AWAY)
        engine.sleeps(600)
    assert isinstance(engine.decide().effects[0], effects.Pause)


def test_a_photo_whose_file_was_changed_after_it_was_sent_ends_by_its_name() -> None:
    engine = two_photos()
    engine.state.durable.stored[A] = StoredPhoto("1", "c" * 64)
    asked(engine, "1", "")
    engine.does(effects.RejectUpload(0))
    assert engine.happened == [facts.Ended(AT, {0: Reason.NAME_TAKEN})]


@pytest.mark.parametrize("now_there", ["", "9"])
def test_a_changed_photo_goes_once_somebody_took_out_the_one_that_was_sent(now_there: str) -> None:
    engine = two_photos()
    engine.state.durable.stored[A] = StoredPhoto("1", "c" * 64)
    asked(engine, now_there, "")
    engine.does(effects.LoseUpload(A))
    assert engine.happened == [facts.UploadGone(AT, A)]
    next_one = effects.CompareUpload(A, "9", SHA_A, 0) if now_there else effects.IntendUpload(A, SHA_A)
    assert engine.decide().effects == (next_one,)


def test_an_upload_of_a_photo_that_is_no_longer_planned_is_settled_all_the_same() -> None:
    engine = restarted(lost())
    engine.state = State(replace(engine.state.setup, uploads=()), engine.state.durable, engine.state.volatile)
    asked(engine, "9")
    engine.does(effects.CompareUpload(A, "9", SHA_A, None), outcomes.Compared(same=False))
    assert engine.happened[-1] == UploadMissed(AT, A, lost=True)


def test_an_upload_that_is_settled_is_no_upload_of_another_photo_of_its_name() -> None:
    engine = restarted(lost())
    other = PhotoToUpload(0, "3420", "a.jpg", "c" * 64)
    engine.state = State(replace(engine.state.setup, uploads=(other,)), engine.state.durable, engine.state.volatile)
    asked(engine, "9")
    engine.does(effects.CompareUpload(A, "9", SHA_A, None), outcomes.Compared(same=True))
    asked(engine, "9")
    engine.does(effects.RejectUpload(0))
    unclaimed = Uploaded(AT, A, "9", SHA_A, adopted=True, unclaimed=True)
    assert engine.happened[-2:] == [unclaimed, facts.Ended(AT, {0: Reason.NAME_TAKEN})]


def test_one_that_never_arrived_and_is_not_planned_is_forgotten() -> None:
    engine = restarted(lost())
    engine.state = State(replace(engine.state.setup, uploads=()), engine.state.durable, engine.state.volatile)
    asked(engine, "")
    engine.does(effects.MissUpload(A, None))
    assert engine.happened[-1] == UploadMissed(AT, A, lost=True)
    assert not any(isinstance(effect, effects.AskNames) for effect in engine.decide().effects)


def given_up(engine: Engine | None = None) -> Engine:
    """Photo A was sent without an answer and was not there; its file was changed then, and all units have ended."""
    engine = asked(engine or lost(), "")
    engine.does(effects.MissUpload(A, 0))
    asked(engine, "", "")
    engine.books()
    engine.does(effects.Upload(A, 0), outcomes.Unusable(Reason.CHANGED))
    engine.books()
    engine.does(effects.Upload(B, 1), outcomes.Unusable(Reason.CHANGED))
    return engine


def test_a_photo_that_arrives_after_its_unit_ended_is_found_before_the_run_ends() -> None:
    engine = asked(given_up(), "9")
    engine.does(effects.CompareUpload(A, "9", SHA_A, None), outcomes.Compared(same=True))
    assert engine.happened[-1] == Uploaded(AT, A, "9", SHA_A, adopted=True, unclaimed=True)
    assert engine.state.durable.stored == {A: StoredPhoto("9", SHA_A, unclaimed=True)}
    assert engine.state.durable.ended == {0: Reason.CHANGED, 1: Reason.CHANGED}
    assert engine.decide().effects == (effects.Finish(),)


@pytest.mark.parametrize("last", [outcomes.Names(("",)), AWAY, Trouble(TroubleKind.CREDENTIALS, "may not")])
def test_a_photo_that_is_not_found_at_the_end_is_in_doubt_and_not_waited_for(last: outcomes.Outcome) -> None:
    engine = given_up()
    engine.does(effects.AskNames((A,)), last)
    assert engine.decide().effects == (effects.Finish(),)
    assert engine.state.durable.missed == {A: MissedPhoto(SHA_A, lost=True)}


def test_late_photos_are_not_asked_for_in_the_silence_that_was_asked_for() -> None:
    engine = given_up()
    volatile.observe(engine.state.volatile, notes.Throttled(engine.now + 30.0), engine.now)
    assert engine.decide().effects == ()
    engine.sleeps(30.0)
    assert engine.decide().effects == (effects.AskNames((A,)),)


def test_a_silence_that_is_asked_for_of_one_late_photo_holds_for_the_next() -> None:
    engine = given_up()
    apply(engine.state.durable, facts.UploadIntended(AT, B, SHA_B))
    apply(engine.state.durable, facts.UploadMissed(AT, B, lost=True))
    asked(engine, "9", "8")
    throttled = Trouble(TroubleKind.THROTTLED, wait_s=30.0)
    engine.does(effects.CompareUpload(A, "9", SHA_A, None), throttled)
    assert engine.decide().effects == ()
    engine.sleeps(30.0)
    engine.does(effects.CompareUpload(B, "8", SHA_B, None), throttled)
    assert engine.decide().effects == (effects.Finish(),)


@pytest.mark.parametrize("last", [outcomes.Compared(same=False), AWAY])
def test_another_photo_of_its_name_at_the_end_is_left_alone(last: outcomes.Outcome) -> None:
    engine = asked(given_up(), "9")
    engine.does(effects.CompareUpload(A, "9", SHA_A, None), last)
    assert engine.decide().effects == (effects.Finish(),)


def test_what_certainly_did_not_arrive_is_not_asked_for_at_the_end() -> None:
    engine = intended()
    engine.does(effects.Upload(A, 0), Trouble(TroubleKind.THROTTLED, wait_s=30.0))
    engine.sleeps(30)
    apply(engine.state.durable, facts.Ended(AT, {0: Reason.CHANGED, 1: Reason.CHANGED}))
    assert engine.decide().effects == (effects.Finish(),)


def test_a_run_does_not_end_while_a_late_photo_is_asked_for() -> None:
    engine = given_up()
    engine.state.volatile.in_flight[effects.AskNames((A,))] = engine.now
    assert engine.decide().effects == ()


def test_that_a_photo_may_be_on_its_way_is_not_forgotten_by_a_later_miss() -> None:
    engine = asked(lost(), "")
    engine.does(effects.MissUpload(A, 0))
    asked(engine, "", "")
    engine.books()
    engine.does(effects.Upload(A, 0), Trouble(TroubleKind.THROTTLED, wait_s=30.0))
    assert engine.state.durable.missed == {A: MissedPhoto(SHA_A, lost=True)}


def test_a_run_with_an_open_upload_is_not_over() -> None:
    engine = intended()
    apply(engine.state.durable, facts.Ended(AT, {0: Reason.DENIED, 1: Reason.DENIED}))
    assert not engine.state.durable.is_over


@pytest.mark.parametrize(
    "effect", [effects.AskNames((A, B)), effects.Upload(A, 0), effects.CompareUpload(A, "7", SHA_A, 0)]
)
def test_an_outcome_that_an_upload_cannot_have_is_a_defect(effect: effects.Effect) -> None:
    with pytest.raises(AssertionError, match="cannot have the outcome"):
        intended().hears(effect, outcomes.JobDone())


def test_a_try_that_was_not_lost_leaves_the_bytes_that_may_be_on_their_way() -> None:
    durable = two_photos().state.durable
    for fact in (UploadIntended(AT, A, SHA_A), UploadMissed(AT, A, lost=True)):
        apply(durable, fact)
    for fact in (UploadIntended(AT, A, SHA_B), UploadMissed(AT, A)):
        apply(durable, fact)
    assert durable.missed[A] == MissedPhoto(SHA_A, lost=True)


@pytest.mark.parametrize(
    ("happened", "impossible", "why"),
    [
        ([], Uploaded(AT, A, "1", SHA_A), "not on its way"),
        ([], UploadGone(AT, A), "not on its way"),
        ([UploadIntended(AT, A, SHA_A)], UploadIntended(AT, B, SHA_B), "another upload is open"),
        ([UploadIntended(AT, A, SHA_A)], AlreadyThere(AT, B, "1", SHA_B), "another upload is open"),
        ([UploadIntended(AT, A, SHA_A)], AlreadyThere(AT, A, "1", SHA_A), "the photo is intended"),
        ([UploadIntended(AT, A, SHA_A)], Uploaded(AT, B, "1", SHA_B), "another upload is open"),
        ([UploadIntended(AT, A, SHA_A), UploadMissed(AT, A)], AlreadyThere(AT, A, "1", SHA_A), "is missed"),
        ([AlreadyThere(AT, A, "1", SHA_A)], UploadIntended(AT, A, SHA_A), "the photo is stored"),
        ([AlreadyThere(AT, A, "1", SHA_A)], UploadMissed(AT, A), "the photo is stored"),
    ],
)
def test_an_impossible_record_of_an_upload_is_refused(
    happened: list[facts.Fact], impossible: facts.Fact, why: str
) -> None:
    durable = two_photos().state.durable
    for fact in happened:
        apply(durable, fact)
    with pytest.raises(RunDamaged, match=why):
        apply(durable, impossible)


def test_the_photos_to_upload_are_those_of_a_plan_that_say_where_to() -> None:
    sent, other = (
        PlannedImage(key=name, source="folder:x", name=name, points=1, sha256=SHA_A, size=SIZE) for name in "ab"
    )
    sent = structs.replace(sent, upload=PlannedUpload("3420", SHA_B))
    setup = Setup.of(replace(PLAN, images=(other, sent)), PlanUnits(((6, 6), (3, 3))), LIMITS)
    assert setup.uploads == (PhotoToUpload(3, "3420", "a", SHA_B),)
    assert setup.uploads[0].image == "3420/a"
    setup = Setup.of(replace(PLAN, images=(other,)), PlanUnits(((0, 0),)), LIMITS)
    assert (setup.uploads, setup.unfit) == ((), {})


def test_the_units_that_end_at_once_are_those_that_a_plan_found_unfit() -> None:
    fine = PlannedImage(key="a", source="folder:x", name="a", points=1, sha256=SHA_A, size=SIZE)
    images = (fine, structs.replace(fine, key="b", unfit=Unfit.DAMAGED), structs.replace(fine, key="c"))
    setup = Setup.of(replace(PLAN, images=images), PlanUnits(((6, 6), (3, 4))), LIMITS)
    assert setup.unfit == {3: Reason.DAMAGED}


def test_an_uploaded_photo_has_the_number_that_the_service_gave_it() -> None:
    planned = PlannedImage(key="a", source="folder:x", name="a.jpg", points=1, sha256=SHA_A, size=SIZE)
    sent = structs.replace(planned, upload=PlannedUpload("3420", SHA_A))
    stored = {A: StoredPhoto("9", SHA_A)}
    assert [numbered(image, stored).image_id for image in (planned, sent)] == [None, 9]
    assert numbered(sent, {}).image_id is None
