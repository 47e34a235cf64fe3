"""The directory of a large run, as a run leaves it, made without a service: what resuming and status have to read.

    python -m benchmarks.big_run DIRECTORY --images 1000000 [--left 100]

Rule: the plan, the identity and the state are written by the code that writes them in a run. Results are not written:
no command that is measured on such a run reads them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from coralrun.app.run.run_directory import LAST_TABLE, make_run
from coralrun.clock import SystemClock
from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.batches import ClosedJob
from coralrun.machine.durable import CommittedPlan, Durable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Classifier, Plan
from coralrun.spec.point_design import Method, PointDesign
from coralrun.store import run, snapshot
from coralrun.store.files import Disk
from coralrun.store.journal import Position
from coralrun.store.layout import FIRST_PLAN, Layout

AT = "2026-01-01T00:00:00Z"
BATCH = 100
ACCOUNT = "bench"
POINTS = 25
MISSED_EVERY = 5  # every fifth image failed: the largest state that there is
FACTS_A_JOB = 4


def plan_of(images: int) -> Plan:
    """A plan whose images have sizes and addresses of their own, as a manifest gives them."""
    return Plan(
        name="scale",
        service="https://coralnet.ucsd.edu",
        survey_digest="0" * 64,
        classifier=Classifier(id="1"),
        images=tuple(
            PlannedImage(
                key=f"reef_{number:07d}.jpg",
                source="images.csv",
                name=f"reef_{number:07d}.jpg",
                points=POINTS,
                url=f"https://example.org/photos/site_{number % 100}/reef_{number:07d}.jpg",
                size=Size(1600, 1200),
            )
            for number in range(images)
        ),
        design=PointDesign(method=Method.SIMPLE_RANDOM, number_of_points=POINTS),
        batch_size=BATCH,
        concurrency=5,
        attempts=3,
        points_per_entry=200,
    )


def begun(units: int) -> Durable:
    """The state of a run whose plan, of so many units of work, has just come into force."""
    state = Durable()
    apply(state, planned(units))
    return state


def planned(units: int) -> facts.Planned:
    """The fact that commits a plan of so many units of work."""
    return facts.Planned(AT, FIRST_PLAN, "0" * 64, units, ((0, units - 1),))


def state_of(images: int, plan: str, *, left: int) -> Durable:
    """The state of a run of the plan of this digest of which so many images, whole batches, were never taken up."""
    done = images - left
    closed = [
        ClosedJob(
            batch=number,
            attempt=1,
            job=str(number),
            units=((BATCH * (number - 1), BATCH * number - 1),),
            missed=tuple(range(BATCH * (number - 1), BATCH * number, MISSED_EVERY)),
            sha256="0" * 64,
            submitted_at=AT,
            closed_at=AT,
        )
        for number in range(1, done // BATCH + 1)
    ]
    missed = range(0, done, MISSED_EVERY)
    state = Durable(
        plans=[CommittedPlan(plan, images)],
        cursor=done,
        next_batch=len(closed) + 1,
        tries=dict.fromkeys(missed, 1),
        ended=dict.fromkeys(missed, Reason.NOT_AN_IMAGE),
        succeeded=done - len(missed),
        closed=closed,
        jobs={job.job for job in closed},
        finished_at="" if left else AT,
    )
    state.name_units(((0, images - 1),), images)
    return state


def make(root: Path, images: int, *, left: int = 0) -> None:
    """Make the run's directory; without images left it is finished, and its last table stands."""
    layout, disk = Layout(root), Disk()
    make_run(layout, plan_of(images), None, account=ACCOUNT, clock=SystemClock())
    (plan,) = run.load(layout, disk).state.plans
    state = state_of(images, plan.digest, left=left)
    at = Position(FACTS_A_JOB * len(state.closed), 1)
    disk.replace(layout.snapshot(at.number), snapshot.encode(state, at))
    if not left:
        disk.replace(layout.outputs / LAST_TABLE, b"")


def make_apart(root: Path, images: int, *, left: int = 0) -> None:
    """The same in a process of its own, so that the one that is measured has not held the images as objects."""
    size = ["--images", str(images), "--left", str(left)]
    subprocess.run([sys.executable, "-m", "benchmarks.big_run", str(root), *size], check=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--images", type=int, required=True)
    parser.add_argument("--left", type=int, default=0)
    given = parser.parse_args()
    make(given.directory, given.images, left=given.left)
