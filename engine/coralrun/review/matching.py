"""Which point of a run a person's row is about.

Rule: by name as `name_match` has it, exact row and column, and occurrence, never by nearness or pattern: a design may
lay two points on one pixel, and then the second row there is about the second of them. A place that is not in pixels
becomes the pixel that a survey's points would have there (`in_pixels`). What does not match is kept with the reason, to
be listed; of two labels of one point the first counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from coralrun.files.spreadsheet import plain_cell
from coralrun.planning.images import Point, Size
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.planning.model import Plan
from coralrun.planning.name_match import match_names, match_paths
from coralrun.planning.near_names import near_misses
from coralrun.planning.points_table import in_pixels
from coralrun.results.stored_points import Block
from coralrun.values.classified import Classification, Label, LabelKey, ScoredPoint


@dataclass(frozen=True, slots=True)
class Match:
    """A person's row, in pixels, beside the machine's answer. `image` is its number in the plan, `point` is from 1."""

    image: int
    point: int
    machine: Classification
    human: LabelledPoint


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A person's row that is about no point of the run, and why."""

    human: LabelledPoint
    why: str


@dataclass(frozen=True, slots=True)
class Matched:
    """What became of one file's rows: in plan order what matches, in the file's order what does not.

    `names` says which names were not matched exactly, and which resemble an image's.
    """

    pairs: tuple[Match, ...]
    unmatched: tuple[Unmatched, ...]
    names: tuple[str, ...] = ()


def match(
    plan: Plan,
    blocks: Iterable[Block],
    files: Sequence[Sequence[LabelledPoint]],
    sizes: Callable[[], Mapping[int, Size]] = dict,
) -> tuple[tuple[Matched, ...], dict[LabelKey, str]]:
    """Match the rows of some files to a run, each file for itself, in one pass over the run's points.

    `sizes` gives those that the run knows of its images, by number; it is asked where rows are not in pixels.
    Returns what became of each file, and the code of every label that the classifier named in the run, by its key.
    """
    asked, names = [], []
    for rows in files:
        of_images, said = _by_image(plan, rows)
        asked.append(of_images)
        names.append(said)
    pairs: list[list[Match]] = [[] for _ in files]
    unmatched: list[list[Unmatched]] = [[] for _ in files]
    size_of = _SizeOf(plan, sizes)
    labels: Sequence[Label] = ()
    for block in blocks:
        labels = block.labels
        for number, part in block.slices():
            for index, of_file in enumerate(asked):
                wanted = of_file.pop(number, None)
                if wanted is not None:
                    matches, rest = _on_one_image(block.points(part), wanted, partial(size_of, number), number)
                    pairs[index] += matches
                    unmatched[index] += rest
    for index, of_file in enumerate(asked):
        unmatched[index] += [Unmatched(row, _why_nowhere(number)) for number, rows in of_file.items() for row in rows]
        unmatched[index].sort(key=lambda row: row.human.line)
    of_files = zip(pairs, unmatched, names, strict=True)
    matched = tuple(Matched(tuple(met), tuple(left), said) for met, left, said in of_files)
    return matched, {label.key: label.code for label in labels}


NO_POINT_HERE: Final = "the image has no point at this row and column"
NO_SUCH_IMAGE: Final = "no image of the run has this name"
NO_PREDICTIONS: Final = "the image has no predictions"
_UNKNOWN, _AMBIGUOUS = -1, -2  # no number of an image is negative


def _why_nowhere(number: int) -> str:
    if number == _UNKNOWN:
        return NO_SUCH_IMAGE
    if number == _AMBIGUOUS:
        return "two images of the run have this name: give its source in a column `source`"
    return NO_PREDICTIONS


def _by_image(plan: Plan, rows: Sequence[LabelledPoint]) -> tuple[dict[int, list[LabelledPoint]], tuple[str, ...]]:
    """The rows about each image, and what is to be said of their names.

    A name may have got an apostrophe, so that no spreadsheet would run it.
    """
    images: dict[str, list[int]] = {}
    wanted = {name for row in rows if not row.paths for name in (row.name, plain_cell(row.name))}
    for number, image in enumerate(plan.images):
        if image.name in wanted:
            images.setdefault(image.name, []).append(number)
    written = {row.name: row.name if row.name in images or row.paths else plain_cell(row.name) for row in rows}
    paths = {row.name: row.paths for row in rows if row.paths}
    said = _add_others(plan, images, tuple(dict.fromkeys(name for name in written.values() if name not in paths)))
    said += _add_paths(plan, images, paths)
    asked: dict[int, list[LabelledPoint]] = {}
    for row in rows:
        named = images.get(written[row.name], [_UNKNOWN])
        of_source = [number for number in named if number >= 0 and plan.images[number].source == row.source]
        chosen = of_source or named
        asked.setdefault(chosen[0] if len(chosen) == 1 else _AMBIGUOUS, []).append(row)
    return asked, said


