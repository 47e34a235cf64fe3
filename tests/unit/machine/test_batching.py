"""How images are shared out among batches: full ones, and a last round that ends together."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.states import state_of

from coralrun.machine import batching
from coralrun.machine.batches import ClosedJob
from coralrun.machine.state import State
from coralrun.machine.volatile import Volatile

from .by_hand import length
from .test_looking import state_with

GROWING = [length(60 + 2.4 * entries, entries) for entries in (100, 100, 71, 50, 100)]


def cut_all(state: State) -> list[int]:
    """The sizes of the batches of a run whose slots are all free again after each wave."""
    sizes: list[int] = []
    while left := state.images_waiting():
        sizes.append(min(left, batching.most_images(state, 0.0)))
        state.durable.succeeded += sizes[-1]
    return sizes


@pytest.mark.parametrize(
    ("images", "sizes"),
    [
        (60, [60]),
        (100, [100]),
        (101, [51, 50]),
        (171, [86, 85]),
        (500, [100] * 5),
        (501, [100, 81, 80, 80, 80, 80]),
    ],
)
def test_the_last_round_is_of_even_batches_and_no_more_than_full_ones_would_be(images: int, sizes: list[int]) -> None:
    assert cut_all(state_with(0, images=images)) == sizes
    assert len(sizes) == -(-images // 100)


def test_where_no_image_waits_a_batch_would_take_one() -> None:
    state = state_with(0, images=60)
    state.durable.succeeded = 60
    assert batching.most_images(state, 0.0) == 1


def test_the_odd_batch_goes_into_the_first_wave_if_it_is_not_too_small() -> None:
    assert batching.most_images(state_with(4, images=671), 0.0) == 71
    assert batching.most_images(state_with(3, images=671), 0.0) == 100
    assert batching.most_images(state_with(4, images=610), 0.0) == 100
    assert batching.most_images(state_with(4, images=600), 0.0) == 100


def test_after_the_first_wave_batches_are_full_until_the_last_round() -> None:
    state = state_with(4, images=671)
    state.durable.closed.append(
        ClosedJob(batch=1, attempt=1, job="1", units=(), missed=(), sha256="", submitted_at="", closed_at="")
    )
    assert batching.most_images(state, 0.0) == 91, "the last round, in as many batches as full ones would be"
    state.durable.name_units(((0, 1170),), 1171)
    assert batching.most_images(state, 0.0) == 100


def test_the_odd_batch_is_told_by_the_next_image_though_the_last_were_withdrawn() -> None:
    state = state_with(4, images=671)
    state.durable.name_units(((0, 670),), 700)
    state.durable.cursor = 700
    state.durable.again = dict.fromkeys(range(671))
    assert batching.most_images(state, 0.0) == 71


def test_the_odd_batch_comes_last_where_pages_must_be_read() -> None:
    state = state_with(4, images=671)
    paged = State(replace(state.setup, sizes=(None,) * 671), state.durable, state.volatile)
    assert batching.most_images(paged, 0.0) == 100


def test_where_time_grows_with_size_the_last_images_are_shared_out_among_all_slots() -> None:
    state = state_with(0, images=171)
    state.volatile.experience.learn(*GROWING)
    assert batching.most_images(state, 0.0) == 34


def test_where_no_job_waits_for_another_nothing_is_shared_out() -> None:
    state = state_with(0, images=171)
    state.volatile.experience.learn(*GROWING)
    allowed = replace(state.setup.allowed, takes_all=True)
    assert batching.most_images(State(replace(state.setup, allowed=allowed), state.durable, state.volatile), 0.0) == 86


def test_a_slot_that_is_busy_for_long_gets_no_share() -> None:
    state = state_with(1, images=271)
    state.volatile.experience.learn(*GROWING)
    assert batching.most_images(state, 0.0) == 43
    state.volatile.experience.watched.clear()
    assert batching.most_images(state, 0.0) == 34


def test_the_images_that_a_batch_would_hold_end_where_its_entries_are_full() -> None:
    state = State(replace(state_with(0, images=5).setup, entries=(40, 40, 40, 1, 1)), state_of(5), Volatile(0.0))
    assert state.next_window(0.0, 100) == (0, 1)


def test_a_batch_is_worth_its_fixed_time() -> None:
    state = state_with(0, images=20)
    state.volatile.experience.learn(*GROWING)
    assert batching.most_images(state, 0.0) == 20


def test_slots_of_other_clients_are_not_counted_on() -> None:
    state = state_with(0, images=90)
    state.volatile.experience.learn(*GROWING)
    assert batching.most_images(state, 0.0) == 25
    state.volatile.active_jobs |= {"901", "902", "903", "904"}
    assert batching.most_images(state, 0.0) == 90


def test_urls_are_ready_for_as_many_batches_as_slots_up_to_four() -> None:
    for slots, ahead in ((1, 100), (3, 300), (5, 400)):
        assert batching.images_ahead(state_with(0, images=1000, slots=slots), 100) == ahead
    shared = state_with(1, images=1000, slots=3)
    shared.volatile.active_jobs |= {"901", "902"}
    assert batching.images_ahead(shared, 100) == 300, "others' slots become free too"
    unknown = state_with(0, images=1000)
    unknown.volatile.max_active = 0
    assert batching.images_ahead(unknown, 100) == 100
