"""A token that is revoked in the course of a process: another is asked for where there is a password, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

from coralrun.coralnet.account.api_token import ApiToken
from coralrun.coralnet.account.auth import Credentials
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import Limiter
from coralrun.coralnet.classifying.service import CoralNetService
from coralrun.emulator.demo import NEWER_CLASSIFIER, PASSWORD, USERNAME, Settings, drawn_service
from coralrun.emulator.messages import Request
from coralrun.errors import CredentialsError
from coralrun.limits import THROTTLED_DEFAULT_S
from coralrun.machine.outcomes import Accepted, Listed, Refusal, Refused, Trouble, TroubleKind
from coralrun.planning.images import Point
from coralrun.ports import Entry

if TYPE_CHECKING:
    from tests.unit.coralnet.conftest import JumpingClock

BASE = "http://127.0.0.1:8000"
TOKEN_PATH = "/api/token_auth/"
ENTRIES = [Entry("r.1.1.0", "https://photos.test/a.jpg", (Point(5, 6),))]
Raw = tuple[int, Sequence[tuple[str, str]], bytes]


class Account:
    """An account of an embedded CoralNet, as one process uses it."""

    def __init__(self, clock: JumpingClock, credentials: Credentials) -> None:
        self.clock = clock
        self.server = drawn_service(self, Settings(base_url=BASE), images=1)
        self.tokens_asked_for = 0
        self.in_place: Raw | None = None  # what comes in place of a token
        http = Http(BASE, clock, self.handle)
        limiter = Limiter(clock)
        self.token = ApiToken(http, credentials, limiter.request)
        self.service = CoralNetService(
            http,
            username=USERNAME,
            token=self.token.value(),
            classifier=str(NEWER_CLASSIFIER),
            limiter=limiter,
            renew=self.token.instead_of,
        )

    def now(self) -> float:
        return 1_795_364_610.0 + self.clock.now

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Raw:
        address = urlsplit(url)
        if address.path == TOKEN_PATH:
            self.tokens_asked_for += 1
            if self.in_place is not None:
                return self.in_place
        reply = self.server.handle(Request(method, unquote(address.path), address.query, headers, body))
        return reply.status, reply.headers, reply.body

    def revoke(self) -> None:
        self.server.identity.revoke_token(USERNAME)


def with_token(clock: JumpingClock, password: str | None = PASSWORD) -> Account:
    """An account whose token is given, and good."""
    token = drawn_service(Account(clock, Credentials(USERNAME, PASSWORD)), Settings(), images=1).identity.token(
        USERNAME
    )
    return Account(clock, Credentials(USERNAME, password, token))


def test_a_revoked_token_is_renewed_with_the_password_and_the_question_is_answered(clock: JumpingClock) -> None:
    account = with_token(clock)
    assert isinstance(account.service.listing(), Listed)
    assert account.tokens_asked_for == 0
    account.revoke()
    for _ in range(3):
        assert isinstance(account.service.listing(), Listed)
    assert account.tokens_asked_for == 1


def test_a_batch_that_meets_a_revoked_token_is_sent_once_with_the_new_one(clock: JumpingClock) -> None:
    account = Account(clock, Credentials(USERNAME, PASSWORD))
    account.revoke()
    assert isinstance(account.service.submit("b00001.a1", ENTRIES), Accepted)
    assert len(account.server.jobs.active(USERNAME)) == 1


def test_a_token_that_is_refused_again_is_not_asked_for_in_a_loop(clock: JumpingClock) -> None:
    account = with_token(clock)
    account.revoke()
    account.service.listing()
    account.revoke()
    for _ in range(5):
        assert account.service.listing() == Trouble(TroubleKind.CREDENTIALS, "Invalid token.")
        assert account.service.submit("b00001.a1", ENTRIES) == Refused(Refusal.CREDENTIALS, "Invalid token.")
    assert account.tokens_asked_for == 1


def test_without_a_password_a_revoked_token_is_what_it_was(clock: JumpingClock) -> None:
    account = with_token(clock, password=None)
    account.revoke()
    assert account.service.listing() == Trouble(TroubleKind.CREDENTIALS, "Invalid token.")
    assert account.tokens_asked_for == 0


def test_a_password_that_is_refused_is_said_and_tried_once(clock: JumpingClock) -> None:
    account = with_token(clock, password="not it")
    account.revoke()
    first, second = account.service.listing(), account.service.look("7")
    assert first == Trouble(
        TroubleKind.CREDENTIALS,
        f"the token is refused, and for another one {BASE} does not accept the account 'demo': "
        "Unable to log in with provided credentials.",
    )
    assert second == Trouble(TroubleKind.CREDENTIALS, "Invalid token.")
    assert account.tokens_asked_for == 1


@pytest.mark.parametrize(
    ("reply", "trouble", "wait_s"),
    [
        (
            (429, [("Retry-After", "28")], b'{"errors":[{"detail":"Request was throttled."}]}'),
            Trouble(TroubleKind.THROTTLED, f"{BASE}: too many requests; the next is taken in 28 s", wait_s=28.0),
            28.0,
        ),
        (
            (502, [], b"<html>Bad Gateway</html>"),
            Trouble(TroubleKind.UNREACHABLE, f"signing in to {BASE}: HTTP 502, not understood (not JSON)"),
            THROTTLED_DEFAULT_S,
        ),
    ],
)
def test_a_renewal_that_cannot_be_tried_now_is_trouble_that_passes(
    clock: JumpingClock, reply: Raw, trouble: Trouble, wait_s: float
) -> None:
    account = with_token(clock)
    account.revoke()
    account.in_place = reply
    assert account.service.listing() == trouble
    assert account.service.submit("b00001.a1", ENTRIES) == Refused(Refusal.THROTTLED, trouble.detail, wait_s=wait_s)
    account.in_place = None
    assert isinstance(account.service.listing(), Listed)


def test_many_threads_that_are_refused_ask_for_one_token(clock: JumpingClock) -> None:
    account = with_token(clock)
    account.revoke()
    refused = account.token.value()
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: account.token.instead_of(refused), range(16)))
    assert found == {account.server.identity.token(USERNAME)}
    assert account.tokens_asked_for == 1


def test_a_first_token_that_cannot_be_had_is_an_error(clock: JumpingClock) -> None:
    with pytest.raises(CredentialsError, match="Unable to log in"):
        Account(clock, Credentials(USERNAME, "not it"))
