"""From a survey to a plan: read the lists, list the sources, pick the classifier, compile.

Rule: whatever can be found wrong before a request is sent is found first: local files are read, and the
credentials of buckets are looked for, before the crawl.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace
from pathlib import Path
from typing import Final

from coralrun.app.beforehand.inventory import patience_of, take_inventory
from coralrun.app.beforehand.planned import Planned, priced
from coralrun.app.beforehand.revisit import read_earlier
from coralrun.app.beforehand.so_far import SoFar
from coralrun.app.beforehand.uploads import with_uploads
from coralrun.app.survey.analysis import analysis_of
from coralrun.app.survey.inputs import read_inputs
from coralrun.app.survey.survey_file import SurveyFile
from coralrun.connection import Connection
from coralrun.machine.outcomes import Listed
from coralrun.planning.compile import compile_plan
from coralrun.planning.images import FoundImage
from coralrun.planning.label_coverage import groups_warnings
from coralrun.planning.model import TRY_OUT, FunnelStep, Listing, Plan
from coralrun.reaching import Progress
from coralrun.services import about_of
from coralrun.sources.bucket import Storage, bucket_of
from coralrun.spec.model import BucketSource, CoralNetPoints, CoralNetSource, Survey


def make_plan(
    file: SurveyFile,
    connection: Connection,
    progress: Progress,
    found: Mapping[str, tuple[FoundImage, ...]] = {},
    so_far: SoFar | None = None,
    *,
    compares: bool = False,
) -> Planned:
    """Compile a survey's plan. Asks the service for pages, and for one listing where there is an account.

    `found` has the images of sources that were listed already, by the source's label: they are not crawled again.
    `so_far` is its run, which is or will be where the survey says if this says nothing else. With `compares` a few
    photos are compared with those of their names that are where they are to be uploaded.
    """
    survey = file.survey
    if isinstance(survey.points, CoralNetPoints):
        connection.sources.check_may_have_points()
    inputs = read_inputs(file)
    earlier = read_earlier(survey)
    storages = _storages(survey)
    jobs = _jobs(connection, progress) if connection.may_list else None
    progress("asking how long jobs take now")
    queue = connection.queue()
    picking = "picking the classifier"
    progress(picking)
    crawled = [source for source in survey.sources if isinstance(source, CoralNetSource)]
    pinned = {directory: run.classifier for directory, run in file.runs.items()}
    patience = patience_of(connection, progress, picking)
    picked = connection.pick_classifier(survey.classifier, crawled, pinned, patience)
    own = connection.sources.points(crawled, progress) if isinstance(survey.points, CoralNetPoints) else None
    inventory = take_inventory(file, inputs, storages, connection, progress, found)
    points = inputs.points if own is None else own.within(inventory.names)
    progress("compiling the plan")
    taken = {directory: run.keys for directory, run in file.runs.items()}
    plan = compile_plan(
        survey,
        inventory.images,
        picked.classifier,
        file.digest,
        inputs.names,
        earlier or points,
        inputs.table,
        taken,
        allowed=connection.limits,
    )
    of_points = () if own is None else own.warnings
    plan = replace(
        plan,
        about=about_of(survey.service),
        directory=file.directory,
        analysis=analysis_of(file, plan),
        buckets=inventory.buckets,
        folders=inventory.folders,
        listings=(*_of_planned(inventory.listings, inventory.names, plan), *plan.listings),
        warnings=(
            *picked.warnings,
            *_of_an_earlier(file),
            *inputs.warnings,
            *inventory.warnings,
            *plan.warnings,
            *of_points,
        ),
    )
    so_far = so_far or SoFar(Path(file.directory), by_id=survey.classifier.id is not None)
    plan = _tried_out(plan, file.limit)
    plan, uploads = with_uploads(plan, survey.sources, connection, so_far, progress, compares=compares)
    plan = connection.looked_at(plan, so_far.left, progress)
    plan = replace(plan, warnings=(*plan.warnings, *_left_out_by(survey, plan)))
    if groups := plan.analysis.groups:
        progress("asking which labels the classifier gives")
        of_groups = groups_warnings(groups, connection.labels(plan.classifier))
        plan = replace(plan, warnings=(*plan.warnings, *of_groups))
    exports = {} if own is None else own.exports
    return replace(priced(plan, connection.limits, jobs, queue, uploads), exports=exports)


SILENT_WAIT_S = 2.0
"""Waits longer than this are reported."""


def _storages(survey: Survey) -> dict[str, Storage]:
    """The bucket of each source that is one, by the source's label."""
    return {source.label: Storage(bucket_of(source)) for source in survey.sources if isinstance(source, BucketSource)}


