"""Which point of a run a person's row is about.

Rule: by name as `name_match` has it, exact row and column, and occurrence, never by nearness or pattern: a design may
lay two points on one pixel, and then the second row there is about the second of them. What does not match is kept with
the reason, to be listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from coralrun.files.spreadsheet import plain_cell
from coralrun.planning.labelled_points import LabelledPoint
from coralrun.planning.model import Plan
from coralrun.planning.name_match import match_names
from coralrun.planning.near_names import near_misses
from coralrun.results.stored_points import Block
from coralrun.values.classified import Classification, Label, LabelKey, ScoredPoint


@dataclass(frozen=True, slots=True)
class Match:
    """A person's row beside the machine's answer. `image` is its number in the plan, `point` counts from 1."""

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
    plan: Plan, blocks: Iterable[Block], files: Sequence[Sequence[LabelledPoint]]
) -> tuple[tuple[Matched, ...], dict[LabelKey, str]]:
    """Match the rows of some files to a run, each file for itself, in one pass over the run's points.

    Returns what became of each file, and the code of every label that the classifier named in the run, by its key.
    """
    asked, names = [], []
    for rows in files:
        of_images, said = _by_image(plan, rows)
        asked.append(of_images)
        names.append(said)
    pairs: list[list[Match]] = [[] for _ in files]
    unmatched: list[list[Unmatched]] = [[] for _ in files]
    labels: Sequence[Label] = ()
    for block in blocks:
        labels = block.labels
        for number, part in block.slices():
            for index, of_file in enumerate(asked):
                wanted = of_file.pop(number, None)
                if wanted is not None:
                    matches, rest = _on_one_image(number, block.points(part), wanted)
                    pairs[index] += matches
                    unmatched[index] += rest
    for index, of_file in enumerate(asked):
        unmatched[index] += [Unmatched(row, _why_nowhere(number)) for number, rows in of_file.items() for row in rows]
        unmatched[index].sort(key=lambda row: row.human.line)
    of_files = zip(pairs, unmatched, names, strict=True)
    matched = tuple(Matched(tuple(met), tuple(left), said) for met, left, said in of_files)
    return matched, {label.key: label.code for label in labels}


_UNKNOWN, _AMBIGUOUS = -1, -2  # no number of an image is negative


def _why_nowhere(number: int) -> str:
    if number == _UNKNOWN:
        return "no image of the run has this name"
    if number == _AMBIGUOUS:
        return "two images of the run have this name: give its source in a column `source`"
    return "the image has no predictions"


def _by_image(plan: Plan, rows: Sequence[LabelledPoint]) -> tuple[dict[int, list[LabelledPoint]], tuple[str, ...]]:
    """The rows about each image, and what is to be said of their names.

    A name may have got an apostrophe, so that no spreadsheet would run it.
    """
    images: dict[str, list[int]] = {}
    wanted = {name for row in rows for name in (row.name, plain_cell(row.name))}
    for number, image in enumerate(plan.images):
        if image.name in wanted:
            images.setdefault(image.name, []).append(number)
    written = {row.name: row.name if row.name in images else plain_cell(row.name) for row in rows}
    said = _add_others(plan, images, tuple(dict.fromkeys(written.values())))
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
    match = match_names(written, there)
    written_of = match.written
    for number, name in enumerate(names):
        if name in written_of:
            images.setdefault(written_of[name], []).append(number)
    return (*match.warnings(), *near_misses(match.unmatched(written, there), there))


def _on_one_image(
    number: int, found: Sequence[ScoredPoint], wanted: Iterable[LabelledPoint]
) -> tuple[Iterator[Match], list[Unmatched]]:
    left: dict[tuple[int, int], list[int]] = {}
    for index, point in enumerate(found, start=1):
        left.setdefault((point.row, point.column), []).append(index)
    there = frozenset(left)
    pairs: list[tuple[int, LabelledPoint]] = []
    rest: list[Unmatched] = []
    for row in wanted:
        place = (row.row, row.column)
        free = left.get(place, [])
        if free:
            chosen = row.point if row.point in free else free[0]
            free.remove(chosen)
            pairs.append((chosen, row))
        elif place in there:
            rest.append(Unmatched(row, "the image has fewer points at this row and column"))
        else:
            rest.append(Unmatched(row, "the image has no point at this row and column"))
    pairs.sort(key=lambda pair: pair[0])
    return (Match(number, index, found[index - 1].classifications[0], row) for index, row in pairs), rest
