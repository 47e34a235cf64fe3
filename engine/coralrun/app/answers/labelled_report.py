"""The report of a file of people's points: what a run's report shows of cover, without what only a run has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from coralrun import __version__
from coralrun.app.survey.labelled_survey import LabelledSurvey
from coralrun.report import methods, palette
from coralrun.report.cover import cover_of
from coralrun.report.model import Report, Totals
from coralrun.report.render import render

_NO_PICTURES: Final = "A file of labels has no photos to show."


def page_of(found: LabelledSurvey) -> bytes:
    """The report as HTML; the same file and survey give the same bytes."""
    plan, points = found.plan, found.points
    cover = cover_of(found.reader, plan.analysis)
    if cover is not None:
        cover = replace(cover, notes=(*found.notes, *cover.notes))
    order = [estimate.what for estimate in cover.overall] if cover is not None else []
    images = len(plan.images)
    totals = Totals(
        images=images,
        succeeded=images,
        failed=0,
        skipped=0,
        points=points.points,
        predicted=points.points,
        points_failed=0,
        points_skipped=0,
    )
    return render(
        Report(
            name=plan.name,
            service="Labelled by people",
            totals=totals,
            cover=cover,
            no_cover="" if cover is not None else " ".join(f"{note}." for note in found.reader.notes),
            no_pictures=_NO_PICTURES,
            colours=tuple(palette.coloured(order).items()),
            methods=methods.methods(plan, __version__, totals, cover, None, labelled_by=points.labelled_by),
            citations=tuple(methods.citations(plan, __version__, cover, None)),
            provenance=tuple(_provenance(found)),
            labelled_by=points.labelled_by,
        )
    )


def _provenance(found: LabelledSurvey) -> Iterator[tuple[str, str]]:
    yield "Labels", f"{found.file}; SHA-256 {found.sha256}"
    yield "Labelled by", found.points.labelled_by
    if found.survey:
        yield "Survey", f"{found.survey}; SHA-256 {found.survey_sha256}"
    groups = found.plan.analysis.groups
    if groups is not None:
        yield (
            "Label groups",
            f"{groups.title} ({groups.name}){f', {groups.date}' if groups.date else ''}; {groups.source}",
        )
    yield "Programs", f"coralrun {__version__}"
