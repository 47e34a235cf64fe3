"""The embedded CoralNet as one object: a request in, a reply out.

Rule: nothing moves except when asked, and everything follows from what was asked, the clock and the seed; so the same
object serves a browser, a client's transport and a simulation under a virtual clock. It holds no thread and takes one
request at a time: whoever serves it to several callers takes turns.
"""

from __future__ import annotations

from coralrun.emulator import protocol
from coralrun.emulator.api import Api
from coralrun.emulator.classifying import Classifying
from coralrun.emulator.dates import http_date
from coralrun.emulator.deploy_body import Asked
from coralrun.emulator.disturbance import Disturbance, Undisturbed
from coralrun.emulator.fetching import Downloader, Fetcher, FetchFailed
from coralrun.emulator.identity import Identity
from coralrun.emulator.jobs import Cadence, Job, Jobs, Outcome, out_of_range, too_many_pixels
from coralrun.emulator.messages import Clock, Reply, Request, html_reply
from coralrun.emulator.pages import message_page, not_found
from coralrun.emulator.pictures import NotAnImage, stored_picture
from coralrun.emulator.signing import Signer
from coralrun.emulator.site import Photo, Picture, Site
from coralrun.emulator.web import Web

MEDIA = "/media/"
_FORBIDDEN = b"<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>AccessDenied</Code></Error>"


class CoralNet:
    """One embedded CoralNet. `base_url` (no slash at its end) is the address it believes to be served at.

    Job ids start from the clock, so the ids of a service that ran before are unknown to this one.
    """

    def __init__(
        self,
        site: Site,
        *,
        base_url: str,
        clock: Clock,
        seed: int = 0,
        cadence: Cadence | None = None,
        url_lifetime_s: float = protocol.URL_LIFE_S,
        downloader: Downloader | None = None,
    ) -> None:
        self.site = site
        self.clock = clock
        started_s = clock.now()
        self.identity = Identity(site, seed)
        self.signer = Signer(seed, url_lifetime_s)
        self._fetcher = Fetcher(base_url, self._own_media, downloader)
        self._judged_s = started_s
        self.jobs = Jobs(int(started_s), cadence or Cadence(), seed, self._run)
        self.api = Api(site, self.identity, self.jobs)
        self.classifying = Classifying(site, self.jobs.cadence, started_s)
        self._web = Web(site, self.identity, self.jobs, self.classifying, self._url_of, started_s, seed)
        self.disturbance: Disturbance = Undisturbed()
        self.upload_bytes = protocol.UPLOAD_BYTES

    @property
    def base_url(self) -> str:
        """The address that the service believes to be served at."""
        return self._fetcher.base_url

    @base_url.setter
    def base_url(self, address: str) -> None:
        self._fetcher.base_url = address

    def advance(self, most: int | None = None) -> bool:
        """Carry jobs up to now, at most `most` steps; whether more is due. Asking anything does so by itself."""
        now = self.clock.now()
        if not self.disturbance.stands_still():
            self.classifying.advance(now)
        return self.jobs.advance(now, self.disturbance.stands_still, most)

    def handle(self, request: Request) -> Reply:
        """Answer one request; raises `ReplyLost` where a disturbance loses the reply."""
        self.advance()
        now = self.clock.now()
        reply = self.disturbance.before(request) or self._answer(request, now)
        self.disturbance.after(request, reply)
        return reply.with_headers(("Date", http_date(now)), ("Server", "nginx"))

    def _answer(self, request: Request, now: float) -> Reply:
        most_bytes = self.upload_bytes if "/upload/" in request.path else protocol.REQUEST_BYTES
        if len(request.body) > most_bytes:
            return html_reply(413, message_page("Request Entity Too Large"))
        if request.path.startswith(MEDIA):
            return self._media(request, now)
        if request.method == "HEAD":
            as_get = Request("GET", request.path, request.query, request.headers, b"", request.client_ip)
            reply = self._answer(as_get, now)
            return Reply(reply.status, reply.headers)
        if request.path.startswith("/api/"):
            return self.api.handle(request, now)
        return self._web.handle(request, now)

    def _url_of(self, photo: Photo, now: float) -> str:
        return self.base_url + self.signer.sign(MEDIA + photo.file, now)

    def _media(self, request: Request, now: float) -> Reply:
        if request.method != "GET" or not self.signer.is_good(request.path, request.query, now):
            return Reply(403, (("Content-Type", "application/xml"),), _FORBIDDEN)
        found = self._stored_at(request.path)
        if isinstance(found, int):
            return html_reply(found, not_found())
        content = found.load() if isinstance(found, Photo) else found
        kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
        return _partial(request, content, kind)

    def _stored_at(self, path: str) -> Photo | bytes | int:
        """The photo of this path, or the bytes or the HTTP status that are found in its place."""
        photo = self.site.photos_by_file.get(path.removeprefix(MEDIA))
        if photo is None:
            return 404
        instead = self.disturbance.in_place_of(photo)
        return photo if instead is None else instead

    def _own_media(self, path: str, query: str) -> Picture | bytes | int:
        """What the service finds when it downloads from itself, at the time of the image's turn."""
        if not path.startswith(MEDIA):
            page = self._web.handle(Request("GET", path, query), self._judged_s)
            return page.body if page.status == 200 else page.status
        if not self.signer.is_good(path, query, self._judged_s):
            return 403
        found = self._stored_at(path)
        return stored_picture(found.file, found.width, found.height, found.load) if isinstance(found, Photo) else found

    def _run(self, job: Job, asked: Asked, when: float) -> Outcome:
        """One image's outcome, had its turn come at this time."""
        self._judged_s = when
        try:
            picture = self._fetcher.fetch(asked.url)
        except FetchFailed as failure:
            return str(failure)
        fault = too_many_pixels(asked, picture.width, picture.height) or out_of_range(
            asked, picture.width, picture.height
        )
        if fault:
            return fault
        if job.classifier.classify is None:
            return f"FileNotFoundError: [Errno 2] No such file or directory: 'classifiers/{job.classifier.id}.model'"
        try:
            return job.classifier.classify(picture, asked.points)
        except NotAnImage as failure:
            return str(failure)


def _partial(request: Request, content: bytes, kind: str) -> Reply:
    """All of some content, or the first bytes that a Range header of the form bytes=0-N asks for."""
    wanted = request.header("Range") or ""
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    if not (wanted.startswith("bytes=") and first.isdecimal() and int(first) < len(content)):
        return Reply(200, (("Content-Type", kind), ("Accept-Ranges", "bytes")), content)
    end = min(int(last), len(content) - 1) if last.isdecimal() else len(content) - 1
    place = f"bytes {first}-{end}/{len(content)}"
    return Reply(206, (("Content-Type", kind), ("Content-Range", place)), content[int(first) : end + 1])
