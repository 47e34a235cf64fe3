"""Where the images are that no service has itself: those of manifests and of buckets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from coralrun.http.files import PublicFiles
from coralrun.machine.outcomes import Trouble, Unusable
from coralrun.planning.model import Plan, PlannedImage
from coralrun.ports import Located
from coralrun.sources.bucket import BucketImages
from coralrun.sources.image_size import ManifestImages


@dataclass(frozen=True, slots=True)
class ImagesElsewhere:
    """`ports.Images` for both."""

    of_manifests: ManifestImages
    in_buckets: BucketImages

    @classmethod
    def of(cls, plan: Plan, files: PublicFiles, wall_s: Callable[[], float]) -> ImagesElsewhere:
        """Those of a plan, at the time of day `wall_s`; raises as `bucket.Storage`."""
        return cls(ManifestImages(files.part, wall_s), BucketImages(plan.buckets, files.part))

    def locate(self, image: PlannedImage) -> Located | Unusable | Trouble:
        """Ask for an image's address and raw size."""
        return self.in_buckets.locate(image) if image.url is None else self.of_manifests.locate(image)
