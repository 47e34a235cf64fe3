"""Why an image did not simply succeed: the engine's own words, whatever the service's are.

Rule: the service's texts end at its codec, which turns each into one of these. A reason is final (the image ends) or
not (the image is tried again with a fresh URL, at most `attempts` times in all). The table below is the whole policy.
What a plan finds wrong with a photo is one of these too, by the same word.
"""

from __future__ import annotations

from enum import StrEnum

from coralrun.planning.unfit import Unfit


class Reason(StrEnum):
    """One word for the state, one sentence for people in `TEXTS`."""

    URL_EXPIRED = "url-expired"
    DOWNLOAD_BROKEN = "download-broken"
    HOST_UNREACHABLE = "host-unreachable"
    HOST_ERROR = "host-error"
    SERVICE_ERROR = "service-error"
    JOB_LOST = "job-lost"
    JOB_STUCK = "job-stuck"
    SERVICE_ENDED = "service-ended"
    REPLY_MISMATCH = "reply-mismatch"
    NOT_FOUND = "not-found"
    DENIED = "denied"
    HOST_REFUSED = "host-refused"
    SIGNATURE_ENDED = "signature-ended"
    BAD_URL = "bad-url"
    NOT_AN_IMAGE = Unfit.NOT_AN_IMAGE
    POINT_OUTSIDE = "point-outside"
    TOO_MANY_PIXELS = Unfit.TOO_MANY_PIXELS
    REJECTED = "rejected"
    NO_SIZE = "no-size"
    AREA_TOO_SMALL = "area-too-small"
    ANOTHER_SIZE = "another-size"
    CHANGED = "changed"
    UNREADABLE = "unreadable"
    EMPTY = Unfit.EMPTY
    DAMAGED = Unfit.DAMAGED
    OTHER_FORMAT = Unfit.OTHER_FORMAT
    CLOSED = Unfit.CLOSED
    TOO_LARGE_FOR_WORKER = "too-large-for-a-worker"
    WORKER_DIED = "worker-died"
    NOT_IN_SOURCE = "not-in-source"
    CONFIRMED = "confirmed"
    LABELLED_SINCE = "labelled-since"
    POINTS_REPLACED = "points-replaced"
    NOT_LABELLED_YET = "not-labelled-yet"
    NOT_LABELLED = "not-labelled"
    BAD_NAME = Unfit.BAD_NAME
    ALIKE_NAMES = Unfit.ALIKE_NAMES
    NAME_TAKEN = Unfit.NAME_TAKEN
    NOT_STRIPPED = Unfit.NOT_STRIPPED
    TOO_MANY_BYTES = Unfit.TOO_MANY_BYTES
    UPLOAD_REFUSED = "upload-refused"
    UPLOAD_TOO_LARGE = Unfit.UPLOAD_TOO_LARGE
    UPLOAD_FAILED = "upload-failed"
    NOT_ASKED = "not-asked"


TEXTS: dict[Reason, str] = {
    Reason.URL_EXPIRED: "the image's URL had expired when the service downloaded it",
    Reason.DOWNLOAD_BROKEN: "the service's download of the image broke off",
    Reason.HOST_UNREACHABLE: "the image's host could not be reached",
    Reason.HOST_ERROR: "the image's host answered with an error",
    Reason.SERVICE_ERROR: "the service reported an error of its own",
    Reason.JOB_LOST: "the service no longer knows the job",
    Reason.JOB_STUCK: "the service's job was done but never gave its result",
    Reason.SERVICE_ENDED: "the service inside coralrun ended with the call that had sent the job",
    Reason.REPLY_MISMATCH: "the service's result did not match what was asked",
    Reason.NOT_FOUND: "the image is not there",
    Reason.DENIED: "the account may not see the image",
    Reason.HOST_REFUSED: "the host of the image refused its address",
    Reason.SIGNATURE_ENDED: "the host of the image refused its address, whose signature has ended",
    Reason.BAD_URL: "the image's URL is not one that the service can download",
    Reason.NOT_AN_IMAGE: "the file is not an image that the service can read",
    Reason.POINT_OUTSIDE: "a point lies outside the image",
    Reason.TOO_MANY_PIXELS: "the image has more pixels than the service takes: save it smaller",
    Reason.REJECTED: "the service rejected the image's part of the request",
    Reason.NO_SIZE: "the image's size could not be read",
    Reason.AREA_TOO_SMALL: "the annotation area is empty on an image of this size",
    Reason.ANOTHER_SIZE: "the image has another size than the one that its points were laid on",
    Reason.CHANGED: "the photo was changed after it was planned: apply the survey, or upload, again",
    Reason.UNREADABLE: "the photo is damaged, or of a kind that is not read",
    Reason.EMPTY: "there is nothing in the photo's file: copy it anew",
    Reason.DAMAGED: "the photo is damaged or cut off: copy it anew",
    Reason.OTHER_FORMAT: "the photo is in a format that cannot be taken: save it as JPEG",
    Reason.CLOSED: "the photo's file could not be opened: let yourself read it",
    Reason.TOO_LARGE_FOR_WORKER: "the photo is too large for the memory of a worker",
    Reason.WORKER_DIED: "workers died of the photo, the last ones of it alone: most often for want of memory",
    Reason.NOT_IN_SOURCE: "the source has no such photo any more: it was taken out, or given another name",
    Reason.CONFIRMED: "people have labelled points of the photo in the source, and to lay others would delete them",
    Reason.LABELLED_SINCE: "people labelled points of the photo in the source before the machine's labels were read",
    Reason.POINTS_REPLACED: "somebody laid other points on the photo in the source before its labels were read",
    Reason.NOT_LABELLED_YET: "the source had labelled others of the batch and not yet this photo, which waits there",
    Reason.NOT_LABELLED: "the source gave the photo no labels in all the time that the survey waits for any",
    Reason.BAD_NAME: "the source takes no photo of that name: rename it",
    Reason.ALIKE_NAMES: "the name is that of another photo of the folder to the source, but for its case: rename one",
    Reason.NAME_TAKEN: "the source has another photo of that name, or yours as it was once: rename yours",
    Reason.NOT_STRIPPED: "not all that the photo tells of a place, a person or a camera can be taken out: `exif: keep`",
    Reason.TOO_MANY_BYTES: "the photo's file is larger than the source takes: save it smaller",
    Reason.UPLOAD_REFUSED: "the source refused the photo",
    Reason.UPLOAD_TOO_LARGE: "the service takes no upload of this size: save the photo smaller",
    Reason.UPLOAD_FAILED: "the upload failed again and again, while the service answered other requests",
    Reason.NOT_ASKED: "the photo is at the service, and nobody asked for its classification",
}

