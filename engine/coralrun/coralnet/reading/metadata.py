"""What a CoralNet source knows of its images: date, its own five fields, coordinates, depth and the like.

Rule: one request gives the metadata of all images to an account that may have them; they are joined by name, as names
of images are everywhere. Where it may not, and for images that came meanwhile, each image's own page is read, within
the rate of pages.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from msgspec import structs

from coralrun.coralnet.codec.pages import distinct
from coralrun.coralnet.reading.crawl import Progress
from coralrun.coralnet.reading.site import Site
from coralrun.planning.images import FoundImage
from coralrun.planning.metadata import MetadataTable
from coralrun.planning.name_match import match_names
from coralrun.sources.metadata_file import read_metadata
from coralrun.sources.patience import Patience, patiently
from coralrun.spec.model import CoralNetSource

_Known = dict[str, str]
_TOLD_EVERY = 20  # pages, as many as a page of the crawl has images


def with_metadata(
    site: Site,
    source: CoralNetSource,
    found: Sequence[FoundImage],
    progress: Progress | None = None,
    patience: Patience | None = None,
) -> tuple[FoundImage, ...]:
    """The images with what their source knows of them; an image that is gone by now is known nothing of.

    Raises what `Site.metadata` and `Site.details` raise.
    """
    if not found:
        return ()
    table = _table(site, source, patience)
    known: dict[int, _Known] = {}
    if table is not None:
        written = match_names(table.rows, {image.name for image in found}).written
        rows = ((image, table.rows.get(written.get(image.name, image.name))) for image in found)
        known = {_id(image): dict(zip(table.fields, row, strict=True)) for image, row in rows if row is not None}
    pages = [_id(image) for image in found if _id(image) not in known]
    for number, image_id in enumerate(pages, start=1):
        details = patiently(patience, partial(site.details, image_id))
        known[image_id] = dict(details or ())
        if progress is not None and (number % _TOLD_EVERY == 0 or number == len(pages)):
            progress(number, len(pages))
    fields = tuple(dict.fromkeys(name for row in known.values() for name in row))
    return tuple(
        replace(image, fields=fields, metadata=tuple(known[_id(image)].get(name, "") for name in fields))
        for image in found
    )


def _table(site: Site, source: CoralNetSource, patience: Patience | None) -> MetadataTable | None:
    """The source's table, of at least the images that are searched for: it costs one request, whatever its length."""
    wide = structs.replace(source.search, fields={}, image_ids=())
    data = patiently(patience, partial(site.metadata, source.source, wide))
    return None if data is None else read_metadata(f"the metadata of source {source.source}", _distinct_headings(data))


def _distinct_headings(table: bytes) -> bytes:
    """CoralNet's table with no heading twice, which nobody but CoralNet could mend."""
    header, line_end, rows = table.partition(b"\r\n")
    fields = next(csv.reader([header.decode("utf-8", "surrogateescape")]), [])
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(distinct(fields))
    return text.getvalue().encode("utf-8", "surrogateescape") + line_end + rows


def _id(image: FoundImage) -> int:
    if image.image_id is None:
        raise ValueError(f"{image.name} has no image id")
    return image.image_id
