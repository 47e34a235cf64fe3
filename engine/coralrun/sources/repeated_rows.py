"""Rows of a table that has several for an image, as an export of points has.

Rule: what says the same in all rows of every image is known of the image. A column that differs within images is about
something else, a point or its label, and is left out. A table is one of points where it has columns `Row` and `Column`,
or where most of its images have several rows; in any other, a row that contradicts an earlier one is a problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from coralrun.sources.table import Problems

_SHOWN_COLUMNS = 8
_FEW = 0.1  # of the images: where a column differs in so few, it is more likely a slip than about the points

Values = tuple[str, ...]


class RepeatedRows:
    """The rows whose image had one before, and where they differ; `fields` are what the rows say."""

    def __init__(self, header: Sequence[str], fields: Sequence[str]) -> None:
        headings = {heading.casefold() for heading in header}
        self._has_points = "row" in headings and bool(headings & {"column", "col"})
        self._fields = fields
        self._differing: dict[str, int] = {}  # of each image with several rows, the fields that differ, a bit each
        self._slips: dict[int, tuple[str, int, int]] = {}  # by field, the first that differs: an image and two lines
        self._rows: list[tuple[int, str, int, bool]] = []

    def add(self, line: int, name: str, values: Values, first_line: int, first: Values) -> None:
        """Take a row of an image, whose `first` one is on another line."""
        bits = 0
        if values != first:
            for place, (one, other) in enumerate(zip(first, values, strict=True)):
                if one != other:
                    bits |= 1 << place
                    self._slips.setdefault(place, (name, first_line, line))
        self._differing[name] = self._differing.get(name, 0) | bits
        self._rows.append((line, name, first_line, bool(bits)))

    def are_of_points(self, n_images: int) -> bool:
        """Whether the table is one of points; `n_images` is how many different images it has."""
        return self._has_points or len(self._differing) > max(1, n_images // 2)

    def problems(self, *, contradicting: bool) -> Iterator[tuple[int, str, int]]:
        """The line, the image and its first line of each row, or of those alone that contradict the first."""
        return ((line, name, first) for line, name, first, differs in self._rows if differs or not contradicting)

    def kept(self, problems: Problems) -> tuple[int, ...]:
        """The places of the fields that are known of the images of a table of points; what is left out is said."""
        counts = [sum(bits >> place & 1 for bits in self._differing.values()) for place in range(len(self._fields))]
        left = tuple(place for place, count in enumerate(counts) if not count)
        if len(left) < len(counts):
            problems.warn(f"{problems.label}: {'; '.join(self._said(counts))}")
        return left

    def _said(self, counts: Sequence[int]) -> Iterator[str]:
        """What is left out, and the columns in which few images differ, with where."""
        out = [f"`{name}`" for name, count in zip(self._fields, counts, strict=True) if count]
        more = f" and {len(out) - _SHOWN_COLUMNS} more" if len(out) > _SHOWN_COLUMNS else ""
        shown = ", ".join(out[:_SHOWN_COLUMNS])
        yield f"it has several rows an image; what differs within an image is left out: {shown}{more}"
        for place, count in enumerate(counts):
            if 0 < count <= len(self._differing) * _FEW:
                name, first, second = self._slips[place]
                where = f"`{name}` on lines {first} and {second}"
                yield f"`{self._fields[place]}` differs in {count} of {len(self._differing)} images alone: see {where}"
