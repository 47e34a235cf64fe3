"""The codec: golden on a real request and a real result, strict on everything else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coralrun import limits
from coralrun.coralnet.codec import wire
from coralrun.coralnet.codec.urls import mark_of
from coralrun.machine.outcomes import Progress
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Point
from coralrun.ports import AnsweredEntry, Entry
from coralrun.values.classified import Classification

URL = "https://bucket.test/a.jpg?AWSAccessKeyId=ASIA&Signature=SECRET%2B&Expires=1795368316"
CUT = "https://bucket.test/a.jpg"
MARK = "#coralrun=r1.42.1.0"


def scored(score: Any = 0.5, **changes: Any) -> dict[str, Any]:
    label = {"score": score, "label_id": 3, "label_code": "CCA", "label_name": "Crustose coralline algae"}
    return {"row": 1, "column": 2, "classifications": [label]} | changes


def result(*points: Any, url: str = URL + MARK, **attributes: Any) -> bytes:
    inner = {"url": url, "points": list(points)} if points else {"url": url}
    return json.dumps({"data": [{"type": "image", "id": url, "attributes": inner | attributes}]}).encode()


def test_a_request_without_marks_equals_the_real_one(arms: Path) -> None:
    real = json.loads((arms / "ARMS_Full_Request.json").read_bytes())
    entries = [
        Entry(
            "",
            item["attributes"]["url"],
            tuple(Point(point["row"], point["column"]) for point in item["attributes"]["points"]),
        )
        for item in real["data"]
    ]
    assert sum(len(entry.points) for entry in entries) == 600
    assert json.loads(wire.encode_request(entries)) == real


def test_a_photo_that_has_no_address_is_never_put_into_a_request() -> None:
    with pytest.raises(TypeError, match="addresses alone"):
        wire.encode_request([Entry("r1.42.1.0", b"a photo", (Point(0, 7),))])


def test_a_real_result_is_read_whole_and_kept_without_its_queries(arms: Path) -> None:
    body = (arms / "ARMS_Exported_Annotations.json").read_bytes()
    answer = wire.decode_result(body)
    assert [len(entry.points) for entry in answer.entries] == [200, 200, 200]
    assert sum(len(point.classifications) for entry in answer.entries for point in entry.points) == 3000
    expected = json.loads(body)
    for item in expected["data"]:
        item["id"] = item["attributes"]["url"] = item["id"].partition("?")[0]
    assert json.loads(answer.reply) == expected
    assert answer.entries[0].points[0].classifications[0] == Classification(
        0.7741801529294701, 1883, "_RDEN", "ARMS-CREP-Red encrusting macroalgae"
    )


def test_a_mark_travels_as_the_only_fragment() -> None:
    body = json.loads(wire.encode_request([Entry("r1.42.1.0", "https://h.test/a#1.jpg", (Point(0, 7),))]))
    attributes = body["data"][0]["attributes"]
    assert attributes == {"url": "https://h.test/a%231.jpg" + MARK, "points": [{"row": 0, "column": 7}]}
    assert mark_of(attributes["url"]) == "r1.42.1.0"
    assert mark_of("https://h.test/a.jpg") == ""


def test_a_result_gives_marks_points_and_a_reply_without_signatures() -> None:
    answer = wire.decode_result(result(scored()))
    assert answer.entries[0].mark == "r1.42.1.0"
    assert answer.entries[0].places == (Point(1, 2),)
    assert answer.entries[0].reason is None
    assert b"SECRET" not in answer.reply
    assert json.loads(answer.reply)["data"][0]["id"] == CUT + MARK


def test_a_failed_entry_keeps_its_text_without_the_query() -> None:
    text = f"spacer.exceptions.URLDownloadError: Failed to download from the URL '{URL}{MARK}'. / Details - x"
    answer = wire.decode_result(result(errors=[text, "see /media/a b.jpg?token=SECRET"]))
    assert b"SECRET" not in answer.reply
    assert b"ASIA" not in answer.reply
    errors = json.loads(answer.reply)["data"][0]["attributes"]["errors"]
    assert errors[0] == text.replace(URL, CUT)
    assert answer.entries[0] == AnsweredEntry("r1.42.1.0", (), Reason.SERVICE_ERROR)


def test_a_query_with_quotes_and_blanks_is_cut_from_error_texts_too() -> None:
    url = "https://h.test/a.jpg?sig=it's SE'CR ET"
    answer = wire.decode_result(result(url=url, errors=[f"Image {url} has no pixels", "at '/a.jpg?sig=it's SE'CR ET'"]))
    assert b"SE'CR" not in answer.reply
    assert b" ET" not in answer.reply


def test_unknown_members_are_passed_over_and_not_stored() -> None:
    body = json.loads(result(scored(extra="https://h.test/?SECRET")))
    body["data"][0]["links"] = {"self": URL}
    answer = wire.decode_result(json.dumps(body).encode())
    assert b"SECRET" not in answer.reply
    assert len(answer.entries[0].points) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>502 Bad Gateway</html>",
        b"\xff\xfe[",
        b"[]",
        b"," * limits.MAX_REPLY_VALUES + b"[",
        b"null",
        b'{"data":{}}',
        b'{"data":[1]}',
        b"[" * 100_000,
        b'{"data":' + b"9" * 5000 + b"}",
        result(),
        result(scored(), errors=["both"]),
        result(errors=[]),
        result(points=[]),
        result(errors=[{"detail": "x"}]),
        result(scored(float("nan"))),
        result(scored(1e999)),
        result(scored(-0.1)),
        result(scored(2)),
        result(scored(10**400)),
        result(scored("0.5")),
        result(scored(True)),
        result(scored(row=-1)),
        result(scored(row=1.0)),
        result(scored(column=True)),
        result(scored(row=2**70)),
        result(scored(classifications=[])),
        result(scored(classifications=scored()["classifications"] * 6)),
        result(scored(classifications=[scored(0.1)["classifications"][0], scored(0.2)["classifications"][0]])),
        result(scored(), url="https://h.test/a.jpg").replace(b'"id": "https://h', b'"id": "https://x'),
        result(scored()).replace(b"CCA", b"\\ud800"),
        result(scored()).replace(b'"image"', b'"video"'),
    ],
    ids=lambda body: body[:60].decode("latin-1"),
)
def test_anything_but_the_expected_shape_is_not_understood(body: bytes) -> None:
    with pytest.raises(wire.NotUnderstood):
        wire.decode_result(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(junk=JSON, path=st.lists(st.integers(0, 9), max_size=7))
@settings(max_examples=200, deadline=None)
def test_a_result_with_any_one_value_replaced_is_read_or_not_understood(junk: Any, path: list[int]) -> None:
    body = json.loads(result(scored(), scored(0.25)))
    place: Any = body
    for step in path:
        keys = list(place) if isinstance(place, dict) else range(len(place)) if isinstance(place, list) else []
        if not keys:
            break
        key = keys[step % len(keys)]
        if not isinstance(place[key], dict | list) or step > 6:
            place[key] = junk
            break
        place = place[key]
    try:
        answer = wire.decode_result(json.dumps(body).encode())
    except wire.NotUnderstood:
        return
    assert wire.decode_result(answer.reply).reply == answer.reply


@given(st.binary(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_bytes_at_all_are_read_or_not_understood(body: bytes) -> None:
    for decode in (wire.decode_result, wire.decode_listing, wire.decode_errors, wire.decode_token):
        with pytest.raises(wire.NotUnderstood):
            decode(body)


@pytest.mark.parametrize("label_id", [True, 1.0, "1", [1]])
def test_a_label_that_only_looks_like_one_that_was_read_before_is_not_understood(label_id: Any) -> None:
    first, second = scored(), scored()
    first["classifications"][0]["label_id"] = 1
    second["classifications"][0]["label_id"] = label_id
    with pytest.raises(wire.NotUnderstood):
        wire.decode_result(result(first, second))


def test_a_listing_gives_active_and_finished_jobs_and_the_limit() -> None:
    body = (
        b'{"data":{"active_jobs":[{"type":"jobs","id":"3"},{"type":"jobs","id":"4"}],'
        b'"recently_completed_jobs":[{"type":"jobs","id":"2"}]},"meta":{"max_active_jobs":5}}'
    )
    assert wire.decode_listing(body) == wire.Jobs(active=("3", "4"), finished=("2",), max_active=5)
    for wrong in (b'"id":3', b'"id":"-3"', b'"id":"x"', b'"id":"' + b"3" * 5000 + b'"'):
        with pytest.raises(wire.NotUnderstood):
            wire.decode_listing(body.replace(b'"id":"3"', wrong))


def test_a_status_gives_counts_of_the_job_asked_about() -> None:
    body = (
        b'{"data":[{"type":"job","id":"11","attributes":'
        b'{"status":"In Progress","successes":1,"failures":1,"total":5}}]}'
    )
    assert wire.decode_status(body, "11") == Progress(ok=1, failed=1, total=5)
    with pytest.raises(wire.NotUnderstood):
        wire.decode_status(body, "12")
    with pytest.raises(wire.NotUnderstood):
        wire.decode_status(body.replace(b'"total":5', b'"total":1'), "11")
    for data in (b'{"data":[]}', b'{"data":[{},{}]}'):
        with pytest.raises(wire.NotUnderstood):
            wire.decode_status(data, "11")


def test_every_form_of_the_apis_errors_is_read() -> None:
    pointed = b'{"errors":[{"detail":"Too long.","source":{"pointer":"/data/7/attributes/points/0/row"}}]}'
    assert wire.decode_errors(pointed) == (wire.ApiError("Too long.", entry=7),)
    assert wire.decode_errors(b'{"errors":[{"detail":"x","source":{"pointer":"/data"}}]}')[0].entry is None
    login = wire.decode_errors(b'{"errors":[{"non_field_errors":["Unable."]},{"password":["Required."]}]}')
    assert [error.text for error in login] == ["Unable.", "password: Required."]
    with pytest.raises(wire.NotUnderstood):
        wire.decode_errors(b'{"errors":[]}')


def test_a_login_is_ascii_json_whatever_the_password() -> None:
    body = wire.encode_login("ann", 'pässwörd "\\')
    assert json.loads(body) == {"username": "ann", "password": 'pässwörd "\\'}
    assert body.isascii()


def test_a_token_is_a_token() -> None:
    assert wire.decode_token(b'{"token":"0123456789abcdef"}') == "0123456789abcdef"
    for wrong in (b'{"token":""}', b'{"token":"a b c d e f g"}', b'{"token":"0123456789\\r\\nX: y"}', b"{}"):
        with pytest.raises(wire.NotUnderstood):
            wire.decode_token(wrong)


@pytest.mark.parametrize(
    "location", ["/api/deploy_job/17/status/", "https://c.test/api/deploy_job/17/status/", "/api/deploy_job/17/result/"]
)
def test_a_location_names_its_job(location: str) -> None:
    assert wire.job_of_location(location, "https://c.test") == "17"


@pytest.mark.parametrize(
    "location",
    [
        None,
        "",
        "/",
        "/api/deploy_job/x/status/",
        "https://evil.test/api/deploy_job/17/status/",
        "//evil.test/api/deploy_job/17/status/",
        "https://c.test:444/api/deploy_job/17/status/",
        "https://[bad/api/deploy_job/17/status/",
        "https://c.test:port/api/deploy_job/17/status/",
        "/api/deploy_job/17/status/?next=1",
        "/api/deploy_job/" + "9" * 5000 + "/status/",
    ],
)
def test_a_location_that_names_no_job_of_this_service_is_not_understood(location: str | None) -> None:
    with pytest.raises(wire.NotUnderstood):
        wire.job_of_location(location, "https://c.test")
