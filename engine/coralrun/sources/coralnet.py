"""The classifier of a CoralNet source, and where its images are.

Rule: the classifier picked is one that the source's page lists, or one that the user names.
"""

from __future__ import annotations

from functools import partial

from coralrun.coralnet.site import Site
from coralrun.errors import UsageError
from coralrun.machine.outcomes import Trouble, Unusable
from coralrun.plan.model import Classifier, PlannedImage
from coralrun.ports import Located
from coralrun.sources.crawl import Patience, patiently
from coralrun.spec.model import ClassifierChoice, Pick


def pick_classifier(site: Site, choice: ClassifierChoice, patience: Patience | None = None) -> Classifier:
    """The classifier that a survey means, with accuracy and date where its source shows them.

    Raises UsageError when the source has none, or when its page contradicts the survey.
    """
    if choice.source is None:
        if choice.id is None:
            raise ValueError("a choice has an id or a source")
        return Classifier(id=choice.id)
    page = patiently(patience, partial(site.source, choice.source))
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
