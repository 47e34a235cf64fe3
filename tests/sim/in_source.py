"""A world whose photos are classified by their own source: the real service of that, and a toy of the source's pages.

Rule: what is real is all that the run knows of it: the service with its waits, its tables and exports, and the files of
what was sent, on the simulator's disk. A photo may end for good of what others did to it, and no other may.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from tests.answers import entries_of

from coralrun.coralnet.classifying.sent_photos import place_of
from coralrun.coralnet.classifying.sent_points import SentFolder
from coralrun.coralnet.classifying.source_service import ASKED_AT_ONCE, PREVIEWS_MOST, SourceService
from coralrun.coralnet.classifying.waits import Waits
from coralrun.coralnet.reading.site import Site
from coralrun.files.stored_result import StoredResult
from coralrun.machine import outcomes
from coralrun.machine.durable import Durable
from coralrun.machine.job_id import JobId, Marker
from coralrun.machine.outcomes import TroubleKind
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Point, Size
from coralrun.ports import Answer, Entry, Located

from .faults import Fault
from .photos import photo_of
from .platform import Made, Ports, Told
from .source_site import SOURCE, Photo, SourceSite, machine
from .witness import require

if TYPE_CHECKING:
    from .world import World

BASE = "https://coralnet.example"
PATIENCE_S = 3600.0
MORE_PAGES = "more pages of the source than an answer costs"
T = TypeVar("T")

_MAY_END_AS = {
    Fault.NEVER_LABELLED: {Reason.NOT_LABELLED},
    Fault.CONFIRMED_MEANWHILE: {Reason.CONFIRMED, Reason.LABELLED_SINCE},
    # laid again and again by somebody, the photo may have no labels for as long as they are waited for
    Fault.LAID_MEANWHILE: {Reason.POINTS_REPLACED, Reason.CONFIRMED, Reason.LABELLED_SINCE, Reason.NOT_LABELLED},
    Fault.DELETED: {Reason.NOT_FOUND, Reason.NOT_IN_SOURCE},
}
_KEEP_ALL_WAITING = (Fault.UPLOADED_MEANWHILE, Fault.CLASSIFIER_GONE)


class InSourcePlatform:
    """Implements `Platform`."""

    source = None
    is_away = False
    jobs: Sequence[Made] = ()  # there is nothing at CoralNet that could be called one

    def __init__(self, world: World) -> None:
        self._world = world
        self._excused: defaultdict[int, set[Reason]] = defaultdict(set)
        photos = {}
        for number, nature in enumerate(world.knobs.natures):
            if nature is not Reason.NOT_FOUND:
                name = f'photo "{number}", é&T.jpg'
                photos[number + 1] = photo = Photo(number + 1, name, Size(100 + number, 80))
                if nature is Reason.CONFIRMED:
                    photo.points, photo.of_people_s = (Point(1, 1),), 0.0
        self._site = SourceSite(world, photos, self._excuse)
        self._sent = SentFolder(world.layout.spool, world.files)

    @property
    def excused(self) -> Mapping[int, Collection[Reason]]:
        """What photos may end of for good, by what others did."""
        if any(self._world.hits[fault] for fault in _KEEP_ALL_WAITING):
            for number in range(len(self._world.knobs.natures)):
                self._excused[number].add(Reason.NOT_LABELLED)
        if len(self._world.asked.plans) > 1:  # a unit that is withdrawn and back may find the points of another
            for number in range(len(self._world.knobs.natures)):
                self._excused[number].add(Reason.POINTS_REPLACED)
        return self._excused

    def told(self, result: StoredResult) -> list[Told]:
        """The mark and the points of each entry, whose scores are those that the source's machine gave."""
        told, classifiers = [], self._world.knobs.classifiers
        for entry in entries_of(result):
            photo = self._world.asked.photo(entry.unit) + 1
            points = tuple(Point(point.row, point.column) for point in entry.points)
            said = [
                tuple((one.label_code, round(100 * one.score)) for one in point.classifications)
                for point in entry.points
            ]
            by = [name for name in classifiers if said == [machine(photo, point, name) for point in points]]
            require(bool(by) or not points, f"{entry.mark} has other scores")
            is_usual = not points or classifiers[0] in by
            told.append(Told(entry.mark, points, entry.points if is_usual else None))
        return told

    def connect(self, state: Durable) -> Ports:
        """A new process signs in anew, and knows what the files tell."""
        self._sent.sweep(state.attempts_under_way())
        self._site.signed_out()
        waits = Waits(self._world.clock, PATIENCE_S)
        most = self._world.knobs.limits.jobs_at_once
        service = SourceService(cast(Site, self._site), SOURCE, self._sent, most, waits)
        return Ports(Counted(service, self._site), Pages(self._world, self._site), None)

    def ended(self) -> None:
        """What was sent is forgotten, and labels of people are where they were."""
        require(not self._sent.jobs(), "batches are kept that nobody waits for")
        for number, nature in enumerate(self._world.knobs.natures):
            photo = self._site.photos.get(number + 1)
            require(nature is not Reason.CONFIRMED or photo is None or photo.of_people_s is not None, "labels are gone")

    def replaced(self, name: int, was: int, photo: int) -> None:
        """A source has one photo of a name."""

    def leave(self) -> None:
        """A process has nothing to give back."""

    def jumped_forward(self) -> None:
        """No requests are counted."""

    def _excuse(self, photo: Photo, fault: Fault) -> None:
        self._excused[photo.id - 1] |= _MAY_END_AS[fault]