def _add_others(plan: Plan, images: dict[str, list[int]], written: Sequence[str]) -> tuple[str, ...]:
    """Add to `images` by written name those that are not named exactly; returns what is to be said of it.

    All names of a plan are held only where some name is no image's.
    """
    if all(name in images for name in written):
        return ()
    names = [image.name for image in plan.images]
    there = frozenset(names)
    match = match_names(written, there, in_folders=True)
    written_of = match.written
    for number, name in enumerate(names):
        if name in written_of:
            images.setdefault(written_of[name], []).append(number)
    return (*match.warnings(), *near_misses(match.unmatched(written, there), there))


def _add_paths(plan: Plan, images: dict[str, list[int]], paths: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The same for rows of files of one image each, which name it by a path."""
    if not paths:
        return ()
    names = [image.name for image in plan.images]
    match = match_paths(paths, frozenset(names))
    written_of: dict[str, list[str]] = {}
    for written, image in match.images.items():
        written_of.setdefault(image, []).append(written)
    for number, name in enumerate(names):
        for written in written_of.get(name, ()):
            images.setdefault(written, []).append(number)
    return (*match.warnings(), *near_misses(match.unmatched(paths, ()), frozenset(names)))


class _SizeOf:
    """The sizes of a run's images by number, gathered where one is asked for; None where it is not known."""

    def __init__(self, plan: Plan, sizes: Callable[[], Mapping[int, Size]]) -> None:
        self._plan = plan
        self._sizes = sizes
        self._sent: Mapping[int, Size] | None = None

    def __call__(self, number: int) -> Size | None:
        planned = self._plan.images[number].size
        if planned is not None:
            return planned
        self._sent = self._sizes() if self._sent is None else self._sent
        return self._sent.get(number)


def _on_one_image(
    found: Sequence[ScoredPoint], wanted: Iterable[LabelledPoint], size_of: Callable[[], Size | None], number: int
) -> tuple[Iterator[Match], list[Unmatched]]:
    left: dict[tuple[int, int], list[int]] = {}
    for index, point in enumerate(found, start=1):
        left.setdefault((point.row, point.column), []).append(index)
    taken: dict[tuple[int, int], LabelledPoint] = {}
    pairs: list[tuple[int, LabelledPoint]] = []
    rest: list[Unmatched] = []
    for row in wanted:
        place = _pixel(row, size_of)
        if isinstance(place, str):
            rest.append(Unmatched(row, place))
        elif free := left.get(place, []):
            chosen = row.point if row.point in free else free[0]
            free.remove(chosen)
            human = row if row.extent is None else replace(row, row=place.row, column=place.column, extent=None)
            pairs.append((chosen, human))
            taken[place] = row
        elif place in taken:
            rest.append(Unmatched(row, _why_taken(row, taken[place])))
        else:
            rest.append(Unmatched(row, _why_no_point(place, size_of())))
    pairs.sort(key=lambda pair: pair[0])
    return (Match(number, index, found[index - 1].classifications[0], row) for index, row in pairs), rest


def _why_no_point(place: Point, size: Size | None) -> str:
    """Why a row at a place is about no point."""
    if size is not None and (place.row >= size.height or place.column >= size.width):
        return f"it lies outside the image, which has {size.width} x {size.height} pixels"
    return NO_POINT_HERE


def _pixel(row: LabelledPoint, size_of: Callable[[], Size | None]) -> Point | str:
    """Where a row's point is; in words why that is not known."""
    at = Point(row.row, row.column)
    if row.extent is None:
        return at
    size = size_of()
    if size is None:
        return "its place is not in pixels, and the run does not know the size of the image"
    pixels = in_pixels((at,), row.extent, size)
    here = f"this one has {size.width} x {size.height} pixels"
    return pixels[0] if pixels else f"its points were laid on an image of another size; {here}"


def _why_taken(row: LabelledPoint, first: LabelledPoint) -> str:
    """Why a row is about no point where another row has it."""
    if (row.label_code, row.label_id) == (first.label_code, first.label_id):
        return f"the point has this label already, on {first.place}"
    its, ours = (f"`{one.label_code or one.label_id}`" if one.is_labelled else "none" for one in (first, row))
    return f"the point has another label already, on {first.place}: {its} there, and {ours} here"
