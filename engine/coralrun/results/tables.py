"""The tables of a finished run, as streams of CSV lines.

Rule: same survey and same replies give the same bytes (R7). Rows stand in plan order whatever the order in which jobs
finished; nothing that depends on luck (job, attempt, time) stands in a table but in those of `BY_CHANCE`. Cells of
`predictions.csv` are lossless: nothing is rounded or escaped beyond what CSV itself needs, because programs join it by
name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from coralrun.errors import CoralrunError
from coralrun.files.written import Table
from coralrun.limits import TOP_SCORES
from coralrun.machine.durable import Durable
from coralrun.machine.plan_state import PlanState
from coralrun.machine.reasons import LEFT_ALONE, SKIPPED, TEXTS, Reason
from coralrun.machine.runs import from_ranges
from coralrun.machine.stored_photos import numbered
from coralrun.planning.model import Plan
from coralrun.results import size_mismatches
from coralrun.values.addresses import host_of
from coralrun.values.classified import Label
from coralrun.values.signatures import minute_of, signature_of

if TYPE_CHECKING:  # numpy takes a tenth of a second, and `status` makes no table of points
    from coralrun.files.segment import Numbers, Whole
    from coralrun.results.stored_points import Block

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
TRY_COLUMNS = ("source", "name", "tries", "first_sent", "last_sent", "image_id")
JOB_COLUMNS = ("batch", "attempt", "job", "images", "submitted", "collected")

ROWS_AT_ONCE: Final = 1000

BY_CHANCE: Final = frozenset({Table.JOBS.file, Table.TRIES.file, "coralnet-annotations.csv"})
"""The tables that hold times or job numbers: two runs of the same survey with the same replies differ in them alone."""


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


def account_of(plan: Plan, state: PlanState) -> Account:
    """The accounting of a run; of one that goes on, points not over yet are in none of the three."""
    return account_for(plan.point_counts, state)


def account_for(counts: Sequence[int], state: PlanState) -> Account:
    """The accounting of a run whose images have so many points each, in plan order."""
    lost = {True: 0, False: 0}
    for number, reason in state.ended().items():
        lost[reason in SKIPPED] += counts[number]
    predicted = sum(map(counts.__getitem__, state.succeeded()))
    return Account(points=sum(counts), predicted=predicted, failed=lost[False], skipped=lost[True])


def prediction_columns(plan: Plan) -> tuple[str, ...]:
    """The columns of `predictions.csv`: those of every run, and then what is known of the images."""
    return (*PREDICTION_COLUMNS, *metadata_columns(plan))


def metadata_columns(plan: Plan) -> tuple[str, ...]:
    """The names of the metadata's columns; a field called like a column of the table gets `image_` before its name."""
    taken = set(PREDICTION_COLUMNS)
    columns: list[str] = []
    for field in plan.fields:
        name = field
        while name in taken:
            name = f"image_{name}"
        taken.add(name)
        columns.append(name)
    return tuple(columns)


def predictions(plan: Plan, state: PlanState, blocks: Iterable[Block]) -> Iterator[bytes]:
    """`predictions.csv`, many images at a time; `blocks` as `read_blocks` gives them, whose errors go through."""
    return prediction_lines(plan, _accounted_for(plan, state, blocks))


def prediction_lines(plan: Plan, blocks: Iterable[Block]) -> Iterator[bytes]:
    """The table of predictions of these images, many at a time."""
    yield Table.PREDICTIONS.lines([prediction_columns(plan)])
    cells: list[str] = []
    for block in blocks:
        cells += map(_label_cells, block.labels[len(cells) :])
        yield "".join(_lines(plan, block, [*cells, _NO_LABEL])).encode("utf-8", errors="surrogatepass")


def _accounted_for(plan: Plan, state: PlanState, blocks: Iterable[Block]) -> Iterator[Block]:
    """The same images, if each of those between them has ended without predictions; CoralrunError otherwise."""
    expected = 0
    for block in blocks:
        for number in block.images.tolist():
            _check_ended(plan, state, range(expected, number))
            expected = number + 1
        yield block
    _check_ended(plan, state, range(expected, len(plan.images)))


def failures(plan: Plan, state: PlanState) -> Iterator[bytes]:
    """`failures.csv`: every image without predictions and why, in plan order."""
    yield Table.FAILURES.lines([FAILURE_COLUMNS])
    for number in sorted(state.ended()):
        image = plan.images[number]
        reason = why_without(plan, state, number)
        yield Table.FAILURES.lines([(image.source, image.name, image.points, reason)])


