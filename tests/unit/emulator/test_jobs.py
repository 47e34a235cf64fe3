"""Jobs take time image by image, and every image is judged as its URL is when its turn comes."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from PIL import Image

from coralrun.emulator.classifier import LearntClassifier
from coralrun.emulator.demo import USERNAME, Settings, drawn_service, service_of
from coralrun.emulator.jobs import PRODUCTION, Cadence
from coralrun.emulator.reef import LABELS, Reef
from coralrun.emulator.site import Photo, Source, TrainedClassifier


def status(caller: Any, job: int) -> Any:
    reply = caller.api("GET", f"/api/deploy_job/{job}/status/")
    return json.loads(reply.body)["data"][0]["attributes"] if reply.status == 200 else reply.status


def listing(caller: Any) -> tuple[list[int], list[int]]:
    data = json.loads(caller.api("GET", f"/api/user/{USERNAME}/").body)["data"]
    active, finished = data["active_jobs"], data["recently_completed_jobs"]
    return [int(job["id"]) for job in active], [int(job["id"]) for job in finished]


def error_of(caller: Any, url: str, points: Any = ((5, 6),)) -> str:
    job = caller.deployed([url], points)
    caller.clock.move(10)
    [image] = caller.result(job)
    assert "points" not in image["attributes"]
    [text] = image["attributes"]["errors"]
    return str(text)


def test_results_come_in_the_order_asked_with_five_scores_a_point(caller: Any) -> None:
    urls = [caller.image_url(number) + f"#mark.{number}" for number in (9, 3, 3, 7)]
    points = [(30, 40), (1, 2), (30, 40)]
    job = caller.deployed(urls, points)
    caller.clock.move(10)
    images = caller.result(job)
    assert [image["id"] for image in images] == urls
    assert [image["attributes"]["url"] for image in images] == urls
    for image in images:
        found = image["attributes"]["points"]
        assert [(point["row"], point["column"]) for point in found] == points
        assert found[0]["classifications"] == found[2]["classifications"]
        for point in found:
            scores = [one["score"] for one in point["classifications"]]
            assert len(scores) == 5 and scores == sorted(scores, reverse=True)
            assert set(point["classifications"][0]) == {"score", "label_id", "label_code", "label_name"}
    assert images[1]["attributes"]["points"] == images[2]["attributes"]["points"]
    assert images[0]["attributes"]["points"] != images[1]["attributes"]["points"]


def test_a_url_is_judged_when_its_turn_comes_not_when_it_was_sent(make: Any) -> None:
    caller = make(url_lifetime_s=3.0, cadence=Cadence(seconds_per_image=1.0, start_max_s=10.0))
    caller.log_in_to_api()
    url = caller.image_url(1)
    job = caller.deployed([url] * 40)
    caller.clock.move(3600)
    images = caller.result(job)
    failed = [image["attributes"]["errors"] for image in images if "errors" in image["attributes"]]
    assert 0 < len(failed) < 40
    assert failed[0] == [
        f"spacer.exceptions.URLDownloadError: Failed to download from the URL '{url}'."
        " / Details - HTTPError: HTTP Error 403: Forbidden"
    ]


def test_looking_often_or_only_once_gives_the_same_result(make: Any, clock: Any) -> None:
    results = []
    for steps in (1, 50):
        clock.time_s = 1_795_364_610.25
        caller = make(url_lifetime_s=3.0, cadence=Cadence(seconds_per_image=1.0, start_max_s=10.0))
        caller.log_in_to_api()
        job = caller.deployed([caller.image_url(number) for number in range(1, 30)])
        for _ in range(steps):
            caller.clock.move(50 / steps)
            caller.service.advance()
        results.append(caller.result(job))
    assert results[0] == results[1]


def test_a_point_outside_fails_its_whole_image_by_name(caller: Any) -> None:
    url = caller.image_url(1)
    expected = "spacer.exceptions.RowColumnInvalidError: {}: {} falls outside this image's valid range of 0-{}."
    assert error_of(caller, url, [(0, 0), (360, 0)]) == expected.format(url, "Row value 360", 359)
    assert error_of(caller, url, [(359, 480)]) == expected.format(url, "Column value 480", 479)


def test_a_broken_and_a_missing_image_fail_alone(caller: Any) -> None:
    names = [caller.service.site.photos_by_id[number][1].name for number in (1, 2)]
    urls = [caller.image_url(number) for number in (1, 2, 3)]
    caller.faults.break_image(names[0])
    caller.faults.remove_image(names[1])
    job = caller.deployed(urls)
    caller.clock.move(10)
    broken, missing, fine = (image["attributes"] for image in caller.result(job))
    assert broken["errors"][0].startswith("PIL.UnidentifiedImageError: cannot identify image file <_io.BytesIO object")
    assert urls[0] not in broken["errors"][0]
    assert missing["errors"][0].endswith("Details - HTTPError: HTTP Error 404: Not Found")
    assert "errors" not in fine and len(fine["points"]) == 1


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("not a url", "URLDownloadError: Failed to download from the URL 'not a url'. / Details - ValueError: unknown"),
        ("{base}/media/a b.jpg", "http.client.InvalidURL: URL can't contain control characters. '/media/a b.jpg' (fo"),
        ("{base}/media/caf\xe9.jpg", "Details - UnicodeEncodeError: 'ascii' codec can't encode character '\\xe9' in p"),
        ("{base}/media/images/none.jpg", "Details - HTTPError: HTTP Error 403: Forbidden"),
        ("{base}/source/1/", "PIL.UnidentifiedImageError: cannot identify image file"),
        ("https://elsewhere.example/a.jpg", "Details - URLError: <urlopen error [Errno -2] Name or service not known>"),
        ("file:///etc/hostname", "Details - URLError: <urlopen error unknown url type: file>"),
    ],
)
def test_a_url_that_cannot_be_downloaded_fails_in_the_real_words(caller: Any, url: str, text: str) -> None:
    assert text in error_of(caller, url.format(base=caller.service.base_url))


def test_the_other_name_of_loopback_is_the_service_too(caller: Any) -> None:
    job = caller.deployed([caller.image_url(1).replace("127.0.0.1", "localhost")])
    caller.clock.move(10)
    assert "points" in caller.result(job)[0]["attributes"]


def test_damage_found_while_decoding_fails_the_image_alone(clock: Any, make: Any) -> None:
    content = io.BytesIO()
    Image.new("RGB", (64, 64)).save(content, "PNG")
    damaged = content.getvalue()[:60].replace(b"IDAT", b"IDAX")
    photo = Photo(1, "damaged.png", "images/damaged.png", 64, 64, lambda: damaged)
    classifier = TrainedClassifier(13, True, 1, "", "", LearntClassifier(lambda: [lesson]))
    lesson = Reef(0, 1).annotated(0, 20)
    source = Source(1, "Damaged", True, frozenset({USERNAME}), LABELS, (photo,), (classifier,))
    caller = make()
    caller.service = service_of(clock, [source], Settings())
    caller.log_in_to_api()
    job = caller.deployed([caller.image_url(1)])
    clock.move(10)
    [text] = caller.result(job)[0]["attributes"]["errors"]
    assert "Error: " in text


def test_expiring_all_urls_spares_the_ones_asked_for_afterwards(caller: Any) -> None:
    before = caller.image_url(1)
    caller.faults.expire_urls()
    after = caller.image_url(1)
    job = caller.deployed([before, after])
    caller.clock.move(10)
    assert ["errors" in image["attributes"] for image in caller.result(job)] == [True, False]


def test_a_lost_reply_leaves_a_job_behind(caller: Any) -> None:
    caller.faults.lose_replies = 1
    with pytest.raises(ConnectionError):
        caller.deploy(["u"])
    assert caller.deploy(["u"]).status == 202
    assert len(listing(caller)[0]) == 2
    assert caller.faults.stats()["jobs_created"] == 2


def test_a_bad_gateway_has_no_effect(caller: Any) -> None:
    caller.faults.bad_gateways = 1
    reply = caller.deploy(["u"])
    assert (reply.status, (reply.header("Content-Type") or "")[:9]) == (502, "text/html")
    assert listing(caller) == ([], [])


def test_another_clients_jobs_hold_slots_until_they_are_let_go(caller: Any) -> None:
    held = caller.faults.hold_slots(USERNAME, 5)
    caller.clock.move(1000)
    assert caller.deploy(["u"]).status == 429
    assert listing(caller) == (held, [])
    caller.faults.release_slots()
    assert listing(caller) == ([], held[::-1])
    assert caller.deploy(["u"]).status == 202
    assert caller.faults.stats()["jobs_created"] == 1


def test_jobs_that_were_told_to_stand_still_go_on_when_they_may(caller: Any) -> None:
    first = caller.deployed(["u"])
    caller.faults.stop_after(1)
    caller.clock.move(10)
    second = caller.deployed(["u"])
    caller.clock.move(10_000)
    assert listing(caller) == ([second], [first])
    caller.faults.go_on()
    assert listing(caller) == ([], [second, first])


def test_ids_of_a_former_service_are_unknown_to_the_next(caller: Any) -> None:
    jobs = [caller.deployed(["u"]) for _ in range(3)]
    caller.clock.move(5)
    caller.service = drawn_service(caller.clock, Settings())
    assert [status(caller, job) for job in jobs] == [404] * 3
    assert caller.deployed(["u"]) > max(jobs)


def test_at_the_pace_of_production_results_show_after_minutes_on_the_minute(make: Any) -> None:
    caller = make(cadence=PRODUCTION)
    caller.log_in_to_api()
    job = caller.deployed([caller.image_url(number) for number in range(1, 21)])
    caller.clock.move(60)
    assert status(caller, job)["successes"] == 0
    caller.clock.move(300)
    assert status(caller, job) == 303
