"""CoralNet by way of a source: `classifier: {run_in: 3420}`, in which the source itself classifies its photos.

Rule: the API is not asked: there are pages alone, within their rate, and an account that may edit the source. What such
a source would never do (it has no classifier, or no labelset) is found before anything is planned on it, and what a run
takes away there is said with the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from coralrun.connection import Connection, Left, Picked
from coralrun.coralnet import checks
from coralrun.coralnet.classifying.sent_photos import photo_at, place_of
from coralrun.coralnet.classifying.sent_points import SentFolder
from coralrun.coralnet.classifying.source_service import SourceService
from coralrun.coralnet.classifying.waits import Waits
from coralrun.coralnet.codec.points_table import read_shown
from coralrun.coralnet.codec.search import MAX_LISTED_IDS
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.coralnet.connection import CoralNetConnection
from coralrun.coralnet.reading.classifier import pick_classifier
from coralrun.coralnet.reading.site import Site
from coralrun.errors import ServiceError, UsageError
from coralrun.machine.outcomes import Listed, Names, Trouble, Unusable
from coralrun.machine.policy import NAMES_AT_ONCE
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Classifier, Listing, Plan
from coralrun.ports import Home, Images, Located, Place
from coralrun.reaching import Progress, tells_nobody
from coralrun.service.checks import Check, Verdict
from coralrun.service.terms import Option
from coralrun.sources.patience import Patience, patiently
from coralrun.spec.image_search import Search
from coralrun.spec.model import ClassifierChoice, CoralNetSource
from coralrun.store.files import Disk
from coralrun.values.phrases import count

UNTOLD: Final = (
    "Source {source} of CoralNet classified the photographs by itself: scores are whole percent, of five labels a "
    "point at most, and CoralNet does not say which of its classifiers gave them; when the run was planned, it used "
    "classifier {classifier}."
)


def by_way_of(
    connection: CoralNetConnection, source: Option | None, patience_s: float, *, forgets: bool = False
) -> CoralNetConnection:
    """The same account at a source that classifies; as it is where a survey names none.

    `patience_s` is how long the source may label nothing of a run. A service that `forgets` has nothing of what an
    earlier process sent.
    """
    if source is None:
        return connection
    one = connection
    known = one.name, one.clock, one.limits, one.http, one.site, one.limiter, one.credentials, one.record
    return InSourceConnection(*known, source=int(source), patience_s=patience_s, forgets=forgets)


@dataclass(slots=True)
class InSourceConnection(CoralNetConnection):
    """CoralNet, and the source that classifies."""

    source: int = 0
    patience_s: float = 0.0
    forgets: bool = False

    @property
    def budget(self) -> None:
        """Pages are under no limit but their rate."""

    def sign_in(self, progress: Progress = tells_nobody) -> None:
        """Sign in on the web; raises CredentialsError where there is no password."""
        progress("signing in")
        self.site.check_may_sign_in(f"points in source {self.source}")
        self.site.session.begin()

    def service(self, classifier: str, home: Home | None = None) -> SourceService:
        """The source as the engine sees it."""
        if home is None:
            raise UsageError(f"source {self.source} has no jobs but a run's own")
        sent = SentFolder(home.folder, Disk())
        sent.sweep(() if self.forgets else home.wanted)
        waits = Waits(self.clock, self.patience_s)
        return SourceService(self.site, self.source, sent, self.limits.jobs_at_once, waits)

    def jobs(self) -> Listed:
        """There are none but a run's own."""
        return Listed((), (), self.limits.jobs_at_once)

    def pick_classifier(
        self,
        choice: ClassifierChoice,
        sources: Iterable[CoralNetSource],
        earlier: Mapping[str, Classifier],
        patience: Patience | None = None,
    ) -> Picked:
        """The classifier that the source uses now; raises UsageError where it could not classify, or may not be
        edited."""
        picked = pick_classifier(self.site, ClassifierChoice(source=self.source), (), None, patience)
        if not patiently(patience, partial(self.site.labelset, self.source)):
            raise UsageError(
                f"source {self.source} has no labelset, so it can hold no points and classify none",
                remedy="Give the source a labelset at CoralNet, or name another one.",
            )
        self.site.check_may_sign_in(f"points in source {self.source}")
        patiently(patience, partial(self.site.upload_form, self.source))
        return Picked(picked.classifier)

    def looked_at(self, plan: Plan, left: Left, progress: Progress) -> Plan:
        """The plan, with what it would find in the source, and take away."""
        by_people: list[str] = []
        by_machine: list[str] = []
        to_send = left(plan)
        ids = self._ids(plan, to_send, progress)
        for first in range(0, len(ids), MAX_LISTED_IDS):
            progress(f"looking at the points in source {self.source}", first, len(ids))
            some = tuple(ids[first : first + MAX_LISTED_IDS])
            table = self.site.annotations(self.source, Search(image_ids=some))
            try:
                found = read_shown(table)
            except NotUnderstood as error:
                raise ServiceError(f"source {self.source}: {error}") from error
            for name, points in found.items():
                (by_people if any(point.is_persons for point in points) else by_machine).append(name)
        others = len(plan.images) - plan.unfit - len(to_send)
        if len(by_people) == len(to_send) > others == 0:
            raise UsageError(
                f"people have labelled points of each of the photos in source {self.source}, and to lay others would "
                "delete their labels",
                remedy="Name a classifier by its `source` or `id`: the API leaves what is in the source as it is.",
            )
        return replace(
            plan,
            about=replace(plan.about, untold=UNTOLD.format(source=self.source, classifier=plan.classifier.id)),
            listings=(*_listings(self.source, by_people, by_machine), *plan.listings),
            warnings=(*_said(self.source, len(to_send) - len(by_people), len(by_machine), others), *plan.warnings),
        )

    def drift(self, classifier: Classifier) -> tuple[str, ...]:
        """Another classifier that the source uses by now."""
        now = pick_classifier(self.site, ClassifierChoice(source=self.source)).classifier
        if now.id == classifier.id:
            return ()
        return (
            f"source {self.source} uses classifier {now.id} now, not {classifier.id}: photos of this run may have "
            "labels of either, and CoralNet does not say of which",
        )

    def images(self, plan: Plan) -> Images:
        """The photos of the source, each by its page and its name."""
        return _PhotosOfSource(self.site, self.http.base_url)

    def checks(self) -> Iterator[Check]:
        """The account as this machine knows it, then CoralNet and its clock, then whether the source can classify."""
        yield from checks.of_credentials(self.name, self.credentials)
        yield from checks.of_site(self.name, self.site, self.clock.wall_s())

    def check_classifier(
        self, choice: ClassifierChoice, sources: Iterable[CoralNetSource], earlier: Mapping[str, Classifier]
    ) -> Check:
        """Whether the source can classify; raises as `pick_classifier`."""
        picked = self.pick_classifier(choice, sources, earlier).classifier
        return Check("classifier", Verdict.OK, f"source {self.source} uses {picked.id}")

    def _ids(self, plan: Plan, images: Sequence[PlannedImage], progress: Progress) -> list[int]:
        """The ids of those of the plan's photos that are in the source."""
        ids = [image.image_id for image in images if image.image_id is not None]
        sent = [f"{image.upload.to}/{image.name}" for image in images if image.upload is not None]
        for first in range(0, len(sent), NAMES_AT_ONCE):
            progress(f"asking which photos source {self.source} has")
            answer = self.uploads(plan).names(sent[first : first + NAMES_AT_ONCE])
            if not isinstance(answer, Names):
                raise ServiceError(f"asking for names: {answer.detail}")
            ids += [int(found) for found in answer.ids if found]
        return sorted(ids)

    def _read(self, place: Place) -> bytes | Unusable | Trouble:
        """A photo by its page."""
        located = self.site.image(photo_at(str(place))[0])
        return Connection._read(self, located.place) if isinstance(located, Located) else located


