"""Protocol 1 and 2: who we are, and which jobs are ours."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.contract.oddities import CLOSED_USERNAME
from tests.contract.peers import Control, Peer, entry

from coralrun.coralnet.codec import wire
from coralrun.machine.outcomes import Listed

TOKEN_PATH = "/api/token_auth/"


def test_the_right_password_gives_forty_hex_digits_the_same_every_time(peer: Peer) -> None:
    reply = peer.post(TOKEN_PATH, {"username": peer.username, "password": peer.password})
    assert reply.status == 200
    assert reply.headers["content-type"].startswith(wire.MEDIA_TYPE)
    assert len(reply.json["token"]) == 40
    assert int(reply.json["token"], 16)
    assert wire.decode_token(reply.body) == peer.token


def test_a_wrong_password_is_a_400_with_non_field_errors_and_no_detail(peer: Peer) -> None:
    reply = peer.post(TOKEN_PATH, {"username": peer.username, "password": "certainly not the password"})
    assert reply.status == 400
    assert reply.json == {"errors": [{"non_field_errors": ["Unable to log in with provided credentials."]}]}
    assert wire.decode_errors(reply.body)[0].text == "Unable to log in with provided credentials."


def test_a_missing_password_is_told_by_its_field(peer: Peer) -> None:
    reply = peer.post(TOKEN_PATH, {"username": peer.username})
    assert (reply.status, reply.json) == (400, {"errors": [{"password": ["This field is required."]}]})
    assert wire.decode_errors(reply.body)[0].text == "password: This field is required."


def test_broken_json_is_a_400_that_says_where_it_breaks(peer: Peer) -> None:
    reply = peer.post(TOKEN_PATH, b"{")
    assert reply.status == 400
    assert reply.detail.startswith("JSON parse error - ")


def test_plain_json_is_a_415(peer: Peer) -> None:
    reply = peer.post(TOKEN_PATH, {}, kind="application/json")
    assert reply.status == 415
    assert reply.detail == "Content type should be application/vnd.api+json, not application/json"


def test_the_media_type_may_name_its_charset(peer: Peer) -> None:
    document = {"username": peer.username, "password": peer.password}
    assert peer.post(TOKEN_PATH, document, kind=f"{wire.MEDIA_TYPE}; charset=utf-8").status == 200


def test_a_path_without_its_slash_is_redirected_to_the_one_with_it(peer: Peer) -> None:
    reply = peer.post(TOKEN_PATH.rstrip("/"), {})
    assert reply.status == 301
    assert reply.headers["location"].endswith(TOKEN_PATH)


def test_an_accept_header_for_anything_is_met_and_one_for_plain_json_is_not(peer: Peer) -> None:
    path = f"/api/user/{peer.username}/"
    token = f"Token {peer.token}"
    assert peer.call("GET", path, authorization=token, accept="*/*").status == 200
    refused = peer.call("GET", path, authorization=token, accept="application/json")
    assert (refused.status, refused.detail) == (406, "Could not satisfy the request Accept header.")


@pytest.mark.parametrize(
    ("authorization", "text"),
    [
        (None, "Authentication credentials were not provided."),
        ("Token", "Invalid token header. No credentials provided."),
        ("Token " + "0" * 40, "Invalid token."),
        ("Bearer {token}", "Authentication credentials were not provided."),
    ],
)
def test_missing_and_bad_credentials_are_403_never_401(peer: Peer, authorization: str | None, text: str) -> None:
    header = authorization.format(token=peer.token) if authorization else None
    reply = peer.call("GET", f"/api/user/{peer.username}/", authorization=header)
    assert (reply.status, reply.detail) == (403, text)
    assert "www-authenticate" not in reply.headers
    assert wire.decode_errors(reply.body)[0].text == text


def test_credentials_are_checked_before_anything_else_of_a_deploy(peer: Peer) -> None:
    reply = peer.post("/api/classifier/999999999/deploy/", b"{", authorization="Token " + "0" * 40)
    assert (reply.status, reply.detail) == (403, "Invalid token.")


def test_a_session_cookie_beats_the_token(peer: Peer) -> None:
    session = peer.sign_in(peer.username, peer.password).cookies["sessionid"]
    reply = peer.post(
        "/api/classifier/999999999/deploy/", {}, authorization=f"Token {peer.token}", cookie=f"sessionid={session}"
    )
    assert reply.status == 403
    assert reply.detail.startswith("CSRF Failed: ")


def test_the_cookies_user_is_the_one_who_asks(peer: Peer, control: Control) -> None:
    session = peer.sign_in(control.other_username, control.other_password).cookies["sessionid"]
    reply = peer.call(
        "GET", f"/api/user/{peer.username}/", authorization=f"Token {peer.token}", cookie=f"sessionid={session}"
    )
    assert reply.status == 404


def test_refused_credentials_use_up_no_throttle(peer: Peer, control: Control) -> None:
    control.service.api.throttle.burst.most = 3
    for _ in range(5):
        control.clock.time_s -= 4  # the pace that keeps other tests below the limit
        assert peer.call("GET", f"/api/user/{peer.username}/", authorization="Token nobodys").status == 403
    assert peer.ask(f"/api/user/{peer.username}/").status == 200


def test_a_revoked_token_is_invalid_and_signing_in_gives_another(peer: Peer, control: Control) -> None:
    old = peer.token
    control.faults.revoke_token(peer.username)
    assert peer.ask(f"/api/user/{peer.username}/").detail == "Invalid token."
    assert peer.token_of(peer.username, peer.password) != old


def test_a_listing_has_active_and_recent_jobs_as_strings_and_the_accounts_limit(peer: Peer) -> None:
    reply = peer.ask(f"/api/user/{peer.username}/")
    assert reply.status == 200
    assert reply.headers["content-type"].startswith(wire.MEDIA_TYPE)
    listed = wire.decode_listing(reply.body)
    for key, jobs in (("active_jobs", listed.active), ("recently_completed_jobs", listed.finished)):
        assert reply.json["data"][key] == [{"type": "jobs", "id": str(job)} for job in jobs]
    assert reply.json["meta"] == {"max_active_jobs": listed.max_active}
    assert len(listed.finished) <= 2 * listed.max_active


def test_only_ones_own_listing_is_shown_by_the_exact_name(peer: Peer) -> None:
    swapped = peer.username.swapcase()
    others = ["someone@example.org", "no-such-user-of-coralnet", *([swapped] if swapped != peer.username else [])]
    for name in others:
        reply = peer.ask(f"/api/user/{name}/")
        assert (reply.status, reply.detail) == (404, "You can only see details for the user you're logged in as")


def test_an_e_mail_address_gets_the_token_but_not_the_listing(peer: Peer, control: Control) -> None:
    mail = next(account.email for account in control.service.site.accounts if account.username == peer.username)
    token = peer.token_of(mail, peer.password)
    assert token == peer.token
    assert peer.ask(f"/api/user/{mail}/").status == 404


def test_active_jobs_are_listed_oldest_first_and_a_few_finished_ones(peer: Peer, control: Control) -> None:
    service = peer.service()
    document = {"data": [entry(peer.image_url(1))]}
    jobs: list[str] = []
    for _ in range(12):
        jobs.append(wire.job_of_location(peer.deploy(document).headers["location"], peer.base_url))
        control.clock.sleep(60)
    jobs += [wire.job_of_location(peer.deploy(document).headers["location"], peer.base_url) for _ in range(2)]
    listed = service.listing()
    assert isinstance(listed, Listed)
    assert (listed.active, listed.finished) == (tuple(jobs[-2:]), tuple(reversed(jobs[2:12])))


def test_finished_jobs_are_listed_by_when_they_finished_and_not_by_their_ids(peer: Peer, control: Control) -> None:
    one = entry(peer.image_url(1))
    jobs = []
    for images in (100, 1, 1):
        reply = peer.deploy({"data": [one] * images})
        jobs.append(wire.job_of_location(reply.headers["location"], peer.base_url))
        control.clock.time_s -= peer.pace_s
    control.clock.sleep(60)
    listed = peer.service().listing()
    assert isinstance(listed, Listed)
    large, *small = jobs
    assert int(large) < min(map(int, small))
    assert (listed.finished[0], sorted(listed.finished[1:])) == (large, small)


def test_sign_ins_are_throttled_by_address_and_failed_ones_count(peer: Peer, control: Control) -> None:
    control.service.api.throttle.burst.most = 3
    wrong = {"username": peer.username, "password": "certainly not the password"}
    assert [peer.post(TOKEN_PATH, wrong).status for _ in range(3)] == [400, 400, 400]
    refused = peer.post(TOKEN_PATH, {"username": peer.username, "password": peer.password})
    assert refused.status == 429
    control.clock.sleep(int(refused.headers["retry-after"]))
    assert peer.token_of(peer.username, peer.password)


def test_an_account_without_slots_has_no_list_and_takes_no_batch(peer: Peer, control: Control) -> None:
    closed = replace(peer, username=CLOSED_USERNAME, control=None)
    control.faults.hold_slots(CLOSED_USERNAME, 1)
    control.faults.release_slots()
    assert closed.service().listing() == Listed(active=(), finished=(), max_active=0, marker="0/")
    reply = closed.deploy({"data": [entry(f"{peer.base_url}/a.jpg")]})
    assert (reply.status, "retry-after" in reply.headers) == (429, False)
    assert reply.detail.startswith("You already have 0 jobs active")
