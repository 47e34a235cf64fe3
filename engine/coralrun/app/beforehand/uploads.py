"""The photos that a plan uploads: looked at, one by one, before anything is sent.

Rule: what the place would refuse is unfit: it fails without being sent, and is listed with why; so is a photo whose
name is taken there by another. What the place tells of itself, and what the photos tell of people and places, is said
with the plan.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from msgspec import structs

from coralrun import limits
from coralrun.app.beforehand.inventory import patience_of
from coralrun.app.beforehand.text import size
from coralrun.connection import Connection, Progress
from coralrun.errors import CoralrunError, CredentialsError, ServiceError, UsageError
from coralrun.machine.outcomes import Names, TroubleKind
from coralrun.machine.policy import NAMES_AT_ONCE
from coralrun.machine.stored_photos import StoredPhoto
from coralrun.parallel import parallel_map
from coralrun.planning.images import PlannedImage, Upload
from coralrun.planning.model import Listing, Plan
from coralrun.planning.unfit import Refusal, Unfit
from coralrun.planning.upload_cost import NO_UPLOADS, UploadCost, upload_cost
from coralrun.ports import UploadPlace, Uploads
from coralrun.sources.folder import WORKERS, unfit_listing
from coralrun.sources.folder_images import place_in
from coralrun.sources.patience import patiently
from coralrun.sources.upload_look import ToSend, look
from coralrun.spec.model import ExifChoice, FolderSource, Source, UploadTo
from coralrun.store.files import Disk
from coralrun.store.layout import Layout
from coralrun.store.run import exists, load
from coralrun.values.phrases import count, duration

_ALIKE: Final = Refusal(
    Unfit.ALIKE_NAMES, "names that differ in the case of letters alone, which are one name there: rename them"
)
_ASTRAY: Final = Refusal(Unfit.BAD_NAME, "names that lead out of the folder: rename them")


@dataclass(slots=True)
class _Sorted:
    """The photos of one source: those that go, those of them that are there, also as they were before, or were there,
    and why others do not."""

    kept: dict[str, ToSend] = field(default_factory=dict)
    there: list[str] = field(default_factory=list)
    others_now: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    refused: dict[str, Refusal] = field(default_factory=dict)


def uploaded_by(directory: Path) -> Mapping[str, StoredPhoto]:
    """What a run has uploaded, by where it went; nothing where there is no run that can be read."""
    layout = Layout(directory)
    try:
        return load(layout, Disk()).state.stored if exists(layout) else {}
    except CoralrunError:  # whoever goes on with the run is told
        return {}


def with_uploads(
    plan: Plan,
    sources: Sequence[Source],
    connection: Connection,
    uploaded: Mapping[str, StoredPhoto],
    progress: Progress,
) -> tuple[Plan, UploadCost]:
    """A plan whose photos of folders that are uploaded are looked at, and are unfit where they would be refused, and
    what it takes to send those that go; `uploaded` are those that its run has sent.

    Raises what `Connection.upload_place` raises.
    """
    cost = NO_UPLOADS
    for source in sources:
        if isinstance(source, FolderSource) and source.upload_to is not None:
            plan, its = _with_uploads(plan, source, source.upload_to, connection, uploaded, progress)
            cost = cost.with_more(its)
    return plan, cost


def cost_of_saved(
    plan: Plan, connection: Connection, uploaded: Mapping[str, StoredPhoto], progress: Progress
) -> UploadCost:
    """What it takes to send the photos of a plan that was made before, as they are on this computer now.

    Raises what `Connection.upload_place` raises.
    """
    sizes: defaultdict[str, list[int]] = defaultdict(list)
    for image in plan.images:
        if image.upload is not None and f"{image.upload.to}/{image.name}" not in uploaded:
            path = place_in(Path(plan.folders[image.source]), image.name)
            with suppress(OSError):  # it fails once the run comes to it, and says why
                sizes[image.upload.to] += [] if path is None else [path.stat().st_size]
    cost = NO_UPLOADS
    for to, its in sizes.items():
        progress(f"looking at source {to}")
        place = connection.upload_place(int(to))
        cost = cost.with_more(upload_cost(len(its), sum(its), place.bytes_per_s, place.photos_per_s))
    return cost


def _with_uploads(
    plan: Plan,
    source: FolderSource,
    to: UploadTo,
    connection: Connection,
    uploaded: Mapping[str, StoredPhoto],
    progress: Progress,
) -> tuple[Plan, UploadCost]:
    progress(f"looking at source {to.source}")
    place = connection.upload_place(to.source)
    uploads = connection.uploads(plan)
    if uploads is None:
        raise UsageError(f"{connection.name} takes no photos", remedy="Take `upload_to` out of the survey.")
    photos = [image for image in plan.images if image.source == source.label and image.unfit is None]
    found = _looked_at(photos, place, Path(plan.folders[source.label]), to.exif, progress)
    before = {name: photo for name in found.kept if (photo := uploaded.get(f"{place.to}/{name}")) is not None}
    _ask_for_names(found, photos, place, uploads, before, connection, progress)
    sent = _to_send(found)
    cost = upload_cost(len(sent), sum(photo.n_bytes for photo in sent), place.bytes_per_s, place.photos_per_s)
    plan = replace(
        plan,
        images=tuple(_sent(image, found, place) if image.source == source.label else image for image in plan.images),
        listings=(*_listings(found, source, place), *plan.listings),
        warnings=(*_said(sent, cost, place, to.exif), *plan.warnings),
    )
    return plan, cost


def _to_send(found: _Sorted) -> list[ToSend]:
    there = {*found.there, *found.others_now, *found.gone}
    return [photo for name, photo in found.kept.items() if name not in there]


def _sent(image: PlannedImage, found: _Sorted, place: UploadPlace) -> PlannedImage:
    if image.name in found.refused:
        return structs.replace(image, unfit=found.refused[image.name].why)
    kept = found.kept.get(image.name)
    return image if kept is None else structs.replace(image, upload=Upload(place.to, kept.sha256))


def _looked_at(
    photos: Sequence[PlannedImage], place: UploadPlace, folder: Path, exif: ExifChoice, progress: Progress
) -> _Sorted:
    """The photos by what their names and their files are; those of one name to the place are all refused."""
    found = _Sorted()
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
    found: _Sorted,
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
    taken = Refusal(Unfit.NAME_TAKEN, f"names that another photo has in {place.named}: rename them")
    changed = Refusal(Unfit.NAME_TAKEN, _changed(place))
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
                found.there.append(name)
            elif place.size_of(stored) in (sizes[name], None):  # one that cannot be looked at now is compared later
                (found.others_now if is_another else found.there).append(name)
            else:
                del found.kept[name]
                found.refused[name] = changed if is_another else taken


def _changed(place: UploadPlace) -> str:
    return (
        "photos that were uploaded, and would go as other bytes now, for they were changed, or `exif` in the survey: "
        f"{place.named} keeps what it has; to send them anew, rename them, or take the old ones out there"
    )


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


def _listings(found: _Sorted, source: FolderSource, place: UploadPlace) -> Iterator[Listing]:
    by_what: defaultdict[str, list[str]] = defaultdict(list)
    for name, refusal in found.refused.items():
        by_what[refusal.said].append(name)
    for said, names in by_what.items():
        yield unfit_listing(source, said, names)
    if found.others_now:
        yield Listing(f"{source.label}: {_changed(place)}", tuple(found.others_now))
    if found.gone:
        what = f"{source.label}: taken out of {place.named} since they were uploaded: what is known of them stays, and"
        yield Listing(f"{what} those that failed go again with --retry-failed alone", tuple(found.gone))
    if found.there:
        what = f"{source.label}: in {place.named} already, not sent again if the bytes are the same"
        yield Listing(what, tuple(found.there))


def _said(sent: Sequence[ToSend], cost: UploadCost, place: UploadPlace, exif: ExifChoice) -> Iterator[str]:
    if not sent:
        return
    takes = f"{size(cost.photo_bytes)}, {duration(cost.takes_s)} {_pace(cost, place)}"
    yield f"{count(len(sent), 'photo')} ({takes}) will be uploaded to {place.named}, to stay there"
    if place.is_public:
        yield f"{place.named} is PUBLIC: anybody can see its photos, and open the files as they are sent"
    elif place.is_public is None:
        yield f"it is not known whether {place.named} is public"
    own = f"{place.points}; {place.area}"
    yield f"{place.named} lays points of its own on each photo ({own}); this run lays those of the survey"
    told = [photo.disclosed for photo in sent]
    parts = [
        ("coordinates or a place", sum(one.location for one in told)),
        ("a person's name", sum(one.person for one in told)),
        ("the number of a camera or lens, or maker's notes", sum(one.number for one in told)),
    ]
    shown = ", ".join(f"{number:,} with {what}" for what, number in parts if number)
    if shown:
        becomes = "sent as they are" if exif is ExifChoice.KEEP else "all that is taken out of what is sent"
        yield f"of the photos to upload {shown}: {becomes} (`exif: {exif}`)"


def _pace(cost: UploadCost, place: UploadPlace) -> str:
    """At which speed photos go, and how that is known."""
    speed = place.bytes_per_s or limits.UPLOAD_BYTES_PER_S
    if cost.photo_bytes / speed < cost.photos / place.photos_per_s:
        return f"at {place.photos_per_s:g} photos a second, which is the most"
    if place.bytes_per_s is None:
        return f"at {speed / 1e6:g} MB a second, which is assumed: nothing was sent there yet"
    return f"at the measured speed of {speed / 1e6:.2g} MB a second"
