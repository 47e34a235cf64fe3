"""The pages by which photos come into a source and leave it.

Rule: as a script of CoralNet's own page calls them: a refusal is JSON with HTTP 200, and whoever may not is told so in
the same way, session ended or not. The preview looks at names and stated sizes alone and strips nothing; the upload
strips the name, looks at the content, and takes any size and a cut JPEG (upload, observed).
"""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image

from coralrun.emulator import pages, protocol
from coralrun.emulator.classifying import Classifying
from coralrun.emulator.identity import CsrfFailed, Identity, check_csrf
from coralrun.emulator.messages import Reply, Request, html_reply, json_reply, redirect
from coralrun.emulator.multipart import Part, parts_of
from coralrun.emulator.reef import random_name
from coralrun.emulator.site import Photo, Site, Source, in_database

NO_PERMISSION = "You don't have permission to access this part of this source."
_EXISTS = "Image with this name already exists"
_CORRUPT = "Image file: The file is either a corrupt image, or in a file format that we don't support."
_FORMATS = ("JPEG", "PNG", "MPO")


class Uploads:
    """Photos put into the sources of a site; `seed` names their files."""

    def __init__(self, site: Site, identity: Identity, seed: int, classifying: Classifying) -> None:
        self._site = site
        self._identity = identity
        self._classifying = classifying
        self._seed = seed

    def form(self, request: Request, source: Source, head: str) -> Reply:
        """The page with the form, and with what the source does to each photo."""
        if not source.edited_by(self._identity.web_user(request)):
            return html_reply(200, pages.message_page(NO_PERMISSION))
        return html_reply(200, _form_page(head, request.cookie("csrftoken") or ""))

    def preview(self, request: Request, source: Source) -> Reply:
        """Which names are free."""
        refused = self.refusal(request, source)
        if refused is not None:
            return refused
        try:
            asked = json.loads(parts_of(request)["file_info"].text)
            statuses = [_status(source, one["filename"], one["size"]) for one in asked]
        except (ValueError, KeyError, TypeError):
            return server_error()
        return json_reply({"statuses": statuses})

    def upload(self, request: Request, source: Source) -> Reply:
        """Put one photo into a source."""
        refused = self.refusal(request, source)
        if refused is not None:
            return refused
        parts = parts_of(request)
        file, name = parts.get("file"), parts["name"].text.strip() if "name" in parts else ""
        error = _file_error(file) or _name_error(name)
        if error:
            return json_reply({"error": error})
        if len(name) > protocol.NAME_LETTERS:
            return server_error()
        if name.lower() in source.by_checked_name:
            return json_reply({"error": f"{_EXISTS}."})
        if in_database(name) in source.by_name:
            return server_error()
        assert file is not None  # noqa: S101 - told to the type checker; its absence is an error above
        photo = self._photo(name, file)
        self._site.put_photo(source, photo)
        self._classifying.came(source, set())
        return json_reply({"success": True, "link": f"/image/{photo.id}/view/", "image_id": photo.id})

    def delete(self, request: Request, source: Source, photo: Photo) -> Reply:
        """Take a photo out of its source; its name is free at once."""
        if request.method != "POST":
            return html_reply(405, pages.message_page("Method not allowed."))
        check_csrf(request, csrf_of(request), CsrfFailed)
        if not source.edited_by(self._identity.web_user(request)):
            return html_reply(200, pages.message_page(NO_PERMISSION))
        self._site.remove_photo(source, photo)
        return redirect(f"/source/{source.id}/browse/images/")

    def refusal(self, request: Request, source: Source) -> Reply | None:
        """What a script is told in place of an answer; raises `CsrfFailed`."""
        if request.method != "POST":
            return html_reply(405, pages.message_page("Method not allowed."))
        check_csrf(request, csrf_of(request), CsrfFailed)
        user = self._identity.web_user(request)
        if source.edited_by(user):
            return None
        reply = json_reply({"error": NO_PERMISSION})
        ended = user is None and request.cookie("sessionid") is not None
        return reply.with_headers(("Set-Cookie", 'sessionid=""; Path=/; Max-Age=0')) if ended else reply

    def _photo(self, name: str, file: Part) -> Photo:
        number = 1 + max(self._site.photos_by_id, default=0)
        with _any_size(), Image.open(io.BytesIO(file.content)) as image:
            width, height = image.size
        ending = (file.filename or "").rpartition(".")[2].lower()
        stored = f"images/{random_name(self._seed, number)}.{ending}"
        return Photo(number, name, stored, width, height, lambda: file.content)


def csrf_of(request: Request) -> str | None:
    """The CSRF token that a request brings, in its header or in its form."""
    part = parts_of(request).get("csrfmiddlewaretoken")
    return request.header("X-CSRFToken") or (None if part is None else part.text)


def server_error() -> Reply:
    """The page of a request that the server did not expect."""
    return html_reply(500, pages.page("", "<h1>Server Error (500)</h1>"))


def _status(source: Source, name: str, size: int) -> dict[str, Any]:
    photo = source.by_checked_name.get(name.lower())
    if photo is not None:
        return {"error": _EXISTS, "url": f"/image/{photo.id}/view/"}
    if size > protocol.PHOTO_BYTES:
        return {"error": f"Exceeds size limit of {protocol.PHOTO_BYTES / 1024**2:.2f} MB"}
    return {"ok": True}


def _file_error(file: Part | None) -> str:
    """What is wrong with a file, "" for nothing."""
    if file is None or file.filename is None:
        return "Image file: This field is required."
    if not file.content:
        return "Image file: The submitted file is empty."
    known = sorted(ending.removeprefix(".") for ending in Image.registered_extensions())
    ending = file.filename.rpartition(".")[2].lower()
    if ending not in known:
        allowed = ", ".join(known)
        return f"Image file: File extension “{ending}” is not allowed. Allowed extensions are: {allowed}."
    try:
        with _any_size(), Image.open(io.BytesIO(file.content)) as image:
            kind, sides = image.format, image.size
            image.verify()
    except Exception:  # as the real one: whatever Pillow makes of a file is this one answer
        return _CORRUPT
    if kind not in _FORMATS:
        return "Image file: This image file format isn't supported."
    if max(sides) > protocol.PHOTO_SIDE:
        return f"Image file: Ensure the image dimensions are at most {protocol.PHOTO_SIDE} x {protocol.PHOTO_SIDE}."
    return ""


def _name_error(name: str) -> str:
    if "\0" in name:
        return "Image name: Null characters are not allowed."
    return "" if name else "Image name: This field is required."


@contextmanager
def _any_size() -> Iterator[None]:
    """Let Pillow open a photo of any size: sizes are refused by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _form_page(head: str, csrf: str) -> str:
    return pages.page(
        "Upload Images",
        '<div class="page-section" id="auto_generate_points_page_section">\n<span class="helptext">\n'
        "We will generate points for the images you upload.<br>"
        "Your Source&#x27;s point generation settings: Simple random, 10 points<br>"
        "Your Source&#x27;s annotation area settings: X: 0 - 100% / Y: 0 - 100%\n</span>\n</div>\n"
        '<input type="file" name="files" id="id_files" multiple>\n<input type="text" id="id_name_prefix">\n'
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{csrf}">\n<table id="files_table"></table>\n'
        '<button id="id_upload_submit">Start Upload</button>',
        head,
    )
