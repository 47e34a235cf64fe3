"""The client against the embedded CoralNet: two readings of one protocol, made apart, that must agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from tests.emulator_faults import Faults

from coralrun.coralnet import protocol
from coralrun.coralnet.account.auth import Credentials, sign_in_api
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import Limiter, WebRate
from coralrun.coralnet.classifying.service import CoralNetService
from coralrun.coralnet.reading.classifier import pick_classifier
from coralrun.coralnet.reading.crawl import crawl
from coralrun.coralnet.reading.metadata import with_metadata
from coralrun.coralnet.reading.site import Site
from coralrun.emulator.demo import (
    NEWER_CLASSIFIER,
    OLDER_CLASSIFIER,
    OTHER_PASSWORD,
    OTHER_USERNAME,
    PASSWORD,
    PRIVATE_SOURCE,
    PUBLIC_SOURCE,
    USERNAME,
    Settings,
    drawn_service,
)
from coralrun.emulator.messages import Request
from coralrun.emulator.service import CoralNet
from coralrun.errors import CredentialsError, UsageError
from coralrun.machine.outcomes import (
    Accepted,
    JobDone,
    Listed,
    Missing,
    NotReady,
    NotSent,
    Progress,
    Refusal,
    Refused,
    Trouble,
    TroubleKind,
    Unknown,
    Unusable,
)
from coralrun.machine.reasons import Reason
from coralrun.planning.images import FoundImage, Point
from coralrun.ports import Answer, Entry, Located
from coralrun.spec.image_search import PhotoDate, Search
from coralrun.spec.model import ClassifierChoice, CoralNetSource

if TYPE_CHECKING:
    from tests.unit.coralnet.conftest import JumpingClock

BASE = "http://127.0.0.1:8000"
ME = Credentials(USERNAME, password=PASSWORD)
START_S = 1_795_364_610.0


class Bench:
    """A client and a service that share one clock."""

    def __init__(self, clock: JumpingClock) -> None:
        self.clock = clock
        self.server: CoralNet = drawn_service(self, Settings(base_url=BASE), images=45)
        self.faults = Faults(self.server)
        self.http = Http(BASE, clock, self.handle)
        self.limiter = Limiter(clock)
        self.service = self.service_of(USERNAME, NEWER_CLASSIFIER)

    def now(self) -> float:
        return START_S + self.clock.now

    def handle(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Sequence[tuple[str, str]], bytes]:
        address = urlsplit(url)
        reply = self.server.handle(Request(method, unquote(address.path), address.query, headers, body))
        return reply.status, reply.headers, reply.body

    def service_of(self, username: str, classifier: int) -> CoralNetService:
        token = sign_in_api(self.http, ME)
        return CoralNetService(
            self.http, username=username, token=token, classifier=str(classifier), limiter=self.limiter
        )

    def site(self, credentials: Credentials | None = None) -> Site:
        return Site(self.http, WebRate(self.clock, 4.0), credentials)

    def entries(self, count: int, *points: Point) -> list[Entry]:
        site = self.site()
        found = [site.image(number) for number in range(1, count + 1)]
        located = [item for item in found if isinstance(item, Located)]
        assert len(located) == count
        return [Entry(f"r.1.1.{n}", item.place, points or (Point(5, 6),)) for n, item in enumerate(located)]

    def submitted(self, entries: Sequence[Entry]) -> str:
        outcome = self.service.submit("b00001.a1", entries)
        assert isinstance(outcome, Accepted), outcome
        return outcome.job


@pytest.fixture
def bench(clock: JumpingClock) -> Bench:
    return Bench(clock)


def test_a_batch_goes_from_submission_to_its_result(bench: Bench) -> None:
    entries = bench.entries(3, Point(5, 6), Point(0, 0))
    before = bench.service.listing()
    assert before == Listed((), (), protocol.DEFAULT_ACTIVE_JOBS, "0/")
    job = bench.submitted(entries)
    assert bench.service.listing("0/") == Listed((job,), (), protocol.DEFAULT_ACTIVE_JOBS, f"{job}/", (job,), True)
    assert bench.service.look(job) == Progress(ok=0, failed=0, total=3)
    assert bench.service.fetch(job) == NotReady()
    bench.clock.now += 60
    assert bench.service.look(job) == JobDone()
    answer = bench.service.fetch(job)
    assert isinstance(answer, Answer)
    assert [(entry.mark, entry.places, entry.reason) for entry in answer.entries] == [
        (f"r.1.1.{n}", (Point(5, 6), Point(0, 0)), None) for n in range(3)
    ]
    assert b"Signature=" not in answer.reply
    assert all(point.classifications for entry in answer.entries for point in entry.points)
    assert bench.service.listing() == Listed((), (job,), protocol.DEFAULT_ACTIVE_JOBS, f"{job}/{job}")
    assert bench.service.look("1") == Missing()
    assert bench.service.fetch("1") == Missing()


def test_each_image_fails_for_its_own_reason(bench: Bench) -> None:
    site = bench.site()
    good, broken, removed = bench.entries(3)
    bench.faults.break_image(_name_of(site, 2))
    bench.faults.remove_image(_name_of(site, 3))
    outside = Entry("r.1.1.9", good.place, (Point(0, 10**6),))
    job = bench.submitted([good, broken, removed, outside])
    bench.clock.now += 60
    answer = bench.service.fetch(job)
    assert isinstance(answer, Answer)
    assert [entry.reason for entry in answer.entries] == [
        None,
        Reason.NOT_AN_IMAGE,
        Reason.NOT_FOUND,
        Reason.POINT_OUTSIDE,
    ]
    assert b"Signature=" not in answer.reply


def _name_of(site: Site, number: int) -> str:
    found = crawl(site, CoralNetSource(source=PUBLIC_SOURCE))
    return next(image.name for image in found if image.image_id == number)


def test_a_url_lives_as_long_as_its_page_said_and_then_expires(bench: Bench) -> None:
    located = bench.site().image(1)
    assert isinstance(located, Located)
    assert located.life_s == pytest.approx(protocol.URL_LIFE_S, abs=1)
    bench.clock.now += protocol.URL_LIFE_S + 1
    job = bench.submitted([Entry("r.1.1.0", located.place, (Point(0, 0),))])
    bench.clock.now += 60
    answer = bench.service.fetch(job)
    assert isinstance(answer, Answer)
    assert answer.entries[0].reason is Reason.URL_EXPIRED


def test_the_service_names_the_entry_that_it_rejects(bench: Bench) -> None:
    good = bench.entries(3)
    outcome = bench.service.submit("b00001.a1", [good[0], Entry("m", good[1].place, ()), good[2]])
    assert isinstance(outcome, Refused)
    assert (outcome.why, outcome.entry) == (Refusal.BAD_ENTRY, 1)
    whole = bench.service.submit("b00001.a1", good * 34)
    assert isinstance(whole, Refused)
    assert whole.why is Refusal.BAD_REQUEST


def test_an_unknown_classifier_is_told(bench: Bench) -> None:
    outcome = bench.service_of(USERNAME, 999).submit("b00001.a1", bench.entries(1))
    assert isinstance(outcome, Refused)
    assert outcome.why is Refusal.NO_CLASSIFIER


def test_both_kinds_of_429_are_told_apart(bench: Bench) -> None:
    entries = bench.entries(1)
    bench.faults.hold_slots(USERNAME, protocol.DEFAULT_ACTIVE_JOBS)
    full = bench.service.submit("b00001.a1", entries)
    assert isinstance(full, Refused)
    assert full.why is Refusal.NO_SLOT
    token = sign_in_api(bench.http, ME)
    for _ in range(protocol.REQUESTS_PER_MINUTE):  # another program of the account, which keeps no count
        bench.http.api("GET", f"/api/user/{USERNAME}/", token=token)
    throttled = bench.service.submit("b00001.a1", entries)
    assert isinstance(throttled, Refused)
    assert throttled.why is Refusal.THROTTLED
    assert throttled.wait_s is not None
    assert bench.limiter.wait_s() == pytest.approx(throttled.wait_s, abs=1)
    bench.faults.release_slots()
    assert bench.service.submit("b00001.a1", entries) == NotSent(()), "a batch's URLs may not grow old in the limiter"
    assert isinstance(bench.service.listing(), Listed), "the limiter waited as long as the service asked"
    assert isinstance(bench.service.submit("b00001.a1", entries), Accepted)


def test_a_client_that_asks_as_fast_as_it_may_is_never_throttled(bench: Bench) -> None:
    for _ in range(1100):
        assert isinstance(bench.service.listing(), Listed)
    assert bench.faults.refused_429 == 0


def test_a_lost_reply_is_unknown_and_its_job_is_recognised_by_its_marks(bench: Bench) -> None:
    bench.faults.lose_replies = 1
    assert isinstance(bench.service.submit("b00001.a1", bench.entries(2)), Unknown)
    listing = bench.service.listing()
    assert isinstance(listing, Listed)
    bench.clock.now += 60
    answer = bench.service.fetch(listing.active[0])
    assert isinstance(answer, Answer)
    assert [entry.mark for entry in answer.entries] == ["r.1.1.0", "r.1.1.1"]


def test_a_proxys_page_a_revoked_token_and_another_user_name_are_told_apart(bench: Bench) -> None:
    bench.faults.bad_gateways = 1
    away = bench.service.listing()
    assert isinstance(away, Trouble)
    assert away.kind is TroubleKind.UNREACHABLE
    other_case = bench.service_of(USERNAME.upper(), NEWER_CLASSIFIER).listing()
    assert isinstance(other_case, Trouble)
    assert "exact user name" in other_case.detail
    bench.faults.revoke_token(USERNAME)
    revoked = bench.service.listing()
    assert isinstance(revoked, Trouble)
    assert revoked.kind is TroubleKind.CREDENTIALS
    refused = bench.service.submit("b00001.a1", bench.entries(1))
    assert isinstance(refused, Refused)
    assert refused.why is Refusal.CREDENTIALS


def test_a_stuck_job_is_done_and_never_ready(bench: Bench) -> None:
    bench.faults.stick_jobs = 1
    job = bench.submitted(bench.entries(1))
    bench.clock.now += 6000
    assert bench.service.look(job) == JobDone()
    assert bench.service.fetch(job) == NotReady()


def test_a_wrong_password_is_refused_on_both_halves(bench: Bench) -> None:
    wrong = Credentials(USERNAME, password="not-it")
    with pytest.raises(CredentialsError, match="Unable to log in"):
        sign_in_api(bench.http, wrong)
    with pytest.raises(CredentialsError, match="did not match our records"):
        bench.site(wrong).source(PRIVATE_SOURCE)


def test_a_public_source_is_crawled_without_an_account(bench: Bench) -> None:
    found = crawl(bench.site(), CoralNetSource(source=PUBLIC_SOURCE))
    assert [image.image_id for image in found] == list(range(1, 46))
    source = bench.site().source(PUBLIC_SOURCE)
    assert (source.name, source.images) == ("Demo reef", 45)


def test_a_private_source_is_crawled_by_its_members_alone(bench: Bench) -> None:
    source = CoralNetSource(source=PRIVATE_SOURCE)
    with pytest.raises(CredentialsError):
        crawl(bench.site(), source)
    assert len(crawl(bench.site(ME), source)) == 5


def test_a_session_is_opened_again_but_not_for_a_page_that_is_denied(bench: Bench) -> None:
    site = bench.site(ME)
    private = [image.image_id for image in crawl(site, CoralNetSource(source=PRIVATE_SOURCE))]
    bench.server.identity.end_sessions()
    assert all(isinstance(site.image(number or 0), Located) for number in private)
    other = Credentials(OTHER_USERNAME, password=OTHER_PASSWORD)
    guest = Site(Http(BASE, bench.clock, bench.handle), WebRate(bench.clock, 4.0), other)
    before = bench.faults.requests
    outcomes = [guest.image(number or 0) for number in private]
    assert outcomes == [Unusable(Reason.DENIED)] * len(private)
    assert bench.faults.requests - before == 2 * len(private) + 3, "one login, then one question a page"


def test_the_server_searches(bench: Bench) -> None:
    site = bench.site()

    def count(**search: str | PhotoDate) -> int:
        return len(crawl(site, CoralNetSource(source=PUBLIC_SOURCE, search=Search(**search))))  # type: ignore[arg-type]

    by_status = [count(annotation_status=status) for status in ("confirmed", "unconfirmed", "unclassified")]
    assert sum(by_status) == 45
    assert all(by_status)
    name = crawl(site, CoralNetSource(source=PUBLIC_SOURCE))[0].name
    assert count(image_name=name.upper()) >= 1
    assert count(image_name="no such name") == 0
    assert count(photo_date=PhotoDate(first="1900-01-01", last="1900-12-31")) == 0
    with pytest.raises(UsageError):
        count(annotation_status="Confirmed")


def test_the_newest_classifier_is_the_last_of_the_page(bench: Bench) -> None:
    picked = pick_classifier(bench.site(), ClassifierChoice(source=PUBLIC_SOURCE)).classifier
    assert picked.id == str(NEWER_CLASSIFIER)
    listed = bench.site().source(PUBLIC_SOURCE).classifiers
    assert [one.id for one in listed] == [str(OLDER_CLASSIFIER), str(NEWER_CLASSIFIER)]
    assert picked.accuracy is not None


def test_a_source_or_an_image_that_is_not_there_is_told(bench: Bench) -> None:
    with pytest.raises(UsageError):
        bench.site().source(999)
    assert bench.site().image(999_999).reason is Reason.NOT_FOUND  # type: ignore[union-attr]


def test_the_header_of_an_image_is_read_without_the_rest(bench: Bench) -> None:
    reply = bench.http.plain(str(bench.entries(1)[0].place), 64)
    assert getattr(reply, "status", None) == 206
    assert len(reply.body) == 64  # type: ignore[union-attr]


def test_an_image_page_and_the_table_of_metadata_say_the_same_of_an_image(bench: Bench) -> None:
    found = crawl(bench.site(), CoralNetSource(source=PUBLIC_SOURCE))[:3]
    by_pages = with_metadata(bench.site(), CoralNetSource(source=PUBLIC_SOURCE), found)
    by_table = with_metadata(bench.site(ME), CoralNetSource(source=PUBLIC_SOURCE), found)
    assert [dict(zip(image.fields, image.metadata, strict=True)) for image in by_pages] == [
        {field: value for field, value in zip(image.fields, image.metadata, strict=True) if field in by_pages[0].fields}
        for image in by_table
    ]
    assert {"Date", "Site", "Habitat", "Transect", "Quadrat", "Depth", "Height (cm)"} <= set(by_pages[0].fields)
    assert by_pages[0].metadata[:3] == ("2024-06-12", "site1", "lagoon")
    assert set(by_table[0].fields) - set(by_pages[0].fields) == {
        *("Latitude", "Longitude", "Water quality", "Strobes", "Framing gear used", "White balance card", "Comments")
    }


def test_fields_of_a_source_that_are_called_as_those_of_coralnet_are_told_apart(bench: Bench) -> None:
    site = bench.server.site
    source = replace(site.sources_by_id[PUBLIC_SOURCE], aux_names=("Depth", "name", "DATE", "Site", "site"))
    site.sources_by_id[PUBLIC_SOURCE] = source
    site.photos_by_id[1] = source, source.photos[0]
    found = crawl(bench.site(), CoralNetSource(source=PUBLIC_SOURCE))[:1]
    (by_page,) = with_metadata(bench.site(), CoralNetSource(source=PUBLIC_SOURCE), found)
    (by_table,) = with_metadata(bench.site(ME), CoralNetSource(source=PUBLIC_SOURCE), found)
    fields = ("Date", "Depth", "name (2)", "DATE (2)", "Site", "site (2)", "Height (cm)")
    assert by_page.fields[:7] == by_table.fields[:7] == fields
    known = dict(zip(by_page.fields, by_page.metadata, strict=True))
    assert known.items() <= dict(zip(by_table.fields, by_table.metadata, strict=True)).items()
    assert (known["Depth"], known["Depth (2)"]) == ("site1", "5")


def test_the_metadata_of_a_private_source_need_its_member(bench: Bench) -> None:
    source = CoralNetSource(source=PRIVATE_SOURCE)
    found = crawl(bench.site(ME), source)
    assert with_metadata(bench.site(ME), source, found)[0].fields[0] == "Date"
    stranger = Bench(bench.clock)
    with pytest.raises(CredentialsError, match=r"^image \d+ at http://127.0.0.1:8000 is not public"):
        with_metadata(stranger.site(), source, found)
    assert stranger.site().metadata(PRIVATE_SOURCE, Search()) is None
    with pytest.raises(UsageError, match=r"^source 99 does not exist at "):
        bench.site(ME).metadata(99, Search())


def test_an_image_that_is_gone_by_now_is_known_nothing_of(bench: Bench) -> None:
    gone = FoundImage(name="gone.jpg", image_id=9_999)
    found = (*crawl(bench.site(), CoralNetSource(source=PUBLIC_SOURCE))[:1], gone)
    for site in (bench.site(), bench.site(ME)):
        images = with_metadata(site, CoralNetSource(source=PUBLIC_SOURCE), found)
        assert images[0].metadata[0] == "2024-06-12"
        assert set(images[1].metadata) == {""}


def test_one_request_gives_the_metadata_of_a_whole_source(bench: Bench) -> None:
    found = crawl(bench.site(), CoralNetSource(source=PUBLIC_SOURCE))
    told: list[tuple[int, int]] = []
    with_metadata(bench.site(), CoralNetSource(source=PUBLIC_SOURCE), found[:22], lambda *done: told.append(done))
    assert told == [(20, 22), (22, 22)]
    with_metadata(bench.site(ME), CoralNetSource(source=PUBLIC_SOURCE), found, lambda *done: told.append(done))
    assert len(told) == 2
