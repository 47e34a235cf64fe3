"""From a survey to a plan: read the lists, crawl the sources, pick the classifier, compile.

Rule: whatever can be found wrong before a request is sent is found first: local files are read, and the
credentials of buckets are looked for, before the crawl.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from msgspec import structs

from coralrun.app.analysis import analysis_of
from coralrun.app.connection import Connection
from coralrun.app.inputs import read_inputs
from coralrun.app.planned import Planned, priced
from coralrun.app.revisit import read_earlier
from coralrun.app.survey_file import SurveyFile
from coralrun.coralnet.classifier import pick_classifier
from coralrun.coralnet.crawl import WORKERS, crawl
from coralrun.coralnet.metadata import with_metadata
from coralrun.coralnet.own_points import OwnPoints, read_own_points
from coralrun.coralnet.queue_page import Queue
from coralrun.machine.outcomes import Listed
from coralrun.plan.compile import compile_plan
from coralrun.plan.filters import select
from coralrun.plan.model import FoundImage, FunnelStep, Plan
from coralrun.sources.bucket import ListedBucket, Storage, bucket_of, list_bucket
from coralrun.sources.patience import Patience
from coralrun.spec.model import (
    BucketSource,
    CoralNetPoints,
    CoralNetSource,
    ManifestSource,
    Source,
    Survey,
)

Progress = Callable[[str], None]
"""Told in words what is being done; each call replaces the one before it."""


def make_plan(
    file: SurveyFile, connection: Connection, progress: Progress, found: Mapping[str, tuple[FoundImage, ...]] = {}
) -> Planned:
    """Compile a survey's plan. Asks the service for pages, and for one listing where there is an account.

    `found` has the images of sources that were listed already, by the source's label: they are not crawled again.
    """
    survey = file.survey
    if isinstance(survey.points, CoralNetPoints):
        connection.site.check_may_sign_in("the points of CoralNet sources")
    inputs = read_inputs(file)
    earlier = read_earlier(survey)
    storages = {
        source.label: Storage(bucket_of(source)) for source in survey.sources if isinstance(source, BucketSource)
    }
    jobs = _jobs(connection, progress) if connection.credentials is not None else None
    queue = queue_of(connection)
    picking = "picking the classifier"
    progress(picking)
    ids = [source.source for source in survey.sources if isinstance(source, CoralNetSource)]
    pinned = {directory: run.classifier for directory, run in file.runs.items()}
    picked = pick_classifier(connection.site, survey.classifier, ids, pinned, _patience(connection, progress, picking))
    own = _own_points(survey, connection, progress)
    buckets: dict[str, ListedBucket] = {}
    inventory: list[tuple[Source, tuple[FoundImage, ...]]] = []
    for source in survey.sources:
        if isinstance(source, ManifestSource):
            inventory.append((source, inputs.manifests[source.path].images))
            continue
        if isinstance(source, BucketSource):
            buckets[source.label] = _listed(source, storages[source.label], connection, progress)
            inventory.append((source, buckets[source.label].images))
            continue
        if source.label in found:
            inventory.append((source, found[source.label]))
            continue
        listed = inputs.names.get(source.filters.names_from or "", ())
        crawled = _crawled(source, listed, connection, progress, metadata=survey.metadata.coralnet)
        inventory.append((source, crawled))
    points = inputs.points
    if own is not None:
        points = own.within([image.name for _, images in inventory for image in images])
    progress("compiling the plan")
    taken = {directory: run.keys for directory, run in file.runs.items()}
    plan = compile_plan(
        survey,
        inventory,
        picked.classifier,
        file.digest,
        inputs.names,
        earlier or points,
        inputs.table,
        taken,
        allowed=connection.limits,
    )
    of_buckets = (warning for listed in buckets.values() for warning in listed.warnings)
    warnings = (*picked.warnings, *inputs.warnings, *of_buckets, *plan.warnings, *_own_points_warnings(own))
    plan = replace(plan, directory=file.directory, analysis=analysis_of(file, plan), warnings=warnings)
    plan = replace(plan, buckets={label: listed.bucket for label, listed in buckets.items()})
    exports = {} if own is None else own.exports
    return replace(priced(_tried_out(plan, file.limit), jobs, queue), exports=exports)


SILENT_WAIT_S = 2.0
"""A longer wait is told."""


def _own_points(survey: Survey, connection: Connection, progress: Progress) -> OwnPoints | None:
    """The points that the sources have, where the survey takes those; asked for before the images are listed."""
    if not isinstance(survey.points, CoralNetPoints):
        return None
    sources = [source for source in survey.sources if isinstance(source, CoralNetSource)]
    exporting = "exporting the annotations of the sources"
    progress(exporting)
    return read_own_points(connection.site, sources, _patience(connection, progress, exporting))


def _own_points_warnings(own: OwnPoints | None) -> Iterator[str]:
    if own is not None:
        yield (
            "the points are those that have a label in CoralNet; the labels are kept with the run, and those on images "
            "of the classifier's own source are no independent truth: `accuracy` counts them as in-sample"
        )


def queue_of(connection: Connection) -> Queue | None:
    """How long jobs take at the service; None where that is not to be known, or no job was done lately."""
    queue = connection.site.queue()
    return None if queue is None or queue.total is None or queue.total.high_s == 0 else queue


def _jobs(connection: Connection, progress: Progress) -> Listed:
    """The account's jobs. After a busy hour of the account the wait for leave to ask is long: it is not silent."""
    wait_s = connection.limiter.wait_s()
    if wait_s > SILENT_WAIT_S:
        progress(f"waiting {math.ceil(wait_s)} s for the service's limit of requests")
    return connection.jobs()


