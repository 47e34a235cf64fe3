"""The next batch: its images' URLs and sizes, and the moment at which it may go.

Rule: a batch is cut when it is about to be submitted, so that it is full and its URLs are fresh. Pages are asked for
while the slots are busy, and asked for again when a URL has too little life left for the queue.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from coralrun.machine import batching, effects, policy
from coralrun.machine.batches import Batch, Phase
from coralrun.machine.draft import AFTER_OUTAGE, Draft
from coralrun.machine.notes import Channel
from coralrun.planning.images import Size
from coralrun.planning.points import entries_of


def submit(draft: Draft) -> None:
    """Record the intent of the next batch when a slot is free and all of its images are ready."""
    state, volatile = draft.state, draft.state.volatile
    batch = state.durable.open
    if draft.uploads_first or (batch is not None and batch.phase is Phase.INTENDED):
        return
    if batch is None and not state.next_window(draft.now, 1):
        _wait_for_rest(draft)
        return
    if volatile.listed_s is None:
        draft.want_listing(draft.now, "to see how many slots are free")
        return
    if state.free_slots() < 1:
        draft.want_listing(draft.next_look().at_s, "a free slot")
        return
    most = draft.most_images()
    images = batch.units if batch is not None else state.next_window(draft.now, most)
    if batch is None and _better_later(draft, images, most):
        return
    ready = {image: size for image in images if (size := state.ready_size(image, draft.now)) is not None}
    if len(ready) < len(images) and (batch is not None or not _goes_without_the_rest(draft, images)):
        return
    if ready and not draft.service_busy and draft.service_ready(Channel.API, Channel.SUBMIT, Channel.SLOT):
        draft.begun.append(_intent(draft, batch, tuple(ready), tuple(ready.values())))


def _goes_without_the_rest(draft: Draft, images: tuple[int, ...]) -> bool:
    """Whether the images that are ready go alone: the others' site is away, or places die faster than they come."""
    state, volatile = draft.state, draft.state.volatile
    if Channel.IMAGES in volatile.outages and draft.resolving == 0:
        return True
    over = (volatile.ready[i] for i in images if i in volatile.ready and state.ready_size(i, draft.now) is None)
    return any(policy.dies_young(ready, len(images), state.setup.allowed.images_per_s) for ready in over)


def _intent(draft: Draft, batch: Batch | None, images: tuple[int, ...], sizes: tuple[Size, ...]) -> effects.Intend:
    durable, volatile = draft.state.durable, draft.state.volatile
    had_result = (job.job for job in reversed(durable.closed) if job.sha256)  # one given up may finish yet
    return effects.Intend(
        batch=durable.next_batch if batch is None else batch.number,
        attempt=1 if batch is None else batch.attempt + 1,
        units=images,
        sizes=sizes,
        entries=sum(draft.state.setup.entries[image] for image in images),
        marker=volatile.marker,
        done_before=tuple(islice(had_result, 1)),
        fresh_cut=batch is None,
    )


def _better_later(draft: Draft, images: tuple[int, ...], most: int) -> bool:
    """Whether a batch that is not full should wait a little for images that rest: each job is worth a slot."""
    setup, rests = draft.state.setup, draft.state.volatile.rest_until_s
    entries = sum(setup.entries[image] for image in images)
    most_points = setup.allowed.points_per_image
    most_entries = 1 if most_points is None else entries_of(most_points, setup.allowed.points_per_entry)
    if len(images) >= most or entries + most_entries > setup.allowed.entries_per_job:
        return False
    soon_s = min((rests[image] for image in draft.state.waiting_resting(draft.now)), default=float("inf"))
    if soon_s > draft.now + setup.patience_s:
        return False
    draft.wait(soon_s, "images that failed, to fill the batch")
    return True


def _wait_for_rest(draft: Draft) -> None:
    rests = draft.state.volatile.rest_until_s
    resting = [rests[image] for image in draft.state.waiting_resting(draft.now)]
    if resting:
        draft.wait(min(resting), "images that failed, to be tried again")


def resolve(draft: Draft) -> None:
    """Ask for the URLs and sizes of the next batch; while all slots are busy, only for those never asked for."""
    state, volatile = draft.state, draft.state.volatile
    if draft.uploads_first or not state.setup.asks:
        return
    outage = volatile.outages.get(Channel.IMAGES)
    if outage is not None and outage.retry_at_s > draft.now and outage.failures > 2:
        draft.wait(outage.retry_at_s, AFTER_OUTAGE[Channel.IMAGES])
        return
    at_once = 1 if outage is not None and outage.failures > 2 else policy.RESOLVES_AT_ONCE
    if draft.resolving >= at_once:
        return
    for image in _next_batches(draft):
        if state.setup.sizes[image] is not None:
            continue  # nothing need be asked
        if draft.resolving >= at_once:
            return
        if state.ready_size(image, draft.now) is not None or effects.Resolve(image) in volatile.in_flight:
            continue
        if image in volatile.ready and state.free_slots() < 1:
            continue
        rest_s = volatile.rest_until_s.get(image, 0.0)
        if rest_s > draft.now:
            draft.wait(rest_s, "an image that could not be had, to be tried again")
            continue
        effect = effects.Resolve(_or_probe(draft, image))
        if effect not in volatile.in_flight and effect not in draft.begun:
            draft.begun.append(effect)
            draft.resolving += 1


def _next_batches(draft: Draft) -> Iterable[int]:
    """The images that are to be ready: those of a batch that was cut, or of the next few."""
    state, batch = draft.state, draft.state.durable.open
    if batch is not None and batch.phase is Phase.CUT:
        return batch.units
    return state.next_images(draft.now, batching.images_ahead(state, draft.most_images()))


def _or_probe(draft: Draft, image: int) -> int:
    """The image, or another one to ask for in its place, which tells an image at fault from a site that is away.

    Where the image has a host of its own there is no such image: whether the service is there is asked instead.
    """
    state, volatile = draft.state, draft.state.volatile
    failures = volatile.resolve_failures.get(image)
    if failures is None:
        return image
    if state.setup.shares_site(image):
        seen = volatile.site_seen
        probe = state.image_to_probe() if seen is None or seen.at_s <= failures.last_s else None
        return image if probe is None else probe
    outage = volatile.outages.get(Channel.IMAGES)
    unseen = volatile.listed_s is None or (outage is not None and volatile.listed_s < outage.since_s)
    if failures.count >= policy.RESOLVE_TRIES - 1 and unseen:
        draft.want_listing(draft.now, "to tell a bad image from a site that is away")
    return image
