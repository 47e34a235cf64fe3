"""A table of metadata: a column of image names, and any others, each of which is a field.

Rule: a row belongs to the image of its name; cells are kept as text, as they stand. Of a table that has several rows an
image, the columns count in which all rows of each image agree (`repeated_rows`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from coralrun.planning.metadata import MetadataTable
from coralrun.sources.repeated_rows import RepeatedRows
from coralrun.sources.table import NAME_HEADINGS, Problems, Table, Warn, read_table, unheard
from coralrun.spec.model import Reading
from coralrun.values.addresses import as_name

_SUMMARY = "ALL IMAGES"
"""What CoralNet writes in the last row of its percent covers, which is no image's."""

_UNNAMED = "Unnamed: "
"""How pandas calls a column that had no heading: mostly an index that was written along."""

_NOTHING_KEPT = (
    "the table has several rows an image, as one of points has, and no column says the same in all rows of an image: "
    "bring one with one row an image"
)


@dataclass(frozen=True, slots=True)
class Further:
    """The columns of a table that have no meaning of their own: the `fields` of metadata and where they stand."""

    fields: tuple[str, ...]
    _places: tuple[int, ...]
    _shared: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, problems: Problems, table: Table) -> Further:
        """Those of a table; columns without a heading are passed over.

        Raises InvalidInput where a heading stands twice, in whatever case, since fields differ by it alone.
        """
        known = set(table.columns.values())
        places: dict[str, int] = {}
        seen: set[str] = set()
        for place, heading in enumerate(table.header):
            if place in known or not heading or heading.startswith(_UNNAMED):
                continue
            if heading.casefold() in seen:
                message = f"the header has `{heading}` twice: keep one of the two columns, or rename one"
                raise problems.refusal(0, message)
            seen.add(heading.casefold())
            places[heading] = place
        return cls(tuple(places), tuple(places.values()))

    def warn_of_blanks(self, problems: Problems, table: Table, fields: Collection[str]) -> None:
        """Say around which values of these fields there were blanks, once every row of the table was read."""
        pairs = [(field, table.trimmed.get(place, 0)) for field, place in zip(self.fields, self._places, strict=True)]
        cells = [f"`{field}` ({count:,})" for field, count in pairs if count and field in fields]
        if cells:
            problems.warn(f"{problems.label}: blanks around values were left out, in so many rows: {', '.join(cells)}")

    def values(self, cells: Sequence[str]) -> tuple[str, ...]:
        """A row's values; a value that many rows have is held once."""
        return tuple([self._shared.setdefault(cells[place], cells[place]) for place in self._places])


def read_metadata(label: str, data: bytes, reading: Reading | None = None, warn: Warn = unheard) -> MetadataTable:
    """Read a table of metadata; `label` is the file as the survey names it, `reading` what it says of the table.

    Raises InvalidInput with every problem, each at its line.
    """
    problems = Problems(label, warn)
    table = read_table(problems, data, needed={"Name": NAME_HEADINGS}, optional={}, reading=reading or Reading())
    further = Further.of(problems, table)
    if not further.fields:
        raise problems.refusal(0, "there is no column but that of the names: each other column is a field of metadata")
    name_at = table.columns["Name"]
    rows: dict[str, tuple[str, ...]] = {}
    lines: dict[str, int] = {}
    repeated = RepeatedRows(table.header, further.fields)
    for line, cells in table.rows:
        name = as_name(cells[name_at])
        if not name and _SUMMARY in cells:
            continue
        values = further.values(cells)
        if not name:
            problems.add(line, "there is no image name")
        elif name in lines:
            repeated.add(line, name, values, lines[name], rows[name])
        else:
            lines[name] = line
            rows[name] = values
    fields = further.fields
    if repeated.are_of_points(len(rows)):
        kept = repeated.kept(problems)
        if not kept:
            raise problems.refusal(0, _NOTHING_KEPT)
        fields = tuple(fields[place] for place in kept)
        rows = {name: tuple([row[place] for place in kept]) for name, row in rows.items()}
    else:
        for line, name, first in repeated.problems(contradicting=True):
            problems.add(line, f"the name `{name}` is already on line {first}: each image has one row")
    problems.raise_if_any()
    further.warn_of_blanks(problems, table, fields)
    return MetadataTable(label, fields, rows)
