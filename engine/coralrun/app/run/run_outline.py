"""A run seen without the images of its plan: all that `status` says follows from its state and the plan's header.

Rule: the header is checked as ever; what nobody looks at is not read, so a million images cost what their state costs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from coralrun.app.run.run_directory import OpenRun, check_exists, open_run
from coralrun.errors import RunDamaged
from coralrun.machine.durable import Durable
from coralrun.machine.plan_state import PlanState
from coralrun.machine.units import PlanUnits
from coralrun.planning import analysis_codec, header
from coralrun.store import plans, run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.run import Identity


@dataclass(frozen=True, slots=True)
class RunOutline:
    """A run whose images all have as many points."""

    layout: Layout
    identity: Identity
    classifier: str
    formats: tuple[str, ...]
    state: Durable
    units: PlanUnits
    points_each: int
    planned_directory: str
    left_for_later: int

    @property
    def plan_state(self) -> PlanState:
        """What is known of the images of the plan in force."""
        return PlanState(self.state, self.units)

    @property
    def point_counts(self) -> Sequence[int]:
        """How many points each image has."""
        return [self.points_each] * len(self.units)

    @property
    def uploads(self) -> Mapping[str, str]:
        """None of its photos is known to be uploaded."""
        return {}


def outline_of(directory: Path) -> RunOutline | OpenRun:
    """Read a run directory, changing nothing; all of its plan only where images have different numbers of points, or
    photos were uploaded, which are counted by their names."""
    layout, disk = Layout(directory), Disk()
    check_exists(layout)
    identity, state = run.read_identity(layout, disk), run.load(layout, disk).state
    plan = plans.in_force(layout, state)
    try:
        outline = header.outline_of(disk.read(plan.header))
    except FileNotFoundError as error:
        raise RunDamaged(f"{error.filename}: missing") from None
    units = plans.units_in_force(plan, disk, state, outline.digest)
    points_each = outline.points_each
    if (
        state.stored
        or points_each is None
        or (outline.images, points_each * outline.images) != (len(units), outline.points)
    ):
        return open_run(directory)
    formats = outline.formats
    if plan.analysis.exists():
        _, formats = analysis_codec.decode(str(plan.analysis), disk.read(plan.analysis))
    return RunOutline(
        layout=layout,
        identity=identity,
        classifier=outline.classifier,
        formats=formats,
        state=state,
        units=units,
        points_each=points_each,
        planned_directory=outline.directory,
        left_for_later=outline.left_for_later,
    )
