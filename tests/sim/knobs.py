"""The world of one seed as it was drawn: the survey, the service, other clients, and how often which faults strike."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from random import Random

from coralrun.coralnet.account.ledger import WINDOWS
from coralrun.coralnet.protocol import IN_SOURCE_LIMITS, LIMITS
from coralrun.emulator.demo import NEWER_CLASSIFIER, OLDER_CLASSIFIER
from coralrun.machine.reasons import Reason
from coralrun.machine.runs import to_ranges
from coralrun.machine.units import PlanUnits
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Plan
from coralrun.service.limits import ServiceLimits

from . import local_knobs
from .faults import Fault
from .local_knobs import LocalKnobs
from .points_file import FileRow, table_of, with_points


class Kind(StrEnum):
    """Which service a world has."""

    TOY = "toy"
    REAL = "real codec"
    LOCAL = "local"
    SOURCE = "by way of a source"


Windows = tuple[tuple[int, float], ...]
"""The most requests in so many seconds, of each of the service's windows."""


class Scenario(StrEnum):
    """What a seed is about, beside the faults that it draws: what hardly ever happens by itself gets its own."""

    ORDINARY = "ordinary"
    OUTAGE = "outage"  # the service is away for more than a day
    FULL = "full"  # the account has no slot for more than a day
    TIGHT = "tight"  # the service's windows are so narrow that they bind
    FORGETFUL = "forgetful"  # so is the hour, and of what was asked in it the record is lost


@dataclass(frozen=True, slots=True)
class Stranger:
    """A job of another client: it comes when a slot is free, and goes."""

    at_s: float
    entries: int
    entry_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Knobs:
    """One seed's world. `natures` says why a photo can never be classified, None where it can; `sizes` how large it is,
    where the survey says so.

    The first plan names the photos of `plan`, whose numbers are those of their units of work; the run has them in the
    order of `planned`. At `changes_s` the survey changes (`changes`): then it may name `spares`, whose numbers follow.
    `rows` are the lab's points file, empty where it has none; the first plan's points are its if it `is_from_file`.
    With `uploads` the photos are in a folder and go to a source first.
    """

    seed: int
    plan: Plan
    natures: tuple[Reason | None, ...]
    slots: int
    entry_s: float
    patience_s: float = 75.0
    snapshot_every: int = 1000
    url_life_s: float | None = None
    latency_s: float = 1.0
    request_every_s: float = 0.0
    calm_after_s: float = 0.0
    silences: tuple[tuple[float, float], ...] = ()
    strangers: tuple[Stranger, ...] = ()
    faults: Mapping[Fault, float] = field(default_factory=dict)
    scenario: Scenario = Scenario.ORDINARY
    windows: Windows = WINDOWS
    counts_sleep: bool = True
    kind: Kind = Kind.TOY
    local: LocalKnobs | None = None
    sizes: tuple[Size | None, ...] = ()
    spares: tuple[PlannedImage, ...] = ()
    rows: tuple[FileRow, ...] = ()
    is_from_file: bool = False
    uploads: bool = False
    changes_s: tuple[float, ...] = ()

    @property
    def toy(self) -> bool:
        """Whether the service is the toy."""
        return self.kind is Kind.TOY

    @property
    def limits(self) -> ServiceLimits:
        """What the service takes."""
        if self.kind is not Kind.LOCAL:
            return replace(IN_SOURCE_LIMITS if self.kind is Kind.SOURCE else LIMITS, look_most_s=self.patience_s)
        return replace(local_knobs.LIMITS, look_least_s=max(0.2, self.entry_s / 4), look_most_s=self.patience_s)

    @property
    def pool(self) -> tuple[PlannedImage, ...]:
        """All images that the survey may ever name, by the numbers of their photos."""
        return (*self.plan.images, *self.spares)

    @property
    def units(self) -> PlanUnits:
        """The unit of each image as the run has them: in some worlds their number, in others any."""
        numbers = list(range(len(self.plan.images)))
        if self.seed % 2:
            Random(self.seed).shuffle(numbers)
        return PlanUnits(to_ranges(numbers))

    @property
    def planned(self) -> Plan:
        """The plan as the run has it."""
        images = tuple([self.plan.images[unit] for unit in self.units.unit_of])
        if not self.is_from_file:
            return replace(self.plan, images=images)
        table = table_of(self.rows, {image.key for image in images})
        return replace(self.plan, images=tuple(with_points(images, table)), design=None, file_points=table)

    @property
    def classifiers(self) -> tuple[str, str]:
        """The classifiers that a survey may name."""
        return CLASSIFIERS[self.kind]


CLASSIFIERS = {
    Kind.TOY: ("1", "2"),
    Kind.REAL: (str(NEWER_CLASSIFIER), str(OLDER_CLASSIFIER)),
    Kind.LOCAL: local_knobs.CLASSIFIERS,
    Kind.SOURCE: ("1", "2"),
}


def told(knobs: Knobs) -> str:
    """What a seed draws, in one line: enough to see what its world is about, and how to see all of it."""
    plan, natures = knobs.plan, Counter(str(nature) for nature in knobs.natures if nature is not None)
    drawn = {
        "scenario": str(knobs.scenario),
        "service": str(knobs.kind),
        "images": len(plan.images),
        "doomed": dict(natures),
        "points": plan.images[0].points,
        "uploads": knobs.uploads,
        "planned": sum(image.url is not None for image in plan.images),
        "batch": plan.batch_size,
        "concurrency": plan.concurrency,
        "attempts": plan.attempts,
        "patience": knobs.patience_s,
        **{name: getattr(knobs, name) for name in _TOLD},
        "strangers": len(knobs.strangers),
        "changes": [round(moment) for moment in knobs.changes_s],
        **({} if knobs.local is None else asdict(knobs.local)),
        "faults": {str(fault): round(rate, 4) for fault, rate in knobs.faults.items()},
    }
    return f"replay: python -m tests.sim --seed {knobs.seed} --trace; drawn: {json.dumps(drawn)}"


_TOLD = (
    *("slots", "snapshot_every", "url_life_s", "latency_s", "entry_s", "request_every_s", "calm_after_s", "silences"),
    *("windows", "counts_sleep"),
)
