"""A survey's tree -> all its problems, in plain words and in the order of the file.

Rule: the schema is the authority on what is valid. This module only says its verdicts so that a person can act on
them: what is wrong, what is allowed, and what a mistyped word may have meant. What a schema cannot say (sums, dates,
ratios) is in `rules`, and is asked only of the parts that the schema finds in order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from coralrun.errors import Problem
from coralrun.spec import credentials, rules
from coralrun.spec.findings import (
    RANK_KIND,
    RANK_LACKING,
    RANK_MISFIT,
    RANK_UNKNOWN,
    RANK_VALUE,
    Finding,
    Path,
    located,
    one_per_cause,
)
from coralrun.spec.load import Node, plain, scalar
from coralrun.spec.service_keys import Services, narrowed, terms_of, unknown_keys
from coralrun.spec.suggest import folded, method_named, suggestion
from coralrun.spec.text import shown
from coralrun.values.ids import canonical_json

Schema = Mapping[str, Any]

_KINDS = {
    "object": "a mapping (`key: value`)",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


def problems_in(root: Node, schema: Schema, services: Services) -> list[Problem]:
    """Everything that is wrong with a survey; empty if it is valid."""
    survey = plain(root)
    assert isinstance(survey, dict)  # noqa: S101 - `load` returns a mapping
    terms = terms_of(survey, services)
    known = credentials.find(root, services if terms is None else (terms,))
    return located(findings_in(with_canonical_words(survey), schema, services, known), root)


def findings_in(
    survey: Mapping[str, Any], schema: Schema, services: Services, known: Iterable[Finding] = ()
) -> list[Finding]:
    """The same for a survey as plain values, by path; `known` is what was found before."""
    terms = terms_of(survey, services)
    foreign = () if terms is None else unknown_keys(survey, services, terms)
    found = _schema_findings(survey, narrowed(schema, services, terms))
    findings = one_per_cause([*known, *foreign, *found])
    wrong = {finding.path for finding in findings if finding.rank != RANK_LACKING}
    return [*findings, *rules.check(rules.without(survey, wrong), terms)]


def schema_findings(fields: Mapping[str, Any], schema: Schema) -> list[Finding]:
    """What a schema says of another file than a survey, given as plain values; one finding for one cause."""
    return one_per_cause(_schema_findings(fields, schema))


def with_canonical_words(survey: Mapping[str, Any]) -> dict[str, Any]:
    """A copy in which each point design has CoralNet's own name, whatever case or short form it was written in."""
    named = dict(survey)
    if isinstance(sampling := survey.get("sampling"), Mapping):
        named["sampling"] = _with_method(sampling)
    if isinstance(sources := survey.get("sources"), list):
        named["sources"] = [_with_method(source) if isinstance(source, Mapping) else source for source in sources]
    return named


def _with_method(section: Mapping[str, Any]) -> Mapping[str, Any]:
    points = section.get("points")
    word = points.get("method") if isinstance(points, Mapping) else None
    method = method_named(word) if isinstance(word, str) else None
    if not isinstance(points, Mapping) or method is None:
        return section
    return {**section, "points": {**points, "method": method.value}}


def _ecma_pattern(validator: Any, pattern: str, instance: object, schema: Schema) -> Iterator[ValidationError]:
    """`pattern` as JSON Schema means it: `$` is the end of the text, where Python's would allow one line more."""
    del validator, schema
    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield ValidationError("does not match")


def _unique_items(validator: Any, wanted: bool, instance: object, schema: Schema) -> Iterator[ValidationError]:
    """`uniqueItems` in linear time; the library compares every two items, which takes seconds for thousands."""
    del validator, schema
    if wanted and isinstance(instance, list) and len({canonical_json(item) for item in instance}) < len(instance):
        yield ValidationError("has an item twice")


_Validator = extend(Draft202012Validator, {"pattern": _ecma_pattern, "uniqueItems": _unique_items})  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class _Error:
    """One verdict of the schema: the `keyword` that failed with its value `allowed`, in the subschema `schema`."""

    path: Path
    keyword: str
    allowed: Any
    schema: Schema
    instance: Any
    is_key: bool


def _errors(survey: Mapping[str, Any], schema: Schema) -> Iterator[_Error]:
    for error in _Validator(schema).iter_errors(survey):
        yield _Error(
            path=tuple(error.absolute_path),
            keyword=str(error.validator),
            allowed=error.validator_value,
            schema=error.schema,
            instance=error.instance,
            is_key="propertyNames" in error.absolute_schema_path,
        )


def _schema_findings(survey: Mapping[str, Any], schema: Schema) -> Iterator[Finding]:
    errors = list(_errors(survey, schema))
    unknown = {
        error.path: [key for key in error.instance if key not in error.schema["properties"]]
        for error in errors
        if error.keyword == "additionalProperties"
    }
    homes = _homes(schema)
    for error in errors:
        mistyped = unknown.get(error.path, [])
        match error.keyword:
            case "additionalProperties":
                known = list(error.schema["properties"])
                for key in mistyped:
                    yield Finding((*error.path, key), _unknown_key(key, known, homes), at_key=True, rank=RANK_UNKNOWN)
            case "required":
                yield from _missing(error, mistyped)
            case "anyOf":
                wanted = {key for choice in error.allowed for key in choice["required"]}
                if not any(suggestion(key, wanted) for key in mistyped):
                    yield _lacking(error)
            case _:
                yield _wrong(error)


