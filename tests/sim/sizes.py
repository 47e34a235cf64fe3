"""How large the toy images are, which may change: somebody puts another file in an image's place.

Rule: the other file is larger or smaller than the one that was planned with. It is found out when the image's page is
asked for, or, where its URL and size were planned, when the service downloads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coralrun.planning.images import Size
from coralrun.ports import Entry

from .faults import Fault

if TYPE_CHECKING:
    from .service import Around


class Sizes:
    """The sizes of one world's images. `shrunk` are those that were smaller once than they are planned to be."""

    def __init__(self, world: Around) -> None:
        self._world = world
        self._changed: dict[int, Size] = {}
        self.shrunk: set[int] = set()

    def of(self, image: int) -> Size:
        """How large an image is now."""
        return self._changed.get(image) or self._world.knobs.sizes[image] or Size(1, 1)

    def perhaps_change(self, image: int) -> None:
        """Another file may be in the image's place from now on."""
        world = self._world
        planned = world.knobs.sizes[image]
        if planned is None or world.knobs.natures[image] is not None or not world.strikes(Fault.SIZE_CHANGED):
            return
        grows = world.chance.random() < 0.5
        wider, higher = (7, 5) if grows else (-40, -12)
        self._changed[image] = Size(planned.width + wider, planned.height + higher)
        if not grows:
            self.shrunk.add(image)

    def leave_outside(self, entry: Entry) -> bool:
        """Whether a point lies outside the image when it is downloaded; a planned one was never looked at before."""
        _, image, expires, *_ = str(entry.place).split(":")
        if image == "stranger":
            return False
        if not expires:
            self.perhaps_change(int(image))
        size = self.of(int(image))
        return any(point.row >= size.height or point.column >= size.width for point in entry.points)
