"""How a value of a metadata field is read: what is not known is empty, blanks are folded, and what the survey calls
one is one.

Rule: a value is read so wherever it comes from (a table, a manifest, CoralNet, a name, the survey's own `where`, the
table of areas, an earlier run), so that values can be compared exactly from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from unicodedata import normalize

from coralrun.spec.findings import Finding
from coralrun.spec.model import Metadata
from coralrun.spec.text import shown
from coralrun.values.unknown import UNKNOWN, known

ReadValue = Callable[[str], str]


def reader_of(wanted: Metadata, field: str) -> ReadValue:
    """What reads the values of a field, whatever the case of its name; "" is a value that is not known."""
    unknown = frozenset(wanted.unknown)
    ones = {
        _form(value): group[0]
        for name, groups in wanted.same.items()
        if name.casefold() == field.casefold()
        for group in groups
        for value in group
    }

    def read(text: str) -> str:
        value = known(text, unknown)
        return ones.get(_form(value), value) if ones else value

    return read


def canonical_values(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The canonical form of the part of `metadata` that says how values are read: values may be written as numbers, and
    are texts."""
    form: dict[str, Any] = {}
    if "unknown" in metadata:
        form["unknown"] = [known(str(mark), ()) for mark in metadata["unknown"]]
    if "same" in metadata:
        form["same"] = {
            field: [[known(str(value), ()) for value in group] for group in groups]
            for field, groups in metadata["same"].items()
        }
    return form


def check_same(metadata: Mapping[str, Any]) -> Iterator[Finding]:
    """A field or a value that stands twice under `same`, or a value there that means "not known"."""
    unknown = {known(str(mark), ()) for mark in metadata.get("unknown", UNKNOWN) if mark is not None}
    first: dict[str, str] = {}
    for field, groups in (metadata.get("same") or {}).items():
        other = first.setdefault(field.casefold(), field)
        if other != field:
            message = f"the field {shown(field)} stands twice (as {shown(other)} too)"
            yield Finding(("same", field), message, at_key=True)
        homes: dict[str, int] = {}
        for place, group in enumerate(groups or ()):
            for at, written in enumerate(group or ()):
                value = "" if written is None else known(str(written), ())
                if value and homes.setdefault(_form(value), place) != place:
                    message = f"{shown(written)} stands in two lists of `same`: a value becomes one other"
                    yield Finding(("same", field, place, at), message)
                if value in unknown:
                    yield Finding(("same", field, place, at), _means_unknown(written, "it becomes no other value"))


def check_asked(survey: Mapping[str, Any]) -> Iterator[Finding]:
    """A value under `where` that means "not known": no image has it, and nobody would see why."""
    metadata = survey.get("metadata")
    listed = metadata.get("unknown", UNKNOWN) if isinstance(metadata, Mapping) else UNKNOWN
    unknown = {known(str(mark), ()) for mark in listed if mark is not None}
    for index, source in enumerate(survey.get("sources") or ()):
        where = {} if source is None else source.get("filters", {}).get("where", {})
        for field, asked in where.items():
            for place, value in enumerate(asked if isinstance(asked, list) else [asked]):
                if isinstance(value, str) and known(value, ()) in unknown:
                    at = (field, place) if isinstance(asked, list) else (field,)
                    message = _means_unknown(value, f"no image has it as its {shown(field)}")
                    yield Finding(("sources", index, "filters", "where", *at), message)


def _means_unknown(value: object, so: str) -> str:
    return f'{shown(value)} means "not known", so {so}; if it is a value, give `metadata.unknown` a list without it'


def _form(value: str) -> str:
    """A value whatever the form in which its accents are written."""
    return normalize("NFC", value)
