"""Points supplied by a person or an earlier run: which image has which, by its name or by its earlier photo.

Rule: an image has points that are its own beyond doubt, or it has none and is left out and listed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from coralrun.planning.choice import Choice, refuse_shared_names
from coralrun.planning.model import Listing
from coralrun.planning.name_match import NameMatch, match_names, with_label
from coralrun.planning.near_names import near_misses
from coralrun.planning.points_table import PointsTable
from coralrun.planning.revisit import EarlierPhotos, revisit
from coralrun.spec.model import PointsFile, Survey
from coralrun.spec.revisit import Revisit


@dataclass(frozen=True, slots=True)
class SuppliedPoints:
    """The points of the images that have some, by key.

    `without` are the names of the images that have none, `not_found` the names of points that are no image's, and
    `near_misses` say which of those resemble one.
    """

    points: PointsTable
    without: tuple[str, ...]
    not_found: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()
    listings: tuple[Listing, ...] = ()
    warnings: tuple[str, ...] = ()


def supply(
    survey: Survey,
    choice: Choice,
    supplied: PointsTable | EarlierPhotos,
    found_names: Collection[str],
    fields: Sequence[str],
) -> SuppliedPoints:
    """Supply the chosen images with their points and go on, in place, with those that have some.

    `found_names` are the names of all images that were found, chosen or not; `fields` those of their metadata. Raises
    InvalidInput where it cannot be told which points are whose.
    """
    asked = survey.points
    if isinstance(asked, Revisit) and isinstance(supplied, EarlierPhotos):
        matched = _of_earlier(survey, asked, choice, supplied, found_names, fields)
    elif isinstance(asked, Revisit) or isinstance(supplied, EarlierPhotos):
        raise ValueError("the photos of an earlier run go with a survey that revisits one, and only with one")
    else:
        refuse_shared_names(
            choice.images, "the points file" if isinstance(asked, PointsFile) else "an export of annotations"
        )
        return by_name(choice, supplied, found_names)
    _keep(choice, matched)
    choice.listings += matched.listings
    return matched


def by_name(choice: Choice, supplied: PointsTable, found_names: Collection[str]) -> SuppliedPoints:
    """The same of points that go by the names of images, whether or not two of these share one."""
    table, match = supplied.matched(found_names)
    names = {key: image.name for key, (_, image) in choice.images.items()}
    left = tuple(table.written(name) for name in table if name not in found_names)
    matched = SuppliedPoints(
        points=table.renamed({key: name for key, name in names.items() if name in table}),
        without=tuple(name for name in names.values() if name not in table),
        not_found=left,
        near_misses=tuple(with_label(supplied.label, near_misses(left, found_names))),
        warnings=tuple(with_label(supplied.label, match.warnings())),
    )
    _keep(choice, matched)
    return matched


def _keep(choice: Choice, matched: SuppliedPoints) -> None:
    choice.keep("points", {key: pair for key, pair in choice.images.items() if key in matched.points})


def _of_earlier(
    survey: Survey,
    asked: Revisit,
    choice: Choice,
    earlier: EarlierPhotos,
    found_names: Collection[str],
    fields: Sequence[str],
) -> SuppliedPoints:
    names = {key: image.name for key, (_, image) in choice.images.items()}
    theirs = dict.fromkeys(image.name for image in earlier.images)
    match = NameMatch() if asked.match else match_names(found_names, theirs)
    left = () if asked.match else match.unmatched(names.values(), theirs)
    revisited = revisit(asked, choice.images, fields, earlier, survey.metadata, match.images)
    return SuppliedPoints(
        points=revisited.points,
        without=tuple(name for key, name in names.items() if key not in revisited.points),
        near_misses=tuple(with_label(earlier.run, near_misses(left, theirs))),
        listings=revisited.listings,
        warnings=(*revisited.warnings, *with_label(earlier.run, match.warnings())),
    )
