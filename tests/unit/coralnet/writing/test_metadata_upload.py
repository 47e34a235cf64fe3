"""What is known of photos is checked before CoralNet sees it, and read back after it was written."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.coralnet.writing.test_uploads import Bench

from coralrun.coralnet.codec.metadata_table import (
    check_preview,
    encode,
    merged,
    problem,
    read_known,
)
from coralrun.coralnet.codec.table_answers import TableRefused, accepted
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.coralnet.writing.metadata_upload import CoralNetMetadata
from coralrun.emulator.demo import OTHER_PASSWORD, OTHER_USERNAME
from coralrun.errors import CredentialsError, ServiceError

NAME = "reef_site1_5m_t1_q01_20240612.jpg"


@pytest.mark.parametrize(
    ("column", "value", "wrong"),
    [
        ("Date", "2024-06-12", False),
        ("Date", "01/02/2020", True),
        ("Date", "2024-02-30", True),
        ("Height (cm)", "50", False),
        ("Height (cm)", "50.5", True),
        ("Height (cm)", "\u0665", True),
        ("Height (cm)", "2147483648", True),
        ("Latitude", "-17.5", False),
        ("Latitude", "90.1", True),
        ("Latitude", "abc", True),
        ("Longitude", "149.81", False),
        ("Longitude", "181", True),
        ("Depth", "d" * 46, True),
        ("Site", "s" * 50, False),
        ("Site", "s" * 51, True),
        ("Comments", "c" * 1000, False),
        ("Date", "", False),
    ],
)
def test_a_value_is_looked_at_as_it_is_meant(column: str, value: str, wrong: bool) -> None:
    assert (problem(column, value) is not None) is wrong


def test_what_is_not_known_is_sent_as_it_stands_there() -> None:
    known = {"a": {"Depth": "5", "Camera": "Reef"}, "b": {"Depth": "7", "Camera": ""}}
    wanted = {"a": {"Depth": "", "Camera": "Other"}, "b": {"Depth": "7", "Camera": ""}, "gone": {"Depth": "1"}}
    assert merged(known, wanted) == {"a": {"Depth": "5", "Camera": "Other"}}


def test_a_table_ends_with_its_last_line() -> None:
    assert encode({'a,"b"': {"Date": "2024-06-12"}}) == b'Name,Date\r\n"a,""b""",2024-06-12'


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_what_is_written_stands_there_and_nothing_else_changes(bench: Bench) -> None:
    place = CoralNetMetadata(bench.site, 1)
    before = place.known()
    assert before[NAME]["Camera"] == "Painted"
    rows = place.changes({NAME: {"Latitude": "-17.5", "Camera": "Reef", "Depth": ""}})
    place.put(rows)
    after = place.known()
    assert after[NAME] == {**before[NAME], "Latitude": "-17.5", "Camera": "Reef"}
    assert {name: row for name, row in after.items() if name != NAME} == {
        name: row for name, row in before.items() if name != NAME
    }


def test_a_lost_confirmation_is_settled_by_reading_back(bench: Bench) -> None:
    place = CoralNetMetadata(bench.site, 1)
    place.known()
    rows = place.changes({NAME: {"Camera": "Reef"}})
    bench.faults.lost_requests_of.append("metadata_ajax")
    with pytest.raises(ServiceError, match="does not have what was sent, of 1 photo"):
        place.put(rows)
    bench.faults.lost_replies_of.append("metadata_ajax")
    place.put(rows)
    assert place.known()[NAME]["Camera"] == "Reef"


def test_a_session_that_ended_is_opened_anew_before_the_preview(bench: Bench) -> None:
    place = CoralNetMetadata(bench.site, 1)
    place.known()
    bench.service.identity.end_sessions()
    place.put(place.changes({NAME: {"Camera": "Reef"}}))
    assert place.known()[NAME]["Camera"] == "Reef"


def test_what_coralnet_refuses_is_not_confirmed(bench: Bench) -> None:
    place = CoralNetMetadata(bench.site, 1)
    place.known()
    with pytest.raises(ServiceError, match="Enter a valid date"):
        place.put({NAME: {"Date": "yesterday"}})
    bench.faults.errors_of.append("metadata_preview_ajax")
    with pytest.raises(ServiceError, match="HTTP 500"):
        place.put({NAME: {"Camera": "Reef"}})
    bench.faults.lost_requests_of.append("metadata_preview_ajax")
    with pytest.raises(ServiceError, match="the connection broke"):
        place.put({NAME: {"Camera": "Reef"}})


def test_an_account_that_may_not_edit_writes_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, OTHER_USERNAME, OTHER_PASSWORD)
    place = CoralNetMetadata(bench.site, 1)
    place.known()
    with pytest.raises(CredentialsError, match="may not edit source 1"):
        place.put({NAME: {"Camera": "Reef"}})
    with pytest.raises(CredentialsError, match="may not have the metadata of source 2"):
        CoralNetMetadata(bench.site, 2).known()


ROWS = {"a": {"Camera": "Reef"}}
KNOWN = {"a": {"Camera": "Other"}}
GOOD = {
    "success": True,
    "previewTable": [["Name", "Camera"], ["a", ["Reef", "Other"]]],
    "previewDetails": {"numImages": 1, "numFieldsReplaced": 1},
}


def test_a_preview_of_what_was_sent_is_one() -> None:
    check_preview(GOOD, ROWS, KNOWN)


@pytest.mark.parametrize(
    "other",
    [
        {"previewDetails": {"numImages": 2, "numFieldsReplaced": 1}},
        {"previewDetails": {"numImages": 1, "numFieldsReplaced": 0}},
        {"previewTable": [["Name", "Camera"], ["b", ["Reef", "Other"]]]},
        {"previewTable": [["Name", "Strobes"], ["a", ["Reef", "Other"]]]},
    ],
)
def test_a_preview_of_something_else_is_never_confirmed(other: dict[str, object]) -> None:
    with pytest.raises(TableRefused, match="another table than was sent"):
        check_preview({**GOOD, **other}, ROWS, KNOWN)


def test_answers_of_another_form_are_not_understood() -> None:
    for body in (b"<html>", b"[]", b"{}"):
        with pytest.raises(NotUnderstood):
            accepted(body)
    with pytest.raises(NotUnderstood):
        check_preview({"success": True}, ROWS, KNOWN)
    with pytest.raises(TableRefused, match="nothing waits"):
        accepted(b'{"error": "nothing waits"}')
    for table in (b"Date\r\na\r\n", b"Name,Depth,depth\r\n", b"Name,Date\r\na\r\n", b"\xff", b"Name\r\n\r\n"):
        with pytest.raises(NotUnderstood):
            read_known(table)
