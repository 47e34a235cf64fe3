"""Whether an image of the classifier's own source may have trained it: was it annotated before the training?

Rule: an image may have trained the classifier unless somebody knows better: all that people annotated on it is dated
after the day of training, or an export of the source's annotations has nothing of theirs on it. An export that was made
for other photos has nothing of this one either, and is no such knowledge. A date that is missing
or cannot be read is no such knowledge, nor is that of a review, which says when coralrun asked and not what CoralNet
had. CoralNet shows the day of training in California's time and exports dates in UTC; where a date has no time zone, it
may be as early as that text can mean.

CoralNet keeps the newest date of an annotation. So an image that was annotated, trained with and annotated anew looks
as if it were later; nothing that CoralNet exports tells of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Final, NamedTuple

from coralrun.accuracy.truth import in_sample
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.planning.model import Classifier, Plan
from coralrun.planning.name_match import loosely

_DAY: Final = re.compile(r"([A-Z][a-z]{2})[a-z]*\.? ([0-9]{1,2}), ([0-9]{4})")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNDATED: Final = "nothing says when it was annotated"
_NOT_ANNOTATED: Final = "not annotated"
_NOT_THERE: Final = "not in the table of annotations"
_NOT_BY_CONTENT: Final = "not in a folder, and only photos in folders are known by their content"
_UNCONFIRMED: Final = "robot"
"""The annotator of labels that are not confirmed, and train nothing; what is accepted automatically is confirmed."""
_CALIFORNIA: Final = timedelta(hours=8)
"""Behind UTC, at the most."""
_EASTERNMOST: Final = timedelta(hours=14)
"""Before UTC, at the most: a text without a time zone may mean this much earlier."""


class JudgedImage(NamedTuple):
    """An image with labels: how many of them judge, and whether it may have trained the classifier, None where nobody
    but its owner can know."""

    source: str
    name: str
    judged: int
    may_have_trained: bool | None
    why: str


class Absence(Enum):
    """What it tells of an image that the exports of annotations at hand do not have it."""

    KNOWN = "they are of all images of the run"
    TRUSTED = "one is said to be of all images of the source"
    NOTHING = "there are none, or they are of other images"


class History(NamedTuple):
    """What is known of an image of the classifier's own source."""

    may_have_trained: bool
    why: str


def histories(
    plan: Plan, labelled: Iterable[LabelledPoint], exported: Sequence[LabelledPoint] | None, absence: Absence
) -> dict[int, History]:
    """What is known of each image of the classifier's own source, by its number in the plan.

    `labelled` are the rows of a table with dates of its own, `exported` those of an export of the source's annotations
    that was made after the training, None where there is none. One that has nothing of people's on an image tells that
    it had no annotation then, and `absence` what it tells of an image that it does not have; rows of other tables count
    beside it where they have a date.
    """
    own = plan.classifier.source
    if own is None:
        return {}
    source = f"coralnet:{own}"
    dates: dict[str, list[str]] = {}
    dated = labelled if exported is None else (row for row in labelled if _earliest_day(row.date) is not None)
    for row in (*dated, *(exported or ())):
        is_confirmed = row.is_labelled and row.annotator.casefold() != _UNCONFIRMED
        if is_confirmed and not row.review_id and not row.set and row.source in ("", source, str(own)):
            dates.setdefault(loosely(row.name), []).append(row.date)
    there = {loosely(row.name) for row in exported or ()}
    undated = {True: _KNOWN, False: _ABSENT[absence]}
    return {
        number: history(plan.classifier, dates[name]) if name in dates else undated[name in there]
        for number, image in enumerate(plan.images)
        if image.source == source
        for name in (loosely(image.name),)
    }


def judged_image(plan: Plan, image: int, judged: int, of_own_source: Mapping[int, History]) -> JudgedImage:
    """What is said of an image with labels."""
    at = plan.images[image]
    why = in_sample(plan, image)
    if image in of_own_source:
        known = of_own_source[image]
    elif why is not None:
        return JudgedImage(at.source, at.name, judged, True, str(why))
    elif plan.classifier.trained is not None and at.sha256 is not None:
        known = History(False, "not among the photos that the classifier was trained on")
    elif plan.classifier.trained is not None:
        return JudgedImage(at.source, at.name, judged, None, _NOT_BY_CONTENT)
    elif not at.source.startswith("coralnet:"):
        return JudgedImage(at.source, at.name, judged, None, "of no CoralNet source")
    else:
        known = History(False, "of another source than the classifier")
    return JudgedImage(at.source, at.name, judged, *known)


def history(classifier: Classifier, dates: Sequence[str]) -> History:
    """What the dates of an image's annotations, all that people made on it, tell."""
    trained = trained_on(classifier)
    if trained is None:
        return History(True, "the day of training is not known")
    days = [_earliest_day(text) for text in dates]
    known = [day for day in days if day is not None]
    if len(known) < len(days):
        return History(True, _UNDATED)
    first = min(known)
    trained_words = f"trained {classifier.date}"
    if first <= trained:
        return History(True, f"annotated by {min(dates)[:10]}, {trained_words}")
    return History(False, f"annotated from {min(dates)[:10]}, {trained_words}")


_KNOWN: Final = History(False, _NOT_ANNOTATED)
_ABSENT: Final = {
    Absence.KNOWN: _KNOWN,
    Absence.TRUSTED: History(False, _NOT_THERE),
    Absence.NOTHING: History(True, _UNDATED),
}


def is_on_trust(image: JudgedImage) -> bool:
    """Whether an image judges because a table that was given does not have it."""
    return image.why == _NOT_THERE


def is_untold(image: JudgedImage) -> bool:
    """Whether nobody knows of an image whether it trained a classifier that knows its own by their content."""
    return image.why == _NOT_BY_CONTENT


def is_undated(history: History) -> bool:
    """Whether dates of its annotations could yet show that an image did not train the classifier."""
    return history.why == _UNDATED


def trained_on(classifier: Classifier) -> date | None:
    """The day on which a classifier was trained, as its source's page has it; None where that is not known."""
    match = _DAY.match(classifier.date or "")
    if match is None or match[1] not in _MONTHS:
        return None
    try:
        return date(int(match[3]), _MONTHS.index(match[1]) + 1, int(match[2]))
    except ValueError:
        return None


def _earliest_day(text: str) -> date | None:
    """The earliest day in California that a date may mean; None for what is no date."""
    try:
        at = datetime.fromisoformat(text.strip())
        at = (at - _EASTERNMOST).replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        return (at - _CALIFORNIA).date()
    except (ValueError, OverflowError):
        return None
