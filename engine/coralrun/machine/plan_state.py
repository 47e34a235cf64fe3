"""What is known of the images of the plan in force: the state of a run, image by image instead of unit by unit.

Rule: whatever is derived of a run asks here, so that results, failures and sizes go to the images that their units
stand for. What is known of units that the plan does not name stays in the run and is in no table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from coralrun.machine.batches import ClosedJob
from coralrun.machine.durable import Durable
from coralrun.machine.reasons import SKIPPED, Reason
from coralrun.machine.units import PlanUnits, ascending
from coralrun.planning.images import Size


class ImageCounts(NamedTuple):
    """How many images succeeded, failed and were skipped."""

    succeeded: int
    failed: int
    skipped: int


@dataclass(frozen=True, slots=True)
class PlanState:
    """The state of `run` for a plan with these `units`; each question is answered as the run stands when it is asked.

    An image is its number in the plan, from 0.
    """

    run: Durable
    units: PlanUnits

    def succeeded(self) -> Iterator[int]:
        """The images with predictions, in the order in which their jobs closed."""
        return chain.from_iterable(map(self.succeeded_in, self.run.closed))

    def succeeded_in(self, job: ClosedJob) -> Iterator[int]:
        """The images that a job classified."""
        return self.units.images(job.succeeded)

    def ended(self) -> Mapping[int, Reason]:
        """The images that ended without success, in the order in which they did, with the reason of each."""
        if self.units.in_order and len(self.units) == self.run.units:  # as in most runs: nothing is to be looked up
            return self.run.ended
        return {image: self.run.ended[self.units.unit_of[image]] for image in self.units.images(self.run.ended)}

    def reason(self, image: int) -> Reason | None:
        """Why an image ended without success; None where it did not."""
        return self.run.ended.get(self.units.unit_of[image])

    def wrong_size(self, image: int) -> Size | None:
        """The size of an image that ended because of it."""
        return self.run.wrong_sizes.get(self.units.unit_of[image])

    @property
    def _is_in_force(self) -> bool:
        return ascending(self.units.runs) == self.run.named

    def reasons(self) -> Counter[Reason]:
        """How many images ended without success, by their reason."""
        return Counter(self.ended().values())

    def counts(self) -> ImageCounts:
        """How many images ended so far, in each way."""
        reasons = self.reasons()
        skipped = sum(count for reason, count in reasons.items() if reason in SKIPPED)
        succeeded = self.run.succeeded if self._is_in_force else sum(1 for _ in self.succeeded())
        return ImageCounts(succeeded, reasons.total() - skipped, skipped)
