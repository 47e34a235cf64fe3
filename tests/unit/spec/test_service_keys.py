"""What a survey may say depends on the service that it names."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from coralrun.app.survey.resources import SURVEY_SCHEMA, schema
from coralrun.errors import InvalidInput
from coralrun.service.terms import ServiceTerms
from coralrun.services import all_terms
from coralrun.spec.survey import load_survey

REEF = ServiceTerms(
    name="Reef",
    spelling="reef",
    spelt="the word `reef`",
    options={"run.patience": "10s", "run.web_rate": None},
    classifier_id={"pattern": "^[a-z]+$", "errorMessage": "must be a word"},
)
BARE = ServiceTerms(name="Bare", spelling="bare", spelt="the word `bare`")
SCHEMA = schema(SURVEY_SCHEMA)
read = partial(
    load_survey, "survey.yaml", schema=SCHEMA, read=lambda base: base.encode(), services=(*all_terms(), REEF, BARE)
)
SURVEY = """\
version: 1
name: s
service: {service}
classifier: {classifier}
sources: [{source}]
sampling: {{points: {{method: simple random, number_of_points: {points}}}}}
"""


def survey(more: str = "", **other: object) -> bytes:
    usual = {"service": "reef", "classifier": "{id: best}", "source": "{manifest: a.csv}", "points": 5}
    return (SURVEY.format(**{**usual, **other}) + more).encode()


def refused(data: bytes) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        read(data)
    return [str(problem) for problem in caught.value.problems]


def test_a_key_of_another_service_is_refused_with_its_line_and_what_to_do() -> None:
    text = survey("run: {patience: soon}\n", service="bare", classifier="{source: 3}", source="{coralnet: 3}")
    owners = "which is CoralNet's and the embedded CoralNet's"
    assert refused(text) == [
        f"survey.yaml:4:14: Bare does not know `source`, {owners}: take it out",
        f"survey.yaml:5:12: Bare does not know `coralnet`, {owners}: take it out",
        f"survey.yaml:7:7: Bare does not know `patience`, {owners} and Reef's: take it out",
    ]


def test_a_classifier_is_called_as_its_service_calls_it() -> None:
    assert read(survey()).classifier.id == "best"
    (said,) = refused(survey(classifier="{id: 7B}"))
    assert said == "survey.yaml:4:18: `id` must be a word; it is the text `7B`"
    coralnet = partial(survey, service="https://coralnet.ucsd.edu")
    assert read(coralnet(classifier="{id: 41004}")).classifier.id == "41004"
    assert read(coralnet(classifier='{id: "41004"}')).classifier.id == "41004"
    (said,) = refused(coralnet(classifier="{id: best}"))
    assert said == "survey.yaml:4:18: `id` must be a whole number, 1 or more; it is the text `best`"


def test_only_a_service_that_bounds_the_points_of_an_image_has_them_bounded() -> None:
    assert read(survey(points=5000)).points.points_per_image == 5000  # type: ignore[union-attr]
    (said,) = refused(survey(points=5000, service="emulator", classifier="{id: 1}"))
    assert said == "survey.yaml:6:62: `number_of_points` must be from 1 to 1000; it is 5000"


def test_what_a_survey_says_by_its_services_keys_is_kept_with_their_defaults() -> None:
    assert read(survey()).options == {"run.patience": "10s"}
    assert read(survey("run: {patience: 1.5m}\n")).options["run.patience"] == "90s"
    assert read(survey(service="emulator", classifier="{id: 1}")).options == {"run.patience": "75s", "run.web_rate": 4}


def test_a_service_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    (said,) = refused(survey(service="reeef"))
    assert said.endswith(
        ", or the word `emulator`, or the word `local`, or the word `reef`, or the word `bare`; it is the text `reeef`"
    )


@pytest.mark.parametrize("path", sorted({path for terms in all_terms() for path in terms.own_keys}))
def test_a_key_that_a_service_calls_its_own_stands_in_the_schema(path: str) -> None:
    part: Any = SCHEMA
    for key in path.split("."):
        part = part.get("items", part)["properties"][key]
    assert part["description"]
