"""Which of the images found are planned: each source's filters, then what looks at all of them together.

Rule: an image has one key, and a key that comes twice is a problem at both places. Every step is a line of the funnel.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from coralrun.errors import InvalidInput, Problem
from coralrun.files.training_photos import training_photos_of
from coralrun.planning.filters import sample, select
from coralrun.planning.identity import stable_part
from coralrun.planning.images import FoundImage
from coralrun.planning.metadata import Inventory
from coralrun.planning.model import FOUND, FunnelStep, Listing
from coralrun.planning.name_match import with_label
from coralrun.planning.near_names import near_misses
from coralrun.planning.value_warnings import doubtful_listings
from coralrun.spec.model import ImageSampling, Source

Chosen = dict[str, tuple[Source, FoundImage]]
"""Images with their sources by key, in the order of the plan."""


@dataclass(slots=True)
class Choice:
    """The images chosen so far, what each step did, and what the images' owner should know.

    `not_found` are, by the file of `names_from`, its names that no image has of any source that it is used for.
    """

    images: Chosen
    funnel: list[FunnelStep]
    listings: list[Listing]
    not_found: dict[str, tuple[str, ...]]
    warnings: list[str]

    def keep(self, step: str, kept: Chosen) -> None:
        """Go on with fewer images; a step that looks at the images of all sources together has no source."""
        self.funnel.append(FunnelStep(source="", step=step, removed=len(self.images) - len(kept), left=len(kept)))
        self.images = kept


def raise_all(problems: Iterable[Problem], remedy: str | None = None) -> None:
    """Raise InvalidInput with every problem, if there is any; `remedy` where the usual one does not help."""
    gathered = list(problems)
    if gathered:
        raise InvalidInput(gathered, remedy=remedy)


def choose(inventory: Inventory, names: Mapping[str, tuple[str, ...]], taken: Mapping[str, Collection[str]]) -> Choice:
    """Filter every source's images and give each its key; a key that comes twice is a problem at both places.

    `names` maps each path of a `names_from` to the names in it, and the photos' file of each classifier of a
    `not_trained_on` to their digests; `taken` each run of a `not_in` to the keys in it.
    """
    chosen: Chosen = {}
    funnel: list[FunnelStep] = []
    listings: list[Listing] = []
    not_found: dict[str, tuple[str, ...]] = {}
    warnings: list[str] = []
    problems: list[Problem] = []
    for source, found in inventory:
        listed = source.filters.names_from
        used = frozenset(key for run in source.filters.not_in for key in taken[run])
        classifier = source.filters.not_trained_on
        learnt = frozenset() if classifier is None else frozenset(names[training_photos_of(classifier)])
        selection = select(source, found, names[listed] if listed is not None else (), used, learnt)
        funnel.extend(selection.funnel)
        listings.extend(selection.listings)
        warnings.extend(selection.warnings)
        if listed is not None:
            nowhere = frozenset(selection.not_found)
            not_found[listed] = tuple(name for name in not_found.get(listed, names[listed]) if name in nowhere)
        for image in selection.images:
            key = stable_part(source, image)
            if key in chosen:
                problems.append(_twice(f"the image `{key}`", chosen[key], (source, image)))
            else:
                chosen[key] = (source, image)
    raise_all(problems)
    for path, left in not_found.items():
        users = (found for source, found in inventory if source.filters.names_from == path)
        images = {image.name for found in users for image in found} if left else set[str]()
        warnings.extend(with_label(path, near_misses(left, images)))
    return Choice(chosen, funnel, listings, not_found, warnings)


def refuse_shared_names(chosen: Chosen, points: str) -> None:
    """Points that are supplied go by the image's name alone, so one name must not stand for two images.

    `points` says in words where they come from.
    """
    first: dict[str, tuple[Source, FoundImage]] = {}
    problems = []
    for source, image in chosen.values():
        if image.name in first:
            what = f"{points} cannot tell two images apart: the name `{image.name}`"
            problems.append(_twice(what, first[image.name], (source, image)))
        first.setdefault(image.name, (source, image))
    raise_all(problems)


def _twice(what: str, first: tuple[Source, FoundImage], second: tuple[Source, FoundImage]) -> Problem:
    file, line = place_of(*second)
    first_file, first_line = place_of(*first)
    earlier = f"{first_file}:{first_line}" if first_line else first_file
    return Problem(file, line, 0, f"{what} is already at {earlier}; filter one of the two out or rename it")


def place_of(source: Source, image: FoundImage) -> tuple[str, int]:
    """The file and line where an image was written; the source's label and 0 for one that was crawled."""
    file, _, line = image.place.rpartition(":")
    return (file, int(line)) if line.isdigit() else (source.label, 0)


def draw(choice: Choice, sampling: ImageSampling) -> dict[str, float]:
    """Draw the sample, in place; the probability with which each image was drawn, by its key, empty for all images."""
    if sampling.count is None:
        return {}
    groups = _groups(choice.images, sampling.by)
    drawn = sample(groups, sampling.count, sampling.seed)
    choice.keep("sampling.images", {key: pair for key, pair in choice.images.items() if key in drawn})
    if sampling.by is not None:
        unknown = tuple(choice.images[key][1].name for key in choice.images if not groups[key])
        if unknown:
            what = f"images whose `{sampling.by}` is not known, drawn from as one more of its values"
            choice.listings.append(Listing(what, unknown))
        names = (image.name for _, image in choice.images.values())
        choice.listings += doubtful_listings(sampling.by, "drawn by", (groups[key] for key in choice.images), names)
        sizes = Counter(groups.values())
        few = tuple(f"{group or '(not known)'}: {size}" for group, size in sizes.items() if size < sampling.count)
        if few:
            what = f"values of `{sampling.by}` with fewer than {sampling.count} images, of which all are taken"
            choice.listings.append(Listing(what, few))
    return drawn


def _groups(images: Chosen, by: str | None) -> dict[str, str]:
    """The value of the field `by` for each key; all images together are one group without it."""
    if by is None or not images:
        return dict.fromkeys(images, "")
    _, first = next(iter(images.values()))
    place = [field.casefold() for field in first.fields].index(by.casefold())
    return {key: image.metadata[place] for key, (_, image) in images.items()}


def describe_funnel(funnel: Iterable[FunnelStep]) -> str:
    """What each step did to the images, in words."""
    parts = []
    for step in funnel:
        if step.step == FOUND:
            parts.append(f"{step.source} has {step.left} image{'s' * (step.left != 1)}")
        elif step.removed:
            parts.append(f"{step.step} removes {step.removed}")
    return ", ".join(parts) or "the survey has no source"
