"""The photos of an earlier run, read from its directory for a survey that takes their points again.

Rule: the run is read as it stands, finished or not, without its lock, and nothing of it is changed. The points of a
photo are those that were sent, or are to be: they follow from the run's plan and the size with which it was sent last.
"""

from __future__ import annotations

from itertools import chain, repeat
from pathlib import Path

from coralrun.app.run.run_directory import open_run
from coralrun.errors import RunDamaged
from coralrun.machine.batches import Phase
from coralrun.machine.plan_state import PlanState
from coralrun.machine.runs import from_ranges
from coralrun.planning.images import Size
from coralrun.planning.revisit import EarlierPhotos, check_match, photos_of
from coralrun.spec.model import Survey
from coralrun.spec.revisit import Revisit


def read_earlier(survey: Survey) -> EarlierPhotos | None:
    """The photos of the run that a survey revisits, None where it revisits none.

    Raises UsageError where there is no run, RunDamaged where it cannot be read, and InvalidInput where its photos lack
    a field by which the survey tells them.
    """
    if not isinstance(survey.points, Revisit):
        return None
    directory = survey.points.run
    try:
        opened = open_run(Path(directory))
    except RunDamaged as damage:
        raise RunDamaged(f"{directory}, which the survey revisits: {damage.message}", remedy=damage.remedy) from damage
    earlier = photos_of(directory, opened.plan, sizes_sent(opened.plan_state))
    check_match(survey.wording, survey.points, earlier)
    return earlier


def sizes_sent(of_plan: PlanState) -> dict[int, Size]:
    """The sizes with which images were sent last, by their number; of those alone whose size was needed."""
    state, sizes = of_plan.run, dict[int, Size]()
    for job in state.closed:
        runs = (repeat(size, count) for size, count in job.sizes)
        sizes |= dict(zip(from_ranges(job.units), chain.from_iterable(runs), strict=False))
    open_batches = () if state.open is None or state.open.phase is Phase.CUT else (state.open,)
    for batch in (*state.active.values(), *open_batches):
        sizes |= dict(zip(batch.units, batch.sizes, strict=True))
    needed = {unit: size for unit, size in sizes.items() if size.width}
    return {image: needed[of_plan.units.unit_of[image]] for image in of_plan.units.images(needed)}
