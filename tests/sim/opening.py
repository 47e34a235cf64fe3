"""How each process of a world opens the run: it makes the directory if there is none, and reads all of it.

Rule: what is read is what was written, whatever happened to the files in between: by the real reader of run
directories, which holds the identity, the plan and the facts against each other. Where the survey has changed, the
process that opens the run lets it become what the survey says now, and reads it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coralrun.app.run.run_directory import OpenRun, open_run
from coralrun.machine import facts, units
from coralrun.planning import codec
from coralrun.planning.model import Plan
from coralrun.store import run as run_store
from coralrun.store.layout import FIRST_PLAN
from coralrun.store.run import Identity

from .marks import Mark
from .witness import require

if TYPE_CHECKING:
    from .world import World


class Opening:
    """The run directory of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        plan = world.knobs.planned
        self._files = codec.encode(plan)
        self._units = units.encode(world.knobs.units.runs)
        self._identity = _identity(plan)
        digest = units.plan_digest(codec.digest(self._files), self._units)
        named = ((0, len(plan.images) - 1),)
        self._planned = facts.Planned("2026-01-01T00:00:00Z", FIRST_PLAN, digest, len(plan.images), named)

    def open(self) -> OpenRun:
        """The run as its files tell it; raises RunDamaged, DiskError or Violation."""
        world = self._world
        if not run_store.exists(world.layout):
            self._make()
        opened = self._read()
        return self._read() if world.changes.apply(opened) else opened

    def _make(self) -> None:
        world, layout = self._world, self._world.layout
        require(not world.witness.acknowledged.plan or world.harm.done, "the run is gone")
        folder = layout.plan(FIRST_PLAN)
        contents = {folder.header: self._files.header, folder.images: self._files.images, folder.units: self._units}
        if self._files.points is not None:
            contents[folder.points] = self._files.points
        world.witness.unconfirmed = ()  # what an earlier process wrote of a run is gone, with all of the run
        with world.witness.writing((self._planned,)):
            run_store.make(layout, world.files, self._identity, contents, self._planned)

    def _read(self) -> OpenRun:
        world = self._world
        opened = open_run(world.layout.root)
        require(opened.identity == self._identity, "the run is taken for another")
        world.asked.stands(opened.state.plan)
        require(opened.plan == world.asked.plan, "the plan is taken for another")
        world.witness.resumed(opened.state)
        world.harm.survived()
        if opened.loaded.torn:
            world.mark(Mark.TORN_LINE)
        if sum("snapshot-" in name and not name.endswith(".new") for name in world.disk.seen) > 1:
            world.mark(Mark.TWO_GENERATIONS)
        return opened


def _identity(plan: Plan) -> Identity:
    return Identity(
        run="0123456789",
        name=plan.name,
        created_at="2026-01-01T00:00:00Z",
        coralrun="1",
        python="3",
        service=plan.service,
        account="demo",
        survey_file="survey.yaml",
    )
