"""The export of a source's annotations: its two steps against the embedded CoralNet, and each way in which it fails."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from coralrun import limits
from coralrun.coralnet.account.auth import Credentials
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import WebRate
from coralrun.coralnet.codec.annotations import Prepared, Refused, joined, read_prepared
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.coralnet.reading.site import Site
from coralrun.emulator.demo import (
    OTHER_PASSWORD,
    OTHER_USERNAME,
    PASSWORD,
    PRIVATE_SOURCE,
    USERNAME,
    Settings,
    service_of,
)
from coralrun.emulator.messages import Request
from coralrun.emulator.reef import LABELS, Reef
from coralrun.emulator.site import Annotation, Source
from coralrun.errors import CredentialsError, ServiceError, UsageError
from coralrun.spec.image_search import Search

if TYPE_CHECKING:
    from tests.unit.coralnet.conftest import JumpingClock

BASE = "http://127.0.0.1:8000"
ME = Credentials(USERNAME, password=PASSWORD)
EMPTY_SOURCE = 3
PHOTOS = 120


class Bench:
    """A source of many photos, each with one point that a person labelled, and a client of the service."""

    def __init__(self, clock: JumpingClock) -> None:
        self.clock = clock
        reef = Reef(0, PHOTOS)
        photos = tuple(
            replace(reef.photo(at, at + 1, "confirmed"), annotations=partial(tuple, [Annotation(at, 7, 4)]))
            for at in range(PHOTOS)
        )
        public = Source(1, "Public", True, frozenset({USERNAME}), LABELS, photos, ())
        private = replace(public, id=PRIVATE_SOURCE, public=False, photos=photos[:1])
        empty = replace(public, id=EMPTY_SOURCE, labels=())
        self.server = service_of(self, (public, private, empty), Settings(base_url=BASE))
        self.asked: list[tuple[str, str, str]] = []

    def now(self) -> float:
        return 1_795_364_610.0 + self.clock.monotonic()

    def handle(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Sequence[tuple[str, str]], bytes]:
        address = urlsplit(url)
        self.asked.append((method, address.path, body.decode()))
        reply = self.server.handle(Request(method, unquote(address.path), address.query, headers, body))
        return reply.status, reply.headers, reply.body

    def site(self, credentials: Credentials | None = ME) -> Site:
        return Site(Http(BASE, self.clock, self.handle), WebRate(self.clock, 50.0), credentials)

    def preparations(self) -> list[str]:
        return [body for _, path, body in self.asked if path.endswith("/export_prep/")]


@pytest.fixture
def bench(clock: JumpingClock) -> Bench:
    return Bench(clock)


def rows(table: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.decode(), newline="")))


def test_a_sources_points_come_with_their_labels_and_who_gave_them(bench: Bench) -> None:
    table = bench.site().annotations(1, Search(annotation_status="confirmed", image_id_range=(3, 4)))
    assert [tuple(row.items())[1:] for row in rows(table)] == [
        (
            ("Row", str(at)),
            ("Column", "7"),
            ("Label code", "CCA"),
            ("Label ID", "4"),
            ("Annotator", "demo"),
            ("Date annotated", "2024-07-01 00:00:00+00:00"),
        )
        for at in (2, 3)
    ]


def test_one_sign_in_serves_every_export(bench: Bench) -> None:
    site = bench.site()
    first = site.annotations(1, Search())
    assert site.annotations(1, Search()) == first
    assert [path for _, path, _ in bench.asked].count("/accounts/login/") == 2


def test_a_session_that_has_ended_is_signed_in_anew(bench: Bench) -> None:
    site = bench.site()
    first = site.annotations(PRIVATE_SOURCE, Search())
    bench.server.identity.end_sessions()
    assert site.annotations(PRIVATE_SOURCE, Search()) == first


def test_a_long_list_of_images_is_exported_in_parts_that_make_one_table(bench: Bench) -> None:
    table = bench.site().annotations(1, Search(image_ids=tuple(range(1, PHOTOS + 1))))
    assert [int(row["Row"]) for row in rows(table)] == sorted(range(PHOTOS))
    assert table.count(b"Label code") == 1
    lists = [parse_qs(body)["image_id_list"][0].split("_") for body in bench.preparations()]
    assert [len(ids) for ids in lists] == [100, 20]


@pytest.mark.parametrize(
    ("credentials", "message"),
    [
        (None, "the annotations of source 1 are for signed-in accounts alone, and there are no credentials"),
        (Credentials(USERNAME, token="f" * 40), "the annotations of source 1 are for signed-in accounts alone"),
    ],
)
def test_without_a_password_nothing_is_asked_for(bench: Bench, credentials: Credentials | None, message: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        bench.site(credentials).annotations(1, Search())
    assert caught.value.message == message
    assert "CORALNET_PASSWORD" in caught.value.remedy
    assert bench.asked == []


def test_an_account_that_may_not_see_a_source_is_told_so(bench: Bench) -> None:
    other = Credentials(OTHER_USERNAME, password=OTHER_PASSWORD)
    with pytest.raises(CredentialsError) as caught:
        bench.site(other).annotations(PRIVATE_SOURCE, Search())
    assert caught.value.message == (
        "this account may not have the annotations of source 2: no permission to view this page"
    )


@pytest.mark.parametrize(
    ("source", "search", "message"),
    [
        (EMPTY_SOURCE, Search(), "source 3 has no labelset yet, so none of its points has a label"),
        (9, Search(), f"source 9 does not exist at {BASE}"),
        (
            1,
            Search(fields={"aux1": "nowhere"}),
            "CoralNet does not take the search of source 1 for an export of annotations: "
            "Image-search parameters were invalid.",
        ),
    ],
)
def test_what_coralnet_does_not_export_is_said_in_words(
    bench: Bench, source: int, search: Search, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        bench.site().annotations(source, search)
    assert caught.value.message == message


def test_an_export_that_was_given_up_for_another_one_is_no_table(bench: Bench) -> None:
    site = bench.site()
    usual = bench.server.handle

    def lose(request: Request) -> object:
        reply = usual(request)
        return usual(request) if request.path.endswith("/serve/") else reply

    bench.server.handle = lose  # type: ignore[assignment,method-assign]
    with pytest.raises(ServiceError) as caught:
        site.annotations(1, Search())
    assert caught.value.message == f"the annotations of source 1 did not come as a table: {BASE}: HTTP 302"


@pytest.mark.parametrize("image_ids", [(), tuple(range(1, PHOTOS + 1))], ids=["one", "parts"])
def test_a_table_that_is_too_large_is_refused_also_in_parts(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, image_ids: tuple[int, ...]
) -> None:
    most = len(bench.site().annotations(1, Search())) - 1
    monkeypatch.setattr(limits, "MAX_TABLE_BYTES", most)
    with pytest.raises(UsageError) as caught:
        bench.site().annotations(1, Search(image_ids=image_ids))
    assert caught.value.message == f"the annotations of source 1 are larger than {most} bytes"


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b'{"session_data_timestamp": "1795364610.561608", "success": true}', Prepared("1795364610.561608")),
        (b'{"error": "No  way,\\n sir."}', Refused("No way, sir.")),
    ],
)
def test_the_answer_to_the_first_step_is_a_stamp_or_a_reason(body: bytes, answer: Prepared | Refused) -> None:
    assert read_prepared(body) == answer


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b"{}",
        b'{"success": true}',
        b'{"success": true, "session_data_timestamp": "1&next=//x"}',
        b'{"success": "yes", "session_data_timestamp": "1.5"}',
        b'{"error": 5}',
        b"[" * 100_000,
    ],
)
def test_any_other_answer_is_not_understood(body: bytes) -> None:
    with pytest.raises(NotUnderstood):
        read_prepared(body)


def test_parts_of_a_table_must_have_the_same_columns() -> None:
    assert joined([b"a,b\r\n1,2\r\n", b"a,b\r\n", b"a,b\r\n3,4\r\n"]) == b"a,b\r\n1,2\r\n3,4\r\n"
    with pytest.raises(NotUnderstood):
        joined([b"a,b\r\n1,2\r\n", b"a,c\r\n3,4\r\n"])
