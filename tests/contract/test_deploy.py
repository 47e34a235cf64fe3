"""Protocol 3: what a classifier is asked, in which order it is checked, and every refusal that the client reads."""

from __future__ import annotations

from typing import Any

import pytest
from tests.contract.peers import Control, Finished, Peer, entry

from coralrun.coralnet.codec import wire
from coralrun.machine.outcomes import Refusal, Refused
from coralrun.planning.images import Point
from coralrun.ports import Entry

URL = "https://example.org/a.jpg"
GOOD = entry(URL)
NO_CLASSIFIER = 999_999_999


def broken(**attributes: object) -> dict[str, Any]:
    """An entry with one attribute changed; None takes it away."""
    changed = {**GOOD["attributes"], **attributes}
    return {"type": "image", "attributes": {key: value for key, value in changed.items() if value is not None}}


def place(row: object) -> dict[str, Any]:
    return broken(points=[{"row": row, "column": 0}])


def test_a_batch_is_accepted_with_202_an_empty_body_and_a_relative_location(peer: Peer, finished: Finished) -> None:
    reply = finished.accepted
    assert (reply.status, reply.body) == (202, b"")
    assert reply.headers["location"] == f"/api/deploy_job/{finished.job}/status/"
    assert wire.job_of_location(reply.headers["location"], peer.base_url) == finished.job


def test_a_new_job_has_a_higher_id_than_every_job_that_was_listed_before_it(peer: Peer, finished: Finished) -> None:
    before = wire.decode_listing(finished.before.body)
    assert [job for job in (*before.active, *before.finished) if int(job) >= int(finished.job)] == []


def test_ids_count_up_whoever_asks_and_whatever_became_of_the_jobs_before(peer: Peer, control: Control) -> None:
    stranger = peer.token_of(control.other_username, control.other_password)
    jobs = []
    for token in (None, stranger, None, stranger):
        accepted = peer.deploy({"data": [GOOD]}, token=token)
        jobs.append(wire.job_of_location(accepted.headers["location"], peer.base_url))
        control.clock.sleep(60)
    assert jobs == sorted(set(jobs))


BAD_BODIES: list[tuple[object, str, str, int | None]] = [
    ({}, "Ensure this hash has a 'data' key.", "/", None),
    (b"", "Ensure this hash has a 'data' key.", "/", None),
    ([], "Ensure this element is a hash.", "/", None),
    ({"data": []}, "Ensure this array is non-empty.", "/data", None),
    ({"data": [GOOD] * 101}, "This array exceeds the max length of 100.", "/data", None),
    (
        {"data": [GOOD, entry(URL, *[(0, 0)] * 201)]},
        "This array exceeds the max length of 200.",
        "/data/1/attributes/points",
        1,
    ),
    ({"data": [broken(points=[])]}, "Ensure this array is non-empty.", "/data/0/attributes/points", 0),
    (
        {"data": [GOOD, GOOD, place(-1)]},
        "This element's value is below the minimum of 0.",
        "/data/2/attributes/points/0/row",
        2,
    ),
    ({"data": [place(1.5)]}, "Ensure this element is an integer.", "/data/0/attributes/points/0/row", 0),
    ({"data": [place("1")]}, "Ensure this element is an integer.", "/data/0/attributes/points/0/row", 0),
    ({"data": [broken(points=None)]}, "Ensure this hash has a 'points' key.", "/data/0/attributes", 0),
    ({"data": [{**GOOD, "type": "photo"}]}, "This element should be equal to 'image'.", "/data/0/type", 0),
    ({"data": [broken(url=5)]}, "Ensure this element is a string.", "/data/0/attributes/url", 0),
]


@pytest.mark.parametrize(
    ("document", "text", "pointer", "at_fault"), BAD_BODIES, ids=[f"{row[2]} {row[1]}" for row in BAD_BODIES]
)
def test_a_bad_body_is_a_400_that_points_at_its_first_fault(
    peer: Peer, document: object, text: str, pointer: str, at_fault: int | None
) -> None:
    reply = peer.deploy(document)
    assert (reply.status, reply.json) == (400, {"errors": [{"detail": text, "source": {"pointer": pointer}}]})
    assert wire.decode_errors(reply.body) == (wire.ApiError(text, at_fault),)


def test_the_client_reads_which_entry_is_at_fault(peer: Peer) -> None:
    outcome = peer.service().submit("b00001.a1", [Entry("m.1.1.0", URL, (Point(0, 0),)), Entry("m.1.1.1", URL, ())])
    assert isinstance(outcome, Refused)
    assert (outcome.why, outcome.entry) == (Refusal.BAD_ENTRY, 1)


def test_an_unknown_classifier_is_a_404_of_the_apis_own(peer: Peer) -> None:
    reply = peer.deploy({"data": [GOOD]}, NO_CLASSIFIER)
    assert (reply.status, reply.detail) == (404, "This classifier doesn't exist or is not accessible")
    outcome = peer.service(NO_CLASSIFIER).submit("b00001.a1", [Entry("m.1.1.0", URL, (Point(0, 0),))])
    assert isinstance(outcome, Refused)
    assert outcome.why is Refusal.NO_CLASSIFIER


