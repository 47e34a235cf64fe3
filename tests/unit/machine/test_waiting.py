"""What the engine decides and learns while it waits: jobs, results, pages, outages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from msgspec import structs
from tests.unit.plans import PLAN

from coralrun import limits
from coralrun.coralnet.protocol import LIMITS
from coralrun.machine import effects, facts, outcomes, policy
from coralrun.machine.apply import apply
from coralrun.machine.decide import Decision
from coralrun.machine.fact_fields import PauseWhy
from coralrun.machine.notes import Channel
from coralrun.machine.outcomes import Listed, Refusal, Trouble, TroubleKind
from coralrun.machine.reasons import Reason
from coralrun.machine.state import Setup, State
from coralrun.machine.units import PlanUnits
from coralrun.planning.images import Extent, PlannedImage, Size
from coralrun.planning.model import Plan
from coralrun.spec.point_design import AnnotationArea, AreaUnit, Method, PointDesign

from .by_hand import AT, DAY_S, SIZE, Engine, listed, submitted

AWAY = Trouble(TroubleKind.UNREACHABLE)


def test_images_are_tried_again_until_their_attempts_are_used_up() -> None:
    engine = submitted(images=2, attempts=1)
    engine.sleeps(80)
    engine.does(effects.List(), listed(finished=("7", "6")))
    collect = effects.Collect(1, 1, "7", (0, 1), (SIZE, SIZE))
    engine.does(collect, outcomes.Collected("d", 1, {}, {1: Reason.HOST_ERROR}))
    assert engine.state.durable.ended == {1: Reason.HOST_ERROR}
    assert engine.decide().effects == (effects.Finish(),)


def test_a_permanent_error_ends_an_image_at_once_and_another_one_waits() -> None:
    engine = submitted()
    engine.sleeps(80)
    engine.does(effects.List(), listed(finished=("7", "6")))
    collect = effects.Collect(1, 1, "7", (0, 1), (SIZE, SIZE))
    engine.does(collect, outcomes.Collected("d", 0, {0: Reason.NOT_FOUND}, {1: Reason.HOST_ERROR}))
    assert engine.state.durable.ended == {0: Reason.NOT_FOUND}
    assert list(engine.state.durable.again) == [1]
    assert "images that failed, to be tried again" in engine.waits()


def test_a_job_that_is_done_and_never_gives_its_result_is_given_up_as_stuck() -> None:
    engine = submitted()
    engine.sleeps(limits.STUCK_S + 1)
    engine.hears(effects.List(), listed(active=("7",)))
    engine.does(effects.Look("7"), outcomes.JobDone())
    collect = effects.Collect(1, 1, "7", (0, 1), (SIZE, SIZE))
    for _ in range(100):
        engine.sleeps(75)
        if effects.GiveUp(1, 1, "7", Reason.JOB_STUCK) in engine.decide().effects:
            break
        engine.hears(effects.List(), listed(active=("7",)))
        engine.does(collect, outcomes.NotReady())
    engine.books()
    assert isinstance(engine.happened[-1], facts.GaveUp)
    assert list(engine.state.durable.again) == [0, 1]


def test_a_job_whose_counts_stand_still_for_a_day_is_lost() -> None:
    engine = submitted()
    engine.sleeps(limits.STUCK_S + 1)
    engine.hears(effects.List(), listed(active=("7",)))
    engine.does(effects.Look("7"), outcomes.Progress(1, 0, 2))
    engine.sleeps(DAY_S - 1)
    engine.hears(effects.Look("7"), outcomes.Progress(1, 0, 2))
    assert engine.state.durable.active
    engine.sleeps(2)
    engine.hears(effects.Look("7"), outcomes.Progress(1, 0, 2))
    assert engine.state.durable.closed[-1].why is Reason.JOB_LOST


def test_a_job_of_a_service_that_takes_all_is_not_asked_about_by_name_nor_lost() -> None:
    engine = submitted()
    setup = engine.state.setup
    allowed = replace(setup.allowed, takes_all=True)
    engine.state = State(replace(setup, allowed=allowed), engine.state.durable, engine.state.volatile)
    engine.hears(effects.Look("7"), outcomes.Progress(1, 0, 2))
    engine.sleeps(3 * DAY_S)
    assert effects.Look("7") not in engine.decide().effects
    engine.hears(effects.Look("7"), outcomes.Progress(1, 0, 2))
    assert engine.state.durable.active


def test_counts_that_go_back_and_forth_are_no_progress() -> None:
    engine = submitted()
    engine.sleeps(limits.STUCK_S + 1)
    engine.hears(effects.List(), listed(active=("7",)))
    for count in range(25):
        engine.hears(effects.Look("7"), outcomes.Progress(count % 2, 0, 2))
        engine.sleeps(3600)
    engine.hears(effects.Look("7"), outcomes.Progress(0, 0, 2))
    assert engine.state.durable.closed[-1].why is Reason.JOB_LOST


def test_a_result_that_cannot_be_fetched_after_a_long_sleep_is_no_lost_job() -> None:
    engine = submitted()
    engine.sleeps(limits.STUCK_S + 1)
    engine.hears(effects.List(), listed(active=("7",)))
    engine.does(effects.Look("7"), outcomes.Progress(1, 0, 2))
    engine.sleeps(2 * DAY_S)
    engine.hears(effects.List(), listed(finished=("7",)))
    engine.does(effects.Collect(1, 1, "7", (0, 1), (SIZE, SIZE)), Trouble(TroubleKind.UNREACHABLE))
    assert not any(isinstance(effect, effects.GiveUp) for effect in engine.decide().effects)
    assert 1 in engine.state.durable.active


@pytest.mark.parametrize("seen", [listed(max_active=0), listed(active=("3", "4"), max_active=2)])
def test_a_day_without_any_slot_pauses_the_run(seen: Listed) -> None:
    engine = Engine()
    for _ in range(25):
        engine.hears(effects.List(), seen)
        engine.sleeps(3600)
    (pause,) = engine.decide().effects
    assert pause == effects.Pause(PauseWhy.NO_SLOTS, "the service has had no free slot for a day")


def test_slots_that_the_runs_own_jobs_hold_are_no_reason_to_pause() -> None:
    engine = submitted(images=4)
    for _ in range(25):
        engine.hears(effects.List(), listed(active=("7",), max_active=1))
        engine.sleeps(3600)
    assert not any(isinstance(effect, effects.Pause) for effect in engine.decide().effects)


def test_a_url_without_life_is_asked_for_again_after_a_rest_and_not_for_ever() -> None:
    engine = Engine(2, resolved=False)
    tries = 0
    while 0 not in engine.state.durable.ended and tries < 50:
        engine.hears(effects.Resolve(0), outcomes.Resolved(SIZE, life_s=0.0))
        assert effects.Resolve(0) not in engine.decide().effects
        engine.sleeps(700)
        engine.hears(effects.Resolve(1), outcomes.Resolved(SIZE))
        tries += 1
    assert engine.state.durable.ended == {0: Reason.URL_EXPIRED}
    assert tries == policy.RESOLVE_TRIES


def test_an_image_whose_host_fails_ends_once_the_service_was_seen_alive() -> None:
    engine = Engine(1, resolved=False, elsewhere=True)
    for _ in range(policy.RESOLVE_TRIES + 3):
        engine.hears(effects.Resolve(0), AWAY)
        engine.sleeps(700)
    assert engine.state.durable.ended == {}
    engine.hears(effects.List(), listed())
    engine.hears(effects.Resolve(0), AWAY)
    assert engine.state.durable.ended == {0: Reason.HOST_UNREACHABLE}


def test_no_image_ends_because_the_pages_are_away_however_long() -> None:
    engine = Engine(4, resolved=False)
    engine.hears(effects.Resolve(3), outcomes.Resolved(SIZE))
    for _ in range(100):
        engine.hears(effects.List(), listed())
        for image in range(3):
            engine.hears(effects.Resolve(image), AWAY)
        engine.sleeps(700)
    assert engine.state.durable.ended == {}


def test_the_last_failing_image_ends_once_an_earlier_one_shows_the_site() -> None:
    engine = submitted(images=3)
    engine.state.setup = replace(engine.state.setup, sizes=(None, None, None))
    engine.sleeps(80)
    engine.does(effects.List(), listed(finished=("7", "6")))
    engine.hears(effects.Collect(1, 1, "7", (0, 1), (SIZE, SIZE)), outcomes.Collected("d", 2))
    asked: list[int] = []
    while 2 not in engine.state.durable.ended and len(asked) < 50:
        for effect in engine.decide().effects:
            if isinstance(effect, effects.Resolve):
                asked.append(effect.image)
                engine.hears(effect, AWAY if effect.image == 2 else outcomes.Resolved(SIZE))
        engine.sleeps(700)
    assert engine.state.durable.ended == {2: Reason.HOST_UNREACHABLE}
    assert asked == [2, *[0, 2] * (policy.RESOLVE_TRIES - 1)]


def test_a_probe_that_fails_tells_that_the_site_is_away_and_ends_nothing() -> None:
    engine = submitted(images=3)
    engine.state.setup = replace(engine.state.setup, sizes=(None, None, None))
    engine.hears(effects.Resolve(2), AWAY)
    engine.sleeps(700)
    for _ in range(5):
        assert engine.decide().effects.count(effects.Resolve(0)) == 1
        engine.hears(effects.Resolve(0), AWAY)
        engine.sleeps(700)
    assert engine.state.volatile.outages[Channel.IMAGES].failures == 6
    assert engine.state.durable.ended == {}


@pytest.mark.parametrize("answer", [AWAY, outcomes.Resolved(SIZE, life_s=0.0)])
def test_an_image_whose_probe_failed_rests_when_its_job_gives_it_back(answer: outcomes.Outcome) -> None:
    engine = submitted(images=2)
    engine.state.setup = replace(engine.state.setup, sizes=(None, None))
    engine.sleeps(80)
    engine.does(effects.List(), listed(finished=("7", "6")))
    engine.hears(effects.Resolve(0), answer)
    engine.does(
        effects.Collect(1, 1, "7", (0, 1), (SIZE, SIZE)), outcomes.Collected("d", 1, again={0: Reason.URL_EXPIRED})
    )
    engine.sleeps(policy.rest_s(0) - 1)
    assert effects.Resolve(0) not in engine.decide().effects
    engine.sleeps(1)
    assert effects.Resolve(0) in engine.decide().effects


def test_a_site_that_asks_for_silence_for_a_day_pauses_the_run() -> None:
    engine = Engine(1, resolved=False)
    for _ in range(150):
        engine.hears(effects.Resolve(0), Trouble(TroubleKind.THROTTLED, wait_s=600.0))
        engine.sleeps(600)
    (pause,) = (effect for effect in engine.decide().effects if isinstance(effect, effects.Pause))
    assert pause.why is PauseWhy.UNREACHABLE


def test_an_image_with_too_many_pixels_is_never_sent() -> None:
    engine = Engine(1, resolved=False)
    engine.hears(effects.Resolve(0), outcomes.Resolved(Size(8100, 8000)))
    assert engine.state.durable.ended == {0: Reason.TOO_MANY_PIXELS}


def test_an_outage_doubles_its_wait_up_to_ten_minutes_and_ends_with_an_answer() -> None:
    engine = Engine()
    rests: list[float] = []
    for _ in range(10):
        engine.does(effects.List(), Trouble(TroubleKind.UNREACHABLE))
        retry_s = engine.state.volatile.outages[Channel.API].retry_at_s
        rests.append(retry_s - engine.now)
        engine.now = retry_s
    assert rests == [5, 10, 20, 40, 80, 160, 320, 600, 600, 600]
    engine.does(effects.List(), listed())
    assert Channel.API not in engine.state.volatile.outages


def test_a_machine_that_slept_for_a_day_does_not_take_that_for_an_outage() -> None:
    engine = Engine()
    engine.does(effects.List(), Trouble(TroubleKind.UNREACHABLE))
    engine.sleeps(2 * DAY_S)
    assert engine.decide().effects == (effects.List(),)


LOWER = AnnotationArea(unit=AreaUnit.PIXELS, x=(0, 1000), y=(60, 1000))


def sized(design: PointDesign | None, *images: PlannedImage, extents: Mapping[str, Extent] | None = None) -> Plan:
    return replace(PLAN, images=images, design=design, extents=extents or {})


def image(name: str, size: Size | None, area: AnnotationArea | None = None) -> PlannedImage:
    return PlannedImage(key=name, source="m", name=name, points=2, url="http://a", size=size, area=area)


def sizes_of(plan: Plan, *units: tuple[int, int]) -> Sequence[Size | None]:
    return Setup.of(plan, PlanUnits(units or ((0, len(plan.images) - 1),)), LIMITS).sizes


def test_an_image_too_small_for_the_design_is_resolved_though_known() -> None:
    design = PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=2, annotation_area=LOWER)
    images = image("fits", Size(10, 80)), image("small", Size(10, 40)), image("unknown", None)
    assert sizes_of(sized(design, *images)) == (Size(10, 80), None, None)
    assert None not in sizes_of(sized(None, *images))


def test_an_image_is_measured_against_its_own_area_where_it_has_one() -> None:
    design = PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=2)
    images = image("whole", Size(10, 40)), image("lower", Size(10, 40), LOWER)
    assert sizes_of(sized(design, *images)) == (Size(10, 40), None)
    assert sizes_of(sized(design, *images, *images)) == (Size(10, 40), None) * 2


def test_points_in_units_of_their_own_need_the_size_that_they_were_laid_on() -> None:
    extents = dict.fromkeys(("right", "wrong", "unknown"), Extent(150, 1200, whole_parts=True))
    images = image("right", Size(10, 80)), image("wrong", Size(11, 80)), image("unknown", None), image("pixels", None)
    assert sizes_of(sized(None, *images, extents=extents)) == (Size(10, 80), None, None, Size(0, 0))


def test_what_is_known_of_an_image_is_known_of_its_unit() -> None:
    images = image("a", Size(10, 80)), image("b", Size(11, 80)), image("c", Size(12, 80))
    plan = sized(PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=2), *images)
    assert sizes_of(plan, (2, 2), (0, 1)) == [Size(11, 80), Size(12, 80), Size(10, 80)]


def test_photos_of_a_folder_share_their_place_and_so_tell_whether_it_is_there() -> None:
    photo = structs.replace(image("a", Size(10, 80)), url=None, sha256="0f" * 32)
    setup = Setup.of(sized(None, image("b", None), photo), PlanUnits(((0, 1),)), LIMITS)
    assert [setup.shares_site(unit) for unit in (0, 1)] == [False, True]


def test_a_finished_run_decides_nothing() -> None:
    engine = Engine(1)
    apply(engine.state.durable, facts.Ended(AT, {0: Reason.NOT_AN_IMAGE}))
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
        (effects.Submit(2, 1, (0,), (SIZE,)), outcomes.Done()),
        (effects.Look("7"), outcomes.NotReady()),
        (effects.Identify(1, 1, "7"), outcomes.Accepted("7")),
        (effects.Collect(1, 1, "7", (0, 1), (SIZE, SIZE)), outcomes.JobDone()),
        (effects.Resolve(2), outcomes.Accepted("7")),
        (effects.Bookkeeping(), outcomes.Done()),
    ],
)
def test_an_outcome_that_an_effect_cannot_have_is_a_defect(effect: effects.Effect, outcome: outcomes.Outcome) -> None:
    with pytest.raises(AssertionError, match="cannot have the outcome"):
        submitted(images=3).hears(effect, outcome)


def test_an_entry_that_the_batch_does_not_have_is_a_defect() -> None:
    with pytest.raises(AssertionError, match="the batch has no entry 2"):
        submitted().hears(effects.Submit(1, 1, (0, 1), (SIZE, SIZE)), outcomes.Refused(Refusal.BAD_ENTRY, entry=2))


def test_points_of_an_earlier_photo_need_its_very_size() -> None:
    extents = dict.fromkeys(("right", "half", "unknown"), Extent(10, 80, whole_parts=True, exact=True))
    images = image("right", Size(10, 80)), image("half", Size(5, 40)), image("unknown", None), image("any", None)
    assert sizes_of(sized(None, *images, extents=extents)) == (Size(10, 80), None, None, Size(0, 0))


def test_a_probe_of_an_image_that_cannot_be_used_shows_that_the_site_is_there() -> None:
    engine = submitted(images=2)
    engine.state.setup = replace(engine.state.setup, sizes=(None, None))
    engine.hears(effects.Resolve(0), AWAY)
    engine.hears(effects.Resolve(0), outcomes.Unusable(Reason.NOT_FOUND))
    assert Channel.IMAGES not in engine.state.volatile.outages
    assert engine.state.durable.ended == {}
