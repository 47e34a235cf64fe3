"""Reviews as they are used: every point that a person labelled, with the machine's label beside it.

Rule: whether a point counts as audit is decided by the records of the draws (see `draws`), never by what a file says of
itself. Where several files label one point, the newest counts, and that they differ is counted. Points that nobody drew
are kept as further labels, like the triage's, and correct nothing. A label that a machine gave is no review, nor is one
of which nobody says whose it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.files.written import Table
from coralrun.planning.images import Size
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.planning.model import Plan
from coralrun.results.stored_points import Block
from coralrun.review.draws import Place, Record, in_force
from coralrun.review.labels import Held, Label, Labels
from coralrun.review.matching import Match, Unmatched, match
from coralrun.review.other_points import OtherPoints, labelled_elsewhere
from coralrun.review.sets import DrawnPoint, ReviewSet
from coralrun.values.classified import Classification

COLUMNS = (
    "set",
    "inclusion_probability",
    "source",
    "name",
    "point",
    "row",
    "column",
    "machine_label_id",
    "machine_label_code",
    "machine_score",
    "human_label_id",
    "human_label_code",
    "agree",
    "annotator",
    "date",
    "comment",
)


@dataclass(frozen=True, slots=True)
class ReviewedPoint:
    """One point, human beside machine. `drawn` says how it came to be reviewed, None where nobody drew it; `number` is
    that of the import whose label counts."""

    image: int
    point: int
    human: Label
    machine: Classification
    row: LabelledPoint
    drawn: DrawnPoint | None
    number: int = 1

    @property
    def is_audit(self) -> bool:
        """Whether it may say anything about other points."""
        return self.drawn is not None and self.drawn.set is ReviewSet.AUDIT

    @property
    def agrees(self) -> bool:
        """Whether person and machine say the same."""
        return self.human.code == self.machine.label_code


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that gives a point another label than the one that it had `before`, by the import of that number."""

    row: LabelledPoint
    label: Label
    before: Label
    number: int


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of the rows of import `number`: how many are taken as people's, how many nobody has labelled yet, how
    many a machine, of how many nobody says who; which are held back for their label; which match nothing, and what is
    said of the names in them. `changed` are the points that a file before it labelled otherwise.
    """

    number: int
    rows: int
    labelled: int
    empty: int
    machines: int
    unsaid: int
    held: tuple[Held, ...]
    unmatched: tuple[Unmatched, ...]
    names: tuple[str, ...]
    changed: tuple[Changed, ...]


class Parts(NamedTuple):
    """The images with a result that not every draw of photos could draw from, `apart` by which draws could; `untold`
    are those of them that none could. `alone` has the images of which reviewed points stand for themselves and no
    others, with how many these are: the classifier may have learnt from them. So `few` images stand apart nowhere, and
    are taken to be as the others."""

    apart: tuple[frozenset[int], ...] = ()
    untold: frozenset[int] = frozenset()
    alone: Mapping[int, int] = MappingProxyType({})
    few: int = 0

    @property
    def later(self) -> frozenset[int]:
        """All of them."""
        return frozenset[int]().union(*self.apart)

    def numbers(self, images: int) -> NDArray[np.intp]:
        """The part of each of the plan's `images`, 0 for those that every draw could draw from."""
        found = np.zeros(images, np.intp)
        for number, part in enumerate(self.apart, start=1):
            found[sorted(part)] = number
        return found

    def samples(self, images: int) -> NDArray[np.intp]:
        """The same with a part for those whose reviewed points stand for themselves: they tell of no other image."""
        found = self.numbers(images)
        found[sorted(self.alone)] = len(self.apart) + 1
        return found

    def points_alone(self, images: int) -> NDArray[np.float64]:
        """How many reviewed points of each image stand for themselves."""
        found = np.zeros(images)
        found[list(self.alone)] = list(self.alone.values())
        return found


