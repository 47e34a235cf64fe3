"""The whole state that one thread owns: what the run is, what is known for good, and what is known for now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import NamedTuple, TypeVar

from coralrun.machine.batches import Batch
from coralrun.machine.durable import Durable
from coralrun.machine.outcomes import Progress
from coralrun.machine.reasons import Reason
from coralrun.machine.stored_photos import StoredPhoto
from coralrun.machine.units import PlanUnits
from coralrun.machine.volatile import Volatile
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Plan
from coralrun.planning.points import entries_of, fits
from coralrun.planning.points_table import in_pixels
from coralrun.service.limits import ServiceLimits

UNKNOWN_SIZE = Size(0, 0)

Value = TypeVar("Value")


class Instant(NamedTuple):
    """One moment on both clocks: `mono_s` to count with, `utc` to write down."""

    mono_s: float
    utc: str


class PhotoToUpload(NamedTuple):
    """A unit's photo that goes to the service first: to which `place`, under which `name`, and with which bytes."""

    unit: int
    place: str
    name: str
    sha256: str

    @property
    def image(self) -> str:
        """Which photo it is at the service."""
        return f"{self.place}/{self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """What the machine knows of the plan, unit by unit: what it calls an image is a unit of work.

    `allowed` is what the service takes, `entries` how many entries of a job an image is. `sizes` holds an image's size
    when nothing need be asked before it is submitted, None when its URL or its size must be resolved first; unless it
    `asks`, none of them must. `elsewhere` is 1 for an image with a host of its own, 0 for one of a site that others
    share; empty where all share one. `uploads` are the photos that go to the service first, in the order of the plan;
    unless it `classifies`, all is done then. `unfit` are the units that end at once, as the plan says, and why.
    """

    entries: Sequence[int]
    sizes: Sequence[Size | None]
    batch_size: int
    concurrency: int
    attempts: int
    allowed: ServiceLimits
    asks: bool = True
    elsewhere: bytes = b""
    uploads: tuple[PhotoToUpload, ...] = ()
    classifies: bool = True
    unfit: Mapping[int, Reason] = field(default_factory=dict)

    @property
    def patience_s(self) -> float:
        """The longest time between two looks."""
        return self.allowed.look_most_s

    def shares_site(self, image: int) -> bool:
        """Whether the image comes from a site that others come from too, so that they tell whether it is there."""
        return not self.elsewhere or not self.elsewhere[image]

    @classmethod
    def of(cls, plan: Plan, units: PlanUnits, allowed: ServiceLimits) -> Setup:
        """What the machine needs of a plan whose images are these units, at a service.

        Points in pixels from a file need no size: none is asked for. An image on which its points do not fit is
        resolved although its size is known: that is how it ends.
        """
        entries = tuple(_of_kinds(plan, lambda image: entries_of(image.points, plan.points_per_entry)))
        sizes = _known_sizes(plan)
        return cls(
            entries=units.by_unit(entries, 0),
            sizes=units.by_unit(sizes, None),
            asks=None in sizes,
            batch_size=plan.batch_size,
            concurrency=plan.concurrency,
            attempts=plan.attempts,
            allowed=allowed,
            elsewhere=bytes(units.by_unit(bytes(_of_kinds(plan, _has_own_host)), 0)),
            uploads=tuple(_uploads(plan, units)),
            classifies=plan.classifies,
            unfit=dict(_unfit(plan, units)),
        )


def _uploads(plan: Plan, units: PlanUnits) -> Iterator[PhotoToUpload]:
    if any(kind.upload is not None for kind in plan.kinds.firsts):
        for unit, image in zip(units.unit_of, plan.images, strict=True):
            if image.upload is not None:
                yield PhotoToUpload(unit, image.upload.to, image.name, image.upload.sha256)


def _unfit(plan: Plan, units: PlanUnits) -> Iterator[tuple[int, Reason]]:
    if any(kind.unfit is not None for kind in plan.kinds.firsts):
        for unit, image in zip(units.unit_of, plan.images, strict=True):
            if image.unfit is not None:
                yield unit, Reason(image.unfit)


def _has_own_host(image: PlannedImage) -> bool:
    """Whether no other image tells if its host is there; those of a service or of a folder come from one place."""
    return image.image_id is None and image.sha256 is None


def _of_kinds(plan: Plan, ask: Callable[[PlannedImage], Value]) -> Iterator[Value]:
    """An answer for each image, asked for each kind of them alone: there are few, whatever the survey's size."""
    kinds = plan.kinds
    return map([ask(image) for image in kinds.firsts].__getitem__, kinds.of_image)


