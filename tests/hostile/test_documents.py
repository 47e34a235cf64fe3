"""Documents in the service's own forms with something changed in them: read, or not understood, in little memory."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.clocks import HandClock
from tests.hostile.test_files import bounded, changed, junk, places

from coralrun import limits
from coralrun.coralnet import protocol
from coralrun.coralnet.codec import pages, wire
from coralrun.coralnet.codec.source_page import read_source
from coralrun.emulator.demo import PUBLIC_SOURCE, drawn_service
from coralrun.emulator.messages import Request

MEGABYTE = 1024 * 1024
DOCUMENTS: dict[Callable[[bytes], object], Any] = {
    wire.decode_token: {"token": "0" * 40},
    wire.decode_listing: {
        "data": {
            "active_jobs": [{"type": "jobs", "id": "3"}],
            "recently_completed_jobs": [{"type": "jobs", "id": "2"}, {"type": "jobs", "id": "1"}],
        },
        "meta": {"max_active_jobs": 5},
    },
    lambda body: wire.decode_status(body, "3"): {
        "data": [
            {
                "type": "job",
                "id": "3",
                "attributes": {"status": "In Progress", "successes": 1, "failures": 1, "total": 5},
            }
        ]
    },
    wire.decode_errors: {
        "errors": [{"detail": "Too long.", "source": {"pointer": "/data/7/attributes"}}, {"password": ["Required."]}]
    },
}
CHANGES = [(decode, path) for decode, document in DOCUMENTS.items() for path in places(document)]
SERVICE = drawn_service(HandClock(), images=25)
PAGES = tuple(
    SERVICE.handle(Request("GET", path)).body
    for path in (f"/source/{PUBLIC_SOURCE}/", f"/source/{PUBLIC_SOURCE}/browse/images/", "/image/1/view/", "/nowhere/")
)
READERS: tuple[Callable[[bytes], object], ...] = (
    pages.kind_of,
    lambda html: read_source(html, PUBLIC_SOURCE),
    pages.read_browse,
    pages.read_image,
    pages.login_token,
    pages.login_failure,
    pages.signed_in_user,
    pages.is_not_found,
)
PIECES = (b"", b"<", b">", b'"', b"'", b"&amp;", b"\0", b"\xff\xfe", b"9" * 30, b"-1", b"<div>", b"</ul>", b"[" * 50)


@bounded
@given(st.sampled_from(CHANGES), junk)
def test_a_reply_with_one_value_replaced_is_read_or_not_understood(
    change: tuple[Callable[[bytes], object], tuple[Any, ...]], new: object
) -> None:
    decode, path = change
    try:
        decode(json.dumps(changed(DOCUMENTS[decode], path, new)).encode())
    except wire.NotUnderstood as error:
        assert len(str(error)) < 100, "it says where, and quotes nothing"


@pytest.mark.parametrize("decode", DOCUMENTS)
def test_each_of_these_documents_is_read_as_it_is(decode: Callable[[bytes], object]) -> None:
    assert decode(json.dumps(DOCUMENTS[decode]).encode())


@bounded
@given(st.sampled_from(PAGES), st.integers(0, 100_000), st.integers(0, 60), st.sampled_from(PIECES))
def test_a_page_with_a_piece_replaced_is_read_or_not_understood(html: bytes, at: int, length: int, new: bytes) -> None:
    at %= len(html)
    torn = html[:at] + new + html[at + length :]
    for read in READERS:
        try:
            read(torn)
        except wire.NotUnderstood:
            continue


@pytest.mark.parametrize(
    "unit",
    [b"{},", b"[],", b'"ab",', b"1.5,", b'{"data":' * 40 + b"1" + b"}" * 40 + b",", b"[" * 900 + b"]" * 900 + b","],
    ids=["objects", "lists", "texts", "numbers", "objects in objects", "lists in lists"],
)
def test_a_reply_of_nothing_but_values_takes_little_memory(unit: bytes) -> None:
    body = b'{"data":[' + unit * (limits.MAX_RESULT_BYTES // len(unit) - 10) + b"1]}"
    assert len(body) > 60 * MEGABYTE
    tracemalloc.start()
    try:
        with pytest.raises(wire.NotUnderstood):
            wire.decode_result(body)
        most_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most_bytes < 2 * MEGABYTE


def test_the_largest_result_that_can_be_is_read() -> None:
    names = "w" * 45
    label = {"score": 0.1234567890123456, "label_id": 99_999_999, "label_code": "a" * 10, "label_name": names}
    points = [{"row": 7999, "column": 7999, "classifications": [label] * limits.TOP_SCORES}]
    url = "https://a.test/?" + "s" * 2000
    image = {
        "type": "image",
        "id": url,
        "attributes": {"url": url, "points": points * protocol.MAX_POINTS_PER_ENTRY},
    }
    body = json.dumps({"data": [image] * protocol.MAX_ENTRIES_PER_JOB}).encode()
    assert 12 * MEGABYTE < len(body) < limits.MAX_RESULT_BYTES / 3
    assert len(wire.decode_result(body).entries) == protocol.MAX_ENTRIES_PER_JOB
