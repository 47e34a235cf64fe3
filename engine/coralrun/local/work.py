"""What a worker does: have a photo, see that it is the planned one, and compute the scores of its points.

Rule: nothing is raised for what a photo is: a worker answers with the engine's own reason. Models stay in the worker's
process, by their digests. No other module of this package is needed on a worker.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from coralrun.classifiers.photo import BadPhoto, PhotoFault
from coralrun.clock import SystemClock
from coralrun.files.given import read_given
from coralrun.http.client import Failure, NoReply, PlainHttp
from coralrun.limits import MAX_PHOTO_BYTES
from coralrun.local.tasks import Finished, unpacked
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Point
from coralrun.ports import Place

Scorer = Callable[[bytes, Sequence[Point]], NDArray[np.uint16]]
"""From a photo and points to the scores of all labels, (points, labels) in ten thousandths; raises BadPhoto."""


Asked = tuple[Place, bytes, str | None]
"""A photo's place, its points as they travel, and the SHA-256 that its bytes are to have."""


class Model(Protocol):
    """A classifier with all that it needs, which can be sent to another process."""

    @property
    def sha256(self) -> str:
        """What tells it from all others."""
        ...

    def scorer(self) -> Scorer:
        """It at work."""
        ...


_FAULTS: Final = {
    PhotoFault.NOT_AN_IMAGE: Reason.NOT_AN_IMAGE,
    PhotoFault.UNREADABLE: Reason.UNREADABLE,
    PhotoFault.TOO_MANY_PIXELS: Reason.TOO_MANY_PIXELS,
    PhotoFault.POINT_OUTSIDE: Reason.POINT_OUTSIDE,
}
_FAILURES: Final = {
    Failure.UNREACHABLE: Reason.HOST_UNREACHABLE,
    Failure.TIMEOUT: Reason.HOST_UNREACHABLE,
    Failure.BROKEN: Reason.DOWNLOAD_BROKEN,
    Failure.TOO_LARGE: Reason.TOO_MANY_PIXELS,
}
_GONE: Final = (404, 410)
_REFUSED: Final = (401, 403, 451)
_BUSY: Final = (408, 425, 429)

_scorers: dict[str, Scorer] = {}


def classify_all(model: Model, tasks: Sequence[Asked]) -> tuple[list[Finished], float]:
    """What photos come to, one after the other, and the seconds that it took."""
    began_s = time.monotonic()
    finished = [classify(model, *task) for task in tasks]
    return finished, time.monotonic() - began_s


def classify(model: Model, place: Place, points: bytes, sha256: str | None) -> Finished:
    """What a photo's points come to."""
    photo = photo_at(place)
    if isinstance(photo, Reason):
        return Finished(photo)
    if sha256 is not None and hashlib.sha256(photo).hexdigest() != sha256:
        return Finished(Reason.CHANGED)
    if model.sha256 not in _scorers:
        _scorers[model.sha256] = model.scorer()
    try:
        scores = _scorers[model.sha256](photo, unpacked(points))
    except BadPhoto as error:
        return Finished(_FAULTS[error.fault])
    return Finished(None, scores.shape[1], scores.astype("<u2").tobytes())


def photo_at(place: Place) -> bytes | Reason:
    """A photo's bytes, or why there are none."""
    if isinstance(place, bytes):
        return place
    if isinstance(place, str):
        return _downloaded(place)
    try:
        return read_given(Path(place), MAX_PHOTO_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return Reason.NOT_FOUND
    except OSError:
        return Reason.UNREADABLE


def _downloaded(url: str) -> bytes | Reason:
    reply = _http().plain(url, MAX_PHOTO_BYTES)
    if isinstance(reply, NoReply):
        return _FAILURES[reply.failure]
    if reply.status in (200, 206):
        return reply.body
    if reply.status in _GONE:
        return Reason.NOT_FOUND
    if reply.status in _REFUSED:
        return Reason.URL_EXPIRED
    return Reason.HOST_ERROR if reply.status >= 500 or reply.status in _BUSY else Reason.BAD_URL


@cache
def _http() -> PlainHttp:
    return PlainHttp(SystemClock())