@dataclass(frozen=True, slots=True)
class Reviews:
    """Everything that people said about a run.

    `points` stand in plan order, each once. `audit` holds every point of the audit, reviewed or not; `waiting` counts
    those of later draws of which nothing has come back. `other_units` are those that the audit was drawn from, where
    the run is read by others now; its probabilities are not right then. `other_plan` is the plan whose images photos
    were drawn from, 0 where it is in force, `by_class_plan` that of points drawn by class; `parts` are the images that
    not every draw could draw from; `is_learnt_from` says whether the classifier may have learnt from the audit;
    `is_of_now` says whether some were drawn from all images since, and `lost` counts the points that were drawn and
    that the plan in force does not have: their images were withdrawn, or they moved; `triage_gone` counts the photos
    that a triage showed and that were withdrawn since.
    `other_points` are what draws handed out and the plan in force does not have.
    `by_class` holds every point that was drawn by class, reviewed or not. `new` are the labels that were accepted and
    that the classifier gave to no point of the run. `held` are the rows that are held back for their label, one for
    each point, where no later file labels it with one that the run knows.
    """

    points: tuple[ReviewedPoint, ...] = ()
    audit: tuple[DrawnPoint, ...] = ()
    outcomes: tuple[FileOutcome, ...] = ()
    waiting: int = 0
    other_units: str = ""
    other_plan: int = 0
    by_class_plan: int = 0
    parts: Parts = field(default_factory=Parts)
    is_learnt_from: bool = False
    is_of_now: bool = True
    lost: int = 0
    triage_gone: int = 0
    other_points: tuple[OtherPoints, ...] = ()
    by_class: Mapping[Place, DrawnPoint] = field(default_factory=dict)
    new: frozenset[str] = frozenset()
    held: tuple[Held, ...] = ()

    @property
    def audited(self) -> tuple[ReviewedPoint, ...]:
        """The reviewed points of the audit."""
        return tuple(point for point in self.points if point.is_audit)

    @property
    def others(self) -> tuple[ReviewedPoint, ...]:
        """The reviewed points of the triage, and those that nobody drew: they say nothing about any other point."""
        return tuple(p for p in self.points if not p.is_audit and (p.image, p.point) not in self.by_class)

    @property
    def elsewhere(self) -> int:
        """How many labels of people are of points that were drawn and that the plan in force does not have."""
        unmatched = (row.human for outcome in self.outcomes for row in outcome.unmatched)
        return labelled_elsewhere(unmatched, self.other_points) if self.other_points else 0

    @property
    def audited_images(self) -> int:
        """Images of the audit of which at least one point is reviewed."""
        return len({point.image for point in self.audited})

    @property
    def audit_left(self) -> int:
        """Points of the audit that nobody has labelled yet."""
        return len(self.audit) - len(self.audited)


def gather(
    plan: Plan,
    blocks: Iterable[Block],
    draws: Sequence[Record],
    files: Sequence[tuple[int, Sequence[LabelledPoint]]],
    accepted: Collection[str] = (),
    sizes: Callable[[], Mapping[int, Size]] = dict,
) -> Reviews:
    """Put the rows of every file beside the machine's answers. `files` are imports by number, in their order.

    `accepted` are labels that count although the classifier never gave them, `sizes` as in `match`.
    """
    kept: dict[Place, tuple[Match, Label, int]] = {}
    still_held: dict[Place, Held] = {}
    outcomes: list[FileOutcome] = []
    of_files, codes = match(plan, blocks, [rows for _, rows in files], sizes)
    labels = Labels(codes, accepted)
    taken = [labels.taken(matched.pairs) for matched in of_files]
    for (number, rows), matched, labelled in zip(files, of_files, taken, strict=True):
        said = {(pair.image, pair.point): (pair, labels.of(pair.human), number) for pair in labelled}
        changed = tuple(
            Changed(pair.human, label, *kept[place][1:])
            for place, (pair, label, _) in said.items()
            if place in kept and kept[place][1] != label
        )
        kept |= said
        for place in said:
            still_held.pop(place, None)
        empty = sum(not row.is_labelled for row in rows)
        machines = sum(row.is_machines for row in rows)
        unsaid = sum(row.is_unsaid for row in rows)
        held = tuple(labels.held(matched.pairs))
        still_held.update((row.place, row) for row in held)
        left = held, matched.unmatched, matched.names
        outcomes.append(FileOutcome(number, len(rows), len(labelled), empty, machines, unsaid, *left, changed))
    drawn = in_force(draws, newest((number, pairs) for (number, _), pairs in zip(files, taken, strict=True)))
    found = tuple(
        ReviewedPoint(*place, label, pair.machine, pair.human, drawn.sets.get(place), number)
        for place, (pair, label, number) in sorted(kept.items())
    )
    return Reviews(
        found,
        drawn.audit,
        tuple(outcomes),
        drawn.waiting,
        by_class=drawn.by_class,
        new=frozenset(accepted).difference(codes.values()),
        held=tuple(still_held.values()),
    )


def newest(files: Iterable[tuple[int, Iterable[Match]]]) -> dict[Place, int]:
    """The newest file that labels a point, by place; `files` by number, in their order, with the rows taken of each."""
    return {(pair.image, pair.point): number for number, pairs in files for pair in pairs}


def table(plan: Plan, reviews: Reviews) -> Iterator[bytes]:
    """`reviewed.csv`: every reviewed point, human beside machine, in plan order."""
    yield Table.REVIEWED.lines([COLUMNS])
    yield Table.REVIEWED.lines(row_of(plan, point) for point in reviews.points)


def row_of(plan: Plan, point: ReviewedPoint) -> Sequence[object]:
    """A reviewed point as a row of `reviewed.csv`."""
    image = plan.images[point.image]
    return (
        "" if point.drawn is None else str(point.drawn.set),
        "" if point.drawn is None or point.drawn.inclusion is None else point.drawn.inclusion,
        image.source,
        image.name,
        point.point,
        point.row.row,
        point.row.column,
        "" if point.machine.label_id is None else point.machine.label_id,
        point.machine.label_code,
        point.machine.score,
        "" if point.human.id is None else point.human.id,
        point.human.code,
        "yes" if point.agrees else "no",
        point.row.annotator,
        point.row.date,
        point.row.comment,
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file of people's, and everything that was said about the run, with it.

    `said` is what the output says of whose the labels are, where the file does not; `notes` are what its owner should
    know of how it was read.
    """

    outcome: FileOutcome
    reviews: Reviews
    said: str
    notes: tuple[str, ...]
