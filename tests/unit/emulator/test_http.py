"""Served on loopback, in this process and in one of its own, the service is the same."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.emulator_faults import Faults

from coralrun.emulator.demo import PASSWORD, USERNAME, Settings, demo_service, drawn_service
from coralrun.emulator.fetching import download
from coralrun.emulator.http import Running, SystemClock, run_emulator, serve
from coralrun.emulator.jobs import Cadence
from coralrun.emulator.messages import API_TYPE
from coralrun.errors import UsageError

SCRIPT = """
from coralrun.emulator.http import run_emulator
def announce(line):
    print(line, flush=True)
run_emulator(None, None, 0, 0.05, 60.0, 5, 0, announce)
print("closed", flush=True)
"""


def ask(
    url: str, method: str, path: str, document: object = None, token: str = "", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    sent = {"Content-Type": API_TYPE, **headers}
    if token:
        sent["Authorization"] = f"Token {token}"
    try:
        connection.request(method, path, None if document is None else json.dumps(document), sent)
        reply = connection.getresponse()
        return reply.status, dict(reply.getheaders()), reply.read()
    finally:
        connection.close()


def token_of(url: str) -> str:
    status, _, body = ask(url, "POST", "/api/token_auth/", {"username": USERNAME, "password": PASSWORD})
    assert status == 200
    return str(json.loads(body)["token"])


def image_url(url: str, image_id: int) -> str:
    page = ask(url, "GET", f"/image/{image_id}/view/")[2].decode()
    return page.split("original_image_container")[1].split('src="')[1].split('"')[0].replace("&amp;", "&")


def deploy(url: str, token: str, *images: str) -> str:
    point = [{"row": 9, "column": 9}]
    data = [{"type": "image", "attributes": {"url": image, "points": point}} for image in images]
    status, headers, body = ask(url, "POST", "/api/classifier/13/deploy/", {"data": data}, token)
    assert (status, body) == (202, b"")
    return headers["Location"]


def wait_for(url: str, token: str, location: str) -> list[dict[str, dict[str, object]]]:
    for _ in range(50):
        status, headers, _ = ask(url, "GET", location, token=token)
        if status == 303:
            body = ask(url, "GET", headers["Location"], token=token)[2]
            listed: list[dict[str, dict[str, object]]] = json.loads(body)["data"]
            return listed
        time.sleep(0.1)
    raise AssertionError("the job did not finish")


@pytest.fixture
def running() -> Iterator[Running]:
    settings = Settings(cadence=Cadence(seconds_per_image=0.05, start_max_s=0.1), downloader=download)
    service = drawn_service(SystemClock(), settings)
    Faults(service)
    served = serve(service)
    yield served
    served.close()


def test_a_job_runs_over_http_with_urls_of_its_own_address(running: Running) -> None:
    token = token_of(running.url)
    image = image_url(running.url, 1)
    assert image.startswith(running.url + "/media/images/")
    [found] = wait_for(running.url, token, deploy(running.url, token, image + "#mark"))
    assert found["attributes"]["url"] == image + "#mark" and "points" in found["attributes"]


def test_headers_are_the_services_own_and_come_once(running: Running) -> None:
    connection = http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=20)
    connection.request("GET", "/accounts/login/")
    reply = connection.getresponse()
    names = [name.lower() for name, _ in reply.getheaders()]
    body = reply.read()
    connection.close()
    assert names.count("date") == 1 and names.count("server") == 1 and names.count("content-type") == 1
    assert reply.headers["Content-Length"] == str(len(body))


def test_a_lost_reply_closes_the_connection_without_a_byte(running: Running) -> None:
    token = token_of(running.url)
    ask(running.url, "POST", "/_emulator/faults", {"lose_replies": 1})
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        deploy(running.url, token, "u")
    deploy(running.url, token, "u")
    stats = json.loads(ask(running.url, "GET", "/_emulator/faults")[2])
    assert stats == {"jobs_created": 2, "requests": 3, "api_requests": 3, "refused_429": 0}


def test_faults_are_ordered_over_http(running: Running) -> None:
    token = token_of(running.url)
    status, _, body = ask(running.url, "POST", "/_emulator/faults", {"hold_slots": 5, "bad_gateways": 1})
    assert (status, json.loads(body)["jobs_created"]) == (200, 0)
    listing = f"/api/user/{USERNAME}/"
    assert ask(running.url, "GET", listing, token=token)[0] == 502
    assert len(json.loads(ask(running.url, "GET", listing, token=token)[2])["data"]["active_jobs"]) == 5
    assert (
        ask(
            running.url,
            "POST",
            "/_emulator/faults",
            {"release_slots": True, "stop_after": 0, "go_on": True, "revoke_token": USERNAME},
        )[0]
        == 200
    )
    assert ask(running.url, "GET", listing, token=token)[0] == 403
    assert ask(running.url, "POST", "/_emulator/faults", {"nonsense": 1})[0] == 400


def test_the_windows_can_be_made_smaller_over_http(running: Running) -> None:
    token = token_of(running.url)
    ask(running.url, "POST", "/_emulator/faults", {"requests_per_minute": 2})
    statuses = [ask(running.url, "GET", f"/api/user/{USERNAME}/", token=token)[0] for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert json.loads(ask(running.url, "GET", "/_emulator/faults")[2])["refused_429"] == 1
    ask(running.url, "POST", "/_emulator/faults", {"minute_s": 0})
    assert ask(running.url, "GET", f"/api/user/{USERNAME}/", token=token)[0] == 200


def test_a_port_that_is_taken_is_an_error_and_not_an_exit(running: Running) -> None:
    with pytest.raises(OSError, match="in use"):
        serve(drawn_service(SystemClock(), Settings()), int(running.url.rpartition(":")[2]))


def test_photos_without_annotations_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="go together"):
        run_emulator(tmp_path, None, 0, 1.0, 60.0, 5, 0, print)


def test_an_image_elsewhere_is_downloaded_and_its_absence_told(running: Running) -> None:
    other = serve(demo_service(SystemClock(), Settings(seed=5), images=1))
    try:
        token = token_of(running.url)
        image = image_url(other.url, 1)
        found, missing, refused = wait_for(
            running.url, token, deploy(running.url, token, image, other.url + "/none.jpg", image + "0")
        )
        assert "points" in found["attributes"]
        assert "HTTPError: HTTP Error 404: Not Found" in str(missing["attributes"]["errors"])
        assert "HTTPError: HTTP Error 403: Forbidden" in str(refused["attributes"]["errors"])
    finally:
        other.close()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_process_of_its_own_announces_itself_classifies_and_ends_on_a_signal() -> None:
    engine = Path(__file__).resolve().parents[3] / "engine"
    environment = {**os.environ, "PYTHONPATH": str(engine)}
    process = subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    try:
        lines = [process.stdout.readline().strip() for _ in range(4)]
        url = lines[0].removeprefix("url: ")
        assert lines[1:] == [f"username: {USERNAME}", f"password: {PASSWORD}", f"export CORALNET_SERVICE={url}"]
        token = token_of(url)
        found = wait_for(url, token, deploy(url, token, image_url(url, 1), image_url(url, 2)))
        assert all("points" in image["attributes"] for image in found)
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline().strip() == "closed"
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
