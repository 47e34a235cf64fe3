"""What a report says of the run itself: what became of its images, its jobs, and where it comes from.

Rule: everything follows from the plan, the facts and the run's identity. No URL, no account, no time but the run's own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import PureWindowsPath
from typing import Final

from coralrun.accuracy.own_figures import own_labels, whence
from coralrun.machine.durable import Durable
from coralrun.machine.plan_state import PlanState
from coralrun.machine.reasons import SKIPPED, Reason
from coralrun.machine.runs import from_ranges
from coralrun.planning.confusion import Confusion
from coralrun.planning.model import Plan
from coralrun.report.model import Failed, JobSpan, OwnFigures, Totals
from coralrun.results.tables import account_of, reason_text
from coralrun.spec.point_design import AreaUnit, Method, PointDesign
from coralrun.store.run import Identity

_NAMED: Final = 10
"""Names of a kind that are shown."""

MOST_NAMES: Final = 50
"""Failed images that are named for each reason; `failures.csv` has all."""


def totals_of(plan: Plan, state: PlanState) -> Totals:
    """What became of the images and the points so far."""
    account, images = account_of(plan, state), state.counts()
    return Totals(
        images=len(plan.images),
        succeeded=images.succeeded,
        failed=images.failed,
        skipped=images.skipped,
        points=account.points,
        predicted=account.predicted,
        points_failed=account.failed,
        points_skipped=account.skipped,
    )


def failures_of(plan: Plan, state: PlanState) -> tuple[Failed, ...]:
    """The images without predictions by reason, the most frequent first."""
    images: defaultdict[Reason, list[int]] = defaultdict(list)
    counts = plan.point_counts
    for number, reason in sorted(state.ended().items()):
        images[reason].append(number)
    by_text = ((reason_text(reason), reason, numbers) for reason, numbers in images.items())
    return tuple(
        Failed(
            reason=text,
            images=len(numbers),
            points=sum(counts[number] for number in numbers),
            names=tuple(plan.images[number].name for number in numbers[:MOST_NAMES]),
            is_skipped=reason in SKIPPED,
        )
        for text, reason, numbers in sorted(by_text, key=lambda failed: (-len(failed[2]), failed[0]))
    )


def jobs_of(state: Durable) -> tuple[JobSpan, ...]:
    """The jobs that are over, with their time at the service."""
    spans = [(job, _seconds(job.submitted_at), _seconds(job.closed_at)) for job in state.closed]
    first = min((start for _, start, _ in spans), default=0.0)
    return tuple(
        JobSpan(
            job=job.job,
            batch=job.batch,
            attempt=job.attempt,
            images=len(from_ranges(job.units)),
            start_s=start - first,
            end_s=max(end, start) - first,
            lost=not job.sha256,
        )
        for job, start, end in spans
    )


def provenance_of(identity: Identity, plan: Plan, state: Durable) -> Iterator[tuple[str, str]]:
    """Where the results come from, as pairs of a term and its value."""
    yield "Run", f"{identity.run} ({identity.name})"
    file = PureWindowsPath(identity.survey_file).name  # without the folders, which are nobody's business
    survey = file or "a saved plan, or one that was made in Python"
    yield "Survey", f"{survey}; SHA-256 {plan.survey_digest}"
    yield "Plan", f"SHA-256 {state.plans[-1].digest}"
    yield "Service", identity.service
    which = "not told of each point; when the run was planned, the source used " if plan.about.untold else ""
    yield "Classifier", f"{which}{classifier_words(plan)}"
    yield "Points", f"{design_words(plan)}; {plan.points:,} in all"
    for step in plan.funnel:
        where = f"{step.source}: " if step.source else ""
        yield "Images", f"{where}{step.step}: {step.left:,}" + (f" ({step.removed:,} removed)" if step.removed else "")
    for seen in plan.listings:
        rest = f" and {len(seen.names) - _NAMED:,} more" if len(seen.names) > _NAMED else ""
        yield "Seen beforehand", f"{seen.what}: {len(seen.names):,}: {', '.join(seen.names[:_NAMED])}{rest}"
    groups = plan.analysis.groups
    if groups is not None:
        date = f", {groups.date}" if groups.date else ""
        yield "Label groups", f"{groups.title} ({groups.name}){date}; {groups.source}"
    yield "Started", identity.created_at
    if state.finished_at:
        yield "Finished", state.finished_at
    yield "Sessions", f"{state.sessions:,}"
    jobs = Counter("with a result" if job.sha256 else "without a result" for job in state.closed)
    yield "Jobs", ", ".join(f"{count:,} {what}" for what, count in sorted(jobs.items())) or "none"
    if state.doubts:
        yield "In doubt", f"{len(state.doubts):,} submissions whose fate could not be known; results are counted once"
    yield "Programs", f"coralrun {identity.coralrun}, Python {identity.python}"


def own_figures_of(confusion: Confusion | None) -> OwnFigures | None:
    """What the service says of its classifier by itself."""
    return None if confusion is None else OwnFigures(whence=whence(confusion), labels=tuple(own_labels(confusion)))


def classifier_words(plan: Plan) -> str:
    """The classifier, as far as its source's page tells."""
    chosen = plan.classifier
    words = f"{chosen.id}" + (f" of source {chosen.source}" if chosen.source is not None else "")
    if chosen.date:
        words += f", trained {chosen.date}"
    if chosen.images:
        words += f" on {chosen.images:,} images"
    if chosen.accuracy is not None:
        words += f"; accuracy {chosen.accuracy} % on a held-out part of that source, as {plan.about.name} reports it"
    return words


def design_words(plan: Plan) -> str:
    """How points are laid, in CoralNet's words."""
    if plan.design is not None:
        return _design_words(plan.design)
    return f"those of the run {plan.revisits}" if plan.revisits else "from a table of points"


def _design_words(design: PointDesign) -> str:
    words = str(design.method)
    if design.method is Method.SIMPLE_RANDOM:
        words += f", {design.number_of_points} an image"
    else:
        words += f", {design.cell_rows} x {design.cell_columns} cells"
        if design.method is Method.STRATIFIED_RANDOM and design.points_per_cell != 1:
            words += f" of {design.points_per_cell} points"
    area = design.annotation_area
    unit = " %" if area.unit is AreaUnit.PERCENT else " pixels"
    if (area.unit, area.x, area.y) != (AreaUnit.PERCENT, (0, 100), (0, 100)):
        words += f", within x {area.x[0]:g} to {area.x[1]:g}{unit}, y {area.y[0]:g} to {area.y[1]:g}{unit}"
    return words if design.method is Method.UNIFORM_GRID else f"{words}, seed {design.seed}"


def _seconds(utc: str) -> float:
    return datetime.fromisoformat(utc).timestamp()
