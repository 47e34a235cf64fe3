"""The page that says how busy the service is: how long jobs of all users wait, from the 10th to the 90th in a hundred.

Rule: pure, and tolerant: this is only good to know, so what is not there or is said otherwise is None, and a page on
which nothing is found is None as a whole. It tells whole minutes, and is for signed-in accounts.
"""

from __future__ import annotations

import re
from typing import Final

from coralrun.coralnet.codec.html import own_words, parse, words
from coralrun.service.queue import Queue, Span

_UNIT_S: Final = {
    "minute": 60.0,
    "hour": 3600.0,
    "day": 86_400.0,
    "week": 7 * 86_400.0,
    "month": 30 * 86_400.0,
    "year": 365 * 86_400.0,
}
_PART = re.compile(r"([0-9]{1,6}) (minute|hour|day|week|month|year)s?")
_NOW = re.compile(r"Now: ([0-9,]{1,15})")


def read_queue(html: bytes) -> Queue | None:
    """What the page tells; None if it tells nothing of it. Raises NotUnderstood for what is no page at all."""
    page = parse(html)
    waited = _span(words(page.css_first("span#time-waited-line")))
    total = _span(words(page.css_first("span#total-time-line")))
    counts = (_NOW.fullmatch(own_words(node)) for node in page.css("li"))
    incomplete = next((int(count[1].replace(",", "")) for count in counts if count is not None), None)
    return None if (waited, total, incomplete) == (None, None, None) else Queue(waited, total, incomplete)


def _span(said: str) -> Span | None:
    """Of `Total time: 1 minute ~ 2 hours, 5 minutes`."""
    low, tilde, high = said.partition(": ")[2].partition(" ~ ")
    shortest, longest = _seconds(low), _seconds(high)
    if not tilde or shortest is None or longest is None or shortest > longest:
        return None
    return Span(shortest, longest)


def _seconds(said: str) -> float | None:
    parts = [_PART.fullmatch(part) for part in said.split(", ")]
    found = [int(part[1]) * _UNIT_S[part[2]] for part in parts if part is not None]
    return sum(found) if len(found) == len(parts) else None
