"""The embedded CoralNet behind the real codec, the real HTTP sessions, the real limiter and its shared record.

Rule: what is drawn here is what a network, a proxy or a server does to one request and its reply; how that reads is for
the real client to find out. The service counts requests itself: it must never have to refuse one for the rate, but
where a fault made it, or where the time of day jumped, which is all that processes share.
"""

from __future__ import annotations

import gzip
import heapq
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import requests
from urllib3.exceptions import NewConnectionError

from coralrun import limits
from coralrun.coralnet.auth import Credentials, sign_in_api
from coralrun.coralnet.client import Http
from coralrun.coralnet.limiter import Limiter, SharedRecord, WebRate, record_path
from coralrun.coralnet.service import CoralNetService
from coralrun.coralnet.site import Site
from coralrun.coralnet.urls import mark_of
from coralrun.coralnet.wire import read_blob
from coralrun.emulator.demo import PASSWORD, USERNAME, Settings, drawn_service
from coralrun.emulator.deploy_body import Asked
from coralrun.emulator.jobs import Cadence
from coralrun.emulator.messages import API_TYPE, Reply, Request
from coralrun.machine.reasons import Reason
from coralrun.plan.model import Point
from coralrun.sources.coralnet import CoralNetImages

from .disk import Crash, SimPath
from .faults import Fault, Mark
from .platform import Ports
from .spoil import spoilt_listing, spoilt_result, spoilt_status
from .witness import OURS, require

if TYPE_CHECKING:
    from .world import World

BASE = "http://127.0.0.1:1"
START_S = 1_795_364_610.0
LATEST_ARRIVAL_S = limits.READ_TIMEOUT_S
"""A POST arrives while its sender waits, or never: the ledger counts a request until its timeout and a window more."""

_PAGE = b"<!DOCTYPE html><html><body>We will be back soon.</body></html>"
_THROTTLED = "Request was throttled. Expected available in 28 seconds."


@dataclass(frozen=True, slots=True)
class Job:
    """A job that was made, by its id and the mark of its first entry."""

    number: int
    mark: str


