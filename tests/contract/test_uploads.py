"""Photos into a source, as observed on the real server: each statement of it that needs no fault of the server's."""

from __future__ import annotations

import re

import pytest
from tests.contract.peers import Control, Peer
from tests.contract.uploading import Uploading, multipart, photo

NO_PERMISSION = "You don't have permission to access this part of this source."
CORRUPT = "Image file: The file is either a corrupt image, or in a file format that we don't support."
FORMAT = "Image file: This image file format isn't supported."


def error_of(reply: object) -> str:
    assert reply.status == 200, reply  # type: ignore[attr-defined]
    return str(reply.json["error"])  # type: ignore[attr-defined]


def test_the_form_tells_the_points_and_the_area_that_an_upload_will_have(uploading: Uploading) -> None:
    page = uploading.peer.get(f"/source/{uploading.source}/upload/images/", cookie=uploading.cookie)
    assert "<title>Upload Images | CoralNet</title>" in page.text
    assert 'id="auto_generate_points_page_section"' in page.text
    assert re.search("Your Source&#x27;s point generation settings: [A-Z]", page.text)
    assert re.search("Your Source&#x27;s annotation area settings: X: ", page.text)


def test_the_preview_tells_names_that_are_there_whatever_their_case(uploading: Uploading) -> None:
    name = f"{uploading.stem}Reef.JPG"
    image_id = uploading.upload(name, photo()).json["image_id"]
    free = f"{uploading.stem}free.jpg"
    statuses = uploading.preview((name.lower(), 5), (free, 5), (name, 5)).json["statuses"]
    there = {"error": "Image with this name already exists", "url": f"/image/{image_id}/view/"}
    assert statuses == [there, {"ok": True}, there]


def test_the_preview_refuses_a_stated_size_over_30_mb(uploading: Uploading) -> None:
    asked = (f"{uploading.stem}a.jpg", 31_457_280), (f"{uploading.stem}b.jpg", 31_457_281)
    assert uploading.preview(*asked).json["statuses"] == [{"ok": True}, {"error": "Exceeds size limit of 30.00 MB"}]


def test_the_preview_checks_nothing_else(uploading: Uploading) -> None:
    twice = f"{uploading.stem}twice.jpg"
    asked = [(twice, 5), (twice, 5), ("", 5), (f"{uploading.stem}{'n' * 250}", 5), (f"{uploading.stem}n.txt", 5)]
    assert uploading.preview(*asked).json["statuses"] == [{"ok": True}] * 5
    assert uploading.preview().json["statuses"] == []


def test_a_preview_that_is_not_as_the_page_sends_it_is_an_error_of_the_server(uploading: Uploading) -> None:
    path = f"/source/{uploading.source}/upload/images_preview_ajax/"
    assert uploading.post(path, *multipart({"file_info": "{"}, None)).status == 500
    assert uploading.post(path, *multipart({"other": "[]"}, None)).status == 500
    assert uploading.preview((f"{uploading.stem}a.jpg", "5")).status == 500
    assert uploading.peer.get(path, cookie=uploading.cookie).status == 405


def test_names_are_stripped_at_upload_and_not_in_the_preview(uploading: Uploading) -> None:
    name = f"{uploading.stem}stripped.jpg"
    uploading.upload(f"\u00a0 {name} \u00a0", photo())
    assert "error" in uploading.preview((name, 5)).json["statuses"][0]
    assert uploading.preview((f" {name}", 5)).json["statuses"] == [{"ok": True}]
    assert error_of(uploading.upload(f" {name}", photo())) == "Image with this name already exists."


def test_a_name_that_only_the_database_knows_as_taken_is_an_error_of_the_server(uploading: Uploading) -> None:
    uploading.upload(f"{uploading.stem}\u0130stanbul.jpg", photo())
    assert uploading.upload(f"{uploading.stem}istanbul.jpg", photo()).status == 500


@pytest.mark.parametrize(
    "ending", ["", "n.txt", "/a\\b.jpg", "\"'#%+&?<>.jpg", "e\u0301\u00e9\U0001f420.jpg", "a\tb.jpg"]
)
def test_an_odd_name_is_kept_as_it_is(uploading: Uploading, ending: str) -> None:
    name = uploading.stem + ending
    image_id = uploading.upload(name, photo()).json["image_id"]
    assert error_of_preview(uploading, name) == f"/image/{image_id}/view/"


def error_of_preview(uploading: Uploading, name: str) -> str:
    return str(uploading.preview((name, 5)).json["statuses"][0]["url"])


