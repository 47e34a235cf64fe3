"""The values of metadata as they are gathered: each is read in the survey's way, and what was changed is accounted for.

Rule: from here on a value that is not known is "", and every other is what the survey calls it (`spec.values`). What
was folded is said; what means "not known" needs no word, because it is listed wherever an empty cell is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from unicodedata import normalize

from coralrun.planning.model import Listing
from coralrun.spec.model import Metadata
from coralrun.spec.values import reader_of
from coralrun.values.unknown import known

SAME_KEY = "metadata.same"
_KEPT_MOST = 10_000  # readings; a field with more values has mostly new ones, which it would cost memory to keep


class _Readings(dict[str, str]):
    """What the values of one field are read as. `unmet` are those that `same` says are another, until one has it."""

    def __init__(self, wanted: Metadata, name: str) -> None:
        super().__init__()
        self._read = reader_of(wanted, name)
        groups = [group for field, groups in wanted.same.items() if field.casefold() == name for group in groups]
        self.unmet = {normalize("NFC", value): value for group in groups for value in group[1:]}

    def __missing__(self, text: str) -> str:
        value = self._read(text)
        if self.unmet:
            self.unmet.pop(normalize("NFC", known(text, ())), None)
        if len(self) < _KEPT_MOST:
            self[text] = value
        return value


@dataclass(slots=True)
class Values:
    """Reads values of metadata as a survey says, and keeps account of it."""

    wanted: Metadata
    _readings: dict[str, _Readings] = field(default_factory=dict)
    _of_fields: dict[tuple[str, ...], tuple[_Readings, ...]] = field(default_factory=dict)
    _folded: dict[str, tuple[str, int]] = field(default_factory=dict)  # by field: the first value, how many images
    _unknown: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._unknown = frozenset(self.wanted.unknown)

    def read(self, fields: tuple[str, ...], row: tuple[str, ...]) -> tuple[str, ...]:
        """The values of some fields; the very same tuple where there is nothing to change."""
        if self._is_plain(row):
            return row
        readings = self._of_fields.get(fields)
        if readings is None:
            readings = self._of_fields[fields] = tuple(self._reading(name.casefold()) for name in fields)
        values = tuple([reading[text] for reading, text in zip(readings, row, strict=True)])
        if values == row:  # what `same` says may concern none of them
            return row
        for name, text, value in zip(fields, row, values, strict=True):
            if value and known(text, ()) != text:
                first, count = self._folded.get(name, (value, 0))
                self._folded[name] = first, count + 1
        return values

    def _is_plain(self, row: tuple[str, ...]) -> bool:
        """Whether nothing in a row can change: most rows are so, and there may be a million."""
        if self.wanted.same or not self._unknown.isdisjoint(row):
            return False
        text = " | ".join(filter(None, row))
        return " ".join(text.split()) == text

    def warnings(self) -> Iterator[str]:
        """What was folded, by field."""
        for name, (first, count) in self._folded.items():
            images = "1 image" if count == 1 else f"{count:,} images"
            yield f"`{name}`: blanks around the value or doubled in it were folded in {images} (the first: `{first}`)"

    def listings(self) -> Iterator[Listing]:
        """Values that the survey says are another, and that no image has."""
        for name in self.wanted.same:
            unmet = tuple(self._reading(name.casefold()).unmet.values())
            if unmet:
                yield Listing(f"values of `{name}` under `{SAME_KEY}` that no image has", unmet)

    def _reading(self, name: str) -> _Readings:
        if name not in self._readings:
            self._readings[name] = _Readings(self.wanted, name)
        return self._readings[name]
