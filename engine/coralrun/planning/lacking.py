"""Of which images less is known in the end than a survey's table and templates of names are to tell, and why.

Rule: what one place does not tell of an image is no matter where the others do. An image is listed under a place that
says nothing of it while a field of that place is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from coralrun.planning.images import FoundImage
from coralrun.planning.metadata import Gathered, MetadataTable, listing
from coralrun.planning.model import Listing
from coralrun.spec.template_stop import remedy_for, stop_of
from coralrun.spec.templates import Templates


def without_row(gathered: Gathered, images: Sequence[FoundImage], table: MetadataTable | None) -> tuple[str, ...]:
    """The names of those of these images that the table has no row for, and of which it would tell more."""
    places = _places(gathered, () if table is None else table.fields)
    return tuple(image.name for image in images if image.name in gathered.without_row and not _knows(image, places))


def unread(gathered: Gathered, images: Sequence[FoundImage], templates: Templates | None) -> tuple[str, ...]:
    """The names of those of these images that follow no template, and of which any would tell more."""
    each = [_places(gathered, template.fields) for template in (() if templates is None else templates.each)]
    return tuple(
        image.name
        for image in images
        if image.name in gathered.unread and not any(_knows(image, places) for places in each)
    )


def images_listed(
    gathered: Gathered, images: Sequence[FoundImage], table: MetadataTable | None, templates: Templates | None
) -> Iterator[Listing]:
    """Of these images, those about which less is known than the survey asks for."""
    if table is not None:
        yield from listing(f"images without a row in {table.label}", without_row(gathered, images, table))
    names = unread(gathered, images, templates)
    yield from listing("images whose names do not follow `metadata.from_names`", names)


def unread_warnings(gathered: Gathered, images: Sequence[FoundImage], templates: Templates | None) -> Iterator[str]:
    """That names of these images are not read, and what to do; of one template, where the first stops to follow it."""
    names = unread(gathered, images, templates)
    if templates is None or not names:
        return
    if len(templates.each) > 1:
        more = f" and {len(names) - 1:,} more follow" if len(names) > 1 else " follows"
        remedy = "give one more, or a table under `from:`"
        yield f"`{names[0]}`{more} none of the templates of `metadata.from_names`: {remedy}"
        return
    (template,) = templates.each
    others_are_read = any(image.name not in gathered.unread for image in images)
    remedy = remedy_for(template, names, others_are_read=others_are_read).removesuffix(".")
    yield f"`{names[0]}` does not follow `metadata.from_names`: {stop_of(template, names[0])}. {remedy}"


def _places(gathered: Gathered, fields: Sequence[str]) -> tuple[int, ...]:
    places = map(gathered.place, fields)
    return tuple(place for place in places if place is not None)


def _knows(image: FoundImage, places: Sequence[int]) -> bool:
    return all(image.metadata[place] for place in places)
