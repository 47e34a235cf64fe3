"""A deploy request for CoralNet's API, as a manifest and as the points of its images."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coralrun.app.survey.inputs import read_inputs
from coralrun.app.survey.survey_file import survey_of
from coralrun.errors import InvalidInput
from coralrun.planning.images import Point
from coralrun.sources.manifest import read_manifest
from coralrun.sources.points_file import read_points

ARMS = Path(__file__).resolve().parents[4] / "shared" / "data" / "arms-api"


def payload(*images: object) -> bytes:
    return json.dumps({"data": list(images)}).encode()


def image(url: str, *points: tuple[object, object], **more: object) -> dict[str, object]:
    listed = [{"row": row, "column": column, **more} for row, column in points]
    return {"type": "image", "attributes": {"url": url, "points": listed}}


A, B = "https://reef.example/s/a%201.jpg?dl=1", "https://reef.example/b.jpg"


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_points("request.json", {"request.json": data})
    return str(refused.value)


def test_a_request_is_a_manifest_with_points_also_where_images_repeat() -> None:
    data = payload(image(A, (1, 2), (3, 4)), image(B, (5, 6)), image(A, (0, 0)))
    assert [(found.name, found.url) for found in read_manifest("request.json", data).images] == [
        ("a 1.jpg", A),
        ("b.jpg", B),
    ]
    assert dict(read_points("request.json", {"request.json": data})) == {
        "a 1.jpg": (Point(1, 2), Point(3, 4), Point(0, 0)),
        "b.jpg": (Point(5, 6),),
    }


def test_a_result_has_the_same_images_and_points() -> None:
    data = payload(image(A, (1, 2), classifications=[{"score": 0.5, "label_id": 7}]))
    assert dict(read_points("result.json", {"result.json": data})) == {"a 1.jpg": (Point(1, 2),)}


def test_every_item_that_is_wrong_is_named() -> None:
    failed = {"type": "image", "attributes": {"url": B, "errors": ["no"]}}
    no_item = "it has no `attributes` with a `url` and `points`, as an image of a deploy request has"
    no_point = "has no `row` and `column` that are whole numbers of pixels from 0"
    assert refusal(payload(image(A, (1, 2), (1.5, 2), (True, 1)), failed, 7, image(B))) == (
        f"request.json:1: point 2 {no_point}\nrequest.json:1: point 3 {no_point}\n"
        f"request.json:2: {no_item}\nrequest.json:3: {no_item}\nrequest.json:4: {no_item}"
    )


def test_two_addresses_of_one_name_and_one_that_nobody_can_fetch_are_named() -> None:
    other = "https://other.example/b.jpg"
    assert refusal(payload(image(B, (1, 2)), image(other, (1, 2)), image("C:/b.jpg", (1, 2)))) == (
        "request.json:2: the url ends in `b.jpg`, as another does\n"
        "request.json:3: the url must begin with https:// or http://: a file on this computer cannot be fetched by the "
        "service"
    )


def test_other_json_is_still_refused() -> None:
    for data in (b'[{"name": "a.jpg"}]', b'{"data": []}', b'{"data"'):
        assert "this is JSON, not a text table" in refusal(data)


SURVEY = b"""\
version: 1
name: payload
classifier: {id: 1}
sources: [{manifest: request.json}]
sampling: {points: {from: request.json}}
"""


@pytest.mark.skipif(not ARMS.is_dir(), reason="the shared deploy request is not here")
def test_a_real_request_is_a_survey_of_its_own() -> None:
    data = (ARMS / "ARMS_Full_Request.json").read_bytes()
    inputs = read_inputs(survey_of("survey.yaml", SURVEY, ARMS, given={"request.json": data}))
    assert inputs.points is not None
    names = [found.name for found in inputs.manifests["request.json"].images]
    assert sum(inputs.points.count(name) for name in names) == data.count(b'"row"')


def test_a_request_with_points_is_not_copied_as_its_addresses_may_be_secret() -> None:
    survey = SURVEY.replace(b"manifest: request.json", b"coralnet: 1")
    given = {"request.json": payload(image(B + "?signature=secret", (1, 2)))}
    assert list(survey_of("survey.yaml", survey, Path(), given=given).copies()) == ["01-survey.yaml"]
