"""Protocol 4: how far a job is, what came of it, and in which words an image fails."""

from __future__ import annotations

import pytest
from tests.contract.oddities import HOSTS
from tests.contract.peers import Control, Finished, Peer, entry

from coralrun import limits
from coralrun.coralnet import protocol
from coralrun.coralnet.codec import wire
from coralrun.machine.outcomes import JobDone, Missing, NotReady
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Point
from coralrun.ports import Answer

NO_JOB = 999_999_999_999


def deployed(peer: Peer, url: str) -> str:
    """A job of one image, a minute later."""
    reply = peer.deploy({"data": [entry(url)]})
    peer.clock.sleep(60)
    return wire.job_of_location(reply.headers["location"], peer.base_url)


def test_the_status_of_a_job_that_goes_on_is_a_list_of_one_with_counts(unfinished: Finished) -> None:
    reply = unfinished.early_status
    assert reply.status == 200
    (data,) = reply.json["data"]
    assert (data["type"], data["id"]) == ("job", unfinished.job)
    assert data["attributes"]["status"] in ("Pending", "In Progress")
    progress = wire.decode_status(reply.body, unfinished.job)
    assert progress.total == len(unfinished.sent)


def test_a_job_is_pending_while_all_its_images_are(finished: Finished, control: Control) -> None:
    (data,) = finished.early_status.json["data"]
    counts = {"successes": 0, "failures": 0, "total": len(finished.sent)}
    assert data["attributes"] == {"status": "Pending", **counts}


def test_a_job_that_is_done_answers_303_with_an_empty_body_and_the_results_address(
    peer: Peer, finished: Finished
) -> None:
    reply = finished.late_status
    assert (reply.status, reply.body) == (303, b"")
    assert reply.headers["location"] == f"/api/deploy_job/{finished.job}/result/"
    assert peer.service().look(finished.job) == JobDone()


def test_the_result_of_a_job_that_goes_on_is_a_409(unfinished: Finished) -> None:
    reply = unfinished.early_result
    assert (reply.status, reply.detail) == (409, "This job isn't finished yet")


@pytest.mark.parametrize("what", ["status", "result"])
def test_a_job_that_is_not_there_is_a_404_of_the_apis_own(peer: Peer, what: str) -> None:
    reply = peer.ask(f"/api/deploy_job/{NO_JOB}/{what}/")
    assert (reply.status, reply.detail) == (404, "This deploy job doesn't exist or is not accessible")


def test_a_finished_job_is_in_the_listing_and_no_longer_active(peer: Peer, finished: Finished) -> None:
    listed = wire.decode_listing(peer.ask(f"/api/user/{peer.username}/").body)
    assert finished.job in listed.finished
    assert finished.job not in listed.active


def test_results_come_in_the_order_of_the_request_with_each_url_verbatim_as_id(finished: Finished) -> None:
    data = finished.result.json["data"]
    assert finished.result.status == 200
    assert [item["type"] for item in data] == ["image"] * len(finished.sent)
    sent = [item["attributes"]["url"] for item in finished.sent]
    assert [item["id"] for item in data] == sent
    assert [item["attributes"]["url"] for item in data] == sent


def test_a_fragment_comes_back_verbatim_and_its_image_is_found(finished: Finished) -> None:
    answer = wire.decode_result(finished.result.body)
    assert [part.mark for part in answer.entries] == [f"c0ffee.1.1.{n}" for n in range(len(finished.sent))]
    assert [part.reason for part in answer.entries[:2]] == [None, None]


def test_points_come_in_the_order_of_the_request_repeats_included(finished: Finished) -> None:
    answer = wire.decode_result(finished.result.body)
    assert answer.entries[0].places == (Point(9, 8), Point(0, 0), Point(9, 8))


def test_the_same_url_twice_is_answered_twice(finished: Finished) -> None:
    first, second = finished.result.json["data"][:2]
    assert first["id"].partition("#")[0] == second["id"].partition("#")[0]
    assert [len(item["attributes"]["points"]) for item in (first, second)] == [3, 1]


def test_a_point_has_at_most_five_scores_from_0_to_1_best_first_each_with_its_label(finished: Finished) -> None:
    for item in finished.result.json["data"][:2]:
        for point in item["attributes"]["points"]:
            found = point["classifications"]
            assert 1 <= len(found) <= limits.TOP_SCORES
            scores = [label["score"] for label in found]
            assert scores == sorted(scores, reverse=True)
            assert all(0 <= score <= 1 for score in scores)
            for label in found:
                assert set(label) == {"score", "label_id", "label_code", "label_name"}
                kinds = [type(label[name]) for name in ("label_id", "label_code", "label_name")]
                assert kinds == [int, str, str]


def test_a_failed_image_has_one_text_for_errors_and_no_points(finished: Finished) -> None:
    for item in finished.result.json["data"][2:]:
        assert "points" not in item["attributes"]
        (text,) = item["attributes"]["errors"]
        assert type(text) is str


