"""Which classifier a survey means, and what has become of it since.

Rule: the classifier picked is one that its source's page lists, one that the user names, or that of an earlier run; it
is pinned in the plan and never picked again. What a person should know of the choice is a warning, never a surprise in
the results.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from coralrun.connection import Picked
from coralrun.coralnet.codec.source_page import InUse, SourcePage
from coralrun.coralnet.reading.site import Site
from coralrun.errors import CredentialsError, ServiceError, UsageError
from coralrun.planning.confusion import Confusion
from coralrun.planning.model import Classifier
from coralrun.sources.patience import Patience, patiently
from coralrun.spec.model import ClassifierChoice, Pick


def pick_classifier(
    site: Site,
    choice: ClassifierChoice,
    sources: Iterable[int] = (),
    earlier: Mapping[str, Classifier] | None = None,
    patience: Patience | None = None,
) -> Picked:
    """The classifier that a survey means, with accuracy and date where its source shows them.

    `sources` are the survey's CoralNet sources, where one named by its number is looked for; `earlier` has the
    classifier of the run that `same_as` names. Raises UsageError when the source has none, and what `Site.source` does.
    """
    if choice.same_as is not None:
        return Picked((earlier or {})[choice.same_as])
    if choice.id is not None:
        return _by_number(site, choice.id, sources)
    if choice.source is None:
        raise ValueError("a choice has an id, a source or a run")
    page = patiently(patience, partial(site.source, choice.source))
    if page.classifiers:
        return _listed(page, choice.pick)
    if page.in_use is not None:
        own = page.in_use.source == choice.source
        return _pinned(choice.source, page.in_use) if own else _borrowed(site, choice.source, page.in_use)
    raise UsageError(
        f"source {choice.source} ({page.name}) has no classifier yet",
        remedy="Name a source that has one, as `classifier: {source: NUMBER}`, or a classifier by its `id`.",
    )


def _listed(page: SourcePage, pick: Pick) -> Picked:
    if pick is Pick.NEWEST:
        return Picked(page.classifiers[-1])
    best = max(reversed(page.classifiers), key=lambda one: -1 if one.accuracy is None else one.accuracy)
    return Picked(
        best,
        (
            f"classifier {best.id} has the highest accuracy of {len(page.classifiers)}, "
            "but each was measured on a test set of its own",
        )
        if len(page.classifiers) > 1
        else (),
    )


def _pinned(source: int, in_use: InUse) -> Picked:
    """One of its own that a source was set to use: its page then lists none (protocol, corrections)."""
    latest = in_use.latest
    newer = "" if latest is None else f"; its newest is {latest}, which you get with `classifier: {{id: {latest}}}`"
    return Picked(
        Classifier(id=in_use.classifier, source=source),
        (
            f"source {source} is set to use its own classifier {in_use.classifier}, and lists no other: that one is "
            f"taken, whatever `pick` says{newer}",
        ),
    )


def _borrowed(site: Site, source: int, borrowed: InUse) -> Picked:
    """The classifier of another source that a source uses; what is known of it stands on that source's page."""
    lender = _seen(site, borrowed.source)
    known = () if lender is None else lender.classifiers
    classifier = next((one for one in known if one.id == borrowed.classifier), None)
    return Picked(
        classifier or Classifier(id=borrowed.classifier, source=borrowed.source),
        (
            f"source {source} has no classifier of its own and uses {borrowed.classifier}, of source "
            f"{borrowed.source}: that one is taken, whatever `pick` says",
        ),
    )


def _by_number(site: Site, number: str, sources: Iterable[int]) -> Picked:
    """One that the user names; CoralNet takes any whose source the account may see, listed or not (protocol 3)."""
    pages = [(source, page) for source in sources if (page := _seen(site, source)) is not None]
    for _, page in pages:
        for one in page.classifiers:
            if one.id == number:
                return Picked(one)
        if page.in_use is not None and number in (page.in_use.classifier, page.in_use.latest):
            return Picked(Classifier(id=number, source=page.in_use.source))
    if not pages:
        return Picked(Classifier(id=number))
    where = " or ".join(f"source {source}" for source, _ in pages)
    return Picked(
        Classifier(id=number),
        (
            f"classifier {number} is not listed by {where}: it is another source's, or one that CoralNet rejected "
            "for being no better than the one before",
        ),
    )


def own_confusion(site: Site, classifier: Classifier) -> Confusion | str:
    """CoralNet's own confusion matrix of a classifier, or why it is not at hand: nothing fails for want of it.

    A source shows that of the classifier in use there alone. "" where the classifier's source is not known.
    """
    if classifier.source is None:
        return ""
    unknown = f"CoralNet's own confusion matrix of classifier {classifier.id} is not kept"
    try:
        page = site.source(classifier.source)
        in_use = page.in_use.classifier if page.in_use else page.classifiers[-1].id if page.classifiers else ""
        if in_use != classifier.id:
            return f"{unknown}: source {classifier.source} shows that of {in_use or 'none'} now"
        found = site.confusion(classifier.source, classifier.id)
    except (UsageError, CredentialsError, ServiceError) as error:
        return f"{unknown}: {error.message}"
    return f"{unknown}: source {classifier.source} shows none yet" if found is None else found


def drift(site: Site, classifier: Classifier) -> tuple[str, ...]:
    """What has changed since a classifier was pinned: a newer one is there, or it is not listed any more.

    Empty where its source is not known or its page cannot be read: that must keep nobody from going on.
    """
    page = None if classifier.source is None else _seen(site, classifier.source)
    if page is None:
        return ()
    if page.in_use is not None and page.in_use.source == classifier.source:
        return _drift_of_pinned(classifier, page.in_use)
    listed = page.classifiers
    if all(one.id != classifier.id for one in listed):
        now = f"its newest is {_shown(listed[-1])}" if listed else "it lists none now"
        return (f"classifier {classifier.id} is not listed by source {classifier.source} any more; {now}",)
    newest = listed[-1]
    if newest.id == classifier.id:
        return ()
    return (
        f"source {classifier.source} has a newer classifier, {_shown(newest)}; this run keeps {_shown(classifier)}",
    )


def _drift_of_pinned(classifier: Classifier, in_use: InUse) -> tuple[str, ...]:
    """Of a source that was set to use one classifier of its own, which lists no other."""
    if in_use.classifier != classifier.id:
        now = f"source {classifier.source} is set to use its classifier {in_use.classifier} now"
        return (f"{now}; this run keeps {_shown(classifier)}",)
    if in_use.latest is None:
        return ()
    newer = f"source {classifier.source} has a newer classifier, {in_use.latest}"
    return (f"{newer}; this run keeps {_shown(classifier)}",)


def _shown(classifier: Classifier) -> str:
    parts = [f"{classifier.id}"]
    if classifier.accuracy is not None:
        parts.append(f"accuracy {classifier.accuracy} %")
    if classifier.images is not None:
        parts.append(f"{classifier.images} images")
    if classifier.date is not None:
        parts.append(classifier.date)
    return parts[0] if len(parts) == 1 else f"{parts[0]} ({', '.join(parts[1:])})"


def _seen(site: Site, source: int) -> SourcePage | None:
    try:
        return site.source(source)
    except (UsageError, CredentialsError, ServiceError):
        return None
