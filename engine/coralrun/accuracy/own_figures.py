"""What the service itself found the classifier to take for what, in words and as values.

Rule: it is shown as what it is, never beside figures of the survey as if it were one of them: other photos, other
places and another mix of labels. It has no interval, for nothing is known of how those photos were chosen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from coralrun.planning.confusion import Confusion
from coralrun.values.phrases import count

_SHOWN = 5


class OwnLabel(NamedTuple):
    """A label of people's: its held-out points, the share of them that the classifier finds, and the share of what the
    classifier calls so that is it (None where it calls nothing so); what it takes most of the others for, with their
    number, "" for nothing."""

    name: str
    points: int
    found: float
    confirmed: float | None
    taken_for: str
    taken: int


def whence(confusion: Confusion) -> str:
    """Where these figures are from."""
    return (
        f"CoralNet's own figures, from its own held-out images of source {confusion.source}, not from your survey: "
        f"{count(confusion.total, 'point')}"
    )


def own_labels(confusion: Confusion) -> list[OwnLabel]:
    """The labels that people gave any held-out point, most first."""
    called = confusion.of_classifier
    found = []
    for at, (name, row) in enumerate(zip(confusion.labels, confusion.points, strict=True)):
        if not sum(row):
            continue
        taken, other = max(((n, -place) for place, n in enumerate(row) if place != at), default=(0, 0))
        taken_for = confusion.labels[-other] if taken else ""
        confirmed = row[at] / called[at] if called[at] else None
        found.append(OwnLabel(name, sum(row), row[at] / sum(row), confirmed, taken_for, taken))
    return sorted(found, key=lambda label: -label.points)


def own_lines(confusion: Confusion) -> Iterator[str]:
    """For people: the agreement, and what is most often taken for something else."""
    yield f"  {whence(confusion)}, the classifier right on {_share(confusion.agreed, confusion.total)}"
    mistaken = sorted((label for label in own_labels(confusion) if label.taken), key=lambda label: -label.taken)
    for label in mistaken[:_SHOWN]:
        yield f"    {label.taken:,} of {count(label.points, 'point')} of {label.name} as {label.taken_for}"
    if mistaken:
        yield "    (the whole matrix: --json)"


def own_document(confusion: Confusion | None) -> dict[str, Any] | None:
    """As plain JSON values; None where the service says nothing."""
    if confusion is None:
        return None
    return {
        "what": whence(confusion),
        "classifier": confusion.classifier,
        "source": confusion.source,
        "people_by_row_machine_by_column": [list(row) for row in confusion.points],
        "labels": list(confusion.labels),
    }


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"
