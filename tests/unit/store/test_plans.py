"""The plans of a run on disk: the one in force is read by what the facts name, and every one can be checked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs
from tests.unit.plans import PLAN as ONE_IMAGE

from coralrun.errors import RunDamaged
from coralrun.machine import units
from coralrun.machine.batches import Batch, Phase
from coralrun.machine.durable import CommittedPlan, Durable
from coralrun.machine.runs import Runs
from coralrun.machine.units import PlanUnits
from coralrun.planning import codec
from coralrun.store import plans
from coralrun.store.files import Disk
from coralrun.store.layout import Layout

DISK = Disk()
LAST = 2
PLAN = replace(ONE_IMAGE, images=tuple(structs.replace(ONE_IMAGE.images[0], key=f"i{n}") for n in range(LAST + 1)))


def written(root: Path, *of_plans: Runs) -> tuple[Layout, Durable]:
    """A run with a plan for each of these units, all of the same images."""
    layout, state, files = Layout(root), Durable(), codec.encode(PLAN)
    DISK.make_directory(layout.root)
    DISK.make_directory(layout.plans)
    for number, runs in enumerate(of_plans, start=1):
        folder, of_images = layout.plan(number), units.encode(runs)
        contents = {folder.header: files.header, folder.images: files.images, folder.units: of_images}
        plans.write(folder, DISK, contents if files.points is None else {**contents, folder.points: files.points})
        digest = units.plan_digest(codec.digest(files), of_images)
        state.plans.append(CommittedPlan(digest, len(PLAN.images)))
        state.named = units.ascending(runs)
    return layout, state


def test_the_last_plan_that_the_facts_name_is_in_force(tmp_path: Path) -> None:
    layout, state = written(tmp_path / "run", ((0, LAST),), ((LAST, LAST), (0, LAST - 1)))
    folder = plans.in_force(layout, state)
    assert folder == layout.plan(2)
    digest, keys, classifier, about, options = plans.keys_in_force(layout, DISK, state)
    assert plans.units_in_force(folder, DISK, state, digest).runs == ((LAST, LAST), (0, LAST - 1))
    assert keys == {image.key for image in PLAN.images}
    assert (classifier, about, options) == (PLAN.classifier, PLAN.about, PLAN.options)
    plans.check(layout, DISK, state)


def test_a_run_whose_facts_name_no_plan_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(RunDamaged, match="its first record, that of the plan, is missing"):
        plans.in_force(Layout(tmp_path), Durable())


def test_the_units_of_each_plan_are_known(tmp_path: Path) -> None:
    layout, state = written(tmp_path, ((0, LAST),), ((LAST, LAST), (0, LAST - 1)))
    assert plans.units_of(layout, DISK, state, 1).runs == ((0, LAST),)
    assert plans.units_of(layout, DISK, state, 2).runs == ((LAST, LAST), (0, LAST - 1))


def test_an_earlier_plan_that_is_another_now_is_found(tmp_path: Path) -> None:
    layout, state = written(tmp_path / "run", ((0, LAST),), ((LAST, LAST), (0, LAST - 1)))
    layout.plan(1).units.write_bytes(layout.plan(2).units.read_bytes())
    with pytest.raises(RunDamaged, match="001: it is not the plan"):
        plans.check(layout, DISK, state)


@pytest.mark.parametrize("name", ["header", "images", "units"])
def test_a_file_of_a_plan_that_is_missing_is_named(tmp_path: Path, name: str) -> None:
    layout, state = written(tmp_path / "run", ((0, LAST),))
    path: Path = getattr(layout.plan(1), name)
    path.unlink()
    with pytest.raises(RunDamaged, match=f"{path.name}: missing"):
        plans.check(layout, DISK, state)
    with pytest.raises(RunDamaged, match=f"{path.name}: missing"):
        plans.keys_in_force(layout, DISK, state)


def test_a_withdrawn_unit_in_a_job_is_read_from_the_plan_that_introduced_it(tmp_path: Path) -> None:
    layout, state = written(tmp_path / "run", ((0, LAST),), ((1, LAST), (LAST + 1, LAST + 1)), ((1, 1), (LAST, LAST)))
    state.plans[1:] = [structs.replace(committed, units=LAST + 2) for committed in state.plans[1:]]
    state.name_units(((1, LAST),), LAST + 2)
    state.active[1] = Batch(number=1, units=(0, 1))
    state.open = Batch(number=2, units=(LAST + 1,))
    found = plans.withdrawn(layout, DISK, state)
    assert {unit: image.key for unit, (_, image) in found.items()} == {0: "i0", LAST + 1: f"i{LAST}"}


def test_units_sent_with_another_address_than_the_plan_has_now_are_found(tmp_path: Path) -> None:
    layout, state = written(tmp_path / "run", ((0, LAST),), ((0, LAST),))
    named = PlanUnits(((0, LAST),))
    state.name_units(named.runs, LAST + 1)
    state.active[1] = Batch(number=1, units=(0, 1), phase=Phase.ACTIVE, plan=1)
    state.open = Batch(number=2, units=(2,))  # sent nowhere yet
    assert plans.moved(layout, DISK, state, PLAN, named) == set()
    images = [structs.replace(image, url=f"https://h.test/{image.key}") for image in PLAN.images]
    now = replace(PLAN, images=tuple(images))
    assert plans.moved(layout, DISK, state, now, named) == {0, 1}
    state.name_units(((1, LAST),), LAST + 1)
    assert plans.moved(layout, DISK, state, now, named) == {1}, "what is wanted no longer is sent nowhere"


def test_units_that_two_images_share_are_damage(tmp_path: Path) -> None:
    layout, state = written(tmp_path / "run", ((0, LAST), (0, 0)))
    with pytest.raises(RunDamaged, match=r"units\.json: damaged: a unit stands for two images"):
        plans.check(layout, DISK, state)


def test_a_plan_that_names_other_units_than_its_facts_is_damage(tmp_path: Path) -> None:
    layout, state = written(tmp_path / "run", ((0, LAST),))
    state.named = ((0, LAST + 1),)
    with pytest.raises(RunDamaged, match="it names other units than the facts do"):
        plans.keys_in_force(layout, DISK, state)
