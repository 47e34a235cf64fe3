"""What a plan says of the photos that it uploads: which fail, which are there, what goes, and what those tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from coralrun import limits
from coralrun.app.beforehand.text import size
from coralrun.machine.stored_photos import StoredPhoto
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Listing
from coralrun.planning.unfit import Refusal
from coralrun.planning.upload_cost import UploadCost
from coralrun.ports import UploadPlace
from coralrun.sources.folder import unfit_listing
from coralrun.sources.upload_look import Disclosed, ToSend
from coralrun.spec.model import ExifChoice, FolderSource
from coralrun.values.phrases import count, duration


@dataclass(slots=True)
class SortedPhotos:
    """The photos of one source: those that go, those of them that are there (with their numbers there, and whether the
    bytes are the same where that is known), also as they were before (the run's own among them), or were there, and why
    others do not."""

    kept: dict[str, ToSend] = field(default_factory=dict)
    there: dict[str, str] = field(default_factory=dict)
    is_same: dict[str, bool] = field(default_factory=dict)
    others_now: list[str] = field(default_factory=list)
    ours_otherwise: set[str] = field(default_factory=set)
    gone: list[str] = field(default_factory=list)
    refused: dict[str, Refusal] = field(default_factory=dict)

    @property
    def unknown(self) -> list[str]:
        """Those that are there, and may be other photos of these names."""
        return [name for name in self.there if name not in self.is_same]


def why_taken(place: UploadPlace) -> str:
    """What is said of photos whose names are taken by others."""
    return f"names that another photo has in {place.named}: rename them"


def why_it_stays(place: UploadPlace) -> str:
    """What is said of photos that are there as they were before."""
    return (
        "photos that were uploaded, and would go as other bytes now, for they were changed, or `exif` in the survey: "
        f"{place.named} keeps what it has; to send them anew, rename them, or take the old ones out there"
    )


def listings_of(found: SortedPhotos, source: FolderSource, place: UploadPlace) -> Iterator[Listing]:
    """The photos that fail, or do not go, by name."""
    by_what: defaultdict[str, list[str]] = defaultdict(list)
    for name, refusal in found.refused.items():
        by_what[refusal.said].append(name)
    for said, names in by_what.items():
        yield unfit_listing(source, said, names)
    if found.others_now:
        yield Listing(f"{source.label}: {why_it_stays(place)}", tuple(found.others_now))
    if found.gone:
        what = f"{source.label}: taken out of {place.named} since they were uploaded: what is known of them stays, and"
        yield Listing(f"{what} those that failed go again with --retry-failed alone", tuple(found.gone))
    if others := tuple(name for name, is_same in found.is_same.items() if not is_same):
        yield unfit_listing(source, f"{why_taken(place)} (of the same size in pixels, with other bytes)", others)
    if same := tuple(name for name, is_same in found.is_same.items() if is_same):
        yield Listing(f"{source.label}: in {place.named} already, with the same bytes: not sent again", same)
    if unknown := tuple(found.unknown):
        compared = "compared when they are due: not sent again if the bytes are the same, and failed if not"
        yield Listing(f"{source.label}: of names and sizes that {place.named} has already, {compared}", unknown)


def said_of_sent(sent: Sequence[ToSend], cost: UploadCost, place: UploadPlace, exif: ExifChoice) -> Iterator[str]:
    """What goes, where to, and what it tells."""
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
    if shown := _told([photo.disclosed for photo in sent]):
        becomes = "sent as they are" if exif is ExifChoice.KEEP else "all that is taken out of what is sent"
        yield f"of the photos to upload {shown}: {becomes} (`exif: {exif}`)"


def said_of_those_there(
    found: SortedPhotos,
    photos: Sequence[PlannedImage],
    before: Mapping[str, StoredPhoto],
    place: UploadPlace,
    exif: ExifChoice,
) -> Iterator[str]:
    """What the photos that the run has sent as they are tell there, whatever the survey says of `exif` by now."""
    files = {image.name: image.sha256 for image in photos}
    as_they_are = [name for name in (*found.there, *found.others_now) if name in before]
    told = [found.kept[name].disclosed for name in as_they_are if before[name].sha256 == files[name]]
    shown = _told(told)
    if shown and (place.is_public is not False or exif is not ExifChoice.KEEP):
        public = {True: ", which is PUBLIC,", None: ", which may be public,"}.get(place.is_public, "")
        stay = "they stay there as they were sent, until somebody takes them out there"
        yield f"of the photos that are already in {place.named}{public} {shown}: {stay}"


def _told(told: Sequence[Disclosed]) -> str:
    """How many photos tell of what, "" where none does."""
    parts = [
        ("coordinates or a place", sum(one.location for one in told)),
        ("a person's name", sum(one.person for one in told)),
        ("the number of a camera or lens, or maker's notes", sum(one.number for one in told)),
    ]
    return ", ".join(f"{number:,} with {what}" for what, number in parts if number)


def _pace(cost: UploadCost, place: UploadPlace) -> str:
    """At which speed photos go, and how that is known."""
    speed = place.bytes_per_s or limits.UPLOAD_BYTES_PER_S
    if cost.photo_bytes / speed < cost.photos / place.photos_per_s:
        return f"at {place.photos_per_s:g} photos a second, which is the most"
    if place.bytes_per_s is None:
        return f"at {speed / 1e6:g} MB a second, which is assumed: nothing was sent there yet"
    return f"at the measured speed of {speed / 1e6:.2g} MB a second"
