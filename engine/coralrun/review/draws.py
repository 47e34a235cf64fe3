"""What was drawn for review, draw after draw, and what of it is in force.

Rule: a point of an audit stays one: no later draw takes it out, and a triage never covers it. The record of a draw
states the whole audit up to it, earlier points with the probabilities that the further draw gave them. A draw's audit
is in force once something has come back of it; until then the earlier one stands alone, as random as before. What was
drawn before a draw that is in force belongs to the same sample, and is missed where nobody has reviewed it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isclose

from coralrun.review.audit import DrawnImage
from coralrun.review.sets import DrawnPoint, ReviewSet

Place = tuple[int, int]
"""An image by its number in the plan, and a point on it, from 1."""


@dataclass(frozen=True, slots=True)
class Record:
    """The record of draw `number`: its rows by the id that they were first handed out with.

    `after_import` is the newest import when it was drawn, 0 for none.
    """

    number: int
    after_import: int
    rows: Mapping[str, DrawnPoint]

    @property
    def own(self) -> tuple[DrawnPoint, ...]:
        """What this draw added and handed out, in its order."""
        return tuple(point for key, point in self.rows.items() if key.startswith(own_prefix(self.number)))

    @property
    def audit(self) -> dict[str, DrawnPoint]:
        """The rows of the audit, earlier ones among them."""
        return {key: point for key, point in self.rows.items() if point.set is ReviewSet.AUDIT}


@dataclass(frozen=True, slots=True)
class InForce:
    """What the draws make of each point: `sets` by place; the points of the `audit`, reviewed or not; how many points
    of later draws are `waiting` for a first label; and those that were drawn `by_class`, whatever else they are."""

    sets: Mapping[Place, DrawnPoint]
    audit: tuple[DrawnPoint, ...]
    waiting: int
    by_class: Mapping[Place, DrawnPoint]


def review_id(number: int, index: int) -> str:
    """The id of a row: of draw `number`, its `index`-th row, both from 1."""
    return f"{own_prefix(number)}{index:05d}"


def own_prefix(number: int) -> str:
    """How the ids of all rows of a draw begin."""
    return f"r{number}-"


def place_of(point: DrawnPoint) -> Place:
    """Where a drawn point is."""
    return point.image, point.point


def in_force(records: Sequence[Record], labelled: Mapping[Place, int]) -> InForce:
    """Read the draws together; `labelled` has the newest import that labels a point, by place."""
    audits = [{place_of(point): point for point in record.audit.values()} for record in records]
    triage = {place_of(point): point for record in records for point in record.own if point.set is ReviewSet.TRIAGE}
    by_class = {place_of(point): point for record in records for point in record.own if point.set is ReviewSet.BY_CLASS}
    everything: dict[Place, DrawnPoint] = {}
    last = 0
    for index, (record, audit) in enumerate(zip(records, audits, strict=True), start=1):
        own = audit.keys() - everything.keys()
        everything |= audit
        if _has_come_back(own, triage.keys(), record.after_import, labelled):
            last = index
    audit = {place: point for one in audits[:last] for place, point in one.items()}
    if not last:
        return InForce(by_class | triage, tuple(everything.values()), 0, by_class)
    return InForce(by_class | triage | audit, tuple(audit.values()), len(everything) - len(audit), by_class)


def _has_come_back(
    own: Collection[Place], triage: Collection[Place], after_import: int, labelled: Mapping[Place, int]
) -> bool:
    """Whether a draw's own audit is reviewed: some of it since the draw, or all of it.

    Labels that were there before it are no random part of it, and those of a triage never are.
    """
    since = any(labelled.get(place, 0) > after_import for place in own if place not in triage)
    return since or (bool(own) and all(place in labelled for place in own))


def restated(
    audit: Mapping[str, DrawnPoint], images: Iterable[DrawnImage], counts: Mapping[int, int]
) -> Iterator[tuple[str, DrawnPoint]]:
    """The rows of an audit with the probabilities that its images have now; `counts` is of all points, by image.

    Rows of images that are not among `images` are left out.
    """
    now = {image.image: image for image in images}
    points: dict[int, int] = {}
    for point in audit.values():
        points[point.image] = points.get(point.image, 0) + 1
    for key, point in audit.items():
        image = now.get(point.image)
        if image is not None:
            inclusion = image.inclusion * points[point.image] / counts[point.image]
            yield key, replace(point, inclusion=inclusion, unit_inclusion=image.unit_inclusion)


def same_probabilities(one: Mapping[str, DrawnPoint], other: Mapping[str, DrawnPoint]) -> bool:
    """Whether two statements of an audit have the same rows with the same probabilities, but for rounding."""
    return one.keys() == other.keys() and all(
        isclose(point.inclusion or 0, other[key].inclusion or 0)
        and isclose(point.unit_inclusion or 0, other[key].unit_inclusion or 0)
        for key, point in one.items()
    )
