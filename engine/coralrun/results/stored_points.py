"""What a run found, read back: the points of each image that succeeded, in plan order.

Rule: everything that is derived from predictions reads them here, so that all of it sees the same points in the same
order, whatever the order in which jobs finished. Points come as columns, some images at a time, from the segments that
are kept of each job, of which a few are held: memory does not grow with the survey. The labels of a run stand in a
table in the order in which they are met, which only grows. A run that goes on reads like one that is over: what is
there so far.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.errors import RunDamaged
from coralrun.files.segment import NO_LABEL, Numbers, Segment, Whole
from coralrun.limits import TOP_SCORES
from coralrun.machine.plan_state import PlanState
from coralrun.planning.model import Plan
from coralrun.store.blobs import BlobStore
from coralrun.values.classified import Classification, Label, ScoredPoint

_BLOCK_POINTS: Final = 50_000
_BLOCK_IMAGES: Final = 1_000
_SEGMENTS_HELD: Final = 32
"""Neighbours in the plan share a batch, and an image that was tried again is in a later one; each is some 1.4 MB."""

_NOWHERE: Final = -1


@dataclass(frozen=True, slots=True)
class Block:
    """Some images that succeeded, in plan order: image `images[k]` has the next `counts[k]` points of each column.

    `scores`, NaN where there are fewer, and `places` in the table of `labels` are `TOP_SCORES` by points, best first.
    """

    labels: Sequence[Label]
    images: Whole
    counts: Whole
    rows: Whole
    columns: Whole
    scores: Numbers
    places: Whole

    def slices(self) -> Iterator[tuple[int, slice]]:
        """Each image with its part of the columns."""
        ends = np.cumsum(self.counts).tolist()
        starts = [0, *ends[:-1]]
        for image, start, end in zip(self.images.tolist(), starts, ends, strict=True):
            yield image, slice(start, end)

    def points(self, part: slice) -> tuple[ScoredPoint, ...]:
        """A part of the columns as points."""
        columns = (self.rows[part], self.columns[part], self.scores[:, part].T, self.places[:, part].T)
        return tuple(
            ScoredPoint(row, column, tuple(self._classifications(scores, places)))
            for row, column, scores, places in zip(*(column.tolist() for column in columns), strict=True)
        )

    def _classifications(self, scores: Sequence[float], places: Sequence[int]) -> Iterator[Classification]:
        for score, place in zip(scores, places, strict=True):
            if place != NO_LABEL:
                label = self.labels[place]
                yield Classification(score, label.id, label.code, label.name)


def read_points(
    plan: Plan, state: PlanState, blobs: BlobStore, only: Container[int] | None = None
) -> Iterator[tuple[int, tuple[ScoredPoint, ...]]]:
    """The succeeded images so far: the number of each in the plan, in plan order, with its points in their order.

    As `read_blocks`.
    """
    for block in read_blocks(plan, state, blobs, only):
        for image, part in block.slices():
            yield image, block.points(part)


def read_blocks(plan: Plan, state: PlanState, blobs: BlobStore, only: Container[int] | None = None) -> Iterator[Block]:
    """The succeeded images so far, in plan order, with their points in their order, many images at a time.

    `only`, if given, holds the numbers of the images that are wanted. Raises RunDamaged where a stored result is
    missing, or is not what the facts say.
    """
    units = np.array(state.units.unit_of, np.int32)
    job_of = np.full(state.run.units, _NOWHERE, np.int64)
    for index, job in enumerate(state.run.closed):
        job_of[np.array(job.succeeded, np.intp)] = index
    where = job_of[units]
    images = np.flatnonzero(where != _NOWHERE).astype(np.int32)
    if only is not None:
        images = np.array([image for image in images.tolist() if image in only], np.int32)
    planned = np.array(plan.point_counts, np.int32)
    blocks = _Blocks(plan, state, units, blobs)
    for part in _parts(planned[images]):
        yield blocks.of(images[part], where[images[part]], planned[images[part]])


def _parts(counts: Whole) -> Iterator[slice]:
    """So many images at a time that their points are not too many."""
    ends = np.cumsum(counts, dtype=np.int64)
    start, before = 0, 0
    while start < len(counts):
        end = int(np.searchsorted(ends, before + _BLOCK_POINTS, side="right"))
        end = min(max(end, start + 1), start + _BLOCK_IMAGES)
        yield slice(start, end)
        start, before = end, int(ends[end - 1])


class _Held(NamedTuple):
    segment: Segment
    order: NDArray[np.intp]  # of its units, ascending
    starts: NDArray[np.int64]  # of the points of each unit


class _Blocks:
    """Gathers the points of images from the segments of the jobs that classified them."""

    def __init__(self, plan: Plan, state: PlanState, units: Whole, blobs: BlobStore) -> None:
        self._plan = plan
        self._closed = state.run.closed
        self._units = units
        self._blobs = blobs
        self._held: OrderedDict[int, _Held] = OrderedDict()
        self._labels: list[Label] = []
        self._place: dict[Label, int] = {}

    def of(self, images: Whole, jobs: NDArray[np.int64], planned: Whole) -> Block:
        """The points of these images, of which job `jobs[k]` classified the k-th."""
        n = int(planned.sum())
        starts = np.cumsum(planned, dtype=np.int64) - planned
        rows, columns = np.empty(n, np.int32), np.empty(n, np.int32)
        scores, places = np.empty((TOP_SCORES, n)), np.empty((TOP_SCORES, n), np.int32)
        named: list[Label] = []
        for job in dict.fromkeys(jobs.tolist()):
            mine = np.flatnonzero(jobs == job)
            segment, order, begins = self._segment(job)
            at = self._find(segment, order, images[mine], planned[mine])
            source, target = _run(begins[at], planned[mine]), _run(starts[mine], planned[mine])
            rows[target], columns[target] = segment.rows[source], segment.columns[source]
            scores[:, target] = segment.scores[:, source]
            here = np.array([*range(len(named), len(named) + len(segment.labels)), NO_LABEL], np.int32)
            places[:, target] = here[segment.places[:, source]]
            named += segment.labels
        return Block(self._labels, images, planned, rows, columns, scores, self._in_table(places, named))

    def _in_table(self, places: Whole, named: Sequence[Label]) -> Whole:
        """Places among the `named` labels as places in the table, which takes up those that are met here."""
        used = np.bincount(places.ravel() + 1, minlength=len(named) + 1)[1:] > 0
        if any(named[place] not in self._place for place in np.flatnonzero(used).tolist()):
            met, first = np.unique(places.T.ravel(), return_index=True)
            for place in met[np.argsort(first)].tolist():
                if place != NO_LABEL and named[place] not in self._place:
                    self._place[named[place]] = len(self._labels)
                    self._labels.append(named[place])
        table = np.array([*(self._place.get(label, NO_LABEL) for label in named), NO_LABEL], np.int32)
        return np.asarray(table[places], np.int32)

    def _segment(self, job: int) -> _Held:
        if job not in self._held:
            closed = self._closed[job]
            segment = self._blobs.points(closed.batch, closed.attempt, closed.sha256)
            starts = np.cumsum(segment.counts, dtype=np.int64) - segment.counts
            self._held[job] = _Held(segment, np.argsort(segment.units, kind="stable"), starts)
            if len(self._held) > _SEGMENTS_HELD:
                self._held.popitem(last=False)
        self._held.move_to_end(job)
        return self._held[job]

    def _find(self, segment: Segment, order: NDArray[np.intp], images: Whole, planned: Whole) -> NDArray[np.intp]:
        """Where these images stand among the units of a segment, if all of them do, with as many points as planned."""
        units = self._units[images]
        at = np.searchsorted(segment.units, units, sorter=order)
        at = order[np.minimum(at, len(order) - 1)] if len(order) else np.zeros(len(units), np.intp)
        counts = np.where(segment.units[at] == units, segment.counts[at], 0) if len(order) else np.zeros(len(units))
        for wrong in np.flatnonzero(counts != planned).tolist():
            image = self._plan.images[int(images[wrong])]
            raise RunDamaged(f"{image.key} has {int(counts[wrong])} predictions instead of {image.points}")
        return at


def _run(starts: NDArray[np.int64], counts: Whole) -> slice | NDArray[np.int64]:
    """The places of some runs, one behind the other; a slice where they are one run."""
    ends = starts + counts
    if (ends[:-1] == starts[1:]).all():
        return slice(int(starts[0]), int(ends[-1]))
    return np.repeat(ends - np.cumsum(counts), counts) + np.arange(int(counts.sum()))
