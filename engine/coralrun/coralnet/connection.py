"""How this process reaches CoralNet: address, account, limits.

Rule: credentials are looked for here and handed on to the client alone; those of the environment go to the public
CoralNet, or to the one address that the environment itself names: not to this machine either, where any of its users
may listen. One listing checks the account before anything is planned on it, because an e-mail address or another case
of the user name signs in and then cannot see its own jobs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

from coralrun.connection import Connection, Picked
from coralrun.coralnet import checks
from coralrun.coralnet.account.api_token import ApiToken
from coralrun.coralnet.account.auth import Credentials, Places, find_credentials
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import Limiter, SharedRecord, WebRate, record_path
from coralrun.coralnet.classifying.service import CoralNetService
from coralrun.coralnet.places import SERVICE_VARIABLE, credentials_file
from coralrun.coralnet.protocol import REHEARSED_JOB_TAKES_S, WEB_RATE
from coralrun.coralnet.reading.classifier import drift, own_confusion, pick_classifier
from coralrun.coralnet.reading.images import CoralNetImages
from coralrun.coralnet.reading.site import Site
from coralrun.coralnet.reading.sources import CoralNetSources
from coralrun.coralnet.reading.upload_place import upload_place
from coralrun.coralnet.refusals import account_missing, account_refused, once_more, throttled
from coralrun.coralnet.upload_record import UploadRecord
from coralrun.coralnet.writing.metadata_upload import CoralNetMetadata
from coralrun.coralnet.writing.points_upload import CoralNetAnnotations
from coralrun.coralnet.writing.uploads import CoralNetUploads
from coralrun.errors import AccountMissing, CredentialsError, ServiceError, UsageError
from coralrun.http.files import PublicFiles
from coralrun.machine.outcomes import Listed, Trouble, TroubleKind, Unusable
from coralrun.planning.confusion import Confusion
from coralrun.planning.images import PlannedImage
from coralrun.planning.model import Classifier, Plan
from coralrun.ports import Home, Images, Located, Service, UploadPlace
from coralrun.reaching import Ask, Progress, Reaching, WallClock, tells_nobody
from coralrun.service.checks import Check
from coralrun.service.limits import ServiceLimits
from coralrun.service.queue import Queue
from coralrun.sources.folder_images import FolderImages
from coralrun.sources.patience import Patience
from coralrun.spec.model import PRODUCTION, ClassifierChoice, CoralNetSource
from coralrun.store.files import Disk
from coralrun.values.classified import Label

SETTLE_VARIABLE = "CORALRUN_SETTLE_S"
"""Shortens the settle wait, for rehearsals against a service on this very machine; elsewhere it is not read."""


@dataclass(slots=True)
class CoralNetConnection(Connection):
    """CoralNet, and who we are there. `credentials` is None where none were found and none are needed yet."""

    http: Http
    site: Site
    limiter: Limiter
    credentials: Credentials | None
    record: UploadRecord
    lacking: AccountMissing | None = None
    """Why there are no credentials, where there are none."""
    _token: ApiToken | None = None

    @property
    def account(self) -> str:
        """The account's user name; raises CredentialsError when there is none."""
        return self._needed().username

    @property
    def may_list(self) -> bool:
        """Whether there is an account."""
        return self.credentials is not None

    @property
    def budget(self) -> Limiter | None:
        """The account's two windows."""
        return self.limiter

    @property
    def files(self) -> PublicFiles:
        """Public files, the embedded CoralNet's too."""
        return PublicFiles(self.http)

    @property
    def sources(self) -> CoralNetSources:
        """CoralNet's sources."""
        return CoralNetSources(self.site, self.clock)

    def sign_in(self, progress: Progress = tells_nobody) -> None:
        """Have the account's token; the first call may wait long for its turn, and asks for it (one request)."""
        progress("signing in")
        once_more(self._api_token().value, self.clock.sleep)

    def _api_token(self) -> ApiToken:
        if self._token is None:
            self._token = ApiToken(self.http, self._needed(), self.limiter.request)
        return self._token

    def check_account(self, account: str) -> None:
        """A run's jobs can be seen by its own account alone."""
        if account != self.account:
            raise account_refused(
                f"this run belongs to the account {account!r}, not to {self.account!r}: "
                "its jobs can be seen by that account alone",
                remedy=f"Set CORALNET_USERNAME to {account}.",
            )

    def service(self, classifier: str, home: Home | None = None) -> Service:
        """The service as the engine sees it, with one classifier."""
        return CoralNetService(
            self.http,
            username=self.account,
            token=self._api_token().value(),
            classifier=classifier,
            limiter=self.limiter,
            renew=self._api_token().instead_of,
        )

    def jobs(self) -> Listed:
        """The account's jobs now (one request); raises CredentialsError or ServiceError."""
        return once_more(self._jobs, self.clock.sleep)

    def _jobs(self) -> Listed:
        listing = self.service("").listing()
        if isinstance(listing, Listed):
            return listing
        if listing.kind is TroubleKind.CREDENTIALS:
            raise account_refused(
                f"{self.name} does not show the jobs of {self._needed().named}: {listing.detail}",
                remedy=_remedy(listing.detail),
            )
        if listing.kind is TroubleKind.THROTTLED and listing.wait_s is not None:
            raise throttled(self.name, listing.wait_s)
        raise ServiceError(f"{self.name}: {listing.detail or listing.kind}")

    def queue(self) -> Queue | None:
        """How long jobs of all users take now; None where the page does not tell, or no job was done lately."""
        queue = self.site.queue()
        return None if queue is None or queue.total is None or queue.total.high_s == 0 else queue

    def pick_classifier(
        self,
        choice: ClassifierChoice,
        sources: Iterable[CoralNetSource],
        earlier: Mapping[str, Classifier],
        patience: Patience | None = None,
    ) -> Picked:
        """One that its source's page lists, or that the user names."""
        return pick_classifier(self.site, choice, [source.source for source in sources], earlier, patience)

    def drift(self, classifier: Classifier) -> tuple[str, ...]:
        """A newer classifier of its source, or that it is not listed any more."""
        return drift(self.site, classifier)

    def confusion(self, classifier: Classifier) -> Confusion | str:
        """CoralNet's own matrix, from held-out images of the classifier's source."""
        return own_confusion(self.site, classifier)

    def labels(self, classifier: Classifier) -> tuple[Label, ...]:
        """Those of the labelset of the classifier's source."""
        if classifier.source is None:
            return ()
        try:
            return self.site.labelset(classifier.source)
        except (UsageError, CredentialsError, ServiceError):
            return ()

    def images(self, plan: Plan) -> Images:
        """Where the images of a plan are found, CoralNet's own too."""
        return _AllImages(CoralNetImages(self.site), Connection.images(self, plan))

    def uploads(self, plan: Plan) -> CoralNetUploads:
        """CoralNet's sources take photos, of folders."""
        return CoralNetUploads(self.site.session, self.site, self.files, FolderImages(plan.folders), self.record)

    def upload_place(self, to: int) -> UploadPlace:
        """A source that the account may edit."""
        return upload_place(self.site, to, self.record, self.limits.images_per_s or WEB_RATE)

    def metadata_place(self, to: int) -> CoralNetMetadata:
        """A source that the account may edit."""
        return CoralNetMetadata(self.site, to)

    def annotation_place(self, to: int) -> CoralNetAnnotations:
        """A source that the account may edit."""
        return CoralNetAnnotations(self.site, to)

    def checks(self) -> Iterator[Check]:
        """The account as this machine knows it, then CoralNet and its clock, then the account as CoralNet knows it."""
        yield from checks.of_credentials(self.name, self.credentials or self.lacking)
        yield from checks.of_site(self.name, self.site, self.clock.wall_s())
        if self.credentials is not None:
            yield from checks.of_account(self.limiter, self.check_jobs)

    def check_classifier(
        self, choice: ClassifierChoice, sources: Iterable[CoralNetSource], earlier: Mapping[str, Classifier]
    ) -> Check:
        """Whether a survey's classifier is there, and whether there is a newer one."""
        return checks.of_classifier(self.site, choice, [source.source for source in sources], earlier)

    def close(self) -> None:
        """Give back the requests that were leased and not used."""
        self.limiter.close()

    def _needed(self) -> Credentials:
        if self.credentials is None:
            raise self.lacking or account_missing(f"there are no credentials for {self.name}")
        return self.credentials


