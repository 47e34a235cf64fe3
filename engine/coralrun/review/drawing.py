"""What is asked of a draw for review, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from coralrun.errors import UsageError
from coralrun.review.draws import Place, place_of, review_id
from coralrun.review.page.room import PageSize
from coralrun.review.reach import OutOfReach
from coralrun.review.sets import DrawnPoint, ReviewSet, Wanted
from coralrun.values.phrases import typed

SETS: Final = (ReviewSet.AUDIT, ReviewSet.TRIAGE)
"""The sets of a draw of images, of which one alone may be handed out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleRequest:
    """What is to be drawn. `sample` as it was written; `by` is a metadata field, "" for the design unit alone. With
    `by_class` (`label`, or a level of the groups) points are drawn by what the machine calls them. Of what is drawn,
    `only` one set is handed out, or all."""

    sample: str
    by: str = ""
    seed: int = 0
    blind: bool = False
    per_image: int | None = None
    by_class: str = ""
    only: str = ""

    @property
    def only_set(self) -> ReviewSet | None:
        """The one set that is handed out, None for all; raises UsageError where that is no set of a draw."""
        if self.only not in ("", *SETS):
            raise UsageError(
                f"--only {typed(self.only)}: not a set of points", remedy=f"Choose one of: {', '.join(SETS)}."
            )
        return ReviewSet(self.only) if self.only else None

    @property
    def points_wanted(self) -> int:
        """How many points are to be drawn by class; raises UsageError where that is no number."""
        if self.wanted.count is None:
            raise UsageError(
                f"--sample {typed(self.sample)}: an audit by class is of a number of points",
                remedy="Say how many points in all, such as --sample 300.",
            )
        return self.wanted.count

    @property
    def wanted(self) -> Wanted:
        """The size of the sample; raises UsageError when it is neither a share nor a number."""
        text = self.sample.strip()
        number = text.removesuffix("%").strip()
        try:
            value = float(number)
        except ValueError:
            value = 0.0
        if text.endswith("%") and 0 < value <= 100:
            return Wanted(share=value / 100)
        if not text.endswith("%") and value >= 1 and value == int(value):
            return Wanted(count=int(value))
        raise UsageError(
            f"--sample {typed(self.sample)}: neither a share nor a number",
            remedy="Say how much to review: `5%`, or a number of images such as `60`.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing:
    """A draw that was kept: the table for people, what is in it, and the points drawn.

    `is_again` says that an earlier draw had the same request and is handed out once more, which does not reach the
    `later_images` that came, had points moved or succeeded since; `earlier_images` counts those that earlier draws gave
    the audit. Of the points `only` one set is handed out, or all, but
    for those drawn by class that are `labelled` already. `out_of_reach` is what all draws so far leave out,
    where too little for an interval is reached. `in_sample` counts the images drawn to correct cover that may have
    trained the classifier, `undated` those of them of which nothing at hand says when they were annotated.
    """

    number: int
    table: bytes
    drawn: tuple[DrawnPoint, ...]
    only: ReviewSet | None
    labelled: frozenset[Place] = frozenset()
    unit: str
    without_unit: tuple[str, ...]
    is_again: bool
    earlier_images: int
    out_of_reach: OutOfReach | None
    in_sample: int = 0
    undated: int = 0
    later_images: int = 0

    @property
    def rows(self) -> list[tuple[str, DrawnPoint]]:
        """What is handed out: each point with its id, which it has whatever is handed out beside it."""
        return rows_of(self.number, self.drawn, self.only, self.labelled)

    @property
    def audit_images(self) -> int:
        """Images of this draw's audit."""
        return len({point.image for point in self.drawn if point.set is ReviewSet.AUDIT})

    @property
    def audit_points(self) -> int:
        """Points of this draw's audit."""
        return sum(point.set is ReviewSet.AUDIT for point in self.drawn)

    @property
    def triage_points(self) -> int:
        """Points of this draw's triage."""
        return sum(point.set is ReviewSet.TRIAGE for point in self.drawn)

    @property
    def of_class(self) -> dict[str, int]:
        """The points of this draw that were drawn by class, by class."""
        return dict(Counter(point.stratum for point in self.drawn if point.set is ReviewSet.BY_CLASS))


def rows_of(
    number: int, drawn: Iterable[DrawnPoint], only: ReviewSet | None, labelled: Container[Place] = ()
) -> list[tuple[str, DrawnPoint]]:
    """The points of draw `number` that are handed out, with their ids: those of `only` one set, or all, without those
    that are `labelled` already."""
    rows = ((review_id(number, index), point) for index, point in enumerate(drawn, start=1))
    return [row for row in rows if only in (None, row[1].set) and place_of(row[1]) not in labelled]


@dataclass(frozen=True, slots=True)
class Form:
    """How a review is written: `to` csv or html, to NAME-review.csv or .html if not `out`.

    `page_mb` is how many megabytes a page may have, as far as its patches let it.
    """

    to: str = "csv"
    out: Path | None = None
    page_mb: float | None = None


def filled_in(file: Path) -> Path:
    """The table that people fill in of a file that is handed out: a page saves one of its name."""
    return file.with_suffix(".csv")


@dataclass(frozen=True, slots=True)
class HandedOut:
    """What was drawn, the file that it stands in, and how that came out if it is a page."""

    file: Path
    drawing: Drawing
    page: PageSize | None


@dataclass(frozen=True, slots=True)
class UndoneDraw:
    """Review `number` that is undone, with its points and their images, and how many reviews are left."""

    number: int
    points: int
    images: int
    left: int
