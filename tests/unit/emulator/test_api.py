"""What the contract does not ask of the API: methods, web pages of it, and when exactly its windows open again."""

from __future__ import annotations

import json
from typing import Any

from coralrun.emulator.demo import (
    OTHER_PASSWORD,
    OTHER_USERNAME,
    PASSWORD,
    USERNAME,
)
from coralrun.emulator.messages import Reply

DEPLOY = "/api/classifier/13/deploy/"
GOOD_IMAGE = {"type": "image", "attributes": {"url": "u", "points": [{"row": 0, "column": 0}]}}


def errors(reply: Reply) -> Any:
    return json.loads(reply.body)["errors"]


def detail(reply: Reply) -> str:
    return str(errors(reply)[0]["detail"])


def test_the_wrong_method_is_named_with_those_allowed(make: Any) -> None:
    reply = make().api("GET", "/api/token_auth/")
    assert (reply.status, reply.header("Allow")) == (405, "POST, OPTIONS")
    assert detail(reply) == 'Method "GET" not allowed.'


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
