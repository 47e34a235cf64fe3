"""What the run of a plan has done so far: what it has uploaded, and which images are left to send.

Rule: it is only looked at. A run that cannot be read has done nothing here: whoever goes on with it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from coralrun.app.run.run_directory import OpenRun, open_run
from coralrun.errors import CoralrunError
from coralrun.machine.reasons import Reason
from coralrun.machine.reconcile import KnownPlan, reconcile
from coralrun.machine.stored_photos import StoredPhoto
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Classifier, Plan
from coralrun.store import plans
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.run import exists, load


def never(reason: Reason) -> bool:
    """No reason for which an image failed is one to try it again."""
    return False


@dataclass(frozen=True, slots=True)
class SoFar:
    """The run in a directory, beside a plan that may follow in it.

    Images that ended with a reason for which `retry` holds are sent again. With `by_id` the plan's classifier takes the
    place of the run's, where both are of one source; a run that only uploads has its `classifier` in place of both.
    """

    directory: Path
    retry: Callable[[Reason], bool] = never
    by_id: bool = False
    classifier: Classifier | None = None

    def uploaded(self) -> Mapping[str, StoredPhoto]:
        """What the run has uploaded, by where it went."""
        layout = Layout(self.directory)
        try:
            return load(layout, Disk()).state.stored if exists(layout) else {}
        except CoralrunError:
            return {}

    def left(self, plan: Plan) -> list[PlannedImage]:
        """The images of a plan that are still to be sent."""
        try:
            opened = open_run(self.directory) if exists(Layout(self.directory)) else None
            if opened is not None:
                follows = replace(plan, classifier=self.classifier or plan.classifier)
                follows = with_pinned(follows, opened.plan.classifier, by_id=self.by_id)
                numbers = reconcile(history(opened), opened.state, follows, self.retry).to_send
                return [plan.images[number] for number in numbers]
        except CoralrunError:
            pass
        return [image for image in plan.images if image.unfit is None]


def history(opened: OpenRun) -> list[KnownPlan]:
    """All plans of a run, the one in force last; raises RunDamaged."""
    known = [KnownPlan(*plans.known(opened.layout, opened.disk, opened.state, n)) for n in range(1, opened.state.plan)]
    return [*known, KnownPlan(opened.plan, opened.units)]


def with_pinned(plan: Plan, in_force: Classifier, *, by_id: bool) -> Plan:
    """The plan with the classifier of the run, where the survey leaves it to the service which one of a source it is.

    A newer one would classify all images again, and the run would be of two classifiers until it had.
    """
    picked = plan.classifier
    if by_id or picked.source is None or picked.source != in_force.source:
        return plan
    if picked.id == in_force.id:
        return replace(plan, classifier=in_force)
    passed_by = f"the run keeps classifier {in_force.id}; {picked.id} would be picked now (--upgrade-classifier)"
    return replace(plan, classifier=in_force, warnings=(*plan.warnings, passed_by))
