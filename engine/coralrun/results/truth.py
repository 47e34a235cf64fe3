"""Which labels may judge a classifier: truth that trained it is no judge.

Rule: what CoralNet trains on counts as in-sample, whoever gave it: labels on images of the classifier's own source,
imported ones (an upload confirms them, and what is confirmed trains), and those that auto-accept confirmed. The
machine's own labels are no truth at all and never count, nor do those of points that were picked because of what it
says there (see `chosen`). Where the source of the classifier is not known, images of any CoralNet source may have
trained it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from coralrun.plan.labelled import LabelledPoint
from coralrun.plan.model import Plan
from coralrun.results.matching import Match

ROBOT = "robot"
IMPORTED = "imported"
ALLEVIATE = "alleviate"
"""CoralNet's three users that are no persons, as its annotation export names them, in any case."""

_OURS = "coralrun classifier"
"""How coralrun's own export of predictions names its annotator begins."""

_CORALNET = "coralnet:"


class Why(StrEnum):
    """Why a row is no independent truth."""

    MACHINE = "labelled by a machine"
    TRIAGE = "of a triage: picked where the machine is unsure, so no measure of it"
    NOT_DRAWN = "reviewed without having been drawn for an audit"
    OWN_SOURCE = "on an image of the classifier's own source"
    UNKNOWN_SOURCE = "on an image of a CoralNet source, and the source of the classifier is not known"
    WAS_IMPORTED = "imported into CoralNet, which trains on it"
    AUTO_ACCEPTED = "confirmed by CoralNet's auto-accept"


NEVER = frozenset({Why.MACHINE, Why.TRIAGE, Why.NOT_DRAWN})
"""Reasons that nothing overrides; the others say that a row is in-sample."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The rows that may judge, the others counted by reason, and whether any of those that may is in-sample."""

    pairs: tuple[Match, ...]
    left_out: Mapping[Why, int]
    in_sample: bool


def is_persons(row: LabelledPoint) -> bool:
    """Whether a row has a label, and not a machine's by its annotator: CoralNet's own, or a run of coralrun."""
    return row.is_labelled and not _is_machine(row.annotator.strip().casefold())


def _is_machine(annotator: str) -> bool:
    return annotator == ROBOT or annotator.startswith(_OURS)


def why_not(plan: Plan, match: Match) -> Why | None:
    """Why a row is not independent of the classifier; None where nothing speaks against it."""
    annotator = match.human.annotator.strip().casefold()
    if _is_machine(annotator):
        return Why.MACHINE
    if annotator == IMPORTED:
        return Why.WAS_IMPORTED
    if annotator == ALLEVIATE:
        return Why.AUTO_ACCEPTED
    source, own = plan.images[match.image].source, plan.classifier.source
    if own is not None and source == f"{_CORALNET}{own}":
        return Why.OWN_SOURCE
    if own is None and source.startswith(_CORALNET):
        return Why.UNKNOWN_SOURCE
    return None


def judges(
    plan: Plan, pairs: Iterable[Match], not_random: Mapping[tuple[int, int], Why], *, allow_in_sample: bool
) -> Judged:
    """Sort the rows: in-sample ones judge only where that is allowed, those of a machine or `not_random` never.

    `not_random` is by image and point.
    """
    kept: list[Match] = []
    left_out: Counter[Why] = Counter()
    in_sample = False
    for pair in pairs:
        why = not_random.get((pair.image, pair.point)) or why_not(plan, pair)
        if why is None or (allow_in_sample and why not in NEVER):
            kept.append(pair)
            in_sample = in_sample or why is not None
        else:
            left_out[why] += 1
    return Judged(tuple(kept), dict(sorted(left_out.items())), in_sample)
