"""A run carried out, from the first fact of this process to its tables.

Rule: what `apply` starts and what `resume` goes on with is the same code. One process holds the run's lock from before
its files are made until after its tables are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from coralrun import __version__
from coralrun.app.answers.outputs import write_tables
from coralrun.app.run.run_directory import OpenRun
from coralrun.app.run.run_log import Diary
from coralrun.driver import Driver, Ending, Interruption, Watcher
from coralrun.machine import facts
from coralrun.machine.apply import apply
from coralrun.machine.outcomes import Trouble, Unusable
from coralrun.machine.state import Setup, State
from coralrun.machine.volatile import Volatile
from coralrun.perform import Performer
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Plan
from coralrun.ports import Budget, Clock, Home, Images, Located, Service, Uploads
from coralrun.reaching import Progress, tells_nobody
from coralrun.service.limits import ServiceLimits
from coralrun.sources.uploaded_images import UploadedImages
from coralrun.store import plans
from coralrun.store.run import RunJournal
from coralrun.workers import ThreadedWorkers


class Reached(Protocol):
    """What carrying out a run needs of a service: whichever it is, and wherever the images are.

    `budget` is None where requests may be sent at any time.
    """

    @property
    def clock(self) -> Clock:
        """The clock."""
        ...

    @property
    def limits(self) -> ServiceLimits:
        """What the service takes."""
        ...

    @property
    def budget(self) -> Budget | None:
        """Its requests, as far as they are used up."""
        ...

    def service(self, classifier: str, home: Home | None = None) -> Service:
        """The service, with one classifier."""
        ...

    def images(self, plan: Plan) -> Images:
        """Where the images of a plan are found."""
        ...

    def uploads(self, plan: Plan) -> Uploads | None:
        """Where the photos of a plan are sent to first; None where photos cannot be."""
        ...


def carry_out(
    opened: OpenRun,
    connection: Reached,
    watcher: Watcher,
    interruption: Interruption,
    progress: Progress = tells_nobody,
) -> Ending:
    """Drive a run until it is finished, paused or interrupted, and write its tables, of which `progress` is told.

    The caller holds the run's lock.
    """
    disk, clock, layout = opened.disk, connection.clock, opened.layout
    journal = RunJournal(layout, disk, opened.loaded)
    try:
        setup = Setup.of(opened.plan, opened.units, connection.limits)
        state = State(setup, opened.state, Volatile(started_s=clock.monotonic()))
        begun = facts.Opened(clock.utc(), __version__)
        journal.append((begun,))
        apply(state.durable, begun)
        images = UploadedImages(connection.images(opened.plan), state.durable.stored)
        withdrawn = plans.withdrawn(layout, disk, opened.state)
        performer = Performer(
            plan=opened.plan,
            units=opened.units,
            run_id=opened.identity.run,
            service=connection.service(opened.plan.classifier.id, _home(opened, images, withdrawn)),
            images=images,
            blobs=opened.blobs,
            clock=clock,
            withdrawn=withdrawn,
            moved=plans.moved(layout, disk, opened.state, opened.plan, opened.units),
            uploads=connection.uploads(opened.plan),
        )
        diary = Diary(layout.log, clock)
        ending = Driver(
            state=state,
            workers=ThreadedWorkers(diary.keeping(performer.perform)),
            journal=journal,
            clock=clock,
            budget=connection.budget,
            watcher=watcher,
            interruption=interruption,
        ).run()
    finally:
        journal.close()
    if ending is Ending.FINISHED:
        write_tables(opened, progress)
    return ending


def _home(opened: OpenRun, images: Images, withdrawn: Mapping[int, tuple[Plan, PlannedImage]]) -> Home:
    def locate(unit: int) -> Located | Unusable | Trouble:
        return images.locate(
            withdrawn[unit][1] if unit in withdrawn else opened.plan.images[opened.units.image_of(unit)]
        )

    return Home(opened.layout.spool, opened.state.attempts_under_way(), locate)
