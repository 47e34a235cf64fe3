"""The tables of a finished run, as streams of CSV lines.

Rule: same survey and same replies give the same bytes (R7). Rows stand in plan order whatever the order in which jobs
finished; nothing that depends on luck (job, attempt, time) stands in a table but `jobs.csv`. One result is unpacked at
a time and a few are kept, so memory does not grow with the survey. Cells of `predictions.csv` are lossless: nothing is
rounded or escaped beyond what CSV itself needs, because programs join it by name. `failures.csv` is for people, who
open it in a spreadsheet: a text that one would run there (= + - @, tab or line end first) gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from coralrun.coralnet.wire import BlobEntry, NotUnderstood, read_blob
from coralrun.errors import CoralrunError, RunDamaged
from coralrun.limits import TOP_SCORES
from coralrun.machine.durable import ClosedJob, Durable, from_ranges
from coralrun.machine.reasons import SKIPPED, TEXTS, Reason
from coralrun.plan.model import Plan, PlannedImage
from coralrun.plan.points import entries_of
from coralrun.store.blobs import BlobStore

PREDICTION_COLUMNS = (
    "source",
    "name",
    "point",
    "row",
    "column",
    *(
        f"{what}_{rank}"
        for rank in range(1, TOP_SCORES + 1)
        for what in ("score", "label_id", "label_code", "label_name")
    ),
)
FAILURE_COLUMNS = ("source", "name", "points", "reason")
JOB_COLUMNS = ("batch", "attempt", "job", "images", "submitted", "collected")

_RESULTS_KEPT = 3
"""Unpacked results kept: neighbours in the plan share a batch, and an image that was tried again is in a later one."""

_NOWHERE = -1
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Account:
    """The loss accounting, in points: what went in, and what each became."""

    points: int
    predicted: int
    failed: int
    skipped: int

    @property
    def balances(self) -> bool:
        """Whether every point is accounted for."""
        return self.points == self.predicted + self.failed + self.skipped


def account_of(plan: Plan, state: Durable) -> Account:
    """The accounting of a run; of one that goes on, points not over yet are in none of the three."""
    lost = {True: 0, False: 0}
    for number, reason in state.ended.items():
        lost[reason in SKIPPED] += plan.images[number].points
    predicted = sum(plan.images[number].points for job in state.closed for number in succeeded_in(job))
    return Account(points=plan.points, predicted=predicted, failed=lost[False], skipped=lost[True])


def succeeded_in(job: ClosedJob) -> tuple[int, ...]:
    """The images that a job classified."""
    if not job.sha256:
        return ()
    missed = frozenset(job.missed)
    return tuple(number for number in from_ranges(job.images) if number not in missed)


def predictions(plan: Plan, state: Durable, blobs: BlobStore) -> Iterator[bytes]:
    """`predictions.csv`, an image at a time; raises RunDamaged where a stored result is not what the facts say."""
    where = array("l", [_NOWHERE]) * len(plan.images)
    for index, job in enumerate(state.closed):
        for number in succeeded_in(job):
            where[number] = index
    yield _lines([PREDICTION_COLUMNS])
    results = _Results(plan, state.closed, blobs)
    for number, image in enumerate(plan.images):
        if where[number] != _NOWHERE:
            yield _lines(_rows(image, results.of(where[number], number)))
        elif number not in state.ended:
            raise CoralrunError(f"{image.key} is not accounted for")


def failures(plan: Plan, state: Durable) -> Iterator[bytes]:
    """`failures.csv`: every image without predictions and why, in plan order."""
    yield _lines([FAILURE_COLUMNS])
    for number in sorted(state.ended):
        image = plan.images[number]
        yield _lines([(_shown(image.source), _shown(image.name), image.points, reason_text(state.ended[number]))])


def jobs(state: Durable) -> Iterator[bytes]:
    """`jobs.csv`: every job of the run; `collected` is empty for one that never gave its result."""
    yield _lines([JOB_COLUMNS])
    for job in state.closed:
        collected = job.closed_at if job.sha256 else ""
        images = sum(last - first + 1 for first, last in job.images)
        yield _lines([(job.batch, job.attempt, job.job, images, job.submitted_at, collected)])


def reason_text(reason: Reason) -> str:
    """Why an image has no predictions, in words."""
    return f"skipped: {TEXTS[reason]}" if reason in SKIPPED else TEXTS[reason]


def _shown(text: str) -> str:
    return f"'{text}" if text.startswith(_RUN_BY_SPREADSHEETS) else text


class _Results:
    """The entries of an image, from the stored result of the job that classified it."""

    def __init__(self, plan: Plan, closed: Sequence[ClosedJob], blobs: BlobStore) -> None:
        self._plan = plan
        self._closed = closed
        self._blobs = blobs
        self._kept: OrderedDict[int, dict[int, list[BlobEntry]]] = OrderedDict()

    def of(self, index: int, number: int) -> list[BlobEntry]:
        """The entries of image `number` in closed job `index`."""
        if index not in self._kept:
            self._kept[index] = self._read(self._closed[index])
            if len(self._kept) > _RESULTS_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(index)
        return self._kept[index][number]

    def _read(self, job: ClosedJob) -> dict[int, list[BlobEntry]]:
        try:
            entries = read_blob(self._blobs.read(job.batch, job.attempt, job.sha256))
        except NotUnderstood as error:
            raise RunDamaged(f"the stored result of batch {job.batch} cannot be read: {error}") from error
        by_image: dict[int, list[BlobEntry]] = {}
        at = 0
        for number in from_ranges(job.images):
            count = entries_of(self._plan.images[number].points)
            by_image[number] = entries[at : at + count]
            at += count
        if at != len(entries):
            raise RunDamaged(f"the stored result of batch {job.batch} holds {len(entries)} entries instead of {at}")
        return by_image


def _rows(image: PlannedImage, entries: Iterable[BlobEntry]) -> Iterator[Sequence[object]]:
    number = 0
    for entry in entries:
        for point in entry.points:
            number += 1
            cells: list[object] = [image.source, image.name, number, point.row, point.column]
            for found in point.classifications:
                cells += [found.score, found.label_id, found.label_code, found.label_name]
            cells += [""] * (len(PREDICTION_COLUMNS) - len(cells))
            yield cells
    if number != image.points:
        raise RunDamaged(f"{image.key} has {number} predictions instead of {image.points}")


def _lines(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", errors="surrogatepass")
