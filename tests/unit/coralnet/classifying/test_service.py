"""Every reply of the API comes to the outcome that the engine can rely on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from coralrun import limits
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import Limiter
from coralrun.coralnet.classifying.service import CoralNetService
from coralrun.coralnet.codec.retry_after import retry_after_s
from coralrun.machine.outcomes import (
    Accepted,
    JobDone,
    Listed,
    Missing,
    NotReady,
    NotSent,
    Outcome,
    Progress,
    Refusal,
    Refused,
    Trouble,
    TroubleKind,
    Unknown,
)
from coralrun.planning.images import Point
from coralrun.ports import Answer, Entry, Service

if TYPE_CHECKING:
    from tests.unit.coralnet.conftest import JumpingClock, Scripted

TOKEN = "0123456789abcdef0123456789abcdef01234567"
RawReply = tuple[int, list[tuple[str, str]], bytes]
Ask = Callable[[RawReply], CoralNetService]

ENTRIES = [Entry(f"r.1.1.{n}", f"https://b.test/{n}.jpg?Signature=SECRET", (Point(0, 0),)) for n in range(3)]
HTML_502: RawReply = (502, [("Content-Type", "text/html")], b"<html>Bad Gateway</html>")
HTML_403: RawReply = (403, [("Content-Type", "text/html")], b"<html>Forbidden by proxy</html>")
HTML_200: RawReply = (200, [("Content-Type", "text/html")], b"<html>Please log in to the hotel's network</html>")
BAD_TOKEN_TEXT = "Invalid token."


def own(status: int, value: object, *headers: tuple[str, str]) -> RawReply:
    return status, [("Content-Type", "application/vnd.api+json"), *headers], json.dumps(value).encode()


def error(status: int, detail: str, *headers: tuple[str, str], pointer: str = "") -> RawReply:
    source = {"source": {"pointer": pointer}} if pointer else {}
    return own(status, {"errors": [{"detail": detail} | source]}, *headers)


def lost(*_: object) -> RawReply:
    raise ConnectionResetError


@pytest.fixture
def ask(clock: JumpingClock, scripted: Scripted) -> Ask:
    def build(reply: RawReply) -> CoralNetService:
        http = Http("https://coralnet.test", clock, scripted(lambda _: reply).handle)
        return CoralNetService(http, username="ann", token=TOKEN, classifier="4", limiter=Limiter(clock))

    return build


def test_a_batch_is_posted_with_token_and_media_type(clock: JumpingClock, scripted: Scripted) -> None:
    service = scripted(lambda _: (202, [("Location", "/api/deploy_job/7/status/")], b""))
    http = Http("https://coralnet.test", clock, service.handle)
    engine: Service = CoralNetService(http, username="ann", token=TOKEN, classifier="4", limiter=Limiter(clock))
    assert engine.submit("b00001.a1", ENTRIES) == Accepted("7")
    request = service.asked[0]
    assert (request.method, request.url) == ("POST", "https://coralnet.test/api/classifier/4/deploy/")
    assert request.headers["Content-Type"] == "application/vnd.api+json"
    assert request.headers["Authorization"] == f"Token {TOKEN}"
    assert request.headers["Accept"] == "*/*"
    assert json.loads(request.body)["data"][2]["attributes"]["url"].endswith("#coralrun=r.1.1.2")


def test_a_batch_that_would_have_to_wait_for_leave_is_not_sent(clock: JumpingClock, scripted: Scripted) -> None:
    service = scripted(lambda _: (202, [("Location", "/api/deploy_job/7/status/")], b""))
    limiter = Limiter(clock)
    http = Http("https://coralnet.test", clock, service.handle)
    engine = CoralNetService(http, username="ann", token=TOKEN, classifier="4", limiter=limiter)
    limiter.throttled(28.0)
    assert engine.submit("b00001.a1", ENTRIES) == NotSent(())
    assert service.asked == []
    assert clock.slept == []
    clock.now += 28.0
    assert engine.submit("b00001.a1", ENTRIES) == Accepted("7")


@pytest.mark.parametrize(
    ("reply", "why", "entry", "wait_s"),
    [
        (error(400, "Not an integer.", pointer="/data/2/attributes/points/0/row"), Refusal.BAD_ENTRY, 2, None),
        (error(400, "Too long.", pointer="/data/3/attributes/points"), Refusal.BAD_REQUEST, None, None),
        (error(400, "Too long.", pointer="/data"), Refusal.BAD_REQUEST, None, None),
        (error(400, "JSON parse error"), Refusal.BAD_REQUEST, None, None),
        (error(415, "Content type should be x"), Refusal.BAD_REQUEST, None, None),
        (error(406, "Could not satisfy the request Accept header."), Refusal.BAD_REQUEST, None, None),
        (error(403, BAD_TOKEN_TEXT), Refusal.CREDENTIALS, None, None),
        (error(404, "This classifier doesn't exist or is not accessible"), Refusal.NO_CLASSIFIER, None, None),
        (error(429, "You already have 5 jobs active (IDs: 3, 4, 5, 6, 7). You must"), Refusal.NO_SLOT, None, None),
        (error(429, "You already have 1 job active (IDs: 3). You must"), Refusal.NO_SLOT, None, None),
        (error(429, "Request was throttled.", ("Retry-After", "28")), Refusal.THROTTLED, None, 28.0),
        (error(429, "Request was throttled."), Refusal.THROTTLED, None, 60.0),
    ],
)
def test_a_refusal_of_the_apis_own_is_believed(
    ask: Ask, reply: RawReply, why: Refusal, entry: int | None, wait_s: float | None
) -> None:
    outcome = ask(reply).submit("b00001.a1", ENTRIES)
    assert isinstance(outcome, Refused)
    assert (outcome.why, outcome.entry, outcome.wait_s) == (why, entry, wait_s)
    assert outcome.detail


@pytest.mark.parametrize(
    "reply",
    [
        HTML_502,
        HTML_403,
        HTML_200,
        (429, [("Retry-After", "5")], b"<html>slow down, says the proxy</html>"),
        (202, [], b""),
        (202, [("Location", "https://evil.test/api/deploy_job/7/status/")], b""),
        (202, [("Location", "/api/deploy_job/x/status/")], b""),
        (200, [("Location", "/api/deploy_job/7/status/")], b""),
        (303, [("Location", "/api/deploy_job/7/status/")], b""),
        error(500, "A server error occurred."),
        error(503, "Down."),
        (400, [], b'{"errors":[]}'),
        (404, [("Content-Type", "text/html")], b"<html>Page could not be found.</html>"),
    ],
)
def test_a_submission_is_unknown_unless_it_is_surely_accepted_or_refused(ask: Ask, reply: RawReply) -> None:
    assert isinstance(ask(reply).submit("b00001.a1", ENTRIES), Unknown)


def test_no_reply_leaves_a_submission_unknown_and_a_question_unanswered(clock: JumpingClock) -> None:
    http = Http("https://coralnet.test", clock, lost)
    service = CoralNetService(http, username="ann", token=TOKEN, classifier="4", limiter=Limiter(clock))
    assert isinstance(service.submit("b00001.a1", ENTRIES), Unknown)
    for outcome in (service.listing(), service.look("7"), service.fetch("7")):
        assert isinstance(outcome, Trouble)
        assert outcome.kind is TroubleKind.UNREACHABLE


def test_a_listing_is_read(ask: Ask, clock: JumpingClock, scripted: Scripted) -> None:
    jobs = {"active_jobs": [{"type": "jobs", "id": "3"}], "recently_completed_jobs": []}
    reply = own(200, {"data": jobs, "meta": {"max_active_jobs": 2}})
    assert ask(reply).listing() == Listed(active=("3",), finished=(), max_active=2, marker="3/")
    service = scripted(lambda _: reply)
    http = Http("https://coralnet.test", clock, service.handle)
    CoralNetService(http, username="a/n n@x", token=TOKEN, classifier="4", limiter=Limiter(clock)).listing()
    assert service.asked[0].url == "https://coralnet.test/api/user/a%2Fn%20n%40x/"


def test_a_listing_that_is_not_ours_to_see_asks_for_the_exact_user_name(ask: Ask) -> None:
    outcome = ask(error(404, "You can only see details for the user you're logged in as")).listing()
    assert isinstance(outcome, Trouble)
    assert outcome.kind is TroubleKind.CREDENTIALS
    assert "exact user name" in outcome.detail


STATUS = {"type": "job", "id": "7", "attributes": {"status": "Pending", "successes": 0, "failures": 0, "total": 3}}
POINT = {
    "row": 1,
    "column": 2,
    "classifications": [{"score": 0.5, "label_id": 3, "label_code": "CCA", "label_name": "CCA"}],
}
URL = "https://b.test/0.jpg?Signature=SECRET#coralrun=r.1.1.0"
RESULT = {"data": [{"type": "image", "id": URL, "attributes": {"url": URL, "points": [POINT]}}]}


def test_a_look_tells_progress_done_and_missing(ask: Ask) -> None:
    assert ask(own(200, {"data": [STATUS]})).look("7") == Progress(ok=0, failed=0, total=3)
    assert ask((303, [("Location", "/api/deploy_job/7/result/")], b"")).look("7") == JobDone()
    assert ask(error(404, "This deploy job doesn't exist or is not accessible")).look("7") == Missing()


def test_a_fetch_gives_the_result_not_ready_and_missing(ask: Ask) -> None:
    answer = ask(own(200, RESULT)).fetch("7")
    assert isinstance(answer, Answer)
    assert answer.entries[0].mark == "r.1.1.0"
    assert b"SECRET" not in answer.reply
    assert ask(error(409, "This job isn't finished yet")).fetch("7") == NotReady()
    assert ask(error(404, "This deploy job doesn't exist or is not accessible")).fetch("7") == Missing()


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (HTML_502, TroubleKind.UNREACHABLE),
        (HTML_403, TroubleKind.UNREACHABLE),
        (HTML_200, TroubleKind.UNREACHABLE),
        ((404, [], b"<html>nginx</html>"), TroubleKind.UNREACHABLE),
        ((409, [], b"<html>conflict</html>"), TroubleKind.UNREACHABLE),
        ((302, [("Location", "https://portal.test/")], b""), TroubleKind.UNREACHABLE),
        ((303, [("Location", "https://portal.test/")], b""), TroubleKind.UNREACHABLE),
        (error(500, "A server error occurred."), TroubleKind.UNREACHABLE),
        (error(403, BAD_TOKEN_TEXT), TroubleKind.CREDENTIALS),
        (error(405, 'Method "GET" not allowed.'), TroubleKind.NOT_UNDERSTOOD),
        (own(200, {"data": "new"}), TroubleKind.NOT_UNDERSTOOD),
        (error(429, "Request was throttled.", ("Retry-After", "28")), TroubleKind.THROTTLED),
    ],
)
def test_a_question_without_an_answer_says_which_trouble(ask: Ask, reply: RawReply, kind: TroubleKind) -> None:
    outcomes: list[Outcome | Answer] = [ask(reply).listing(), ask(reply).look("7"), ask(reply).fetch("7")]
    for outcome in outcomes:
        assert isinstance(outcome, Trouble), outcome
        assert outcome.kind is kind
        assert outcome.wait_s == (28.0 if kind is TroubleKind.THROTTLED else None)


def test_another_jobs_result_is_not_this_jobs(ask: Ask) -> None:
    outcome = ask((303, [("Location", "/api/deploy_job/8/result/")], b"")).look("7")
    assert isinstance(outcome, Trouble)


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        ("28", 28.0),
        (" 28 ", 28.0),
        ("0", 1.0),
        ("-5", 60.0),
        ("", 60.0),
        (None, 60.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 60.0),
        ("1e9", 60.0),
        ("99999999", limits.THROTTLED_MOST_S),
        ("9" * 5000, limits.THROTTLED_DEFAULT_S),
        ("٣", 60.0),
    ],
)
def test_a_wait_is_never_longer_than_a_window_nor_none(header: str | None, wait_s: float) -> None:
    assert retry_after_s(header) == wait_s


def test_a_rate_429_keeps_the_next_request_back(clock: JumpingClock, scripted: Scripted) -> None:
    service = scripted(lambda _: error(429, "Request was throttled.", ("Retry-After", "28")))
    limiter = Limiter(clock)
    http = Http("https://coralnet.test", clock, service.handle)
    CoralNetService(http, username="ann", token=TOKEN, classifier="4", limiter=limiter).look("7")
    assert limiter.wait_s() == pytest.approx(28.0)


def test_a_full_account_does_not_keep_the_next_request_back(clock: JumpingClock, scripted: Scripted) -> None:
    service = scripted(lambda _: error(429, "You already have 5 jobs active (IDs: 3)."))
    limiter = Limiter(clock)
    http = Http("https://coralnet.test", clock, service.handle)
    CoralNetService(http, username="ann", token=TOKEN, classifier="4", limiter=limiter).submit("b00001.a1", ENTRIES)
    assert limiter.wait_s() == 0


def test_a_services_text_is_shown_without_token_or_signature(ask: Ask) -> None:
    text = f"bad url https://b.test/0.jpg?Signature=SECRET for Token {TOKEN}\n" + "x" * 5000
    outcome = ask(error(400, text)).submit("b00001.a1", ENTRIES)
    assert isinstance(outcome, Refused)
    assert TOKEN not in outcome.detail
    assert "SECRET" not in outcome.detail
    assert len(outcome.detail) <= 300
