"""Checks of the images found: numbers that are no image's, names and addresses that are nearly the same.

Rule: these are usual slips, which a person can mend: they are reported, and never taken for the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from coralrun.planning.identity import address_of
from coralrun.planning.images import FoundImage
from coralrun.planning.metadata import Inventory
from coralrun.planning.model import Listing
from coralrun.planning.name_match import loosely, unseen
from coralrun.planning.near_names import stem
from coralrun.spec.model import CoralNetSource

_BEFORE_COPY = (" ", "\t", "_", "-")  # what programs write between a name and the word
_DIGITS_MOST = 3  # of a copy's number; a longer one is a camera's or a date


def ids_not_found(inventory: Inventory) -> Iterator[Listing]:
    """The numbers of an `image_id_list` that the source's search found no image for: CoralNet passes over them."""
    for source, images in inventory:
        if isinstance(source, CoralNetSource) and source.search.image_ids:
            there = {image.image_id for image in images}
            missing = tuple(str(number) for number in source.search.image_ids if number not in there)
            if missing:
                yield Listing(f"{source.label}: numbers of `image_id_list` that no image found has", missing)


def nearly_the_same(images: Sequence[FoundImage]) -> Iterator[Listing]:
    """Names that differ in case, characters' form, ending or a copy's number alone: often one photo uploaded twice."""
    alike = _alike(images, lambda image: _original(image.name))
    if alike:
        yield Listing("names that are nearly the same (case, ending or a copy's number)", alike)


def same_url(images: Sequence[FoundImage]) -> Iterator[Listing]:
    """Images that have one address but for its signature, whichever manifests they stand in: one photo, twice."""
    alike = _alike([image for image in images if image.url is not None], lambda image: address_of(image.url or ""))
    if alike:
        yield Listing("images that have the same url, each of which is classified", alike)


def same_content(images: Sequence[FoundImage]) -> Iterator[Listing]:
    """Photos of folders that are the same byte for byte: a copy counts twice in every mean."""
    counting = [image for image in images if image.sha256 is not None and image.unfit is None]
    alike = _alike(counting, lambda image: image.sha256 or "")
    if alike:
        yield Listing("photos with the same content, each of which counts", alike)


def _alike(images: Sequence[FoundImage], mark_of: Callable[[FoundImage], str]) -> tuple[str, ...]:
    """The names of the images that share a mark. Only those are held: a survey may have a million others."""
    seen: set[int] = set()
    repeated: set[int] = set()
    for image in images:
        hashed = hash(mark_of(image))
        (repeated if hashed in seen else seen).add(hashed)
    groups: dict[str, list[str]] = {}
    for image in images if repeated else ():
        if hash(mark := mark_of(image)) in repeated:
            groups.setdefault(mark, []).append(image.name + unseen(image.name))
    return tuple(" = ".join(group) for group in groups.values() if len(group) > 1)


def _original(name: str) -> str:
    """What an image and its copies have in common: `a` of `a.JPG`, `a (1).jpg`, `a copy 2.jpg` and `a - Copy.jpg`.

    It is cut from the end, step by step, so that a long run of blanks takes no longer than any other name.
    """
    whole = stem(loosely(name.strip()))
    numberless = _without_number(whole)
    copied = numberless.removesuffix("copy")
    if copied != numberless and copied.endswith(_BEFORE_COPY):
        return copied.rstrip("".join(_BEFORE_COPY))
    return numberless if whole.endswith(")") else whole


def _without_number(name: str) -> str:
    """A name without the number at its end, in brackets or not, and the blanks before it."""
    open_ended = name.removesuffix(")")
    before = open_ended.rstrip("0123456789")
    is_number = 0 < len(open_ended) - len(before) <= _DIGITS_MOST
    is_whole = before.endswith("(") == name.endswith(")")
    return before.removesuffix("(").rstrip() if is_number and is_whole else name
