"""The directory of a run: made, held, opened, and read in another way.

Rule: whoever changes it holds its lock; opening it changes nothing. What is not what was written is never gone on with.
"""

from __future__ import annotations

import platform
import secrets
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from coralrun import __version__
from coralrun.app.run.missing_run import no_run_at
from coralrun.app.survey.kept_survey import survey_form
from coralrun.app.survey.survey_file import SurveyFile
from coralrun.clock import SystemClock
from coralrun.errors import RunDamaged
from coralrun.files.written import Table
from coralrun.machine import facts, units
from coralrun.machine.durable import Durable
from coralrun.machine.plan_state import PlanState
from coralrun.machine.runs import from_ranges, from_size_runs
from coralrun.machine.units import PlanUnits
from coralrun.planning import analysis_codec, codec
from coralrun.planning import confusion as confusion_codec
from coralrun.planning.codec import PlanFiles
from coralrun.planning.confusion import Confusion
from coralrun.planning.images import Size
from coralrun.planning.model import Plan, left_for_later
from coralrun.ports import Clock
from coralrun.results import parquet
from coralrun.store import lock, plans, run
from coralrun.store.files import Disk
from coralrun.store.layout import FIRST_PLAN, Layout, PlanLayout
from coralrun.store.ownership import check_own
from coralrun.store.reviews import ReviewStore
from coralrun.store.run import Identity

if TYPE_CHECKING:
    from coralrun.results.stored_points import Block
    from coralrun.store.blobs import BlobStore
    from coralrun.values.classified import ScoredPoint

_RUN_ID_BYTES = 5
LAST_TABLE = Table.JOBS.file
"""Written last: where it stands, all tables do, and the report."""


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run directory that was read: what it is, the plan in force with its header's SHA-256, and its state.

    Whatever is read of it or written to it goes over its `disk`.
    """

    layout: Layout
    disk: Disk
    identity: Identity
    plan: Plan
    plan_digest: str
    units: PlanUnits
    loaded: run.Loaded

    @property
    def folder(self) -> PlanLayout:
        """The files of the plan."""
        return self.layout.plan(self.state.plan)

    @property
    def state(self) -> Durable:
        """What is known of the run."""
        return self.loaded.state

    @property
    def plan_state(self) -> PlanState:
        """What is known of the images of the plan in force."""
        return PlanState(self.state, self.units)

    @property
    def blobs(self) -> BlobStore:
        """Its results."""
        from coralrun.store.blobs import BlobStore  # with numpy, which no command needs to say how a run stands

        return BlobStore(self.layout, self.disk)

    @property
    def reviews(self) -> ReviewStore:
        """What people said about it, file by file."""
        return ReviewStore(self.layout, self.disk)

    def blocks(self, only: Container[int] | None = None) -> Iterator[Block]:
        """The points of its images so far, or of these alone, many images at a time; see `read_blocks`."""
        from coralrun.results.stored_points import read_blocks

        return read_blocks(self.plan, self.plan_state, self.blobs, only)

    def points(self, only: Container[int] | None = None) -> Iterator[tuple[int, tuple[ScoredPoint, ...]]]:
        """The same, image by image."""
        from coralrun.results.stored_points import read_points

        return read_points(self.plan, self.plan_state, self.blobs, only)

    def sizes(self) -> dict[int, Size]:
        """The size of each image that was sent in a job that is over, where one was needed, by its number."""
        found: dict[int, Size] = {}
        for job in self.state.closed:
            for unit, size in zip(from_ranges(job.units), from_size_runs(job.sizes), strict=False):
                if min(size):
                    found.update(dict.fromkeys(self.units.images((unit,)), size))
        return found

    @property
    def by_label(self) -> OpenRun:
        """The same run, read without its label groups."""
        return replace(self, plan=replace(self.plan, analysis=replace(self.plan.analysis, groups=None)))

    @property
    def classifier(self) -> str:
        """The classifier, by the service's own name for it."""
        return self.plan.classifier.id

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats of its tables, as it is read now."""
        return self.plan.formats

    @property
    def planned_directory(self) -> str:
        """Where the run goes unless somebody says otherwise."""
        return self.plan.directory

    @property
    def left_for_later(self) -> int:
        """How many images of the survey a try-out leaves for later."""
        return left_for_later(self.plan.funnel)

    @property
    def point_counts(self) -> Sequence[int]:
        """How many points each image has."""
        return self.plan.point_counts

    @property
    def uploads(self) -> Mapping[str, str]:
        """The SHA-256 of each photo that the plan has uploaded, by where it goes."""
        return {image.uploaded_as: image.upload.sha256 for image in self.plan.images if image.upload is not None}


def open_run(directory: Path) -> OpenRun:
    """Read a run directory, changing nothing; fine while another process works on it."""
    layout, disk = Layout(directory), Disk()
    check_exists(layout)
    identity, loaded = run.read_identity(layout, disk), run.load(layout, disk)
    folder = plans.in_force(layout, loaded.state)
    files = plans.read(folder, disk)
    plan = codec.decode(files)
    named = plans.units_in_force(folder, disk, loaded.state, codec.digest(files))
    _check_agrees(layout, identity, plan, len(named))
    if folder.analysis.exists():
        analysis, formats = analysis_codec.decode(str(folder.analysis), disk.read(folder.analysis))
        plan = replace(plan, analysis=analysis, formats=formats)
    return OpenRun(layout, disk, identity, plan, codec.digest(files), named, loaded)


def check_exists(layout: Layout) -> None:
    """Raise UsageError for a directory that holds no run, DiskError for one that is not our own."""
    check_own(layout)
    if not run.exists(layout):
        raise no_run_at(layout.root)


def _check_agrees(layout: Layout, identity: Identity, plan: Plan, named: int) -> None:
    """Raise RunDamaged where identity or units of a run tell another story than its plan: each repeats a part of it."""
    pairs: dict[str, tuple[object, object]] = {
        "name": (identity.name, plan.name),
        "service": (identity.service, plan.service),
        "images": (named, len(plan.images)),
    }
    differing = [name for name, (ours, its) in pairs.items() if ours != its]
    if differing:
        raise RunDamaged(f"{layout.identity}: it does not agree with the plan on `{'`, `'.join(differing)}`")


def make_run(
    layout: Layout,
    plan: Plan,
    file: SurveyFile | None,
    *,
    account: str,
    clock: Clock,
    confusion: Confusion | None = None,
) -> None:
    """Write a new run's directory; `confusion` is what the service says of the plan's classifier."""
    if "parquet" in plan.formats:
        parquet.require()
    files = codec.encode(plan)
    identity = Identity(
        run=secrets.token_hex(_RUN_ID_BYTES),
        name=plan.name,
        created_at=clock.utc(),
        coralrun=__version__,
        python=platform.python_version(),
        service=plan.service,
        account=account,
        survey_file=file.survey.wording.file if file is not None and file.path is not None else "",
    )
    named = ((0, len(plan.images) - 1),)
    of_images = units.encode(named)
    digest = units.plan_digest(codec.digest(files), of_images)
    planned = facts.Planned(identity.created_at, FIRST_PLAN, digest, len(plan.images), named)
    contents = plan_files(layout, FIRST_PLAN, plan, files, of_images, file, confusion)
    run.make(layout, Disk(), identity, contents, planned)


def plan_files(
    layout: Layout,
    number: int,
    plan: Plan,
    files: PlanFiles,
    of_images: bytes,
    file: SurveyFile | None,
    confusion: Confusion | None,
) -> dict[Path, bytes]:
    """The files of a plan's folder, by their paths; `of_images` holds its units, and `file` is the survey, if any."""
    folder = layout.plan(number)
    contents = {
        folder.header: files.header,
        folder.images: files.images,
        folder.units: of_images,
        folder.analysis: analysis_codec.encode(plan.analysis, plan.formats),
    }
    if files.points is not None:
        contents[folder.points] = files.points
    if confusion is not None:
        contents[folder.confusion] = confusion_codec.encode(confusion)
    if file is not None:
        contents[folder.survey] = survey_form(file, layout)
        contents |= {folder.inputs / name: data for name, data in file.copies().items()}
    return contents


