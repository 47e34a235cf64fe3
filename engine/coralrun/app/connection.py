"""How this process reaches a service: address, account, limits. The composition root of everything that talks.

Rule: credentials are looked for here and handed on to the client alone; those of the environment go to the public
CoralNet, or to the one address that the environment itself names: not to this machine either, where any of its users
may listen. One listing checks the account before anything is planned on it, because an e-mail address or another case
of the user name signs in and then cannot see its own jobs.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

from coralrun import embedded, limits
from coralrun.app.services import limits_of
from coralrun.clock import SystemClock
from coralrun.coralnet.api_token import ApiToken
from coralrun.coralnet.auth import Credentials, NoCredentials, Places, find_credentials
from coralrun.coralnet.client import Http
from coralrun.coralnet.images import CoralNetImages
from coralrun.coralnet.limiter import Limiter, SharedRecord, WebRate, record_path
from coralrun.coralnet.protocol import SETTLE_S
from coralrun.coralnet.service import CoralNetService
from coralrun.coralnet.site import Site
from coralrun.errors import CoralrunError, CredentialsError, ServiceError, TooManyRequests
from coralrun.http.client import NoReply
from coralrun.machine.outcomes import Listed, Trouble, TroubleKind, Unusable
from coralrun.plan.model import Plan, PlannedImage
from coralrun.ports import Located
from coralrun.service_limits import ServiceLimits
from coralrun.sources.bucket import BucketImages
from coralrun.sources.image_size import Fetched, ManifestImages
from coralrun.spec.model import EMULATOR, PRODUCTION
from coralrun.store.files import Disk

Ask = Callable[[str], Credentials | None]
Fetch = Callable[[PlannedImage], bytes | Unusable | Trouble]
"""Where a photo's bytes come from."""

EMBEDDED_SETTLE_S = 1.0
EMBEDDED_PATIENCE_S = 2.0  # its jobs take seconds: nobody should wait a real service's 75 s for a rehearsal
"""The embedded service dies with its process, so no request of an earlier one can still be on its way."""

EMBEDDED_PAGES_PER_S = 200.0
"""There is nobody to be polite to."""

SERVICE_VARIABLE = "CORALNET_SERVICE"
"""The address that the credentials of the environment belong to, where it is not the public CoralNet: a survey from
somebody else must not be able to send them anywhere by naming a service, nor to a port of this machine."""

SETTLE_VARIABLE = "CORALRUN_SETTLE_S"
"""Shortens the settle wait, for rehearsals against a service on this very machine; elsewhere it is not read."""


@dataclass(slots=True)
class Connection:
    """One service, and who we are there. `credentials` is None where none were found and none are needed yet.

    `patience_most_s` is the longest wait between two looks that makes sense there, whatever a survey says.
    """

    clock: SystemClock
    http: Http
    site: Site
    limiter: Limiter
    credentials: Credentials | None
    limits: ServiceLimits
    patience_most_s: float = math.inf
    _token: ApiToken | None = None

    @property
    def account(self) -> str:
        """The account's user name; raises CredentialsError when there is none."""
        return self._needed().username

    def sign_in(self) -> str:
        """The account's token; the first call may wait long for its turn, and asks for it (one request)."""
        return self._api_token().value()

    def _api_token(self) -> ApiToken:
        if self._token is None:
            self._token = ApiToken(self.http, self._needed(), self.limiter.request)
        return self._token

    def service(self, classifier: int) -> CoralNetService:
        """The service as the engine sees it, with one classifier."""
        return CoralNetService(
            self.http,
            username=self.account,
            token=self.sign_in(),
            classifier=classifier,
            limiter=self.limiter,
            renew=self._api_token().instead_of,
        )

    def jobs(self) -> Listed:
        """The account's jobs now (one request); raises CredentialsError or ServiceError."""
        listing = self.service(0).listing()
        if isinstance(listing, Listed):
            return listing
        if listing.kind is TroubleKind.CREDENTIALS:
            raise CredentialsError(
                f"{self.http.base_url} does not show the jobs of {self._needed().named}: {listing.detail}",
                remedy=_remedy(listing.detail),
            )
        if listing.kind is TroubleKind.THROTTLED and listing.wait_s is not None:
            raise TooManyRequests(self.http.base_url, listing.wait_s)
        raise ServiceError(f"{self.http.base_url}: {listing.detail or listing.kind}")

    def images(self, plan: Plan) -> _AllImages:
        """Where the images of a plan are found, whatever their source; raises as `bucket.Storage`."""
        in_buckets = BucketImages(plan.buckets, self._fetch)
        return _AllImages(CoralNetImages(self.site), ManifestImages(self._fetch, self.clock.wall_s), in_buckets)

    def photos(self, plan: Plan) -> Fetch:
        """A way to fetch the photos of a plan anew: by the URL that the source's page gives, that is signed now, or
        that the manifest has. It raises nothing: no picture is worth failing for."""
        images: list[_AllImages] = []

        def photo(image: PlannedImage) -> bytes | Unusable | Trouble:
            if image.url is not None:
                return self._photo(image.url)
            try:
                images[:] = images or [self.images(plan)]
            except CoralrunError as error:
                return Trouble(TroubleKind.CREDENTIALS, error.message)
            located = images[0].locate(image)
            return self._photo(str(located.place)) if isinstance(located, Located) else located

        return photo

    def _photo(self, url: str) -> bytes | Trouble:
        reply = self.http.plain(url, limits.MAX_PHOTO_BYTES)
        if isinstance(reply, NoReply):
            return Trouble(TroubleKind.UNREACHABLE, reply.detail)
        if reply.status not in (200, 206):
            return Trouble(TroubleKind.UNREACHABLE, f"the image's host answered {reply.status}")
        return reply.body

    def first_bytes(self, url: str, length: int) -> Fetched | Trouble:
        """The first bytes of a public file."""
        return self._fetch(url, 0, length)

    def close(self) -> None:
        """Give back the requests that were leased and not used."""
        self.limiter.close()

    def _needed(self) -> Credentials:
        if self.credentials is None:
            raise CredentialsError(f"there are no credentials for {self.http.base_url}")
        return self.credentials

    def _fetch(self, url: str, start: int, length: int) -> Fetched | Trouble:
        reply = self.http.plain(url, start + length, start)
        if isinstance(reply, NoReply):
            return Trouble(TroubleKind.UNREACHABLE, reply.detail)
        if reply.status == 206 and not reply.headers.get("content-range", "").startswith(f"bytes {start}-"):
            return Trouble(TroubleKind.UNREACHABLE, "the image's host sent another part of the file than was asked for")
        asked_for = length if reply.status == 206 else start + length
        return Fetched(reply.status, reply.body, len(reply.body) < asked_for)


