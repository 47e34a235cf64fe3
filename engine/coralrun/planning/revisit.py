"""The photos of an earlier run and those of this one: which two are of one frame, and so have the same points.

Rule: two photos are paired by what the survey says tells them, exactly, or by their names, and one with one. Where
several could be meant nothing is guessed: each such image is a problem. What is not known matches nothing, and whatever
is left over on either side is listed. Points are pixels of the earlier photo, so they go with its size.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from coralrun.errors import InvalidInput, Problem
from coralrun.planning.choice import Chosen, place_of
from coralrun.planning.images import Extent, PlannedImage, Point, Size
from coralrun.planning.lay import PointsOutside, lay
from coralrun.planning.model import Listing, Plan
from coralrun.planning.points import AreaTooSmall
from coralrun.planning.points_table import PackedPoints, PointsTable
from coralrun.planning.values import Values
from coralrun.planning.where import FIELD_REMEDY, no_such_field
from coralrun.spec.model import Metadata
from coralrun.spec.revisit import Revisit
from coralrun.spec.wording import Wording

MATCH_KEY = "sampling.points.revisit.match"
REMEDY = "Name the fields under `match` that tell one photo from every other, or filter images out."
SIZE_REMEDY = "Filter these images out, or give the files as the camera wrote them: points are never moved or scaled."

_Mark = tuple[str, ...]  # what tells a photo: its name, or the values of the fields


@dataclass(frozen=True, slots=True)
class EarlierPhotos:
    """The photos of the run in the directory `run`; `points` has the points, by key, of those that were given some."""

    run: str
    fields: tuple[str, ...]
    images: Sequence[PlannedImage]
    points: PointsTable


@dataclass(frozen=True, slots=True)
class Revisited:
    """The points of the images that have some, by key, and what their owner should know of all of them."""

    points: PointsTable
    listings: tuple[Listing, ...]
    warnings: tuple[str, ...]


def photos_of(run: str, plan: Plan, sizes: Mapping[int, Size]) -> EarlierPhotos:
    """The photos of an earlier run; `sizes` are those with which images were sent, by their number in its plan."""
    packed: dict[str, PackedPoints] = {}
    for number, image in enumerate(plan.images):
        laid = _laid(plan, image, sizes.get(number, image.size))
        if laid is not None:
            packed[image.key] = _packed(*laid)
    return EarlierPhotos(run, plan.fields, plan.images, PointsTable(run, packed))


def _laid(plan: Plan, image: PlannedImage, size: Size | None) -> tuple[Sequence[Point], Extent | None] | None:
    """The points that an image had, and the size that they are for; None where it had none, as far as is known."""
    extent = plan.extents.get(image.key)
    if size is None and extent is not None and extent.exact:
        size = Size(extent.width, extent.height)
    if size is None:
        return None if plan.needs_size(image) else (plan.file_points[image.key], None)
    try:
        return lay(plan, image, size), Extent(*size, whole_parts=True, exact=True)
    except (AreaTooSmall, PointsOutside):
        return None


def _packed(points: Sequence[Point], extent: Extent | None) -> PackedPoints:
    rows, columns = array("i", (point.row for point in points)), array("i", (point.column for point in points))
    return PackedPoints(rows, columns, array("i", bytes(rows.itemsize * len(rows))), extent)


def check_match(wording: Wording, asked: Revisit, earlier: EarlierPhotos) -> None:
    """Raise InvalidInput where photos are told apart by a field that the earlier ones do not have."""
    known = {field.casefold() for field in earlier.fields}
    whose = f"the photos of {earlier.run}"
    wrong = [
        no_such_field(wording, MATCH_KEY, field, earlier.fields, whose)
        for field in asked.match
        if field.casefold() not in known
    ]
    if wrong:
        raise InvalidInput(wrong, remedy=FIELD_REMEDY)


def revisit(
    asked: Revisit,
    chosen: Chosen,
    fields: Sequence[str],
    earlier: EarlierPhotos,
    wanted: Metadata,
    alike: Mapping[str, str],
) -> Revisited:
    """Give each image the points of its earlier photo; the fields that tell photos are known on both sides, and the
    earlier run's values are read as those of this survey are (`wanted`). Names that are not exactly the earlier photo's
    are `alike`, each with that.

    Raises InvalidInput, with every image that is concerned, where several photos could be meant.
    """
    here = {key: (alike.get(image.name, image.name), image.metadata) for key, (_, image) in chosen.items()}
    ours, unknown = _marked(here, asked, fields)
    values = Values(wanted)
    there = {image.key: (image.name, values.read(earlier.fields, image.metadata)) for image in earlier.images}
    theirs, _ = _marked(there, asked, earlier.fields)
    problems = list(_ambiguous(asked, chosen, there, earlier.run, ours, theirs))
    if problems:
        raise InvalidInput(problems, remedy=REMEDY)
    pairs = {keys[0]: theirs[mark][0] for mark, keys in ours.items() if mark in theirs}
    points = earlier.points.renamed({ours: theirs for ours, theirs in pairs.items() if theirs in earlier.points})
    met = set(pairs.values())
    left = tuple(image.name for image in earlier.images if image.key not in met)
    names = {key: image.name for key, (_, image) in chosen.items()}
    run = earlier.run
    lists = {
        f"images whose {_named(asked.match)} is not known, so that they match no photo of {run}": unknown,
        f"images that match no photo of {run}": [key for key in names if key not in pairs and key not in set(unknown)],
        f"images whose photo in {run} was given no points": [key for key in pairs if key not in points],
        f"images whose photo in {run} has no known size, so that theirs is not compared with it": [
            key for key in points if points.extent(key) is None
        ],
    }
    listings = [Listing(what, tuple(names[key] for key in keys)) for what, keys in lists.items() if keys]
    listings += [Listing(f"photos of {run} that no image matches", left)] if left else []
    return Revisited(points, tuple(listings), tuple(_warnings(run, len(left), len(earlier.images))))


def _warnings(run: str, left: int, of: int) -> Iterator[str]:
    yield (
        f"the points are those of {run}: valid only for photos of the same frame, where a point falls on the same spot "
        "of the reef; coralrun compares their sizes, and cannot see what they show"
    )
    if left:
        yield f"photos of {run} that no image matches: {left:,} of {of:,}"


def _marked(
    photos: Mapping[str, tuple[str, tuple[str, ...]]], asked: Revisit, fields: Sequence[str]
) -> tuple[dict[_Mark, list[str]], list[str]]:
    """The keys of photos by what tells them, and those of photos of which that is not known."""
    folded = [field.casefold() for field in fields]
    places = [folded.index(field.casefold()) for field in asked.match] if photos else []
    marked: dict[_Mark, list[str]] = {}
    unknown: list[str] = []
    for key, (name, metadata) in photos.items():
        mark = tuple(metadata[place] for place in places) if asked.match else (name,)
        if all(mark):
            marked.setdefault(mark, []).append(key)
        else:
            unknown.append(key)
    return marked, unknown


def _ambiguous(
    asked: Revisit,
    chosen: Chosen,
    there: Mapping[str, tuple[str, tuple[str, ...]]],
    run: str,
    ours: Mapping[_Mark, list[str]],
    theirs: Mapping[_Mark, list[str]],
) -> Iterator[Problem]:
    """Each image of which it cannot be said which photo it revisits, or that is not the only one to revisit it."""
    for mark, keys in ours.items():
        earlier = theirs.get(mark, [])
        for key in keys if earlier else ():
            file, line = place_of(*chosen[key])
            name, what = chosen[key][1].name, _describe_mark(asked, mark)
            if len(earlier) > 1:
                those = ", ".join(f"`{there[photo][0]}`" for photo in earlier)
                text = f"`{name}` matches {len(earlier)} photos of {run} by its {what}: {those}"
                yield Problem(file, line, 0, text)
            if key != keys[0]:
                first_file, first_line = place_of(*chosen[keys[0]])
                place = f"{first_file}:{first_line}" if first_line else first_file
                text = f"`{name}` matches the photo of {run} that `{chosen[keys[0]][1].name}` ({place}) matches"
                yield Problem(file, line, 0, f"{text}, by its {what}")


def _describe_mark(asked: Revisit, mark: _Mark) -> str:
    pairs = zip(asked.match or ("name",), mark, strict=True)
    return ", ".join(f"{field} `{value}`" for field, value in pairs)


def _named(fields: Sequence[str]) -> str:
    return " or ".join(f"`{field}`" for field in fields)
