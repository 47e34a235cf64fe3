"""What CoralNet allows and how long it keeps what it gave: the embedded CoralNet's own copy of the protocol's numbers.

Rule: what the client believes of the server stands in `coralrun.limits`, which nothing here imports: a number that is
wrong there then shows against this one. Each stands beside the section of the protocol notes that it was observed in.
"""

from __future__ import annotations

from typing import Final

ACTIVE_JOBS: Final = 5  # protocol 2: meta.max_active_jobs of an ordinary account
FINISHED_JOBS_PER_ACTIVE: Final = 2  # protocol 2: a listing ends after 2 x max_active_jobs finished jobs
ENTRIES_PER_JOB: Final = 100  # protocol 3: "This array exceeds the max length of 100."
POINTS_PER_ENTRY: Final = 200  # protocol 3: "This array exceeds the max length of 200."
REQUESTS_PER_MINUTE: Final = 60  # protocol 3: the "burst" window
REQUESTS_PER_HOUR: Final = 1000  # protocol 3: the "sustained" window
SCORES_PER_POINT: Final = 5  # protocol 4: classifications, at most 5 a point
PIXELS: Final = 64_000_000  # protocol 4: DataLimitError, "larger than the max allowed of 64000000"
DOWNLOAD_TIMEOUT_S: Final = 20.0  # protocol 4: 20 s to connect, or 20 s idle
JOB_LIFE_S: Final = 30 * 24 * 3600.0  # protocol 5: JOB_MAX_DAYS
REQUEST_BYTES: Final = 50 * 1024 * 1024  # protocol 5: request body limit
URL_LIFE_S: Final = 3600.0  # protocol 5: AWS_QUERYSTRING_EXPIRE
STAY_SIGNED_IN_S: Final = 30 * 24 * 3600  # protocol 5: sessions last 30 days with stay_signed_in
BROWSE_PAGE_IMAGES: Final = 20  # protocol 9: images on one browse page
UPLOAD_BYTES: Final = 128 * 1024 * 1024  # upload, observed: 60 MB are taken where no web server stands in front
PHOTO_BYTES: Final = 30 * 1024 * 1024  # upload, observed: looked at in the preview alone, on the size that is stated
PHOTO_SIDE: Final = 8000  # upload, observed: pixels
NAME_LETTERS: Final = 200  # upload, observed: one letter more is an HTTP 500
