"""Ready-made services: the demo reef, one's own photos, and any photos with drawn scores.

Rule: whoever wants an embedded CoralNet calls one of these; all knobs are arguments with defaults that make a first
try take seconds. The account is `demo`, its password `demo-reef`; nothing in here is worth keeping from anyone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from coralrun.emulator import protocol
from coralrun.emulator.classifier import Annotated, DrawnClassifier, LearntClassifier
from coralrun.emulator.dates import page_date
from coralrun.emulator.fetching import Downloader
from coralrun.emulator.jobs import Cadence
from coralrun.emulator.measured import kept_accuracies
from coralrun.emulator.messages import Clock
from coralrun.emulator.own_photos import read_own_photos
from coralrun.emulator.reef import ANNOTATED_POINTS, AUX_NAMES, LABELS, Reef
from coralrun.emulator.service import CoralNet
from coralrun.emulator.site import Account, Classify, Site, Source, TrainedClassifier

Progress = Callable[[str, int, int], None]
"""Told what takes long, how much of it is done, and of how much."""

USERNAME = "demo"
PASSWORD = "demo-reef"  # noqa: S105
OTHER_USERNAME = "guest"
OTHER_PASSWORD = "guest-reef"  # noqa: S105
PUBLIC_SOURCE = 1
PRIVATE_SOURCE = 2
OLDER_CLASSIFIER = 11
REJECTED_CLASSIFIER = 12
NEWER_CLASSIFIER = 13
PRIVATE_CLASSIFIER = 21
DEMO_IMAGES = 60
CONFIRMED_EVERY = 6
OLDER_LEARNS_EVERY = 18
LEARNING = "training the classifier of the drawn reef"
_PRIVATE_IMAGES = 5
DEFAULT_CADENCE = Cadence()
_YEAR_S = 365 * 24 * 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """How a ready-made service behaves. `max_active` jobs an account; `progress` is told what takes long."""

    base_url: str = "http://127.0.0.1:8000"
    seed: int = 0
    cadence: Cadence = DEFAULT_CADENCE
    url_lifetime_s: float = protocol.URL_LIFE_S
    max_active: int = protocol.ACTIVE_JOBS
    downloader: Downloader | None = None
    progress: Progress | None = None


def demo_service(clock: Clock, settings: Settings | None = None, *, images: int = DEMO_IMAGES) -> CoralNet:
    """The demo reef: source 1, public, with two accepted classifiers that truly learn; source 2, private."""
    chosen = settings or Settings()
    reef = Reef(chosen.seed, images + _PRIVATE_IMAGES)
    accuracies = kept_accuracies(chosen.seed, images)
    older, newer = (
        learner(reef, images, step, accuracies.get(step), chosen.progress)
        for step in (OLDER_LEARNS_EVERY, CONFIRMED_EVERY)
    )
    return _service(clock, chosen, reef, images, older, newer)


def learner(
    reef: Reef, images: int, step: int, accuracy: float | None = None, progress: Progress | None = None
) -> LearntClassifier:
    """A classifier that learns from every image of a reef that is `step` after the last; see `measured` for its
    accuracy."""
    lessons = range(0, images, step)

    def training() -> Iterator[Annotated]:
        for number, lesson in enumerate(lessons):
            if progress is not None:
                progress(LEARNING, number, len(lessons))
            yield reef.annotated(lesson, ANNOTATED_POINTS)
        if progress is not None:
            progress(LEARNING, len(lessons), len(lessons))

    return LearntClassifier(training, reef.seed, accuracy)


def drawn_service(clock: Clock, settings: Settings | None = None, *, images: int = DEMO_IMAGES) -> CoralNet:
    """The same site with scores drawn from a hash: as fast as a simulation needs, no photo is ever painted."""
    chosen = settings or Settings()
    drawn = DrawnClassifier([label.id for label in LABELS], chosen.seed)
    return _service(clock, chosen, Reef(chosen.seed, images + _PRIVATE_IMAGES), images, drawn, drawn)


def own_photos_service(clock: Clock, folder: Path, annotations: Path, settings: Settings | None = None) -> CoralNet:
    """One's own photos as source 1, with a classifier that learns from their annotated points.

    Raises `InvalidInput` for annotations that do not fit the photos.
    """
    chosen = settings or Settings()
    own = read_own_photos(folder, annotations, chosen.seed)
    classifier = TrainedClassifier(
        NEWER_CLASSIFIER,
        True,
        sum(photo.status == "confirmed" for photo in own.photos),
        "0:00:01",
        page_date(clock.now()),
        LearntClassifier(lambda: own.annotated, chosen.seed),
    )
    source = Source(
        id=PUBLIC_SOURCE,
        name=folder.resolve().name or "Own photos",
        public=True,
        members=frozenset({USERNAME}),
        labels=own.labels,
        photos=own.photos,
        classifiers=(classifier,),
    )
    return service_of(clock, (source,), chosen)


def service_of(clock: Clock, sources: Sequence[Source], settings: Settings) -> CoralNet:
    """A service that holds these sources, with the two usual accounts."""
    accounts = (
        Account(5, USERNAME, "demo@example.org", PASSWORD, settings.max_active),
        Account(6, OTHER_USERNAME, "guest@example.org", OTHER_PASSWORD, settings.max_active),
    )
    return CoralNet(
        Site(accounts, tuple(sources)),
        base_url=settings.base_url,
        clock=clock,
        seed=settings.seed,
        cadence=settings.cadence,
        url_lifetime_s=settings.url_lifetime_s,
        downloader=settings.downloader,
    )


def _service(clock: Clock, settings: Settings, reef: Reef, images: int, older: Classify, newer: Classify) -> CoralNet:
    photos = tuple(reef.photo(index, index + 1, _status(index)) for index in range(images))
    private_photos = tuple(
        replace(reef.photo(index, index + 1, "unclassified"), name=f"private_{index - images + 1}.jpg")
        for index in range(images, images + _PRIVATE_IMAGES)
    )
    now = clock.now()

    def trained(number: int, accepted: bool, learnt: int, date_s: float, classify: Classify) -> TrainedClassifier:
        return TrainedClassifier(number, accepted, learnt, "0:00:01", page_date(date_s), classify)

    few, many = len(range(0, images, OLDER_LEARNS_EVERY)), len(range(0, images, CONFIRMED_EVERY))
    public = Source(
        id=PUBLIC_SOURCE,
        name="Demo reef",
        public=True,
        members=frozenset({USERNAME}),
        labels=LABELS,
        photos=photos,
        classifiers=(
            trained(OLDER_CLASSIFIER, True, few, now - _YEAR_S, older),
            trained(REJECTED_CLASSIFIER, False, many, now - _YEAR_S / 2, older),
            trained(NEWER_CLASSIFIER, True, many, now, newer),
        ),
        aux_names=AUX_NAMES,
    )
    private = Source(
        id=PRIVATE_SOURCE,
        name="Private reef",
        public=False,
        members=frozenset({USERNAME}),
        labels=LABELS,
        photos=private_photos,
        classifiers=(trained(PRIVATE_CLASSIFIER, True, many, now, newer),),
    )
    return service_of(clock, (public, private), settings)


def _status(index: int) -> str:
    if index % CONFIRMED_EVERY == 0:
        return "confirmed"
    return "unconfirmed" if index % CONFIRMED_EVERY == 1 else "unclassified"
