"""What a seed draws of a world with `service: local`: where photos lie, who computes them, and what is wrong with them.

Rule: a photo's bytes follow from its number and from why it can never succeed, so that whoever looks at a result can
tell whose scores are in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from coralrun.classifiers.photo import PhotoFault
from coralrun.local.entry import limits_of
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Size
from coralrun.service.limits import ServiceLimits
from coralrun.values.ids import sha256_hex

LIMITS: ServiceLimits = limits_of({})
CLASSIFIERS = ("simulated", "simulated since")
ENOUGH_BYTES = 10_000_000
KILLS = b"kills"

_NUMBERS: dict[str, int] = {}

_IN_THE_PHOTO = {
    Reason.UNREADABLE: PhotoFault.UNREADABLE,
    Reason.NOT_AN_IMAGE: PhotoFault.NOT_AN_IMAGE,
    Reason.TOO_MANY_PIXELS: PhotoFault.TOO_MANY_PIXELS,
    Reason.POINT_OUTSIDE: PhotoFault.POINT_OUTSIDE,
}
_ANYWHERE = (*_IN_THE_PHOTO, Reason.WORKER_DIED, Reason.WORKER_DIED, Reason.TOO_LARGE_FOR_WORKER)
_IN_A_FOLDER = (Reason.NOT_FOUND, Reason.CHANGED, Reason.AREA_TOO_SMALL)
_IN_A_BUCKET = (Reason.NOT_FOUND, Reason.HOST_ERROR, Reason.BAD_URL, Reason.DOWNLOAD_BROKEN)


@dataclass(frozen=True, slots=True)
class LocalKnobs:
    """Who computes the photos, and which of these are in a bucket; all others are in a folder.

    With `is_own` the workers end with the process that started them; with `sends` they do not see the folder.
    """

    is_own: bool
    workers: int
    photo_bytes: int
    sends: bool
    in_bucket: tuple[bool, ...]


def draw_local(chance: Random, count: int) -> LocalKnobs:
    """The cluster, and where so many photos lie."""
    bucket_share = chance.choice((0.0, 0.0, 0.5, 1.0))
    return LocalKnobs(
        is_own=chance.random() < 0.4,
        workers=chance.choice((1, 1, 2, 3, 8)),
        photo_bytes=ENOUGH_BYTES,
        sends=chance.random() < 0.2,
        in_bucket=tuple(chance.random() < bucket_share for _ in range(count)),
    )


def draw_natures(chance: Random, in_bucket: Sequence[bool]) -> tuple[Reason | None, ...]:
    """Why each photo can never succeed, None where it can."""
    kinds = {False: _IN_A_FOLDER, True: _IN_A_BUCKET}
    return tuple(chance.choice((None,) * 30 + _ANYWHERE + kinds[is_in]) for is_in in in_bucket)


def planned(
    natures: Sequence[Reason | None], in_bucket: Sequence[bool], *, points: int, first: int = 0
) -> tuple[PlannedImage, ...]:
    """Photos as a survey names them."""
    found = zip(natures, in_bucket, strict=True)
    return tuple(_planned(number, *of, points=points) for number, of in enumerate(found, start=first))


def _planned(number: int, nature: Reason | None, in_bucket: bool, points: int) -> PlannedImage:
    size = Size(100 + number, 40 if nature is Reason.AREA_TOO_SMALL else 80)
    return PlannedImage(
        key=f"image-{number}",
        source="bucket" if in_bucket else "folder",
        name=f"image-{number}",
        points=points,
        sha256=None if in_bucket else digest_of(number, nature),
        size=Size(20_000, 20_000) if nature is Reason.TOO_LARGE_FOR_WORKER else size,
    )


@cache
def digest_of(number: int, nature: Reason | None) -> str:
    """The digest of a photo as it was planned."""
    digest = sha256_hex(content(number, nature))
    _NUMBERS[digest] = number
    return digest


def number_of(digest: str) -> int:
    """The photo that was planned with a digest."""
    return _NUMBERS[digest]


def content(number: int, nature: Reason | None) -> bytes:
    """The bytes of a photo as it was planned."""
    fault = _IN_THE_PHOTO.get(nature) if nature is not None else None
    return b"photo %d %s" % (number, KILLS if nature is Reason.WORKER_DIED else (fault or "").encode())
