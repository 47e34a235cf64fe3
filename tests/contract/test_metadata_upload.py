"""What is known of photos into a source, as observed on the real server, for photos of a test's own."""

from __future__ import annotations

import csv
import io

import pytest
from tests.contract.peers import Raw
from tests.contract.uploading import Uploading, multipart, photo

HEADINGS = ("Name", "Date", "Latitude", "Camera")


def preview(uploading: Uploading, table: str, filename: str = "t.csv", kind: str = "text/csv") -> Raw:
    """Send a table."""
    body, form = multipart({}, (filename, table.encode()), kind)
    path = f"/source/{uploading.source}/upload/metadata_preview_ajax/"
    return uploading.post(path, body.replace(b'name="file"', b'name="csv_file"'), form)


def confirm(uploading: Uploading) -> Raw:
    """Confirm what waits."""
    path = f"/source/{uploading.source}/upload/metadata_ajax/"
    return uploading.post(path, b"", "application/x-www-form-urlencoded")


def known(uploading: Uploading, name: str) -> dict[str, str]:
    """What the source knows of a photo."""
    path = f"/source/{uploading.source}/export/metadata/?image_name={name}"
    text = uploading.peer.get(path, cookie=uploading.cookie).body.decode("utf-8")
    (row,) = (row for row in csv.DictReader(io.StringIO(text, newline="")) if row["Name"] == name)
    return row


@pytest.fixture
def name(uploading: Uploading) -> str:
    """A photo of the test's own."""
    name = f"{uploading.stem}a.jpg"
    uploading.upload(name, photo())
    return name


def test_a_table_is_previewed_then_confirmed_and_a_blank_cell_erases(uploading: Uploading, name: str) -> None:
    first = preview(uploading, f"name,DATE,latitude,Camera\n{name},2024-06-12,-17.5,Reef\n{uploading.stem}no.jpg,,,\n")
    assert first.json == {
        "success": True,
        "previewTable": [list(HEADINGS), [name, "2024-06-12", "-17.5", "Reef"]],
        "previewDetails": {"numImages": 1, "numFieldsReplaced": 0},
    }
    assert known(uploading, name)["Date"] == ""
    assert confirm(uploading).json == {"success": True}
    assert [known(uploading, name)[key] for key in HEADINGS] == [name, "2024-06-12", "-17.5", "Reef"]
    second = preview(uploading, f"\ufeffName,Camera,Latitude\n{name},Other,\n")
    assert second.json["previewTable"][1] == [name, ["Other", "Reef"], ["", "-17.5"]]
    assert second.json["previewDetails"]["numFieldsReplaced"] == 2
    confirm(uploading)
    assert [known(uploading, name)[key] for key in HEADINGS] == [name, "2024-06-12", "", "Other"]


@pytest.mark.parametrize(
    ("table", "error"),
    [
        ("Camera\nReef\n", "CSV must have a column called Name"),
        ("Name;Camera\n{name};Reef\n", "CSV must have a column called Name"),
        ("Name,Camera\n{name},Reef\n{name},Reef\n", "More than one row with the same Name: {name}"),
        ("Name,Camera\n{name},Reef\n,\n", "CSV row 3: Must have a value for Name"),
        ("Name,Camera\nX{name},Reef\n", "No matching filenames found in the source"),
        ("Name,Date\n{name},yesterday\n", "({name} - Date) Enter a valid date."),
    ],
)
def test_a_table_is_refused_whole(uploading: Uploading, name: str, table: str, error: str) -> None:
    reply = preview(uploading, table.format(name=name))
    assert (reply.status, reply.json) == (200, {"error": error.format(name=name)})


def test_what_coralnet_takes_in_silence(uploading: Uploading, name: str) -> None:
    preview(uploading, f"Name,Date,Latitude,Longitude\n{name},01/02/2020,abc,200\n")
    confirm(uploading)
    row = known(uploading, name)
    assert (row["Date"], row["Latitude"], row["Longitude"]) == ("2020-01-02", "abc", "200")


def test_the_last_of_two_columns_of_one_heading_counts(uploading: Uploading, name: str) -> None:
    preview(uploading, f"Name,Camera,camera\n{name},first,last\n")
    confirm(uploading)
    assert known(uploading, name)["Camera"] == "last"


def test_a_refused_table_leaves_the_one_before_it_to_be_confirmed(uploading: Uploading, name: str) -> None:
    preview(uploading, f"Name,Camera\n{name},good\n")
    assert "error" in preview(uploading, f"Name,Date\n{name},bad\n").json
    assert confirm(uploading).json == {"success": True}
    assert known(uploading, name)["Camera"] == "good"


def test_nothing_that_waits_cannot_be_confirmed(uploading: Uploading) -> None:
    error = str(confirm(uploading).json["error"])
    assert error.startswith("We couldn't find the expected data in your session.")


def test_a_table_needs_the_type_or_the_ending_of_one(uploading: Uploading, name: str) -> None:
    table = f"Name,Camera\n{name},Reef\n"
    assert preview(uploading, table, "t.CSV", "text/csv").json["success"] is True
    assert preview(uploading, table, "t.csv", "application/octet-stream").json["success"] is True
    assert "error" in preview(uploading, table, "t.CSV", "application/octet-stream").json


def test_what_waits_for_one_source_is_an_error_of_the_server_at_another(uploading: Uploading, name: str) -> None:
    if uploading.peer.control is None:
        pytest.skip("needs another source that the account may edit")
    own = uploading.source
    preview(uploading, f"Name,Camera\n{name},Reef\n")
    uploading.source = uploading.peer.control.private_source
    assert confirm(uploading).status == 500
    uploading.source = own
    assert confirm(uploading).json == {"success": True}
