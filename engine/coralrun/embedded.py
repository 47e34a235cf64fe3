"""The embedded CoralNet inside this process: `service: emulator`.

Rule: the client cannot tell. It speaks HTTP to an address; here the address is answered by an object instead of a
socket. One request at a time is answered, as the object requires.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Final
from urllib.parse import unquote, urlsplit

from coralrun.connection import Connection, ServiceEntry
from coralrun.coralnet import entry
from coralrun.coralnet.protocol import REHEARSED_JOB_TAKES_S
from coralrun.errors import UsageError
from coralrun.extras import install
from coralrun.reaching import Progress, Reaching
from coralrun.service.about import AboutService
from coralrun.service.limits import ServiceLimits
from coralrun.service.terms import Options
from coralrun.spec.model import EMULATOR

ADDRESS = "http://127.0.0.1:1"
"""An address on which nothing can listen: if a request ever left for it, it would fail at once."""

SETTLE_S = 1.0
"""The embedded service dies with its process, so no request of an earlier one can still be on its way."""

LOOK_S = 2.0
"""Its jobs take seconds: nobody should wait a real service's 75 s for a rehearsal, and a look each second would use up
the minute's requests."""

PAGES_PER_S = 200.0
"""There is nobody to be polite to."""

Handle = Callable[[str, str, Mapping[str, str], bytes], tuple[int, Sequence[tuple[str, str]], bytes]]


def about(service: str) -> AboutService:
    """It is nobody's work and nobody's data."""
    return AboutService(
        name="CoralNet",
        described="The CoralNet inside coralrun, with a reef that it draws itself",
        labelled_by=f"CoralNet ({service})",
        is_coralrun=True,
        caution="NOT REAL: this reef is drawn by the CoralNet inside coralrun, and these are no real data.",
        thumbnails=12,
    )


def limits_of(options: Options) -> ServiceLimits:
    """CoralNet's own, but for how long things take."""
    usual = entry.limits_of(options)
    looks_s = min(usual.look_most_s, LOOK_S)
    quick = replace(usual, settle_s=SETTLE_S, job_takes_s=REHEARSED_JOB_TAKES_S, ends_with_process=True)
    return replace(quick, look_least_s=looks_s, look_most_s=looks_s)


def _connect(reaching: Reaching) -> Connection:
    """A demo reef of this process's own, with the account that may use it."""
    if find_spec("sklearn") is None:  # found, not imported: it takes seconds, and no plan needs it
        raise UsageError(
            "`service: emulator` needs the embedded CoralNet, which is not installed",
            remedy=f"Install it with: {install('emulator')}",
        )
    from coralrun.coralnet.account.auth import Credentials
    from coralrun.coralnet.account.client import Http
    from coralrun.coralnet.account.limiter import Limiter, WebRate
    from coralrun.coralnet.connection import CoralNetConnection
    from coralrun.coralnet.in_source import by_way_of
    from coralrun.coralnet.reading.site import Site
    from coralrun.coralnet.upload_record import UploadRecord
    from coralrun.emulator.demo import PASSWORD, PUBLIC_SOURCE, USERNAME

    clock, account = reaching.clock, Credentials(USERNAME, password=PASSWORD)
    http = Http(ADDRESS, clock, _demo(reaching.progress))
    drawn = f"`{EMULATOR}` has the reef that it draws itself, source {PUBLIC_SOURCE}: give {PUBLIC_SOURCE}"
    elsewhere = f"{drawn}, or for a source of the real CoralNet take `service` away."
    site = Site(http, WebRate(clock, PAGES_PER_S), account, if_missing=elsewhere, called=f"`{EMULATOR}`")
    limits = limits_of(reaching.options)
    record = UploadRecord(clock, http.base_url)
    connection = CoralNetConnection(TERMS.name, clock, limits, http, site, Limiter(clock), account, record)
    patience_s = entry.label_patience_s(reaching.options)
    return by_way_of(connection, reaching.options.get(entry.RUN_IN), patience_s, forgets=True)


def _demo(progress: Progress) -> Handle:
    from coralrun.emulator.demo import Settings, demo_service
    from coralrun.emulator.fetching import download
    from coralrun.emulator.http import SystemClock
    from coralrun.emulator.messages import Request

    service = demo_service(SystemClock(), Settings(base_url=ADDRESS, downloader=download, progress=progress))
    turn = threading.Lock()

    def handle(
        method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Sequence[tuple[str, str]], bytes]:
        address = urlsplit(url)
        request = Request(method, unquote(address.path), address.query, headers, body)
        with turn:
            reply = service.handle(request)
        return reply.status, reply.headers, reply.body

    return handle


_SERVED_FIRST: Final = (
    "the CoralNet inside coralrun has the photos of its own reef, and opens no file: let `coralrun emulator --images "
    "FOLDER --annotations POINTS` serve those of this folder, and name its address as `service`, and `coralnet: 1`; or "
    "classify them on this computer, with `service: local`"
)
TERMS: Final = replace(
    entry.TERMS,
    account="",
    name="the embedded CoralNet",
    spelling=EMULATOR,
    spelt=f"the word `{EMULATOR}`",
    keys=entry.TERMS.keys - {"sources.upload_to"},
    instead={"sources.folder": _SERVED_FIRST},
    beside={},
)
SERVICE: Final = ServiceEntry(terms=TERMS, about=about, limits=limits_of, connect=_connect)
