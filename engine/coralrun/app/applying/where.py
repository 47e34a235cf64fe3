"""Where `apply` begins a run, or goes on with it, if nobody names a directory.

Rule: at the place that the survey says. Only where no run is there yet, one of the same survey is gone on with, and it
is said: one elsewhere under `runs/` that is not over, or the one that the same command has made when it was called from
the survey's folder, or from one above that. Beginning another would send all of it a second time. Where it is begun all
the same, because the survey was given another name or its run was put elsewhere, that is said first, under cron too.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from coralrun.app.reporter import Reporter
from coralrun.app.run.default_run import run_of
from coralrun.app.run.paths import RUNS, reaching
from coralrun.app.survey.kept_survey import is_of_survey
from coralrun.app.survey.survey_file import SurveyFile
from coralrun.app.survey.survey_place import from_here
from coralrun.errors import DiskError, RunDamaged
from coralrun.planning import codec
from coralrun.planning.model import Plan
from coralrun.store import run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout, PlanLayout
from coralrun.store.ownership import check_own

_IsIts: TypeAlias = Callable[[Layout, PlanLayout], bool]


def place_of_survey(file: SurveyFile, reporter: Reporter, *, any_name: bool = False) -> Path:
    """Where the run of a survey is, or is to be; with `any_name` the run may be called otherwise than the survey."""

    def is_its(layout: Layout, folder: PlanLayout) -> bool:
        return is_of_survey(layout, folder, file, any_name=any_name)

    def was_its(layout: Layout, folder: PlanLayout) -> bool:
        return is_of_survey(layout, folder, file, any_name=True)

    chosen = _place(Path(file.directory), is_its, "survey", file.path, reporter)
    with reaching(chosen):
        is_begun = not run.exists(Layout(chosen))
    if is_begun and (earlier := run_of(RUNS, was_its)) is not None:
        reporter.beware(_anew(chosen, earlier, file.survey.name))
    return chosen


def _anew(place: Path, earlier: Path, name: str) -> list[str]:
    """What to say where a survey that has a run is about to begin another."""
    its_name = run.read_identity(Layout(earlier), Disk()).name
    keep = f"move that folder to {place}" if its_name == name else f"call the survey `{its_name}` again"
    return [f"{earlier} is a run of this survey too; {place} begins anew, with all images. To go on with it: {keep}."]


def place_of_plan(saved: Plan, reporter: Reporter) -> Path:
    """The same of a plan that was saved."""
    header = codec.encode(saved).header
    place = Path(saved.directory or RUNS / saved.name)
    return _place(place, lambda _, folder: Disk().read(folder.header) == header, "plan", None, reporter)


def _place(place: Path, is_its: _IsIts, what: str, survey: Path | None, reporter: Reporter) -> Path:
    with reaching(place):
        if run.exists(Layout(place)):
            return place
    with reaching(RUNS):
        found = run_of(RUNS, is_its, unfinished=True)
    if found is not None:
        reporter.remark(f"{found}: this {what} has a run here that is not over; name a directory to begin another")
        return found
    folders = () if survey is None else survey.parents
    made = next((root for folder in folders if _holds(root := folder / place, is_its)), None)
    if made is None:
        return place
    shown = from_here(made)
    reporter.remark(
        f"{shown}: this survey has a run there, made from another folder; name a directory to begin another"
    )
    return shown


def _holds(root: Path, is_its: _IsIts) -> bool:
    """Whether such a run is there, and our own; a damaged one, or what cannot be looked at, is none."""
    layout = Layout(root)
    with suppress(OSError, DiskError, RunDamaged):
        if run.exists(layout):
            check_own(layout)
            return is_its(layout, layout.plan(run.load(layout, Disk()).state.plan))
    return False
