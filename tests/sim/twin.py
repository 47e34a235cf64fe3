"""The same survey with nothing that goes wrong, and what must come out of both the same (design, section 9).

Rule: an image that succeeds in both has the same points with the same scores, and one that misses on its own account
misses for the same reason; an image that a fault took (a reason in `AGAIN`) is left out, and so is one whose size
changed on the way, where that is among the faults. Without faults nothing is missed but on its own account, or because
a URL lives too shortly for the jobs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from coralrun.machine.reasons import AGAIN, Reason
from coralrun.machine.runs import from_ranges
from coralrun.planning.images import Point, Size
from coralrun.planning.model import Plan

from .asked import entries_of, nature_of
from .disk import mounted
from .faults import Fault
from .knobs import Kind, Knobs
from .photos import photo_of
from .witness import require

if TYPE_CHECKING:
    from .world import World

EVERY = {Kind.TOY: 10, Kind.REAL: 10, Kind.LOCAL: 3, Kind.SOURCE: 5}
"""So many seeds have one twin, which takes a fraction of its time: it dies in no process and waits for nothing."""

Predictions = tuple[tuple[tuple[Point, ...], object], ...]


def has_twin(knobs: Knobs) -> bool:
    """Whether this seed is lived twice."""
    return knobs.seed % EVERY[knobs.kind] == 0 and bool(knobs.faults or knobs.changes_s)


def undisturbed(knobs: Knobs, last: Plan) -> Knobs:
    """The survey as it was at last, at the same service, with nothing that goes wrong and nobody else."""
    of_last = replace(knobs, plan=last, spares=(), is_from_file=False)  # a spare may be another photo of one's name
    return replace(of_last, faults={}, silences=(), strangers=(), changes_s=())


def compare(world: World, twin: World) -> None:
    """Raise Violation where two ended lives of one survey differ in what must not depend on luck."""
    ended = [dict(_ended(life)) for life in (world, twin)]
    natures = {image.key: nature_of(image, world.knobs.natures) for image in world.asked.plan.images}
    by_luck = {image: why for image, why in ended[1].items() if why in AGAIN - {Reason.URL_EXPIRED}}
    by_luck = {image: why for image, why in by_luck.items() if why is not natures[image]}
    require(not by_luck, f"nothing went wrong, and images missed: {by_luck}")
    excused = {image.key: world.platform.excused.get(photo_of(image), ()) for image in world.asked.plan.images}
    predicted = []
    for life in (world, twin):
        with mounted(life.disk):
            predicted.append(dict(_predicted(life)))
    asked = world.asked
    named = zip(asked.units.unit_of, asked.plan.images, strict=True)
    were_fit = {image.key for unit, image in named if image.unfit is not None and asked.was_fit(unit)}
    for image in natures.keys() - were_fit:
        if any(reasons.get(image) in AGAIN for reasons in ended):
            continue
        mine, its = (by_image.get(image) for by_image in predicted)
        if mine is None or its is None:
            outsized = ended[0].get(image) is Reason.POINT_OUTSIDE and world.hits[Fault.SIZE_CHANGED]
            freed = ended[1].get(image) is Reason.NAME_TAKEN and world.hits[Fault.TAKEN_OUT]
            same = (
                freed or outsized or ended[0].get(image) in excused[image] or ended[0].get(image) is ended[1].get(image)
            )
        elif world.hits[Fault.SIZE_CHANGED] and mine[0] != its[0]:
            continue
        else:
            same = _is_same(mine[1], its[1])
        require(bool(same), f"{image} comes out otherwise when nothing goes wrong")


def _is_same(one: Predictions, other: Predictions) -> bool:
    """The same points, and the same scores but where they are not known."""
    if [points for points, _ in one] != [points for points, _ in other]:
        return False
    pairs = ((mine, its) for (_, mine), (_, its) in zip(one, other, strict=True))
    return all(mine is None or its is None or mine == its for mine, its in pairs)


def _ended(world: World) -> Iterator[tuple[str, Reason]]:
    """Each image that ended without success, by its key, and why."""
    for unit, why in world.witness.acknowledged.ended.items():
        yield world.asked.of(unit)[1].key, why


def _predicted(world: World) -> Iterator[tuple[str, tuple[Size, Predictions]]]:
    """Each image that succeeded, by its key: its size as it was sent, and what was predicted, entry by entry."""
    wanted = set(world.asked.units.unit_of)
    for closed in world.witness.acknowledged.closed:
        if not closed.sha256:
            continue
        told = iter(world.platform.told(world.blobs.read(closed.batch, closed.attempt, closed.sha256)))
        for unit in from_ranges(closed.units):
            size = world.witness.sizes[closed.batch, closed.attempt][unit]
            plan, image = world.asked.of(unit)
            mine = [next(told) for _ in entries_of(plan, image, size)]
            if unit in wanted and unit not in closed.missed:
                yield image.key, (size, tuple((entry.points, entry.scores) for entry in mine))
