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


class ImageRows:
    """The first row of each image by its name, and where later ones differ; `fields` are what the rows say."""

    def __init__(self, header: Sequence[str], fields: Sequence[str]) -> None:
        headings = {heading.casefold() for heading in header}
        self.values: dict[str, tuple[str, ...]] = {}
        self._has_points = "row" in headings and bool(headings & {"column", "col"})
        self._fields = fields
        self._lines: dict[str, int] = {}
        self._differing: dict[str, int] = {}  # of each image with several rows, the fields that differ, a bit each
        self._contradicting: list[tuple[int, str]] = []
        self._first: dict[int, tuple[str, int, int]] = {}  # by field: an image, and two lines of it

    def add(self, line: int, name: str, values: tuple[str, ...]) -> None:
        """Take a row."""
        if name not in self._lines:
            self._lines[name] = line
            self.values[name] = values
            return
        first, bits = self.values[name], 0
        if values != first:
            for place, (one, other) in enumerate(zip(first, values, strict=True)):
                if one != other:
                    bits |= 1 << place
                    self._first.setdefault(place, (name, self._lines[name], line))
            self._contradicting.append((line, name))
        self._differing[name] = self._differing.get(name, 0) | bits

    def kept(self, problems: Problems) -> tuple[int, ...]:
        """The places of the fields that are known of the images; what is left out is said.

        Where the table is none of points, each row that contradicts another is a problem. Raises InvalidInput where it
        is, and nothing is left of it.
        """
        everything = tuple(range(len(self._fields)))
        if not self._contradicting:
            return everything
        most = len(self._differing) > max(1, len(self.values) // 2)
        if not (self._has_points or most):
            for line, name in self._contradicting:
                problems.add(line, f"the name `{name}` is already on line {self._lines[name]}: each image has one row")
            return everything
        counts = [sum(bits >> place & 1 for bits in self._differing.values()) for place in everything]
        left = tuple(place for place in everything if not counts[place])
        if not left:
            message = (
                "the table has several rows an image, as one of points has, and no column says the same in all rows of "
                "an image: bring one with one row an image"
            )
            raise problems.refusal(0, message)
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
                name, first, second = self._first[place]
                where = f"`{name}` on lines {first} and {second}"
                yield f"`{self._fields[place]}` differs in {count} of {len(self._differing)} images alone: see {where}"
