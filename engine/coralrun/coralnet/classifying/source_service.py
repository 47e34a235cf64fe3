"""A CoralNet source as a place that classifies: `ports.Service` over its pages, without the API and its jobs.

A batch's points are laid on its photos in the source, which classifies them by itself; once none of them is
unclassified, an export has what the machine says. There is nothing at CoralNet that could be called a job: a batch is
known by the run's own name, and is there once CoralNet said that it took the points.

Rule: nothing that people did is deleted. A table is confirmed only after the success of its own preview, and only
where that deletes no label; a photo that has labels of people's is left out, with its reason. A submission whose reply
was lost may simply be sent again, because the same points laid twice are laid once; not at once, for a confirmation
that is late would write what is previewed by then.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from coralrun.coralnet.account.posting import trouble_of
from coralrun.coralnet.classifying.sent_points import SentFolder, SentPhoto, SentPoints, order_of
from coralrun.coralnet.codec import points_table
from coralrun.coralnet.codec.machine_labels import read_machine_labels
from coralrun.coralnet.codec.points_table import Previewed
from coralrun.coralnet.codec.search import bounds
from coralrun.coralnet.codec.table_answers import TableRefused
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.coralnet.reading.site import Site
from coralrun.coralnet.writing.previewed import TablePages
from coralrun.errors import CredentialsError, ServiceError, UsageError
from coralrun.machine.job_id import JobId, Marker
from coralrun.machine.outcomes import (
    Accepted,
    Done,
    JobDone,
    Listed,
    Missing,
    NotReady,
    Progress,
    Refusal,
    Refused,
    Trouble,
    TroubleKind,
    Unknown,
)
from coralrun.machine.reasons import Reason
from coralrun.planning.model import Point
from coralrun.ports import Answer, AnsweredEntry, Entry
from coralrun.spec.image_search import Search
from coralrun.values.annotated import AnnotatedPoint
from coralrun.values.classified import Label, ScoredPoint

PREVIEWS_MOST: Final = 3
"""Previews of one batch: its photos may change between two, and not for ever."""

ASKED_AT_ONCE: Final = 3
"""Batches at work that one listing asks about: each costs a page, and those that were asked about longest ago come
first. One that is done costs none of them."""

_PAGE: Final = "/image/{}/view/#"


def place_of(base_url: str, image_id: int, name: str) -> str:
    """Where a photo is: the address of its page, and its name."""
    return f"{base_url}{_PAGE.format(image_id)}{quote(name, safe='')}"


def photo_at(place: str) -> tuple[int, str]:
    """The id and the name of the photo at a place."""
    address, _, name = place.partition("#")
    return int(address.split("/")[-3]), unquote(name)


class _Batch(NamedTuple):
    """A batch that was sent: the photos that its points were laid on, by id, and how many were left out."""

    ids: tuple[int, ...]
    refused: int


@dataclass(slots=True)
class SourceService:
    """One run's use of a source; `sent` is what it has sent there. Safe to share between threads."""

    site: Site
    source: int
    sent: SentFolder
    most_jobs: int
    _batches: dict[str, _Batch] = field(default_factory=dict, init=False)
    _at_work: dict[str, None] = field(default_factory=dict, init=False)
    _over: set[str] = field(default_factory=set, init=False)
    _labels: tuple[Label, ...] = field(default=(), init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        for job in self.sent.jobs():
            self._take_on(job, self.sent.read(job))

    def submit(self, name: str, entries: Sequence[Entry]) -> Accepted | Refused | Unknown:
        """Lay the points of a batch on its photos: previewed, then confirmed (two requests)."""
        if len(self._at_work) >= self.most_jobs:
            return Refused(Refusal.NO_SLOT)
        photos = tuple(map(_photo, entries))
        for _ in range(PREVIEWS_MOST):
            answer = self._previewed(photos)
            if isinstance(answer, Refused | Unknown):
                return answer
            checked = tuple(_checked(photo, answer) for photo in photos)
            if checked == photos:
                return self._confirmed(name, photos)
            photos = checked
        return Unknown("the photos changed from one preview to the next")

    def listing(self, since: Marker | None = None, done_before: Sequence[JobId] = ()) -> Listed | Trouble:
        """The batches; asks about a few of those at work (a request for each). A marker is the last one's name."""
        at_work = 0
        for job in list(self._at_work):
            looked = self.look(job)
            if isinstance(looked, Trouble):
                return looked
            at_work += isinstance(looked, Progress)
            if at_work == ASKED_AT_ONCE:
                break
        with self._lock:
            active, over = sorted(self._at_work, key=order_of), sorted(self._over, key=order_of)
        last = max((since or "", *active, *over), key=order_of)
        newer = () if since is None else tuple(job for job in (*active, *over) if order_of(job) > order_of(since))
        return Listed(tuple(active), tuple(over), self.most_jobs, last, newer, conclusive=since is not None)

    def look(self, job: JobId) -> Progress | JobDone | Missing | Trouble:
        """How many photos of a batch have no label yet (one request)."""
        batch = self._batches.get(job)
        if batch is None:
            return Missing()
        if job in self._over:
            return JobDone()
        left = self._unclassified(batch.ids)
        if isinstance(left, Trouble):
            return left
        self._moved(job, is_over=not left)
        return Progress(len(batch.ids) - left, batch.refused, len(batch.ids) + batch.refused) if left else JobDone()

    def fetch(self, job: JobId) -> Answer | NotReady | Missing | Trouble:
        """What the machine says of a batch's points (one export, which takes two requests)."""
        looked = self.look(job)
        if not isinstance(looked, JobDone):
            return NotReady() if isinstance(looked, Progress) else looked
        photos = self.sent.read(job).photos
        ids = self._batches[job].ids
        try:
            table = self.site.annotations(self.source, Search(image_ids=ids), scores=True) if ids else b""
            found = read_machine_labels(table, self._labelset()) if ids else {}
        except NotUnderstood as error:
            return Trouble(TroubleKind.NOT_UNDERSTOOD, str(error))
        except (CredentialsError, ServiceError, UsageError) as error:
            return trouble_of(error)
        unlabelled = (photo for photo in photos if photo.reason is None and photo.name not in found)
        left = self._unclassified(tuple(photo.image for photo in unlabelled))
        if isinstance(left, Trouble):
            return left
        if left:  # somebody laid other points since
            self._moved(job, is_over=False)
            return NotReady()
        if any(_is_begun(photo, found.get(photo.name, [])) for photo in photos):
            return NotReady()
        return Answer(tuple(_answered(photo, found.get(photo.name, [])) for photo in photos), table)

    def release(self, job: JobId) -> Done:
        """Forget a batch: the run has its result, or waits for it no longer."""
        with self._lock:
            if self._batches.pop(job, None) is not None:
                self._at_work.pop(job, None)
                self._over.discard(job)
                self.sent.release(job)
        return Done()

    def _previewed(self, photos: Sequence[SentPhoto]) -> Mapping[str, Previewed] | Refused | Unknown:
        """What a confirmation would do to the photos whose points are to be sent."""
        sent = {photo.name: list(map(_unlabelled, photo.points)) for photo in photos if photo.reason is None}
        if not sent:
            return {}
        try:
            shown = points_table.previewed(self._pages.preview(points_table.encode(sent)))
            return shown if shown.keys() <= sent.keys() else Unknown("the preview shows other photos than were sent")
        except TableRefused as refused:
            said = str(refused)
            return {} if said.startswith(points_table.NONE_THERE) else Refused(Refusal.BAD_REQUEST, said)
        except CredentialsError as error:
            return Refused(Refusal.CREDENTIALS, error.message)
        except (NotUnderstood, ServiceError) as error:
            return Unknown(str(error))

    def _confirmed(self, name: str, photos: tuple[SentPhoto, ...]) -> Accepted | Unknown:
        """Confirm what was previewed just now. It is not sent a second time: what would wait then is not known."""
        if any(photo.reason is None for photo in photos):
            try:
                if not self._pages.confirm():
                    return Unknown("no answer to the confirmation")
            except (TableRefused, NotUnderstood) as error:
                return Unknown(str(error))
        sent = SentPoints(source=self.source, photos=photos)
        self.sent.keep(name, sent)
        self._take_on(name, sent)
        return Accepted(name)

    @property
    def _pages(self) -> TablePages:
        return TablePages(self.site, self.source, points_table.PREVIEW_PAGE, points_table.CONFIRM_PAGE)

    def _take_on(self, job: str, sent: SentPoints) -> None:
        ids = tuple(photo.image for photo in sent.photos if photo.reason is None)
        with self._lock:
            self._batches[job] = _Batch(ids, len(sent.photos) - len(ids))
            self._at_work[job] = None

    def _moved(self, job: str, *, is_over: bool) -> None:
        """Note how a batch is now; one that is at work is asked about after all others."""
        with self._lock:
            if job in self._batches:
                self._at_work.pop(job, None)
                self._over.discard(job)
                if is_over:
                    self._over.add(job)
                else:
                    self._at_work[job] = None

    def _unclassified(self, ids: tuple[int, ...]) -> int | Trouble:
        if not ids:
            return 0
        search = Search(annotation_status="unclassified", image_ids=ids)
        try:
            return self.site.browse(self.source, search, bounds(search)).total
        except (CredentialsError, ServiceError, UsageError) as error:
            return trouble_of(error)

    def _labelset(self) -> tuple[Label, ...]:
        """The source's labels, asked for once in a process."""
        if not self._labels:
            self._labels = self.site.labelset(self.source)
        return self._labels


def _photo(entry: Entry) -> SentPhoto:
    image_id, name = photo_at(str(entry.place))
    return SentPhoto(mark=entry.mark, image=image_id, name=name, points=entry.points)


def _checked(photo: SentPhoto, previewed: Mapping[str, Previewed]) -> SentPhoto:
    """A photo with why its points cannot be sent, where they cannot."""
    found = previewed.get(photo.name)
    if photo.reason is not None:
        return photo
    if found is None or (found.number, found.points) != (photo.image, len(photo.points)):
        return _without(photo, Reason.NOT_FOUND)
    return _without(photo, Reason.CONFIRMED) if found.deletes else photo


def _without(photo: SentPhoto, reason: Reason) -> SentPhoto:
    return SentPhoto(mark=photo.mark, image=photo.image, name=photo.name, points=photo.points, reason=reason)


def _is_begun(photo: SentPhoto, found: Sequence[ScoredPoint]) -> bool:
    """Whether the first of a photo's points have labels, and the others none yet."""
    return 0 < len(found) < len(photo.points) and _places(found) == photo.points[: len(found)]


def _places(points: Sequence[ScoredPoint]) -> tuple[Point, ...]:
    return tuple(Point(point.row, point.column) for point in points)


def _answered(photo: SentPhoto, found: Sequence[ScoredPoint]) -> AnsweredEntry:
    if photo.reason is not None:
        return AnsweredEntry(photo.mark, (), photo.reason)
    if not found:
        return AnsweredEntry(photo.mark, (), Reason.NOT_FOUND)
    if _places(found) != photo.points:
        return AnsweredEntry(photo.mark, (), Reason.POINTS_REPLACED)
    if not all(point.classifications for point in found):
        return AnsweredEntry(photo.mark, (), Reason.CONFIRMED)
    return AnsweredEntry(photo.mark, tuple(found), None)


def _unlabelled(point: Point) -> AnnotatedPoint:
    return AnnotatedPoint(point.row, point.column, "", is_persons=False)
