"""What the server allows, and how long coralrun waits for it: every number once, with its source.

Rule: a limit of CoralNet stands here, beside the section of the protocol notes it was observed in ("protocol N"), and
nowhere else but in the embedded CoralNet's own copy; a choice of ours stands beside its reason. Lengths of time are in
seconds.
"""

from __future__ import annotations

from typing import Final

# What our tables hold
TOP_SCORES: Final = 5  # scores a point in the tables: as many as CoralNet gives (protocol 4)

# Addresses that we sign ourselves
BUCKET_URL_LIFE_S: Final = 3600  # as CoralNet's own (protocol 5), which outlive its queue: so both age by one rule

# Our patience with it
CONNECT_TIMEOUT_S: Final = 10.0
READ_TIMEOUT_S: Final = 60.0  # a 100 x 200 request is answered in 0.1 s, its 10 MB result in a few (protocol 3)
STUCK_S: Final = 30 * 60.0  # "done" with a result that is never ready, for this long: protocol 4, stuck job
LOST_S: Final = 24 * 3600.0  # a job whose counts did not move, or a service that was away, for this long
BACKOFF_FIRST_S: Final = 5.0
BACKOFF_MOST_S: Final = 600.0
UPLOAD_BYTES_PER_S: Final = 1_000_000  # assumed until a photo went: 8 Mbit/s upwards, a modest line of a house
COMPARED_PHOTOS: Final = 10  # of those that are there already, by a plan: two requests each, some seconds in all
COMPARED_BYTES: Final = 30_000_000  # likewise: half a minute at 1 MB a second
THROTTLED_DEFAULT_S: Final = 60.0  # a 429 that does not say how long: the burst window
THROTTLED_MOST_S: Final = 3600.0  # no window is longer, so no wait need be
MAX_RESULT_BYTES: Final = 64 * 1024 * 1024  # a full job's result is 10.4 MB (protocol 3)
MAX_REPLY_BYTES: Final = 1024 * 1024  # any other reply of the API: the longest is a listing of some jobs
MAX_REPLY_VALUES: Final = 2_000_000  # three full jobs' results: what JSON takes as data grows with these, not its bytes
MAX_PHOTO_PIXELS: Final = 64_000_000  # of a photo to draw on: no service is known that takes more
MAX_PHOTO_BYTES: Final = 128 * 1024 * 1024  # a photo to draw on: 64 million pixels, hardly compressed
MAX_PAGE_BYTES: Final = 2 * 1024 * 1024
MAX_TABLE_BYTES: Final = 256 * 1024 * 1024  # the metadata of a million images at 200 bytes each (protocol 11), and room
MAX_PAGE_TAGS: Final = (
    20_000  # a page of 20 images has hundreds; a parser's time grows with the square of their nesting
)

# A survey's bounds and defaults
DEFAULT_BATCH_SIZE: Final = 100  # images: as many entries as a CoralNet job takes (protocol 3)
DEFAULT_CONCURRENCY: Final = 5  # jobs: those of an ordinary CoralNet account (protocol 2)
DEFAULT_ATTEMPTS: Final = 3
MAX_SURVEY_BYTES: Final = 1024 * 1024
MAX_GIVEN_BYTES: Final = 2 * 1024**3  # of any file that a person names: the points of a million images, and room

# What the user's cache keeps
MAX_CACHED_VECTORS_BYTES: Final = 20 * 1000**3  # of 40,000 photos of 200 points, at 0.5 MB each
MAX_CACHED_FOLDERS_BYTES: Final = 500 * 1000**2  # what was seen of some millions of photos, at 200 bytes each
