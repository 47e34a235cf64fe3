"""How images get their URLs and sizes before a batch is cut, and what a batch waits for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coralrun.machine import effects, facts, outcomes, policy
from coralrun.machine.fact_fields import RefusedWhy
from coralrun.machine.notes import Channel
from coralrun.machine.outcomes import Trouble, TroubleKind
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Size

from .by_hand import AT, SIZE, Engine, listed, submitted

AWAY = Trouble(TroubleKind.UNREACHABLE)


def unresolved(images: int = 2, batch_size: int = 2, *, elsewhere: bool = False) -> Engine:
    engine = Engine(images, resolved=False, batch_size=batch_size, elsewhere=elsewhere)
    engine.hears(effects.List(), listed())
    return engine


def asked(engine: Engine) -> list[int]:
    """The images whose pages are asked for now."""
    return [effect.image for effect in engine.decide().effects if isinstance(effect, effects.Resolve)]


def test_a_batch_is_cut_when_all_its_images_are_ready_with_their_sizes() -> None:
    engine = unresolved()
    engine.does(effects.Resolve(0), outcomes.Resolved(Size(5, 7), life_s=3600.0))
    assert asked(engine) == [1]
    engine.does(effects.Resolve(1), outcomes.Resolved(Size(9, 7)))
    (intend,) = engine.decide().effects
    assert isinstance(intend, effects.Intend)
    assert (intend.units, intend.sizes) == ((0, 1), (Size(5, 7), Size(9, 7)))


def test_a_url_that_has_lived_half_its_life_is_fetched_again_before_it_is_submitted() -> None:
    engine = unresolved()
    engine.does(effects.Resolve(0), outcomes.Resolved(SIZE, life_s=100.0))
    engine.sleeps(49)
    assert asked(engine) == [1]
    engine.sleeps(1)
    assert asked(engine) == [0, 1]


def test_while_no_slot_is_free_no_page_is_asked_for_twice() -> None:
    engine = unresolved()
    engine.does(effects.Resolve(0), outcomes.Resolved(SIZE, life_s=100.0))
    engine.sleeps(60)
    engine.hears(effects.List(), listed(active=("1", "2", "3", "4", "5")))
    assert asked(engine) == [1]


def test_after_a_long_wait_for_a_slot_the_whole_batch_goes() -> None:
    engine = unresolved()
    engine.hears(effects.Resolve(0), outcomes.Resolved(SIZE, life_s=3600.0))
    engine.hears(effects.List(), listed(active=("1", "2", "3", "4", "5")))
    engine.sleeps(1000)
    engine.hears(effects.Resolve(1), outcomes.Resolved(SIZE, life_s=3600.0))
    engine.sleeps(1000)
    engine.hears(effects.List(), listed(finished=("5",)))
    assert engine.decide().effects == (effects.Resolve(0),)
    engine.does(effects.Resolve(0), outcomes.Resolved(SIZE, life_s=3600.0))
    (intend,) = engine.decide().effects
    assert isinstance(intend, effects.Intend)
    assert intend.units == (0, 1)


def test_urls_that_die_before_their_batch_is_read_go_with_those_that_serve() -> None:
    engine = unresolved(images=8, batch_size=8)
    engine.hears(effects.Resolve(0), outcomes.Resolved(SIZE, life_s=7.0))
    engine.sleeps(3.5)
    engine.hears(effects.Resolve(1), outcomes.Resolved(SIZE, life_s=7.0))
    (intend,) = (effect for effect in engine.decide().effects if isinstance(effect, effects.Intend))
    assert intend.units == (1,)


def test_a_site_too_slow_for_a_whole_batch_is_not_tried_for_ever() -> None:
    engine = unresolved()
    for _ in range(policy.GATHERED_TIMES):
        assert not any(isinstance(effect, effects.Intend) for effect in engine.decide().effects)
        engine.hears(effects.Resolve(0), outcomes.Resolved(SIZE, life_s=3600.0))
        engine.sleeps(1800)
    engine.hears(effects.Resolve(1), outcomes.Resolved(SIZE, life_s=3600.0))
    (intend,) = (effect for effect in engine.decide().effects if isinstance(effect, effects.Intend))
    assert intend.units == (1,)


def test_no_more_pages_are_under_way_than_may_be() -> None:
    engine = unresolved(images=2 * policy.RESOLVES_AT_ONCE, batch_size=100)
    first = asked(engine)
    assert len(first) == policy.RESOLVES_AT_ONCE
    for image in first:
        engine.state.volatile.in_flight[effects.Resolve(image)] = engine.now
    assert asked(engine) == []


def test_an_image_that_cannot_be_used_ends_and_the_others_go_on() -> None:
    engine = unresolved()
    engine.does(effects.Resolve(0), outcomes.Unusable(Reason.NOT_FOUND))
    assert engine.happened[-1] == facts.Ended(AT, {0: Reason.NOT_FOUND})
    assert asked(engine) == [1]


def test_an_image_of_another_size_than_its_points_ends_with_its_size() -> None:
    engine = unresolved()
    engine.does(effects.Resolve(0), outcomes.Unusable(Reason.ANOTHER_SIZE, Size(9, 7)))
    assert engine.happened[-1] == facts.Ended(AT, {0: Reason.ANOTHER_SIZE}, {0: Size(9, 7)})


def test_a_page_that_comes_after_its_image_has_ended_teaches_nothing() -> None:
    engine = unresolved()
    engine.hears(effects.Resolve(0), outcomes.Unusable(Reason.NOT_FOUND))
    consequences = engine.hears(effects.Resolve(0), outcomes.Resolved(SIZE))
    assert consequences.facts == ()
    assert engine.state.volatile.ready == {}


def test_a_page_that_failed_is_asked_for_again_after_a_rest() -> None:
    engine = unresolved(images=1)
    engine.does(effects.Resolve(0), AWAY)
    assert engine.decide().effects == ()
    engine.now = engine.state.volatile.rest_until_s[0]
    assert asked(engine) == [0]


def test_an_open_batch_waits_for_an_image_whose_page_failed() -> None:
    engine = unresolved()
    for image in (0, 1):
        engine.does(effects.Resolve(image), outcomes.Resolved(SIZE, life_s=100.0))
    engine.books()
    engine.does(engine.submit(), outcomes.NotSent((0,)))
    assert facts.Refused(AT, 1, 1, RefusedWhy.NOT_SENT) in engine.happened
    engine.does(effects.Resolve(0), AWAY)
    assert engine.decide().effects == ()
    assert "an image that could not be had, to be tried again" in engine.waits()


@pytest.mark.parametrize("kind", [TroubleKind.THROTTLED, TroubleKind.CREDENTIALS])
def test_a_site_that_asks_for_silence_or_for_a_password_is_not_the_images_fault(kind: TroubleKind) -> None:
    engine = unresolved(images=1)
    for _ in range(policy.RESOLVE_TRIES + 1):
        engine.hears(effects.Resolve(0), Trouble(kind, "no", wait_s=600.0))
        assert engine.state.volatile.rest_until_s[0] == engine.now + 600.0
        engine.sleeps(600)
    assert engine.state.durable.ended == {}
    assert (engine.state.durable.paused is not None) is (kind is TroubleKind.CREDENTIALS)


def test_before_an_image_ends_by_its_host_the_service_is_asked_for() -> None:
    engine = unresolved(images=1, elsewhere=True)
    engine.sleeps(1)
    for _ in range(policy.RESOLVE_TRIES - 1):
        assert engine.decide().effects == (effects.Resolve(0),)
        engine.hears(effects.Resolve(0), AWAY)
        engine.sleeps(700)
    begun = engine.decide().effects
    assert effects.List() in begun
    assert effects.Resolve(0) in begun


def test_one_image_is_probed_for_all_that_failed_and_none_that_is_still_to_be_sent() -> None:
    engine = submitted(images=5)
    engine.state.setup = replace(engine.state.setup, sizes=(None,) * 5)
    engine.hears(effects.Resolve(4), outcomes.Resolved(SIZE))
    for image in (2, 3):
        engine.hears(effects.Resolve(image), AWAY)
    engine.sleeps(700)
    assert asked(engine) == [0]
    engine.hears(effects.Resolve(0), outcomes.Resolved(SIZE))
    assert asked(engine) == [2, 3]
    for image in (2, 3):
        engine.hears(effects.Resolve(image), AWAY)
    engine.sleeps(700)
    assert asked(engine) == [0]


def test_a_batch_that_is_not_full_waits_a_little_for_an_image_that_rests() -> None:
    engine = submitted(images=2, batch_size=2)
    engine.sleeps(80)
    engine.does(effects.List(), listed(finished=("7", "6")))
    collect = effects.Collect(1, 1, "7", (0, 1), (SIZE, SIZE))
    engine.does(collect, outcomes.Collected("d", 0, {}, {0: Reason.HOST_ERROR, 1: Reason.HOST_ERROR}))
    rests = engine.state.volatile.rest_until_s
    rests[0], rests[1] = engine.now, engine.now + 30
    assert engine.decide().effects == ()
    assert "images that failed, to fill the batch" in engine.waits()
    engine.sleeps(30)
    (intend,) = engine.decide().effects
    assert isinstance(intend, effects.Intend)
    assert intend.units == (0, 1)


def test_a_batch_that_is_not_full_does_not_wait_for_an_image_that_rests_for_long() -> None:
    engine = submitted(images=2, batch_size=2)
    engine.sleeps(80)
    engine.does(effects.List(), listed(finished=("7", "6")))
    collect = effects.Collect(1, 1, "7", (0, 1), (SIZE, SIZE))
    engine.does(collect, outcomes.Collected("d", 0, {}, {0: Reason.HOST_ERROR, 1: Reason.HOST_ERROR}))
    rests = engine.state.volatile.rest_until_s
    rests[0], rests[1] = engine.now, engine.now + 76
    (intend,) = engine.decide().effects
    assert isinstance(intend, effects.Intend)
    assert intend.units == (0,)


def test_images_that_all_rest_are_looked_over_no_further_than_a_few_batches() -> None:
    engine = Engine(100, batch_size=2)
    for image in range(50):
        engine.state.volatile.rest_until_s[image] = engine.now + 1
    assert engine.state.next_window(engine.now, engine.state.setup.batch_size) == ()
    engine.state.setup = replace(engine.state.setup, batch_size=20)
    assert engine.state.next_window(engine.now, engine.state.setup.batch_size)[:2] == (50, 51)


def test_an_image_that_ended_before_its_turn_is_passed_over() -> None:
    engine = unresolved(images=3)
    engine.hears(effects.Resolve(1), outcomes.Unusable(Reason.DENIED))
    assert list(engine.state.waiting()) == [0, 2]
    assert engine.state.next_window(engine.now, engine.state.setup.batch_size) == (0, 2)


def test_after_a_long_outage_the_site_is_tried_with_one_page() -> None:
    engine = unresolved(images=9, batch_size=9)
    for image in range(3):
        engine.hears(effects.Resolve(image), AWAY)
    outage = engine.state.volatile.outages[Channel.IMAGES]
    assert asked(engine) == []
    engine.now = outage.retry_at_s
    assert len(asked(engine)) == 1
