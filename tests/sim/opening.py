"""How each process of a world opens the run: it makes the directory if there is none, and reads all of it.

Rule: what is read is what was written, whatever happened to the files in between: by the real reader of run
directories, which holds the identity, the plan and the facts against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coralrun.app.run_directory import OpenRun, open_run
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
        self._plan = world.knobs.planned
        self._files = codec.encode(self._plan)
        self._identity = _identity(self._plan)
        self._planned = self._first_plan(len(self._plan.images))

    def _first_plan(self, images: int) -> facts.Planned:
        named = ((0, images - 1),)
        self._units = units.encode(self._world.knobs.units.runs)
        digest = units.plan_digest(codec.digest(self._files), self._units)
        return facts.Planned("2026-01-01T00:00:00Z", FIRST_PLAN, digest, images, named)

    def open(self) -> OpenRun:
        """The run as its files tell it; raises RunDamaged, DiskError or Violation."""
        world = self._world
        layout = world.layout
        if not run_store.exists(layout):
            require(not world.witness.acknowledged.plan or world.harm.done, "the run is gone")
            folder = layout.plan(FIRST_PLAN)
            contents = {folder.header: self._files.header, folder.images: self._files.images, folder.units: self._units}
            with world.witness.planning(self._planned):
                run_store.make(layout, world.files, self._identity, contents, self._planned)
        opened = open_run(layout.root)
        require(opened.identity == self._identity, "the run is taken for another")
        require(opened.plan == self._plan, "the plan is taken for another")
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
