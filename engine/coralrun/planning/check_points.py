"""Points that a person supplied, against the images that are there.

Rule: whatever the service would refuse later (a point outside its image, too many points) is found here, at its line of
the person's file; what is allowed and yet should be seen is a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from coralrun.errors import Problem
from coralrun.planning.choice import Chosen, place_of
from coralrun.planning.frames import fit_otherwise, laid_on
from coralrun.planning.images import Extent, FoundImage, PlannedImage, Point, Size
from coralrun.planning.model import Listing
from coralrun.planning.points_table import PointsTable, in_pixels
from coralrun.spec.model import Source
from coralrun.spec.point_design import PointDesign


def points_problems(
    survey_file: str, layout: PointDesign | PointsTable, chosen: Chosen, most: int | None
) -> Iterator[Problem]:
    """What is wrong with the points of a survey: of a design by itself, of a table image by image, both by key.

    `most` is how many points an image may have at the service, None for any number.
    """
    if isinstance(layout, PointDesign):
        if layout.points_per_image < 1 or (most is not None and layout.points_per_image > most):
            text = f"{layout.points_per_image} points an image: the service takes 1 to {most or 'any number'}"
            yield Problem(survey_file, 0, 0, text)
        return
    for key, (source, image) in chosen.items():
        count = layout.count(key)
        if most is not None and count > most:
            line = layout.line(key, most)
            text = f"`{image.name}` has {count} points: the service takes at most {most} an image"
            yield Problem(layout.file(key), line, 0, text)
        yield from _outside(key, source, image, layout)


def _outside(key: str, source: Source, image: FoundImage, table: PointsTable) -> Iterator[Problem]:
    if image.size is None:
        return
    file, extent, (width, height) = table.file(key), table.extent(key), image.size
    points = in_pixels(table[key], extent, image.size)
    if points is None:
        assert extent is not None  # noqa: S101 - pixels of an image of any size are on this one
        was = laid_on(extent, image.size)
        kind, of = ("a photo of ", f" in {file}") if extent.exact else ("", "")
        text = f"the points of `{image.name}` were laid on {kind}{was.sides} {was.unit}{was.note}{of}"
        where = place_of(source, image) if extent.exact else (file, 1)
        yield Problem(*where, 0, f"{text}; this one has {width} x {height}{was.turned}")
        return
    too_far = list(outside(points, image.size))
    why = fit_otherwise(points, image.size) if too_far else ""
    for index, what, last in too_far[: 1 if why else None]:  # one cause is reported once an image
        text = f"lies outside `{image.name}`, which is {width} x {height} pixels: 0 to {last} are inside"
        line = table.line(key, index)
        text = f"{text}; {why}" if why else text
        if line:
            yield Problem(file, line, 0, f"{what} {text}")
        else:
            yield Problem(*place_of(source, image), 0, f"{what} of its points in {file} {text}")


def outside(points: Sequence[Point], size: Size) -> Iterator[tuple[int, str, int]]:
    """Each point that is not on an image of this size: its number from 0, what is too far, and the last inside."""
    for index, (row, column) in enumerate(points):
        if row >= size.height:
            yield index, f"row {row}", size.height - 1
        elif column >= size.width:
            yield index, f"column {column}", size.width - 1


def repeated(table: PointsTable, chosen: Chosen) -> tuple[Listing, ...]:
    """The points that are written twice: the service classifies both, as it does where it drew one place twice."""
    names = tuple(
        f"{table.file(key)}:{table.line(key, index)} as on line {table.line(key, before)}"
        for key in chosen
        for index, before in table.repeats(key)
        if table.line(key, index)
    )
    return (Listing("points that stand twice on their image, both of which are classified", names),) if names else ()


def extents_of(table: PointsTable, images: Sequence[PlannedImage]) -> dict[str, Extent]:
    """The extents of the images whose points are for one size of them, or not in pixels; here and in `table` by key."""
    found = ((image.key, table.extent(image.key)) for image in images)
    return {key: extent for key, extent in found if extent is not None}


def units_warnings(extents_used: Iterable[Extent]) -> Iterator[str]:
    """What a person should see of points that are not written in pixels."""
    extents = [extent for extent in extents_used if not extent.exact]
    fractions = sum(not extent.whole_parts for extent in extents)
    if fractions:
        yield f"the points of {_images(fractions)} are read as fractions of the sides, from 0 to 1"
    if len(extents) > fractions:
        yield f"the points of {_images(len(extents) - fractions)} are read in the units of CPCe"


def _images(count: int) -> str:
    return f"{count} image{'s' * (count != 1)}"
