"""What the run of a world is asked for: its plans, and what each unit of work stands for.

Rule: what an image asks for is worked out here from what the service sees of it, without the engine's own idea of
identity, and held against the numbers that the engine gives: one number for one content, for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from msgspec import structs

from coralrun.machine.reasons import Reason
from coralrun.machine.units import PlanUnits
from coralrun.planning.images import PlannedImage, Point, Size
from coralrun.planning.model import Plan
from coralrun.planning.points import points_of
from coralrun.spec.point_design import PointDesign

from .knobs import Knobs
from .photos import SIGNED_ANEW, photo_of
from .witness import require

Content = tuple[object, ...]
"""The classifier, the image, its photo and address, its points, and its size as the survey says it."""

MOST_POINTS = 200
"""An entry has so many points at most (protocol 3)."""


class Asked:
    """The plans of one run, the last of which is in force.

    A plan that is written may come into force and be gone again, as long as nothing was written after it (`stands`).
    """

    def __init__(self, knobs: Knobs) -> None:
        self._natures = knobs.natures
        self.plans: list[tuple[Plan, PlanUnits]] = []
        self._of_unit: dict[int, tuple[Plan, PlannedImage]] = {}
        self._now_of_unit: dict[int, PlannedImage] = {}
        self._were_fit: set[int] = set()
        self._unit_of: dict[Content, int] = {}
        self.offer(knobs.planned, knobs.units)

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return self.plans[-1][0]

    @property
    def units(self) -> PlanUnits:
        """The units of its images."""
        return self.plans[-1][1]

    @property
    def attempts(self) -> int:
        """The most attempts that any plan allowed."""
        return max(plan.attempts for plan, _ in self.plans)

    def offer(self, plan: Plan, units: PlanUnits) -> None:
        """Another plan may come into force; raises Violation where its numbers do not stand for what they stood for."""
        require(len(units) == len(plan.images), "a plan names more or fewer units than images")
        for unit, image in zip(units.unit_of, plan.images, strict=True):
            asked = content_of(plan, image)
            require(self._unit_of.setdefault(asked, unit) == unit, f"{image.name} is unit {unit} and another one")
            before = self._of_unit.setdefault(unit, (plan, image))
            require(content_of(*before) == asked, f"unit {unit} stands for something else now")
            self._now_of_unit[unit] = image
            if image.unfit is None:
                self._were_fit.add(unit)
        self.plans.append((plan, units))

    def stands(self, count: int) -> None:
        """So many plans have come into force."""
        require(0 < count <= len(self.plans), f"{count} plans, of {len(self.plans)}")
        if count < len(self.plans):
            kept, self.plans = self.plans[:count], []
            self._of_unit.clear()
            self._unit_of.clear()
            self._were_fit.clear()
            for plan, units in kept:
                self.offer(plan, units)

    def of(self, unit: int) -> tuple[Plan, PlannedImage]:
        """The plan that was the first to name a unit, and its image there."""
        return self._of_unit[unit]

    def photo(self, unit: int) -> int:
        """The photo of a unit."""
        return photo_of(self._of_unit[unit][1])

    def has_moved(self, unit: int) -> bool:
        """Whether a unit had another address once."""
        return self._of_unit[unit][1].url != self._now_of_unit[unit].url

    def is_unfit(self, unit: int) -> bool:
        """Whether a unit is not to be asked for, as the last plan that names it says."""
        return self._now_of_unit[unit].unfit is not None

    def was_fit(self, unit: int) -> bool:
        """Whether any plan had nothing against a unit."""
        return unit in self._were_fit

    def nature(self, unit: int) -> Reason | None:
        """Why a unit can never succeed, None where it can."""
        return nature_of(self._now_of_unit[unit], self._natures)

    def nature_once(self, unit: int) -> Reason | None:
        """The same while no plan had anything against it."""
        return nature_of(structs.replace(self._now_of_unit[unit], unfit=None), self._natures)


def nature_of(image: PlannedImage, natures: Sequence[Reason | None]) -> Reason | None:
    """Why an image can never succeed, as the survey names it; None where it can."""
    if image.unfit is not None:
        return Reason(image.unfit)
    return None if image.url is not None and SIGNED_ANEW in image.url else natures[photo_of(image)]


def content_of(plan: Plan, image: PlannedImage) -> Content:
    """What an image of a plan asks for."""
    address = None if image.url is None else image.url.partition("?")[0]
    points = plan.file_points[image.key] if plan.design is None else plan.design_for(image)
    return plan.classifier.id, image.key, photo_of(image), address, points, image.size


def entries_of(plan: Plan, image: PlannedImage, size: Size) -> tuple[tuple[Point, ...], ...]:
    """The points of one image's entries: each point in one of them, in order, and no entry longer than it may be."""
    design = plan.design_for(image)
    return _entries(plan.file_points[image.key]) if design is None else _laid(design, image.key, size)


@lru_cache(maxsize=4096)  # the worlds' images are much the same
def _laid(design: PointDesign, key: str, size: Size) -> tuple[tuple[Point, ...], ...]:
    return _entries(points_of(design, key, size))


def _entries(points: tuple[Point, ...]) -> tuple[tuple[Point, ...], ...]:
    return tuple([points[first : first + MOST_POINTS] for first in range(0, len(points), MOST_POINTS)])
