"""Where `apply` begins a run, or goes on with it, if nobody names a directory.

Rule: at the place that the survey says. Only where no run is there yet, one of the same survey is gone on with, and it
is said: one elsewhere under `runs/` that is not over, or the one that the same command has made when it was called from
the survey's folder, or from one above that. Beginning another sends all of it a second time. Where that is all the
same what comes next, because the survey was given another name or its run was put elsewhere, it is said first; where
nobody looks on, none is begun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from coralrun.app.reporter import Reporter
from coralrun.app.run.default_run import run_of
from coralrun.app.run.paths import RUNS, reaching
from coralrun.app.run.remembered import Had, remembered, remembered_anywhere
from coralrun.app.survey.kept_survey import is_of_survey
from coralrun.app.survey.survey_file import SurveyFile
from coralrun.app.survey.survey_place import from_here
from coralrun.errors import DiskError, RunDamaged, SurveyChanged
from coralrun.planning import codec
from coralrun.planning.model import Plan
from coralrun.store import run
from coralrun.store.files import Disk
from coralrun.store.layout import Layout, PlanLayout
from coralrun.store.ownership import check_own
from coralrun.values.phrases import count, typed

_IsIts: TypeAlias = Callable[[Layout, PlanLayout], bool]


def place_of_survey(
    file: SurveyFile, reporter: Reporter, run_dir: Path | None = None, *, any_name: bool = False, unseen: bool = False
) -> Path:
    """Where the run of a survey is, or is to be, which `run_dir` says where it is given; with `any_name` the run may be
    called otherwise than the survey.

    Raises SurveyChanged where a survey that had a run would begin another `unseen`, by nobody.
    """
    if run_dir is not None and not unseen:
        return run_dir
    places = _places(file) if run_dir is None else [run_dir]
    own = next((runs for place in places if (runs := remembered(place, file))), ())
    known = own or remembered_anywhere(file)
    had = known[0] if known else None

    def is_its(layout: Layout, folder: PlanLayout) -> bool:
        return is_of_survey(layout, folder, file, any_name=any_name) or any(its.is_at(layout) for its in known)

    def was_its(layout: Layout, folder: PlanLayout) -> bool:
        return is_its(layout, folder) or is_of_survey(layout, folder, file, any_name=True)

    chosen = run_dir or _place(places, is_its, "survey", reporter)
    with reaching(chosen):
        if run.exists(Layout(chosen)):
            return chosen
    earlier = run_of(RUNS, was_its) or _is_now(had)
    said = _moved(chosen, earlier, file) if earlier is not None else None if had is None else _gone(had, file)
    if said is None:
        return chosen
    what, how = said
    if had is not None and earlier is None and not own:
        what = f"no run is at {chosen}, and {what}"
    if unseen:
        anew = f"To begin anew all the same: {_applied(file)}, without --quiet."
        raise SurveyChanged(f"{what}. Where nobody looks on, no other is begun.", remedy=f"{how} {anew}")
    reporter.beware([f"{what}; {chosen} begins anew, with all images. {how}"])
    return chosen


def _places(file: SurveyFile) -> list[Path]:
    """Where the run of a survey may be: from here, from the survey's folder, and from those above that."""
    folders = () if file.path is None else file.path.parents
    return [Path(file.directory), *(folder / file.directory for folder in folders)]


def _is_now(had: Had | None) -> Path | None:
    """Where the run that a survey had is now: where it was gone on with by its folder, or where it was, before the
    survey said another place."""
    places = () if had is None else filter(None, (had.now, had.place))
    return next((from_here(Path(place)) for place in places if had and had.is_at(Layout(Path(place)))), None)


def _moved(place: Path, earlier: Path, file: SurveyFile) -> tuple[str, str]:
    """What to say of the run that a survey has elsewhere where it is about to begin another, and how to go on with
    that."""
    its_name, name = run.read_identity(Layout(earlier), Disk()).name, file.survey.name
    if its_name == name:
        what = f"no run is at {place}, but one of this survey at {earlier}"
        return what, f"To go on with it: {_named(earlier.as_posix(), file)}."
    what = f"{earlier} is a run of this survey too"
    then = RUNS / its_name if place == RUNS / name else place
    as_well = "" if then == earlier else f", with `outputs: {{directory: {earlier.as_posix()}}}`"
    return what, f"To go on with it, say `name: {its_name}`{as_well}: a run keeps its name."


def _gone(had: Had, file: SurveyFile) -> tuple[str, str]:
    """The same where the run was put where nobody looks for it, or was deleted."""
    begun = f"begun {had.begun[:10]}, of {count(had.images, 'image')}"
    where = from_here(Path(had.place))
    what = f"{where}, the run of this survey ({begun}), is not there any more"
    return what, f"If its disk is away, bring that back. If it was moved, {_named('FOLDER', file)}."


def _named(folder: str, file: SurveyFile) -> str:
    """How a run is gone on with where it is: for good, and once."""
    once = f"{_applied(file)} --run-dir {typed(folder)}"
    return f"say in the survey `outputs: {{directory: {folder}}}`; or, for this once: {once}"


def _applied(file: SurveyFile) -> str:
    """How a survey is applied; one that was said in Python has no file."""
    return "coralrun apply" + ("" if file.path is None else f" {typed(file.survey.wording.file)}")


def place_of_plan(saved: Plan, reporter: Reporter) -> Path:
    """The same of a plan that was saved."""
    header = codec.encode(saved).header
    place = Path(saved.directory or RUNS / saved.name)
    return _place([place], lambda _, folder: Disk().read(folder.header) == header, "plan", reporter)


def _place(places: Iterable[Path], is_its: _IsIts, what: str, reporter: Reporter) -> Path:
    place, *others = places
    with reaching(place):
        if run.exists(Layout(place)):
            return place
    with reaching(RUNS):
        found = run_of(RUNS, is_its, unfinished=True)
    if found is not None:
        reporter.remark(f"{found}: this {what} has a run here that is not over; name a directory to begin another")
        return found
    made = next((root for root in others if _holds(root, is_its)), None)
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
