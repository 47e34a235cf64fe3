"""What people said of a run's points: in a file at hand, and in the reviews that were taken back before.

Rule: the last word on a point counts, and the file at hand is the last. It is read as it would be were it imported now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from coralrun.accuracy.chosen import not_random
from coralrun.accuracy.truth import Why
from coralrun.app.answers.cover import counting
from coralrun.app.answers.kept_reviews import read_imports, read_records
from coralrun.app.run.run_directory import OpenRun
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.results.counts import LabelCounts
from coralrun.results.stored_points import Block
from coralrun.review.draws import InForce, Place, Record, in_force, place_of
from coralrun.review.labels import Labels
from coralrun.review.matching import Match, Matched, match
from coralrun.review.reviewed import newest


@dataclass(frozen=True, slots=True)
class Said:
    """Rows of a file beside the points of a run, and the draws that they answer.

    `labelled`: the rows with a label that match a point, `people` those of them that a person gave. `unfit`: (image,
    point) that cannot judge, and why. `points_of`: how many points with a result each image has; `counts`: these by
    label.
    """

    matched: Matched
    labels: Labels
    labelled: Sequence[Match]
    people: Sequence[Match]
    unfit: Mapping[Place, Why]
    records: Sequence[Record]
    drawn: InForce
    points_of: Mapping[int, int]
    counts: LabelCounts

    def has_audited(self, pairs: Iterable[Match]) -> bool:
        """Whether a point of the audit in force is among these."""
        places = {place_of(point) for point in self.drawn.audit}
        return any((pair.image, pair.point) in places for pair in pairs)

    def audit_left(self) -> int:
        """How many points of the audit nobody has labelled yet; 0 where nobody has begun."""
        places = {(pair.image, pair.point) for pair in self.people}
        left = sum(place_of(point) not in places for point in self.drawn.audit)
        return left if left < len(self.drawn.audit) else 0


def said_of(opened: OpenRun, rows: Sequence[LabelledPoint]) -> Said:
    """Match labelled points with those of a run, as its next import of a review would."""
    imports = read_imports(opened)
    points_of: dict[int, int] = {}
    blocks, counts = counting(opened)
    (*of_imports, matched), codes = match(
        opened.plan,
        _counted(blocks, points_of),
        [*(of_file for _, of_file in imports.files), rows],
        opened.sizes,
    )
    labels = Labels(codes, imports.accepted)
    labelled = [pair for pair in matched.pairs if pair.human.is_labelled]
    people = [pair for pair in labelled if pair.human.is_persons]
    numbers = [number for number, _ in imports.files]
    numbers.append(max(numbers, default=0) + 1)
    labels_by_file = zip(numbers, [*(labels.taken(of_file.pairs) for of_file in of_imports), people], strict=True)
    records = read_records(opened)
    drawn = in_force(records, newest(labels_by_file))
    unfit = not_random(people, drawn.sets, points_of)
    unfit |= {(pair.image, pair.point): Why.TWO_LABELS for pair in people if labels.other(pair.human)}
    return Said(matched, labels, labelled, people, unfit, records, drawn, points_of, counts())


def _counted(blocks: Iterable[Block], counts: dict[int, int]) -> Iterator[Block]:
    """The points as they are, noting in `counts` how many each image has."""
    for block in blocks:
        counts.update(zip(block.images.tolist(), block.counts.tolist(), strict=True))
        yield block