def _known_sizes(plan: Plan) -> tuple[Size | None, ...]:
    """See `Setup.sizes`. The points of a file may be in units of each image's own."""

    def known(image: PlannedImage) -> Size | None:
        if image.url is None or (image.size is None and plan.needs_size(image)):
            return None
        design = plan.design_for(image)
        if image.size is None:
            return UNKNOWN_SIZE
        if design is None:
            return image.size if in_pixels((), plan.extents.get(image.key), image.size) is not None else None
        return image.size if fits(design, image.size) else None

    return tuple(map(known, plan.images) if plan.extents else _of_kinds(plan, known))


def _is_stored(photo: PhotoToUpload, stored: StoredPhoto | None) -> bool:
    return stored is not None and stored.sha256 == photo.sha256


@dataclass(slots=True)
class State:
    """The state of a run in the hands of one process.

    The first `_uploads_over` photos to upload need no look any more: a photo that is done, or whose unit ended, is not
    to do again in the same process.
    """

    setup: Setup
    durable: Durable
    volatile: Volatile
    _uploads_over: int = 0
    _wanted: frozenset[tuple[str, str]] = frozenset()  # name and content of each photo to upload, once they are counted
    _there: tuple[int, int] = (0, 0)  # of so many photos that are stored, so many are the plan's

    def ready_size(self, image: int, now: float) -> Size | None:
        """The image's size if it can be submitted now, None if it must be resolved first."""
        known = self.setup.sizes[image]
        if known is not None:
            return known
        ready = self.volatile.ready.get(image)
        if ready is None or (ready.stale_at_s is not None and now >= ready.stale_at_s):
            return None
        return ready.size

    def waiting(self) -> Iterator[int]:
        """The images that wait for a batch, those never tried first, each group in order."""
        return chain(self.durable.never_taken(), self.durable.again)

    def uploads_to_do(self) -> Iterator[PhotoToUpload]:
        """The photos that are still to be at the service, in the order of the plan."""
        uploads = self.setup.uploads
        while self._uploads_over < len(uploads) and not self._is_to_upload(uploads[self._uploads_over]):
            self._uploads_over += 1
        return filter(self._is_to_upload, islice(uploads, self._uploads_over, None))

    def uploads_there(self) -> int:
        """How many of the photos to upload are at the service: what came since the last count is looked at alone."""
        stored, (counted, there) = self.durable.stored, self._there
        self._wanted = self._wanted or frozenset((photo.image, photo.sha256) for photo in self.setup.uploads)
        if len(stored) < counted:  # some was taken out, and nothing tells whether it was the plan's
            counted, there = 0, 0
        came = islice(reversed(stored.items()), len(stored) - counted)
        there += sum((image, photo.sha256) in self._wanted for image, photo in came)
        self._there = len(stored), there
        return there

    def _is_to_upload(self, photo: PhotoToUpload) -> bool:
        """Whether a photo is to be sent. One that is tried anew is asked for: somebody may have taken it out."""
        durable, stored = self.durable, self.durable.stored.get(photo.image)
        if not durable.waits(photo.unit):
            return False
        if stored is None or not _is_stored(photo, stored):
            return True
        return durable.is_anew(photo.unit) and self.volatile.upload_names.get(photo.image) != stored.id

    def image_to_probe(self) -> int | None:
        """An image that is over, or in a job, and was had before: if it can be had now, the site is there.

        None where none was. Never one that is still to be sent, or a worse URL could replace the one that it goes with.
        """
        durable, seen = self.durable, self.volatile.site_seen
        sent = durable.open.units if durable.open is not None else ()
        if seen is not None and not durable.waits(seen.image) and seen.image not in sent:
            return seen.image
        waiting = {*durable.again, *(durable.open.units if durable.open is not None else ())}
        taken = (image for image in range(durable.cursor) if durable.is_named[image] and image not in durable.ended)
        return next((image for image in taken if image not in waiting and self.setup.shares_site(image)), None)

    def work_waits(self) -> bool:
        """Whether an image waits to be submitted, now or after a rest."""
        return self.durable.open is not None or next(self.waiting(), None) is not None

    def jobs_left(self) -> int:
        """How many jobs are still to be sent or collected, if each to come is full."""
        durable = self.durable
        return len(durable.active) + -(-self.images_waiting() // self.setup.batch_size)

    def images_waiting(self) -> int:
        """How many images have not ended and are in no job."""
        durable = self.durable
        in_jobs = sum([self._wanted_of(batch) for batch in durable.active.values()])
        return durable.wanted - durable.units_over - in_jobs

    def jobs_told(self) -> Iterator[tuple[Batch, Progress]]:
        """The batches in jobs of which the service told how far they are: for people alone."""
        progress = self.volatile.progress
        return ((batch, progress[batch.job]) for batch in self.durable.active.values() if batch.job in progress)

    def images_done_in_jobs(self) -> int:
        """How many images jobs have done that are not over, as far as the service tells."""
        return sum([progress.share_of(self._wanted_of(batch)) for batch, progress in self.jobs_told()])

    def _wanted_of(self, batch: Batch) -> int:
        """How many images of a batch the plan in force names."""
        is_all = self.durable.wanted == self.durable.units
        return len(batch.units) if is_all else sum(map(self.durable.is_named.__getitem__, batch.units))

    def next_images(self, now: float, most: int) -> Iterator[int]:
        """The next images that wait and do not rest, at most so many."""
        return self._next_rested(now, most) if self.volatile.rest_until_s else islice(self.waiting(), most)

    def _next_rested(self, now: float, most: int) -> Iterator[int]:
        rests = self.volatile.rest_until_s
        found = passed_over = 0
        for image in self.waiting():
            if found == most or passed_over > 4 * self.setup.batch_size:
                return  # so that one decision never costs more than a few batches
            if rests.get(image, 0.0) > now:
                passed_over += 1
            else:
                found += 1
                yield image

    def next_window(self, now: float, most: int) -> tuple[int, ...]:
        """The images that a batch of at most so many would hold if all could be submitted: those that rest are not."""
        window: list[int] = []
        entries = 0
        for image in self.next_images(now, most):
            entries += self.setup.entries[image]
            if entries > self.setup.allowed.entries_per_job:
                break
            window.append(image)
        return tuple(window)

    def waiting_resting(self, now: float) -> Iterator[int]:
        """The first images that wait for a batch and rest until later."""
        resting = (image for image in self.waiting() if self.volatile.rest_until_s.get(image, 0.0) > now)
        return islice(resting, 4 * self.setup.batch_size)

    def free_slots(self) -> int:
        """How many more jobs may be active now, as far as the last listing and our own doings tell.

        A job that is over and not collected yet holds no slot; but there are never more of those than slots.
        """
        volatile, active = self.volatile, self.durable.active
        of_account = volatile.max_active - len(volatile.active_jobs)
        if of_account < 1:
            return 0
        at_work = sum([batch.job in volatile.active_jobs for batch in active.values()])
        of_run = min(self.setup.concurrency - at_work, 2 * self.setup.concurrency - len(active))
        return max(0, min(of_account, of_run))