@dataclass(frozen=True, slots=True)
class _PhotosOfSource:
    """`ports.Images` for photos whose points go into their source: a photo's page is for ever."""

    site: Site
    base_url: str

    def locate(self, image: PlannedImage) -> Located | Unusable | Trouble:
        assert image.image_id is not None  # noqa: S101 - a survey's rule: there are no other images
        found = self.site.named_image(image.image_id)
        if not isinstance(found, tuple):
            return found
        name, located = found
        return Located(place_of(self.base_url, image.image_id, name), located.size)


def _listings(source: int, by_people: list[str], by_machine: list[str]) -> Iterator[Listing]:
    if by_people:
        what = f"source {source}: people have labelled points of them, so they stay as they are and are not classified"
        yield Listing(what, tuple(by_people))
    if by_machine:
        what = f"source {source}: the machine's points and labels are DELETED there, once they are sent, for ours"
        yield Listing(what, tuple(by_machine))


def _said(source: int, photos: int, by_machine: int, others: int) -> Iterator[str]:
    deleted = f", and the machine's labels of {by_machine:,} of them are deleted" if by_machine else ""
    done = f"; {count(others, 'other')} of this run {'is' if others == 1 else 'are'} not sent again" if others else ""
    if photos:
        yield (
            f"the points of {count(photos, 'photo')} in source {source} are REPLACED by those of this run, to stay "
            f"there{deleted}: of each photo as it is sent{done}"
        )
    yield (
        "CoralNet gives scores in whole percent and five at most, and does not say which classifier of the source gave "
        "them; whatever is uploaded to the source meanwhile keeps these photos waiting"
    )
