"""The API speaks as the real one: statuses, headers, error bodies and the order of its checks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from coralrun.emulator.demo import (
    OTHER_PASSWORD,
    OTHER_USERNAME,
    PASSWORD,
    PRIVATE_CLASSIFIER,
    REJECTED_CLASSIFIER,
    USERNAME,
)
from coralrun.emulator.messages import API_TYPE, Reply

DEPLOY = "/api/classifier/13/deploy/"
GOOD_IMAGE = {"type": "image", "attributes": {"url": "u", "points": [{"row": 0, "column": 0}]}}


def errors(reply: Reply) -> Any:
    return json.loads(reply.body)["errors"]


def detail(reply: Reply) -> str:
    return str(errors(reply)[0]["detail"])


def image_with(**attributes: object) -> dict[str, object]:
    return {"type": "image", "attributes": {"url": "u", "points": [{"row": 0, "column": 0}], **attributes}}


def test_the_right_password_gives_the_same_token_every_time(make: Any) -> None:
    caller = make()
    first = caller.log_in_to_api()
    assert len(first) == 40 and int(first, 16)
    assert caller.log_in_to_api() == first
    assert caller.log_in_to_api("demo@example.org") == first


def test_a_wrong_password_is_told_without_a_detail(make: Any) -> None:
    reply = make().api("POST", "/api/token_auth/", {"username": USERNAME, "password": "no"})
    assert reply.status == 400
    assert errors(reply) == [{"non_field_errors": ["Unable to log in with provided credentials."]}]


def test_a_missing_password_is_told_by_its_field(make: Any) -> None:
    reply = make().api("POST", "/api/token_auth/", {"username": USERNAME})
    assert (reply.status, errors(reply)) == (400, [{"password": ["This field is required."]}])


def test_broken_json_is_told_where_it_breaks(make: Any) -> None:
    reply = make().api("POST", "/api/token_auth/", b"{x")
    expected = "JSON parse error - Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"
    assert (reply.status, detail(reply)) == (400, expected)


def test_plain_json_is_not_the_media_type(make: Any) -> None:
    reply = make().api("POST", "/api/token_auth/", {}, Content_Type="application/json")
    assert (reply.status, detail(reply)) == (415, f"Content type should be {API_TYPE}, not application/json")


def test_the_media_type_may_name_its_charset(caller: Any) -> None:
    reply = caller.api("POST", DEPLOY, {"data": [GOOD_IMAGE]}, Content_Type=f"{API_TYPE}; charset=utf-8")
    assert reply.status == 202


def test_the_wrong_method_is_named_with_those_allowed(make: Any) -> None:
    reply = make().api("GET", "/api/token_auth/")
    assert (reply.status, reply.header("Allow")) == (405, "POST, OPTIONS")
    assert detail(reply) == 'Method "GET" not allowed.'


def test_a_missing_slash_is_redirected(make: Any) -> None:
    reply = make().api("POST", "/api/token_auth", {})
    assert (reply.status, reply.header("Location")) == (301, "/api/token_auth/")


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("", "Authentication credentials were not provided."),
        ("Bearer abc", "Authentication credentials were not provided."),
        ("Token nonsense", "Invalid token."),
        ("Token", "Invalid token header. No credentials provided."),
    ],
)
def test_bad_credentials_are_403_and_use_up_no_throttle(make: Any, header: str, text: str) -> None:
    caller = make()
    for _ in range(70):
        reply = caller.api("GET", f"/api/user/{USERNAME}/", Authorization=header)
        assert (reply.status, detail(reply)) == (403, text)
        assert reply.header("WWW-Authenticate") is None


def test_a_revoked_token_is_invalid_and_a_new_one_is_another(caller: Any) -> None:
    before = caller.token
    caller.faults.revoke_token(USERNAME)
    assert detail(caller.api("GET", f"/api/user/{USERNAME}/")) == "Invalid token."
    assert caller.log_in_to_api() != before
    assert caller.api("GET", f"/api/user/{USERNAME}/").status == 200


def test_an_accept_header_that_cannot_be_met_is_406(caller: Any) -> None:
    reply = caller.api("GET", f"/api/user/{USERNAME}/", Accept="application/json")
    assert (reply.status, detail(reply)) == (406, "Could not satisfy the request Accept header.")
    page = caller.api("GET", f"/api/user/{USERNAME}/", Accept="text/html,*/*")
    assert (page.status, (page.header("Content-Type") or "")[:9]) == (200, "text/html")


def test_a_session_cookie_beats_the_token(caller: Any) -> None:
    caller.sign_in(OTHER_USERNAME, OTHER_PASSWORD)
    cookie = f"sessionid={caller.cookies['sessionid']}; csrftoken={caller.cookies['csrftoken']}"
    assert caller.api("GET", f"/api/user/{USERNAME}/", Cookie=cookie).status == 404
    refused = caller.api("POST", DEPLOY, {"data": [GOOD_IMAGE]}, Cookie=cookie)
    assert (refused.status, detail(refused)) == (403, "CSRF Failed: CSRF token missing.")
    token = {"X_CSRFToken": caller.cookies["csrftoken"]}
    assert caller.api("POST", DEPLOY, {"data": [GOOD_IMAGE]}, Cookie=cookie, **token).status == 202


def test_only_ones_own_listing_is_shown(caller: Any) -> None:
    for name in (OTHER_USERNAME, "nobody", "Demo", "demo@example.org"):
        reply = caller.api("GET", f"/api/user/{name}/")
        assert (reply.status, detail(reply)) == (404, "You can only see details for the user you're logged in as")


def test_an_accepted_deploy_is_202_with_a_relative_location_and_nothing_else(caller: Any) -> None:
    reply = caller.deploy(["https://example.org/a.jpg"])
    assert (reply.status, reply.body, reply.header("Content-Type")) == (202, b"", None)
    assert reply.header("Location") == f"/api/deploy_job/{int(caller.clock.now())}/status/"


def test_a_rejected_classifier_deploys_and_an_unknown_or_private_one_does_not(caller: Any) -> None:
    assert caller.deploy(["u"], classifier=REJECTED_CLASSIFIER).status == 202
    reply = caller.deploy(["u"], classifier=999)
    assert (reply.status, detail(reply)) == (404, "This classifier doesn't exist or is not accessible")
    assert caller.deploy(["u"], classifier=PRIVATE_CLASSIFIER).status == 202
    caller.log_in_to_api(OTHER_USERNAME, OTHER_PASSWORD)
    assert caller.deploy(["u"], classifier=PRIVATE_CLASSIFIER).status == 404


def test_a_classifier_id_that_is_no_number_is_a_page_not_found(caller: Any) -> None:
    reply = caller.api("POST", "/api/classifier/abc/deploy/", {})
    assert (reply.status, reply.header("Content-Type")) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("document", "text", "pointer"),
    [
        (None, "Ensure this hash has a 'data' key.", "/"),
        ({}, "Ensure this hash has a 'data' key.", "/"),
        ([], "Ensure this element is a hash.", "/"),
        ({"data": []}, "Ensure this array is non-empty.", "/data"),
        ({"data": [GOOD_IMAGE] * 101}, "This array exceeds the max length of 100.", "/data"),
        (
            {"data": [image_with(points=[{"row": 0, "column": 0}] * 201)]},
            "This array exceeds the max length of 200.",
            "/data/0/attributes/points",
        ),
        ({"data": [image_with(points=[])]}, "Ensure this array is non-empty.", "/data/0/attributes/points"),
        (
            {"data": [image_with(points=[{"row": -1, "column": 0}])]},
            "This element's value is below the minimum of 0.",
            "/data/0/attributes/points/0/row",
        ),
        (
            {"data": [GOOD_IMAGE, image_with(points=[{"row": 0, "column": 0}, {"row": 0, "column": 1.5}])]},
            "Ensure this element is an integer.",
            "/data/1/attributes/points/1/column",
        ),
        (
            {"data": [image_with(points=[{"row": "1", "column": 0}])]},
            "Ensure this element is an integer.",
            "/data/0/attributes/points/0/row",
        ),
        (
            {"data": [{"type": "image", "attributes": {"url": "u"}}]},
            "Ensure this hash has a 'points' key.",
            "/data/0/attributes",
        ),
        (
            {"data": [{**GOOD_IMAGE, "type": "photo"}]},
            "This element should be equal to 'image'.",
            "/data/0/type",
        ),
        ({"data": [image_with(url=5)]}, "Ensure this element is a string.", "/data/0/attributes/url"),
    ],
)
def test_a_bad_body_is_told_by_its_first_fault_and_a_pointer(
    caller: Any, document: object, text: str, pointer: str
) -> None:
    reply = caller.api("POST", DEPLOY, document)
    assert reply.status == 400
    assert errors(reply) == [{"detail": text, "source": {"pointer": pointer}}]
    assert caller.faults.stats()["jobs_created"] == 0


def test_booleans_duplicates_and_a_full_request_are_accepted(caller: Any) -> None:
    points = [{"row": True, "column": 0}] * 200
    document = {"data": [image_with(points=points)] * 100}
    assert caller.api("POST", DEPLOY, document).status == 202


def test_with_all_slots_in_use_even_nonsense_gets_the_429_of_slots(make: Callable[..., Any]) -> None:
    caller = make(max_active=2)
    caller.log_in_to_api()
    jobs = [caller.deployed(["u"]), caller.deployed(["u"])]
    text = (
        f"You already have 2 jobs active (IDs: {jobs[0]}, {jobs[1]})."
        " You must wait until one of them finishes before requesting another job."
    )
    for path, document in ((DEPLOY, {"data": [GOOD_IMAGE]}), ("/api/classifier/999/deploy/", b"{nonsense")):
        reply = caller.api("POST", path, document)
        assert (reply.status, detail(reply), reply.header("Retry-After")) == (429, text, None)


def test_the_sixty_first_request_of_a_minute_waits_for_the_first_to_age(caller: Any) -> None:
    listing = f"/api/user/{USERNAME}/"
    assert caller.api("GET", listing).status == 200
    caller.clock.move(20.5)
    assert [caller.api("GET", listing).status for _ in range(59)] == [200] * 59
    reply = caller.api("GET", listing)
    assert (reply.status, reply.header("Retry-After")) == (429, "40")
    assert detail(reply) == "Request was throttled. Expected available in 40 seconds."
    caller.clock.move(39)
    assert detail(caller.api("GET", listing)) == "Request was throttled. Expected available in 1 second."
    caller.clock.move(0.5)
    assert caller.api("GET", listing).status == 200


def test_a_request_refused_by_the_minute_is_counted_by_the_hour(caller: Any) -> None:
    listing = f"/api/user/{USERNAME}/"
    statuses = [caller.api("GET", listing).status for _ in range(1000)]
    assert statuses == [200] * 60 + [429] * 940
    caller.clock.move(61)
    reply = caller.api("GET", listing)
    assert (reply.status, reply.header("Retry-After")) == (429, "3539")


def test_all_tokens_tries_of_one_address_share_a_window_apart_from_the_users(make: Any) -> None:
    caller = make()
    for _ in range(60):
        caller.api("POST", "/api/token_auth/", {"username": USERNAME, "password": "no"})
    assert caller.api("POST", "/api/token_auth/", {"username": USERNAME, "password": PASSWORD}).status == 429
    caller.token = caller.service.identity.token(USERNAME)
    assert caller.api("GET", f"/api/user/{USERNAME}/").status == 200


def test_every_reply_says_when_it_was_given_by_the_services_clock(caller: Any) -> None:
    reply = caller.api("GET", f"/api/user/{USERNAME}/")
    assert reply.header("Date") == "Sun, 22 Nov 2026 16:23:30 GMT"
