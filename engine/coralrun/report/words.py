"""A report's numbers as people say them. Pure: values in, texts out.

Rule: a share is a percentage with as many digits as it bears (one decimal below ten per cent), and an interval has the
decimals of its mean. A share that is not zero is never written as zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from coralrun.report.model import Cover, Estimate, Failed, Totals
from coralrun.spec.model import IMAGE

FIRST_NAMES: Final = 3
"""Photos without predictions that the first screen names; the section on what is missing has more."""

NARROW = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
_ONE_DECIMAL_BELOW = 0.0995
_LEAST = 0.0005


def digits_of(share: float) -> int:
    """How many decimals a percentage of this size is written with."""
    return 1 if abs(share) < _ONE_DECIMAL_BELOW else 0


def number(share: float, digits: int | None = None) -> str:
    """A share as a percentage, without its sign: "23", "3.4", "<0.1"."""
    digits = digits_of(share) if digits is None else digits
    if 0 < share < _LEAST:
        return "<0.1"
    written = f"{abs(100 * share):.{digits}f}"
    return f"{MINUS}{written}" if share < 0 and float(written) else written


def percent(share: float) -> str:
    """A share as a percentage: "23 %"."""
    return f"{number(share)}{NARROW}%"


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
        most = f": at most {percent(estimate.high)}" if estimate.high else ""
        return f"{estimate.what} not seen{most}"
    return f"{estimate.what} {percent(estimate.mean)}" + (f" ({bounds})" if bounds else "")


def count(number_of: int, noun: str) -> str:
    """A number with its noun: "1,230 photos"."""
    return f"{number_of:,} {noun if number_of == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """More than one of it: its last word is declined, unless it is no plain word, as a field's name may be."""
    before, blank, last = noun.rpartition(" ")
    if not last.isalpha():
        return noun
    if last.endswith("y") and last[-2:-1] not in tuple("aeiou"):
        last = f"{last[:-1]}ies"
    else:
        last += "es" if last.endswith(("s", "x", "z", "ch", "sh")) else "s"
    return before + blank + last


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
        (said, _first_names([each for each in failures if each.is_skipped is skipped]))
        for said, skipped in _lost(totals)
    ]


def _lost(totals: Totals) -> Iterator[tuple[str, bool]]:
    """What is missing, and whether it was skipped."""
    if totals.failed:
        yield f"{count(totals.failed, 'photo')} failed", False
    if totals.skipped:
        yield f"{count(totals.skipped, 'photo')} could not be submitted", True


def _first_names(failures: Sequence[Failed]) -> str:
    names = tuple(name for each in failures for name in each.names)[:FIRST_NAMES]
    more = sum(each.images for each in failures) - len(names)
    return f"{', '.join(names)} and {more:,} more" if more else share_list(names)


def duration(seconds: float) -> str:
    """A length of time in the two largest units that matter."""
    total = round(seconds)
    if total < 60:
        return f"{total} s"
    if total < 3600:
        return f"{total // 60} min {total % 60:02d} s"
    if total < 48 * 3600:
        return f"{total // 3600} h {total % 3600 // 60:02d} min"
    return f"{total // 86400} days {total % 86400 // 3600} h"


def signed(difference: float) -> str:
    """A difference of two shares in percentage points, with its sign: "+1.8"."""
    written = number(difference, 1)
    return f"+{written}" if difference > 0 and written not in ("0.0", "<0.1") else written


def share_list(names: tuple[str, ...]) -> str:
    """Names as a sentence lists them: "SHAD, TAPE and FRM"."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
