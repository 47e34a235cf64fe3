"""Where `apply` begins a run, or goes on with it, if nobody names a directory.

Rule: at the place that the survey says. Only where no run is there yet, and one of the same survey elsewhere under
`runs/` is not over, that one is gone on with, and it is said: beginning another would send all of it a second time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from coralrun.app.reporter import Reporter
from coralrun.app.run.default_run import unfinished_run_of
from coralrun.app.run.paths import RUNS, reaching
from coralrun.app.survey.kept_survey import is_of_survey
from coralrun.app.survey.survey_file import SurveyFile
from coralrun.planning import codec
from coralrun.planning.model import Plan
from coralrun.store import run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout, PlanLayout


def place_of_survey(file: SurveyFile, reporter: Reporter, *, any_name: bool = False) -> Path:
    """Where the run of a survey is, or is to be; with `any_name` the run may be called otherwise than the survey."""

    def is_its(layout: Layout, folder: PlanLayout) -> bool:
        return is_of_survey(layout, folder, file, any_name=any_name)

    return _place(Path(file.directory), is_its, "survey", reporter)


def place_of_plan(saved: Plan, reporter: Reporter) -> Path:
    """The same of a plan that was saved."""
    header = codec.encode(saved).header
    place = Path(saved.directory or RUNS / saved.name)
    return _place(place, lambda _, folder: Disk().read(folder.header) == header, "plan", reporter)


def _place(place: Path, is_its: Callable[[Layout, PlanLayout], bool], what: str, reporter: Reporter) -> Path:
    with reaching(place):
        if run.exists(Layout(place)):
            return place
    with reaching(RUNS):
        found = unfinished_run_of(RUNS, is_its)
    if found is None:
        return place
    reporter.remark(f"{found}: this {what} has a run here that is not over; name a directory to begin another")
    return found
