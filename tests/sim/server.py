"""The embedded CoralNet of a world with the real codec: what it does, late, wrong or to others, with each request.

Rule: the service's own time is the world's; whatever was due before a request happens before it. It counts requests
itself, and should never have to refuse one for the rate (`rate`).
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.emulator_faults import Faults

from coralrun import limits
from coralrun.coralnet import protocol
from coralrun.coralnet.codec.urls import mark_of
from coralrun.emulator.demo import PASSWORD, USERNAME, Settings, drawn_service
from coralrun.emulator.deploy_body import Asked
from coralrun.emulator.jobs import Cadence
from coralrun.emulator.messages import Reply, Request
from coralrun.machine.job_id import JobId
from coralrun.machine.reasons import Reason
from coralrun.perform import LEAST_LIFE_SHARE

from .faults import LISTING_LAGS_AT_MOST_S, Fault
from .marks import Mark
from .rate import Rate
from .replies import GATEWAYS, error, is_of_the_account, is_throttled, no_slot, page, throttled
from .spoil import spoilt_listing, spoilt_result, spoilt_status
from .witness import OURS, require

if TYPE_CHECKING:
    from .world import World

BASE = "http://127.0.0.1:1"
ELSEWHERE = "/elsewhere/"
ANOTHERS_JOB = "https://elsewhere.example/api/deploy_job/4242424242/status/"
START_S = 1_795_364_610.0
CLOCKS_DIFFER_S = 2.0  # both times of a URL's life are whole seconds
NOT_READY_AT_MOST_S = 3000.0


@dataclass(frozen=True, slots=True)
class Job:
    """A job that was made, by its id and the mark of its first entry, and when its request was sent, if it is ours."""

    number: int
    mark: str
    sent_at_s: float = -inf


class Server:
    """The service of one world.

    `known` are the jobs that the run knows; `scores` what was last told of each mark, `doctored` the marks of those
    that the classifier did not give.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        knobs = world.knobs
        self._at_s = 0.0
        self._life_s = float(protocol.URL_LIFE_S) if knobs.url_life_s is None else knobs.url_life_s
        cadence = Cadence(seconds_per_image=knobs.entry_s, start_max_s=29.0)
        settings = Settings(
            base_url=BASE, seed=knobs.seed, cadence=cadence, url_lifetime_s=self._life_s, max_active=knobs.slots
        )
        self._net = drawn_service(self, settings, images=len(knobs.natures))
        self._faults = Faults(self._net)
        throttle = self._net.api.throttle
        throttle.burst.most, throttle.sustained.most = (most for most, _ in knobs.windows)
        names = [photo.name for photo in self._net.site.sources[0].photos]
        for name, nature in zip(names, knobs.natures, strict=True):
            if nature is Reason.NOT_AN_IMAGE:
                self._faults.break_image(name)
            elif nature is Reason.NOT_FOUND:
                self._faults.remove_image(name)
        self.rate = Rate(world, knobs.windows)
        self.jobs: list[Job] = []
        self.scores: dict[str, Any] = {}
        self.doctored: set[str] = set()
        self.known: set[JobId] = set()
        self._strangers = sorted(knobs.strangers, key=lambda stranger: stranger.at_s, reverse=True)
        self._late: list[tuple[float, int, Request, float, int]] = []
        self._came_late = 0
        self._not_ready_until: dict[int, float] = {}
        self._stuck = 0
        world.planted.plant(PASSWORD)
        self._plant_token()

    def now(self) -> float:
        """The service's own clock."""
        return START_S + self._at_s

    def comes_late(self, request: Request, at_s: float) -> None:
        """A request is still on its way when its sender has given up."""
        world = self._world
        if at_s > world.clock.now + limits.READ_TIMEOUT_S:
            world.mark(Mark.ARRIVES_AFTER_TIMEOUT)
            self.rate.came_late(world.clock.now, at_s)
        self._came_late += 1
        heapq.heappush(self._late, (at_s, self._came_late, request, world.clock.now, world.processes))

    def advance(self) -> None:
        """Whatever was due before now happens at its time."""
        world = self._world
        while self._late and self._late[0][0] <= world.clock.now:
            at_s, _, request, sent_at_s, process = heapq.heappop(self._late)
            self._at_s = max(self._at_s, at_s)
            self._serve(request, sent_at_s, process)
        self._at_s = max(self._at_s, world.clock.now)
        if world.calm:
            self._set_limit(world.knobs.slots)
        while self._strangers and self._strangers[-1].at_s <= world.clock.now:
            stranger = self._strangers.pop()
            self._deploy_foreign(tuple(Asked(f"{BASE}/media/foreign.jpg", ((0, 0),)) for _ in range(stranger.entries)))

    def answer(self, request: Request, sent_at_s: float) -> Reply:
        """The reply to one request that arrived, with what changes at the service before and instead."""
        require(request.path != ELSEWHERE, "a redirect was followed")
        self._before(request, sent_at_s)
        reply = self._instead(request)
        if reply is not None:
            return reply
        reply = self.plain_answer(request, sent_at_s)
        if reply.status == 200 and request.path.startswith("/api/"):
            reply = Reply(200, reply.headers, self._spoilt(request, reply.body))
        elif reply.status in (202, 303) and self._world.strikes(Fault.JOB_ELSEWHERE):
            reply = Reply(reply.status, (("Location", ANOTHERS_JOB),), reply.body)
        return reply

    def plain_answer(self, request: Request, sent_at_s: float) -> Reply:
        """The reply of a service with which nothing is wrong."""
        reply = self._serve(request, sent_at_s, self._world.processes)
        if is_throttled(reply):
            self.rate.refused(self._at_s)
        return reply

    def gateway(self) -> Reply:
        """A proxy's reply for a service that is away."""
        status, mark = self._world.chance.choice(list(GATEWAYS.items()))
        self._world.mark(mark)
        return page(status)

    def _serve(self, request: Request, sent_at_s: float, process: int) -> Reply:
        """The emulator's own reply, and what follows from a submission that it took."""
        world = self._world
        dead = request.path.startswith("/image/") and world.strikes(Fault.URL_DEAD)
        self._net.signer.lifetime_s = 0.0 if dead else self._life_s
        reply = self._net.handle(request)
        if is_of_the_account(request) and reply.status != 403 and not is_throttled(reply):
            self.rate.counted(self._at_s, process)
        if reply.status == 202:
            made = self._net.jobs.latest()
            self.jobs.append(Job(made.id, mark_of(made.units[0].asked.url), sent_at_s))
            if self._stuck < world.knobs.slots - 1 and world.strikes(Fault.STUCK):
                self._stuck += 1
                made.stuck = True
            if world.strikes(Fault.RESULT_LATE):
                self._not_ready_until[made.id] = -1.0
        return reply

    def _before(self, request: Request, sent_at_s: float) -> None:
        """What changes at the service before a request is answered."""
        world, net = self._world, self._net
        deploys = "/deploy/" in request.path
        if world.strikes(Fault.TOKEN_REVOKED):
            self._faults.revoke_token(USERNAME)
            self._plant_token()
        if request.path.startswith("/api/user/"):
            if world.strikes(Fault.LIMIT_CHANGES):
                self._set_limit(world.chance.choice((1, 2, 5)))
            if world.strikes(Fault.LIMIT_ZERO):
                self._set_limit(0)
        if deploys:
            urls = [item["attributes"]["url"].partition("#")[0] for item in json.loads(request.body)["data"]]
            self._require_life(urls, self._world.clock.now - sent_at_s)
            if world.strikes(Fault.URL_EXPIRED):
                self._faults.expire_urls()
            if world.strikes(Fault.FOREIGN_SAME_IMAGES):
                self._deploy_foreign(tuple(Asked(url, ((0, 0),)) for url in urls))
        if request.path.startswith("/api/deploy_job/"):
            job = int(request.path.split("/")[3])
            if str(job) in self.known and world.strikes(Fault.JOB_GONE):
                net.jobs.forget(job)

    def _instead(self, request: Request) -> Reply | None:
        """An answer that has no effect."""
        world = self._world
        if world.strikes(Fault.PROXY_403):
            return page(403)
        if world.strikes(Fault.MAINTENANCE):
            return page(200)
        if world.strikes(Fault.REDIRECTED):
            return Reply(302, (("Location", BASE + ELSEWHERE),))
        if request.path.startswith("/image/"):
            if world.strikes(Fault.PAGE_TROUBLE):
                return page(500)
            return page(429) if world.strikes(Fault.PAGE_THROTTLED) else None
        if world.strikes(Fault.THROTTLED):
            return throttled(world)
        if world.strikes(Fault.CREDENTIALS):
            return error(403, "Invalid token.")
        if request.path.endswith("/result/"):
            return self._instead_of_result(int(request.path.split("/")[3]))
        return self._instead_of_job() if "/deploy/" in request.path else None

    def _instead_of_result(self, job: int) -> Reply | None:
        world = self._world
        if world.strikes(Fault.RESULTS_AWAY):
            return self.gateway()
        until_s = self._not_ready_until.get(job)
        if until_s is None or world.calm:
            return None
        if until_s < 0:
            until_s = self._not_ready_until[job] = world.clock.now + world.chance.uniform(1, NOT_READY_AT_MOST_S)
        if world.clock.now < until_s:
            world.mark(Mark.LATE_FOR_A_WHILE)
        return error(409, "This job isn't finished yet") if world.clock.now < until_s else None

    def _instead_of_job(self) -> Reply | None:
        world = self._world
        if world.strikes(Fault.NO_CLASSIFIER):
            return error(404, "This classifier doesn't exist or is not accessible")
        if world.strikes(Fault.BAD_REQUEST):
            return error(400, "Ensure this hash has a 'data' key.")
        if world.strikes(Fault.SLOT_RACE):
            return no_slot(world)
        return None

    def _spoilt(self, request: Request, body: bytes) -> bytes:
        """One of the API's own replies, now and then not as it should be."""
        world = self._world
        if request.method == "GET" and world.strikes(Fault.NOT_UNDERSTOOD):
            return b'{"data": 7}'
        if request.path.startswith("/api/user/"):
            return self._lagging(body)
        if request.path.endswith("/status/"):
            return spoilt_status(body, world.strikes)
        if request.path.endswith("/result/"):
            spoilt = spoilt_result(body, world.knobs.faults, world.strikes)
            self._remember(body, spoilt)
            return spoilt
        return body

    def _lagging(self, body: bytes) -> bytes:
        """A listing that may not show a job of ours, or one that was sent just now and is not known to be ours."""
        world = self._world
        if Fault.LISTING_LAGS not in world.knobs.faults:
            return body
        since_s = world.clock.now - LISTING_LAGS_AT_MOST_S
        new = {str(job.number) for job in self.jobs if job.sent_at_s > since_s} - self.known
        lagging, hidden = spoilt_listing(body, self.known | new, world.strikes)
        if hidden in new:
            world.mark(Mark.ORPHAN_HIDDEN)
        return lagging

    def _remember(self, given: bytes, told: bytes) -> None:
        """What is told of our images, and whether that is what was given."""
        items = json.loads(given)["data"]
        for item in items if told is given else json.loads(told)["data"]:
            mark = mark_of(item["id"])
            if mark.startswith(OURS) and "points" in item["attributes"]:
                self.scores[mark] = item["attributes"]["points"]
                (self.doctored.discard if told is given or item in items else self.doctored.add)(mark)

    def _require_life(self, urls: Sequence[str], on_the_way_s: float) -> None:
        """No URL is submitted that may run out before the service has come to it."""
        if not self._world.clock.counts_sleep:
            return  # nothing on such a machine tells how long it slept
        for url in urls:
            left_s = float(parse_qs(urlsplit(url).query)["Expires"][0]) - self.now() + on_the_way_s
            require(left_s >= self._life_s / LEAST_LIFE_SHARE - CLOCKS_DIFFER_S, f"a URL is sent {left_s:.0f} s before")

    def _set_limit(self, most: int) -> None:
        object.__setattr__(self._net.site.accounts[0], "max_active", most)

    def _plant_token(self) -> None:
        self._world.planted.plant(self._net.identity.token(USERNAME))

    def _deploy_foreign(self, asked: tuple[Asked, ...]) -> None:
        """Another client of the account submits a batch, if there is a slot."""
        net = self._net
        net.advance()
        if len(net.jobs.active(USERNAME)) < net.site.accounts[0].max_active:
            classifier = net.site.classifiers_by_id[int(self._world.knobs.plan.classifier.id)]
            job = net.jobs.deploy(USERNAME, *classifier, asked, self.now())
            self.jobs.append(Job(job.id, ""))
            self._world.mark(Mark.FOREIGN_IN_SLOT)
