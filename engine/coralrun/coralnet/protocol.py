"""What CoralNet allows: every number once, beside the section of the protocol notes that it was observed in.

Rule: nothing outside this package and its tests knows these but through `LIMITS`. Lengths of time are in seconds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from coralrun.service.limits import ServiceLimits, Window

MAX_ENTRIES_PER_JOB: Final = 100  # protocol 3: "This array exceeds the max length of 100."
MAX_POINTS_PER_ENTRY: Final = 200  # protocol 3: "This array exceeds the max length of 200."
MAX_POINTS_PER_IMAGE: Final = 1000  # protocol 5: as in its own sources
MAX_PIXELS: Final = 64_000_000  # protocol 4: DataLimitError, "larger than the max allowed of 64000000"
DEFAULT_ACTIVE_JOBS: Final = 5  # protocol 2: meta.max_active_jobs of an ordinary account
FINISHED_JOBS_PER_ACTIVE: Final = 2  # protocol 2: a listing ends after 2 x max_active_jobs finished jobs
REQUESTS_PER_MINUTE: Final = 60  # protocol 3: the "burst" window
REQUESTS_PER_HOUR: Final = 1000  # protocol 3: the "sustained" window
BROWSE_PAGE_IMAGES: Final = 20  # protocol 9: images on one browse page
URL_LIFE_S: Final = 3600  # protocol 5: AWS_QUERYSTRING_EXPIRE
JOB_LIFE_S: Final = 30 * 24 * 3600.0  # protocol 5: JOB_MAX_DAYS
JOB_TAKES_S: Final = 240.0
"""The middle of an idle CoralNet's 2 to 6 minutes (protocol 5), and the least that a full job takes: the production
scheduler comes every 120 s, starts its images at one coming and collects them at the next, if each takes at most 90 s
(observed: protocol, corrections, "Pace"; 350 rounds of 5 x 100 images are 23.3 hours)."""

REHEARSED_JOB_TAKES_S: Final = 2.0  # ours: a CoralNet on this computer has nobody else's photos, and may take seconds

SETTLE_S: Final = 120.0  # longer than our POST timeout plus the server's: a lost POST has arrived by then or never will
WEB_RATE: Final = 4.0  # ours: web pages a second; pages do not count against the windows (protocol 5)
PATIENCE_S: Final = 75.0  # the wait of the notebook that coralrun supersedes; results move once a minute
LOOK_LEAST_S: Final = 1.0  # ours: a look costs a request
LOOK_MOST_OFTEN_S: Final = 5.0  # ours: a look at a source costs a few pages

LIMITS: Final = ServiceLimits(
    jobs_at_once=DEFAULT_ACTIVE_JOBS,
    entries_per_job=MAX_ENTRIES_PER_JOB,
    points_per_entry=MAX_POINTS_PER_ENTRY,
    points_per_image=MAX_POINTS_PER_IMAGE,
    pixels=MAX_PIXELS,
    windows=(
        Window(60.0, REQUESTS_PER_MINUTE, 0.9 * REQUESTS_PER_MINUTE),
        Window(3600.0, REQUESTS_PER_HOUR, 0.747 * REQUESTS_PER_HOUR),
    ),
    look_least_s=LOOK_LEAST_S,
    look_most_s=PATIENCE_S,
    job_takes_s=JOB_TAKES_S,
    settle_s=SETTLE_S,
    results_keep_s=JOB_LIFE_S,
    images_per_s=WEB_RATE,
    is_shared=True,
)
"""CoralNet's. Others may use the account and start unseen, so less than each window is planned with."""

BATCHES_MOST: Final = 100_000  # ours: ten million photos in one source
PAGES_PER_BATCH: Final = 6  # its preview, its confirmation, its export (two), and two looks, as at jobs
LABEL_PATIENCE_S: Final = 24 * 3600.0
"""Ours: a photo has its labels in minutes (5), but whatever others upload to the source keeps it waiting (upload,
observed), which people do in a day, and no page tells when that is over."""

IN_SOURCE_LIMITS: Final = replace(
    LIMITS,
    jobs_at_once=BATCHES_MOST,
    points_per_entry=MAX_POINTS_PER_IMAGE,
    windows=None,
    look_least_s=LOOK_MOST_OFTEN_S,
    job_takes_s=2 * JOB_TAKES_S,
    results_keep_s=None,
    is_shared=False,
    pages_per_job=PAGES_PER_BATCH,
    must_release=True,
    takes_all=True,
)
"""Those of a source that classifies its own photos: pages alone, 100 photos in one search, 1,000 points a photo. Two
internal jobs of a photo follow one another, for its features and for its labels (upload, observed)."""
