"""The photos that a plan uploads: looked at, one by one, before anything is sent.

Rule: what the place would refuse is unfit: it fails without being sent, and is listed with why; so is a photo whose
name is taken there by another. What the place tells of itself, and what the photos tell of people and places, is said
with the plan.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from msgspec import structs

from coralrun.app.beforehand.inventory import patience_of
from coralrun.app.beforehand.so_far import SoFar
from coralrun.app.beforehand.uploads_said import (
    SortedPhotos,
    listings_of,
    said_of_sent,
    said_of_those_there,
    why_it_stays,
    why_taken,
)
from coralrun.app.beforehand.uploads_there import tell_apart
from coralrun.connection import Connection
from coralrun.errors import CredentialsError, ServiceError, UsageError
from coralrun.machine.outcomes import Names, TroubleKind
from coralrun.machine.policy import NAMES_AT_ONCE
from coralrun.machine.stored_photos import StoredPhoto
from coralrun.parallel import parallel_map
from coralrun.planning.images import PlannedImage, Upload
from coralrun.planning.model import Plan
from coralrun.planning.unfit import Refusal, Unfit
from coralrun.planning.upload_cost import NO_UPLOADS, UploadCost, upload_cost
from coralrun.ports import UploadPlace, Uploads
from coralrun.reaching import Progress
from coralrun.sources.folder import WORKERS
from coralrun.sources.folder_images import place_in
from coralrun.sources.patience import patiently
from coralrun.sources.upload_look import ToSend, look
from coralrun.spec.model import ExifChoice, FolderSource, Source, UploadTo

_ALIKE: Final = Refusal(
    Unfit.ALIKE_NAMES, "names that differ in the case of letters alone, which are one name there: rename them"
)
_ASTRAY: Final = Refusal(Unfit.BAD_NAME, "names that lead out of the folder: rename them")


def with_uploads(
    plan: Plan,
    sources: Sequence[Source],
    connection: Connection,
    so_far: SoFar,
    progress: Progress,
    *,
    compares: bool = False,
) -> tuple[Plan, UploadCost]:
    """A plan whose photos of folders that are uploaded are looked at, and are unfit where they would be refused, and
    what it takes to send those that go; `so_far` is what its run has done. With `compares` a few of those that are
    there are compared with what is there.

    Raises what `Connection.upload_place` raises.
    """
    cost = NO_UPLOADS
    for source in sources:
        if isinstance(source, FolderSource) and source.upload_to is not None:
            plan, its = _with_uploads(plan, source, source.upload_to, connection, so_far, progress, compares)
            cost = cost.with_more(its)
    return plan, cost


def cost_of_saved(
    plan: Plan, connection: Connection, uploaded: Mapping[str, StoredPhoto], progress: Progress
) -> UploadCost:
    """What it takes to send the photos of a plan that was made before, as they are on this computer now.

    Raises what `Connection.upload_place` raises.
    """
    sizes: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for image in plan.images:
        if image.upload is not None and f"{image.upload.to}/{image.name}" not in uploaded:
            path = place_in(Path(plan.folders[image.source]), image.name)
            with suppress(OSError):  # it fails once the run comes to it, and says why
                sizes[image.upload.to] |= {} if path is None else {image.name: path.stat().st_size}
    cost = NO_UPLOADS
    for to, its in sizes.items():
        progress(f"looking at source {to}")
        cost = cost.with_more(_cost(its, connection.upload_place(int(to))))
    return cost


def _with_uploads(
    plan: Plan,
    source: FolderSource,
    to: UploadTo,
    connection: Connection,
    so_far: SoFar,
    progress: Progress,
    compares: bool,
) -> tuple[Plan, UploadCost]:
    progress(f"looking at source {to.source}")
    place = connection.upload_place(to.source)
    uploads = connection.uploads(plan)
    if uploads is None:
        raise UsageError(f"{connection.name} takes no photos", remedy="Take `upload_to` out of the survey.")
    photos = [image for image in plan.images if image.source == source.label and image.unfit is None]
    found = _looked_at(photos, place, Path(plan.folders[source.label]), to.exif, progress)
    uploaded = so_far.uploaded()
    before = {name: photo for name in found.kept if (photo := uploaded.get(f"{place.to}/{name}")) is not None}
    _ask_for_names(found, photos, place, uploads, before, connection, progress)
    of_those_there = tuple(said_of_those_there(found, photos, before, place, to.exif))
    tell_apart(found, plan.service, uploads if compares else None, progress)
    _refuse_what_stays(found, source.label, plan, place, so_far)
    going = _to_send(found)
    sent = list(going.values())
    cost = _cost({name: photo.n_bytes for name, photo in going.items()}, place)
    plan = replace(
        plan,
        images=tuple(_sent(image, found, place) if image.source == source.label else image for image in plan.images),
        listings=(*listings_of(found, source, place), *plan.listings),
        warnings=(*said_of_sent(sent, cost, place, to.exif), *of_those_there, *plan.warnings),
    )
    return plan, cost


def _cost(going: Mapping[str, int], place: UploadPlace) -> UploadCost:
    """What it takes to send photos, whose sizes in bytes these are by their names, to a place."""
    cost = upload_cost(len(going), sum(going.values()), place.bytes_per_s, place.photos_per_s)
    return cost._replace(going=tuple((place.to, name) for name in going))


def _to_send(found: SortedPhotos) -> dict[str, ToSend]:
    there = {*found.there, *found.others_now, *found.gone}
    return {name: photo for name, photo in found.kept.items() if name not in there}


def _sent(image: PlannedImage, found: SortedPhotos, place: UploadPlace) -> PlannedImage:
    if image.name in found.refused:
        return structs.replace(image, unfit=found.refused[image.name].why)
    kept = found.kept.get(image.name)
    return image if kept is None else structs.replace(image, upload=Upload(place.to, kept.sha256))


def _looked_at(
    photos: Sequence[PlannedImage], place: UploadPlace, folder: Path, exif: ExifChoice, progress: Progress
) -> SortedPhotos:
    """The photos by what their names and their files are; those of one name to the place are all refused."""
    found = SortedPhotos()
    strip = exif is ExifChoice.STRIP_PRIVATE
    names = Counter(place.same_name(image.name) for image in photos)

    def ask(image: PlannedImage) -> tuple[str, ToSend | Refusal]:
        refused = place.refused_name(image.name)
        if refused is None and names[place.same_name(image.name)] > 1:
            refused = _ALIKE
        path = place_in(folder, image.name)
        if refused is not None or path is None:
            return image.name, refused or _ASTRAY
        return image.name, look(path, place.refused_size, place.refused_content, strip)

    for done, (name, what) in enumerate(parallel_map(ask, photos, WORKERS), 1):
        progress("looking at the photos to upload", done, len(photos))
        if isinstance(what, ToSend):
            found.kept[name] = what
        else:
            found.refused[name] = what
    return found


def _ask_for_names(
    found: SortedPhotos,
    photos: Sequence[PlannedImage],
    place: UploadPlace,
    uploads: Uploads,
    before: Mapping[str, StoredPhoto],
    connection: Connection,
    progress: Progress,
) -> None:
    """Sort out the photos whose names are taken: by a photo of the same size, they are there; by any other, refused.

    `before` are those that the run has sent itself: one that has its number still, and is the same, is not looked at.
    """
    sizes = {image.name: image.size for image in photos}
    taken = Refusal(Unfit.NAME_TAKEN, why_taken(place))
    changed = Refusal(Unfit.NAME_TAKEN, why_it_stays(place))
    asking = f"asking which names {place.named} has"
    patience, kept = patience_of(connection, progress, asking), tuple(found.kept)
    for first in range(0, len(kept), NAMES_AT_ONCE):
        progress(asking, first, len(kept) if len(kept) > NAMES_AT_ONCE else 0)  # one request has no steps
        names = kept[first : first + NAMES_AT_ONCE]
        ids = patiently(patience, partial(ids_of, uploads, place.to, names))
        for name, stored in zip(names, ids, strict=True):
            ours = before.get(name)
            is_another = ours is not None and ours.sha256 != found.kept[name].sha256
            is_known = ours is not None and not is_another
            if not stored:
                found.gone += [name] if is_known else []
            elif is_known and ours is not None and ours.id == stored:
                found.there[name], found.is_same[name] = stored, True
            elif place.size_of(stored) in (sizes[name], None):  # one that cannot be looked at now is compared later
                found.others_now += [name] if is_another else []
                found.there |= {} if is_another else {name: stored}
                found.ours_otherwise |= {name} if is_another and ours is not None and ours.id == stored else set()
            else:
                del found.kept[name]
                found.refused[name] = changed if is_another else taken


def _refuse_what_stays(found: SortedPhotos, label: str, plan: Plan, place: UploadPlace, so_far: SoFar) -> None:
    """Refuse the photos that are there as the run has sent them, and would go as others now: what is there stays.

    What the run has classified is not sent again, so it does not fail for that.
    """
    if found.ours_otherwise:
        left = {image.name for image in so_far.left(plan) if image.source == label}
        for name in [name for name in found.others_now if name in found.ours_otherwise & left]:
            found.others_now.remove(name)
            del found.kept[name]
            found.refused[name] = Refusal(Unfit.NAME_TAKEN, why_it_stays(place))


def ids_of(uploads: Uploads, to: str, names: Sequence[str]) -> tuple[str, ...]:
    """The numbers of the photos that have these names at a place, "" for a name that is free (one request).

    Raises CredentialsError or ServiceError.
    """
    answer = uploads.names([f"{to}/{name}" for name in names])
    if isinstance(answer, Names):
        return answer.ids
    if answer.kind is TroubleKind.CREDENTIALS:
        raise CredentialsError(answer.detail)
    raise ServiceError(f"asking for names: {answer.detail}")
