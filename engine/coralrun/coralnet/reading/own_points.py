"""The points that CoralNet sources have themselves: read from their exports of annotations.

Rule: an export is kept as it came, for the labels in it are what a run can be judged by; the points are those that
have a label, people's and the machine's alike, in the order of the export. They go by the image's name, so a name that
two sources share tells no image.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from coralrun.connection import OwnPoints
from coralrun.coralnet.reading.crawl import search_of
from coralrun.coralnet.reading.site import Site
from coralrun.errors import InvalidInput, UsageError
from coralrun.planning.name_match import loosely
from coralrun.planning.points_table import PointsTable
from coralrun.sources.patience import Patience, patiently
from coralrun.sources.points_file import read_points
from coralrun.spec.model import CoralNetSource

LABEL = "the annotations of CoralNet"
_NO_TRUTH = (
    "the points are those that have a label in CoralNet; the labels are kept with the run, and those on images "
    "of the classifier's own source are no independent truth: `accuracy` counts them as in-sample"
)


def read_own_points(site: Site, sources: Sequence[CoralNetSource], patience: Patience | None = None) -> OwnPoints:
    """Export and read the points of sources, of the images of their searches.

    Raises UsageError where no image has a point with a label, InvalidInput for an export that cannot be read or a name
    that two sources share, and what `Site.annotations` raises.
    """
    exports: dict[int, bytes] = {}
    for source in sources:
        search = search_of(site, source, patience)
        exports[source.source] = patiently(patience, partial(site.annotations, source.source, search))
    filled = {f"the annotations of source {number}": table for number, table in exports.items() if _has_rows(table)}
    if not filled:
        which = ", ".join(map(str, exports))
        raise UsageError(
            f"no image that is searched for in source {which} has a point with a label, so there are no points",
            remedy="Lay the points with a design instead of `from: coralnet`, or search for other images.",
        )
    try:
        return OwnPoints(partial(_within, read_points(LABEL, filled)), exports, (_NO_TRUTH,))
    except InvalidInput as error:
        raise InvalidInput(
            error.problems, remedy="Where two sources share a name, give each source a survey of its own."
        ) from None


def _within(table: PointsTable, names: Collection[str]) -> PointsTable:
    """The points of these images and of those whose names are alike, and of no others."""
    alike = set(map(loosely, names))
    return table.renamed({name: name for name in table if loosely(name) in alike})


def _has_rows(table: bytes) -> bool:
    """Whether a table has a line below its header."""
    return b"\n" in table.strip()
