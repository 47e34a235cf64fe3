"""What an export is made from, and what it comes to.

Rule: an export reads a run and changes nothing. Everything that a format asks of a person beyond the run stands in
`ExportOptions`; what a person must know of the file stands in its notes, which are complete once all of it has been
read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from coralrun.errors import UsageError
from coralrun.files.written import Table
from coralrun.machine.plan_state import PlanState
from coralrun.machine.stored_photos import numbered
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Plan
from coralrun.results.counts import LabelCounts, count_labels
from coralrun.results.stored_points import Block, read_blocks
from coralrun.spec.groups import LabelGroups
from coralrun.store.blobs import BlobStore
from coralrun.values.classified import ScoredPoint

if TYPE_CHECKING:
    import pandas as pd

CODE: Final = "code"
NAME: Final = "name"
LABEL_DISPLAYS: Final = (CODE, NAME)
"""How labels are called where CoralNet leaves the choice, by the words of its form (`label_display`)."""


@dataclass(frozen=True, slots=True)
class PersonsLabel:
    """What a person says a point is. `id` is None where nobody knows it; `date` as it was written."""

    id: int | None
    code: str
    annotator: str
    date: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """A run to be exported; its points are those of one source alone where `source` names one.

    `people` are the reviewed points, by the image's number and the point's, from 0. `corrected` works out what they
    make of cover, by its table; none without a review that corrects it. `notes` are what must be known of its labels,
    in whatever format they are.
    """

    plan: Plan
    state: PlanState
    blobs: BlobStore
    people: Mapping[tuple[int, int], PersonsLabel] = field(default_factory=dict)
    source: str | None = None
    corrected: Callable[[], Mapping[Table, pd.DataFrame]] = dict
    notes: tuple[str, ...] = ()

    def points(self) -> Iterator[tuple[int, tuple[ScoredPoint, ...]]]:
        """The images that succeeded so far with their points, in plan order."""
        for block in self.blocks():
            for number, part in block.slices():
                yield number, block.points(part)

    def blocks(self) -> Iterator[Block]:
        """The same as columns, many images at a time."""
        only = None
        if self.source is not None:
            only = {number for number, image in enumerate(self.plan.images) if image.source == self.source}
        return read_blocks(self.plan, self.state, self.blobs, only)

    def counts(self) -> LabelCounts:
        """How many points of each image have which label, whatever the score: as CoralNet counts them."""
        return count_labels(self.plan, self.blocks())

    def counts_for_cover(self) -> LabelCounts:
        """The same as cover counts them: a score below the survey's `min_confidence` leaves a point unassigned."""
        return count_labels(self.plan, self.blocks(), self.plan.analysis.cover.min_confidence)

    @property
    def pending(self) -> tuple[int, ...]:
        """The images that are not over, by number."""
        over = {*self.state.ended(), *self.state.succeeded()}
        return tuple(number for number in range(len(self.plan.images)) if number not in over)

    def image_id(self, image: PlannedImage) -> int | str:
        """The number of an image at its service, that of an uploaded one too; "" where it has none."""
        number = numbered(image, self.state.run.stored).image_id
        return "" if number is None else number

    def field(self, image: PlannedImage, name: str) -> str:
        """What is known of an image in one field; "" where nothing is."""
        return image.metadata[self.plan.fields.index(name)] if image.metadata else ""


def notes_on_people(results: Results) -> list[str]:
    """What must be known of a file that people's reviews have no part in."""
    return ["people's reviews are not in this file: it says what the classifier says"] if results.people else []


def notes_on_scores(results: Results) -> list[str]:
    """What must be known of a file that counts every point for its best label, as CoralNet does."""
    if results.plan.analysis.cover.min_confidence is None:
        return []
    return ["every point counts, whatever its score: CoralNet knows no `min_confidence`"]


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that a person gave, by its name as given."""

    label: str
    data: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportOptions:
    """What a person asks of an export; raises UsageError for what no format could mean.

    `by` are metadata fields to sum up by. `fields` say which metadata field a column of the format comes from, and
    `values` give a column one value; both by the column's name. `groups` are taken in place of the survey's.
    `label_display` is one of `LABEL_DISPLAYS`.
    """

    by: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    label_display: str = CODE
    groups: LabelGroups | None = None
    rates: InputFile | None = None
    existing: InputFile | None = None
    replace_existing: bool = False
    with_labels: bool = False
    unreviewed: bool = False

    def __post_init__(self) -> None:
        if self.label_display not in LABEL_DISPLAYS:
            raise UsageError(
                f"labels are not displayed by `{self.label_display}`",
                remedy=f"Say one of: {', '.join(LABEL_DISPLAYS)}.",
            )
        if not all(column.strip() for column in (*self.fields, *self.values)):
            raise UsageError("a column without a name cannot be filled", remedy="Name a column of the format.")


@dataclass(frozen=True, slots=True)
class Export:
    """A file: its content in parts, and what a person must know of it, complete once the parts were read.

    `left_out` are the images that the format must not have, known from the first, all of them by name; the notes need
    not list them all.
    """

    parts: Iterator[bytes]
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FolderExport:
    """Files by their names, which are made safe."""

    files: Iterator[tuple[str, bytes]]
    notes: list[str] = field(default_factory=list)


def closed_at(state: PlanState) -> dict[int, str]:
    """When each image that succeeded was done: the time at which its job's result came."""
    return {number: job.closed_at for job in state.run.closed for number in state.succeeded_in(job)}


def known_field(plan: Plan, name: str) -> str:
    """A metadata field as the plan spells it; UsageError where there is none of this name, in any case."""
    for known in plan.fields:
        if known.casefold() == name.casefold():
            return known
    known = ", ".join(plan.fields) or "none: the survey says nothing under `metadata`"
    raise UsageError(f"there is no metadata field `{name}`", remedy=f"The fields of this run are: {known}.")
