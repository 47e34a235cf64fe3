"""Dates as the real pages write them: months shortened with a full stop, times in the site's own zone.

Rule: every function is given its time; none asks for it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import formatdate
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_UNITS = (("week", 7 * 24 * 60), ("day", 24 * 60), ("hour", 60), ("minute", 1))
_MONTHS = ("Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.")


def http_date(now: float) -> str:
    """The value of a Date header."""
    return formatdate(now, usegmt=True)


def page_date(now: float) -> str:
    """A day as the pages write it: Nov. 22, 2026."""
    return _day(_local(now))


def page_time(now: float) -> str:
    """A moment as the pages write it: Nov. 22, 2026, 8:12 a.m."""
    local = _local(now)
    half = "a.m." if local.hour < 12 else "p.m."
    return f"{_day(local)}, {local.hour % 12 or 12}:{local.minute:02d} {half}"


def length(seconds: float) -> str:
    """A length of time as the pages write it: its two largest units that stand side by side, in whole minutes."""
    left, parts = int(seconds) // 60, []
    for unit, minutes in _UNITS:
        number, left = divmod(left, minutes)
        if number:
            parts.append(f"{number}\u00a0{unit}{'' if number == 1 else 's'}")
        if parts and (not number or len(parts) == 2):
            break
    return ", ".join(parts) or "0\u00a0minutes"


def _day(local: datetime) -> str:
    return f"{_MONTHS[local.month - 1]} {local.day}, {local.year}"


def _local(now: float) -> datetime:
    try:
        return datetime.fromtimestamp(now, ZoneInfo("America/Los_Angeles"))
    except ZoneInfoNotFoundError:  # a machine without time zone data: the pages then show UTC
        return datetime.fromtimestamp(now, UTC)
