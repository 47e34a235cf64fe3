"""What a changed survey changes: the units of work that a further plan names, and how it differs from the one in force.

A unit of work is a classifier, an image (`planning.identity`), what its points follow from, and its size. What is the
same keeps its number, wherever it stands in the survey and however often it was withdrawn, and with the number all that
came of it; what differs in any of them is a new unit. The size is the one with which the image was sent, and while it
was not sent the one that a plan states; where a plan states none, any is the same.

Rule: pure. Two images of one plan are never one unit. Nothing is taken back: only `Planned` commits what is found here.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

import msgspec

from coralrun.machine.durable import Durable
from coralrun.machine.reasons import AGAIN, Reason
from coralrun.machine.runs import Runs, from_ranges, from_size_runs, to_ranges
from coralrun.machine.units import PlanUnits
from coralrun.planning.fewer_points import has_no_new_point
from coralrun.planning.identity import identity_of
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Plan
from coralrun.spec.point_design import AnnotationArea, PointDesign

_ENCODER = msgspec.json.Encoder()
_NOT_NEEDED = Size(0, 0)
"""What stands in a job for an image whose size was not needed."""


class Aspect(StrEnum):
    """What of an image is another than in the plan in force."""

    CLASSIFIER = "classifier"
    PHOTO = "photo"
    POINTS = "points"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class KnownPlan:
    """A plan of a run, and the unit of each of its images."""

    plan: Plan
    units: PlanUnits


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A plan beside the one in force, and the units that it names.

    `units` are those of its images, in plan order; `total` is how many the run knows with it; `anew` are those that had
    ended and are tried again. `kept` counts the images that are as they were; the others are told by name: `added`,
    `changed` with what differs, `withdrawn`; `resent` are the changed ones that are sent once more, though they have a
    result or are in a job; `renamed` are those that were called otherwise before, of whatever kind. `back` counts the
    added ones that were withdrawn before; `to_send` are the numbers, in the plan, of the images that are still to be
    sent.
    """

    units: Runs
    total: int
    anew: Runs
    kept: int
    added: tuple[str, ...]
    changed: tuple[tuple[str, Aspect], ...]
    resent: tuple[tuple[str, Aspect], ...]
    withdrawn: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    back: int
    to_send: Sequence[int]

    @property
    def changes_nothing(self) -> bool:
        """Whether both plans name the same units, and none is tried again."""
        return not (self.added or self.changed or self.withdrawn or self.anew)


def reconcile(
    history: Sequence[KnownPlan], state: Durable, plan: Plan, retry: Callable[[Reason], bool] = lambda reason: False
) -> Difference:
    """Say how a plan differs from the last of a run's plans, all of which are given, in their order.

    Units that ended with a reason for which `retry` holds are tried anew. So are those whose address changed though it
    leads to the same photo, those with which another thing is wrong now, or nothing, and those that used up their
    attempts, where the plan allows more.
    """
    known, last = _Known.of(history, state), history[-1]
    numbers = {image.key: number for number, image in enumerate(last.plan.images)}
    more_attempts = plan.attempts > last.plan.attempts
    units, anew, to_send = array("i"), array("i"), array("i")
    added: list[str] = []
    changed: list[tuple[str, Aspect]] = []
    resent: list[tuple[str, Aspect]] = []
    renamed: list[tuple[str, str]] = []
    kept = back = 0
    for number, image in enumerate(plan.images):
        place = numbers.pop(image.key, None)
        of_last = None if place is None else last.units.unit_of[place]
        unit = known.take(plan, image, of_last)
        units.append(unit)
        was = image.name if place is None else last.plan.images[place].name
        if was != image.name:
            renamed.append((was, image.name))
        if place is None or of_last is None:
            added.append(image.name)
            back += unit < state.units
        elif unit == of_last:
            kept += 1
        else:
            changed.append((image.name, known.aspect(last.plan, last.plan.images[place], plan, image)))
        why = state.ended.get(unit) or state.ended_before.get(unit)
        if (
            why is not None
            and str(why) != image.unfit
            and (  # or it would end as it did before
                retry(why) or _stands_otherwise(history, unit, image) or (more_attempts and why in AGAIN)
            )
        ):
            anew.append(unit)
            why = None
        if why is None and image.unfit is None and not known.is_taken[unit]:
            to_send.append(number)
            if of_last is not None and known.is_taken[of_last]:
                resent.append(changed[-1])
    return Difference(
        units=to_ranges(units),
        total=known.total,
        anew=to_ranges(sorted(anew)),
        kept=kept,
        added=tuple(added),
        changed=tuple(changed),
        resent=tuple(resent),
        withdrawn=tuple(last.plan.images[place].name for place in numbers.values()),
        renamed=tuple(renamed),
        back=back,
        to_send=to_send,
    )


def without_new_points(before: KnownPlan, now: KnownPlan) -> dict[int, int]:
    """The images of a plan that have no point which they did not have in an earlier one, whatever the classifier: by
    their number, each with the unit that it was."""
    found = {image: now.units.unit_of[image] for image in now.units.images(before.units.unit_of)}
    of_key = {image.key: (unit, image) for unit, image in zip(before.units.unit_of, before.plan.images, strict=True)}
    is_another = before.plan.classifier.id != now.plan.classifier.id
    for number, image in enumerate(now.plan.images):
        unit, then = of_key.get(image.key, (None, image))
        if number in found or unit is None:
            continue
        if _has_no_other(before.plan, then, now.plan, image, is_another=is_another):
            found[number] = unit
    return found