@dataclass(frozen=True, slots=True)
class _AllImages:
    own: CoralNetImages
    elsewhere: Images

    def locate(self, image: PlannedImage) -> Located | Unusable | Trouble:
        return self.elsewhere.locate(image) if image.image_id is None else self.own.locate(image)


def connect(reaching: Reaching, limits: ServiceLimits) -> CoralNetConnection:
    """Reach CoralNet; raises CredentialsError where credentials are needed, or may not be used there."""
    service, clock = reaching.service, reaching.clock
    http = Http(service, clock)
    found, lacking = _find(service, reaching.ask if reaching.must_have_account else None, reaching.must_have_account)
    limiter = Limiter(clock, None if found is None else _shared_record(service, found.username, clock))
    takes_s = REHEARSED_JOB_TAKES_S if http.is_loopback else limits.job_takes_s
    allowed = replace(limits, settle_s=_settle_s(http, limits.settle_s), job_takes_s=takes_s)
    pages = WebRate(clock, limits.images_per_s or WEB_RATE)
    record = UploadRecord.of_user(clock, http.base_url)
    return CoralNetConnection(
        http.base_url, clock, allowed, http, Site(http, pages, found), limiter, found, record, lacking
    )


def _remedy(detail: str) -> str | None:
    """What helps against a listing that is refused: the name is wrong, or the token, or it is not known which."""
    if "exact user name" in detail:
        return "Set CORALNET_USERNAME to the exact user name: not the e-mail address, and in the same case."
    if "token" in detail.casefold():
        return "Put a valid token in its place, there where it stands, or give the password instead."
    return None


