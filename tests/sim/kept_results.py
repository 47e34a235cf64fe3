"""What is kept of results at the end of a life: each holds what was asked for, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from coralrun.files import segment
from coralrun.files.segment import NotASegment, segment_of
from coralrun.files.stored_result import StoredResult
from coralrun.machine.batches import ClosedJob
from coralrun.machine.plan_state import PlanState
from coralrun.machine.runs import from_ranges
from coralrun.planning.images import Point
from coralrun.results.stored_points import read_points
from coralrun.results.tables import account_of
from coralrun.store.blobs import BlobStore

from .asked import entries_of
from .platform import Platform, Told
from .witness import OURS, Witness, require


def check_results(witness: Witness, platform: Platform, blobs: BlobStore) -> None:
    """Raise Violation for a result that is kept and is not what its job was asked for, wanted or withdrawn."""
    for closed in witness.acknowledged.closed:
        if closed.sha256:
            result = blobs.read(closed.batch, closed.attempt, closed.sha256)
            blobs.reply(closed.batch, closed.attempt, result)
            _check_points(blobs, closed, result)
            _check_result(witness, closed, platform.told(result))


def check_plan(witness: Witness, blobs: BlobStore) -> None:
    """Raise Violation where what is read for the tables is not what the plan in force asks for, or points are lost."""
    plan, state = witness.asked.plan, PlanState(witness.acknowledged, witness.asked.units)
    require(account_of(plan, state).balances, "points in are not predicted + failed + skipped")
    succeeded, closed = set(state.succeeded()), witness.acknowledged.closed
    sizes = {unit: witness.sizes[job.batch, job.attempt][unit] for job in closed for unit in job.succeeded}
    for number, points in read_points(plan, state, blobs):
        image, unit = plan.images[number], witness.asked.units.unit_of[number]
        asked = [point for entry in entries_of(plan, image, sizes[unit]) for point in entry]
        require([Point(one.row, one.column) for one in points] == asked, f"{image.name} is read with other points")
        succeeded.remove(number)
    require(not succeeded, f"images are not read: {succeeded}")


def _check_points(blobs: BlobStore, closed: ClosedJob, result: StoredResult) -> None:
    """The points that are kept of a result are those that follow from it, or are known not to be whole."""
    with suppress(FileNotFoundError, NotASegment):
        data = blobs.disk.read(blobs.layout.segment(closed.batch, closed.attempt))
        segment.decode(data, closed.sha256)
        require(data == segment.encode(segment_of(result), closed.sha256), f"batch {closed.batch} has other points")


def _check_result(witness: Witness, closed: ClosedJob, told: Sequence[Told]) -> None:
    """The result that is kept holds what was asked for, entry by entry in the order of the intent."""
    entry = 0
    for image in from_ranges(closed.units):
        plan, planned = witness.asked.of(image)
        size = witness.sizes[closed.batch, closed.attempt][image]
        for asked in entries_of(plan, planned, size):
            require(entry < len(told), f"the result of batch {closed.batch} is too short")
            mark, points, _ = told[entry]
            stem = f"{OURS}{closed.batch}.{closed.attempt}."
            require(mark == f"{stem}{entry}", f"{mark} is entry {entry} of the result of {stem}")
            credited = image not in closed.missed
            require(points == asked or not (credited or points), f"image {image} is credited with other points")
            entry += 1
    require(entry == len(told), f"the result of batch {closed.batch} is too long")
