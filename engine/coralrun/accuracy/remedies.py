"""What to do where none of the labels that were given may judge a run.

Rule: what helps with the reason that holds, and nothing that was tried already. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from coralrun.accuracy.truth import NEVER, Why
from coralrun.review.matching import NO_POINT_HERE, NO_PREDICTIONS, NO_SUCH_IMAGE

_PEOPLES: Final = "Use labels that people gave: a machine's are no truth."
_UNDER_ITS_NAMES: Final = (
    "Labels judge a run's own images alone, by the names that its tables have: write those into the table of labels, "
    "say which column has them (`--columns name=...`), or name the run that the labels are of."
)
_INDEPENDENT: Final = (
    "Use labels that the classifier was not trained on, of points drawn at random: an audit, or whole images."
)
_IN_SAMPLE: Final = "To see figures all the same, stamped as in-sample: --allow-in-sample."


def what_to_do(left_out: Mapping[Why, int], elsewhere: Iterable[str], later: str, init: str) -> str:
    """The remedy for the reason that most rows have, those of a machine aside: `left_out` counts rows by why they may
    not judge, `elsewhere` has why each of the others matches no point of the run. `later` says how images prove to be
    later than the training, "" where that is known of all; `init` is the command that begins a survey of the points
    that people labelled, "" where there is none."""
    why = Counter(elsewhere)
    rows = {
        " ".join(part for part in (_INDEPENDENT, later, _IN_SAMPLE) if part): sum(
            rows for reason, rows in left_out.items() if reason not in NEVER
        ),
        _its_own_points(init): why[NO_POINT_HERE] + why[NO_PREDICTIONS],
        _UNDER_ITS_NAMES: why[NO_SUCH_IMAGE],
    }
    commonest = max(rows, key=lambda remedy: rows[remedy])
    if rows[commonest]:
        return commonest
    return _PEOPLES if left_out.keys() == {Why.MACHINE} else _INDEPENDENT


def _its_own_points(init: str) -> str:
    by = f" (`{init}`)" if init else ""
    return (
        "Labels judge a run at its own points alone. Have the points that people labelled classified, by a survey of "
        f"its own with `sampling: {{points: {{from: coralnet}}}}`{by}, or the name of a file for `coralnet`; or have "
        "people label points of this run: `coralrun review`."
    )
