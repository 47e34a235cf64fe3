"""The real codec, the real HTTP sessions, the real limiter and its shared record, before the embedded CoralNet.

Rule: what is drawn here is what a network or a sleeping machine does to one request and its reply; how that reads is
for the real client to find out.
"""

from __future__ import annotations

import ssl
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import requests
from tests.answers import entries_of
from urllib3.exceptions import NewConnectionError

from coralrun import limits
from coralrun.coralnet import protocol
from coralrun.coralnet.account.auth import TOKEN_PATH, Credentials, sign_in_api
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import Limiter, SharedRecord, WebRate, record_path
from coralrun.coralnet.classifying.service import CoralNetService
from coralrun.coralnet.reading.images import CoralNetImages
from coralrun.coralnet.reading.site import Site
from coralrun.emulator.demo import PASSWORD, USERNAME
from coralrun.emulator.messages import Reply, Request
from coralrun.files.stored_result import StoredResult
from coralrun.machine.durable import Durable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Point
from coralrun.values.classified import ScoredPoint

from .disk import Crash, SimPath
from .faults import Fault
from .marks import Mark
from .platform import Ports, Told
from .replies import is_of_the_account
from .server import BASE, Job, Server
from .witness import require

if TYPE_CHECKING:
    from .world import World

LATEST_ARRIVAL_S = protocol.SETTLE_S - 1.0
"""A request arrives within this after its sender gave up or died, or never: that is what the settle wait stands for."""

SIGN_INS_SPARED = 0.8
"""Nothing goes wrong with this share of the sign-ins: a process that cannot even sign in shows little."""


