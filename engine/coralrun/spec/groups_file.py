"""A file of label groups, as YAML: its text to checked groups.

Rule: the schema is the authority on what is valid; what it cannot say (a label that stands twice, duplicates that go
round in a circle) is checked here. All problems are gathered, each with its line and column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from coralrun.errors import InvalidInput
from coralrun.spec.findings import Finding, Path, located
from coralrun.spec.groups import LabelGroups, groups_from
from coralrun.spec.load import load, plain
from coralrun.spec.text import GROUP_FILE
from coralrun.spec.validate import Schema, schema_findings


def parse_groups(file: str, data: bytes, schema: Schema) -> LabelGroups:
    """The groups that a YAML file holds; raises InvalidInput with all problems, each with its line and column."""
    document = load(file, data, kind=GROUP_FILE)
    fields = plain(document.root)
    assert isinstance(fields, dict)  # noqa: S101 - `load` returns a mapping
    findings = schema_findings(fields, schema)
    if not findings:
        findings = list(_rules(fields))
    problems = [*document.problems, *located(findings, document.root)]
    if problems:
        raise InvalidInput(sorted(problems, key=lambda problem: (problem.line, problem.column)))
    return groups_from(fields)


def _rules(fields: Mapping[str, Any]) -> Iterator[Finding]:
    """What a file must be beyond its schema."""
    levels = len(fields["levels"])
    where: dict[int, tuple[str, ...]] = {}
    for index, group in enumerate(fields["groups"]):
        path = tuple(group["group"])
        yield from _too_deep(("groups", index, "group"), path, levels)
        for place, label in enumerate(group["labels"]):
            if label in where:
                message = f"label {label} stands twice: it is already in {' / '.join(where[label])}"
                yield Finding(("groups", index, "labels", place), message)
            where[label] = path
    yield from _too_deep(("unmapped",), tuple(fields.get("unmapped", ())), levels)
    yield from _duplicates(fields.get("duplicates", []))


def _too_deep(path: Path, names: tuple[str, ...], levels: int) -> Iterator[Finding]:
    if len(names) > levels:
        yield Finding(path, f"{' / '.join(names)} names {len(names)} levels, and `levels` has {levels}")


def _duplicates(entries: list[dict[str, Any]]) -> Iterator[Finding]:
    original: dict[int, int] = {}
    for index, entry in enumerate(entries):
        for place, label in enumerate(entry["labels"]):
            at: Path = ("duplicates", index, "labels", place)
            if label in original:
                yield Finding(at, f"label {label} stands twice: it is already a duplicate of {original[label]}")
                continue
            step: int | None = entry["of"]
            while step is not None and step != label:
                step = original.get(step)
            if step == label:
                yield Finding(at, f"label {label} would be a duplicate of itself")
            else:
                original[label] = entry["of"]