def tries(plan: Plan, state: PlanState) -> Iterator[bytes]:
    """`tries.csv`, in plan order: in how many jobs that are over each image was, when the first and the last of them
    were sent, and its number at the service. What was sent for other points or by another classifier is no try of the
    image as it is planned; nor is a job after which it waited where it was, for the next one to fetch its labels, or
    one that left it alone."""
    count, first, last = [0] * len(plan.images), [""] * len(plan.images), [""] * len(plan.images)
    closed = sorted(state.run.closed, key=lambda job: job.submitted_at)
    left_alone = {
        number: job for job in closed for number in state.units.images(job.missed) if state.reason(number) in LEFT_ALONE
    }
    for job in closed:
        for number in state.units.images(job.no_try):
            count[number] -= 1
        for number in state.units.images(from_ranges(job.units)):
            if left_alone.get(number) is job:
                continue
            count[number] += 1
            first[number] = first[number] or job.submitted_at
            last[number] = job.submitted_at
    yield Table.TRIES.lines([TRY_COLUMNS])
    rows = zip(plan.images, count, first, last, strict=True)
    while some := list(islice(rows, ROWS_AT_ONCE)):
        ids = (numbered(image, state.run.stored).image_id for image, *_ in some)
        lines = zip(some, ids, strict=True)
        yield Table.TRIES.lines([(image.source, image.name, *of_image, number) for (image, *of_image), number in lines])


def jobs(state: Durable) -> Iterator[bytes]:
    """`jobs.csv`: every job of the run; `collected` is empty for one that never gave its result."""
    yield Table.JOBS.lines([JOB_COLUMNS])
    for job in state.closed:
        collected = job.closed_at if job.sha256 else ""
        images = sum(last - first + 1 for first, last in job.units)
        yield Table.JOBS.lines([(job.batch, job.attempt, job.job, images, job.submitted_at, collected)])


def why_without(plan: Plan, state: PlanState, number: int) -> str:
    """Why an image has no predictions, with what of its size or of its address makes it so; "" where it has not ended
    so."""
    reason, size, image = state.reason(number), state.wrong_size(number), plan.images[number]
    if reason is None:
        return ""
    if size is not None:
        return reason_text(reason, size_mismatches.describe_mismatch(reason, plan, image, size))
    if reason in (Reason.HOST_REFUSED, Reason.SIGNATURE_ENDED) and image.url is not None:
        return reason_text(reason, f"{TEXTS[reason]} ({_where(image.url, reason)})")
    return reason_text(reason)


def _where(url: str, reason: Reason) -> str:
    """The host of an image, and when its signature ended if that is why; nothing else of a URL that may be a secret."""
    signature = signature_of(url) if reason is Reason.SIGNATURE_ENDED else None
    ended = "" if signature is None or signature.ends_s is None else f", {minute_of(signature.ends_s)}"
    return f"{host_of(url)}{ended}"


def reason_text(reason: Reason, text: str | None = None) -> str:
    """Why an image has no predictions, in words: those of `text`, if there are any."""
    text = text or TEXTS[reason]
    return f"skipped: {text}" if reason in SKIPPED else text


def _check_ended(plan: Plan, state: PlanState, numbers: Iterable[int]) -> None:
    """Raise CoralrunError for an image without predictions of which nothing is known."""
    for number in numbers:
        if state.reason(number) is None:
            raise CoralrunError(f"{plan.images[number].key} is not accounted for")


def _label_cells(label: Label) -> str:
    """What follows a score of a label."""
    return _cells("", label.id, label.code, label.name)


_NO_LABEL: Final = ",,,"
"""What follows a score that is not there."""


def _lines(plan: Plan, block: Block, labels: Sequence[str]) -> Iterator[str]:
    ranks = [_scores(*of_rank, labels) for of_rank in zip(block.scores, block.places, strict=True)]
    rows, columns = block.rows.tolist(), block.columns.tolist()
    for number, part in block.slices():
        image = plan.images[number]
        first, last = _cells(image.source, image.name), _cells("", *image.metadata) if image.metadata else ""
        of_image = (rows[part], columns[part], *(rank[part] for rank in ranks))
        for point, cells in enumerate(zip(*of_image, strict=True), start=1):
            yield f"{first},{point},{','.join(map(str, cells))}{last}\n"


def _scores(scores: Numbers, places: Whole, labels: Sequence[str]) -> list[str]:
    """The cells of one rank, point by point."""
    texts = map(repr, scores.tolist())
    cells = map(labels.__getitem__, places.tolist())
    return [cell if cell is _NO_LABEL else text + cell for text, cell in zip(texts, cells, strict=True)]


def _cells(*cells: object) -> str:
    return Table.PREDICTIONS.lines([cells]).decode("utf-8", errors="surrogatepass").removesuffix("\n")
