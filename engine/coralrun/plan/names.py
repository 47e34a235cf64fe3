"""Names that lead nowhere, and names or addresses that are nearly the same: the usual slips, which a person can mend.

Rule: names are matched exactly. What resembles is said, and never taken for the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from coralrun.plan.metadata import Inventory
from coralrun.plan.model import FoundImage, Listing
from coralrun.plan.points_table import PointsTable
from coralrun.spec.model import CoralNetSource

_SHOWN = 3  # names spelt out in a warning
_COPY = re.compile(r"(\s*\([0-9]{1,3}\)|[\s_-]+copy(\s*\(?[0-9]{1,3}\)?)?)\Z")


def not_found(
    inventory: Inventory, names: Mapping[str, tuple[str, ...]], table: PointsTable | None, found: set[str]
) -> tuple[str, ...]:
    """What was named and is in no source that the naming file is used for, each name once, in the order named.

    A name that is there but was filtered out is not missing; and two sources may share one list of names.
    """
    users: dict[str, list[Sequence[FoundImage]]] = {}
    for source, images in inventory:
        if source.filters.names_from is not None:
            users.setdefault(source.filters.names_from, []).append(images)
    missing: dict[str, None] = {}
    for path, inventories in users.items():
        there = {image.name for images in inventories for image in images}
        missing.update((name, None) for name in names[path] if name not in there)
    missing.update((name, None) for name in table or () if name not in found)
    return tuple(missing)


def ids_not_found(inventory: Inventory) -> Iterator[Listing]:
    """The numbers of an `image_id_list` that the source's search found no image for: CoralNet passes over them."""
    for source, images in inventory:
        if isinstance(source, CoralNetSource) and source.search.image_ids:
            there = {image.image_id for image in images}
            missing = tuple(str(number) for number in source.search.image_ids if number not in there)
            if missing:
                yield Listing(f"{source.label}: numbers of `image_id_list` that no image found has", missing)


def near_misses(not_found: Sequence[str], found: Iterable[str]) -> Iterator[str]:
    """Names that differ from an image's in case or extension only: the usual slip, and one that a person can mend."""
    if not not_found:
        return
    by_stem: dict[str, str] = {}
    for name in sorted(found):
        by_stem.setdefault(_stem(name), name)
    near = [(name, by_stem[_stem(name)]) for name in not_found if _stem(name) in by_stem]
    for name, other in near[:_SHOWN]:
        yield f"`{name}` is not there, but `{other}` is: names are matched exactly"
    if len(near) > _SHOWN:
        yield f"{len(near) - _SHOWN} more names that are not there resemble an image's in the same way"


def nearly_the_same(images: Sequence[FoundImage]) -> Iterator[Listing]:
    """Names that differ in case, in their ending or by a copy's number alone: often one photo uploaded twice."""
    alike = _alike(images, lambda image: _original(image.name))
    if alike:
        yield Listing("names that are nearly the same (case, ending or a copy's number)", alike)


def same_url(images: Sequence[FoundImage]) -> Iterator[Listing]:
    """Images that have one address, whichever manifests they stand in: one photo, which counts twice."""
    alike = _alike([image for image in images if image.url is not None], lambda image: image.url or "")
    if alike:
        yield Listing("images that have the same url, each of which is classified", alike)


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
            groups.setdefault(mark, []).append(image.name)
    return tuple(" = ".join(group) for group in groups.values() if len(group) > 1)


def _original(name: str) -> str:
    """What a copy of an image and the image itself have in common."""
    stem = _stem(name)
    return _COPY.sub("", stem) if stem.endswith(")") or "copy" in stem else stem


def _stem(name: str) -> str:
    stem, dot, extension = name.strip().casefold().rpartition(".")
    return stem if dot and extension.isalnum() and len(extension) <= 4 else name.strip().casefold()
