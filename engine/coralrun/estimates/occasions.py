"""Over how long the photos of one design unit were taken.

Rule: an interval between units is of one state of the reef. Where the photos of a unit lie more than `NOTED_DAYS` apart
the answer names the dates; where they lie more than a year apart, what is said of all of them has no interval, because
between two years a reef may have changed, and the mean of both is then the state of neither. A survey says what is one
occasion (`design: {occasion: year}`, or a field), and cover is told for each; or that all are one (`pool`).

A date may be a year, a month or a day. The span is the longest that the words allow, none where all say the same.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coralrun.planning.design import DATE_FIELDS, unit_fields
from coralrun.planning.model import Analysis, Plan
from coralrun.spec.model import IMAGE, POOL
from coralrun.values.unknown import known_number

ACROSS_YEARS: Final = "no interval: photos of one unit span more than a year"
"""How the reason begins why a figure of several years has no interval."""

NOTED_DAYS: Final = 90
YEAR_DAYS: Final = 366

_DATE: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:[T ].*)?)?)?")
_UNKNOWN: Final = 0

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Span:
    """How many days the photos of a `unit` span, from the day `first` to the day `last`."""

    days: int
    unit: str
    first: str
    last: str

    @property
    def is_noted(self) -> bool:
        """Whether the answer names the dates."""
        return self.days > NOTED_DAYS

    @property
    def is_over_a_year(self) -> bool:
        """Whether photos of one unit may be of different years of the reef."""
        return self.days > YEAR_DAYS

    @property
    def why(self) -> str:
        """Why there is no interval."""
        return f"{ACROSS_YEARS} ({self.first} to {self.last})"


@dataclass(frozen=True, slots=True)
class Dates:
    """The `first` and the `last` day that each image's date may mean, as ordinals, 0 for a date that is not known; the
    number of its `unit` and what units are called. `is_pooled` says that the survey takes all dates for one.
    """

    first: Whole
    last: Whole
    unit: Whole
    names: tuple[str, ...]
    is_pooled: bool

    def spans(self, domain: Whole, used: NDArray[np.bool_], n: int) -> list[Span | None]:
        """The longest span of one unit's used images in each of `n` domains; None where no date is known."""
        at = np.flatnonzero(used & (self.last != _UNKNOWN))
        found, place = np.unique(np.stack([domain[at], self.unit[at]], axis=1), axis=0, return_inverse=True)
        place = place.reshape(-1)
        first, latest, last = (np.full(len(found), start, np.int64) for start in (date.max.toordinal(), 0, 0))
        np.minimum.at(first, place, self.first[at])
        np.maximum.at(latest, place, self.first[at])
        np.maximum.at(last, place, self.last[at])
        days = np.where(first == latest, 0, last - first)
        spans: list[Span | None] = [None] * n
        for row in np.argsort(days, kind="stable").tolist():  # the longest of a domain comes last
            where, unit = found[row].tolist()
            spans[where] = Span(int(days[row]), self.names[unit], _iso(first[row]), _iso(last[row]))
        return spans


def dates_of(plan: Plan, analysis: Analysis, unit: Whole, names: Sequence[tuple[str, ...]]) -> Dates | None:
    """The dates of a plan's images by unit; None where units are single images, or no field has dates."""
    levels, texts = unit_fields(analysis.design), _texts(plan)
    if levels is None or IMAGE in levels or not texts:
        return None
    known = {text: _days(text) for text in set(texts)}
    days = np.array([known[text] for text in texts], np.int64).reshape(-1, 2)
    called = tuple(" / ".join(name) for name in names)
    return Dates(days[:, 0], days[:, 1], unit, called, analysis.design.occasion == POOL)


def years_of(plan: Plan) -> list[str]:
    """The year of each image's date; "" where it is not known."""
    return [text[:4] if _days(text)[0] != _UNKNOWN else "" for text in _texts(plan) or [""] * len(plan.images)]


def _texts(plan: Plan) -> list[str]:
    """The date of each image as it is written; empty where no field has dates."""
    fields = {field.casefold(): place for place, field in enumerate(plan.fields)}
    place = next((fields[name] for name in DATE_FIELDS if name in fields), None)
    if place is None:
        return []
    return [known_number(image.metadata[place]) if image.metadata else "" for image in plan.images]


def _days(text: str) -> tuple[int, int]:
    """The first and the last day that a date may mean."""
    match = _DATE.fullmatch(text)
    if match is None:
        return _UNKNOWN, _UNKNOWN
    year, month, day = (int(part) if part else 0 for part in match.groups())
    try:
        first = date(year, month or 1, day or 1)
        last_month = month or 12
        last = date(year, last_month, day or calendar.monthrange(year, last_month)[1])
    except ValueError:
        return _UNKNOWN, _UNKNOWN
    return first.toordinal(), last.toordinal()


def _iso(day: int) -> str:
    return date.fromordinal(int(day)).isoformat()
