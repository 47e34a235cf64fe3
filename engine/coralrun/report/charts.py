"""Where the marks of a report's charts stand. Pure: values in, positions out; the templates draw them.

Rule: a position along a chart is a percentage of its width, so a chart fits any screen while its texts and marks keep
their size. Every chart has what it shows beside it as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from coralrun.report.model import Estimate, JobSpan
from coralrun.values.phrases import NARROW, count, duration

_TOPS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
_STEPS: Final = 2  # few, so that their texts never meet, not on a narrow screen either
_TIME_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_MOST_TIME_STEPS: Final = 6
MOST_BARS: Final = 1000
"""Beyond so many jobs, neighbours share a bar: nobody could tell them apart, and the page stays small."""

_NEAR_SHARE: Final = 0.002
_LEAST_BAR: Final = 0.15  # in percent of the width: a bar can always be seen


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of a scale, with its text."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale from 0 to `top`."""

    top: float
    ticks: tuple[Tick, ...]

    def at(self, value: float) -> str:
        """Where a value stands, as a percentage of the width; what is beyond an end stands at it."""
        return f"{100 * min(max(value / self.top, 0.0), 1.0):.2f}%"


@dataclass(frozen=True, slots=True)
class Bar:
    """One job in the timeline, or several that nobody could tell apart."""

    at: str
    width: str
    row: int
    lost: bool
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """All jobs, in as many rows as they need; `at_once` of those with a result were there at a time. How long one was
    there that never gave its result nobody knows: it is found out late."""

    rows: int
    at_once: int
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    length: str


def scale_of(*groups: Iterable[Estimate]) -> Scale:
    """A scale of cover on which every mean and every interval fits."""
    estimates = [estimate for group in groups for estimate in group]
    highest = max((max(estimate.mean, estimate.high or 0.0) for estimate in estimates), default=0.0)
    top = next((top for top in _TOPS if highest <= top), 1.0)
    ticks = [
        Tick(f"{100 * step / _STEPS:.2f}%", f"{100 * top * step / _STEPS:g}" + (f"{NARROW}%" if step == _STEPS else ""))
        for step in range(_STEPS + 1)
    ]
    return Scale(top, tuple(ticks))


def timeline_of(jobs: Sequence[JobSpan]) -> Timeline:
    """Lay jobs into rows, one after the other."""
    length_s = max((job.end_s for job in jobs), default=0.0) or 1.0
    rows = _rows_of(jobs)
    near_s = length_s * _NEAR_SHARE if len(jobs) > MOST_BARS else -1.0
    bars = tuple(_bar(group, at, length_s) for at, row in enumerate(rows) for group in _neighbours(row, near_s))
    at_once = len(_rows_of([job for job in jobs if not job.lost]))
    return Timeline(len(rows), at_once, bars, _time_ticks(length_s), duration(length_s))


def _rows_of(jobs: Iterable[JobSpan]) -> list[list[JobSpan]]:
    """The jobs, each in the first row that is free when it starts."""
    rows: list[list[JobSpan]] = []
    for job in sorted(jobs, key=lambda job: (job.start_s, job.batch, job.attempt)):
        row = next((row for row in rows if row[-1].end_s <= job.start_s and row[-1].start_s < job.start_s), None)
        if row is None:
            rows.append([job])
        else:
            row.append(job)
    return rows


def _neighbours(row: Sequence[JobSpan], near_s: float) -> Iterator[list[JobSpan]]:
    """The jobs of a row, those together that nobody could tell apart: so near to each other, and of one kind."""
    group: list[JobSpan] = []
    for job in row:
        if group and (job.start_s - group[-1].end_s > near_s or job.lost != group[-1].lost):
            yield group
            group = []
        group.append(job)
    yield group


def _bar(jobs: Sequence[JobSpan], row: int, length_s: float) -> Bar:
    first, last = jobs[0], jobs[-1]
    took_s = last.end_s - first.start_s
    images = sum(job.images for job in jobs)
    end = "gave no result" if first.lost else count(images, "image")
    if len(jobs) > 1:
        text = f"{len(jobs):,} jobs from {first.job} on: {end}, {duration(took_s)}"
    else:
        again = f", attempt {first.attempt}" if first.attempt > 1 else ""
        text = f"job {first.job}: batch {first.batch}{again}, {end}, {duration(took_s)}"
    width = max(100 * took_s / length_s, _LEAST_BAR)
    return Bar(f"{100 * first.start_s / length_s:.3f}%", f"{width:.3f}%", row, first.lost, text)


def _time_ticks(length_s: float) -> tuple[Tick, ...]:
    step = next((step for step in _TIME_STEPS_S if length_s / step <= _MOST_TIME_STEPS), 0)
    if not step:
        days = length_s / 86400
        step = 86400 * -(-int(days + 1) // _MOST_TIME_STEPS)
    count = int(length_s / step)
    return tuple(Tick(f"{100 * step * tick / length_s:.2f}%", _moment(step * tick)) for tick in range(count + 1))


def _moment(seconds: int) -> str:
    """A time on the scale, in its largest unit that is whole enough."""
    if seconds and seconds % 86400 == 0:
        return f"{seconds // 86400} d"
    if seconds >= 3600:
        return f"{seconds / 3600:g} h"
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds} s"