@dataclass(frozen=True, slots=True)
class _AllImages:
    of_coralnet: CoralNetImages
    of_manifests: ManifestImages
    in_buckets: BucketImages

    def locate(self, image: PlannedImage) -> Located | Unusable | Trouble:
        if image.image_id is not None:
            return self.of_coralnet.locate(image)
        return self.in_buckets.locate(image) if image.url is None else self.of_manifests.locate(image)


def connect(service: str, *, web_rate: float, ask: Ask | None, must_have_account: bool) -> Connection:
    """Reach a service. Without `must_have_account`, missing credentials are found out when they are needed."""
    clock = SystemClock()
    if service == EMULATOR:
        handle, credentials = embedded.start()
        http = Http(embedded.ADDRESS, clock, handle)
        site = Site(http, WebRate(clock, EMBEDDED_PAGES_PER_S), credentials)
        allowed = replace(limits_of(service), settle_s=EMBEDDED_SETTLE_S)
        return Connection(clock, http, site, Limiter(clock), credentials, allowed, EMBEDDED_PATIENCE_S)
    http = Http(service, clock)
    found = _find(service, ask, must_have_account)
    limiter = Limiter(clock, None if found is None else _shared_record(service, found.username, clock))
    allowed = replace(limits_of(service), settle_s=_settle_s(http))
    return Connection(clock, http, Site(http, WebRate(clock, web_rate), found), limiter, found, allowed)


def _remedy(detail: str) -> str | None:
    """What helps against a listing that is refused: the name is wrong, or the token, or it is not known which."""
    if "exact user name" in detail:
        return "Set CORALNET_USERNAME to the exact user name: not the e-mail address, and in the same case."
    if "token" in detail.casefold():
        return "Set CORALNET_TOKEN to a valid token, or CORALNET_PASSWORD instead."
    return None


def _find(service: str, ask: Ask | None, must_have: bool) -> Credentials | None:
    trusted = service in (PRODUCTION, os.environ.get(SERVICE_VARIABLE, "").rstrip("/"))
    places = Places(
        environ=os.environ if trusted else {},
        file=platformdirs.user_config_path("coralrun") / "credentials",
        netrc=Path(os.environ.get("NETRC") or Path.home() / ".netrc"),
        ask=ask if must_have else None,
    )
    try:
        return find_credentials(service, places)
    except NoCredentials as error:
        given = any(os.environ.get(f"CORALNET_{name}") for name in ("USERNAME", "PASSWORD", "TOKEN"))
        if given and not trusted:
            raise CredentialsError(
                f"the credentials of the environment are not offered to {service}, which {SERVICE_VARIABLE} does not "
                "name",
                remedy=f"If you trust that address with them, set {SERVICE_VARIABLE}={service} beside them.",
            ) from error
        if must_have:
            raise
        return None


def _shared_record(service: str, username: str, clock: SystemClock) -> SharedRecord:
    directory = platformdirs.user_state_path("coralrun")
    disk = Disk()
    disk.make_directory(directory)
    return SharedRecord(record_path(directory, service, username), disk.replace_alone, clock.wall_s)


def _settle_s(http: Http) -> float:
    wanted = os.environ.get(SETTLE_VARIABLE)
    if not wanted or not http.is_loopback:
        return SETTLE_S
    try:
        return max(0.0, float(wanted))
    except ValueError:
        return SETTLE_S
