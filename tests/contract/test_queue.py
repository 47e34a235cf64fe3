"""The corrections of the protocol: the pace of production, and the page that tells how long jobs take."""

from __future__ import annotations

from itertools import pairwise

import pytest
from tests.contract.peers import Control, Peer, entry

from coralrun.coralnet.account.auth import Credentials
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import WebRate
from coralrun.coralnet.codec import wire
from coralrun.coralnet.codec.queue_page import read_queue
from coralrun.coralnet.protocol import JOB_TAKES_S
from coralrun.coralnet.reading.site import Site
from coralrun.emulator.jobs import PRODUCTION
from coralrun.service.queue import Span

STATUS = "/jobs/status/"


def of_queue(peer: Peer, query: str = "") -> bytes:
    session = peer.sign_in(peer.username, peer.password).cookies["sessionid"]
    reply = peer.get(STATUS + query, cookie=f"sessionid={session}")
    assert reply.status == 200
    return reply.body


def test_the_queue_is_shown_to_whoever_is_signed_in(peer: Peer) -> None:
    found = read_queue(of_queue(peer))
    assert found is not None
    assert None not in (found.waited, found.total, found.incomplete)
    stranger = peer.get(STATUS)
    assert (stranger.status, stranger.headers["location"]) == (302, f"/accounts/login/?next={STATUS}")


@pytest.mark.parametrize("hours", [1, 4, 24, 72, 168, 720, 5])
def test_the_queue_is_shown_for_the_time_that_is_asked_about_or_as_usual(peer: Peer, hours: int) -> None:
    assert read_queue(of_queue(peer, f"?recency_threshold={hours}")) is not None


def test_the_client_reads_the_queue_where_it_has_a_password(peer: Peer) -> None:
    def site(credentials: Credentials | None) -> Site:
        return Site(Http(peer.base_url, peer.clock, peer.handle), WebRate(peer.clock), credentials)

    assert site(Credentials(peer.username, password=peer.password)).queue() is not None
    assert site(None).queue() is None
    assert site(Credentials(peer.username, token="t" * 40)).queue() is None


def test_the_queue_tells_what_most_images_waited_and_took_in_whole_minutes(peer: Peer, control: Control) -> None:
    control.service.jobs.cadence = PRODUCTION
    peer.deploy({"data": [entry("not a url")] * 20})
    before = read_queue(of_queue(peer))
    assert before is not None
    assert (before.waited, before.total, before.incomplete) == (Span(0.0, 0.0), Span(0.0, 0.0), 20)
    control.clock.sleep(600)
    after = read_queue(of_queue(peer, "?recency_threshold=1"))
    assert after is not None and after.waited is not None and after.total is not None
    assert after.waited.low_s <= after.waited.high_s < PRODUCTION.runner_s
    assert after.total.high_s == after.waited.high_s + PRODUCTION.runner_s
    assert after.incomplete == 0
    control.clock.sleep(3600)
    later = read_queue(of_queue(peer, "?recency_threshold=1"))
    assert later is not None and later.total == Span(0.0, 0.0)


def test_a_place_takes_a_round_from_sending_a_job_to_seeing_it_done(peer: Peer, control: Control) -> None:
    control.service.jobs.cadence = PRODUCTION
    seen: list[float] = []
    for _ in range(4):
        job = wire.job_of_location(peer.deploy({"data": [entry("not a url")] * 100}).headers["location"], peer.base_url)
        while peer.status(job).status == 200:
            pass  # each question moves the clock by the pace of the peer
        seen.append(control.clock.time_s)
    rounds = [after - before for before, after in pairwise(seen)]
    assert all(abs(round_s - JOB_TAKES_S) <= 2 * peer.pace_s for round_s in rounds), rounds
