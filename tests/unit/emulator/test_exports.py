"""The export of annotations, in two steps, as the protocol notes tell it (section 11)."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from coralrun.emulator.demo import OTHER_PASSWORD, OTHER_USERNAME, Settings, service_of
from coralrun.emulator.messages import Reply
from coralrun.emulator.reef import LABELS
from coralrun.emulator.site import Source

PREP = "/source/1/annotation/export_prep/"
SERVE = "/source/1/export/serve/"
BROWSE = "/source/1/browse/images/"


def prepared(caller: Any, fields: str = "label_format=both", path: str = PREP) -> dict[str, Any]:
    form = f"csrfmiddlewaretoken={caller.cookies['csrftoken']}&{fields}"
    reply = caller.page(path, method="POST", form=form)
    assert (reply.status, reply.header("Content-Type")) == (200, "application/json")
    answer: dict[str, Any] = json.loads(reply.body)
    return answer


def served(caller: Any, answer: dict[str, Any], path: str = SERVE) -> Reply:
    reply: Reply = caller.page(path, f"session_data_timestamp={answer['session_data_timestamp']}")
    return reply


def table(caller: Any, fields: str) -> list[list[str]]:
    reply = served(caller, prepared(caller, fields))
    assert (reply.status, reply.header("Content-Type")) == (200, "text/csv")
    return list(csv.reader(io.StringIO(reply.body.decode(), newline="")))


@pytest.fixture
def member(make: Any) -> Any:
    caller = make()
    caller.sign_in()
    return caller


def test_an_export_is_prepared_under_a_time_and_served_as_a_table(member: Any, clock: Any) -> None:
    answer = prepared(member)
    assert answer == {"session_data_timestamp": f"{clock.now():.6f}", "success": True}
    reply = served(member, answer)
    assert reply.header("Content-Disposition") == 'attachment;filename="annotations.csv"'
    assert reply.body.startswith(b"Name,Row,Column,Label code,Label ID\n")


def test_an_export_is_served_once(member: Any) -> None:
    answer = prepared(member)
    served(member, answer)
    again = served(member, answer)
    assert (again.status, again.header("Location"), again.body) == (302, BROWSE, b"")


def test_a_session_holds_one_export_at_a_time(member: Any, clock: Any) -> None:
    first = prepared(member)
    clock.move(1.0)
    second = prepared(member)
    assert served(member, first).status == 302
    assert served(member, second).status == 200


def test_an_export_belongs_to_the_session_and_the_source_that_it_was_prepared_for(member: Any) -> None:
    answer = prepared(member)
    assert served(member, answer, "/source/2/export/serve/").status == 302
    ours = dict(member.cookies)
    member.sign_in(OTHER_USERNAME, OTHER_PASSWORD)
    assert served(member, answer).status == 302
    member.cookies = ours
    assert served(member, answer).status == 200


def test_only_points_with_a_label_are_exported_peoples_and_the_machines(member: Any, clock: Any) -> None:
    heading, *rows = table(member, "label_format=code&optional_columns=annotator_info")
    assert heading == ["Name", "Row", "Column", "Label code", "Annotator", "Date annotated"]
    photos = member.service.site.sources_by_id[1].photos
    labelled = {photo.name: photo.status for photo in photos if photo.status != "unclassified"}
    assert len(rows) == 60 * len(labelled)
    opened = datetime.fromtimestamp(int(clock.now()), UTC).isoformat(" ")
    told = {(labelled[row[0]], row[4], row[5]) for row in rows}
    assert told == {("confirmed", "demo", "2024-07-01 00:00:00+00:00"), ("unconfirmed", "robot", opened)}
    assert {row[3] for row in rows} <= {label.code for label in LABELS}


def test_the_search_of_the_browse_page_chooses_the_images(member: Any) -> None:
    _, *rows = table(member, "label_format=id&annotation_status=confirmed&image_id_list=1_2_7_8")
    assert {row[0] for row in rows} == {member.service.site.sources_by_id[1].photos[at].name for at in (0, 6)}


def test_metadata_stand_between_the_name_and_the_row(member: Any) -> None:
    wanted = "label_format=both&image_id_list=1&optional_columns=metadata_other&optional_columns=metadata_date_aux"
    heading, first, *_ = table(member, wanted)
    assert heading[:8] == ["Name", "Date", "Site", "Habitat", "Transect", "Quadrat", "Aux5", "Height (cm)"]
    assert heading[-5:] == ["Comments", "Row", "Column", "Label code", "Label ID"]
    assert first[2] == "site1" and len(first) == len(heading)


def test_the_machines_suggestions_stand_beside_its_own_labels(member: Any) -> None:
    heading, *rows = table(member, "label_format=code&image_id_list=1_2&optional_columns=machine_suggestions")
    assert heading[4:6] == ["Machine suggestion 1", "Machine confidence 1"] and len(heading) == 14
    assert all((row[4] == "") if "q01" in row[0] else (row[4] == row[3]) for row in rows)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ("", "Label format: This field is required."),
        ("label_format=word", "Label format: Select a valid choice. word is not one of the available choices."),
        ("label_format=code&annotation_status=no", "Image-search parameters were invalid."),
    ],
)
def test_what_cannot_be_exported_is_said_with_status_200(member: Any, fields: str, error: str) -> None:
    assert prepared(member, fields) == {"error": error}


def test_a_source_without_a_labelset_exports_nothing(make: Any, clock: Any) -> None:
    caller = make()
    empty = Source(id=1, name="e", public=True, members=frozenset(), labels=(), photos=(), classifiers=())
    caller.service = service_of(clock, (empty,), Settings())
    caller.sign_in()
    assert prepared(caller) == {"error": "You must create a labelset before exporting data."}


def test_whoever_is_not_signed_in_gets_no_export(make: Any) -> None:
    caller = make()
    caller.page("/accounts/login/")
    assert prepared(caller) == {"error": "You must be signed in to access this function."}
    reply = caller.page(SERVE, "session_data_timestamp=1")
    assert (reply.status, reply.header("Location")) == (302, f"/accounts/login/?next={SERVE}")


def test_a_private_source_exports_to_its_members_alone(make: Any) -> None:
    caller = make()
    caller.sign_in(OTHER_USERNAME, OTHER_PASSWORD)
    private = PREP.replace("1", "2")
    form = f"csrfmiddlewaretoken={caller.cookies['csrftoken']}&label_format=code"
    denied = caller.page(private, method="POST", form=form)
    assert denied.status == 200 and b"have permission to view this page." in denied.body
    caller.sign_in()
    assert prepared(caller, path=private)["success"] is True


def test_an_export_is_asked_for_with_the_csrf_token_by_a_form(member: Any) -> None:
    assert member.page(PREP, method="POST", form="label_format=code").status == 403
    assert member.page(PREP).status == 405
