"""From a report's values to its HTML.

Rule: every text goes through the templates, which escape it; colours and positions are made here and are no one's
text. The page forbids itself, by its policy, to load or run anything. The same report gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import jinja2

from coralrun.files.pages import templates_of
from coralrun.report import charts, palette, words
from coralrun.report.model import Cover, Estimate, Report, Review
from coralrun.values import phrases

MOST_MAIN: Final = 7
"""Groups on the first screen: as many as have a colour of their own."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table of cover: a place, and its cells in the order of the columns."""

    place: str
    stratum: str
    photos: int
    points: int
    cells: tuple[Estimate, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The table of cover: a column a label or group, a row the mean of all, of each stratum, and each unit."""

    columns: tuple[str, ...]
    units: tuple[Line, ...]
    means: tuple[Line, ...]


def render(report: Report) -> bytes:
    """A report as one HTML file."""
    page = _environment().get_template("report.html.j2")
    return page.render(report=report, colours=dict(report.colours)).encode("utf-8", errors="xmlcharrefreplace")


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = templates_of("coralrun.report")
    environment.globals.update(
        scale_of=charts.scale_of,
        timeline_of=charts.timeline_of,
        number=phrases.number,
        percent=phrases.percent,
        signed=phrases.signed,
        interval=words.interval,
        said=words.said,
        count=phrases.count,
        plural=phrases.plural,
        basis=words.basis,
        lost_named=words.lost_named,
        parts_of=_parts_of,
        has_intervals=_has_intervals,
        reasons=_reasons,
        table_of=_table_of,
        both=_both,
        rest_colour=palette.REST,
        most_main=MOST_MAIN,
    )
    return environment


def _parts_of(cover: Cover, what: str, stratum: str | None = None) -> list[Estimate]:
    """The units' estimates of one group: of whole units, or of what of them lies in one stratum."""
    parts = cover.units if stratum is None else [estimate for estimate in cover.cells if estimate.stratum == stratum]
    return [estimate for estimate in parts if estimate.what == what]


def _has_intervals(cover: Cover) -> bool:
    return any(estimate.high is not None for estimate in (*cover.overall, *cover.occasions))


def _reasons(cover: Cover) -> list[str]:
    """Why there is no interval, each reason once; the words "no interval" stand in the page already."""
    reasons = dict.fromkeys(estimate.why for estimate in cover.overall if estimate.why and estimate.high is None)
    return [reason.removeprefix("no interval: ") for reason in reasons]


def _table_of(cover: Cover) -> Table:
    columns = tuple(estimate.what for estimate in cover.overall)
    units = tuple(_lines(columns, cover.cells))
    visits = (
        cover.occasions if any(each.place not in {it.place for it in cover.strata} for each in cover.occasions) else ()
    )
    whole = visits if cover.occasions else cover.overall
    return Table(columns, units, (*_lines(columns, whole), *_lines(columns, cover.strata)))


def _lines(columns: Sequence[str], estimates: Sequence[Estimate]) -> Iterator[Line]:
    places: dict[tuple[str, str], dict[str, Estimate]] = {}
    for estimate in estimates:
        places.setdefault((estimate.stratum, estimate.place), {})[estimate.what] = estimate
    for (stratum, place), found in places.items():
        first = next(iter(found.values()))
        absent = Estimate(what="", mean=0.0)
        cells = tuple(found.get(what, absent) for what in columns)
        yield Line(place, stratum, first.photos, first.points, cells)


def _both(review: Review) -> list[Estimate]:
    """The machine's and the corrected cover of a review as estimates, for their common scale."""
    return [
        Estimate(what=group.what, mean=max(group.machine, group.corrected), low=group.low, high=group.high)
        for group in review.groups
    ]
