"""The corpus: surveys that are read into exactly this, and surveys that are refused with exactly these words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from coralrun.coralnet import protocol
from coralrun.errors import InvalidInput
from coralrun.services import all_terms, entry_of
from coralrun.spec.canonical import canonical
from coralrun.spec.extend import load_with_bases
from coralrun.spec.load import plain
from coralrun.spec.model import Filters, Survey
from coralrun.spec.resolved_schema import resolved_schema
from coralrun.spec.survey import load_survey, survey_of
from coralrun.spec.validate import findings_in, with_canonical_words
from coralrun.spec.wording import Wording

loaded = partial(load_survey, services=all_terms())
ROOT = Path(__file__).resolve().parents[3]
CORPUS = ROOT / "tests" / "corpus" / "surveys"
GOOD = sorted((CORPUS / "good").glob("*.yaml"))
BAD = sorted((CORPUS / "bad").glob("*.yaml"))
GROUP_FOLDER = "groups"  # what stands there are label groups, not surveys
SHIPPED = sorted(
    path
    for folder in ("configs", "examples")
    for path in (ROOT / folder).rglob("*.yaml")
    if path.parent.name != GROUP_FOLDER
)


def name_of(path: Path) -> str:
    return path.stem


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / "schemas" / "survey.v1.json").read_bytes())
    return loaded


def test_the_corpus_is_there() -> None:
    assert len(GOOD) >= 12
    assert len(BAD) >= 90
    assert SHIPPED


@pytest.mark.parametrize("path", GOOD, ids=name_of)
def test_a_good_survey_is_read_into_its_canonical_form(path: Path, schema: dict[str, Any]) -> None:
    survey = loaded(path.name, path.read_bytes(), schema, lambda base: (path.parent / base).read_bytes())
    assert survey.canonical == json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", GOOD, ids=name_of)
def test_the_canonical_form_is_a_valid_survey_that_reads_as_the_same_survey(path: Path, schema: dict[str, Any]) -> None:
    survey = loaded(path.name, path.read_bytes(), schema, lambda base: (path.parent / base).read_bytes())
    Draft202012Validator(schema).validate(survey.canonical)
    Draft202012Validator(resolved_schema(schema)).validate({**survey.canonical, "files": {}})
    assert findings_in(survey.canonical, schema, all_terms()) == []
    terms = entry_of(survey.service).terms
    assert canonical(json.loads(json.dumps(survey.canonical)), terms) == survey.canonical
    assert survey_of(Wording(path.name), survey.canonical, terms) == survey


def keys_of(part: Any, whole: Any, path: str = "") -> Iterator[str]:
    """The path of each key that a schema knows; a list counts as its items."""
    if "$ref" in part:
        *_, part = accumulate(part["$ref"].split("/")[1:], lambda value, name: value[name], initial=whole)
    for name, child in part.get("properties", {}).items():
        yield f"{path}.{name}"
        yield from keys_of(child, whole, f"{path}.{name}")
    inner = [*part.get("allOf", ()), *part.get("anyOf", ()), *part.get("oneOf", ())]
    for child in (*inner, *(part[word] for word in ("items", "additionalProperties", "then", "else") if word in part)):
        if isinstance(child, dict):
            yield from keys_of(child, whole, f"{path}.*" if child is part.get("additionalProperties") else path)


def keys_in(value: Any, path: str = "") -> Iterator[str]:
    """The path of each key that a survey has, as `keys_of` says them."""
    for item in value if isinstance(value, list) else ():
        yield from keys_in(item, path)
    for name, child in value.items() if isinstance(value, dict) else ():
        yield f"{path}.{name}"
        yield from (*keys_in(child, f"{path}.{name}"), *keys_in(child, f"{path}.*"))


def surveys_of_one_filter(schema: dict[str, Any]) -> Iterator[Survey]:
    """A survey for each filter, which asks for what the schema gives as an example of it."""
    filters = schema["properties"]["sources"]["items"]["properties"]["filters"]["properties"]
    for key, part in filters.items():
        survey = {**schema["examples"][0], "sources": [{"coralnet": 3420, "filters": {key: part["examples"][0]}}]}
        yield loaded("survey.yaml", json.dumps(survey).encode(), schema, lambda base: base.encode())


def test_each_filter_that_the_schema_has_is_read(schema: dict[str, Any]) -> None:
    assert [survey for survey in surveys_of_one_filter(schema) if survey.sources[0].filters == Filters()] == []


def test_every_key_that_a_survey_may_have_is_kept_in_the_canonical_form_of_one(schema: dict[str, Any]) -> None:
    forms = [json.loads(path.with_suffix(".json").read_text(encoding="utf-8")) for path in GOOD]
    forms += [survey.canonical for survey in surveys_of_one_filter(schema)]
    kept = {key for form in forms for key in keys_in(form)}
    lost = set(keys_of(resolved_schema(schema), schema)) - kept
    lost -= {".files", ".runs", ".analysis_files", ".limit", ".survey_file"}
    # Columns are kept by whatever name they have, and a source's own points are a design, as the rules say.
    design_alone = re.compile(r"\.sources\.points\.(from|revisit|encoding|sheet|points)\b")
    assert {key for key in lost if ".columns" not in key and not design_alone.match(key)} == set()


@pytest.mark.parametrize("path", BAD, ids=name_of)
def test_a_bad_survey_is_refused_with_exactly_these_words(path: Path, schema: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        loaded(path.name, path.read_bytes(), schema, lambda base: (path.parent / base).read_bytes())
    assert f"{refused.value}\n" == path.with_suffix(".expect").read_text(encoding="utf-8")
    assert refused.value.exit_code == 2


def test_no_expectation_is_left_of_a_survey_that_is_gone() -> None:
    assert {path.stem for path in (CORPUS / "bad").glob("*.expect")} == {path.stem for path in BAD}


@pytest.mark.parametrize("path", BAD, ids=name_of)
def test_no_message_repeats_a_password(path: Path) -> None:
    assert "hunter2" not in path.with_suffix(".expect").read_text(encoding="utf-8")


def test_some_bad_surveys_do_hold_a_password() -> None:
    assert sum(b"hunter2" in path.read_bytes() for path in BAD) >= 3


@pytest.mark.parametrize("path", SHIPPED, ids=name_of)
def test_every_survey_that_ships_is_valid_and_shared_pieces_lack_little(path: Path, schema: dict[str, Any]) -> None:
    file = path.relative_to(ROOT).as_posix()
    try:
        loaded(file, path.read_bytes(), schema, lambda base: (ROOT / base).read_bytes())
    except InvalidInput as error:
        extended = [other for other in SHIPPED if f"extends: {path.name}" in other.read_text(encoding="utf-8")]
        assert extended, str(error)
        assert [problem for problem in error.problems if "is missing: " not in problem.message] == []


def test_the_example_of_the_superseded_notebook_asks_for_what_it_did(schema: dict[str, Any]) -> None:
    path = ROOT / "configs" / "moorea-lter-2008.yaml"
    survey = loaded(
        "moorea-lter-2008.yaml",
        path.read_bytes(),
        schema,
        lambda b: (path.parent / b).read_bytes(),
    )
    form = survey.canonical
    assert form["classifier"] == {"source": 3420, "pick": "newest"}
    assert [source["coralnet"] for source in form["sources"]] == [3420]
    design = form["sampling"]["points"]
    assert (design["method"], design["cell_rows"], design["cell_columns"]) == ("stratified random", 10, 20)
    assert form["run"] | {"batch_size": 100, "concurrency": 5, "patience": "75s"} == form["run"]


def test_the_schema_allows_what_the_service_allows(schema: dict[str, Any]) -> None:
    assert schema["properties"]["run"]["properties"]["batch_size"]["maximum"] == protocol.MAX_ENTRIES_PER_JOB


def test_the_schema_is_a_valid_schema(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)


def test_every_key_of_the_schema_is_explained_and_no_mapping_takes_other_keys(schema: dict[str, Any]) -> None:
    explained = 0
    pending = [schema]
    while pending:
        mapping = pending.pop()
        assert mapping["additionalProperties"] is False
        for key, child in mapping["properties"].items():
            explained += 1
            assert child["title"], key
            assert child["description"].endswith("."), key
            assert "default" in child or "examples" in child, key
            inner = child.get("items", child)
            if "properties" in inner:
                pending.append(inner)
    assert explained >= 50


@pytest.mark.parametrize("path", GOOD, ids=name_of)
def test_an_editor_that_knows_the_schema_alone_finds_a_good_survey_good(path: Path, schema: dict[str, Any]) -> None:
    document = load_with_bases(path.name, path.read_bytes(), lambda base: (path.parent / base).read_bytes())
    survey = plain(document.root)
    assert isinstance(survey, dict)
    Draft202012Validator(schema).validate(with_canonical_words(survey))


def test_the_examples_in_the_schema_are_valid_themselves(schema: dict[str, Any]) -> None:
    checked, whole = 0, Draft202012Validator(schema)
    pending: list[Any] = [schema]
    while pending:
        part = pending.pop()
        if isinstance(part, list):
            pending.extend(part)
        elif isinstance(part, dict):
            pending.extend(part.values())
            for example in part.get("examples", []) if "title" in part else []:
                assert not list(whole.descend(example, part)), example
                checked += 1
    assert checked > 40


def test_the_defaults_in_the_schema_are_those_that_a_survey_gets(schema: dict[str, Any]) -> None:
    path = CORPUS / "good" / "minimal.yaml"
    form = loaded(path.name, path.read_bytes(), schema, lambda base: base.encode()).canonical
    given = {
        "service": form["service"],
        "pick": form["classifier"]["pick"],
        "seed": form["sampling"]["points"]["seed"],
        "unit": form["sampling"]["points"]["annotation_area"]["unit"],
        **form["run"],
        **form["sources"][0]["search"],
        **form["sources"][0]["filters"],
        "formats": form["outputs"]["formats"],
    }
    found: dict[str, object] = {}
    pending: list[Any] = [schema]
    while pending:
        part = pending.pop()
        if isinstance(part, list):
            pending.extend(part)
        elif isinstance(part, dict):
            pending.extend(part.values())
            for key, child in part.get("properties", {}).items():
                if isinstance(child, dict) and "default" in child:
                    found[key] = child["default"]
    assert {key: found[key] for key in given} == given
