"""The images of a survey's sources: each source is listed, in the order of the survey, in the way of its kind.

Rule: what a listing says beside its images (where they are, what was passed over, what to know) is kept with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from coralrun.app.survey.inputs import Inputs
from coralrun.app.survey.survey_file import SurveyFile
from coralrun.connection import Connection
from coralrun.planning.images import FoundImage
from coralrun.planning.model import Bucket, Listing
from coralrun.reaching import Progress
from coralrun.sources.bucket import Storage, list_bucket
from coralrun.sources.folder import list_folder
from coralrun.sources.folder_cache import FolderCache
from coralrun.sources.patience import Patience
from coralrun.spec.model import BucketSource, FolderSource, ManifestSource, Source


@dataclass(slots=True)
class Inventory:
    """What the sources have. `buckets` and `folders` are where images are, by their sources' labels."""

    images: list[tuple[Source, tuple[FoundImage, ...]]] = field(default_factory=list)
    buckets: dict[str, Bucket] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    listings: list[Listing] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The names of all images."""
        return [image.name for _, found in self.images for image in found]


def take_inventory(
    file: SurveyFile,
    inputs: Inputs,
    storages: Mapping[str, Storage],
    connection: Connection,
    progress: Progress,
    found: Mapping[str, tuple[FoundImage, ...]],
) -> Inventory:
    """List every source; those that are `found` already, by their labels, are not crawled again."""
    inventory = Inventory()
    for source in file.survey.sources:
        if isinstance(source, ManifestSource):
            images = inputs.manifests[source.path].images
        elif isinstance(source, BucketSource):
            images = _of_bucket(inventory, source, storages[source.label], connection, progress)
        elif isinstance(source, FolderSource):
            images = _of_folder(inventory, source, file, connection, progress)
        elif source.label in found:
            images = found[source.label]
        else:
            named = inputs.names.get(source.filters.names_from or "", ())
            asked = file.survey.metadata.coralnet
            images = connection.sources.images(source, named, progress, metadata=asked)
        inventory.images.append((source, images))
    return inventory


def patience_of(connection: Connection, progress: Progress, label: str) -> Patience:
    """How to wait for what is called `label`, which is told with each wait."""
    return Patience(connection.clock.sleep, lambda why: progress(f"{label}: {why}"))


def _of_bucket(
    inventory: Inventory, source: BucketSource, storage: Storage, connection: Connection, progress: Progress
) -> tuple[FoundImage, ...]:
    """The objects of a bucket's folder, which may hold a million and is listed a thousand at a time."""
    listing = f"listing the objects of {source.address}"
    patience = patience_of(connection, progress, listing)
    progress(listing)
    listed = list_bucket(source, storage, lambda done: progress(listing, done), patience)
    inventory.buckets[source.label] = listed.bucket
    inventory.warnings += listed.warnings
    return listed.images


def _of_folder(
    inventory: Inventory, source: FolderSource, file: SurveyFile, connection: Connection, progress: Progress
) -> tuple[FoundImage, ...]:
    """The photos of a folder, each of which is read the first time."""
    place = file.folders[source.label]
    now_s = connection.clock.wall_s
    looking = f"looking at the files of {source.label}"
    progress(looking)
    listed = list_folder(
        source,
        place,
        FolderCache(place, now_s),
        date.fromtimestamp(now_s()),
        lambda done, of: progress(looking, done, of),
    )
    inventory.folders[source.label] = str(place)
    inventory.listings += listed.listings
    return listed.images
