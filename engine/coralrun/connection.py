"""A service as this process reaches it: all that planning, carrying out and examining ask of one.

Rule: whoever works with a service knows it by these records alone. What a service has not (an account, a queue, sources
of images, classifiers that change) it leaves as it stands here. A connection is not the port: that is what it gives a
run, with one classifier.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from coralrun.errors import CoralrunError, CredentialsError, ServiceError, UsageError
from coralrun.machine.outcomes import Listed, Trouble, TroubleKind, Unusable
from coralrun.planning.confusion import Confusion
from coralrun.planning.images import FoundImage, PlannedImage
from coralrun.planning.model import Classifier, Plan
from coralrun.planning.points_table import PointsTable
from coralrun.ports import (
    AnnotationPlace,
    Budget,
    Home,
    Images,
    Located,
    MetadataPlace,
    Place,
    Service,
    UploadPlace,
    Uploads,
)
from coralrun.reaching import Progress, Reaching, WallClock, tells_nobody
from coralrun.service.about import AboutService
from coralrun.service.checks import Check, Verdict, tried
from coralrun.service.limits import ServiceLimits
from coralrun.service.queue import Queue
from coralrun.service.terms import Options, ServiceTerms
from coralrun.sources.folder_images import as_planned, read_photo
from coralrun.sources.patience import Patience
from coralrun.spec.model import ClassifierChoice, CoralNetSource
from coralrun.values.classified import Label

if TYPE_CHECKING:
    from coralrun.http.files import PublicFiles  # what sends requests is loaded once something is asked for

Fetch = Callable[[PlannedImage], bytes | Unusable | Trouble]
"""Where a photo's bytes come from."""

Left = Callable[[Plan], Sequence[PlannedImage]]
"""Which images of a plan its run, as it stands, has still to send."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceEntry:
    """What a service's package hands over: what a survey may say of it, what people are told of it as
    the survey names it, what it takes, the way to it, and what to do where it does not accept an account."""

    terms: ServiceTerms
    about: Callable[[str], AboutService]
    limits: Callable[[Options], ServiceLimits]
    connect: Callable[[Reaching], Connection]
    account_remedy: str = CredentialsError.remedy


@dataclass(frozen=True, slots=True)
class Picked:
    """A classifier, and what should be known of it."""

    classifier: Classifier
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnPoints:
    """The points that sources of a service have themselves, by the image's name, for the names of a plan's images.

    `exports` are the annotations that they were read from, as CSV, by the number of the source; `warnings` say what
    whoever uses them should know.
    """

    within: Callable[[Collection[str]], PointsTable]
    exports: Mapping[int, bytes]
    warnings: tuple[str, ...] = ()


class Sources(Protocol):
    """The sources of images that a service has itself."""

    def images(
        self, source: CoralNetSource, names: Collection[str], progress: Progress, *, metadata: bool
    ) -> tuple[FoundImage, ...]:
        """The images of a source's search; where `metadata` is asked for, with those of the images that the filters by
        name leave, for which `names` are those of the survey's list."""
        ...

    def check_may_have_points(self) -> None:
        """Raise CredentialsError where the account cannot have the points of sources."""
        ...

    def points(self, sources: Sequence[CoralNetSource], progress: Progress) -> OwnPoints:
        """The points that sources have, of the images of their searches."""
        ...

    def labels(self, images: Mapping[int, Sequence[int]], progress: Progress) -> bytes:
        """The points with labels, people's and the machine's, of images by the number of their source: a CSV with who
        labelled each, and when. Raises CredentialsError or ServiceError."""
        ...

    def check(self, source: CoralNetSource) -> Check:
        """Whether a source can be read, and what its search finds; raises what reading it would."""
        ...


