"""What a run found, read back: the points of each image that succeeded, in plan order.

Rule: everything that is derived from predictions reads them here, so that all of it sees the same points in the same
order, whatever the order in which jobs finished. One stored result is unpacked at a time and a few are kept, so memory
does not grow with the survey. A run that goes on reads like one that is over: what is there so far.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Container, Iterator, Sequence

from coralrun.classified import Classification, ScoredPoint
from coralrun.errors import RunDamaged
from coralrun.machine.durable import ClosedJob, Durable
from coralrun.machine.runs import from_ranges
from coralrun.plan.model import Plan
from coralrun.store.blobs import BlobStore

_RESULTS_KEPT = 3
"""Unpacked results kept: neighbours in the plan share a batch, and an image that was tried again is in a later one."""

_NOWHERE = -1


def read_points(
    plan: Plan, state: Durable, blobs: BlobStore, only: Container[int] | None = None
) -> Iterator[tuple[int, tuple[ScoredPoint, ...]]]:
    """The succeeded images so far: the number of each in the plan, in plan order, with its points in their order.

    `only`, if given, holds the numbers of the images that are wanted. Raises RunDamaged where a stored result is
    missing, or is not what the facts say.
    """
    where = array("l", [_NOWHERE]) * len(plan.images)
    for index, job in enumerate(state.closed):
        for number in succeeded_in(job):
            where[number] = index
    results = _Results(state.closed, blobs)
    for number, image in enumerate(plan.images):
        if where[number] == _NOWHERE or (only is not None and number not in only):
            continue
        points = results.of(where[number], number)
        if len(points) != image.points:
            raise RunDamaged(f"{image.key} has {len(points)} predictions instead of {image.points}")
        yield number, points


def succeeded_in(job: ClosedJob) -> tuple[int, ...]:
    """The images that a job classified."""
    if not job.sha256:
        return ()
    missed = frozenset(job.missed)
    return tuple(number for number in from_ranges(job.units) if number not in missed)


class _Results:
    """The points of an image, from the stored result of the job that classified it."""

    def __init__(self, closed: Sequence[ClosedJob], blobs: BlobStore) -> None:
        self._closed = closed
        self._blobs = blobs
        self._kept: OrderedDict[int, dict[int, tuple[ScoredPoint, ...]]] = OrderedDict()

    def of(self, index: int, number: int) -> tuple[ScoredPoint, ...]:
        """The points of image `number` in closed job `index`; none where its result holds none."""
        if index not in self._kept:
            self._kept[index] = self._read(self._closed[index])
            if len(self._kept) > _RESULTS_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(index)
        return self._kept[index].get(number, ())

    def _read(self, job: ClosedJob) -> dict[int, tuple[ScoredPoint, ...]]:
        by_image: dict[int, tuple[ScoredPoint, ...]] = {}
        result = self._blobs.read(job.batch, job.attempt, job.sha256)
        labels = [(label.id, label.code, label.name) for label in result.labels]
        for entry in result.entries:
            found = zip(entry.rows, entry.columns, entry.labels, entry.scores, strict=True)
            by_image[entry.unit] = by_image.get(entry.unit, ()) + tuple(
                ScoredPoint(row, column, tuple(map(lambda s, p: Classification(s, *labels[p]), scores, places)))
                for row, column, places, scores in found
            )
        return by_image
