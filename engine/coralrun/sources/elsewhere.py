"""Where the images are that no service has itself: those of manifests, of buckets and of folders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from coralrun.http.files import PublicFiles
from coralrun.machine.outcomes import Trouble, Unusable
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Plan
from coralrun.ports import Located
from coralrun.sources.bucket import BucketImages
from coralrun.sources.folder_images import FolderImages
from coralrun.sources.image_size import ManifestImages


@dataclass(frozen=True, slots=True)
class ImagesElsewhere:
    """`ports.Images` for all three."""

    of_manifests: ManifestImages
    in_buckets: BucketImages
    in_folders: FolderImages

    @classmethod
    def of(cls, plan: Plan, files: PublicFiles, wall_s: Callable[[], float]) -> ImagesElsewhere:
        """Those of a plan, at the time of day `wall_s`; raises as `bucket.Storage` and `FolderImages`."""
        in_buckets = BucketImages(plan.buckets, files.part)
        return cls(ManifestImages(files.part, wall_s), in_buckets, FolderImages(plan.folders))

    def locate(self, image: PlannedImage) -> Located | Unusable | Trouble:
        """Ask for an image's place and raw size."""
        if image.sha256 is not None:
            return self.in_folders.locate(image)
        return self.in_buckets.locate(image) if image.url is None else self.of_manifests.locate(image)
