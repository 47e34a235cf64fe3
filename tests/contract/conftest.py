"""One contract, three CoralNets: every test here is asked of each.

`memory` is the embedded CoralNet as an object behind the client's transport, `http` is the same on a loopback port, and
`live` is any server given by the environment, asked gently: one job of a few images, one request to the API every four
seconds (CORALRUN_CONTRACT_PACE_S, for a server that is nobody's), one wrong password on each half.

    CORALRUN_CONTRACT_URL=https://coralnet.ucsd.edu CORALRUN_CONTRACT_SOURCE=3420 \\
    CORALNET_USERNAME=... CORALNET_PASSWORD=... pytest tests/contract -k "[live"

The source must be public, with a classifier and more than 20 images; without the variable it is source 1. Photos are
uploaded, and taken out again, only where CORALRUN_CONTRACT_UPLOADS names a source that the account may edit. Tests that
move the clock, fill the slots or order faults take `control`, which no live server gives.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from tests.contract.clocks import HandClock, RealClock
from tests.contract.oddities import CLOSED, download, in_use, odd
from tests.contract.peers import PACE_S, Control, Finished, Peer, entry, handle_of
from tests.contract.uploading import Uploading
from tests.emulator_faults import Faults

from coralrun.emulator.demo import (
    OTHER_PASSWORD,
    OTHER_USERNAME,
    PASSWORD,
    PRIVATE_CLASSIFIER,
    PRIVATE_SOURCE,
    PUBLIC_SOURCE,
    REJECTED_CLASSIFIER,
    USERNAME,
    Settings,
    drawn_service,
)
from coralrun.emulator.http import serve
from coralrun.emulator.jobs import Cadence
from coralrun.emulator.service import CoralNet
from coralrun.emulator.site import Site

URL_VARIABLE = "CORALRUN_CONTRACT_URL"
SOURCE_VARIABLE = "CORALRUN_CONTRACT_SOURCE"
UPLOADS_VARIABLE = "CORALRUN_CONTRACT_UPLOADS"
PACE_VARIABLE = "CORALRUN_CONTRACT_PACE_S"
MEMORY_URL = "http://127.0.0.1:1"
SLOW_START = Cadence(seconds_per_image=2.0, start_min_s=10.0, start_max_s=14.0)


def embedded(clock: HandClock) -> CoralNet:
    """An embedded CoralNet whose jobs are pending for a few requests: the drawn reef, and what is odd."""
    usual = drawn_service(clock, Settings(), images=45).site
    site = Site((*usual.accounts, CLOSED), (*usual.sources, odd(usual.sources[0]), *in_use(usual.sources[0])))
    return CoralNet(site, base_url=MEMORY_URL, clock=clock, cadence=SLOW_START, downloader=download)


def controlled(service: CoralNet, clock: HandClock, base_url: str) -> Peer:
    """A peer whose inside a test may reach."""
    faults = Faults(service)
    control = Control(
        service, faults, clock, OTHER_USERNAME, OTHER_PASSWORD, PRIVATE_SOURCE, PRIVATE_CLASSIFIER, REJECTED_CLASSIFIER
    )
    handle = handle_of(service) if base_url == MEMORY_URL else None
    return Peer(base_url, USERNAME, PASSWORD, PUBLIC_SOURCE, clock, handle, control)


@pytest.fixture(scope="session")
def live_peer() -> Peer:
    """The live server, if one is given."""
    url = os.environ.get(URL_VARIABLE, "").rstrip("/")
    username, password = (os.environ.get(f"CORALNET_{key}", "") for key in ("USERNAME", "PASSWORD"))
    if not (url and username and password):
        pytest.skip(f"no live server: set {URL_VARIABLE}, CORALNET_USERNAME and CORALNET_PASSWORD")
    source = int(os.environ.get(SOURCE_VARIABLE, str(PUBLIC_SOURCE)))
    pace_s = float(os.environ.get(PACE_VARIABLE, PACE_S))
    return Peer(url, username, password, source, RealClock(), pace_s=pace_s)


@pytest.fixture(params=["memory", "http", "live"])
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    """Each CoralNet in turn; the embedded ones are new for every test."""
    if request.param == "live":
        yield request.getfixturevalue("live_peer")
        return
    clock = HandClock()
    service = embedded(clock)
    if request.param == "memory":
        yield controlled(service, clock, MEMORY_URL)
        return
    running = serve(service)
    try:
        yield controlled(service, clock, running.url)
    finally:
        running.close()


@pytest.fixture
def control(peer: Peer) -> Control:
    """The inside of an embedded CoralNet."""
    if peer.control is None:
        pytest.skip("needs the server's clock, accounts or faults, which no live server gives")
    return peer.control


@pytest.fixture
def finished(peer: Peer) -> Finished:
    """One job with two good entries of one image, and one entry for each way to fail that every server has."""

    def entries() -> list[dict[str, Any]]:
        good = peer.image_url(peer.images[0].id)
        return [
            entry(f"{good}#coralrun=c0ffee.1.1.0", (9, 8), (0, 0), (9, 8)),
            entry(f"{good}#coralrun=c0ffee.1.1.1"),
            entry(f"{good}#coralrun=c0ffee.1.1.2", (5, 6), (10**6, 0)),
            entry(f"{good}#coralrun=c0ffee.1.1.3", (0, 10**6)),
            entry(f"{peer.base_url}/no-such-page/#coralrun=c0ffee.1.1.4"),
            entry(f"{peer.base_url}/source/about/#coralrun=c0ffee.1.1.5"),
            entry("not a url#coralrun=c0ffee.1.1.6"),
            entry(f"{peer.base_url}/no such page/#coralrun=c0ffee.1.1.7"),
            entry(f"{peer.base_url}/été/#coralrun=c0ffee.1.1.8"),
            entry("http://no-such-host.invalid/a.jpg#coralrun=c0ffee.1.1.9"),
        ]

    return peer.finished(entries)


@pytest.fixture
def unfinished(peer: Peer, finished: Finished) -> Finished:
    """The same job, as it was before it was done."""
    if peer.control is None and finished.early_result.status == 200:
        pytest.skip("the live server was done before it could be asked")
    return finished


@pytest.fixture
def uploading(peer: Peer) -> Iterator[Uploading]:
    """A session that may upload; what it uploads is taken out again."""
    named = os.environ.get(UPLOADS_VARIABLE, "")
    if peer.control is None and not named:
        pytest.skip(f"needs a source for photos of its own: set {UPLOADS_VARIABLE}")
    session = Uploading(peer, peer.source if peer.control is not None else int(named))
    try:
        yield session
    finally:
        session.clean()
