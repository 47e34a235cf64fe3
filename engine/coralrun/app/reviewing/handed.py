"""What is known beforehand of the points that a draw hands out."""

from __future__ import annotations

from collections.abc import Iterable

from coralrun.accuracy.training import is_undated
from coralrun.accuracy.truth import in_sample
from coralrun.app.answers.kept_reviews import load
from coralrun.app.answers.training import histories_of, untrained
from coralrun.app.run.run_directory import OpenRun
from coralrun.review.draws import Place, place_of
from coralrun.review.sets import DrawnPoint, ReviewSet


def labelled_already(opened: OpenRun, drawn: Iterable[DrawnPoint]) -> frozenset[Place]:
    """Those points drawn by class that people labelled already, in whatever set: their labels count, and nobody needs
    to give them again."""
    of_class = {place_of(point) for point in drawn if point.set is ReviewSet.BY_CLASS}
    return frozenset(of_class and of_class.intersection((point.image, point.point) for point in load(opened).points))


def in_sample_of(opened: OpenRun, images: Iterable[int]) -> tuple[int, int]:
    """How many of these images may have trained the classifier, and of how many of them nothing says when they were
    annotated."""
    known = histories_of(opened)
    later = untrained(known)
    may = [image for image in images if image not in later and in_sample(opened.plan, image) is not None]
    return len(may), sum(image in known and is_undated(known[image]) for image in may)