@dataclass(frozen=True, slots=True)
class Pages:
    """Implements `ports.Images`: a photo's page is for ever."""

    world: World
    site: SourceSite

    def locate(self, image: PlannedImage) -> Located | outcomes.Unusable | outcomes.Trouble:
        """The page and the name of a photo, and its size."""
        number, world = photo_of(image), self.world
        photo, nature = self.site.photos.get(number + 1), world.knobs.natures[number]
        if photo is None or nature is Reason.DENIED:
            return outcomes.Unusable(Reason.NOT_FOUND if photo is None else nature or Reason.DENIED)
        if world.is_silent or world.strikes(Fault.PAGE_TROUBLE):
            return outcomes.Trouble(TroubleKind.UNREACHABLE)
        if world.strikes(Fault.PAGE_THROTTLED):
            return outcomes.Trouble(TroubleKind.THROTTLED, wait_s=28.0)
        return Located(place_of(BASE, photo.id, photo.name), photo.size)


@dataclass(frozen=True, slots=True)
class Counted:
    """A service each of whose answers costs no more pages than it may."""

    service: SourceService
    site: SourceSite

    def submit(self, name: str, entries: Sequence[Entry]) -> outcomes.Accepted | outcomes.Refused | outcomes.Unknown:
        """Its previews, each asked for once more where a session ended, and one confirmation."""
        return self._within(2 * PREVIEWS_MOST + 1, lambda: self.service.submit(name, entries))

    def listing(
        self, since: Marker | None = None, done_before: Sequence[JobId] = ()
    ) -> outcomes.Listed | outcomes.Trouble:
        """A page for each of a few batches at work, and for each that is over since."""
        before, answer = self.site.pages, self.service.listing(since, done_before)
        over = len(answer.finished) if isinstance(answer, outcomes.Listed) else len(self.service.sent.jobs())
        require(self.site.pages - before <= ASKED_AT_ONCE + over, MORE_PAGES)
        return answer

    def look(self, job: JobId) -> outcomes.Progress | outcomes.JobDone | outcomes.Missing | outcomes.Trouble:
        """One page."""
        return self._within(1, lambda: self.service.look(job))

    def fetch(self, job: JobId) -> Answer | outcomes.NotReady | outcomes.Missing | outcomes.Trouble:
        """Two searches of some pages, an export of two, and the labelset."""
        return self._within(5, lambda: self.service.fetch(job))

    def release(self, job: JobId) -> outcomes.Done:
        """None."""
        return self._within(0, lambda: self.service.release(job))

    def _within(self, most: int, ask: Callable[[], T]) -> T:
        before = self.site.pages
        answer = ask()
        require(self.site.pages - before <= most, MORE_PAGES)
        return answer
