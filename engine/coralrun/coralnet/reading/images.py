"""Where the images of a CoralNet source are: a page for each, with its fresh URL and its raw size."""

from __future__ import annotations

from coralrun.coralnet.reading.site import Site
from coralrun.machine.outcomes import Trouble, Unusable
from coralrun.planning.images import PlannedImage
from coralrun.ports import Located


class CoralNetImages:
    """`ports.Images` for images that have an id at the service."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def locate(self, image: PlannedImage) -> Located | Unusable | Trouble:
        """Ask for an image's URL and raw size."""
        if image.image_id is None:
            raise ValueError(f"{image.key} has no image id")
        return self._site.image(image.image_id)
