"""The fault model: everything that can go wrong in a simulated world, where it strikes and how often.

Rule: a fault is one row of `FAULTS` and strikes by `World.strikes` alone, which counts it; once a world is calm none
does. `share` is the part of the seeds that know the fault, `rate` its chance at each opportunity in such a seed. What
is not drawn but brought about is a mark (`marks`). `make test` fails when a row was hit fewer than five times.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from coralrun.coralnet.protocol import SETTLE_S


class World(StrEnum):
    """Where a fault can strike: with the toy service, with the real codec and limiter, with both, with workers, where
    photos are uploaded to the toy first, or where their source classifies them.

    Those of the disk, the process and the clock that strike with both strike with workers too.
    """

    TOY = "toy"
    REAL = "real"
    BOTH = "both"
    LOCAL = "local"
    UPLOADS = "uploads"
    SOURCE = "source"


class Fault(StrEnum):
    """The name of a row."""

    # network
    UNREACHABLE = "unreachable"
    POST_LOST = "post-lost"
    POST_LATE = "post-late"
    REPLY_LOST = "reply-lost"
    REPLY_TRUNCATED = "reply-truncated"
    REFUSED = "refused"
    RESET_BEFORE = "reset-before"
    RESET = "reset"
    REPLY_LATE = "reply-late"
    REQUEST_LATE = "request-late"
    TLS = "tls"
    DNS = "dns"
    # service
    RESULTS_AWAY = "results-away"
    THROTTLED = "throttled"
    ODD_RETRY_AFTER = "odd-retry-after"
    GATEWAY = "gateway"
    PROXY_403 = "proxy-403"
    MAINTENANCE = "maintenance"
    REDIRECTED = "redirected"
    NOT_UNDERSTOOD = "not-understood"
    CREDENTIALS = "credentials"
    TOKEN_REVOKED = "token-revoked"
    NO_CLASSIFIER = "no-classifier"
    BAD_REQUEST = "bad-request"
    JOB_ELSEWHERE = "job-elsewhere"
    SLOT_RACE = "slot-race"
    LIMIT_CHANGES = "limit-changes"
    LIMIT_ZERO = "limit-zero"
    LISTING_LAGS = "listing-lags"
    RESULT_LATE = "result-late"
    STUCK = "stuck"
    FROZEN = "frozen"
    STATUS_BACKWARDS = "status-backwards"
    JOB_GONE = "job-gone"
    FOREIGN_SAME_IMAGES = "foreign-same-images"
    RESULT_SHORT = "result-short"
    RESULT_LONG = "result-long"
    RESULT_REORDERED = "result-reordered"
    RESULT_WRONG_POINTS = "result-wrong-points"
    RESULT_MISSING_POINT = "result-missing-point"
    RESULT_NAN = "result-nan"
    RESULT_UNKNOWN_LABEL = "result-unknown-label"
    # images
    DOWNLOAD_BROKEN = "download-broken"
    URL_EXPIRED = "url-expired"
    URL_DEAD = "url-dead"
    SIZE_CHANGED = "size-changed"
    PAGE_TROUBLE = "page-trouble"
    PAGE_THROTTLED = "page-throttled"
    # workers and photos of our own
    WORKER_DIES = "worker-dies"
    WORKERS_GONE = "workers-gone"
    SMALL_WORKER = "small-worker"
    BLIND_WORKER = "blind-worker"
    SCHEDULER_DIES = "scheduler-dies"
    ANSWER_TWICE = "answer-twice"
    ANSWER_LATE = "answer-late"
    ANSWER_LOST = "answer-lost"
    ANSWER_OF_FORMER_LIFE = "answer-of-former-life"
    OTHER_RUN = "other-run"
    PHOTO_GONE = "photo-gone"
    PHOTO_CHANGED = "photo-changed"
    FOLDER_AWAY = "folder-away"
    # photos that are uploaded
    SAME_NAME = "same-name"
    PHOTO_REFUSED = "photo-refused"
    FILE_CHANGED = "file-changed"
    TAKEN_OUT = "taken-out"
    # photos that their source classifies
    SESSION_ENDED = "session-ended"
    EXPORT_CUT = "export-cut"
    DELETED = "deleted"
    CONFIRMED_MEANWHILE = "confirmed-meanwhile"
    LAID_MEANWHILE = "laid-meanwhile"
    UPLOADED_MEANWHILE = "uploaded-meanwhile"
    NEVER_LABELLED = "never-labelled"
    CLASSIFIER_GONE = "classifier-gone"
    CLASSIFIER_REPLACED = "classifier-replaced"
    # disk
    DISK_FULL = "disk-full"
    WRITE_FAILS = "write-fails"
    FSYNC_FAILS = "fsync-fails"
    READ_ONLY = "read-only"
    BYTE_FLIPPED = "byte-flipped"
    TRUNCATED = "truncated"
    SNAPSHOT_OF_ANOTHER = "snapshot-of-another"
    RECORD_LOST = "record-lost"
    # process
    CRASH = "crash"
    CRASH_IN_DISK = "crash-in-disk"
    CRASH_IN_FLIGHT = "crash-in-flight"
    POWER_LOST = "power-lost"
    INTERRUPT = "interrupt"
    SECOND_PROCESS = "second-process"
    # clock
    SUSPEND = "suspend"
    WALL_JUMP = "wall-jump"


LISTING_LAGS_AT_MOST_S = SETTLE_S - 40.0
"""A job that the run does not know yet is in every listing so long after its request was sent.

