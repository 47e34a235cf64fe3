"""Dates that are not written as year-month-day: what each may mean, and what to do.

Rule: nothing is guessed. `12/06/2024` is a day of June or of December; a date in another form than 2024-06-12 is not
read at all, so no year, no visit and no span of dates goes by it, and CoralNet would take it for another day.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from itertools import islice
from typing import Final

from coralrun.planning.design import DATE_FIELDS
from coralrun.planning.images import FoundImage
from coralrun.spec.model import YEAR
from coralrun.values.phrases import count
from coralrun.values.unknown import known_number

_ISO = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2}([T ].*)?)?)?")
_PARTS = re.compile(r"([0-9]{1,4})[-/. :]([0-9]{1,2})[-/. :]([0-9]{1,4})")
_TIME = re.compile(r"[T ,]+[0-9]{1,2}:[0-9]{2}.*")
_WORDS: Final = ("%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y", "%d-%b-%Y", "%d-%b-%y", "%Y%m%d")
_ORDERS: Final = ((0, 1, 2), (2, 1, 0), (2, 0, 1))
"""Where the year, the month and the day stand: 2024-06-12, 12/06/2024 in most of the world, 06/12/2024 in the USA."""
_CENTURY: Final = 2000
_SHOWN: Final = 5


def date_warnings(fields: Sequence[str], kept: Iterable[FoundImage]) -> Iterator[str]:
    """What is to be said of the dates of the images that a survey's filters `kept`, by field."""
    places = {place: field for place, field in enumerate(fields) if field.casefold() in DATE_FIELDS}
    if not places:
        return
    odd: dict[int, Counter[str]] = {place: Counter() for place in places}
    for image in kept:
        for place in places if image.metadata else ():
            text = known_number(image.metadata[place])
            if text and not _is_read(text):
                odd[place][_TIME.sub("", text)] += 1  # by the day: each photo may have a time of its own
    for place, field in places.items():
        texts = {text: days_of(text) for text in odd[place]}
        if field.casefold() == YEAR:  # a field of this name may hold the first or the second year of a study
            texts = {text: days for text, days in texts.items() if days}
        if texts:
            yield _said(field, texts, odd[place])


def notes_on_days(texts: Iterable[str]) -> Iterator[str]:
    """What is to be said, once, of the dates of a file that may mean several days and are kept as they are."""
    rows = Counter(day for text in texts if (day := _TIME.sub("", text)))
    several = {text: days for text in rows if len(days := days_of(text)) > 1}
    for text, days in islice(several.items(), 1):
        others = f", and {count(len(several) - 1, 'other date')} likewise" if len(several) > 1 else ""
        yield (
            f"dates on {count(sum(rows[text] for text in several), 'row')} can be read as several days and are kept as "
            f"written: `{text}` is {' or '.join(days)}{others}. Write them so, year first"
        )


def days_of(text: str) -> tuple[str, ...]:
    """The days that a date may mean, as 2024-06-12: none, one, or several."""
    found: set[date] = set()
    if parts := _PARTS.fullmatch(text):
        found.update(day for order in _ORDERS if (day := _day(*(parts[1 + place] for place in order))) is not None)
    for form in _WORDS:
        with suppress(ValueError):
            found.add(datetime.strptime(text.replace(",", ""), form).date())
    return tuple(day.isoformat() for day in sorted(found))


def _day(year: str, month: str, day: str) -> date | None:
    if len(year) not in (2, 4) or max(len(month), len(day)) > 2:
        return None
    try:
        return date(int(year) + (_CENTURY if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


def _is_read(text: str) -> bool:
    if not _ISO.fullmatch(text):
        return False
    try:
        date.fromisoformat(text[:10] if len(text) >= 10 else f"{text}-01-01"[:10])
    except ValueError:
        return False
    return True


def _said(field: str, texts: dict[str, tuple[str, ...]], images: Counter[str]) -> str:
    """The dates of a field that are not read, those first that may mean several days."""
    first = sorted(texts, key=lambda text: (-len(texts[text]), -images[text], text))
    shown = "; ".join(_one(text, texts[text], images[text]) for text in islice(first, _SHOWN))
    more = f"; and {len(texts) - _SHOWN:,} more such" if len(texts) > _SHOWN else ""
    several = sum(images[text] for text, days in texts.items() if len(days) > 1)
    are = f", and {several:,} of them may mean several days" if several else ""
    return (
        f"dates in `{field}` that are not written as 2024-06-12 are not read, on "
        f"{count(sum(images[text] for text in texts), 'image')}{are}: {shown}{more}. No year, visit or span of dates "
        "goes by them. Write them so in the table (a spreadsheet calls it yyyy-mm-dd); a date in the names is read as "
        "it is written there, such as {date:%d%m%Y}"
    )


def _one(text: str, days: tuple[str, ...], images: int) -> str:
    meaning = f", {' or '.join(days)}" if days else ""
    return f"`{text}` ({count(images, 'image')}{meaning})"
