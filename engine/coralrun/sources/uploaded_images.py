"""Where photos are that were uploaded: at the service, by the id that it gave them.

Rule: which ids these are is known of the run alone, and may grow while it goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coralrun.machine.outcomes import Trouble, Unusable
from coralrun.machine.reasons import Reason
from coralrun.machine.stored_photos import StoredPhoto, numbered
from coralrun.planning.images import PlannedImage
from coralrun.ports import Images, Located


@dataclass(frozen=True, slots=True)
class UploadedImages:
    """`ports.Images` for a plan some of whose photos are uploaded: `stored` are those that are, by where they went."""

    images: Images
    stored: Mapping[str, StoredPhoto]

    def locate(self, image: PlannedImage) -> Located | Unusable | Trouble:
        """Ask for an image's place and raw size."""
        if image.upload is not None and image.uploaded_as not in self.stored:
            return Unusable(Reason.NOT_FOUND)
        return self.images.locate(numbered(image, self.stored))
