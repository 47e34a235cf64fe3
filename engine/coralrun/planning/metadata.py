"""What is known of the images, from every place that knows something, under one list of fields.

Rule: of two places that know the same field of an image the more deliberate one is believed: the survey's table, then
the image's source, then its name; where they disagree it is said. Fields are one whatever the case of their names.
Rows are joined by name, as `name_match` has it. Nothing is guessed, and nothing is lost silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from coralrun.planning.images import FoundImage
from coralrun.planning.model import Listing
from coralrun.planning.name_match import match_names, with_label
from coralrun.planning.near_names import near_misses
from coralrun.planning.values import Values
from coralrun.spec.model import Metadata, Source
from coralrun.spec.template import LONG, Template
from coralrun.spec.templates import Templates
from coralrun.values.phrases import count

Inventory = Sequence[tuple[Source, Sequence[FoundImage]]]
_Origin = tuple[tuple[str, ...], tuple[str, ...]]  # fields and their values for one image
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class MetadataTable:
    """A table of metadata, read: `rows` maps the name of an image to its values, in the order of `fields`."""

    label: str
    fields: tuple[str, ...]
    rows: Mapping[str, tuple[str, ...]]


class _Joining:
    """Which row of a table is which image's."""

    def __init__(self, table: MetadataTable, inventory: Inventory) -> None:
        images = {image.name for _, found in inventory for image in found}
        match = match_names(table.rows, images, in_folders=True)
        self.table = table
        self.left = match.unmatched(table.rows, images)
        self.warnings = tuple(with_label(table.label, match.warnings()))
        self.near_misses = tuple(with_label(table.label, near_misses(self.left, images)))
        self._written = match.written

    def row(self, name: str) -> tuple[str, ...] | None:
        """The row of an image; None where there is none."""
        return self.table.rows.get(self._written.get(name, name))


class _Cuts:
    """Names that a template may cut otherwise than is meant: what ends a field stands in the next one too, in some
    names and not in all."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._read = 0
        self._twice: dict[str, list[str]] = {}

    def note(self, name: str) -> None:
        """One more name that was read."""
        self._read += 1
        for field, as_read in self._template.cut_twice(name):
            self._twice.setdefault(field, []).append(f"{name}: {as_read}")

    def warnings(self) -> Iterator[str]:
        """Those of which some names only are."""
        for field, names in self._twice.items():
            if len(names) < self._read:
                more = f"; and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
                yield (
                    f"`{field}` may be cut short in {count(len(names), 'name')}, where what ends it stands again "
                    f"({'; '.join(names[:_SHOWN])}{more}): if that is part of it, write `{{{field}{LONG}}}`"
                )


@dataclass(frozen=True, slots=True)
class Gathered:
    """An inventory whose images all have the same `fields`.

    `without_row` and `unread` are the names of the images that the table has no row for, and whose names do not
    follow any template. `listings`, `warnings` and the rows whose names resemble an image's (`near_misses`) concern all
    images that were found.
    """

    inventory: Inventory
    fields: tuple[str, ...]
    without_row: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()
    listings: tuple[Listing, ...] = ()
    warnings: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()

    @property
    def images(self) -> list[FoundImage]:
        """The images of all sources."""
        return [image for _, found in self.inventory for image in found]

    def place(self, name: str) -> int | None:
        """Where a field stands, whatever the case of its name; None where there is no such field."""
        folded = [field.casefold() for field in self.fields]
        return folded.index(name.casefold()) if name.casefold() in folded else None


def gather(
    inventory: Inventory, table: MetadataTable | None, templates: Templates | None, wanted: Metadata | None = None
) -> Gathered:
    """Bring together what a table, the sources and templates of names say of the images, read as `wanted` says."""
    by_name = () if templates is None else templates.each
    fields = _fields_of(inventory, table, by_name)
    if not fields:
        return Gathered(inventory, ())
    places = {name.casefold(): place for place, name in enumerate(fields)}
    joining = None if table is None else _Joining(table, inventory)
    disagreeing: dict[str, list[str]] = {}
    without_row: set[str] = set()
    unread: set[str] = set()
    cuts = [*map(_Cuts, by_name)]
    plain = joining is None and templates is None
    reading = Values(wanted or Metadata())

    def known(image: FoundImage) -> FoundImage:
        own = reading.read(image.fields, image.metadata)
        if plain and image.fields == fields:
            return image if own is image.metadata else replace(image, metadata=own)
        origins: list[_Origin] = []
        if joining is not None:
            row = joining.row(image.name)
            if row is None:
                without_row.add(image.name)
            else:
                origins.append((joining.table.fields, reading.read(joining.table.fields, row)))
        origins.append((image.fields, own))
        if templates is not None:
            read = templates.read(image.name)
            if read is None:
                unread.add(image.name)
            else:
                place, texts = read
                cuts[place].note(image.name)
                origins.append((by_name[place].fields, reading.read(by_name[place].fields, texts)))
        values, doubtful = _merged(origins, places)
        for place in doubtful:
            disagreeing.setdefault(fields[place], []).append(image.name)
        return replace(image, fields=fields, metadata=values)

    unified = [(source, tuple(known(image) for image in found)) for source, found in inventory]
    return Gathered(
        inventory=unified,
        fields=fields,
        without_row=frozenset(without_row),
        unread=frozenset(unread),
        listings=(*(_unused(joining) if joining is not None else ()), *reading.listings()),
        warnings=(
            *(joining.warnings if joining is not None else ()),
            *(warning for cut in cuts for warning in cut.warnings()),
            *reading.warnings(),
            *_disagreements(disagreeing, table),
        ),
        near_misses=() if joining is None else joining.near_misses,
    )


def listing(what: str, names: Iterable[str]) -> Iterator[Listing]:
    """A listing, if there is anything to list."""
    listed = tuple(names)
    if listed:
        yield Listing(what, listed)


def _fields_of(inventory: Inventory, table: MetadataTable | None, by_name: Iterable[Template]) -> tuple[str, ...]:
    """All fields, each once whatever its case: those of the sources, of the table, of the names."""
    fields: dict[str, str] = {}
    seen: set[tuple[str, ...]] = set()
    for _, found in inventory:
        for image in found:
            if image.fields not in seen:
                seen.add(image.fields)
                for name in image.fields:
                    fields.setdefault(name.casefold(), name)
    of_names = (name for template in by_name for name in template.fields)
    for name in (*(table.fields if table is not None else ()), *of_names):
        fields.setdefault(name.casefold(), name)
    return tuple(fields.values())


def _merged(origins: Sequence[_Origin], places: Mapping[str, int]) -> tuple[tuple[str, ...], set[int]]:
    """The values that the first origin knows of each field, and the fields of which a later one says another thing."""
    values = [""] * len(places)
    doubtful: set[int] = set()
    for fields, known in origins:
        for name, value in zip(fields, known, strict=True):
            place = places[name.casefold()]
            if not values[place]:
                values[place] = value
            elif value and value != values[place]:
                doubtful.add(place)
    return tuple(values), doubtful


def _unused(joining: _Joining) -> Iterator[Listing]:
    yield from listing(f"names in {joining.table.label} that are no image of the sources", joining.left)


def _disagreements(disagreeing: Mapping[str, list[str]], table: MetadataTable | None) -> Iterator[str]:
    order = "the image's source is believed before its name"
    if table is not None:
        order = f"{table.label} is believed first, then the image's source, then its name"
    for name, images in disagreeing.items():
        yield f"`{name}` has two values for {_counted(images)}: {order}"


def _counted(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    return f"{len(names):,} {'image' if len(names) == 1 else 'images'} ({shown})"