@pytest.mark.parametrize(
    ("number", "said", "reason"),
    [
        (2, "spacer.exceptions.RowColumnInvalidError: ", Reason.POINT_OUTSIDE),
        (2, "Row value 1000000 falls outside this image's valid range of 0-", Reason.POINT_OUTSIDE),
        (3, "Column value 1000000 falls outside this image's valid range of 0-", Reason.POINT_OUTSIDE),
        (4, "spacer.exceptions.URLDownloadError: Failed to download from the URL '", Reason.NOT_FOUND),
        (4, "HTTPError: HTTP Error 404: Not Found", Reason.NOT_FOUND),
        (5, "PIL.UnidentifiedImageError: cannot identify image file", Reason.NOT_AN_IMAGE),
        (6, "ValueError: unknown url type: 'not a url#coralrun=c0ffee.1.1.6'", Reason.BAD_URL),
        (7, "http.client.InvalidURL: URL can't contain control characters.", Reason.BAD_URL),
        (8, "UnicodeEncodeError: 'ascii' codec can't encode character '\\xe9' in position ", Reason.BAD_URL),
        (9, "URLError: <urlopen error [Errno -2] Name or service not known>", Reason.HOST_UNREACHABLE),
    ],
)
def test_each_failure_is_told_in_words_that_the_client_knows(
    finished: Finished, number: int, said: str, reason: Reason
) -> None:
    assert said in finished.result.json["data"][number]["attributes"]["errors"][0]
    assert wire.decode_result(finished.result.body).entries[number].reason is reason


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_in_trouble_is_told_in_words_that_the_client_knows(peer: Peer, control: Control, host: str) -> None:
    _, said, reason = HOSTS[host]
    result = peer.result(deployed(peer, f"{host}a.jpg#coralrun=c0ffee.1.1.0"))
    assert result.status == 200, "it is 200 though every image failed"
    (text,) = result.json["data"][0]["attributes"]["errors"]
    assert text.endswith(said)
    assert wire.decode_result(result.body).entries[0].reason is reason


def test_the_counts_of_a_job_grow_until_they_are_its_total(peer: Peer, control: Control) -> None:
    good, bad = peer.image_url(1), "not a url"
    reply = peer.deploy({"data": [entry(good), entry(bad), entry(good)]})
    job = wire.job_of_location(reply.headers["location"], peer.base_url)
    seen, words = [], []
    while (status := peer.status(job)).status == 200:
        (data,) = status.json["data"]
        progress = wire.decode_status(status.body, job)
        seen.append((progress.ok, progress.failed, progress.total))
        words.append(data["attributes"]["status"])
        control.clock.time_s -= peer.pace_s - 0.25
    assert status.status == 303
    assert seen == sorted(seen)
    assert words == sorted(words, key=("Pending", "In Progress").index)
    assert words[0] == "Pending"
    assert seen[0] == (0, 0, 3)
    assert len(set(seen)) == 3, "each image was counted when it was done"


def test_the_largest_batch_that_may_be_sent_comes_back_whole_and_in_order(peer: Peer, control: Control) -> None:
    url = peer.image_url(1)
    points = [(number % 360, number) for number in range(protocol.MAX_POINTS_PER_ENTRY)]
    marked = [entry(f"{url}#coralrun=c0ffee.1.1.{number}") for number in range(protocol.MAX_ENTRIES_PER_JOB - 1)]
    last = entry(f"{url}#coralrun=c0ffee.1.1.{protocol.MAX_ENTRIES_PER_JOB - 1}", *points)
    reply = peer.deploy({"data": [*marked, last]})
    job = wire.job_of_location(reply.headers["location"], peer.base_url)
    peer.until_done(job)
    entries = wire.decode_result(peer.result(job).body).entries
    numbers = range(protocol.MAX_ENTRIES_PER_JOB)
    assert [entry.mark for entry in entries] == [f"c0ffee.1.1.{number}" for number in numbers]
    assert entries[-1].places == tuple(Point(row, column) for row, column in points)


def test_a_result_can_be_fetched_again_and_is_the_same(peer: Peer, finished: Finished) -> None:
    assert peer.result(finished.job).json == finished.result.json
    answer = peer.service().fetch(finished.job)
    assert isinstance(answer, Answer)
    assert answer == wire.decode_result(finished.result.body)


def test_an_overdue_url_fails_with_403_when_its_turn_comes(peer: Peer, control: Control) -> None:
    url = peer.image_url(1)
    control.clock.sleep(protocol.URL_LIFE_S)
    result = peer.result(deployed(peer, url))
    assert result.json["data"][0]["attributes"]["errors"][0].endswith("HTTPError: HTTP Error 403: Forbidden")
    assert wire.decode_result(result.body).entries[0].reason is Reason.URL_EXPIRED


def test_a_stuck_job_is_done_for_ever_never_ready_and_keeps_its_slot(peer: Peer, control: Control) -> None:
    url = peer.image_url(1)
    control.faults.stick_jobs = 1
    job = deployed(peer, url)
    control.clock.sleep(24 * 3600)
    service = peer.service()
    assert (service.look(job), service.fetch(job)) == (JobDone(), NotReady())
    assert wire.decode_listing(peer.ask(f"/api/user/{peer.username}/").body).active == (job,)


def test_someone_elses_job_is_not_there(peer: Peer, control: Control) -> None:
    job = deployed(peer, peer.image_url(1))
    stranger = peer.service(token=peer.token_of(control.other_username, control.other_password))
    assert (stranger.look(job), stranger.fetch(job)) == (Missing(), Missing())


def test_a_job_is_gone_after_thirty_days(peer: Peer, control: Control) -> None:
    job = deployed(peer, peer.image_url(1))
    control.clock.sleep(31 * 24 * 3600)
    assert (peer.service().look(job), peer.service().fetch(job)) == (Missing(), Missing())