def _of_an_earlier(file: SurveyFile) -> Iterator[str]:
    """Whether labels of the classifier of an earlier run and that run's own can be compared, where it is asked for."""
    if (named := file.survey.classifier.same_as) is not None:
        run = file.runs[named]
        unsure = f"nobody knows whether the two can be compared. {run.about.untold}"
        said = unsure if run.about.untold else "the two can be compared"
        yield f"classifier {run.classifier.id} is that of {named}: {said}"


def _left_out_by(survey: Survey, plan: Plan) -> Iterator[str]:
    """How each source with photos that trained the classifier leaves them out, whichever classifier it names now; what
    is to be done of one of which all photos did."""
    folder, trained = survey.classifier.folder, plan.classifier.trained
    learnt = set() if trained is None else {*trained.photos}
    labels = {image.source for image in plan.images if image.sha256 in learnt} if folder and learnt else set()
    others = {image.source for image in plan.images if image.sha256 not in learnt}
    for source in survey.sources:
        if source.label in labels - others:
            audit = "an audit drawn from now on corrects its cover (`coralrun review`, with a --seed of its own)"
            yield f"{source.label}: each of its photos here trained {folder}, so `not_trained_on` leaves none: {audit}"
        elif source.label in labels:
            now = source.filters.not_trained_on
            other = f"; it names {now} now" if now else ""
            yield f"{source.label}: `filters: {{not_trained_on: {folder}}}` would leave these photos out{other}"


def _jobs(connection: Connection, progress: Progress) -> Listed:
    """The account's jobs. After a busy hour of the account the wait for leave to ask is long: it is not silent."""
    wait_s = 0.0 if connection.budget is None else connection.budget.wait_s()
    if wait_s > SILENT_WAIT_S:
        progress(f"waiting {math.ceil(wait_s)} s for the service's limit of requests")
    elif not connection.limits.takes_all:
        progress("asking for the jobs")
    return connection.jobs()


def _tried_out(plan: Plan, limit: int | None) -> Plan:
    """The plan of a try-out: its first `limit` images, and what is to be said of them, not of those left for later."""
    if limit is None or limit >= len(plan.images):
        return plan
    images = plan.images[:limit]
    keys = {image.key for image in images}
    later = {image.name for image in plan.images[limit:]} - {image.name for image in images}
    listings = tuple(_without(plan.listings, later))
    step = FunnelStep(source="", step=TRY_OUT, removed=len(plan.images) - limit, left=limit)
    points = {key: plan.file_points[key] for key in plan.file_points if key in keys}
    return replace(plan, images=images, file_points=points, funnel=(*plan.funnel, step), listings=listings)


def _of_planned(listings: Iterable[Listing], found: Iterable[str], plan: Plan) -> Iterator[Listing]:
    """What was said of a source as a whole, without the images of it that filters or a sample leave out."""
    listings = tuple(listings)
    named = {name for listing in listings for name in listing.names}  # few: a source may have a million others
    planned = {image.name for image in plan.images if image.name in named}
    return _without(listings, {name for name in found if name in named} - planned)


def _without(listings: Iterable[Listing], left_out: Set[str]) -> Iterator[Listing]:
    for listing in listings:
        names = tuple(name for name in listing.names if left_out.isdisjoint(_named_by(name)))
        if names:
            yield Listing(listing.what, names)


_WORDS_AFTER: Final = re.compile(r": | \(")


def _named_by(listed: str) -> Iterator[str]:
    """The images that something listed may be of: one by its name, one with words after it, or some that are alike."""
    yield listed
    for one in listed.split(" = "):
        yield one
        yield from (one[: words.start()] for words in _WORDS_AFTER.finditer(one))
