"""Points and labels into a CoralNet source: previewed, confirmed, read back (`ports.AnnotationPlace`).

Rule: as for metadata (`metadata_upload`). CoralNet deletes all points and annotations that these photos have; so photos
go by their numbers as well as by their names, and nothing is confirmed whose preview deletes what nobody was told of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coralrun.coralnet.codec import points_table
from coralrun.coralnet.codec.points_table import Points
from coralrun.coralnet.codec.table_answers import TableRefused
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.coralnet.reading.site import Site
from coralrun.coralnet.writing.previewed import TablePages
from coralrun.errors import ServiceError, UsageError
from coralrun.spec.image_search import Search
from coralrun.values.annotated import AnnotatedPoint, Standing, compare


@dataclass(frozen=True, slots=True)
class CoralNetAnnotations:
    """The points and labels of one source's photos."""

    site: Site
    source: int
    most_points: int = points_table.MOST_POINTS

    def labelset(self) -> Mapping[int, str]:
        """The labels that a point can have there (one request). Raises UsageError where there is none."""
        self.site.session.begin()
        labels = {label.id: label.code for label in self.site.labelset(self.source) if label.id is not None}
        if not labels:
            raise UsageError(
                f"source {self.source} has no labelset, and CoralNet takes no points without one",
                remedy="Give the source a labelset on its own page at CoralNet.",
            )
        return labels

    def shown(self, images: Mapping[str, int]) -> Mapping[str, Sequence[AnnotatedPoint]]:
        """The points with labels of photos, by name (two requests for a hundred)."""
        table = self.site.annotations(self.source, Search(image_ids=tuple(images.values())))
        try:
            return points_table.read_shown(table)
        except NotUnderstood as error:
            raise ServiceError(f"source {self.source}: {error}") from error

    def put(self, points: Points, images: Mapping[str, int], before: Points) -> tuple[str, ...]:
        """Write points and labels, and read them back; raises ServiceError where others stand there then."""
        pages = TablePages(self.site, self.source, points_table.PREVIEW_PAGE, points_table.CONFIRM_PAGE)
        try:
            points_table.check_preview(pages.preview(points_table.encode(points)), points, images, before)
            pages.confirm()
        except (TableRefused, NotUnderstood) as error:
            raise ServiceError(f"source {self.source} did not take the points: {error}") from error
        now = self.shown({name: images[name] for name in points})
        found = {name: compare(listed, now.get(name, ())) for name, listed in points.items()}
        wrong = [name for name, standing in found.items() if standing is Standing.OTHER]
        if wrong:
            raise ServiceError(
                f"source {self.source} does not have what was sent, of {len(wrong)} photos: {', '.join(wrong[:3])}",
                remedy="Call the command again: it sends what is missing.",
            )
        return tuple(name for name, standing in found.items() if standing is Standing.UNSEEN)
