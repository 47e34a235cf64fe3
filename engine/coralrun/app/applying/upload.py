"""The photos of a folder uploaded, and none classified: a run as any other, whose images are done once they are there.

Rule: it is planned from a survey that is made here, so that what is said of photos, what is left out and how one goes
on is what `apply` does. Called again, it sends what the folder has got since, and
what failed again and again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from coralrun.app.applying.apply import ApplyOptions, change, start
from coralrun.app.beforehand.plan import make_plan
from coralrun.app.beforehand.planned import priced
from coralrun.app.beforehand.so_far import SoFar
from coralrun.app.beforehand.text import plan_lines
from coralrun.app.reach import reach, say_wait
from coralrun.app.reporter import Reporter
from coralrun.app.run.paths import RUNS, reaching
from coralrun.app.run.places import check_place
from coralrun.app.survey.init import name_for
from coralrun.app.survey.survey_file import SurveyFile, survey_of
from coralrun.machine.reasons import WORTH_RETRYING, Reason
from coralrun.planning.model import NO_CLASSIFIER, Classifier
from coralrun.spec.model import ExifChoice
from coralrun.store import run as run_store
from coralrun.store.layout import Layout

_TRIED_AGAIN = WORTH_RETRYING | {Reason.NOT_FOUND, Reason.NAME_TAKEN}
"""A file may be back, and a name be free again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadOptions:
    """What a person says of an upload: the source by its number, what becomes of EXIF, and the service's address."""

    to: int
    exif: ExifChoice
    service: str
    run_dir: Path | None = None
    yes: bool = False


def upload(folder: Path, options: UploadOptions, reporter: Reporter) -> int:
    """Upload what a folder has and the source has not; raises as `apply`."""
    file = _survey(folder, options)
    directory = options.run_dir or RUNS / file.survey.name
    layout = Layout(directory)
    with reaching(directory):
        started = run_store.exists(layout)
        if not started:
            check_place(layout)
    connection = reach(file.survey.service, file.survey.options, reporter, must_have_account=True)
    try:
        say_wait(connection, reporter)
        none = Classifier(id=NO_CLASSIFIER)
        so_far = SoFar(directory, _TRIED_AGAIN.__contains__, classifier=none)
        planned = make_plan(file, connection, reporter.doing, so_far=so_far)
        plan = replace(planned.plan, classifier=none, directory=str(directory))
        planned = priced(plan, planned.allowed, planned.jobs, planned.queue, planned.uploads)
        if started:
            again = ApplyOptions(yes=options.yes, retry=_TRIED_AGAIN.__contains__)
            return change(directory, planned, None, connection, again, reporter)
        reporter.lines(plan_lines(planned))
        return start(directory, planned, None, connection, options.yes, reporter)
    finally:
        connection.close()


def _survey(folder: Path, options: UploadOptions) -> SurveyFile:
    """A survey of the folder; its classifier and its points stand for nothing."""
    survey = {
        "version": 1,
        "name": f"upload-{name_for(folder)[:80]}-to-{options.to}",
        "service": options.service,
        "classifier": {"id": 1},
        "sources": [{"folder": str(folder), "upload_to": {"coralnet": options.to, "exif": str(options.exif)}}],
        "sampling": {"points": {"method": "simple random", "number_of_points": 1}},
    }
    return survey_of("upload", json.dumps(survey).encode(), Path())
