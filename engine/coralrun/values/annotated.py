"""Points on a photo at a service with the labels that stand there, and whether they are those that are wanted.

Rule: pure. A point without a label may be there and not be shown until the service's classifier has labelled it, so
what is not seen is not taken for missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple


class AnnotatedPoint(NamedTuple):
    """A point of a photo and the code of its label, "" for none; `is_persons` where no machine gave it.

    A label that is to be written is always a person's.
    """

    row: int
    column: int
    code: str = ""
    is_persons: bool = False


class Standing(Enum):
    """What is seen of the points that are wanted."""

    SAME = "same"
    UNSEEN = "unseen"
    OTHER = "other"


def compare(wanted: Sequence[AnnotatedPoint], shown: Sequence[AnnotatedPoint]) -> Standing:
    """What a photo shows of the points and labels that are wanted there, in whatever order.

    `UNSEEN` is a photo that shows people's labels as they are wanted, and of the points without any not one.
    """
    if _labels(wanted) != _labels(shown):
        return Standing.OTHER
    if _places(wanted) == _places(shown):
        return Standing.SAME
    return Standing.UNSEEN if all(point.is_persons for point in shown) else Standing.OTHER


def _labels(points: Iterable[AnnotatedPoint]) -> Counter[tuple[int, int, str]]:
    return Counter((point.row, point.column, point.code.casefold()) for point in points if point.is_persons)


def _places(points: Iterable[AnnotatedPoint]) -> Counter[tuple[int, int]]:
    return Counter((point.row, point.column) for point in points)