def test_the_classifier_is_checked_before_the_body(peer: Peer) -> None:
    assert peer.deploy({"data": []}, NO_CLASSIFIER).status == 404


def test_json_and_media_type_are_checked_before_the_classifier(peer: Peer) -> None:
    assert peer.deploy(b"{", NO_CLASSIFIER).status == 400
    path = f"/api/classifier/{NO_CLASSIFIER}/deploy/"
    token = f"Token {peer.token}"
    assert peer.post(path, {}, authorization=token, kind="application/json").status == 415


def test_a_classifier_that_is_no_number_is_a_404_page_and_no_answer_of_the_api(peer: Peer) -> None:
    reply = peer.post("/api/classifier/abc/deploy/", {}, authorization=f"Token {peer.token}")
    assert reply.status == 404
    assert reply.headers["content-type"].startswith("text/html")
    with pytest.raises(wire.NotUnderstood):
        wire.decode_errors(reply.body)


def test_a_rejected_classifier_deploys(peer: Peer, control: Control) -> None:
    assert peer.deploy({"data": [GOOD]}, control.rejected_classifier).status == 202


def test_a_private_sources_classifier_is_for_its_members(peer: Peer, control: Control) -> None:
    assert peer.deploy({"data": [GOOD]}, control.private_classifier).status == 202
    stranger = peer.token_of(control.other_username, control.other_password)
    assert peer.deploy({"data": [GOOD]}, control.private_classifier, stranger).status == 404


def test_booleans_and_repeated_points_and_urls_are_accepted(peer: Peer, control: Control) -> None:
    document = {"data": [entry(URL, (True, False), (0, 0), (0, 0)), entry(URL, (0, 0))]}
    assert peer.deploy(document).status == 202


def test_with_all_slots_in_use_even_nonsense_gets_the_429_of_slots(peer: Peer, control: Control) -> None:
    ids = control.faults.hold_slots(peer.username, 5)
    for document, classifier in (({"data": [GOOD]}, None), (b"{", None), ({"data": [GOOD]}, NO_CLASSIFIER)):
        reply = peer.deploy(document, classifier)
        assert reply.status == 429
        assert "retry-after" not in reply.headers
        assert reply.detail == (
            f"You already have 5 jobs active (IDs: {', '.join(map(str, ids))})."
            " You must wait until one of them finishes before requesting another job."
        )
    outcome = peer.service().submit("b00001.a1", [Entry("m.1.1.0", URL, (Point(0, 0),))])
    assert isinstance(outcome, Refused)
    assert outcome.why is Refusal.NO_SLOT


def test_a_slot_is_free_again_when_its_job_is_done(peer: Peer, control: Control) -> None:
    for _ in range(5):
        assert peer.deploy({"data": [GOOD]}).status == 202
        control.clock.time_s -= 4
    assert peer.deploy({"data": [GOOD]}).status == 429
    control.clock.sleep(60)
    assert peer.deploy({"data": [GOOD]}).status == 202


@pytest.mark.parametrize("window", ["burst", "sustained"])
def test_too_many_requests_get_the_other_429_which_says_how_many_seconds_to_wait(
    peer: Peer, control: Control, window: str
) -> None:
    service = peer.service()
    getattr(control.service.api.throttle, window).most = 3
    path = f"/api/user/{peer.username}/"
    replies = [peer.ask(path) for _ in range(4)]
    refused = replies[-1]
    assert refused.status == 429
    wait_s = int(refused.headers["retry-after"])
    assert refused.detail == f"Request was throttled. Expected available in {wait_s} seconds."
    outcome = service.submit("b00001.a1", [Entry("m.1.1.0", URL, (Point(0, 0),))])
    assert isinstance(outcome, Refused)
    assert outcome.why is Refusal.THROTTLED
    assert outcome.wait_s is not None
    control.clock.sleep(wait_s)
    assert peer.ask(path).status == 200


def test_every_kind_of_request_to_the_api_counts_in_the_same_window(peer: Peer, control: Control) -> None:
    token, classifier = peer.token, peer.classifier
    control.service.api.throttle.burst.most = 4
    spent = [
        peer.ask(f"/api/user/{peer.username}/"),
        peer.status("1"),
        peer.result("1"),
        peer.deploy({"data": [GOOD]}, classifier, token),
    ]
    assert [reply.status for reply in spent] == [200, 404, 404, 202]
    assert peer.ask(f"/api/user/{peer.username}/").status == 429


def test_web_pages_do_not_count_in_the_windows_of_the_api(peer: Peer, control: Control) -> None:
    assert peer.token
    control.service.api.throttle.burst.most = 1
    assert {peer.get(f"/image/{image.id}/view/").status for image in peer.images} == {200}
    assert peer.ask(f"/api/user/{peer.username}/").status == 200
    assert peer.get(f"/source/{peer.source}/").status == 200


def test_the_rate_is_checked_before_the_slots(peer: Peer, control: Control) -> None:
    control.faults.hold_slots(peer.username, 5)
    token = peer.token
    classifier = peer.classifier
    control.service.api.throttle.burst.most = 1
    assert "retry-after" not in peer.deploy({"data": [GOOD]}, classifier, token).headers
    reply = peer.deploy({"data": [GOOD]}, classifier, token)
    assert reply.status == 429
    assert "retry-after" in reply.headers
