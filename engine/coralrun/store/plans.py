"""The plans of a run: each is whole in a folder of its own, and synced, before anything names it.

Rule: a folder that nothing names yet is what an interrupted process has left, and makes room for the next. Readers load
the state first, and then the plan that it names, whose files never change, but for how the run is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from coralrun.errors import RunDamaged
from coralrun.machine import units
from coralrun.machine.batches import Phase
from coralrun.machine.durable import Durable
from coralrun.machine.units import PlanUnits
from coralrun.planning import codec
from coralrun.planning.codec import PlanFiles
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Classifier, Plan
from coralrun.service.about import AboutService
from coralrun.service.terms import Options
from coralrun.store.files import Disk
from coralrun.store.layout import Layout, PlanLayout


def write(plan: PlanLayout, disk: Disk, files: Mapping[Path, bytes]) -> None:
    """Write the folder of a plan that nothing names yet; when this returns, all of it is on disk."""
    disk.remove_tree(plan.root)
    for folder in (plan.root, plan.inputs):
        disk.make_directory(folder)
    for path, data in files.items():
        disk.replace(path, data)


def in_force(layout: Layout, state: Durable) -> PlanLayout:
    """The folder of the plan that the facts of a run name; raises RunDamaged where they name none."""
    if not state.plan:
        raise RunDamaged(f"{layout.state}: its first record, that of the plan, is missing")
    return layout.plan(state.plan)


def read(plan: PlanLayout, disk: Disk) -> PlanFiles:
    """The files of a plan, as they are; raises RunDamaged where one is missing."""
    try:
        points = disk.read(plan.points) if plan.points.exists() else None
        return PlanFiles(disk.read(plan.header), disk.read(plan.images), points)
    except FileNotFoundError as error:
        raise RunDamaged(f"{error.filename}: missing") from None


def units_in_force(plan: PlanLayout, disk: Disk, state: Durable, header_digest: str) -> PlanUnits:
    """The units of work of the plan in force, whose header has this digest.

    Raises RunDamaged where the folder does not hold that plan.
    """
    found = _units(plan, disk, state.plans[-1].digest, header_digest)
    if units.ascending(found.runs) != state.named:
        raise RunDamaged(f"{plan.units}: damaged: it names other units than the facts do")
    return found


def _units(plan: PlanLayout, disk: Disk, digest: str, header_digest: str) -> PlanUnits:
    """The units of a plan that was committed with a digest."""
    try:
        data = disk.read(plan.units)
    except FileNotFoundError as error:
        raise RunDamaged(f"{error.filename}: missing") from None
    runs = units.decode(data, name=str(plan.units))
    if units.plan_digest(header_digest, data) != digest:
        raise RunDamaged(f"{plan.root}: it is not the plan that this run was started with")
    try:
        return PlanUnits(runs)
    except ValueError as error:
        raise RunDamaged(f"{plan.units}: damaged: {error}") from error


def withdrawn(layout: Layout, disk: Disk, state: Durable) -> Mapping[int, tuple[Plan, PlannedImage]]:
    """The units that may be in a job and that the plan in force does not name: each with the plan that introduced it,
    and its image there. Raises RunDamaged."""
    found: dict[int, tuple[Plan, PlannedImage]] = {}
    introduced: dict[int, list[int]] = {}
    for unit in sorted(state.units_in_batches()):
        if not state.is_named[unit]:
            introduced.setdefault(state.introduced_by(unit), []).append(unit)
    for number, of_plan in introduced.items():
        plan, named = known(layout, disk, state, number)
        found |= {unit: (plan, plan.images[named.image_of(unit)]) for unit in of_plan}
    return found


def moved(layout: Layout, disk: Disk, state: Durable, plan: Plan, named: PlanUnits) -> set[int]:
    """The units that may be in a job, and were sent with another address than they have in the plan in force, which is
    given with its units. Raises RunDamaged."""
    sent: dict[int, dict[int, str]] = {}
    for batch in (*state.active.values(), *([] if state.open is None else [state.open])):
        if batch.phase is not Phase.CUT and batch.plan < state.plan:
            addresses = {unit: plan.images[named.image_of(unit)].url for unit in batch.units if state.is_named[unit]}
            sent.setdefault(batch.plan, {}).update({unit: url for unit, url in addresses.items() if url is not None})
    found: set[int] = set()
    for number, urls in sent.items():
        if urls:
            then, of_then = known(layout, disk, state, number)
            found |= {unit for unit, url in urls.items() if then.images[of_then.image_of(unit)].url != url}
    return found


def known(layout: Layout, disk: Disk, state: Durable, number: int) -> tuple[Plan, PlanUnits]:
    """A plan that was committed, and its units; raises RunDamaged."""
    folder = layout.plan(number)
    files = read(folder, disk)
    return codec.decode(files), _units(folder, disk, state.plans[number - 1].digest, codec.digest(files))


def units_of(layout: Layout, disk: Disk, state: Durable, number: int) -> PlanUnits:
    """The units that a plan which was committed names; its images are not read into records. Raises RunDamaged."""
    folder = layout.plan(number)
    return _units(folder, disk, state.plans[number - 1].digest, codec.digest(read(folder, disk)))


def keys_in_force(
    layout: Layout, disk: Disk, state: Durable
) -> tuple[str, frozenset[str], Classifier, AboutService, Options]:
    """What another survey asks of a run: its plan's digest, the keys of the images that it names, its classifier,
    what people are told of its service, and what it said by keys of that.

    The points are not read. Raises RunDamaged.
    """
    plan = in_force(layout, state)
    try:
        found = codec.keys_of(disk.read(plan.header), disk.read(plan.images))
    except FileNotFoundError as error:
        raise RunDamaged(f"{error.filename}: missing") from None
    units_in_force(plan, disk, state, found[0])
    return found


def check(layout: Layout, disk: Disk, state: Durable) -> None:
    """Raise RunDamaged for the first plan of a run whose files are not those that were committed."""
    for number, committed in enumerate(state.plans, start=1):
        files = read(layout.plan(number), disk)
        codec.decode(files)
        _units(layout.plan(number), disk, committed.digest, codec.digest(files))
