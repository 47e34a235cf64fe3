"""Photos that a run uploads before they are classified: what is known of them for good.

A photo lives by `TABLE`, and no other change is possible. It is known by where it goes, the place and its name there,
which are one photo's alone: so however often a photo is sent, there is at most one of it. An intent says that the name
was free before: what has that name later, and our bytes, is ours. One that somebody takes out of there is missed.

Rule: the whole fact is checked before anything changes. At most one upload is open at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from coralrun.errors import RunDamaged
from coralrun.files.field_types import Digest
from coralrun.machine import facts
from coralrun.machine.fact_fields import PhotoPlace, StoredId
from coralrun.planning.images import PlannedImage

UploadFact = (
    facts.UploadIntended
    | facts.Uploaded
    | facts.UploadMissed
    | facts.UploadRefused
    | facts.UploadGone
    | facts.AlreadyThere
)


class PhotoPhase(StrEnum):
    """How far a photo is on its way."""

    INTENDED = "intended"
    MISSED = "missed"
    STORED = "stored"


TABLE: Mapping[tuple[PhotoPhase | None, type], PhotoPhase | None] = {
    (None, facts.UploadIntended): PhotoPhase.INTENDED,
    (None, facts.AlreadyThere): PhotoPhase.STORED,
    (PhotoPhase.INTENDED, facts.Uploaded): PhotoPhase.STORED,
    (PhotoPhase.INTENDED, facts.UploadMissed): PhotoPhase.MISSED,
    (PhotoPhase.INTENDED, facts.UploadRefused): None,
    (PhotoPhase.MISSED, facts.UploadIntended): PhotoPhase.INTENDED,
    (PhotoPhase.MISSED, facts.Uploaded): PhotoPhase.STORED,
    (PhotoPhase.STORED, facts.UploadGone): PhotoPhase.MISSED,
}
"""(phase, fact) -> next phase, None for a photo of which nothing is known. Everything that is not here is refused.

A photo that was missed may arrive yet, for a request may be long on its way: with our bytes it is ours then. It stays
missed where a later sending is refused.
"""


class OpenUpload(Struct, frozen=True, forbid_unknown_fields=True):
    """The one photo that is being sent, and the digest of its bytes."""

    image: PhotoPlace
    sha256: Digest


class StoredPhoto(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A photo that the service has; not `ours` if it was there before it was sent, `unclaimed` if nothing waited for it
    when it was found."""

    id: StoredId
    sha256: Digest
    ours: bool = True
    unclaimed: bool = False


class MissedPhoto(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A photo that was sent and was not there afterwards, with the digest of its bytes; it may be on its way yet if a
    reply was `lost`."""

    sha256: Digest
    lost: bool = False


def move(
    upload: OpenUpload | None, stored: dict[str, StoredPhoto], missed: dict[str, MissedPhoto], fact: UploadFact
) -> OpenUpload | None:
    """Let one fact change what is `stored` and what was `missed`; the upload that is open then.

    Of several bytes that were missed those are looked for that may be on their way. Raises RunDamaged.
    """
    is_open = upload is not None and upload.image == fact.image
    _require(upload is None or is_open or isinstance(fact, facts.UploadGone), fact, "another upload is open")
    phase = PhotoPhase.MISSED if fact.image in missed else None
    if is_open or fact.image in stored:
        phase = PhotoPhase.INTENDED if is_open else PhotoPhase.STORED
    _require((phase, type(fact)) in TABLE, fact, f"the photo is {phase or 'not on its way'}")
    match fact:
        case facts.UploadIntended():
            return OpenUpload(fact.image, fact.sha256)
        case facts.UploadGone():
            missed[fact.image] = MissedPhoto(stored.pop(fact.image).sha256)
            return upload
        case facts.AlreadyThere():
            stored[fact.image] = StoredPhoto(fact.id, fact.sha256, ours=False)
        case facts.Uploaded():
            missed.pop(fact.image, None)
            stored[fact.image] = StoredPhoto(fact.id, fact.sha256, unclaimed=fact.unclaimed)
        case facts.UploadMissed():
            assert upload is not None  # noqa: S101 - `TABLE` has it of an open upload alone
            now, before = MissedPhoto(upload.sha256, fact.lost), missed.get(fact.image)
            missed[fact.image] = now if before is None or now.lost or not before.lost else before
    return None


def numbered(image: PlannedImage, stored: Mapping[str, StoredPhoto]) -> PlannedImage:
    """An image with the number that it has at the service, where it was uploaded and is known to be there."""
    photo = stored.get(image.uploaded_as)
    return image if photo is None else replace(image, image_id=int(photo.id))


def _require(condition: bool, fact: UploadFact, why: str) -> None:
    if not condition:
        raise RunDamaged(f"an impossible record ({why}): {fact}")