AGAIN: frozenset[Reason] = frozenset(
    {
        Reason.URL_EXPIRED,
        Reason.DOWNLOAD_BROKEN,
        Reason.HOST_UNREACHABLE,
        Reason.HOST_ERROR,
        Reason.SERVICE_ERROR,
        Reason.JOB_LOST,
        Reason.JOB_STUCK,
        Reason.SERVICE_ENDED,
        Reason.REPLY_MISMATCH,
        Reason.NOT_LABELLED_YET,
    }
)
"""The reasons that another try can mend. All others are final."""

NO_TRY: frozenset[Reason] = frozenset({Reason.NOT_LABELLED_YET, Reason.SERVICE_ENDED})
"""The reasons that are no failure of an image, so that they count as no try. None goes on for ever: of a photo that is
not labelled the service says itself when it fails, and a service that is inside a process ends once with it."""

WORTH_RETRYING: frozenset[Reason] = AGAIN | {Reason.UPLOAD_FAILED, Reason.NOT_LABELLED}
"""The reasons for which a person may try again later, with nothing changed; a run itself tries uploads often enough."""

LEFT_ALONE: frozenset[Reason] = frozenset({Reason.CONFIRMED, Reason.NOT_IN_SOURCE})
"""The reasons for which a batch that an image was to go with has sent nothing for it."""

GONE: frozenset[Reason] = frozenset({Reason.NOT_FOUND, Reason.NOT_IN_SOURCE})
"""The reasons that say that an image is not where it was."""

SKIPPED: frozenset[Reason] = frozenset({Reason.NO_SIZE, Reason.AREA_TOO_SMALL, Reason.ANOTHER_SIZE, Reason.NOT_ASKED})
"""The reasons for which an image is never submitted at all: it is counted as skipped, not as failed."""

MENDED_BY: dict[Reason, str] = {
    Reason.NOT_FOUND: "put it back, or leave it out of the survey",
    Reason.NOT_IN_SOURCE: "put it back, or leave it out of the survey",
    Reason.DENIED: "let the account see it, or leave it out of the survey",
    Reason.HOST_REFUSED: "let anybody who has the address open it",
    Reason.SIGNATURE_ENDED: "give addresses that are signed anew",
    Reason.BAD_URL: "correct the address",
    Reason.NOT_AN_IMAGE: "save it as JPEG",
    Reason.POINT_OUTSIDE: "correct its points",
    Reason.REJECTED: "look at its address and its points",
    Reason.NO_SIZE: "save the photo anew, as JPEG",
    Reason.AREA_TOO_SMALL: "make the margins of the area smaller",
    Reason.ANOTHER_SIZE: "give the photo that they were laid on, or points for this one",
    Reason.UNREADABLE: "copy it anew, or save it as JPEG",
    Reason.TOO_LARGE_FOR_WORKER: "give workers more memory, or save it smaller",
    Reason.WORKER_DIED: "give workers more memory, or save it smaller",
    Reason.POINTS_REPLACED: "agree who lays points in the source",
    Reason.UPLOAD_REFUSED: "save it anew, as JPEG",
}
"""What a person can do, where the reason's own sentence does not say it."""

PLANNED_ANEW: frozenset[Reason] = frozenset(
    {
        Reason.CHANGED,
        Reason.EMPTY,
        Reason.DAMAGED,
        Reason.OTHER_FORMAT,
        Reason.CLOSED,
        Reason.BAD_NAME,
        Reason.ALIKE_NAMES,
        Reason.NOT_STRIPPED,
        Reason.TOO_MANY_BYTES,
        Reason.UPLOAD_TOO_LARGE,
    }
)
"""The reasons that a plan made anew sees mended: it names other photos then, and sends them without being asked to."""

FOR_GOOD: frozenset[Reason] = frozenset({Reason.CONFIRMED, Reason.LABELLED_SINCE, Reason.NOT_ASKED})
"""The reasons that nobody should mend."""
