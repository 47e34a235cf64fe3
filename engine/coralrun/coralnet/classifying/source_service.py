"""A CoralNet source as a place that classifies: `ports.Service` over its pages, without the API and its jobs.

A batch's points are laid on its photos in the source, which classifies them by itself; once none of them is
unclassified, or the rest is not to be waited for (`waits`), an export has what the machine says. There is nothing at
CoralNet that could be called a job: a batch is known by the run's own name, and is there once CoralNet said that it
took the points.

Rule: nothing that people did is deleted. A table is confirmed only after the success of its own preview, and only
where that deletes no label; a photo that has labels of people's is left out, with its reason. A submission whose reply
was lost may simply be sent again, because the same points laid twice are laid once; not at once, for a confirmation
that is late would write what is previewed by then.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from coralrun.coralnet.account.posting import trouble_of
from coralrun.coralnet.classifying.sent_photos import answered, checked, is_begun, photo_of, table_of
from coralrun.coralnet.classifying.sent_points import SentFolder, SentPhoto, SentPoints, order_of
from coralrun.coralnet.classifying.waits import Waits
from coralrun.coralnet.codec import points_table
from coralrun.coralnet.codec.machine_labels import read_machine_labels
from coralrun.coralnet.codec.points_table import Previewed
from coralrun.coralnet.codec.search import bounds
from coralrun.coralnet.codec.table_answers import TableRefused
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.coralnet.reading.crawl import crawl
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
from coralrun.ports import Answer, AnsweredEntry, Entry
from coralrun.spec.image_search import Search
from coralrun.spec.model import CoralNetSource
from coralrun.values.classified import Label, ScoredPoint

PREVIEWS_MOST: Final = 3
"""Previews of one batch: its photos may change between two, and not for ever."""

ASKED_AT_ONCE: Final = 3
"""Batches at work that one listing asks about: each costs a page, and those that were asked about longest ago come
first. One that is done costs none of them."""


class _Batch(NamedTuple):
    """A batch that was sent: the photos that its points were laid on, by id, and how many were left out."""

    ids: tuple[int, ...]
    refused: int


@dataclass(slots=True)
class SourceService:
    """One run's use of a source; `sent` is what it has sent there. Safe to share between threads.

    Photos that a batch was read without wait there still, with their points as they were: these are not laid again. A
    later batch knows of its photos what an earlier one does not: that it laid other points since.
    """

    site: Site
    source: int
    sent: SentFolder
    most_jobs: int
    waits: Waits
    _batches: dict[str, _Batch] = field(default_factory=dict, init=False)
    _at_work: dict[str, None] = field(default_factory=dict, init=False)
    _over: set[str] = field(default_factory=set, init=False)
    _waiting: dict[int, tuple[str, SentPhoto]] = field(default_factory=dict, init=False)
    _labels: tuple[Label, ...] = field(default=(), init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        for job in self.sent.jobs():
            self._take_on(job, self.sent.read(job))

    def submit(self, name: str, entries: Sequence[Entry]) -> Accepted | Refused | Unknown:
        """Lay the points of a batch on its photos: previewed, then confirmed (two requests)."""
        if len(self._at_work) >= self.most_jobs:
            return Refused(Refusal.NO_SLOT)
        photos = tuple(map(photo_of, entries))
        for _ in range(PREVIEWS_MOST):
            answer = self._previewed(photos)
            if isinstance(answer, Refused | Unknown):
                return answer
            found = tuple(photo if self._is_laid(photo) else checked(photo, answer) for photo in photos)
            if found == photos:
                return self._confirmed(name, photos)
            photos = found
        return Unknown("the photos changed from one preview to the next")

    def listing(self, since: Marker | None = None, done_before: Sequence[JobId] = ()) -> Listed | Trouble:
        """The batches; asks about a few of those at work (a request for each). A marker is the last one's name."""
        progress: dict[JobId, Progress] = {}
        for job in list(self._at_work):
            looked = self.look(job)
            if isinstance(looked, Trouble):
                return looked
            if isinstance(looked, Progress):
                progress[job] = looked
            if len(progress) == ASKED_AT_ONCE:
                break
        with self._lock:
            active, over = sorted(self._at_work, key=order_of), sorted(self._over, key=order_of)
        last = max((since or "", *active, *over), key=order_of)
        newer = () if since is None else tuple(job for job in (*active, *over) if order_of(job) > order_of(since))
        return Listed(tuple(active), tuple(over), self.most_jobs, last, newer, since is not None, progress)

    def look(self, job: JobId) -> Progress | JobDone | Missing | Trouble:
        """How many photos of a batch have no label yet (one request)."""
        batch = self._batches.get(job)
        if batch is None:
            return Missing()
        if job in self._over:
            return JobDone()
        search = _unclassified(batch.ids)
        try:
            left = self.site.browse(self.source, search, bounds(search)).total if batch.ids else 0
        except (CredentialsError, ServiceError, UsageError) as error:
            return trouble_of(error)
        if self._seen(job, left):
            return JobDone()
        return Progress(len(batch.ids) - left, batch.refused, len(batch.ids) + batch.refused)

    def fetch(self, job: JobId) -> Answer | NotReady | Missing | Trouble:
        """What the machine says of a batch's points (a search for those without, and one export of two requests)."""
        batch = self._batches.get(job)
        if batch is None:
            return Missing()
        photos = self.sent.read(job).photos
        try:
            waiting = self._found(_unclassified(batch.ids)).keys()
            if not self._seen(job, len(waiting)):  # somebody laid other points since, perhaps
                return NotReady()
            table = self.site.annotations(self.source, Search(image_ids=batch.ids), scores=True) if batch.ids else b""
            labels = read_machine_labels(table, self._labelset()) if batch.ids else {}
            is_cut = self._lacks_any(photos, labels, waiting)
        except NotUnderstood as error:
            return Trouble(TroubleKind.NOT_UNDERSTOOD, str(error))
        except (CredentialsError, ServiceError, UsageError) as error:
            return trouble_of(error)
        begun = (photo for photo in photos if photo.image not in waiting)
        if is_cut or any(is_begun(photo, labels.get(photo.name, ())) for photo in begun):
            return NotReady()
        return Answer(self._answers(job, photos, labels, waiting), table)

    def release(self, job: JobId) -> Done:
        """Forget a batch: the run has its result, or waits for it no longer."""
        with self._lock:
            if self._batches.pop(job, None) is not None:
                self.waits.forget(job)
                self._at_work.pop(job, None)
                self._over.discard(job)
                self.sent.release(job)
        return Done()

    def _previewed(self, photos: Sequence[SentPhoto]) -> Mapping[str, Previewed] | Refused | Unknown:
        """What a confirmation would do to the photos whose points are to be sent."""
        sent = table_of(self._to_lay(photos))
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
        if self._to_lay(photos):
            try:
                if not self._pages.confirm():
                    return Unknown("no answer to the confirmation")
            except (TableRefused, NotUnderstood) as error:
                return Unknown(str(error))
        sent = SentPoints(source=self.source, photos=photos)
        self.sent.keep(name, sent)
        self.waits.sent()
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

    def _to_lay(self, photos: Sequence[SentPhoto]) -> list[SentPhoto]:
        return [photo for photo in photos if photo.reason is None and not self._is_laid(photo)]

    def _is_laid(self, photo: SentPhoto) -> bool:
        """Whether a photo waits for the labels of these very points, for all that this process knows."""
        _, known = self._waiting.get(photo.image, ("", None))
        return known is not None and (known.name, known.points) == (photo.name, photo.points)

    def _seen(self, job: str, left: int) -> bool:
        """Note how many photos of a batch have no label, and whether it is over. One that is at work is asked about
        after all others."""
        with self._lock:
            batch = self._batches.get(job)
            if batch is None:
                return False
            self.waits.see(job, left)
            self._at_work.pop(job, None)
            self._over.discard(job)
            is_over = self.waits.is_over(job, len(batch.ids))
            if is_over:
                self._over.add(job)
            else:
                self._at_work[job] = None
            return is_over

    def _answers(
        self,
        job: str,
        photos: Sequence[SentPhoto],
        labels: Mapping[str, Sequence[ScoredPoint]],
        waiting: Collection[int],
    ) -> tuple[AnsweredEntry, ...]:
        """What is said of each photo; whether those without labels are given up is the same for all."""
        given_up = self.waits.is_given_up(job)
        without = Reason.NOT_LABELLED if given_up else Reason.NOT_LABELLED_YET
        answers = tuple(answered(photo, labels, waiting, without) for photo in photos)
        for photo, answer in zip(photos, answers, strict=True):
            read, _ = self._waiting.get(photo.image, (job, photo))
            if order_of(read) > order_of(job):
                continue
            self._waiting.pop(photo.image, None)
            if answer.reason is Reason.NOT_LABELLED_YET:
                self._waiting[photo.image] = job, photo
        return answers

    def _lacks_any(
        self, photos: Sequence[SentPhoto], labels: Mapping[str, Sequence[ScoredPoint]], waiting: Collection[int]
    ) -> bool:
        """Whether an export lacks photos that are in the source and had labels: it was cut, or they are laid anew."""
        said = {photo.image for photo in photos if photo.reason is not None or photo.name in labels}.union(waiting)
        lacking = {photo.image: photo.name for photo in photos if photo.image not in said}
        return any(lacking[image] == name for image, name in self._found(Search(image_ids=tuple(lacking))).items())

    def _found(self, search: Search) -> dict[int, str]:
        """The names of photos that a search by ids finds (a page, or several where they are many). Raises as
        `crawl`."""
        found = crawl(self.site, CoralNetSource(source=self.source, search=search)) if search.image_ids else ()
        return {image.image_id: image.name for image in found if image.image_id is not None}

    def _labelset(self) -> tuple[Label, ...]:
        """The source's labels, asked for once in a process."""
        if not self._labels:
            self._labels = self.site.labelset(self.source)
        return self._labels


def _unclassified(ids: tuple[int, ...]) -> Search:
    return Search(annotation_status="unclassified", image_ids=ids)
