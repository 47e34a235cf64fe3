"""Which labels may judge a classifier: truth that trained it is no judge.

Rule: what CoralNet trains on counts as in-sample, whoever gave it: labels on images of the classifier's own source,
unless these were annotated later (see `training`), and imported ones (an upload confirms them, and what is confirmed
trains). A machine's labels are no truth at all and never count, those that auto-accept confirmed among them; nor do
labels of which nobody says whose they are, nor those of points that were picked because of what the machine says there
(see `chosen`). Where the source of the classifier is not known, images of any CoralNet source may have trained it.
A classifier of one's own knows the photos that it was trained on, by their content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from coralrun.planning.model import Plan
from coralrun.review.matching import Match

IMPORTED = "imported"
"""What CoralNet's export of annotations gives as the annotator of uploaded labels, in any case."""

_CORALNET = "coralnet:"


class Why(StrEnum):
    """Why a row is no independent truth."""

    MACHINE = "labelled by a machine"
    UNSAID = "of which nobody says who labelled them"
    TWO_LABELS = "whose label id is another label than their code"
    TRIAGE = "of a triage: picked where the machine is unsure, so no measure of it"
    BY_CLASS = "drawn by class: they correct cover with an estimator of their own"
    NOT_DRAWN = "reviewed without having been drawn for an audit"
    OWN_SOURCE = "on an image of the classifier's own source"
    UNKNOWN_SOURCE = "on an image of a CoralNet source, and the source of the classifier is not known"
    TRAINED_ON = "on a photo that the classifier was trained on"
    WAS_IMPORTED = "imported into CoralNet, which trains on it"


NEVER = frozenset({Why.MACHINE, Why.UNSAID, Why.TWO_LABELS, Why.TRIAGE, Why.BY_CLASS, Why.NOT_DRAWN})
"""Reasons that nothing overrides; the others say that a row is in-sample."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The rows that may judge, the others counted by reason, and whether any of those that may is in-sample."""

    pairs: tuple[Match, ...]
    left_out: Mapping[Why, int]
    in_sample: bool


def why_not(plan: Plan, match: Match, untrained: Collection[int] = ()) -> Why | None:
    """Why a row is not independent of the classifier; None where nothing speaks against it, as on images that are known
    not to have trained it (`untrained`)."""
    if not match.human.is_persons:
        return Why.MACHINE if match.human.is_machines else Why.UNSAID
    if match.image in untrained:
        return None
    if match.human.annotator.lower() == IMPORTED:
        return Why.WAS_IMPORTED
    return in_sample(plan, match.image)


def in_sample(plan: Plan, image: int) -> Why | None:
    """Why the classifier may have been trained on an image; None where nothing says so."""
    at, own, trained = plan.images[image], plan.classifier.source, plan.classifier.trained
    if trained is not None and trained.has_learnt(at.sha256):
        return Why.TRAINED_ON
    source = at.source
    if own is not None and source == f"{_CORALNET}{own}":
        return Why.OWN_SOURCE
    if own is None and source.startswith(_CORALNET):
        return Why.UNKNOWN_SOURCE
    return None


def judges(
    plan: Plan,
    pairs: Iterable[Match],
    unfit: Mapping[tuple[int, int], Why],
    *,
    allow_in_sample: bool,
    untrained: Collection[int] = (),
) -> Judged:
    """Sort the rows: in-sample ones judge only where that is allowed, those of a machine and the `unfit` never.

    `unfit` says by image and point why a row is no truth at all; `untrained` are images of the classifier's own source
    that did not train it (see `training`).
    """
    kept: list[Match] = []
    left_out: Counter[Why] = Counter()
    in_sample = False
    for pair in pairs:
        why = unfit.get((pair.image, pair.point)) or why_not(plan, pair, untrained)
        if why is None or (allow_in_sample and why not in NEVER):
            kept.append(pair)
            in_sample = in_sample or why is not None
        else:
            left_out[why] += 1
    return Judged(tuple(kept), dict(sorted(left_out.items())), in_sample)
