"""What the points of an audit stand for, where they were drawn from other images than cover is now told of.

Rule: an audit is random among the images that it was drawn from, and tells nothing of those that came later.

- On one visit, and where images were withdrawn since, the images at hand are some of those drawn from, and each was in
  the audit with the probability that it had. What is left to chance is how many of a unit's images were: so a unit
  weighs how many of its points those reviewed stand for (the sum of 1 / probability), as a share of those that it has.
  On average that is 1 for every unit, reviewed or not (Hajek 1971), so one with more photos on a visit, which the audit
  finds more easily, weighs no more.
- Another classifier that no photo of the run trained changes nothing of this: it says other things of all images,
  whether they were drawn or not. One that may have learnt from the audit does better there than elsewhere: the points
  that were reviewed before stand for themselves, and all others are as if they had come later.
- Images that came later, or whose points moved, are a part of each unit by itself. Once some of all images have been
  drawn, the older ones had more chances than these, so the parts of a unit, by which draws could draw from them, are
  post-strata: in each, the reviewed points stand for those that there are (Cochran 1977, Sampling Techniques, section
  5A.9). Without a reviewed image in every part there is no correction, and what to do is said.
- Where those that came later are `FEW_LATER` of the points of each stratum at most, they are no part, but taken to be
  as the others, and it is said: if the classifier is off by 10 points more there, cover is by 0.2 points at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coralrun.accuracy.chosen import Chances
from coralrun.estimates.placed import Domains, Placed
from coralrun.estimates.sample import Sampled
from coralrun.estimates.two_stages import LEAST_PHOTOS
from coralrun.review.other_points import elsewhere_words
from coralrun.review.reviewed import Parts, ReviewedPoint, Reviews
from coralrun.values.phrases import count

Numbers = NDArray[np.float64]

FEW_LATER: Final = 0.02
"""The share of a stratum's points that images may have of which an audit tells nothing, without standing apart. Ours:
on reefs drawn with twice the cover on these images, where the classifier finds 40 % of it and 70 % elsewhere, intervals
of 100 sites hold the truth in 91 of 100, and in 80 with a share of 0.05."""


BY_WHAT_THEY_STAND_FOR: Final = "reviewed units by how many of their points those reviewed stand for"
BY_THEIR_CHANCE: Final = "reviewed units by 1 / their probability in the audit"


class Standing(NamedTuple):
    """How many points each reviewed point stands for; what each unit weighs in the audit; why there is no correction,
    "" where there may be one, and how many further images of the audit it `lacks`; `weighting` says what units weigh
    there, "" where all weigh the same."""

    of_point: Numbers
    of_unit: Numbers
    why: str = ""
    lacks: int = 0
    weighting: str = ""


def standing(
    points: Sequence[ReviewedPoint], reviews: Reviews, sample: Sampled, domains: Domains, *, is_visit: bool
) -> Standing:
    """That of the audited `points`, all of which are on used images; `domains` are the units."""
    n = len(domains.values)
    images = np.array([point.image for point in points], np.intp)
    unit = domains.of_image[images]
    drawn = np.array([1.0 if p.drawn is None or not p.drawn.inclusion else p.drawn.inclusion for p in points])
    there = np.asarray((sample.usable + sample.unusable) * sample.used, float)
    part = reviews.parts.numbers(len(sample.used))
    if part[sample.used].any():
        untold = int(sample.used[sorted(reviews.parts.untold)].sum())
        of_point, missing = _in_parts(images, domains.of_image, reviews.parts, there)
        if untold:
            lacks = max(1, len(missing))
            return Standing(1 / drawn, np.ones(n), _came_later(untold, lacks, reviews), lacks)
        if len(missing):
            units = len(np.unique(missing))
            why = not_in_every_part(units, is_learnt_from=reviews.is_learnt_from, parts=len(missing))
            return Standing(1 / drawn, np.ones(n), why, len(missing))
        return Standing(of_point, np.ones(n))
    of_unit = np.ones(n)
    if is_visit or (reviews.other_plan and not reviews.is_of_now):
        stands_for, has = np.bincount(unit, 1 / drawn, n), np.bincount(domains.of_image, there, n)
        of_unit = np.where(stands_for > 0, stands_for / np.where(has > 0, has, 1), 1.0)
        return Standing(1 / drawn, of_unit, weighting=BY_WHAT_THEY_STAND_FOR)
    for point, at in zip(points, unit, strict=True):
        if point.drawn is not None and point.drawn.unit_inclusion:
            of_unit[at] = 1 / point.drawn.unit_inclusion
    return Standing(1 / drawn, of_unit, weighting=BY_THEIR_CHANCE if (of_unit != 1).any() else "")


def of_parts(images: NDArray[np.intp], parts: Parts, where: Placed, there: Numbers) -> tuple[Chances, int]:
    """The probabilities of points on these images, where some came later and all have been drawn from since: in each
    part of a unit those reviewed are so many of those that there are. `there` is how many points each image has.
    And how many units have a part without a reviewed image, of which nothing is told."""
    _, unit = np.unique(np.stack([where.stratum, where.unit]), axis=1, return_inverse=True)
    of_point, missing = _in_parts(images, unit.ravel(), parts, np.where(where.nameless, 0, there))
    part = parts.samples(len(there))
    sample = unit.ravel() + (unit.max() + 1) * part
    photos = np.bincount(sample[np.unique(images)], minlength=sample.max() + 1)
    there_are = np.bincount(sample, ~where.nameless & (there > 0))
    lonely = (photos == LEAST_PHOTOS - 1) & (there_are > photos)
    chances = Chances(1 / of_point, np.ones(len(images)), part[images], lonely[sample[images]])
    return chances, len(np.unique(missing))


def _in_parts(
    images: NDArray[np.intp], unit: NDArray[np.intp], parts: Parts, there: Numbers
) -> tuple[Numbers, NDArray[np.intp]]:
    """How many points each reviewed one on these images stands for, in its part of its unit, and of each part without
    any the unit. `unit` is that of each of all images, which have so many points `there`."""
    n, alone = unit.max() + 1, parts.points_alone(len(there))
    cell, is_alone = unit + n * parts.numbers(len(there)), alone[images] > 0
    has = np.bincount(cell, np.maximum(there - alone, 0))
    seen = np.bincount(cell[images[~is_alone]], minlength=len(has))
    missing = np.flatnonzero((has > 0) & (seen == 0))
    of_point = np.where(is_alone, 1.0, (has / np.maximum(seen, 1))[cell[images]])
    return of_point, missing % n


def gone_words(lost: int, shown: int) -> Iterator[str]:
    """What is said of points of the audit that are gone, and of photos that a triage has `shown` and that are."""
    if lost:
        which = "point of the audit is" if lost == 1 else "points of the audit are"
        yield f"{lost:,} {which} no longer in the plan: images were withdrawn, or points moved"
    if shown:
        yield (
            f"{count(shown, 'photo')} of the triage {'is' if shown == 1 else 'are'} no longer in the plan: if that is "
            "for what it showed, the audit, whose photos stayed, weighs too much (draw another: coralrun review with "
            "another --seed)"
        )


def since_words(images: int, *, is_learnt_from: bool) -> str:
    """What is said of images that an audit tells nothing of, before when it was drawn."""
    if is_learnt_from:
        return f"{count(images, 'image')} got a classifier that may have learnt from photos of this run"
    return f"{count(images, 'image')} came, had points moved or succeeded"


def few_words(images: int) -> Iterator[str]:
    """What is said of so few images that came later that they are taken to be as the others."""
    if images:
        came = since_words(images, is_learnt_from=False)
        yield f"{came} since photos were drawn: so few that they are taken to be as the others"


def _came_later(images: int, lacks: int, reviews: Reviews) -> str:
    since = since_words(images, is_learnt_from=reviews.is_learnt_from)
    draw = f"coralrun review with --sample {lacks} and another --seed"
    said = f"{since} after the audit was drawn: draw further from those that there are now, {draw}"
    return "; ".join(filter(None, (said, elsewhere_words(reviews.elsewhere))))


def not_in_every_part(units: int, *, is_learnt_from: bool, is_judging: bool = False, parts: int = 0) -> str:
    """What is said of so many units that have a part without a reviewed image, or without one that may judge; of so
    many `parts` in all, where that is known."""
    if is_learnt_from and is_judging:
        missing = "that the classifier cannot have learnt from"
    elif is_learnt_from:
        missing = "that was drawn since this classifier labels the run"
    else:
        missing = "of those that came between two draws, or of the others"
    sample = f"--sample {parts} and " if parts else ""
    return (
        f"{count(units, 'unit')} without a reviewed image {missing}: label what is drawn of them, or draw further, "
        f"coralrun review with {sample}another --seed, which takes such images first"
    )
