"""The photos of a world, what becomes of each at the service, and how a survey names them.

Rule: a photo has a number, a nature that says why it can never be classified, None where it can, and an image in the
survey whose key and address tell the number; a toy's are read from its address alone, where the survey gives one, and a
folder's from the digest of what is in the file.
"""

from __future__ import annotations

from random import Random

from msgspec import structs

from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Size, Upload
from coralrun.planning.model import Plan
from coralrun.planning.unfit import Unfit

from .local_knobs import number_of

SPARES = 4
"""Photos that a changed survey may name beside those of the first."""

PLACE = "1"
"""The source that photos on a laptop are uploaded to."""

UNFIT = (Unfit.EMPTY, Unfit.DAMAGED, Unfit.ALIKE_NAMES, Unfit.NAME_TAKEN)
"""Why a photo on a laptop cannot be taken; to the engine one is as another."""

SIGNED_ANEW = "sig=anew"
"""What an address says whose signature had ended and was renewed."""

_REAL_NATURES = (None,) * 12 + (Reason.NOT_AN_IMAGE, Reason.NOT_FOUND)
OF_SOURCES = (None,) * 15 + (Reason.NOT_FOUND, Reason.DENIED, Reason.CONFIRMED)
_TOY_NATURES = (None,) * 36 + (
    Reason.CHANGED,
    Reason.UNREADABLE,
    Reason.TOO_LARGE_FOR_WORKER,
    Reason.WORKER_DIED,
    Reason.SIGNATURE_ENDED,
    Reason.ANOTHER_SIZE,
    Reason.NOT_AN_IMAGE,
    Reason.REJECTED,
    Reason.NOT_FOUND,
    Reason.DENIED,
    Reason.HOST_REFUSED,
    Reason.BAD_URL,
    Reason.NO_SIZE,
    Reason.HOST_UNREACHABLE,
    Reason.HOST_ERROR,
    Reason.SERVICE_ERROR,
    Reason.AREA_TOO_SMALL,
    Reason.TOO_MANY_PIXELS,
    Reason.POINT_OUTSIDE,
)


def natures_of(chance: Random, count: int, *, toy: bool) -> tuple[Reason | None, ...]:
    """What becomes of so many photos."""
    return tuple(chance.choice(_TOY_NATURES if toy else _REAL_NATURES) for _ in range(count))


def spares_of(seed: int, plan: Plan, *, toy: bool) -> tuple[tuple[Reason | None, ...], tuple[PlannedImage, ...]]:
    """The natures and the images of the photos that only a changed survey names, drawn by themselves."""
    chance = Random(f"spares of {seed}")
    natures = natures_of(chance, SPARES, toy=toy)
    first, points = len(plan.images), plan.images[0].points
    return natures, tuple(
        image_of(first + number, nature, points, planned=toy and chance.random() < 0.5, toy=toy)
        for number, nature in enumerate(natures)
    )


def image_of(number: int, nature: Reason | None, points: int, *, planned: bool, toy: bool) -> PlannedImage:
    """The image of a photo; `planned` where the survey gives its address."""
    return PlannedImage(
        key=f"image-{number}",
        source="manifest:images.csv",
        name=f"image-{number}",
        points=points,
        image_id=None if toy else number + 1,
        url=own_address(number, nature) if planned else None,
        size=Size(100 + number, 40 if nature is Reason.AREA_TOO_SMALL else 80) if toy else None,
    )


def with_unfit(image: PlannedImage, unfit: Unfit | None) -> PlannedImage:
    """A photo on a laptop as a plan has it that finds this wrong with it, or nothing."""
    assert image.sha256 is not None
    return structs.replace(image, unfit=unfit, upload=Upload(PLACE, image.sha256) if unfit is None else None)


def own_address(number: int, nature: Reason | None) -> str:
    """A toy's address that the survey gave: never signed anew, and some say that they are over."""
    return f"sim:{number}:" + (":?sig=of-somebody&se=2025-01-01T00%3A00Z" if nature is Reason.SIGNATURE_ENDED else "")


def photo_of(image: PlannedImage) -> int:
    """The number of the photo that a survey means by an image."""
    if image.sha256 is not None:
        return number_of(image.sha256)
    if image.image_id is not None:
        return image.image_id - 1
    return int(image.key.removeprefix("image-") if image.url is None else image.url.split(":")[1])