class RealPlatform:
    """Implements `Platform`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._server = Server(world)
        self._http = Http(BASE, world.clock, self.handle)  # one for all processes: it keeps nothing but connections
        self._record = record_path(SimPath("/state"), BASE, USERNAME)
        self._limiter = self._new_limiter()

    # As the platform of a world

    @property
    def jobs(self) -> Sequence[Job]:
        """Every job that was ever made."""
        return self._server.jobs

    @property
    def excused(self) -> Mapping[int, Collection[Reason]]:
        """No photo of the embedded CoralNet changes."""
        return {}

    @property
    def source(self) -> None:
        """Nothing is uploaded."""

    @property
    def is_away(self) -> bool:
        """It is away as the world says."""
        return False

    def told(self, result: StoredResult) -> list[Told]:
        """The mark and the points of each entry; the scores that are kept are those that the service gave last."""
        server, told = self._server, []
        for entry in entries_of(result):
            same = not entry.points or _is_as_given(entry.points, server.scores[entry.mark])
            require(same, f"{entry.mark} has other scores")
            points = tuple(Point(point.row, point.column) for point in entry.points)
            told.append(Told(entry.mark, points, None if entry.mark in server.doctored else entry.points))
        return told

    def connect(self, state: Durable) -> Ports:
        """A new process signs in; raises CoralrunError."""
        clock = self._world.clock
        self._server.known = state.jobs
        self._limiter = limiter = self._new_limiter()
        self._server.advance()
        self._server.rate.begins(self._recorded(), limiter)
        with limiter.request():
            token = sign_in_api(self._http, Credentials(USERNAME, password=PASSWORD))
        service = CoralNetService(
            self._http, username=USERNAME, token=token, classifier=self._world.asked.plan.classifier.id, limiter=limiter
        )
        return Ports(service, CoralNetImages(Site(self._http, WebRate(clock), None)), limiter)

    def replaced(self, name: int, was: int, photo: int) -> None:
        """Photos are known by their numbers here, whatever they are called."""

    def leave(self) -> None:
        """A process gives back what it had leased."""
        self._limiter.close()
        self._server.rate.leaves(self._recorded(), self._limiter)

    def jumped_forward(self) -> None:
        """What earlier processes used may be overlooked for a while."""
        self._server.rate.jumped_forward()

    def ended(self) -> None:
        """A job is looked after by whoever watches jobs."""

    def _new_limiter(self) -> Limiter:
        clock = self._world.clock
        return Limiter(clock, SharedRecord(self._record, self._world.files.replace_alone, clock.wall_s))

    def _recorded(self) -> bytes:
        return self._record.read_bytes() if self._record.exists() else b""

    # As the network

    def handle(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Sequence[tuple[str, str]], bytes]:
        """One request and what becomes of it; raises what the network would."""
        require(url.startswith(f"{BASE}/"), "a request goes to another host")
        address, sent_at_s = urlsplit(url), self._world.clock.now
        request = Request(method, unquote(address.path), address.query, headers, body)
        if request.path == TOKEN_PATH and self._world.chance.random() < SIGN_INS_SPARED:
            self._server.advance()
            reply = self._server.plain_answer(request, sent_at_s)
        else:
            if is_of_the_account(request):
                self._world.manners.sent()
            elif not request.path.startswith("/api/"):
                self._world.manners.page_sent(sent_at_s)
            self._leave(request)
            self._server.advance()
            reply = self._return(request, self._server.answer(request, sent_at_s))
        return reply.status, reply.headers, reply.body

    def _leave(self, request: Request) -> None:
        """What keeps a request from arriving, or from arriving in time."""
        world = self._world
        deploys = "/deploy/" in request.path
        for fault in (Fault.REFUSED, Fault.DNS):
            if world.strikes(fault):
                raise requests.ConnectionError(NewConnectionError(None, str(fault)))  # type: ignore[arg-type]
        if world.strikes(Fault.TLS):
            error = ssl.SSLCertVerificationError(1, "certificate verify failed")
            error.verify_message = "self-signed certificate"
            raise requests.exceptions.SSLError(error)
        if world.strikes(Fault.CRASH_IN_FLIGHT):
            if world.chance.random() < 0.7:
                world.mark(Mark.ARRIVES_AFTER_DEATH)
                self._comes_late(request, LATEST_ARRIVAL_S)
            if world.chance.random() < 0.5:
                world.mark(Mark.LEFT_IN_FLIGHT)
                self._limiter.close()
            raise Crash("with a request on its way")
        if world.strikes(Fault.SUSPEND):
            self._sleep()
        if world.strikes(Fault.REQUEST_LATE):
            world.clock.sleep(world.chance.uniform(1, limits.READ_TIMEOUT_S - 1))
        if world.strikes(Fault.RESET_BEFORE):
            raise _reset()
        if deploys and world.strikes(Fault.POST_LATE):
            self._comes_late(request, limits.READ_TIMEOUT_S + LATEST_ARRIVAL_S)
            self._time_out()
        if world.strikes(Fault.POST_LOST if deploys else Fault.UNREACHABLE) or world.is_silent:
            self._time_out()

    def _return(self, request: Request, reply: Reply) -> Reply:
        """What becomes of a reply."""
        world = self._world
        if "/deploy/" in request.path and world.strikes(Fault.REPLY_LOST):
            self._time_out()
        if world.strikes(Fault.REPLY_LATE):
            world.clock.sleep(world.chance.uniform(1, limits.READ_TIMEOUT_S - 1))
        if world.strikes(Fault.RESET):
            raise _reset()
        if world.strikes(Fault.SUSPEND):
            self._sleep()
        if world.strikes(Fault.GATEWAY):
            reply = self._server.gateway()
        if world.strikes(Fault.REPLY_TRUNCATED):
            reply = Reply(reply.status, reply.headers, reply.body[: len(reply.body) // 2])
        return reply

    def _comes_late(self, request: Request, within_s: float) -> None:
        self._server.comes_late(request, self._world.clock.now + self._world.chance.uniform(1, within_s))

    def _sleep(self) -> None:
        """The machine sleeps, and no connection outlives that."""
        self._world.suspend()
        self._world.mark(Mark.BROKEN_BY_SLEEP)
        raise _reset()

    def _time_out(self) -> None:
        self._world.clock.sleep(limits.READ_TIMEOUT_S)
        raise requests.ReadTimeout


def _is_as_given(points: Iterable[ScoredPoint], given: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the points are those of a reply, whose scores have the fields of a `Classification`, in their order."""
    return [tuple(point) for point in points] == [
        (one["row"], one["column"], tuple([tuple(found.values()) for found in one["classifications"]])) for one in given
    ]


def _reset() -> requests.ConnectionError:
    return requests.ConnectionError(ConnectionResetError(104, "Connection reset by peer"))
