"""Photos into CoralNet's sources: `ports.Uploads` over its web pages.

Rule: one call, one request, within the rate of pages, but for signing in and for the page that tells where a stored
photo is. What CoralNet refuses for want of a session had no effect, and is asked again with a new one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from urllib3.filepost import encode_multipart_formdata

from coralrun.coralnet.account.posting import posted
from coralrun.coralnet.account.web_session import WebSession
from coralrun.coralnet.codec import upload_pages
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.coralnet.reading.site import Site
from coralrun.coralnet.upload_record import UploadRecord
from coralrun.http.client import NoReply
from coralrun.http.files import PublicFiles
from coralrun.machine.outcomes import (
    Compared,
    Missing,
    Names,
    NotTaken,
    Stored,
    Trouble,
    TroubleKind,
    Unknown,
    Unusable,
)
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage
from coralrun.sources.folder_images import FolderImages
from coralrun.sources.upload_photo import bytes_to_send

_FILE_NAMES = ((b"\x89PNG", "photo.png", "image/png"), (b"", "photo.jpg", "image/jpeg"))


@dataclass(frozen=True, slots=True)
class CoralNetUploads:
    """Photos of `folders` into sources that the account may edit."""

    session: WebSession
    site: Site
    files: PublicFiles
    folders: FolderImages
    record: UploadRecord

    def names(self, images: Sequence[str]) -> Names | Trouble:
        """Ask what is stored under the names of photos (one request)."""
        places = {place_of(image)[0] for image in images}
        if len(places) != 1:
            raise ValueError("names of several sources, or none")
        form = upload_pages.file_info([place_of(image)[1] for image in images])
        path = f"/source/{places.pop()}/upload/images_preview_ajax/"
        body, kind = encode_multipart_formdata(form)
        try:
            reply = posted(self.session, path, body, kind, lambda reply: upload_pages.read_names(reply, len(images)))
        except NotUnderstood as error:
            return Trouble(TroubleKind.UNREACHABLE, str(error))
        return Trouble(TroubleKind.UNREACHABLE, reply.detail) if isinstance(reply, NoReply) else reply

    def send(self, image: PlannedImage) -> Stored | NotTaken | Unusable | Unknown | Trouble:
        """Send one photo (one request); its file's name is ours, for CoralNet looks at its ending."""
        data = bytes_to_send(self.folders, image)
        if not isinstance(data, bytes):
            return data
        assert image.upload is not None  # noqa: S101 - looked at by `bytes_to_send`
        if (refused := self.record.too_large(len(data))) is not None:
            return NotTaken(Reason(refused.why), refused.said)
        filename, kind = next((name, kind) for start, name, kind in _FILE_NAMES if data.startswith(start))
        body, form = encode_multipart_formdata({"name": image.name, "file": (filename, data, kind)})
        path = f"/source/{image.upload.to}/upload/images_ajax/"
        answer: Stored | NotTaken | Unknown | NoReply | Trouble
        began_s = self.record.clock.monotonic()
        answer = posted(self.session, path, body, form, upload_pages.read_upload)
        if isinstance(answer, Stored):
            self.record.sent(len(body), self.record.clock.monotonic() - began_s)
        if isinstance(answer, NotTaken) and answer.why is Reason.UPLOAD_TOO_LARGE:
            self.record.refused(len(data))
        return Unknown(answer.detail) if isinstance(answer, NoReply) else answer

    def compare(self, stored: str, sha256: str) -> Compared | Missing | Trouble:
        """Read the original of a photo, and compare it (two requests)."""
        located = self.site.image(int(stored))
        if isinstance(located, Unusable):
            return Missing()
        if isinstance(located, Trouble):
            return located
        data = self.files.photo(str(located.place))
        return data if isinstance(data, Trouble) else Compared(hashlib.sha256(data).hexdigest() == sha256)


def place_of(image: str) -> tuple[int, str]:
    """The source that a photo goes to, and its name there."""
    source, _, name = image.partition("/")
    return int(source), name
