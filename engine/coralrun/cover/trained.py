"""What to know of a classifier that says itself what it was trained on: where, and on how many examples of each group.

Rule: told beside the cover, because no number of it shows that a group had ten examples, or none from this place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from coralrun.planning.model import Plan, Trained
from coralrun.results.groupings import Classes, Grouping
from coralrun.values.classified import Label

_SHOWN: Final = 12
"""A reader looks at the groups with the fewest examples; of fifty labels the rest says little."""


def trained_notes(plan: Plan, classes: Classes, labels: tuple[Label, ...]) -> Iterator[str]:
    """In plain sentences; none where the classifier says nothing."""
    trained = plan.classifier.trained
    if trained is None:
        return
    if trained.sites:
        yield f"the classifier was trained on photos of {', '.join(trained.sites)}"
    else:
        yield "nobody told where the photos are of that the classifier was trained on"
    if trained.photos:
        yield (
            f"IN-SAMPLE: the classifier was trained on {len(trained.photos):,} of these photos, and its labels there "
            "say nothing of how good it is elsewhere"
        )
    if plan.untold:
        yield plan.untold
    grouping = classes.groupings[1 if len(classes.groupings) > 1 else 0]
    counts = sorted(_examples(trained, grouping, labels).items(), key=lambda item: (item[1], item[0]))
    few = "" if len(counts) <= _SHOWN else f" (the {_SHOWN} with the fewest of {len(counts)})"
    told = ", ".join(f"{name} {examples:,}" for name, examples in counts[:_SHOWN])
    yield f"examples that it learnt each {grouping.name} from{few}: {told}"


def _examples(trained: Trained, grouping: Grouping, labels: tuple[Label, ...]) -> dict[str, int]:
    examples = dict.fromkeys(grouping.names, 0)
    for label, place in zip(labels, grouping.of_label.tolist(), strict=True):
        if place >= 0:
            examples[grouping.names[place]] += trained.examples.get(label.code, 0)
    return examples
