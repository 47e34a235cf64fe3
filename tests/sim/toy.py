"""Toy images, and the toy service and they together as the platform of a world.

Rule: an image's URL names it, and when it expires: `sim:<number>:<time>:<signature>`, which the toy service reads.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tests.answers import places_of

from coralrun.files.stored_result import StoredResult
from coralrun.machine import outcomes
from coralrun.machine.durable import Durable
from coralrun.machine.outcomes import TroubleKind
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Size
from coralrun.ports import Located
from coralrun.sources.uploaded_images import UploadedImages

from .asked import nature_of
from .faults import Fault
from .photos import photo_of
from .planted import SIGNATURE
from .platform import Ports, Told
from .service import Around, Job, ToyService
from .source import ToySource
from .witness import require

_SEEN_ON_ITS_PAGE = frozenset({Reason.NOT_FOUND, Reason.DENIED, Reason.NO_SIZE})


class ToyImages:
    """Implements `ports.Images`: a URL that it issues carries a signature."""

    def __init__(self, service: ToyService, source: ToySource | None) -> None:
        self._service = service
        self._source = source

    def locate(self, image: PlannedImage) -> Located | outcomes.Unusable | outcomes.Trouble:
        """An image's URL and size."""
        service = self._service
        require(image.unfit is None, f"{image.name} cannot be taken, and is asked for")
        if self._source is not None:
            self._source.perhaps_take_out()
            if self._source.is_taken_out(image):
                return outcomes.Unusable(Reason.NOT_FOUND)
        require(self._source is None or self._source.is_there(image), f"{image.name} is another photo at the source")
        number = photo_of(image)
        nature = nature_of(image, service.knobs.natures)
        if nature in _SEEN_ON_ITS_PAGE:
            return outcomes.Unusable(nature)
        if nature is Reason.ANOTHER_SIZE:
            return outcomes.Unusable(nature, Size(1, number + 1))
        if nature is Reason.HOST_UNREACHABLE or service.strikes(Fault.PAGE_TROUBLE):
            return outcomes.Trouble(TroubleKind.UNREACHABLE)
        if service.strikes(Fault.PAGE_THROTTLED):
            return outcomes.Trouble(TroubleKind.THROTTLED, wait_s=service.chance.choice((None, 28.0)))
        life_s = 0.0 if service.strikes(Fault.URL_DEAD) else service.knobs.url_life_s
        expires = "" if life_s is None else f"{service.now + life_s}"
        service.sizes.perhaps_change(number)
        return Located(f"sim:{number}:{expires}:{SIGNATURE}secret", service.sizes.of(number), life_s)


class ToyPlatform:
    """Implements `Platform` with the two toys."""

    def __init__(self, world: Around) -> None:
        self._service = ToyService(world)
        self.source = ToySource(world) if world.knobs.uploads else None

    @property
    def jobs(self) -> Sequence[Job]:
        """Every job that was ever made."""
        return self._service.jobs

    @property
    def excused(self) -> Mapping[int, Collection[Reason]]:
        """Images that were smaller once than they are planned to be, and photos that could not be uploaded."""
        found: dict[int, set[Reason]] = {} if self.source is None else self.source.excused()
        for photo in self._service.sizes.shrunk:
            found.setdefault(photo, set()).add(Reason.POINT_OUTSIDE)
        return found

    @property
    def is_away(self) -> bool:
        """A toy is away as the world says."""
        return False

    def told(self, result: StoredResult) -> list[Told]:
        """The mark and the points of each entry of a stored result; a toy's scores say nothing."""
        return [Told(entry.mark, places_of(entry)) for entry in result.entries]

    def connect(self, state: Durable) -> Ports:
        """A new process reaches the service at once."""
        known = state.jobs
        self._service.is_known = lambda job: str(job) in known
        images = UploadedImages(ToyImages(self._service, self.source), state.stored)
        return Ports(self._service, images, None, self.source)

    def replaced(self, name: int, was: int, photo: int) -> None:
        """Photos are known by their numbers here, whatever they are called, but for those on a laptop."""
        if self.source is not None:
            self.source.replaced(name, photo)

    def leave(self) -> None:
        """A toy gives leave by the world's own pace."""

    def jumped_forward(self) -> None:
        """A toy counts no requests."""

    def ended(self) -> None:
        """A job is looked after by whoever watches jobs."""
