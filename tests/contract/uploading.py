"""Photos of a test's own at a source that the account may edit: each is taken out again when the test is over.

Rule: a name has the test's own stem, which no photo of the source has, and nothing but these names is touched.
"""

from __future__ import annotations

import io
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import requests
from PIL import Image
from tests.contract.peers import Peer, Raw


def photo(side: int = 12, kind: str = "JPEG", mode: str = "RGB") -> bytes:
    """A small photo."""
    stream = io.BytesIO()
    pixels = np.arange(side * 9, dtype=np.uint8).reshape(9, side)
    Image.fromarray(pixels).convert("RGB").convert(mode).save(stream, kind)
    return stream.getvalue()


def multipart(fields: dict[str, str], file: tuple[str, bytes] | None, kind: str = "image/jpeg") -> tuple[bytes, str]:
    """A form with one file in its field `file`, and its media type."""
    parts = [] if file is None else [("file", (file[0], file[1], kind))]
    pairs = [(name, (None, value)) for name, value in fields.items()]
    sent = requests.Request("POST", "http://x", files=[*pairs, *parts]).prepare()
    assert isinstance(sent.body, bytes)
    return sent.body, sent.headers["Content-Type"]


@dataclass(slots=True)
class Uploading:
    """A session that uploads to `source`; `stem` begins every name."""

    peer: Peer
    source: int
    stem: str = field(default_factory=lambda: f"coralrun-contract-{secrets.token_hex(4)}-")
    cookie: str = ""
    csrf: str = ""
    made: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sign_in(self.peer.username, self.peer.password)

    def sign_in(self, username: str, password: str) -> None:
        """Be someone from now on."""
        signed_in = self.peer.sign_in(username, password).cookies
        self.csrf = signed_in["csrftoken"]
        self.cookie = f"sessionid={signed_in['sessionid']}; csrftoken={self.csrf}"

    def post(self, path: str, body: bytes, kind: str, csrf: bool = True) -> Raw:
        """A form posted with the token in the header, or without."""
        url = self.peer.base_url + path
        headers = {"Content-Type": kind, "Cookie": self.cookie, "Referer": url}
        if csrf:
            headers["X-CSRFToken"] = self.csrf
        return self.peer.sent("POST", path, headers, body)

    def preview(self, *files: tuple[str, Any]) -> Raw:
        """Ask for names, each with the size of its file."""
        info = json.dumps([{"filename": name, "size": size} for name, size in files])
        return self.post(f"/source/{self.source}/upload/images_preview_ajax/", *multipart({"file_info": info}, None))

    def upload(self, name: str | None, content: bytes | None, filename: str = "photo.jpg") -> Raw:
        """Send one photo; its id is kept, so that it is taken out again."""
        fields = {} if name is None else {"name": name}
        file = None if content is None else (filename, content)
        reply = self.post(f"/source/{self.source}/upload/images_ajax/", *multipart(fields, file))
        if reply.status == 200 and "image_id" in reply.json:
            self.made.append(int(reply.json["image_id"]))
        return reply

    def stored(self, image_id: int) -> bytes:
        """The original file of a photo."""
        return self.peer.get(self.peer.image_url(image_id).removeprefix(self.peer.base_url)).body

    def delete(self, image_id: int) -> Raw:
        """Take one of this test's own photos out."""
        self.made.remove(image_id)
        return self.post(f"/image/{image_id}/delete/", b"", "application/x-www-form-urlencoded")

    def clean(self) -> None:
        """Take out what is still there."""
        self.sign_in(self.peer.username, self.peer.password)
        for image_id in list(self.made):
            self.delete(image_id)
