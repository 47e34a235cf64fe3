"""CoralNet's sources, for a plan: their images, what is known of those, and the points that they have themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from msgspec import structs

from coralrun.connection import OwnPoints
from coralrun.coralnet.codec.annotations import joined
from coralrun.coralnet.codec.search import bounds, parts
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.coralnet.reading.crawl import WORKERS, crawl, search_of
from coralrun.coralnet.reading.metadata import with_metadata
from coralrun.coralnet.reading.own_points import read_own_points
from coralrun.coralnet.reading.site import Site
from coralrun.errors import ServiceError, UsageError
from coralrun.planning.filters import select
from coralrun.planning.images import FoundImage
from coralrun.reaching import Progress, WallClock
from coralrun.service.checks import Check, Verdict, counted_images
from coralrun.sources.patience import Patience, patiently
from coralrun.spec.image_search import Search, changing
from coralrun.spec.model import CoralNetSource


@dataclass(frozen=True, slots=True)
class CoralNetSources:
    """`connection.Sources` by CoralNet's pages."""

    site: Site
    clock: WallClock

    def images(
        self, source: CoralNetSource, names: Collection[str], progress: Progress, *, metadata: bool
    ) -> tuple[FoundImage, ...]:
        """The images of a source; metadata only for those that filters by name leave, since each may cost a page."""
        listing = f"listing the images of source {source.source}"
        progress(listing)
        found = crawl(
            self.site,
            source,
            lambda done, total: progress(listing, done, total),
            self._patience(progress, listing),
            WORKERS,
        )
        if not metadata:
            return found
        filters = source.filters
        known_first = bool(filters.where or filters.not_in)
        limit = None if known_first else filters.limit
        by_name = structs.replace(filters, where={}, not_in=(), not_trained_on=None, limit=limit)
        wanted = select(structs.replace(source, filters=by_name), found, names).images
        reading = f"reading what source {source.source} knows of its images"
        progress(reading)
        known = with_metadata(
            self.site,
            source,
            wanted,
            lambda done, total: progress(reading, done, total),
            self._patience(progress, reading),
        )
        by_id = {image.image_id: image for image in known}
        return tuple(by_id.get(image.image_id, image) for image in found)

    def check_may_have_points(self) -> None:
        """Raise CredentialsError for an account that cannot sign in, as exports need."""
        self.site.check_may_sign_in("the points of CoralNet sources")

    def points(self, sources: Sequence[CoralNetSource], progress: Progress) -> OwnPoints:
        """The points with a label in CoralNet."""
        exporting = "exporting the annotations of the sources"
        progress(exporting)
        return read_own_points(self.site, sources, self._patience(progress, exporting))

    def labels(self, images: Mapping[int, Sequence[int]], progress: Progress) -> bytes:
        """The annotations of images, as CoralNet exports them (two requests for a hundred)."""
        self.site.check_may_sign_in("the annotations of CoralNet sources")
        fetching, of, tables = "fetching the labels of photos", sum(map(len, images.values())), list[bytes]()
        done = 0
        for source, ids in images.items():
            for part in parts(Search(image_ids=tuple(ids))):
                progress(fetching, done, of)
                asked = partial(self.site.annotations, source, part)
                tables.append(patiently(self._patience(progress, fetching), asked))
                done += len(part.image_ids or ())
        try:
            return joined(tables)
        except NotUnderstood as error:
            raise ServiceError(f"the annotations of sources: {error}") from error

    def check(self, source: CoralNetSource) -> Check:
        """Whether a source's page and its search can be read."""
        page = self.site.source(source.source)
        asked = parts(search_of(self.site, source))
        found = [self.site.browse(source.source, part, bounds(part)) for part in asked]
        if not all(part.valid for part in found):
            raise UsageError(
                f"CoralNet refuses the search of source {source.source}", remedy="Correct `search` in the survey."
            )
        total = sum(part.total for part in found)
        said = f"{page.name}: the search finds {counted_images(total)}"
        if not total:
            remedy = " ".join(["Look at `search` in the survey: is it too narrow?", *changing(source.search)])
            return Check(source.label, Verdict.NOTE, said, remedy)
        return Check(source.label, Verdict.OK, said)

    def _patience(self, progress: Progress, label: str) -> Patience:
        return Patience(self.clock.sleep, lambda why: progress(f"{label}: {why}"))