def _find(service: str, ask: Ask | None, must_have: bool) -> tuple[Credentials | None, AccountMissing | None]:
    """The credentials for a service; where there are none and need not be, why."""
    trusted = service in (PRODUCTION, os.environ.get(SERVICE_VARIABLE, "").rstrip("/"))

    def typed(host: str) -> Credentials | None:
        login = None if ask is None else ask(host)
        return None if login is None else Credentials(login.username, password=login.password)

    places = Places(
        environ=os.environ if trusted else {},
        file=credentials_file(),
        netrc=Path(os.environ.get("NETRC") or Path.home() / ".netrc"),
        ask=typed,
    )
    try:
        return find_credentials(service, places), None
    except AccountMissing as error:
        given = any(os.environ.get(f"CORALNET_{name}") for name in ("USERNAME", "PASSWORD", "TOKEN"))
        if given and not trusted:
            raise account_missing(
                f"the credentials of the environment are not offered to {service}, which {SERVICE_VARIABLE} does not "
                "name",
                remedy=f"If you trust that address with them, set {SERVICE_VARIABLE}={service} beside them.",
            ) from error
        if must_have:
            raise
        return None, error


def _shared_record(service: str, username: str, clock: WallClock) -> SharedRecord:
    directory = platformdirs.user_state_path("coralrun")
    disk = Disk()
    disk.make_directory(directory)
    return SharedRecord(record_path(directory, service, username), disk.replace_alone, clock.wall_s)


def _settle_s(http: Http, usual_s: float) -> float:
    wanted = os.environ.get(SETTLE_VARIABLE)
    if not wanted or not http.is_loopback:
        return usual_s
    try:
        return max(0.0, float(wanted))
    except ValueError:
        return usual_s