That has to be less than the settle wait, or no engine could find the job of a reply that was lost; less by what a
request of a dead process may still be on its way.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One fault: the layer that fails, where it strikes, which worlds have it, and how often."""

    layer: str
    where: str
    world: World
    share: float
    rate: float


FAULTS: dict[Fault, Row] = {
    Fault.UNREACHABLE: Row("network", "any question: no reply comes", World.BOTH, 0.6, 0.3),
    Fault.POST_LOST: Row("network", "a submission that never arrives", World.BOTH, 0.6, 0.3),
    Fault.POST_LATE: Row("network", "a submission that arrives after its sender gave up", World.BOTH, 0.6, 0.3),
    Fault.REPLY_LOST: Row("network", "a submission that took effect, and nobody hears of it", World.BOTH, 0.6, 0.3),
    Fault.REPLY_TRUNCATED: Row("network", "the second half of any reply's body", World.REAL, 0.3, 0.1),
    Fault.REFUSED: Row("network", "the connection, before anything is sent", World.REAL, 0.3, 0.2),
    Fault.RESET_BEFORE: Row("network", "the connection, before the request took effect", World.REAL, 0.3, 0.1),
    Fault.RESET: Row("network", "the connection, after the request took effect", World.REAL, 0.3, 0.1),
    Fault.REPLY_LATE: Row("network", "any reply: it comes just before its sender gives up", World.REAL, 0.3, 0.2),
    Fault.REQUEST_LATE: Row(
        "network", "any request: it takes nearly as long as its sender waits", World.REAL, 0.3, 0.2
    ),
    Fault.TLS: Row("network", "the handshake: the certificate is not trusted", World.REAL, 0.2, 0.1),
    Fault.DNS: Row("network", "the host's name has no address", World.REAL, 0.2, 0.1),
    Fault.RESULTS_AWAY: Row("service", "only results do not come", World.BOTH, 0.15, 0.3),
    Fault.THROTTLED: Row("service", "any request: 429 of the rate, with any Retry-After", World.BOTH, 0.15, 0.2),
    Fault.ODD_RETRY_AFTER: Row("service", "such a 429: no header, a huge one, a minus, a date", World.BOTH, 1, 0.6),
    Fault.GATEWAY: Row("service", "any request: a 4xx or 5xx of a proxy, with HTML", World.REAL, 0.3, 0.2),
    Fault.PROXY_403: Row("service", "any request: 403 with a page that is not the API's", World.REAL, 0.3, 0.1),
    Fault.MAINTENANCE: Row("service", "any request: 200 with a page that is not the API's", World.REAL, 0.3, 0.1),
    Fault.REDIRECTED: Row("service", "any request: 302 to a place of somebody else's", World.REAL, 0.3, 0.1),
    Fault.NOT_UNDERSTOOD: Row("service", "any question: the API's own reply, but not readable", World.BOTH, 0.15, 0.2),
    Fault.CREDENTIALS: Row("service", "any request: 403 of the API's own", World.BOTH, 0.15, 0.1),
    Fault.TOKEN_REVOKED: Row("service", "the token: the next start has to sign in again", World.REAL, 0.25, 0.03),
    Fault.NO_CLASSIFIER: Row("service", "a submission: the classifier is gone", World.BOTH, 0.1, 0.2),
    Fault.BAD_REQUEST: Row("service", "a submission: refused as a whole", World.BOTH, 0.1, 0.2),
    Fault.JOB_ELSEWHERE: Row("service", "a reply names a job on another host", World.REAL, 0.3, 0.2),
    Fault.SLOT_RACE: Row("service", "a submission: another client was faster", World.BOTH, 0.15, 0.3),
    Fault.LIMIT_CHANGES: Row(
        "service", "a listing: the account's limit is another from now on", World.BOTH, 0.15, 0.05
    ),
    Fault.LIMIT_ZERO: Row("service", "a listing: the account's limit is 0 from now on", World.BOTH, 0.1, 0.03),
    Fault.LISTING_LAGS: Row(
        "service", "a listing: a job at work is not in it, ours or one not known yet", World.BOTH, 0.15, 0.3
    ),
    Fault.RESULT_LATE: Row("service", "a job: done, and the result comes later", World.BOTH, 0.15, 0.3),
    Fault.STUCK: Row("service", "a job: done, and the result never comes", World.BOTH, 0.15, 0.3),
    Fault.FROZEN: Row("service", "a job: its counts stand still for ever", World.TOY, 0.04, 0.3),
    Fault.STATUS_BACKWARDS: Row("service", "a status call: fewer entries are done than before", World.BOTH, 0.4, 0.4),
    Fault.JOB_GONE: Row("service", "a job that was confirmed is forgotten", World.BOTH, 0.15, 0.3),
    Fault.FOREIGN_SAME_IMAGES: Row("service", "another client's job over our very images", World.BOTH, 0.3, 0.1),
    Fault.RESULT_SHORT: Row("service", "a result: its last entry is missing", World.BOTH, 0.15, 0.3),
    Fault.RESULT_LONG: Row("service", "a result: an entry too many", World.BOTH, 0.15, 0.3),
    Fault.RESULT_REORDERED: Row("service", "a result: its entries in another order", World.BOTH, 0.25, 0.3),
    Fault.RESULT_WRONG_POINTS: Row("service", "a result: other points than asked for", World.BOTH, 0.15, 0.3),
    Fault.RESULT_MISSING_POINT: Row("service", "a result: a point is missing", World.BOTH, 0.15, 0.3),
    Fault.RESULT_NAN: Row("service", "a result: a score is NaN", World.REAL, 0.25, 0.5),
    Fault.RESULT_UNKNOWN_LABEL: Row("service", "a result: a label that nobody has", World.REAL, 0.25, 0.5),
    Fault.DOWNLOAD_BROKEN: Row("images", "the service's download breaks off", World.TOY, 0.15, 0.3),
    Fault.URL_EXPIRED: Row("images", "the URL is found expired, whatever was said of its life", World.BOTH, 0.15, 0.2),
    Fault.URL_DEAD: Row("images", "a URL that has no life left when it comes", World.BOTH, 0.15, 0.3),
    Fault.SIZE_CHANGED: Row(
        "images", "the image's size is not the planned one, when it is asked for or downloaded", World.TOY, 0.15, 0.3
    ),
    Fault.PAGE_TROUBLE: Row("images", "an image's page does not come", World.BOTH, 0.15, 0.3),
    Fault.PAGE_THROTTLED: Row("images", "an image's page: 429", World.BOTH, 0.15, 0.3),
    Fault.WORKER_DIES: Row("cluster", "a worker dies with all that it was given", World.LOCAL, 0.5, 0.2),
    Fault.WORKERS_GONE: Row("cluster", "every worker is away for a while", World.LOCAL, 0.15, 0.05),
    Fault.SMALL_WORKER: Row("cluster", "a worker with hardly any memory is there for a while", World.LOCAL, 0.25, 0.1),
    Fault.BLIND_WORKER: Row("cluster", "a worker does not see the photo's folder", World.LOCAL, 0.3, 0.2),
    Fault.SCHEDULER_DIES: Row("cluster", "the scheduler, and it remembers nothing", World.LOCAL, 0.3, 0.1),
    Fault.ANSWER_TWICE: Row("cluster", "an answer comes twice", World.LOCAL, 0.3, 0.2),
    Fault.ANSWER_LATE: Row("cluster", "an answer comes long after it was computed", World.LOCAL, 0.2, 0.1),
    Fault.ANSWER_LOST: Row("cluster", "an answer is said to be lost, and may come nevertheless", World.LOCAL, 0.3, 0.2),
    Fault.ANSWER_OF_FORMER_LIFE: Row("cluster", "what a former process asked for comes now", World.LOCAL, 0.4, 0.3),
    Fault.OTHER_RUN: Row("cluster", "a copy of the run asks for the same, of other photos", World.LOCAL, 0.3, 0.3),
    Fault.PHOTO_GONE: Row("images", "a photo is taken away for good", World.LOCAL, 0.25, 0.2),
    Fault.PHOTO_CHANGED: Row("images", "another photo is put in a photo's place", World.LOCAL, 0.2, 0.15),
    Fault.FOLDER_AWAY: Row("images", "the folder of the photos is away for a while", World.LOCAL, 0.2, 0.15),
    Fault.SAME_NAME: Row("source", "somebody's other photo comes under the name just before", World.UPLOADS, 0.4, 0.1),
    Fault.PHOTO_REFUSED: Row("source", "a photo that is sent: no picture, it says", World.UPLOADS, 0.3, 0.1),
    Fault.FILE_CHANGED: Row("source", "a photo's file, since it was planned", World.UPLOADS, 0.3, 0.1),
    Fault.TAKEN_OUT: Row("source", "somebody deletes a photo that is there, whoever's", World.UPLOADS, 0.4, 0.05),
    Fault.SESSION_ENDED: Row("service", "a table, or its confirmation: the session is over", World.SOURCE, 0.4, 0.1),
    Fault.EXPORT_CUT: Row("service", "an export: its end is missing, in a line or after one", World.SOURCE, 0.4, 0.3),
    Fault.DELETED: Row("service", "a photo is deleted", World.SOURCE, 0.3, 0.02),
    Fault.CONFIRMED_MEANWHILE: Row("service", "people label the points of a photo", World.SOURCE, 0.4, 0.02),
    Fault.LAID_MEANWHILE: Row("service", "somebody lays other points on a photo", World.SOURCE, 0.3, 0.02),
    Fault.UPLOADED_MEANWHILE: Row("service", "others' photos come, and keep all waiting", World.SOURCE, 0.3, 0.02),
    Fault.NEVER_LABELLED: Row("service", "a photo gets no labels from now on", World.SOURCE, 0.5, 0.03),
    Fault.CLASSIFIER_GONE: Row("service", "it has no classifier for a while, or not yet", World.SOURCE, 0.3, 0.02),
    Fault.CLASSIFIER_REPLACED: Row("service", "it uses another classifier from now on", World.SOURCE, 0.3, 0.05),
    Fault.DISK_FULL: Row("disk", "every write, for a while: ENOSPC after a part of the bytes", World.BOTH, 0.15, 0.01),
    Fault.WRITE_FAILS: Row("disk", "one write: EIO", World.BOTH, 0.15, 0.02),
    Fault.FSYNC_FAILS: Row("disk", "one fsync: EIO, and its bytes may never reach the disk", World.BOTH, 0.15, 0.02),
    Fault.READ_ONLY: Row("disk", "every change, for a while: EROFS", World.BOTH, 0.1, 0.01),
    Fault.BYTE_FLIPPED: Row("disk", "one bit of one file, while no process runs", World.BOTH, 0.25, 0.3),
    Fault.TRUNCATED: Row("disk", "one file is empty, while no process runs", World.BOTH, 0.15, 0.2),
    Fault.SNAPSHOT_OF_ANOTHER: Row(
        "disk", "a snapshot that is whole, and not the one that the journal follows", World.BOTH, 0.15, 0.5
    ),
    Fault.RECORD_LOST: Row(
        "disk", "the record of requests: a bit flips, it is empty or gone, while no process runs", World.REAL, 0.3, 0.3
    ),
    Fault.CRASH: Row("process", "between two completions", World.BOTH, 0.6, 0.03),
    Fault.CRASH_IN_DISK: Row("process", "before, within or after a call to the disk", World.BOTH, 0.6, 0.015),
    Fault.CRASH_IN_FLIGHT: Row("process", "while a request is on its way", World.REAL, 0.5, 0.02),
    Fault.POWER_LOST: Row("process", "at a death: the machine dies, and loses the unsynced", World.BOTH, 0.8, 0.5),
    Fault.INTERRUPT: Row("process", "Ctrl-C or SIGTERM, at any turn of the loop", World.BOTH, 0.2, 0.02),
    Fault.SECOND_PROCESS: Row("process", "another process opens the run while one works", World.BOTH, 0.2, 0.05),
    Fault.SUSPEND: Row("clock", "the machine sleeps for 8 hours; what is on its way breaks", World.BOTH, 0.15, 0.02),
    Fault.WALL_JUMP: Row("clock", "the time of day jumps by a day, forwards or back", World.BOTH, 0.2, 0.02),
}