@pytest.mark.parametrize(
    "content",
    [
        photo(kind="PNG"),
        photo(kind="PNG", mode="RGBA"),
        photo(kind="PNG", mode="L"),
        photo(mode="CMYK"),
        photo() + b"behind its end",
        photo(side=400)[:-40],
    ],
    ids=["png", "png-rgba", "png-grey", "cmyk", "garbage behind", "cut"],
)
def test_a_photo_is_stored_byte_for_byte(uploading: Uploading, content: bytes) -> None:
    reply = uploading.upload(f"{uploading.stem}a.jpg", content)
    image_id = reply.json["image_id"]
    assert reply.json == {"success": True, "link": f"/image/{image_id}/view/", "image_id": image_id}
    assert uploading.stored(image_id) == content


@pytest.mark.parametrize(
    ("content", "filename", "error"),
    [
        (photo()[:30], "a.jpg", CORRUPT),
        (b"some text", "a.jpg", CORRUPT),
        (photo(kind="PNG")[:-9], "a.png", CORRUPT),
        (b"", "a.jpg", "Image file: The submitted file is empty."),
        (photo(kind="GIF"), "a.jpg", FORMAT),
        (photo(kind="TIFF"), "a.jpg", FORMAT),
        (photo(kind="WEBP"), "a.png", FORMAT),
        (photo(kind="BMP"), "a.jpg", FORMAT),
        (photo(side=8001), "a.jpg", "Image file: Ensure the image dimensions are at most 8000 x 8000."),
        (None, "", "Image file: This field is required."),
    ],
)
def test_a_file_is_refused_by_its_content(
    uploading: Uploading, content: bytes | None, filename: str, error: str
) -> None:
    assert error_of(uploading.upload(f"{uploading.stem}a.jpg", content, filename)) == error


def test_the_ending_of_the_file_alone_is_looked_at_and_not_the_names(uploading: Uploading) -> None:
    error = error_of(uploading.upload(f"{uploading.stem}a.jpg", photo(), "a.txt"))
    assert error.startswith("Image file: File extension “txt” is not allowed. Allowed extensions are: ")


@pytest.mark.parametrize(
    ("name", "error"),
    [
        (None, "Image name: This field is required."),
        (" \u00a0", "Image name: This field is required."),
        ("a\0b", "Image name: Null characters are not allowed."),
    ],
)
def test_a_name_is_refused(uploading: Uploading, name: str | None, error: str) -> None:
    assert error_of(uploading.upload(name, photo())) == error


def test_a_name_of_201_characters_is_an_error_of_the_server(uploading: Uploading) -> None:
    longest = (uploading.stem + "n" * 200)[:200]
    assert uploading.upload(longest, photo()).json["success"] is True
    assert uploading.upload(longest + "n", photo()).status == 500


def test_a_photo_is_unclassified_at_first_and_gone_once_it_is_deleted(uploading: Uploading) -> None:
    name = f"{uploading.stem}a.jpg"
    image_id = uploading.upload(name, photo()).json["image_id"]
    page = uploading.peer.get(f"/image/{image_id}/view/", cookie=uploading.cookie)
    assert "Annotation status: <b>Not started</b>" in page.text
    assert uploading.delete(image_id).status == 302
    assert uploading.peer.get(f"/image/{image_id}/view/", cookie=uploading.cookie).status == 404
    assert uploading.preview((name, 5)).json["statuses"] == [{"ok": True}]


def test_uploads_without_a_csrf_token_are_forbidden(uploading: Uploading) -> None:
    for page in ("images_preview_ajax", "images_ajax"):
        path = f"/source/{uploading.source}/upload/{page}/"
        reply = uploading.post(path, *multipart({"file_info": "[]"}, None), csrf=False)
        assert (reply.status, "<title>403 Forbidden</title>" in reply.text) == (403, True)


def test_no_such_source_is_not_found(uploading: Uploading) -> None:
    uploading.source = 987654321
    assert uploading.preview().status == 404
    assert uploading.peer.get("/source/987654321/upload/images/", cookie=uploading.cookie).status == 404


def test_a_session_that_has_ended_is_told_as_no_permission(uploading: Uploading, peer: Peer) -> None:
    uploading.cookie = f"sessionid=0123456789abcdef; csrftoken={uploading.csrf}"
    reply = uploading.upload(f"{uploading.stem}a.jpg", photo())
    assert (error_of(reply), reply.cookies.get("sessionid", "")) == (NO_PERMISSION, "")
    assert error_of(uploading.preview()) == NO_PERMISSION
    page = peer.get(f"/source/{uploading.source}/upload/images/", cookie=uploading.cookie)
    assert (page.status, "permission" in page.text, "Upload Images" in page.text) == (200, True, False)


def test_a_member_who_may_not_edit_has_no_permission(uploading: Uploading, control: Control) -> None:
    uploading.sign_in(control.other_username, control.other_password)
    assert error_of(uploading.preview()) == NO_PERMISSION
    assert error_of(uploading.upload(f"{uploading.stem}a.jpg", photo())) == NO_PERMISSION