class RealPlatform:
    """Implements `Platform`."""

    def __init__(self, world: World) -> None:
        self._world = world
        knobs = world.knobs
        self._at_s = 0.0
        cadence = Cadence(seconds_per_image=knobs.entry_s, start_max_s=29.0)
        life_s = float(limits.URL_LIFE_S) if knobs.url_life_s is None else knobs.url_life_s
        settings = Settings(
            base_url=BASE, seed=knobs.seed, cadence=cadence, url_lifetime_s=life_s, max_active=knobs.slots
        )
        self._server = drawn_service(self, settings, images=len(knobs.natures))
        names = [photo.name for photo in self._server.site.sources[0].photos]
        for name, nature in zip(names, knobs.natures, strict=True):
            if nature is Reason.NOT_AN_IMAGE:
                self._server.faults.break_image(name)
            elif nature is Reason.NOT_FOUND:
                self._server.faults.remove_image(name)
        self._jobs: list[Job] = []
        self._scores: dict[str, Any] = {}
        self._known: set[int] = set()
        self._strangers = sorted(knobs.strangers, key=lambda stranger: stranger.at_s, reverse=True)
        self._late: list[tuple[float, int, Request]] = []
        self._stuck = 0

    def now(self) -> float:
        """The service's own clock."""
        return START_S + self._at_s

    # As the platform of a world

    @property
    def jobs(self) -> Sequence[Job]:
        """Every job that was ever made."""
        return self._jobs

    def told(self, blob: bytes) -> list[tuple[str, tuple[Point, ...]]]:
        """The mark and the points of each entry; the scores that are kept are those that the service gave."""
        kept = json.loads(blob)["data"]
        for entry in kept:
            mark, points = mark_of(entry["id"]), entry["attributes"].get("points")
            doctored = self._world.hits[Fault.RESULT_UNKNOWN_LABEL] > 0
            require(doctored or points is None or points == self._scores[mark], f"{mark} has other scores")
        return [(entry.mark, tuple(Point(each.row, each.column) for each in entry.points)) for entry in read_blob(blob)]

    def connect(self, known: set[int]) -> Ports:
        """A new process signs in; raises CoralrunError."""
        clock = self._world.clock
        self._known = known
        record = record_path(SimPath("/state"), BASE, USERNAME)
        limiter = Limiter(clock, SharedRecord(record, self._world.files.replace, clock.wall_s))
        http = Http(BASE, clock, self.handle)
        with limiter.request():
            token = sign_in_api(http, Credentials(USERNAME, password=PASSWORD))
        service = CoralNetService(
            http, username=USERNAME, token=token, classifier=self._world.knobs.plan.classifier.id, limiter=limiter
        )
        return Ports(service, CoralNetImages(Site(http, WebRate(clock), None)), limiter)

    def died(self) -> None:
        """Its requests are as `handle` left them."""

    def ended(self) -> None:
        """No secret stands in any file."""
        secrets = (PASSWORD.encode(), self._server.identity.token(USERNAME).encode(), b"Signature=")
        for name, inode in self._world.disk.seen.items():
            data = gzip.decompress(inode.data) if name.endswith(".gz") else bytes(inode.data)
            require(not any(secret in data for secret in secrets), f"a secret stands in {name}")

    # As the network

    def handle(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Sequence[tuple[str, str]], bytes]:
        """One request and what becomes of it; raises what the network would."""
        address = urlsplit(url)
        request = Request(method, unquote(address.path), address.query, headers, body)
        deploys = "/deploy/" in request.path
        self._may_not_leave(request, deploys)
        self._advance()
        self._before(request, deploys)
        reply = self._instead(request, deploys) or self._serve(request)
        world = self._world
        if deploys and world.strikes(Fault.REPLY_LOST):
            self._times_out()
        if world.strikes(Fault.RESET):
            raise requests.ConnectionError(ConnectionResetError(104, "Connection reset by peer"))
        if world.strikes(Fault.GATEWAY):
            reply = _page(world.chance.choice((500, 502, 503, 504)))
        if reply.status == 200 and request.path.startswith("/api/"):
            reply = Reply(200, reply.headers, self._spoilt(request, reply.body))
        if world.strikes(Fault.REPLY_TRUNCATED):
            reply = Reply(reply.status, reply.headers, reply.body[: len(reply.body) // 2])
        return reply.status, reply.headers, reply.body

    def _may_not_leave(self, request: Request, deploys: bool) -> None:
        world = self._world
        for fault in (Fault.REFUSED, Fault.DNS):
            if world.strikes(fault):
                raise requests.ConnectionError(NewConnectionError(None, str(fault)))  # type: ignore[arg-type]
        if world.strikes(Fault.TLS):
            error = ssl.SSLCertVerificationError(1, "certificate verify failed")
            error.verify_message = "self-signed certificate"
            raise requests.exceptions.SSLError(error)
        if world.strikes(Fault.CRASH_IN_FLIGHT):
            if deploys and world.chance.random() < 0.7:
                world.mark(Mark.ARRIVES_AFTER_DEATH)
                self._comes_late(request)
            raise Crash("with a request on its way")
        if deploys and world.strikes(Fault.POST_LATE):
            self._comes_late(request)
            self._times_out()
        if world.strikes(Fault.POST_LOST if deploys else Fault.UNREACHABLE):
            self._times_out()

    def _times_out(self) -> None:
        self._world.clock.sleep(limits.READ_TIMEOUT_S)
        raise requests.ReadTimeout

    def _comes_late(self, request: Request) -> None:
        at_s = self._world.clock.now + self._world.chance.uniform(1, LATEST_ARRIVAL_S)
        heapq.heappush(self._late, (at_s, len(self._late), request))

    # As the server

    def _advance(self) -> None:
        """Whatever was due before now happens at its time."""
        world = self._world
        while self._late and self._late[0][0] <= world.clock.now:
            at_s, _, request = heapq.heappop(self._late)
            self._at_s = max(self._at_s, at_s)
            self._serve(request)
        self._at_s = max(self._at_s, world.clock.now)
        if world.calm:
            self._set_limit(world.knobs.slots)
        while self._strangers and self._strangers[-1].at_s <= world.clock.now:
            stranger = self._strangers.pop()
            self._deploy_foreign(tuple(Asked(f"{BASE}/media/foreign.jpg", ((0, 0),)) for _ in range(stranger.entries)))

    def _set_limit(self, most: int) -> None:
        object.__setattr__(self._server.site.accounts[0], "max_active", most)

    def _deploy_foreign(self, asked: tuple[Asked, ...]) -> None:
        """Another client of the account submits a batch, if there is a slot."""
        server = self._server
        server.advance()
        if len(server.jobs.active(USERNAME)) < server.site.accounts[0].max_active:
            classifier = server.site.classifiers_by_id[self._world.knobs.plan.classifier.id]
            job = server.jobs.deploy(USERNAME, *classifier, asked, self.now())
            self._jobs.append(Job(job.id, ""))

    def _serve(self, request: Request) -> Reply:
        reply = self._server.handle(request)
        if reply.status == 202:
            made = self._server.jobs.latest()
            self._jobs.append(Job(made.id, mark_of(made.units[0].asked.url)))
            if self._stuck < self._world.knobs.slots - 1 and self._world.strikes(Fault.STUCK):
                self._stuck += 1
                made.stuck = True
        if reply.status == 429 and b"throttled" in reply.body:
            require(self._world.hits[Fault.WALL_JUMP] > 0, "more requests than the service's windows allow")
        return reply

    def _before(self, request: Request, deploys: bool) -> None:
        """What changes at the service before a request is answered."""
        world, server = self._world, self._server
        if world.strikes(Fault.TOKEN_REVOKED):
            server.faults.revoke_token(USERNAME)
        if request.path.startswith("/api/user/"):
            if world.strikes(Fault.LIMIT_CHANGES):
                self._set_limit(world.chance.choice((1, 2, 5)))
            if world.strikes(Fault.LIMIT_ZERO):
                self._set_limit(0)
        if deploys and world.strikes(Fault.URL_EXPIRED):
            server.faults.expire_urls()
        if deploys and world.strikes(Fault.FOREIGN_SAME_IMAGES):
            data = json.loads(request.body)["data"]
            urls = [item["attributes"]["url"].partition("#")[0] for item in data]
            self._deploy_foreign(tuple(Asked(url, ((0, 0),)) for url in urls))
        if request.path.startswith("/api/deploy_job/"):
            job = int(request.path.split("/")[3])
            if job in self._known and world.strikes(Fault.JOB_GONE):
                server.jobs.forget(job)

    def _instead(self, request: Request, deploys: bool) -> Reply | None:
        """An answer that has no effect."""
        world = self._world
        if world.strikes(Fault.PROXY_403):
            return _page(403)
        if world.strikes(Fault.MAINTENANCE):
            return _page(200)
        if not request.path.startswith("/api/"):
            return None
        if world.strikes(Fault.THROTTLED):
            return _error(429, _THROTTLED, *self._retry_after())
        if world.strikes(Fault.CREDENTIALS):
            return _error(403, "Invalid token.")
        if deploys and world.strikes(Fault.NO_CLASSIFIER):
            return _error(404, "This classifier doesn't exist or is not accessible")
        if deploys and world.strikes(Fault.BAD_REQUEST):
            return _error(400, "Ensure this hash has a 'data' key.")
        if deploys and world.strikes(Fault.SLOT_RACE):
            return _error(429, "You already have 1 jobs active (IDs: 7). You must wait until one of them finishes.")
        return None

    def _retry_after(self) -> tuple[tuple[str, str], ...]:
        odd = ("", "9" * 12, "-5", "Sun, 22 Nov 2026 00:00:00 GMT")
        said = self._world.chance.choice(odd) if self._world.strikes(Fault.ODD_RETRY_AFTER) else "28"
        return (("Retry-After", said),) if said else ()

    def _spoilt(self, request: Request, body: bytes) -> bytes:
        """One of the API's own replies, now and then not as it should be."""
        world = self._world
        if request.method == "GET" and world.strikes(Fault.NOT_UNDERSTOOD):
            return b'{"data": 7}'
        if request.path.startswith("/api/user/"):
            return spoilt_listing(body, self._known, world.strikes)
        if request.path.endswith("/status/"):
            return spoilt_status(body, world.strikes)
        if request.path.endswith("/result/"):
            document = json.loads(body)
            for item in document["data"]:
                mark = mark_of(item["id"])
                if mark.startswith(OURS) and "points" in item["attributes"]:
                    self._scores[mark] = item["attributes"]["points"]
            return spoilt_result(body, world.strikes)
        return body


def _page(status: int) -> Reply:
    return Reply(status, (("Content-Type", "text/html"),), _PAGE)


def _error(status: int, detail: str, *headers: tuple[str, str]) -> Reply:
    body = json.dumps({"errors": [{"detail": detail}]}).encode()
    return Reply(status, (("Content-Type", API_TYPE), *headers), body)
