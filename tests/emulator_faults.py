"""Faults to order for the embedded CoralNet: what goes wrong at a real service, switched on by hand.

Rule: nothing here happens unless it was asked for. A fault is a method or a plain set; a service in a process of its
own takes the same by `POST /_emulator/faults` with a JSON object, several keys at once:

    {"lose_replies": 2}            the next 2 deploys take effect, but the connection closes without a reply
    {"bad_gateways": 3}            the next 3 requests answer 502 with an HTML body, and have no effect
    {"stick_jobs": 1}              the next job is done but never finished: 303 and 409 for ever
    {"stop_after": 1}              one more job may finish; then all stand still, until ...
    {"go_on": true}                ... they go on
    {"revoke_token": "demo"}       the user's token is no longer good
    {"end_sessions": true}         everyone is signed out on the web
    {"short_sessions": 2}          the next 2 sign-ins succeed, and have ended by the next request
    {"hold_slots": 2, "user": "demo"}   another client of the account has 2 active jobs, until ...
    {"release_slots": true}        ... they are let go
    {"expire_urls": true}          every image URL issued so far is no longer good
    {"break_image": "NAME"}        the image is an HTML page from now on
    {"remove_image": "NAME"}       the image's file is gone (404) from now on
    {"mend_image": "NAME"}         the image is as it was
    {"requests_per_minute": 5}     the "burst" window is smaller; so with "requests_per_hour"
    {"minute_s": 6}                so long is the "burst" window's minute
    {"forget_job": 1795364610}     the job is deleted
    {"lose_reply_of": "images_ajax"}    the next request with this in its path takes effect, and its reply is lost
    {"lose_request_of": "images_ajax"}  the next such request never arrives, and the connection breaks
    {"answer_html_to": "images_ajax"}   the next such request is an error of the server's (500), and has no effect
    {"delay_s": 4, "delay_of": "browse"}  each request with this in its path is answered so much later
    {"upload_bytes": 1000}         no upload may be longer (413)
    {"end_editing": "demo"}        the user may edit no source any more

It answers with the counts of `stats`, as does GET. The control path itself is neither counted nor throttled.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace

from coralrun.emulator.deploy_body import Asked
from coralrun.emulator.jobs import Job
from coralrun.emulator.messages import Reply, ReplyLost, Request, html_reply, json_reply
from coralrun.emulator.pages import bad_gateway, page
from coralrun.emulator.service import CoralNet
from coralrun.emulator.site import Photo

BROKEN_CONTENT = b"<!DOCTYPE html><html><body>Something went wrong.</body></html>"
CONTROL_PATH = "/_emulator/faults"
_FOREIGN = (Asked("https://example.org/another-clients-image.jpg", ((0, 0),)),)


class Faults:
    """The fault switches and the counts of one service, plugged into it when they are made."""

    def __init__(self, service: CoralNet) -> None:
        service.disturbance = self
        self.service = service
        self._held: list[Job] = []
        self._stop_at: int | None = None
        self.broken: set[str] = set()
        self.missing: set[str] = set()
        self.lose_replies = 0
        self.bad_gateways = 0
        self.stick_jobs = 0
        self.short_sessions = 0
        self.lost_replies_of: list[str] = []
        self.lost_requests_of: list[str] = []
        self.errors_of: list[str] = []
        self.delay_s = 0.0
        self.delay_of = ""
        self.jobs_created = 0
        self.requests = 0
        self.api_requests = 0
        self.refused_429 = 0

    def before(self, request: Request) -> Reply | None:
        """Count a request; the reply that a fault or the control path gives in the service's place, if any."""
        if request.path == CONTROL_PATH:
            return self._control(request)
        if self.delay_of and self.delay_of in request.path:
            time.sleep(self.delay_s)
        self.requests += 1
        self.api_requests += request.path.startswith("/api/")
        if _takes(self.lost_requests_of, request):
            raise ReplyLost("the connection broke")
        if _takes(self.errors_of, request):
            return html_reply(500, page("", "<h1>Server Error (500)</h1>"))
        if self.bad_gateways:
            self.bad_gateways -= 1
            return html_reply(502, bad_gateway())
        return None

    def after(self, request: Request, reply: Reply) -> None:
        """What goes wrong once a request took effect; raises `ReplyLost`."""
        self.refused_429 += reply.status == 429
        for session in _sessions(reply):
            if self.short_sessions:
                self.short_sessions -= 1
                self.service.identity.close_session(session)
        if _takes(self.lost_replies_of, request):
            raise ReplyLost("the connection was closed without a reply")
        if reply.status != 202:
            return
        self.jobs_created += 1
        if self.stick_jobs:
            self.stick_jobs -= 1
            self.service.jobs.latest().stuck = True
        if self.lose_replies:
            self.lose_replies -= 1
            raise ReplyLost("the connection was closed without a reply")

    def in_place_of(self, photo: Photo) -> bytes | int | None:
        """What stands where a photo was."""
        if photo.name in self.missing:
            return 404
        return BROKEN_CONTENT if photo.name in self.broken else None

    def stands_still(self) -> bool:
        """Whether as many jobs have finished as may."""
        return self._stop_at is not None and self.service.jobs.ended >= self._stop_at

    def stats(self) -> dict[str, int]:
        """How much was asked: jobs created by deploy requests; requests, those to the API, those refused by 429."""
        return {
            "jobs_created": self.jobs_created,
            "requests": self.requests,
            "api_requests": self.api_requests,
            "refused_429": self.refused_429,
        }

    def revoke_token(self, username: str) -> None:
        """End a user's token."""
        self.service.identity.revoke_token(username)

    def hold_slots(self, username: str, count: int) -> list[int]:
        """Let another client of the account have `count` active jobs; their ids."""
        source, classifier = next(iter(self.service.site.classifiers_by_id.values()))
        now = self.service.clock.now()
        self.service.advance()
        held = [self.service.jobs.open(username, source, classifier, _FOREIGN, now) for _ in range(count)]
        self._held += held
        return [job.id for job in held]

    def release_slots(self) -> None:
        """End the other client's jobs."""
        self.service.advance()
        for job in self._held:
            for unit in job.units:
                unit.outcome = (
                    f"spacer.exceptions.URLDownloadError: Failed to download from the URL '{unit.asked.url}'."
                )
                self.service.jobs.count(job, unit, self.service.clock.now())
        self._held.clear()

    def stop_after(self, jobs: int) -> None:
        """Let so many more jobs finish, and then let all of them stand still."""
        self.service.advance()
        self._stop_at = self.service.jobs.ended + jobs

    def go_on(self) -> None:
        """Let jobs that stand still go on."""
        self._stop_at = None

    def end_editing(self, username: str) -> None:
        """Let a user see every source as before, and edit none."""
        for source in self.service.site.sources:
            editors = tuple(editor for editor in source.editors if editor[1] != username)
            self.service.site.put(replace(source, editors=editors))

    def expire_urls(self) -> None:
        """End every image URL issued so far, from now on."""
        self.service.advance()
        self.service.signer.generation += 1

    def break_image(self, name: str) -> None:
        """Make an image's file one that is no image, from now on."""
        self.service.advance()
        self.broken.add(name)

    def remove_image(self, name: str) -> None:
        """Make an image's file one that is not there, from now on."""
        self.service.advance()
        self.missing.add(name)

    def mend_image(self, name: str) -> None:
        """Undo `break_image` and `remove_image`."""
        self.service.advance()
        self.broken.discard(name)
        self.missing.discard(name)

    def _control(self, request: Request) -> Reply:
        try:
            orders = json.loads(request.body or b"{}")
            self._carry_out(dict(orders))
        except (ValueError, TypeError, KeyError) as error:
            return Reply(400, body=f"{type(error).__name__}: {error}".encode())
        return json_reply(self.stats())

    def _carry_out(self, orders: dict[str, object]) -> None:
        user = str(orders.pop("user", self.service.site.accounts[0].username))
        for order, value in orders.items():
            match order:
                case "lose_replies" | "bad_gateways" | "stick_jobs" | "short_sessions":
                    setattr(self, order, int(str(value)))
                case "lose_reply_of":
                    self.lost_replies_of.append(str(value))
                case "lose_request_of":
                    self.lost_requests_of.append(str(value))
                case "answer_html_to":
                    self.errors_of.append(str(value))
                case "delay_s":
                    self.delay_s = float(str(value))
                case "delay_of":
                    self.delay_of = str(value)
                case "upload_bytes":
                    self.service.upload_bytes = int(str(value))
                case "end_editing":
                    self.end_editing(str(value))
                case "hold_slots":
                    self.hold_slots(user, int(str(value)))
                case "revoke_token":
                    self.revoke_token(str(value))
                case "break_image" | "remove_image" | "mend_image":
                    getattr(self, order)(str(value))
                case "stop_after":
                    self.stop_after(int(str(value)))
                case "expire_urls" | "release_slots" | "go_on":
                    getattr(self, order)()
                case "end_sessions":
                    self.service.identity.end_sessions()
                case "requests_per_minute":
                    self.service.api.throttle.burst.most = int(str(value))
                case "requests_per_hour":
                    self.service.api.throttle.sustained.most = int(str(value))
                case "minute_s":
                    self.service.api.throttle.burst.length_s = float(str(value))
                case "forget_job":
                    self.service.jobs.forget(int(str(value)))
                case _:
                    raise KeyError(order)


def _takes(parts: list[str], request: Request) -> bool:
    """Whether a request is one of those that were ordered, which it then no longer is."""
    part = next((part for part in parts if part in request.path), None)
    if part is not None:
        parts.remove(part)
    return part is not None


def _sessions(reply: Reply) -> Iterator[str]:
    """The sessions that a reply opens."""
    for name, value in reply.headers:
        if name == "Set-Cookie" and value.startswith("sessionid=") and "Max-Age=0" not in value:
            yield value.removeprefix("sessionid=").partition(";")[0]
