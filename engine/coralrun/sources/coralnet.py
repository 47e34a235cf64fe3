"""Images and classifiers of a CoralNet source.

Rule: a source is crawled by key, not by page: always the first page of the images above the last id seen, so that
images which come and go meanwhile make nothing double and hide nothing (protocol 12, 6c). The classifier picked is one
that the source's page lists, or one that the user names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from coralrun.coralnet.site import Site
from coralrun.errors import ServiceError, UsageError
from coralrun.machine.outcomes import Trouble, Unusable
from coralrun.plan.model import Classifier, FoundImage, PlannedImage
from coralrun.ports import Located
from coralrun.spec.model import ClassifierChoice, CoralNetSource, Pick

T = TypeVar("T")

Progress = Callable[[int, int], None]
"""Called after each page with the images found so far and the images there seem to be in all."""


TRIES = 5
FIRST_PAUSE_S = 2.0
"""Doubled from pause to pause, so that one bad half minute does not throw away a crawl of hours."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How to wait before a page that failed is asked for again, and whom to tell, in words, what is waited for."""

    sleep: Callable[[float], None]
    tell: Callable[[str], None]


def crawl(
    site: Site, source: CoralNetSource, progress: Progress | None = None, patience: Patience | None = None
) -> tuple[FoundImage, ...]:
    """All images of a source's search, in the order of their ids; without `patience` each page is asked for once.

    Raises UsageError for a search that the service refuses, and what `Site.browse` raises.
    """
    found: list[FoundImage] = []
    last_id = 0
    while True:
        page = patiently(patience, partial(site.browse, source.source, last_id, source.search))
        if not page.valid:
            raise UsageError(
                f"CoralNet refuses the search of source {source.source}", remedy="Correct `search` in the survey."
            )
        for image in page.images:
            if image.id <= last_id:
                raise ServiceError(f"the images of source {source.source} are not in the order of their ids")
            last_id = image.id
            found.append(FoundImage(name=image.name, image_id=image.id))
        if progress is not None:
            progress(len(found), len(found) - len(page.images) + page.total)
        if not page.has_next:
            return tuple(found)


def patiently(patience: Patience | None, ask: Callable[[], T]) -> T:
    """What `ask` returns; where the service fails it is asked again, as patience has it. Without any, it is not."""
    pause_s = FIRST_PAUSE_S
    for left in range(TRIES - 1 if patience is not None else 0, -1, -1):
        try:
            return ask()
        except ServiceError as error:
            if patience is None or not left:
                raise
            patience.tell(f"{error.message}: asking again in {pause_s:.0f} s")
            patience.sleep(pause_s)
            pause_s *= 2
    raise AssertionError("the last try returns or raises")


def pick_classifier(site: Site, choice: ClassifierChoice) -> Classifier:
    """The classifier that a survey means, with accuracy and date where its source shows them.

    Raises UsageError when the source has none, or when its page contradicts the survey.
    """
    if choice.source is None:
        if choice.id is None:
            raise ValueError("a choice has an id or a source")
        return Classifier(id=choice.id)
    page = site.source(choice.source)
    listed = page.classifiers
    if choice.id is not None:
        return next((each for each in listed if each.id == choice.id), Classifier(id=choice.id))
    if listed:
        if choice.pick is Pick.NEWEST:
            return listed[-1]
        return max(reversed(listed), key=lambda each: -1 if each.accuracy is None else each.accuracy)
    if page.borrowed is not None:
        return Classifier(id=page.borrowed.classifier, source=page.borrowed.source)
    raise UsageError(
        f"source {choice.source} ({page.name}) has no classifier yet",
        remedy="Name a classifier by `id`, or a source that has one.",
    )


class CoralNetImages:
    """`ports.Images` for images that have an id at the service."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def locate(self, image: PlannedImage) -> Located | Unusable | Trouble:
        """Ask for an image's URL and raw size."""
        if image.image_id is None:
            raise ValueError(f"{image.key} has no image id")
        return self._site.image(image.image_id)