def is_read_so(opened: OpenRun, plan: Plan) -> bool:
    """Whether a run is read as `plan` says: by its analysis, into its formats."""
    return (opened.plan.analysis, opened.plan.formats) == (plan.analysis, plan.formats)


def reanalyse(opened: OpenRun, plan: Plan, file: SurveyFile | None) -> bool:
    """Let a run be read as `plan` says, whose analysis and formats these are. Returns whether it changed.

    The caller holds the lock. What is run stays as it is; so do the copies of the user's files. Where the survey stands
    is kept too, which changes nothing.
    """
    disk, layout, kept = opened.disk, opened.layout, opened.folder.survey
    changes = not is_read_so(opened, plan)
    form = None if file is None else survey_form(file, layout)
    is_kept = form is None or (kept.is_file() and disk.read(kept) == form)
    if is_kept and not changes:
        return False
    if changes and "parquet" in plan.formats:
        parquet.require()
    if opened.state.finished_at:
        unseal(layout, disk)
    if form is not None:
        disk.replace(kept, form)
    if changes:
        disk.replace(opened.folder.analysis, analysis_codec.encode(plan.analysis, plan.formats))
    return changes


def tables_stand(layout: Layout) -> bool:
    """Whether all tables of a finished run are written."""
    return (layout.outputs / LAST_TABLE).exists()


def has_predictions(layout: Layout) -> bool:
    """Whether a finished run has predictions: where photos were uploaded alone, there are none to be read."""
    return (layout.outputs / Table.PREDICTIONS.file).exists()


def unseal(layout: Layout, disk: Disk) -> None:
    """Say that what is derived of a run is no longer whole: a process that ends before `seal` leaves it to the next."""
    disk.remove(layout.outputs / LAST_TABLE)


def holding(layout: Layout) -> AbstractContextManager[lock.Owner | None]:
    """The run's lock, with who held it before; the directory is made if need be, and refused if it is not our own."""
    disk = Disk()
    disk.make_directory(layout.root)
    check_own(layout)
    return lock.hold(layout, disk, since=SystemClock().utc())
