"""Points into a source, as observed on the real server, for photos of a test's own."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from tests.contract.peers import Control, Raw
from tests.contract.test_metadata_upload import preview as preview_metadata
from tests.contract.uploading import Uploading, multipart, photo

from coralrun.coralnet.codec.pages import read_browse


def preview(uploading: Uploading, table: str) -> Raw:
    """Send a table of points."""
    body, form = multipart({}, ("t.csv", table.encode()), "text/csv")
    path = f"/source/{uploading.source}/annotation/upload_preview/"
    return uploading.post(path, body.replace(b'name="file"', b'name="csv_file"'), form)


def confirm(uploading: Uploading) -> Raw:
    """Confirm what waits."""
    path = f"/source/{uploading.source}/annotation/upload_confirm/"
    return uploading.post(path, b"", "application/x-www-form-urlencoded")


def exported(uploading: Uploading, image_id: int) -> list[list[str]]:
    """The points with labels of one photo: row, column, code and who."""
    path = f"/source/{uploading.source}/annotation/export_prep/"
    form = f"label_format=code&optional_columns=annotator_info&image_id_list={image_id}".encode()
    prepared = uploading.post(path, form, "application/x-www-form-urlencoded").json
    served = f"/source/{uploading.source}/export/serve/?session_data_timestamp={prepared['session_data_timestamp']}"
    text = uploading.peer.get(served, cookie=uploading.cookie).text
    return [row[1:5] for row in list(csv.reader(io.StringIO(text)))[1:]]


def code_of(uploading: Uploading) -> str:
    """The first label's code."""
    return uploading.peer.get(f"/source/{uploading.source}/export/labelset/").text.splitlines()[1].split(",")[1]


@pytest.fixture
def name(uploading: Uploading) -> str:
    """A photo of the test's own, of 12 by 9 pixels."""
    name = f"{uploading.stem}a.jpg"
    uploading.upload(name, photo())
    return name


def test_points_with_labels_are_previewed_then_confirmed(uploading: Uploading, name: str) -> None:
    code = code_of(uploading)
    shown = preview(uploading, f"Name,Row,Column,Label code\n{name},1,2,{code}\n{name},3,4,{code}\n").json
    assert shown == {
        "success": True,
        "previewTable": [
            {
                "name": name,
                "link": f"/image/{uploading.made[0]}/annotation/tool/",
                "createInfo": "Will create 2 points, 2 annotations",
            }
        ],
        "previewDetails": {
            "numImages": 1,
            "totalPoints": 2,
            "totalAnnotations": 2,
            "numImagesWithExistingAnnotations": 0,
        },
    }
    assert exported(uploading, uploading.made[0]) == []
    assert confirm(uploading).json == {"success": True}
    assert [row[:3] for row in exported(uploading, uploading.made[0])] == [["1", "2", code], ["3", "4", code]]
    again = preview(uploading, f"Name,Row,Column\n{name},5,6\n").json
    assert again["previewTable"][0]["deleteInfo"] == "Will delete 2 existing annotations"
    assert again["previewTable"][0]["createInfo"] == "Will create 1 points, 0 annotations"
    assert again["previewDetails"]["numImagesWithExistingAnnotations"] == 1


def statuses(uploading: Uploading) -> list[str]:
    """The annotation statuses of the test's photos, as a search by their ids tells them."""
    listed = "_".join(map(str, uploading.made))
    path = f"/source/{uploading.source}/browse/images/?image_id_list={listed}&annotation_status="
    return [
        status
        for status in ("unclassified", "unconfirmed", "confirmed")
        for _ in read_browse(uploading.peer.get(path + status, cookie=uploading.cookie).body).images
    ]


def lay(uploading: Uploading, table: str) -> None:
    """Lay points without labels, of photos that have no label of people's."""
    assert "deleteInfo" not in preview(uploading, f"Name,Row,Column\n{table}").json["previewTable"][0]
    assert confirm(uploading).json == {"success": True}


def wait_for_labels(uploading: Uploading) -> None:
    """Wait until no photo of the test has a point without a label; it is asked ever more seldom."""
    if uploading.peer.control is not None:
        uploading.peer.clock.sleep(20.0)
        return
    for asked in range(60):
        uploading.peer.clock.sleep(min(0.5 * 2**asked, 60.0))
        if "unclassified" not in statuses(uploading):
            return