def _wrong(error: _Error) -> Finding:
    """A finding for a value that is not what it must be, or for a key that does not go with another."""
    if error.is_key:
        key = str(error.instance)
        message = f"`{key}` {error.schema['errorMessage']}"
        return Finding((*error.path, key), message, at_key=True, rank=RANK_MISFIT)
    rank = RANK_KIND if error.keyword == "type" else RANK_VALUE
    return Finding(error.path, f"{_name(error.path)} {_verdict(error)}", rank=rank)


def _lacking(error: _Error) -> Finding:
    """A finding for a mapping that lacks what its schema's message names."""
    return Finding(error.path, f"{_name(error.path)} {error.schema['errorMessage']}", rank=RANK_LACKING)


def _verdict(error: _Error) -> str:
    """What is wrong with a value, behind its name."""
    value, schema = error.instance, error.schema
    if value is None and error.path and isinstance(error.path[-1], int):
        return "has no value, which is what null says: put the word in quotes, or take the item out"
    if value is None:
        return "has no value: give it one, or delete the line"
    if error.keyword == "enum":
        words = [str(word) for word in schema["enum"]]
        said = schema.get("errorMessage", f"must be {_one_of(words)}")
        return f"{said}{_but_is(value, words)}"
    if "errorMessage" in schema:
        is_kind_right = isinstance(value, (list, dict)) and error.keyword != "type"
        it_is = "" if is_kind_right else f"; it is {_described(value)}{_about_quotes(error)}"
        return f"{schema['errorMessage']}{it_is}"
    if error.keyword == "type":
        return (
            f"must be {_KINDS[schema['type']]}{_range(schema, ', ')}; it is {_described(value)}{_about_quotes(error)}"
        )
    return f"must be {_range(schema)}; it is {value}"


def _about_quotes(error: _Error) -> str:
    """Advice for a number that should be text, or text that should be a number, where quotes are all that is wrong."""
    value, wanted = error.instance, error.schema.get("type")
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and wanted == "string" and re.search(error.schema.get("pattern", ""), str(value)):
        return ": put it in quotes"
    if isinstance(value, str) and wanted in ("integer", "number") and type(scalar(value)) in (int, float):
        return ": take the quotes away"
    return ""


def _missing(error: _Error, mistyped: list[str]) -> Iterator[Finding]:
    """A finding for each key that a mapping lacks, unless a mistyped key stands for it."""
    lacking = [key for key in error.allowed if key not in error.instance]
    meant = {suggestion(key, lacking) for key in mistyped}
    if "errorMessage" in error.schema:
        if not meant & set(lacking):
            yield _lacking(error)
        return
    for key in lacking:
        if key not in meant:
            title = error.schema["properties"][key]["title"]
            where = f" under {_name(error.path)}" if error.path else ""
            yield Finding(error.path, f"`{key}` is missing{where}: {title}", rank=RANK_LACKING, about=key)


def _unknown_key(key: str, known: list[str], homes: Mapping[str, list[str]]) -> str:
    before, colon, _ = key.partition(":")
    if colon and before in known:
        return f"unknown key {shown(key)}: a blank must follow the `:`"
    meant = suggestion(key, known)
    if meant:
        return f"unknown key {shown(key)}: did you mean `{meant}`?"
    if key in homes:
        return f"unknown key {shown(key)} here: it belongs under {_one_of(homes[key])}"
    return f"unknown key {shown(key)}: the keys here are {_one_of(known, last='and')}"


def _homes(schema: Schema, path: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """The mappings that each key belongs to, as a person writes them: `sampling.points`."""
    homes: dict[str, list[str]] = {}
    for key, child in schema.get("properties", {}).items():
        if path:
            homes.setdefault(key, []).append(".".join(path))
        inner = child.get("items", child) if child.get("type") == "array" else child
        for deeper, where in _homes(inner, (*path, key)).items():
            homes.setdefault(deeper, []).extend(where)
    return homes


def _name(path: Path) -> str:
    """How a message names a value."""
    if not path:
        return "the survey"
    last = path[-1]
    if isinstance(last, int):
        return f"item {last + 1} of `{path[-2]}`"
    return f"`{last}`"


def _described(value: object) -> str:
    """A value as a message describes it."""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "an empty list" if not value else "a list"
    return f"the text {shown(value)}" if value else "empty"


def _range(schema: Schema, before: str = "") -> str:
    """The range that a number must be in, with `before` in front of it; "" if it may be any."""
    low, high, above = schema.get("minimum"), schema.get("maximum"), schema.get("exclusiveMinimum")
    if above is not None:
        return f"{before}more than {above} and at most {high}"
    if low is not None and high is not None:
        return f"{before}from {low} to {high}"
    return f"{before}{low} or more" if low is not None else ""


def _one_of(words: list[str], last: str = "or") -> str:
    """The words that are allowed, each once whatever its case."""
    distinct = list({folded(word): f"`{word}`" for word in reversed(words)}.values())[::-1]
    return distinct[0] if len(distinct) == 1 else f"{', '.join(distinct[:-1])} {last} {distinct[-1]}"


def _but_is(value: object, words: list[str]) -> str:
    """What stands where one of these words should; of a mapping or a list never what is in it."""
    if not isinstance(value, str) or not value:
        return f"; it is {_described(value)}"
    meant = suggestion(value, words)
    return f", not {shown(value)}" + (f": did you mean `{meant}`?" if meant else "")
