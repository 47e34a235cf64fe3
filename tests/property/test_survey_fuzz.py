"""Whatever bytes are given as a survey: a survey or its problems come back, in bounded time, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coralrun.errors import InvalidInput
from coralrun.services import all_terms, entry_of
from coralrun.spec.canonical import canonical
from coralrun.spec.compare import difference
from coralrun.spec.credentials import looks_like_a_credential
from coralrun.spec.model import Survey
from coralrun.spec.survey import load_survey
from coralrun.values.ids import canonical_json

ROOT = Path(__file__).resolve().parents[2]
SCHEMA: dict[str, Any] = json.loads((ROOT / "schemas" / "survey.v1.json").read_bytes())
COMPLETE: dict[str, Any] = json.loads(
    (ROOT / "tests" / "corpus" / "surveys" / "good" / "complete.json").read_text(encoding="utf-8")
)
bounded = settings(
    max_examples=150, deadline=timedelta(seconds=5), suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def keys_of(schema: Mapping[str, Any]) -> set[str]:
    keys: set[str] = set()
    for key, child in schema.get("properties", {}).items():
        keys |= {key} | keys_of(child) | keys_of(child.get("items", {}))
    return keys


KEYS = sorted(keys_of(SCHEMA))
WORDS = ["stratified random", "uniform grid", "simple", "newest", "any", "75s", "csv", "2008-01-01", "emulator", "reef"]
PIECES = [
    *KEYS,
    *WORDS,
    *":-?[]{},*~@`#'|>.1é🐠",
    *("-1", "1e400", "*a", "&a", "!t", "!!str", "---", "...", "<<:"),
    *("\n", "\n  ", "\n- ", "\n---\n", ": ", "- ", "? ", "&a ", "!t ", "<<: ", " #", "|2-\n", "%YAML 1.1\n"),
    *('"', '"\\x', '"\\U00110000"', "\t", " ", "  ", "\ufeff", "\x85", "\u2028", "\r"),
]
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(max_size=20)
structures = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=10), inner, max_size=5)
    ),
    max_leaves=25,
)


def read(data: bytes, bases: Mapping[str, bytes] | None = None) -> Survey | InvalidInput:
    """The survey, or its problems after a look at them."""

    def read_base(path: str) -> bytes:
        if bases is None or path not in bases:
            raise FileNotFoundError(2, "No such file or directory", path)
        return bases[path]

    try:
        return load_survey("survey.yaml", data, SCHEMA, read_base, services=all_terms())
    except InvalidInput as error:
        assert error.problems
        for problem in error.problems:
            assert problem.message
            assert "\n" not in str(problem)
            assert len(problem.message) < 600
            str(problem).encode("utf-8")
        return error


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all values below this one."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for step, child in steps for found in [(*path, step), *places(child, (*path, step))]]


def replaced(value: Any, path: tuple[str | int, ...], new: object) -> Any:
    """A copy with another value at this path."""
    if not path:
        return new
    if isinstance(value, dict):
        return {key: replaced(child, path[1:], new) if key == path[0] else child for key, child in value.items()}
    return [replaced(child, path[1:], new) if index == path[0] else child for index, child in enumerate(value)]


@bounded
@given(st.binary(max_size=300))
def test_any_bytes_are_a_survey_or_problems(data: bytes) -> None:
    assert isinstance(read(data), InvalidInput)


@bounded
@given(st.text(max_size=300))
def test_any_text_is_a_survey_or_problems(text: str) -> None:
    assert isinstance(read(text.encode("utf-8", errors="surrogatepass")), InvalidInput)


@bounded
@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_any_pieces_of_yaml_are_a_survey_or_problems(pieces: list[str]) -> None:
    read("".join(pieces).encode())


@bounded
@given(structures)
def test_any_structure_is_a_survey_or_problems(value: object) -> None:
    read(json.dumps(value).encode())


@bounded
@given(st.data())
def test_a_survey_with_one_value_replaced_is_a_survey_or_problems(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(places(COMPLETE)))
    survey = replaced(COMPLETE, path, data.draw(structures))
    outcome = read(json.dumps(survey).encode())
    if isinstance(outcome, Survey):
        assert (
            canonical(json.loads(canonical_json(outcome.canonical)), entry_of(outcome.service).terms)
            == outcome.canonical
        )
        assert read(canonical_json(outcome.canonical)) == outcome


@bounded
@given(st.data())
def test_a_survey_with_one_key_taken_away_is_a_survey_or_problems(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([path for path in places(COMPLETE) if isinstance(path[-1], str)]))
    parent: Any = COMPLETE
    for step in path[:-1]:
        parent = parent[step]
    rest = {key: child for key, child in parent.items() if key != path[-1]}
    read(json.dumps(replaced(COMPLETE, path[:-1], rest)).encode())


@bounded
@given(structures, structures)
def test_any_base_under_any_survey_is_a_survey_or_problems(over: object, base: object) -> None:
    survey = {"extends": "base.yaml", **over} if isinstance(over, dict) else {"extends": "base.yaml"}
    read(json.dumps(survey).encode(), {"base.yaml": json.dumps(base).encode()})


@bounded
@given(st.data())
def test_a_survey_is_the_same_however_it_is_shared_out_between_itself_and_a_base(data: st.DataObject) -> None:
    in_base = data.draw(st.sets(st.sampled_from(sorted(COMPLETE))))
    base = {key: value for key, value in COMPLETE.items() if key in in_base}
    over = {key: value for key, value in COMPLETE.items() if key not in in_base} | {"extends": "base.yaml"}
    outcome = read(json.dumps(over).encode(), {"base.yaml": json.dumps(base).encode()})
    assert isinstance(outcome, Survey)
    assert outcome.canonical == COMPLETE


CREDENTIALS = [
    "password",
    "passwd",
    "token",
    "secret",
    "api_key",
    "username",
    "credentials",
    "CORALNET_TOKEN",
    "Pasword",
]


@settings(bounded, max_examples=60)
@given(
    st.sampled_from([path for path in [(), *places(COMPLETE)] if path != ("sources",)]),
    st.sampled_from(CREDENTIALS),
    structures,
)
def test_a_credential_is_refused_wherever_it_stands_and_its_value_is_never_shown(
    path: tuple[str | int, ...], key: str, around: object
) -> None:
    secret = "Xq7vTz93KmW"
    held: Any = COMPLETE
    for step in path:
        held = held[step]
    mapping = held if isinstance(held, dict) else {}
    for value in (secret, [{secret: around, "a": secret}]):
        outcome = read(json.dumps(replaced(COMPLETE, path, {**mapping, key: value})).encode())
        assert isinstance(outcome, InvalidInput)
        assert any(f"`{key}` looks like a credential" in problem.message for problem in outcome.problems)
        assert secret not in str(outcome)


def test_no_key_of_a_survey_is_taken_for_a_credential() -> None:
    assert [key for key in KEYS if looks_like_a_credential(key)] == []


@bounded
@given(st.sampled_from(places(COMPLETE)), structures)
def test_a_difference_is_empty_only_between_equals(path: tuple[str | int, ...], new: object) -> None:
    after = replaced(COMPLETE, path, new)
    is_same = json.dumps(after, sort_keys=True) == json.dumps(COMPLETE, sort_keys=True)
    assert (difference(COMPLETE, after) == []) == is_same
