"""What to do where none of the labels that were given may judge a run.

Rule: what helps with the reason that holds, and nothing that was tried already. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from coralrun.accuracy.truth import NEVER, Why

_PEOPLES: Final = "Use labels that people gave: a machine's are no truth."
_ITS_OWN_POINTS: Final = (
    "Labels judge a run at its own points alone. Have the points that people labelled classified, by a survey of its "
    "own with `sampling: {points: {from: coralnet}}`, or the name of a file for `coralnet`; or have people label "
    "points of this run: `coralrun review`."
)
_UNDER_ITS_NAMES: Final = (
    "Labels judge a run's own images alone, by the names that its tables have: write those into the table of labels, "
    "say which column has them (`--columns name=...`), or name the run that the labels are of."
)
_INDEPENDENT: Final = (
    "Use labels that the classifier was not trained on, of points drawn at random: an audit, or whole images."
)
_IN_SAMPLE: Final = "To see figures all the same, stamped as in-sample: --allow-in-sample."


def what_to_do(left_out: Mapping[Why, int], of_other_points: int, of_other_names: int, later: str) -> str:
    """The remedy; `left_out` counts rows by why they may not judge, `of_other_points` those where the run has no
    point or no predictions: a run by way of a source leaves the photos alone that people labelled there.
    `of_other_names` counts those of images that the run does not have. `later` says how images prove to be later than
    the training, "" where that is known of all."""
    if left_out.keys() - NEVER:
        return " ".join(part for part in (_INDEPENDENT, later, _IN_SAMPLE) if part)
    if of_other_points:
        return _ITS_OWN_POINTS
    if of_other_names:
        return _UNDER_ITS_NAMES
    return _PEOPLES if left_out.keys() == {Why.MACHINE} else _INDEPENDENT
