"""Breakages of what a changed survey means: each stands in for a piece of the engine, without the rule of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from msgspec import structs

from coralrun.app.applying import next_plan
from coralrun.machine import apply, facts, reconcile, replan
from coralrun.machine.batches import Batch, Phase
from coralrun.machine.durable import Durable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Plan
from coralrun.store import plans

_points = reconcile._Contents.points
_come_into_force = replan.come_into_force
_bring_into_force = next_plan.bring_into_force


def still_wanted(state: Durable, fact: facts.Planned) -> None:
    """What was withdrawn while it waited for another turn waits on."""
    before = dict(state.again)
    _come_into_force(state, fact)
    state.again = before | state.again


def forgotten(state: Durable, fact: facts.Planned) -> None:
    """What is wanted again, and was passed over, waits for no turn."""
    before = dict(state.again)
    _come_into_force(state, fact)
    state.again = {unit: None for unit in state.again if unit in before}


@contextmanager
def kept_in_batches() -> Iterator[None]:
    """What was withdrawn stays in a batch that is cut."""

    def keep_open(state: Durable, batch: Batch, units: tuple[int, ...]) -> None:
        state.open = structs.replace(batch, units=units, phase=Phase.CUT) if units else None

    with patch.object(replan, "keep_open", keep_open), patch.object(apply, "keep_open", keep_open):
        yield


def all_accounted_for(state: Durable, final: Mapping[int, Reason]) -> None:
    """What ends without success counts, wanted or not."""
    state.ended.update(final)


def in_no_job(state: Durable) -> frozenset[int]:
    """Nothing is in a job."""
    return frozenset()


def without_success(state: Durable) -> bytearray:
    """Nothing has succeeded yet."""
    return bytearray(state.units)


def any_points(contents: Any, plan: Plan, image: PlannedImage) -> tuple[str]:
    """Other points are the same work."""
    return ("",)


def in_any_order(contents: Any, plan: Plan, image: PlannedImage) -> Any:
    """The same points in another order are the same work."""
    if plan.design is not None:
        return _points(contents, plan, image)
    return tuple(map(str, sorted(plan.file_points[image.key])))


def as_many(contents: Any, plan: Plan, image: PlannedImage) -> Any:
    """As many points of a file are the same work."""
    return _points(contents, plan, image) if plan.design is not None else (image.points,)


def any_photo(image: PlannedImage, buckets: object) -> tuple[str]:
    """Another photo under the same name is the same work."""
    return (image.key,)


def any_size(known: Any, unit: int, size: object) -> bool:
    """Another size is the same work."""
    return True


def always_new(known: Any, plan: Plan, image: PlannedImage, preferred: int | None) -> int:
    """The same work is new at each plan."""
    known.total += 1
    known.is_taken.append(0)
    return int(known.total) - 1


def by_the_plan_in_force(*_: object) -> dict[int, object]:
    """What was withdrawn is looked up in the plan in force."""
    return {}


def nowhere_else(*_: object) -> set[int]:
    """Every image was sent to the address that the plan in force has."""
    return set()


def committed_too_soon() -> AbstractContextManager[Any]:
    """A further plan comes into force before its files are there."""

    def bring_into_force(opened: Any, *rest: Any) -> None:
        waiting: list[tuple[Any, Any, Mapping[Path, bytes]]] = []
        with patch.object(plans, "write", lambda folder, disk, files: waiting.append((folder, disk, files))):
            _bring_into_force(opened, *rest)
        for folder, disk, files in waiting:
            plans.write(folder, disk, files)

    from . import changes

    return patch.object(changes, "bring_into_force", bring_into_force)
