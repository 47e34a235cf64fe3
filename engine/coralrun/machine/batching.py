"""How many images the next batch takes.

Full batches until the last round: the one after which no image waits. There the images are shared out, so that the
slots finish together. Without knowledge of how the time grows with a batch's size, as many batches are made as full
ones would be, of even sizes: that costs no request. Where it is known to grow, every slot gets a share, unless so few
images were left to each that a job's fixed time would be most of it.

Rule: pure; the sizes of batches change no result (R7).
"""

from __future__ import annotations

from coralrun.machine.lengths import Growth, growth_of
from coralrun.machine.state import State

BATCHES_AHEAD = 4
"""Batches whose URLs are ready: enough for slots that become free together, few enough that no URL grows old."""

FIRST_WAVE_LEAST = 0.25
"""The odd batch goes into the first wave, where a size of its own shows how time grows, if it has this share at least
of a full one. Not where images must be asked for: then the wave leaves and ends batch by batch, which is too late."""


def most_images(state: State, now: float) -> int:
    """How many images the next batch may take."""
    full, waiting = state.setup.batch_size, state.images_waiting()
    if not waiting:
        return 1
    if not state.durable.closed and waiting > full * (free := state.free_slots()):
        odd = waiting % full
        return odd if free == 1 and odd >= FIRST_WAVE_LEAST * full and _is_known(state) else full
    slots = _slots(state)
    if waiting > full * slots:
        return full
    even = -(-waiting // -(-waiting // full))
    if state.setup.allowed.takes_all:
        return even
    growth = growth_of(tuple(state.volatile.experience.lengths))
    return even if growth is None else min(even, _shared_out(state, now, waiting, slots, growth))


def images_ahead(state: State, most: int) -> int:
    """How many images' URLs are to be ready: those of the next batches, of `most` each, as several slots may become
    free at once.

    Slots that others' jobs hold count too: whoever holds them may leave. No more batches than slots, so that each goes
    within about a job's time, before its URLs grow old.
    """
    slots = min(state.setup.concurrency, state.volatile.max_active)
    return most * max(1, min(BATCHES_AHEAD, slots))


def _is_known(state: State) -> bool:
    """Whether the next image can be submitted without being asked for first."""
    image = next(state.waiting(), None)
    return image is not None and state.setup.sizes[image] is not None


def _slots(state: State) -> int:
    """How many slots the run may use at once; those of others' jobs are not among them."""
    ours = {batch.job for batch in state.durable.active.values()}
    others = len(state.volatile.active_jobs - ours)
    return max(1, min(state.setup.concurrency, state.volatile.max_active - others))


def _shared_out(state: State, now: float, waiting: int, slots: int, growth: Growth) -> int:
    """The share of the slot that is free now, if all slots are to finish together."""
    experience = state.volatile.experience
    frees_s = [
        max(now, watched.started_s + growth.seconds(watched.entries))
        for batch in state.durable.active.values()
        if (watched := experience.watched.get(batch.job)) is not None
    ]
    frees_s = sorted([*frees_s[:slots], *[now] * (slots - len(frees_s))])
    count, ends_s = 0, float("inf")
    while count < len(frees_s) and frees_s[count] < ends_s:  # the slots that are free early enough to help
        count += 1
        ends_s = (sum(frees_s[:count]) + waiting * growth.entry_s) / count
    share = (ends_s - now) / growth.entry_s
    least = growth.fixed_s / growth.entry_s  # so few images take as long as the job's fixed time
    return max(1, round(max(share, least)))