def _crawled(
    source: CoralNetSource, names: Collection[str], connection: Connection, progress: Progress, *, metadata: bool
) -> tuple[FoundImage, ...]:
    """The images of a CoralNet source; where `metadata` are asked for, with those of the images that filters by name
    leave, since each may cost a page."""
    listing = f"listing the images of source {source.source}"
    found = crawl(
        connection.site,
        source,
        lambda done, total: progress(f"{listing}: {done} of {total}"),
        _patience(connection, progress, listing),
        WORKERS,
    )
    if not metadata:
        return found
    filters = source.filters
    known_first = bool(filters.where or filters.not_in)
    by_name = structs.replace(filters, where={}, not_in=(), limit=None if known_first else filters.limit)
    wanted = select(structs.replace(source, filters=by_name), found, names).images
    reading = f"reading what source {source.source} knows of its images"
    progress(reading)
    known = with_metadata(
        connection.site,
        source,
        wanted,
        lambda done, total: progress(f"{reading}: {done} of {total} pages"),
        _patience(connection, progress, reading),
    )
    by_id = {image.image_id: image for image in known}
    return tuple(by_id.get(image.image_id, image) for image in found)


def _listed(source: BucketSource, storage: Storage, connection: Connection, progress: Progress) -> ListedBucket:
    """The objects of a bucket's folder, which may hold a million and is listed a thousand at a time."""
    listing = f"listing {source.address}"
    return list_bucket(
        source, storage, lambda done: progress(f"{listing}: {done} objects"), _patience(connection, progress, listing)
    )


def _patience(connection: Connection, progress: Progress, label: str) -> Patience:
    return Patience(connection.clock.sleep, lambda why: progress(f"{label}: {why}"))


def _tried_out(plan: Plan, limit: int | None) -> Plan:
    """The plan of a try-out: its first `limit` images."""
    if limit is None or limit >= len(plan.images):
        return plan
    images = plan.images[:limit]
    keys = {image.key for image in images}
    step = FunnelStep(source="", step="--limit", removed=len(plan.images) - limit, left=limit)
    points = {key: plan.file_points[key] for key in plan.file_points if key in keys}
    return replace(plan, images=images, file_points=points, funnel=(*plan.funnel, step))