def _has_no_other(before: Plan, then: PlannedImage, now: Plan, image: PlannedImage, *, is_another: bool) -> bool:
    """Whether an image is the picture that another unit was, with its points, or some of them. As many of one
    classifier are those of another size, or the unit would be the same."""
    is_same = identity_of(image, now.buckets) == identity_of(then, before.buckets)
    is_sized = then.size is None or image.size is None or then.size == image.size
    may_have = is_another or image.points < then.points
    return is_same and is_sized and may_have and has_no_new_point(now, image, before, then)


def _stands_otherwise(history: Sequence[KnownPlan], unit: int, image: PlannedImage) -> bool:
    """Whether a unit that ended has another address now, or is unfit for another reason, than in the plan that named it
    last, maybe long ago."""
    named = (known.plan.images[place] for known in reversed(history) for place in known.units.images((unit,)))
    last = next(named)
    return (last.url, last.unfit) != (image.url, image.unfit)


class _Contents:
    """What makes an image of a plan the unit that it is, but for its size, as 16 bytes."""

    def __init__(self) -> None:
        self._designs: dict[PointDesign, int] = {}
        self._of_kind: dict[tuple[int, str, AnnotationArea | None], int] = {}

    def of(self, plan: Plan, image: PlannedImage) -> bytes:
        """The content of an image, equal where two plans ask for the same."""
        return _digest((plan.classifier.id, identity_of(image, plan.buckets), self.points(plan, image)))

    def points(self, plan: Plan, image: PlannedImage) -> tuple[str | int, ...]:
        """What its points follow from, but for its size: a design and the key, or points that were given."""
        if plan.design is not None:
            return self._design(plan, image), image.key
        extent = plan.extents.get(image.key)
        return _digest((plan.file_points[image.key], extent)).hex(), -1

    def _design(self, plan: Plan, image: PlannedImage) -> int:
        kind = id(plan), image.source, image.area
        if kind not in self._of_kind:
            design = plan.design_for(image)
            assert design is not None  # noqa: S101 - told to the type checker: the plan has one
            self._of_kind[kind] = self._designs.setdefault(design, len(self._designs))
        return self._of_kind[kind]


def _digest(value: object) -> bytes:
    return blake2b(_ENCODER.encode(value), digest_size=16).digest()


@dataclass(slots=True)
class _Known:
    """The units that a run knows by their contents, and which of them a further plan has taken.

    `is_taken` has a byte for each unit, 1 where nothing need be sent for it: it succeeded, or is in a job.
    """

    state: Durable
    contents: _Contents
    units_of: dict[bytes, int | list[int]]
    stated: list[Size | None]
    is_taken: bytearray
    total: int
    used: bytearray
    _sent: dict[int, Size] | None = None

    @classmethod
    def of(cls, history: Sequence[KnownPlan], state: Durable) -> _Known:
        """The units of all plans of a run."""
        contents, units_of = _Contents(), dict[bytes, int | list[int]]()
        stated: list[Size | None] = [None] * state.units
        introduced = 0
        for known, committed in zip(history, state.plans, strict=True):
            for unit, image in zip(known.units.unit_of, known.plan.images, strict=True):
                if unit < introduced:
                    continue  # an earlier plan tells of it
                content = contents.of(known.plan, image)
                found = units_of.setdefault(content, unit)
                if found != unit:  # the same image in another size
                    units_of[content] = [*(found if isinstance(found, list) else [found]), unit]
                stated[unit] = image.size
            introduced = committed.units
        is_taken = state.succeeded_units()
        for unit in state.units_in_jobs():
            is_taken[unit] = 1
        return cls(state, contents, units_of, stated, is_taken, state.units, bytearray(state.units))

    def take(self, plan: Plan, image: PlannedImage, preferred: int | None) -> int:
        """The unit of an image: the preferred one, another that is the same, or a new one."""
        found = self.units_of.get(self.contents.of(plan, image), [])
        same = [
            unit
            for unit in (found if isinstance(found, list) else [found])
            if not self.used[unit] and self._has_size(unit, image.size)
        ]
        if not same:
            self.total += 1
            self.is_taken.append(0)
            return self.total - 1
        unit = preferred if preferred in same else same[-1]
        self.used[unit] = 1
        return unit

    def aspect(self, before: Plan, was: PlannedImage, plan: Plan, image: PlannedImage) -> Aspect:
        """What of an image is another than it was."""
        if before.classifier.id != plan.classifier.id:
            return Aspect.CLASSIFIER
        if identity_of(was, before.buckets) != identity_of(image, plan.buckets):
            return Aspect.PHOTO
        if self.contents.points(before, was) != self.contents.points(plan, image):
            return Aspect.POINTS
        return Aspect.SIZE

    def _has_size(self, unit: int, size: Size | None) -> bool:
        stated = self.stated[unit]
        if size is None or stated == size:
            return True
        sent = self._sizes_sent().get(unit, stated)
        return sent in (None, size)

    def _sizes_sent(self) -> Mapping[int, Size]:
        """The sizes with which units were sent, where they were needed; looked up when a plan first states another."""
        if self._sent is None:
            batches = [*self.state.active.values(), *([] if self.state.open is None else [self.state.open])]
            self._sent = {
                unit: size
                for units, sizes in (
                    *((from_ranges(job.units), from_size_runs(job.sizes)) for job in self.state.closed),
                    *((batch.units, batch.sizes) for batch in batches),
                )
                for unit, size in zip(units, sizes, strict=False)
                if size != _NOT_NEEDED
            }
        return self._sent
