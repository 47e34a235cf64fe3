"""Reaching a service: who we are, and what may be shortened where."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image
from tests.unit.plans import PLAN

from coralrun import embedded
from coralrun.coralnet import protocol
from coralrun.coralnet.account.auth import Credentials
from coralrun.coralnet.connection import CoralNetConnection
from coralrun.errors import CredentialsError, UsageError
from coralrun.machine.outcomes import Trouble, TroubleKind, Unusable
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.model import Bucket
from coralrun.ports import Located
from coralrun.services import connect
from coralrun.sources.image_size import READ_TO_BYTES


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without an account, and a home of its own."""
    for name in ("CORALNET_USERNAME", "CORALNET_PASSWORD", "CORALNET_TOKEN", "CORALNET_SERVICE", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))


def an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORALNET_USERNAME", "alice")
    monkeypatch.setenv("CORALNET_TOKEN", "0" * 40)


def reached(service: str, *, must_have_account: bool = False) -> CoralNetConnection:
    connection = connect(service, {}, must_have_account=must_have_account)
    assert isinstance(connection, CoralNetConnection)
    return connection


def test_a_public_source_can_be_planned_without_an_account() -> None:
    connection = reached("https://coralnet.ucsd.edu")

    assert connection.credentials is None
    with pytest.raises(CredentialsError):
        _ = connection.account


def test_running_without_an_account_says_what_to_set() -> None:
    with pytest.raises(CredentialsError, match=r"there are no credentials for coralnet\.ucsd\.edu") as caught:
        reached("https://coralnet.ucsd.edu", must_have_account=True)

    assert "CORALNET_USERNAME" in caught.value.remedy


def test_the_settle_wait_can_be_shortened_on_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    an_account(monkeypatch)
    monkeypatch.setenv("CORALNET_SERVICE", "http://127.0.0.1:9999")
    monkeypatch.setenv("CORALRUN_SETTLE_S", "2")

    here = reached("http://127.0.0.1:9999", must_have_account=True)
    there = reached("https://coralnet.ucsd.edu", must_have_account=True)

    assert here.limits.settle_s == 2.0
    assert there.limits.settle_s == protocol.SETTLE_S


def test_credentials_are_never_sent_in_the_open(monkeypatch: pytest.MonkeyPatch) -> None:
    an_account(monkeypatch)

    with pytest.raises(UsageError):
        reached("http://coralnet.ucsd.edu", must_have_account=True)


@pytest.mark.parametrize("service", ["https://coralnet-mirror.example", "http://127.0.0.1:8123", "http://[::1]:8123"])
@pytest.mark.parametrize("must_have", [True, False])
def test_a_survey_cannot_send_the_environments_credentials_to_an_address_of_its_own(
    monkeypatch: pytest.MonkeyPatch, service: str, must_have: bool
) -> None:
    an_account(monkeypatch)

    for other in ("", "http://127.0.0.1:81", "http://localhost:8123"):
        monkeypatch.setenv("CORALNET_SERVICE", other)
        with pytest.raises(CredentialsError) as caught:
            reached(service, must_have_account=must_have)
        assert caught.value.message == (
            f"the credentials of the environment are not offered to {service}, which CORALNET_SERVICE does not name"
        )
        assert caught.value.remedy == (
            f"If you trust that address with them, set CORALNET_SERVICE={service} beside them."
        )

    monkeypatch.setenv("CORALNET_SERVICE", f"{service}/")
    assert reached(service, must_have_account=must_have).account == "alice"


def test_a_place_that_is_refused_is_said_also_where_an_account_is_not_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine coralnet.ucsd.edu login ned password x")
    netrc.chmod(0o644)
    monkeypatch.setenv("NETRC", str(netrc))
    with pytest.raises(CredentialsError, match=rf"^{netrc} can be read by others \(mode 644\)$"):
        reached("https://coralnet.ucsd.edu")


def test_a_refused_listing_says_where_the_credentials_came_from() -> None:
    connection = reached("emulator", must_have_account=True)
    wrong = Credentials("demo", token="0" * 40, origin="from the environment")
    connection = replace(connection, credentials=wrong)
    with pytest.raises(CredentialsError, match=r"does not show the jobs of 'demo' \(from the environment\): Invalid"):
        connection.jobs()


def test_the_embedded_service_needs_no_account_and_no_network() -> None:
    connection = reached("emulator", must_have_account=True)

    assert connection.account == "demo"
    assert connection.name == "the embedded CoralNet"
    assert connection.limits.settle_s == embedded.SETTLE_S
    assert connection.limits.look_most_s == embedded.LOOK_S
    assert connection.jobs().max_active == protocol.DEFAULT_ACTIVE_JOBS


