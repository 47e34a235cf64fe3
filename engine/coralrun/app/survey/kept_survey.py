"""The survey that a plan's folder keeps: in canonical form, and where its file stands.

Rule: a run is that of one survey. Another one that would go to the same directory is refused while the first is there:
each call of either would take away what the other one names. Where the file stands is told from the run's directory, so
that a project may be moved as a whole; a survey that is there no longer was renamed, and may be called otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from coralrun.app.survey.survey_file import SurveyFile
from coralrun.app.survey.survey_place import file_of, from_here, from_root, kept_form
from coralrun.errors import RunDamaged, SurveyChanged
from coralrun.spec.compare import SURVEY_FILE, difference, run_part
from coralrun.store.files import Disk
from coralrun.store.layout import Layout, PlanLayout
from coralrun.values.ids import canonical_json, digest_of
from coralrun.values.phrases import typed

_IN_PYTHON: Final = "a plan that was made in Python"


def survey_form(file: SurveyFile, layout: Layout) -> bytes:
    """What a run keeps of a survey."""
    where = {} if file.path is None else {SURVEY_FILE: from_root(layout.root, file.path)}
    return canonical_json(file.resolved | where) + b"\n"


def kept_survey(plan: PlanLayout, survey_digest: str) -> dict[str, Any]:
    """The resolved survey that a plan's folder keeps, empty where it has none.

    Raises RunDamaged where it does not say the same of what is run as when the run was made (`survey_digest`).
    """
    if not plan.survey.exists():
        return {}
    try:
        kept = json.loads(Disk().read(plan.survey))
        same = digest_of(run_part(kept)) == survey_digest
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RunDamaged(f"{plan.survey}: damaged: it is not a survey: {error}") from error
    if not same:
        raise RunDamaged(f"{plan.survey}: damaged: it is not the survey that this run was started with")
    return dict(kept)


def keeps_just(plan: PlanLayout, disk: Disk, file: SurveyFile) -> bool:
    """Whether a plan's folder keeps just what a survey says, wherever its file stands."""
    kept = kept_form(plan, disk)
    return bool(kept) and canonical_json({**kept, SURVEY_FILE: ""}) == canonical_json(file.resolved | {SURVEY_FILE: ""})


def is_of_survey(layout: Layout, plan: PlanLayout, file: SurveyFile, *, any_name: bool = False) -> bool:
    """Whether a run is that of a survey: of the same file, whatever it says by now, or of the same words in Python.

    The survey is called as the run is, unless it may have `any_name`, and its service is the run's. With `any_name` its
    file may be called otherwise too: that of the run is there no longer, and this one has its words.
    """
    kept, resolved = kept_form(plan, Disk()), file.resolved
    if not kept or kept.get("service") != resolved["service"] or not (any_name or kept.get("name") == resolved["name"]):
        return False
    its = file_of(layout, kept)
    said = {**kept, "name": resolved["name"]}
    if file.path is None:
        return its is None and digest_of(run_part(said)) == file.digest
    if its == file.path or _are_same(its, file.path):
        return True
    is_gone = any_name and its is not None and not its.exists()
    return is_gone and digest_of(run_part({**said, "outputs": resolved["outputs"]})) == file.digest


def check_same_survey(layout: Layout, kept: Mapping[str, Any], file: SurveyFile | None) -> None:
    """Raise SurveyChanged where a run is that of another survey, which is still there, than `file`.

    `kept` is the survey that its plan keeps. A saved plan (`file` None) was looked at by whoever carries it out.
    """
    if file is None or not kept:
        return
    its, ours = file_of(layout, kept), file.path
    if its == ours or (its is not None and not its.exists()) or _are_same(its, ours):
        return
    its_name, our_name = (_IN_PYTHON if path is None else from_here(path).as_posix() for path in (its, ours))
    if not difference(kept, file.resolved, file.survey.wording):
        raise SurveyChanged(
            f"{layout.root} is the run of {its_name}, which says the same as {our_name}",
            remedy="Carry it out there alone. To go on with it from here instead, once: "
            f"coralrun apply {typed(file.survey.wording.file)} --take-over",
        )
    raise SurveyChanged(
        f"{layout.root} is the run of {its_name}; {our_name} would take its images away",
        remedy=(
            "Give this survey a `name` or an `outputs.directory` of its own. Where it is to take the place of the "
            "other one: --take-over."
        ),
    )


def _are_same(its: Path | None, ours: Path | None) -> bool:
    with suppress(OSError):
        return its is not None and ours is not None and its.samefile(ours)
    return False
