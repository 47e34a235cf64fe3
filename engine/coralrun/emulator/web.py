"""The web site: login, sources, browse, images, labelset and the tables to download.

Rule: a page that may not be seen is a page with status 200 that says so, for everyone alike; only what does not exist
is a 404. The web knows sessions and no tokens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import quote

from coralrun.emulator import pages, protocol
from coralrun.emulator.backend_page import backend_reply
from coralrun.emulator.browse_page import browse_page
from coralrun.emulator.classifying import Classifying
from coralrun.emulator.exports import Exports, table_reply
from coralrun.emulator.identity import CsrfFailed, Identity, check_csrf
from coralrun.emulator.jobs import Jobs
from coralrun.emulator.messages import Reply, Request, html_reply, json_reply, redirect
from coralrun.emulator.metadata_upload import MetadataUpload
from coralrun.emulator.points_upload import PointsUpload
from coralrun.emulator.queue_page import QUEUE_PATH, queue_page
from coralrun.emulator.search import exported, search
from coralrun.emulator.site import DETAILS, Photo, Site, Source
from coralrun.emulator.uploads import Uploads

YEAR_S = 31449600

_LOGIN = "/accounts/login/"
SIGNED_OUT = "You must be signed in to access this function."

UrlOf = Callable[[Photo, float], str]


class Web:
    """The pages of a site; `url_of` signs an image's URL at a time, `opened_s` is when the photos were uploaded."""

    def __init__(
        self,
        site: Site,
        identity: Identity,
        jobs: Jobs,
        classifying: Classifying,
        url_of: UrlOf,
        opened_s: float,
        seed: int,
    ) -> None:
        self._jobs = jobs
        self._site = site
        self._identity = identity
        self._url_of = url_of
        self._opened_s = opened_s
        self._exports = Exports(identity, opened_s)
        self._uploads = Uploads(site, identity, seed, classifying)
        self._metadata = MetadataUpload(site, self._uploads)
        self._points = PointsUpload(site, self._uploads, classifying)
        number = "([0-9]{1,15})"
        self._source_pages: tuple[tuple[re.Pattern[str], Callable[[Request, Source], Reply]], ...] = (
            (re.compile(f"/source/{number}/"), self._source),
            (re.compile(f"/source/{number}/browse/images/"), self._browse),
            (re.compile(f"/source/{number}/backend/"), self._backend),
            (re.compile(f"/source/{number}/labelset/"), self._labelset),
            (re.compile(f"/source/{number}/export/labelset/"), self._labelset_table),
            (re.compile(f"/source/{number}/export/metadata/"), self._metadata_table),
            (re.compile(f"/source/{number}/upload/images/"), self._upload_form),
        )
        self._scripts: tuple[tuple[re.Pattern[str], Callable[[Request, Source], Reply]], ...] = (
            (re.compile(f"/source/{number}/upload/images_preview_ajax/"), self._uploads.preview),
            (re.compile(f"/source/{number}/upload/images_ajax/"), self._uploads.upload),
            (re.compile(f"/source/{number}/upload/metadata_preview_ajax/"), self._metadata.preview),
            (re.compile(f"/source/{number}/upload/metadata_ajax/"), self._metadata.confirm),
            (re.compile(f"/source/{number}/annotation/upload_preview/"), self._points.preview),
            (re.compile(f"/source/{number}/annotation/upload_confirm/"), self._points.confirm),
        )
        self._image_delete = re.compile(f"/image/{number}/delete/")
        self._export_prep = re.compile(f"/source/{number}/annotation/export_prep/")
        self._export_serve = re.compile(f"/source/{number}/export/serve/")
        self._image_page = re.compile(f"/image/{number}/view/")

    def handle(self, request: Request, now: float) -> Reply:
        """Answer one request for a page."""
        try:
            return self._route(request, now)
        except CsrfFailed:
            return html_reply(403, pages.csrf_failed())

    def _route(self, request: Request, now: float) -> Reply:
        if request.path == _LOGIN:
            return self._log_in(request) if request.method == "POST" else self._login_form(request)
        if request.path == "/accounts/logout/":
            return self._log_out(request)
        if request.path == "/source/":
            return self._sources(request)
        if request.path in ("/", "/source/about/"):
            return html_reply(200, pages.page("About Sources", "<p>About Sources</p>", self._head(request)))
        if request.path == QUEUE_PATH:
            return self._queue(request, now)
        for pattern, answer in self._source_pages:
            match = pattern.fullmatch(request.path)
            if match:
                source = self._site.sources_by_id.get(int(match[1]))
                return self._guarded(request, source, lambda found, answer=answer: answer(request, found))  # type: ignore[misc]
        for pattern, answer in self._scripts:
            match = pattern.fullmatch(request.path)
            if match:
                source = self._site.sources_by_id.get(int(match[1]))
                return html_reply(404, pages.not_found()) if source is None else answer(request, source)
        match = self._image_delete.fullmatch(request.path)
        if match:
            source, photo = self._site.photos_by_id.get(int(match[1]), (None, None))
            if source is None or photo is None:
                return html_reply(404, pages.not_found())
            return self._uploads.delete(request, source, photo)
        match = self._export_prep.fullmatch(request.path)
        if match:
            return self._prepared(request, self._site.sources_by_id.get(int(match[1])), now)
        match = self._export_serve.fullmatch(request.path)
        if match:
            return self._guarded(request, self._site.sources_by_id.get(int(match[1])), self._served(request))
        match = self._image_page.fullmatch(request.path)
        if match:
            source, photo = self._site.photos_by_id.get(int(match[1]), (None, None))
            return self._guarded(request, source, lambda found: self._image(request, found, photo, now))
        if self._exists(request.path + "/"):
            return redirect(request.path + "/" + (f"?{request.query}" if request.query else ""), 301)
        return html_reply(404, pages.not_found())

    def _exists(self, path: str) -> bool:
        known = (_LOGIN, QUEUE_PATH, "/source/", "/source/about/")
        others = (self._export_prep, self._export_serve, self._image_page)
        patterns = (*(pattern for pattern, _ in (*self._source_pages, *self._scripts)), *others)
        return path in known or any(pattern.fullmatch(path) for pattern in patterns)

    def _guarded(self, request: Request, source: Source | None, answer: Callable[[Source], Reply]) -> Reply:
        if source is None:
            return html_reply(404, pages.not_found())
        if not source.visible_to(self._identity.web_user(request)):
            return html_reply(200, pages.message_page(pages.NO_PERMISSION))
        return answer(source)

    def _prepared(self, request: Request, source: Source | None, now: float) -> Reply:
        """A script asks for this, and gets its refusals as a script does (protocol 7)."""
        if request.method != "POST":
            return html_reply(405, pages.message_page("Method not allowed."))
        check_csrf(request, request.form().get("csrfmiddlewaretoken") or request.header("X-CSRFToken"), CsrfFailed)
        if self._identity.web_user(request) is None:
            return json_reply({"error": SIGNED_OUT})
        return self._guarded(request, source, lambda found: self._exports.prepare(request, found, now))

    def _served(self, request: Request) -> Callable[[Source], Reply]:
        if self._identity.web_user(request) is None:
            return lambda _: redirect(f"{_LOGIN}?next={quote(request.path)}")
        return lambda source: self._exports.serve(request, source)

    def _head(self, request: Request) -> str:
        username = self._identity.web_user(request)
        account = self._site.account(username) if username else None
        if account is None:
            return f'<a href="{_LOGIN}"><span>Sign in</span></a>'
        return pages.account_bar(account.id, account.username, request.cookie("csrftoken") or "")

    def _login_form(self, request: Request, errors: Sequence[str] = (), missing: Sequence[str] = ()) -> Reply:
        csrf = request.cookie("csrftoken") or self._identity.secret("csrf")
        reply = html_reply(200, pages.login_page(csrf, errors, missing, self._head(request)))
        return reply.with_headers(_csrf_cookie(csrf))

    def _log_in(self, request: Request) -> Reply:
        form = request.form()
        check_csrf(request, form.get("csrfmiddlewaretoken") or request.header("X-CSRFToken"), CsrfFailed)
        missing = [name for name in ("username", "password") if not form.get(name, "").strip()]
        if missing:
            return self._login_form(request, missing=missing)
        account = self._site.sign_in(form["username"].strip(), form["password"])
        if account is None:
            return self._login_form(request, errors=[pages.BAD_LOGIN])
        wanted = request.arguments().get("next", "")
        target = wanted if wanted.startswith("/") and not wanted.startswith("//") else "/source/"
        session = f"sessionid={self._identity.open_session(account.username)}; HttpOnly; Path=/; SameSite=Lax"
        if form.get("stay_signed_in") == "on":
            session += f"; Max-Age={protocol.STAY_SIGNED_IN_S}"
        return redirect(quote(target, safe="/?&=%")).with_headers(
            _csrf_cookie(self._identity.secret("csrf")), ("Set-Cookie", session)
        )

    def _log_out(self, request: Request) -> Reply:
        if request.method != "POST":
            return html_reply(405, pages.message_page("Method not allowed."))
        check_csrf(request, request.form().get("csrfmiddlewaretoken") or request.header("X-CSRFToken"), CsrfFailed)
        self._identity.close_session(request.cookie("sessionid"))
        return redirect("/").with_headers(("Set-Cookie", 'sessionid=""; Path=/; Max-Age=0'))

    def _sources(self, request: Request) -> Reply:
        user = self._identity.web_user(request)
        own = [source for source in self._site.sources if user in source.members]
        if not own:
            return redirect("/source/about/")
        others = [source for source in self._site.sources if source.public and source not in own]
        return html_reply(200, pages.sources_page(own, others, self._head(request)))

    def _queue(self, request: Request, now: float) -> Reply:
        if self._identity.web_user(request) is None:
            return redirect(f"{_LOGIN}?next={quote(request.path)}")
        asked = request.arguments().get("recency_threshold", "")
        return html_reply(200, queue_page(self._jobs, asked, now, self._head(request)))

    def _upload_form(self, request: Request, source: Source) -> Reply:
        return self._uploads.form(request, source, self._head(request))

    def _source(self, request: Request, source: Source) -> Reply:
        return html_reply(200, pages.source_page(source, self._opened_s, self._head(request)))

    def _browse(self, request: Request, source: Source) -> Reply:
        if request.method != "GET":
            return redirect(request.path)
        parameters = request.arguments()
        photos = search(source, parameters)
        last = max(1, -(-len(photos or ()) // protocol.BROWSE_PAGE_IMAGES))
        number = _page_number(parameters.get("page", "1"), last)
        text = browse_page(source, photos, number, protocol.BROWSE_PAGE_IMAGES, parameters, self._head(request))
        return html_reply(200, text)

    def _backend(self, request: Request, source: Source) -> Reply:
        return backend_reply(request, source, self._head(request))

    def _image(self, request: Request, source: Source, photo: Photo | None, now: float) -> Reply:
        if photo is None:
            return html_reply(404, pages.not_found())
        following = source.next_by_name.get(photo.id)
        url = self._url_of(photo, now)
        return html_reply(200, pages.image_page(source, photo, url, following, self._opened_s, self._head(request)))

    def _labelset(self, request: Request, source: Source) -> Reply:
        return html_reply(200, pages.labelset_page(source, self._head(request)))

    def _labelset_table(self, request: Request, source: Source) -> Reply:
        rows = [("Label ID", "Short Code"), *((str(label.id), label.code) for label in source.labels)]
        return table_reply(rows, "labelset.csv")

    def _metadata_table(self, request: Request, source: Source) -> Reply:
        if self._identity.web_user(request) is None:
            return redirect(f"{_LOGIN}?next={quote(request.path)}")
        parameters = {**request.arguments(), **(request.form() if request.method == "POST" else {})}
        photos = exported(source, parameters)
        if photos is None:
            return redirect(f"/source/{source.id}/browse/images/")
        heading = ("Name", "Date", *source.aux_names, *DETAILS)
        rows = [
            (photo.name, photo.date or "", *photo.aux, *(photo.details.get(key, "") for key in DETAILS))
            for photo in photos
        ]
        return table_reply([heading, *rows], "metadata.csv")


def _csrf_cookie(token: str) -> tuple[str, str]:
    return ("Set-Cookie", f"csrftoken={token}; Max-Age={YEAR_S}; Path=/; SameSite=Lax")


def _page_number(text: str, last: int) -> int:
    """A page that exists: beyond the ends means the last one, and what is no number the first."""
    if not re.fullmatch("-?[0-9]{1,15}", text):
        return 1
    return int(text) if 1 <= int(text) <= last else last