@pytest.mark.parametrize(
    ("name", "token", "remedy"),
    [
        ("Demo", None, "Set CORALNET_USERNAME to the exact user name: not the e-mail address, and in the same case."),
        ("demo", "0" * 40, "Put a valid token in its place, there where it stands, or give the password instead."),
    ],
)
def test_a_listing_that_is_refused_names_the_one_thing_that_is_wrong(name: str, token: str | None, remedy: str) -> None:
    connection = reached("emulator", must_have_account=True)
    token = token or connection._api_token().value()
    connection = replace(connection, credentials=Credentials(name, token=token), _token=None)

    with pytest.raises(CredentialsError) as caught:
        connection.jobs()

    assert caught.value.remedy == remedy


def test_the_record_of_requests_is_kept_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    an_account(monkeypatch)
    monkeypatch.setenv("CORALNET_SERVICE", "http://127.0.0.1:9999")
    connection = reached("http://127.0.0.1:9999", must_have_account=True)
    with connection.limiter.request():
        pass
    connection.close()

    records = list(tmp_path.rglob("requests-*.json"))
    assert len(records) == 1
    assert records[0].stat().st_mode & 0o077 == 0
    assert "alice" not in records[0].read_text()


def test_a_photo_of_a_bucket_that_cannot_be_reached_is_missing_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    image = PlannedImage(key="s3://reef/a.jpg", source="bucket:s3://reef/", name="a.jpg", points=1)
    where = Bucket(name="reef", prefix="", endpoint=None, region="us-east-1")
    plan = replace(PLAN, images=(image,), design=None, buckets={image.source: where})
    connection = reached("emulator")

    assert connection.photos(plan)(image) == Trouble(
        TroubleKind.CREDENTIALS, "s3://reef/: there are no credentials for it"
    )
    with pytest.raises(CredentialsError):
        connection.images(plan)


STALLS_AFTER_BYTES = READ_TO_BYTES[0]


class Host(BaseHTTPRequestHandler):
    """A host with one photo, which notes how many bytes of it each request cost."""

    photo = b""
    way = "ranges"
    sent_bytes: list[int]

    def do_GET(self) -> None:
        if self.way == "stalls":
            self.stall()
            return
        first, last = (int(number) for number in self.headers["Range"].removeprefix("bytes=").split("-"))
        body = self.photo[first : last + 1] if self.way == "ranges" else self.photo[: last + 1]
        self.send_response(200 if self.way == "no ranges" else 206)
        if self.way != "no ranges":
            self.send_header("Content-Range", f"bytes {first if self.way == 'ranges' else 0}-{last}/{len(self.photo)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.sent_bytes.append(len(body))
        self.wfile.write(body)

    def stall(self) -> None:
        """Send the first bytes of a whole file, and then no more until the other side leaves."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.photo)))
        self.end_headers()
        self.wfile.write(self.photo[:STALLS_AFTER_BYTES])
        self.wfile.flush()
        self.connection.recv(1)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Tests stay quiet."""


@contextmanager
def hosting(photo: bytes, way: str) -> Iterator[tuple[str, list[int]]]:
    sent_bytes: list[int] = []
    host = type("Own", (Host,), {"photo": photo, "way": way, "sent_bytes": sent_bytes})
    server = ThreadingHTTPServer(("127.0.0.1", 0), host)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/a.jpg", sent_bytes
    finally:
        server.shutdown()
        server.server_close()


def photo_with_a_thumbnail(thumbnail_bytes: int) -> bytes:
    """A JPEG that shows its size only behind so many bytes, as those of cameras do."""
    buffer = io.BytesIO()
    Image.effect_noise((1200, 900), 90).convert("RGB").save(buffer, "JPEG", comment=b"x" * thumbnail_bytes)
    return buffer.getvalue()


def located(url: str) -> Located | Unusable | Trouble:
    connection = reached("http://127.0.0.1:9")
    image = PlannedImage(key="a", source="m", name="a.jpg", points=1, url=url)
    plan = replace(PLAN, images=(image,), design=None)
    return connection.images(plan).locate(image)


@pytest.mark.parametrize(("way", "cost"), [("ranges", [16_384, 49_152]), ("no ranges", [16_384, 65_536])])
def test_a_size_behind_a_thumbnail_costs_64_kib_where_the_host_knows_ranges(way: str, cost: list[int]) -> None:
    with hosting(photo_with_a_thumbnail(40_000), way) as (url, sent_bytes):
        found = located(url)
    assert found == Located(url, Size(1200, 900))
    assert sent_bytes == cost


def test_a_host_without_ranges_is_left_once_the_bytes_asked_for_came() -> None:
    with hosting(photo_with_a_thumbnail(1000), "stalls") as (url, _):
        assert located(url) == Located(url, Size(1200, 900))


def test_a_host_that_sends_another_part_than_was_asked_for_is_not_believed() -> None:
    with hosting(photo_with_a_thumbnail(40_000), "always the beginning") as (url, _):
        found = located(url)
    assert found == Trouble(
        TroubleKind.UNREACHABLE, "the image's host sent another part of the file than was asked for"
    )
