"""The next plan of a run: shown beside the one in force, and brought into force.

Rule: the caller holds the run's lock. The plan is whole on disk before the fact `Planned` is, which alone commits it: a
process that ends before leaves the old plan in force, and a folder that nothing names and that the next plan replaces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from coralrun.app.applying.difference_text import difference_lines, sending, survey_lines, to_send_line
from coralrun.app.applying.reviews_changed import review_lines
from coralrun.app.beforehand.planned import Planned
from coralrun.app.beforehand.so_far import history, never, with_pinned
from coralrun.app.run.run_directory import OpenRun, is_read_so, open_run, plan_files, unseal
from coralrun.app.survey.kept_survey import check_same_survey, keeps_just, kept_survey
from coralrun.app.survey.survey_file import SurveyFile
from coralrun.errors import CoralrunError, SurveyChanged, UsageError
from coralrun.machine import facts, units
from coralrun.machine.reconcile import Difference, KnownPlan, reconcile
from coralrun.machine.units import PlanUnits
from coralrun.planning import codec
from coralrun.planning.confusion import Confusion
from coralrun.planning.model import Plan
from coralrun.spec.model import CoralNetPoints, ManifestSource
from coralrun.store import plans
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.run import RunJournal, exists, load
from coralrun.values.phrases import count, typed


def check_same_run(opened: OpenRun, plan: Plan, file: SurveyFile | None, *, take_over: bool = False) -> None:
    """Raise SurveyChanged where a plan is for another service, is called otherwise, or of another survey's `file`.

    With `take_over` a survey may take the place of another one.
    """
    for what, ours, its in (("name", opened.plan.name, plan.name), ("service", opened.plan.service, plan.service)):
        if ours != its:
            raise SurveyChanged(
                f"the {what} of {opened.layout.root} is `{ours}`, and cannot become `{its}`",
                remedy="Put the old value back. An output directory of its own begins another run, with all images.",
            )
    if not take_over:
        check_same_survey(opened.layout, kept_survey(opened.folder, opened.plan.survey_digest), file)


def check_withdraws_none(difference: Difference, file: SurveyFile | None) -> None:
    """Raise UsageError where a try-out names fewer images than the run has."""
    if file is None or file.limit is None or not difference.withdrawn:
        return
    withdrawn = count(len(difference.withdrawn), "image")
    raise UsageError(
        f"with --limit {file.limit} the run would lose {withdrawn} that it names",
        remedy="Leave --limit out to go on with all of them; a smaller survey says `filters: {limit: N}`.",
    )


def is_same(opened: OpenRun, plan: Plan, difference: Difference) -> bool:
    """Whether a plan asks for nothing but what the one in force does."""
    if not difference.changes_nothing or opened.plan.survey_digest != plan.survey_digest:
        return False
    before, now = codec.encode(opened.plan), codec.encode(plan)
    return (before.images, before.points) == (now.images, now.points)


def asks_nothing(layout: Layout, disk: Disk, file: SurveyFile) -> bool:
    """Whether a run is finished and just what a survey says, which the service need not be asked for.

    A list at a service or in a storage, or a folder, may be another by now; tables that the survey names are read, and
    stand in it by their digests. Where the classifier is picked, a newer one may have to be told of.
    """
    survey = file.survey
    may_differ = not all(isinstance(source, ManifestSource) for source in survey.sources)
    if may_differ or survey.classifier.id is None or isinstance(survey.points, CoralNetPoints):
        return False
    state = load(layout, disk).state
    return bool(state.finished_at) and keeps_just(layout.plan(state.plan), disk, file)


class Foreseen(NamedTuple):
    """What `apply` would do: the plan with what that costs, which is of what its run has still to send, and the lines
    that say what would become of the run."""

    planned: Planned
    lines: list[str]


def foresee(place: Path, file: SurveyFile, planned: Planned, *, all_names: bool = False) -> Foreseen:
    """What `apply` would change in the run that a survey has at a place, or that it would begin one. Only looks."""
    layout = Layout(place)
    if not exists(layout):
        begun = f"No run is at {layout.root}: `apply` would begin one, with all of these images."
        return Foreseen(planned, [begun])
    try:
        opened = open_run(layout.root)
        check_same_run(opened, planned.plan, file)
        by_id = file.survey.classifier.id is not None
        follows = replace(planned, plan=with_pinned(planned.plan, opened.plan.classifier, by_id=by_id))
        difference = reconcile(history(opened), opened.state, follows.plan, never)
        check_withdraws_none(difference, file)
        if is_same(opened, follows.plan, difference):
            lines = [*_is_there_lines(opened, difference, follows, file)]
        else:
            changes = changes_lines(opened, difference, follows, file, all_names=all_names)
            lines = [f"The run is there already; `apply` would change it: {layout.root}", *changes]
    except CoralrunError as error:  # a plan may be looked at, or saved for another folder, all the same
        return Foreseen(planned, [f"  warning: `apply` would refuse: {error.message}"])
    return Foreseen(replace(planned, estimate=sending(difference, follows).estimate), lines)


def _is_there_lines(opened: OpenRun, difference: Difference, planned: Planned, file: SurveyFile) -> Iterator[str]:
    """What would become of a run that asks for the same images; what is left of it, where it was stopped."""
    root = opened.layout.root
    if is_read_so(opened, planned.plan):
        yield f"{root} is a run of this already; what is left of it: coralrun status {typed(root)}"
    else:
        then = "go on with it" if difference.to_send else "send nothing"
        yield f"The run is there already; `apply` would write its tables anew, and {then}: {root}"
        yield from survey_lines(opened, file)
    if difference.to_send:
        yield to_send_line(sending(difference, planned))


def changes_lines(
    opened: OpenRun, difference: Difference, planned: Planned, file: SurveyFile | None, *, all_names: bool
) -> Iterator[str]:
    """What changes in the survey of a run, in its images, and for what people said about it."""
    yield from survey_lines(opened, file)
    yield from difference_lines(difference, opened.plan, planned, file, all_names=all_names)
    yield from review_lines(opened, KnownPlan(planned.plan, PlanUnits(difference.units)))


def bring_into_force(
    opened: OpenRun,
    plan: Plan,
    difference: Difference,
    file: SurveyFile | None,
    utc: str,
    confusion: Confusion | None = None,
) -> None:
    """Write a plan into its folder, and commit it; `confusion` is what the service says of its classifier."""
    number, of_images = opened.state.plan + 1, units.encode(difference.units)
    files, folder = codec.encode(plan), opened.layout.plan(number)
    contents = plan_files(opened.layout, number, plan, files, of_images, file, confusion)
    plans.write(folder, opened.disk, contents)
    _commit(opened, difference, units.plan_digest(codec.digest(files), of_images), utc)


def bring_again(opened: OpenRun, difference: Difference, utc: str) -> None:
    """Let the plan in force follow upon itself, with all that it was made from: images are tried anew."""
    disk, before, folder = opened.disk, opened.folder, opened.layout.plan(opened.state.plan + 1)
    of_images = units.encode(difference.units)
    kept = {folder.root / path.name: disk.read(path) for path in before.all_paths() if path.is_file()}
    kept |= {folder.inputs / name: disk.read(before.inputs / name) for name in disk.names(before.inputs)}
    plans.write(folder, disk, {**kept, folder.units: of_images})
    _commit(opened, difference, units.plan_digest(opened.plan_digest, of_images), utc)


def _commit(opened: OpenRun, difference: Difference, digest: str, utc: str) -> None:
    number, named = opened.state.plan + 1, units.ascending(difference.units)
    if opened.state.finished_at:
        unseal(opened.layout, opened.disk)
    journal = RunJournal(opened.layout, opened.disk, opened.loaded)
    try:
        journal.append((facts.Planned(utc, number, digest, difference.total, named, difference.anew),))
    finally:
        journal.close()
