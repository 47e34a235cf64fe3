"""Variables of the environment: in paths alone, never a secret, and each in the file that names it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from coralrun.errors import InvalidInput
from coralrun.services import all_terms
from coralrun.spec.environment import allowed_in
from coralrun.spec.extend import PATHS
from coralrun.spec.survey import load_survey

loaded = partial(load_survey, services=all_terms())
ROOT = Path(__file__).resolve().parents[3]
SCHEMA: dict[str, Any] = json.loads((ROOT / "schemas" / "survey.v1.json").read_bytes())
SURVEY = """\
version: 1
name: reef
extends: ${LAB}/defaults.yaml
classifier: {source: 3420}
sources:
  - manifest: ${DATA}/${YEAR}.csv
    filters: {names_from: "lists/${YEAR}.txt", not_in: ["${RUNS}/2022", "${RUNS}/2023"], include: ["*${*", "$YEAR"]}
sampling: {points: {from: "${DATA}/points.csv"}}
"""
BASE = """\
metadata: {from: "${DATA}/sites.csv"}
cover: {groups: "groups/${YEAR}.yaml"}
outputs: {directory: "runs/${YEAR}"}
"""
ENVIRONMENT = {"LAB": "/lab", "DATA": "/data", "YEAR": "2024", "RUNS": "old runs"}


def read(survey: str, environment: Mapping[str, str]) -> dict[str, Any]:
    bases = {"/lab/defaults.yaml": BASE}
    read = loaded("survey.yaml", survey.encode(), SCHEMA, lambda base: bases[base].encode(), environment)
    return dict(read.canonical)


def test_a_variable_gives_its_value_wherever_a_path_stands() -> None:
    survey = read(SURVEY, ENVIRONMENT)
    (source,) = survey["sources"]
    assert source["manifest"] == "/data/2024.csv"
    assert source["filters"]["names_from"] == "lists/2024.txt"
    assert source["filters"]["not_in"] == ["old runs/2022", "old runs/2023"]
    assert source["filters"]["include"] == ["*${*", "$YEAR"]
    assert survey["sampling"]["points"]["from"] == "/data/points.csv"
    assert survey["metadata"]["from"] == "/data/sites.csv"
    assert survey["cover"]["groups"] == "/lab/groups/2024.yaml"
    assert survey["outputs"]["directory"] == "runs/2024"


def test_a_value_with_a_variable_in_it_is_taken_as_it_is() -> None:
    survey = read(SURVEY, {**ENVIRONMENT, "RUNS": "${LAB}"})
    assert survey["sources"][0]["filters"]["not_in"] == ["${LAB}/2022", "${LAB}/2023"]


@pytest.mark.parametrize("value", ["", "a\nb", "a\0b"])
def test_a_variable_that_holds_no_path_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(SURVEY.replace("${LAB}", "/lab"), {**ENVIRONMENT, "DATA": value})
    said = "the variable `DATA` of the environment is empty, or has a control character in it"
    assert str(refused.value) == (
        f"survey.yaml:6:15: {said}\nsurvey.yaml:8:27: {said}\n/lab/defaults.yaml:1:18: {said}"
    )


@pytest.mark.parametrize(
    "name", ["CORALNET_SERVICE", "coralnet_user", "MY_TOKEN", "DB_PASSWORD", "SSH_AUTH_SOCK", "KEY", "USER_PASS"]
)
def test_a_variable_that_looks_like_a_secret_is_refused_whatever_stands_in_it(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(SURVEY.replace("lists/${YEAR}", f"${{{name}}}"), {**ENVIRONMENT, name: "hunter2"})
    assert str(refused.value) == (
        f"survey.yaml:7:27: `${{{name}}}` looks like a secret, and secrets never stand in a survey: take it out"
    )


def test_a_variable_may_stand_wherever_a_path_is_read_and_in_the_run_directories() -> None:
    revisited = ("sampling", "points", "revisit", "run")
    runs = {("outputs", "directory"), ("sources", "*", "filters", "not_in"), ("extends",), revisited}
    assert allowed_in(SCHEMA) == {*PATHS, *runs}
