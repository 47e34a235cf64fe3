"""The diversity of machine labels, unit by unit and visit by visit: off unless the survey asks for it.

Rule: these are labels that a classifier gave, not species that a person saw; a classifier names only what it was
trained on. Live labels alone count (a group that says `live: true`), duplicates as their original. Units of different
effort are compared at one number of points:

- `labels_rarefied`: how many labels `rarefied_to` points drawn at random would show (Hurlbert 1971, Ecology 52:577-586,
  formula 14), `rarefied_to` being the live points of the unit that has fewest.
- `interspecific_encounter`: the chance that two points drawn at random have different labels (his PIE, formula 4; one
  less Simpson's index, in the unbiased form), which does not depend on the number of points.

Units with fewer than LEAST_POINTS live points have counts only: so few points say nothing about what else grows there
(and would pull all others down to their number).
"""

from __future__ import annotations

from math import lgamma
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coralrun.errors import UsageError
from coralrun.estimates.placed import Domains
from coralrun.estimates.sample import Sampled
from coralrun.planning.model import Plan
from coralrun.results.counts import LabelCounts
from coralrun.results.groupings import Classes
from coralrun.spec.groups import of_project

LEAST_POINTS: Final = 20  # ours
DIVERSITY_COLUMNS: Final = (
    "images_used", "live_points", "labels_seen", "rarefied_to", "labels_rarefied", "interspecific_encounter",
)  # fmt: skip
"""The columns of the table, behind the field of the occasion, where there is one, and the unit's fields."""


def diversity(counts: LabelCounts, plan: Plan, sample: Sampled, classes: Classes) -> pd.DataFrame:
    """A row for every unit, on each occasion; UsageError without a unit, or without groups that say what is alive."""
    if sample.unit_fields is None:
        raise UsageError(
            "`diversity` is worked out by design unit, and the survey names none",
            remedy="Name it in the survey: design: {unit: site}",
        )
    if not classes.live.any():
        raise UsageError(
            "`diversity` counts live labels only, and no group says which are alive",
            remedy=f"Use label groups that say `live: true`. {of_project('gcrmn.yaml')}",
        )
    occasion = (sample.occasion,) if sample.occasion else ()
    domains = Domains.of(plan, tuple(dict.fromkeys((*occasion, *sample.unit_fields))))
    taxa, taxon = np.unique(np.array(classes.taxon), return_inverse=True)
    kept = sample.used[counts.image] & classes.live[counts.label]
    seen = np.zeros((len(domains.values), len(taxa)), np.int64)
    np.add.at(seen, (domains.of_image[counts.image[kept]], taxon[counts.label[kept]]), counts.points[kept])
    live = seen.sum(axis=1)
    enough = live >= LEAST_POINTS
    least = int(live[enough].min()) if enough.any() else 0
    fields = {name: [value[place] for value in domains.values] for place, name in enumerate(domains.fields)}
    return pd.DataFrame(
        {
            **fields,
            "images_used": np.bincount(domains.of_image[sample.used], minlength=len(domains.values)),
            "live_points": live,
            "labels_seen": (seen > 0).sum(axis=1),
            "rarefied_to": pd.array([least if is_enough else None for is_enough in enough], dtype="Int64"),
            "labels_rarefied": [
                rarefied(row, least) if is_enough else np.nan for row, is_enough in zip(seen, enough, strict=True)
            ],
            "interspecific_encounter": [
                encounter(row) if is_enough else np.nan for row, is_enough in zip(seen, enough, strict=True)
            ],
        }
    )


def rarefied(seen: NDArray[np.int64], points: int) -> float:
    """How many kinds `points` points drawn without replacement would show; `seen` counts the points of each kind."""
    total = int(seen.sum())
    return sum(1 - _chance_to_miss(total, int(points_of_label), points) for points_of_label in seen if points_of_label)


def encounter(seen: NDArray[np.int64]) -> float:
    """The chance that two points drawn without replacement are of different kinds."""
    total = int(seen.sum())
    return float(1 - (seen * (seen - 1)).sum() / (total * (total - 1)))


def _chance_to_miss(total: int, kind: int, points: int) -> float:
    """C(total - kind, points) / C(total, points)."""
    if total - kind < points:
        return 0.0
    logarithm = lgamma(total - kind + 1) - lgamma(total - kind - points + 1)
    return float(np.exp(logarithm - lgamma(total + 1) + lgamma(total - points + 1)))
