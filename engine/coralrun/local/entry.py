"""The entry of `service: local` in the registry of services: loads nothing that computes."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Final

from coralrun.connection import Connection, ServiceEntry
from coralrun.errors import UsageError
from coralrun.extras import install
from coralrun.limits import DEFAULT_CONCURRENCY
from coralrun.local import compute
from coralrun.reaching import Reaching
from coralrun.service.about import AboutService
from coralrun.service.limits import ServiceLimits, Speed
from coralrun.service.terms import Options, ServiceTerms

ENTRIES_PER_JOB: Final = 100
"""Ours: a job's result is read whole, and a result of 100 photos of 200 points takes 20 MB of memory as objects."""

POINT_S: Final = 0.01
"""A point on one thread, with EfficientNet-Lite0 and onnxruntime 1.32: 9.6 to 11 ms, some 100 crops a second."""

AS_A_RULE: Final = "as EfficientNet-Lite0 takes as a rule"
JOB_TAKES_S: Final = 1.0
"""A batch may be one photo with one point: nothing is promised of a job's length before one was seen."""

LOOK_LEAST_S: Final = 0.2
LOOK_MOST_S: Final = 1.0
"""A look is a glance at a list in memory, and people see by it how far the jobs are."""

NEEDED: Final = ("distributed", "cryptography", "onnxruntime")

TERMS: Final = ServiceTerms(
    name="local classification",
    spelling="local",
    spelt="the word `local`",
    options={
        compute.FOLDER: None,
        compute.WORKERS: None,
        compute.MEMORY: None,
        compute.SCHEDULER: None,
        compute.SCHEDULER_FILE: None,
        compute.PHOTOS: None,
    },
    paths=frozenset({compute.FOLDER, compute.SCHEDULER_FILE}),
    folders=frozenset({compute.FOLDER}),
    classifier_id={"not": {}, "errorMessage": "is of another service: name a `folder`, which `coralrun train` makes"},
)
ABOUT: Final = AboutService(
    name="coralrun",
    described="A classifier of the user's own, on the user's computers",
    labelled_by="coralrun's own inference",
    is_coralrun=True,
    caution="UNAUDITED: nobody has compared these labels with people's. Cover may be far off where photos are of other "
    "places or days than those that the classifier was trained on: draw an audit with `coralrun review`.",
    is_until_audit=True,
    thumbnails=12,
)


def limits_of(options: Options) -> ServiceLimits:
    """Any number of points, and as many batches as keep the workers busy."""
    asked = compute.compute_of(options)
    workers = asked.workers or os.cpu_count() or 1
    return ServiceLimits(
        jobs_at_once=compute.jobs_for(workers) if asked.is_own else DEFAULT_CONCURRENCY,
        entries_per_job=ENTRIES_PER_JOB,
        look_least_s=LOOK_LEAST_S,
        look_most_s=LOOK_MOST_S,
        job_takes_s=JOB_TAKES_S,
        must_release=True,
        speed=Speed(POINT_S, workers if asked.is_own else 1, AS_A_RULE),
    )


def _connect(reaching: Reaching) -> Connection:
    missing = [name for name in NEEDED if find_spec(name) is None]  # found, not imported: it takes seconds
    if missing:
        raise UsageError(
            f"`service: local` needs {', '.join(missing)}, not installed",
            remedy=f"Install it with: {install('local')}",
        )
    from coralrun.local.connection import LocalConnection

    return LocalConnection(TERMS.name, reaching.clock, limits_of(reaching.options), reaching.options)


SERVICE: Final = ServiceEntry(terms=TERMS, about=lambda service: ABOUT, limits=limits_of, connect=_connect)