@dataclass(slots=True)
class Connection(ABC):
    """One service, called `name`, and who we are there."""

    name: str
    clock: WallClock
    limits: ServiceLimits
    _files: PublicFiles | None = field(default=None, init=False, repr=False)

    @abstractmethod
    def service(self, classifier: str, home: Home | None = None) -> Service:
        """The service as the engine sees it, with one classifier; `home` is that of a run that is carried out."""
        ...

    @property
    def account(self) -> str:
        """The account's user name, "" where there is none to have; raises CredentialsError where one is needed."""
        return ""

    @property
    def may_list(self) -> bool:
        """Whether the jobs can be asked for: where there is an account, or none is needed."""
        return True

    @property
    def budget(self) -> Budget | None:
        """The requests that may be sent, as far as they are used up; None where they may be sent at any time."""
        return None

    @property
    def files(self) -> PublicFiles:
        """Public files, by their addresses."""
        from coralrun.http.client import PlainHttp
        from coralrun.http.files import PublicFiles

        if self._files is None:
            self._files = PublicFiles(PlainHttp(self.clock))
        return self._files

    @property
    def sources(self) -> Sources:
        """The service's own sources of images; raises UsageError where it has none."""
        raise UsageError(
            f"{self.name} has no sources of images", remedy="Name the images by a manifest, a bucket or a folder."
        )

    def sign_in(self, progress: Progress = tells_nobody) -> None:  # noqa: B027 - nothing, where there is no account
        """Do what may wait long before the first request; `progress` is told of what takes time."""

    def check_account(self, account: str) -> None:  # noqa: B027 - likewise
        """Raise CredentialsError where a run that belongs to that account cannot be gone on with by this one."""

    def jobs(self) -> Listed:
        """The jobs now; raises ServiceError, or CredentialsError."""
        listing = self.service("").listing()
        if isinstance(listing, Listed):
            return listing
        raise ServiceError(f"{self.name}: {listing.detail or listing.kind}")

    def queue(self) -> Queue | None:
        """How long jobs take at the service now; None where that is not known."""
        return None

    def pick_classifier(
        self,
        choice: ClassifierChoice,
        sources: Iterable[CoralNetSource],
        earlier: Mapping[str, Classifier],
        patience: Patience | None = None,
    ) -> Picked:
        """The classifier that a survey means, whose own `sources` may tell; `earlier` are those of runs, by their
        directories. Raises UsageError where there is none."""
        if choice.same_as is not None:
            return Picked(earlier[choice.same_as])
        if choice.id is None:
            raise UsageError(f"{self.name} has no such classifier", remedy="Name a classifier by its `id`.")
        return Picked(Classifier(id=choice.id))

    def looked_at(self, plan: Plan, left: Left, progress: Progress) -> Plan:
        """A plan, with what was found of it at the service; raises ServiceError, or UsageError where it cannot be
        carried out there. Its run sends what is `left` of it."""
        return plan

    def drift(self, classifier: Classifier) -> tuple[str, ...]:
        """What has changed of a classifier since it was picked."""
        return ()

    def confusion(self, classifier: Classifier) -> Confusion | str:
        """What the service itself found a classifier to take for what, or why that is not known, "" where it has no
        such figures. Raises nothing: they are good to know, and no plan is worth failing for them."""
        return ""

    def labels(self, classifier: Classifier) -> tuple[Label, ...]:
        """The labels that a classifier may give, none where the service does not tell. Raises as little."""
        return ()

    def images(self, plan: Plan) -> Images:
        """Where the images of a plan are found, whatever their source; raises as `ImagesElsewhere.of`."""
        from coralrun.sources.elsewhere import ImagesElsewhere

        return ImagesElsewhere.of(plan, self.files, self.clock.wall_s)

    def uploads(self, plan: Plan) -> Uploads | None:
        """Where the photos of a plan are sent to first; None at a service that takes none."""
        return None

    def upload_place(self, to: int) -> UploadPlace:
        """A place that photos are sent to, by its number; raises UsageError where there is none."""
        raise UsageError(f"{self.name} takes no photos", remedy="Take `upload_to` out of the survey.")

    def metadata_place(self, to: int) -> MetadataPlace:
        """A place whose photos have metadata, by its number; raises UsageError where there is none."""
        raise UsageError(f"{self.name} keeps no metadata of photos", remedy="Name a run whose photos were uploaded.")

    def annotation_place(self, to: int) -> AnnotationPlace:
        """A place whose photos have points and labels, by its number; raises UsageError where there is none."""
        raise UsageError(f"{self.name} keeps no points of photos", remedy="Name a run whose photos are at CoralNet.")

    def photos(self, plan: Plan) -> Fetch:
        """A way to fetch the photos of a plan anew. It raises nothing: no picture is worth failing for."""
        images: list[Images] = []

        def photo(image: PlannedImage) -> bytes | Unusable | Trouble:
            if image.url is not None:
                return self.files.photo(image.url)
            try:
                images[:] = images or [self.images(plan)]
            except CoralrunError as error:
                return Trouble(TroubleKind.CREDENTIALS, error.message)
            located = images[0].locate(image)
            if not isinstance(located, Located):
                return located
            data = self._read(located.place)
            return as_planned(data, image.sha256) if isinstance(data, bytes) else data

        return photo

    def checks(self) -> Iterator[Check]:
        """What `doctor` looks at of the service itself; raises NoAnswer where nothing else need be asked of it."""
        yield from tried("service", self.check_jobs)

    def check_jobs(self, what: str = "service") -> Check:
        """How many jobs may be made now."""
        jobs = self.jobs()
        free = max(0, jobs.max_active - len(jobs.active))
        said = f"{free} of {jobs.max_active} jobs are free"
        if jobs.active:
            said += f"; active: {', '.join(jobs.active)}"
        if free:
            return Check(what, Verdict.OK, said)
        return Check(what, Verdict.NOTE, said, "A run waits until one is done; jobs cannot be cancelled.")

    def check_classifier(
        self, choice: ClassifierChoice, sources: Iterable[CoralNetSource], earlier: Mapping[str, Classifier]
    ) -> Check:
        """Whether a survey's classifier is there; raises as `pick_classifier`."""
        picked = self.pick_classifier(choice, sources, earlier)
        if picked.warnings:
            return Check("classifier", Verdict.NOTE, picked.warnings[0])
        return Check("classifier", Verdict.OK, picked.classifier.id)

    def close(self) -> None:  # noqa: B027 - nothing, where nothing was taken
        """Give back what was taken and not used."""

    def _read(self, place: Place) -> bytes | Unusable | Trouble:
        """A photo by its place."""
        if isinstance(place, bytes):
            return place
        if isinstance(place, str):
            return self.files.photo(place)
        return read_photo(place)
