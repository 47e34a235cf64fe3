"""The images of a CoralNet source: crawled by key, several id ranges at a time.

Rule: a source is walked by key, not by page: always the first page of the images above the last id seen, so that images
which come and go meanwhile make nothing double and hide nothing (protocol 12, 6c). Ranges share no id, and the last one
is open, so what holds of one walk holds of them all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial

from coralrun.coralnet.codec.pages import BrowsePage
from coralrun.coralnet.codec.search import IdRange, bounds, checked, needs_form, parts
from coralrun.coralnet.reading.site import Site
from coralrun.errors import ServiceError, UsageError
from coralrun.parallel import parallel_map
from coralrun.planning.images import FoundImage
from coralrun.sources.patience import Patience, patiently
from coralrun.spec.image_search import Search
from coralrun.spec.model import CoralNetSource

Progress = Callable[[int, int], None]
"""Called after each page with the images found so far and the images there seem to be in all."""

WORKERS = 4
"""Pages asked for at a time: a page takes CoralNet a good part of a second, and `web_rate` allows several in one."""
_RANGES_A_WORKER = 4  # ids lie in heaps, one for each upload, so equal ranges hold unequal numbers of images
_WORTH_CUTTING = 400  # images; a crawl of fewer pages is over before a cut would pay
_RANGE_IMAGES = 400  # on average at least, once every worker has a range: each range ends with a page that is not full


def crawl(
    site: Site,
    source: CoralNetSource,
    progress: Progress | None = None,
    patience: Patience | None = None,
    workers: int = 1,
) -> tuple[FoundImage, ...]:
    """All images of a source's search, in the order of their ids; without `patience` each page is asked for once.

    Raises UsageError for a search that the source does not offer, and what `Site.browse` raises.
    """
    walk = _Walk(site, source.source, progress, patience)
    found: list[FoundImage] = []
    for part in parts(search_of(site, source, patience)):
        found += walk.whole(part, bounds(part), workers)
    return tuple(found)


def search_of(site: Site, source: CoralNetSource, patience: Patience | None = None) -> Search:
    """A source's search in CoralNet's words, checked against what the source offers; raises UsageError."""
    if not needs_form(source.search):
        return source.search
    return checked(source.search, patiently(patience, partial(site.offered, source.source)), source.source)


class _Walk:
    """The walks through one source, and what they have found together."""

    def __init__(self, site: Site, source: int, progress: Progress | None, patience: Patience | None) -> None:
        self._site = site
        self._source = source
        self._progress = progress
        self._patience = patience
        self._lock = threading.Lock()
        self._found = 0
        self._total = 0

    def whole(self, search: Search, ids: IdRange, workers: int) -> list[FoundImage]:
        """All images of a search: one walk, or where it is long, several side by side."""
        page = self._page(search, ids)
        self._total += page.total
        found = self._images(page)
        if not page.has_next:
            return found
        rest = IdRange(page.images[-1].id + 1, ids.last)
        if workers == 1 or page.total < _WORTH_CUTTING:
            return found + self._through(search, rest)
        ranges = max(workers, min(workers * _RANGES_A_WORKER, page.total // _RANGE_IMAGES))
        for images in parallel_map(partial(self._through, search), self._cut(search, rest, ranges), workers):
            found += images
        return found

    def _cut(self, search: Search, ids: IdRange, count: int) -> Sequence[IdRange]:
        """Equal ranges from the next image to the last one that there is now; the last range goes on to the end."""
        page = self._page(search, ids, backwards=True)
        last = page.images[0].id if page.images else ids.first
        if last - ids.first < count:
            return [ids]
        starts = [ids.first + number * (last - ids.first) // count for number in range(count)]
        ends = [*(start - 1 for start in starts[1:]), ids.last]
        return [IdRange(start, end) for start, end in zip(starts, ends, strict=True)]

    def _through(self, search: Search, ids: IdRange) -> list[FoundImage]:
        """One walk, from the first id of a range to its last."""
        found: list[FoundImage] = []
        while True:
            page = self._page(search, ids)
            found += self._images(page)
            if not page.has_next:
                return found
            ids = IdRange(page.images[-1].id + 1, ids.last)

    def _page(self, search: Search, ids: IdRange, *, backwards: bool = False) -> BrowsePage:
        """One page of a range, in the order that was asked for."""
        ask = partial(self._site.browse, self._source, search, ids, backwards=backwards)
        page = patiently(self._patience, ask)
        if not page.valid:
            raise UsageError(
                f"CoralNet refuses the search of source {self._source}", remedy="Correct `search` in the survey."
            )
        seen = [image.id for image in page.images]
        in_order = sorted(set(seen), reverse=backwards)
        if seen != in_order or not all(ids.first <= number <= ids.last for number in seen):
            raise ServiceError(f"the images of source {self._source} are not in the order of their ids")
        return page

    def _images(self, page: BrowsePage) -> list[FoundImage]:
        with self._lock:
            self._found += len(page.images)
            self._total = max(self._total, self._found)
            if self._progress is not None:
                self._progress(self._found, self._total)
        return [FoundImage(name=image.name, image_id=image.id) for image in page.images]
