"""What a report says of an estimate, of what it rests on, and of what is missing. Pure: values in, texts out.

Rule: an interval has the decimals of its mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from coralrun.report.model import Cover, Estimate, Failed, Totals
from coralrun.spec.model import IMAGE
from coralrun.values.phrases import count, digits_of, number, percent, share_list

FIRST_NAMES: Final = 3
"""Photos without predictions that the first screen names; the section on what is missing has more."""


def interval(estimate: Estimate) -> str:
    """The interval of an estimate: "18 to 29"; "" where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    digits = digits_of(estimate.mean)
    return f"{number(estimate.low, digits)} to {number(estimate.high, digits)}"


def said(estimate: Estimate) -> str:
    """An estimate as one would say it: "Hard coral 23 % (18 to 29)"."""
    bounds = interval(estimate)
    if estimate.unseen:
        return f"{estimate.what} not seen" + (f" (0 to {percent(estimate.high)})" if estimate.high else "")
    return f"{estimate.what} {percent(estimate.mean)}" + (f" ({bounds})" if bounds else "")


def basis(cover: Cover) -> str:
    """What the answer rests on: "41 sites, 1,230 photos, 12,180 usable points"."""
    parts = [count(cover.photos, "photo"), count(cover.usable_points, "usable point")]
    if cover.unit and cover.unit != IMAGE:
        parts.insert(0, count(cover.overall[0].units, cover.unit))
    return ", ".join(parts)


def lost(totals: Totals) -> str:
    """How many photos are missing from the answer: "9 photos failed"; "" where none are."""
    return " and ".join(said for said, _ in _lost(totals))


def lost_named(totals: Totals, failures: Sequence[Failed]) -> list[tuple[str, str]]:
    """The same, each part with its first names: "9 photos failed" and "a.jpg, b.jpg, c.jpg and 6 more"."""
    return [
        (said, _first_names([failed for failed in failures if failed.is_skipped is skipped]))
        for said, skipped in _lost(totals)
    ]


def _lost(totals: Totals) -> Iterator[tuple[str, bool]]:
    """What is missing, and whether it was skipped."""
    if totals.failed:
        yield f"{count(totals.failed, 'photo')} failed", False
    if totals.skipped:
        yield f"{count(totals.skipped, 'photo')} could not be submitted", True


def _first_names(failures: Sequence[Failed]) -> str:
    names = tuple(name for failed in failures for name in failed.names)[:FIRST_NAMES]
    more = sum(failed.images for failed in failures) - len(names)
    return f"{', '.join(names)} and {more:,} more" if more else share_list(names)