def test_points_without_labels_wait_and_are_the_machines_in_their_order(uploading: Uploading, name: str) -> None:
    lay(uploading, f"{name},7,1\n{name},0,0\n{name},7,1\n")
    assert (statuses(uploading), exported(uploading, uploading.made[0])) == (["unclassified"], [])
    wait_for_labels(uploading)
    rows = exported(uploading, uploading.made[0])
    assert [row[:2] for row in rows] == [["7", "1"], ["0", "0"], ["7", "1"]]
    assert ({row[3] for row in rows}, statuses(uploading)) == ({"robot"}, ["unconfirmed"])
    lay(uploading, f"{name},3,3\n")
    assert (statuses(uploading), exported(uploading, uploading.made[0])) == (["unclassified"], []), "gone at once"
    wait_for_labels(uploading)
    assert [row[:2] for row in exported(uploading, uploading.made[0])] == [["3", "3"]]


def test_whatever_is_uploaded_later_keeps_a_photo_waiting(uploading: Uploading, name: str, control: Control) -> None:
    lay(uploading, f"{name},7,1\n")
    for number in range(3):
        control.clock.sleep(10.0)
        uploading.upload(f"{uploading.stem}{number}.jpg", photo())
    assert exported(uploading, uploading.made[0]) == []
    control.clock.sleep(20.0)
    assert [row[:2] for row in exported(uploading, uploading.made[0])] == [["7", "1"]]


def test_a_source_without_a_classifier_takes_points_and_never_labels_them(
    uploading: Uploading, name: str, control: Control
) -> None:
    site = control.service.site
    site.put(replace(site.sources_by_id[uploading.source], classifiers=()))
    lay(uploading, f"{name},7,1\n")
    control.clock.sleep(1_000_000.0)
    assert exported(uploading, uploading.made[0]) == []


def test_of_some_labels_those_are_a_persons_and_the_other_points_the_machines(uploading: Uploading, name: str) -> None:
    code = code_of(uploading)
    preview(uploading, f"Name,Row,Column,Label code\n{name},7,1,\n{name},0,0,{code}\n")
    confirm(uploading)
    machines, persons = exported(uploading, uploading.made[0])
    assert (machines[:2], machines[3]) == (["7", "1"], "robot")
    assert persons[:3] == ["0", "0", code]
    assert persons[3] != "robot"


@pytest.mark.parametrize(
    ("table", "error"),
    [
        ("Name,Row\n{name},1\n", "CSV must have a column called Column"),
        ("Name,Row,Column\n{name},1,\n", "CSV row 2: Must have a value for Column"),
        ("Name,Row,Column\nX{name},1,1\n", "No matching image names found in the source"),
        (
            "Name,Row,Column\n{name},9,1\n",
            "For image {name}, point 1: Row value is 9, but the image is only 9 pixels high (accepted values are 0~8)",
        ),
        (
            "Name,Row,Column\n{name},1.0,1\n",
            "For image {name}, point 1: Row should be a non-negative integer, not 1.0",
        ),
    ],
)
def test_points_are_refused_whole(uploading: Uploading, name: str, table: str, error: str) -> None:
    reply = preview(uploading, table.format(name=name))
    assert (reply.status, reply.json) == (200, {"error": error.format(name=name)})


def test_a_photo_takes_1000_points_and_no_more(uploading: Uploading, name: str) -> None:
    lines = [f"{name},{number % 9},{number % 12}" for number in range(1000)]
    assert preview(uploading, "\n".join(["Name,Row,Column", *lines])).json["success"] is True
    error = f"For image {name}: Found 1001 points, which exceeds the maximum allowed of 1000"
    assert preview(uploading, "\n".join(["Name,Row,Column", *lines, lines[0]])).json == {"error": error}


def test_points_and_metadata_wait_without_disturbing_each_other(uploading: Uploading, name: str) -> None:
    code = code_of(uploading)
    preview(uploading, f"Name,Row,Column,Label code\n{name},1,2,{code}\n")
    preview_metadata(uploading, f"Name,Camera\n{name},Reef\n")
    assert "error" in preview(uploading, f"Name,Row,Column\n{name},99,2\n").json
    assert confirm(uploading).json == {"success": True}
    assert [row[:3] for row in exported(uploading, uploading.made[0])] == [["1", "2", code]]
    assert "error" in confirm(uploading).json


def test_points_need_a_labelset_and_say_so_with_a_page(uploading: Uploading, control: Control) -> None:
    site = control.service.site
    site.put(replace(site.sources_by_id[uploading.source], labels=()))
    reply = preview(uploading, "Name,Row,Column\na.jpg,1,2\n")
    assert (reply.status, "<title>No labelset | CoralNet</title>" in reply.text) == (200, True)
