"""The web half: pages asked for within the rate, one sign-in, and an outcome for every kind of page."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

from coralrun.coralnet.account.auth import Credentials
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import WebRate
from coralrun.coralnet.codec.search import IdRange, browse_query
from coralrun.coralnet.reading.site import Site
from coralrun.errors import CredentialsError, ServiceError, UsageError
from coralrun.machine.outcomes import Trouble, TroubleKind, Unusable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import Size
from coralrun.ports import Located
from coralrun.spec.image_search import PhotoDate, Search

if TYPE_CHECKING:
    from tests.unit.coralnet.conftest import Asked, JumpingClock, Script, Scripted, ScriptedService

BASE = "https://coralnet.test"
ANN = Credentials("ann", password="hunter2")
DATE = ("Date", "Sun, 22 Nov 2026 17:00:00 GMT")
EPOCH = 1_795_366_800
Raw = tuple[int, list[tuple[str, str]], bytes]


def html(content: str, title: str = "x | CoralNet") -> bytes:
    return (
        f"<html><head><title>{title}</title></head><body><div id='content-container'>{content}</div></body></html>"
    ).encode()


def image(url: str) -> Raw:
    body = html(
        f'<div id="original_image_container"><img src="{escape(url)}"/></div>'
        '<div class="details"><h3>Other image details</h3><ul>'
        "<li>Name: a.jpg</li><li>Full resolution: 1600 x 1200 pixels</li></ul></div>"
    )
    return 200, [DATE], body


NOT_PUBLIC = "image 1 is not public, and pages that only members may see need CORALNET_PASSWORD"
DENIED: Raw = (200, [], html("<p>Sorry, you don&#x27;t have permission to view this page.</p>", "CoralNet"))
MISSING: Raw = (404, [], html("Page could not be found. If you think this is a bug", "CoralNet"))
TO_LOGIN: Raw = (302, [("Location", "/accounts/login/?next=/image/1/view/")], b"")
GREETING: Raw = (200, [], html('<a href="/accounts/profile/detail/5/"><span>Account (ann)</span></a>'))
FORM = html(
    '<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="abcDEF0123456789">'
    '<input name="username"><input name="password"></form>'
)


@pytest.fixture
def members_only() -> Script:
    """A service that shows its pages to whoever is signed in, and signs in whoever knows the password."""

    def answer(request: Asked) -> Raw:
        if urlsplit(request.url).path == "/accounts/login/":
            if request.method == "GET":
                return 200, [("Set-Cookie", "csrftoken=c; Path=/")], FORM
            if b"password=hunter2" in request.body and "csrftoken=c" in request.headers.get("Cookie", ""):
                return 302, [("Location", "/source/"), ("Set-Cookie", "sessionid=s; Path=/")], b""
            return 200, [], FORM.replace(b"<form", b'<ul class="errorlist"><li>did not match</li></ul><form')
        if "sessionid=s" in request.headers.get("Cookie", ""):
            if urlsplit(request.url).path == "/source/about/":
                return GREETING
            return image(f"/media/{urlsplit(request.url).path.split('/')[2]}.jpg")
        return DENIED

    return answer


def site_of(clock: JumpingClock, service: ScriptedService, credentials: Credentials | None = None) -> Site:
    return Site(Http(BASE, clock, service.handle), WebRate(clock, 4.0), credentials)


def test_an_image_is_located_with_its_size_and_the_life_of_its_url(clock: JumpingClock, scripted: Scripted) -> None:
    url = f"https://b.test/a.jpg?AWSAccessKeyId=A&Signature=S%2B&Expires={EPOCH + 3500}"
    site = site_of(clock, scripted(lambda _: image(url)))
    assert site.image(1) == Located(url, Size(1600, 1200), 3500.0)


def test_a_path_is_joined_with_the_services_address(clock: JumpingClock, scripted: Scripted) -> None:
    located = site_of(clock, scripted(lambda _: image("/media/images/a b.jpg"))).image(1)
    assert located == Located(BASE + "/media/images/a b.jpg", Size(1600, 1200), None)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (MISSING, Unusable(Reason.NOT_FOUND)),
        (DENIED, Trouble(TroubleKind.CREDENTIALS, NOT_PUBLIC)),
        (TO_LOGIN, Trouble(TroubleKind.CREDENTIALS, NOT_PUBLIC)),
    ],
)
def test_a_page_that_is_gone_ends_its_image_and_one_without_login_does_not(
    clock: JumpingClock, scripted: Scripted, reply: Raw, outcome: Unusable | Trouble
) -> None:
    assert site_of(clock, scripted(lambda _: reply)).image(1) == outcome


def test_a_site_that_has_had_enough_says_for_how_long(clock: JumpingClock, scripted: Scripted) -> None:
    enough: Raw = (429, [("Retry-After", "17")], b"<html>Too Many Requests</html>")
    found = site_of(clock, scripted(lambda _: enough)).image(1)
    assert found == Trouble(TroubleKind.THROTTLED, f"{BASE}: too many requests; the next is taken in 17 s", wait_s=17.0)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ((502, [], b"<html>Bad Gateway</html>"), TroubleKind.UNREACHABLE),
        ((404, [], b"<html>nginx</html>"), TroubleKind.UNREACHABLE),
        ((302, [("Location", "https://portal.test/accounts/login/")], b""), TroubleKind.UNREACHABLE),
        ((200, [], b"\xff\xfe"), TroubleKind.UNREACHABLE),
        ((200, [], html("<p>A new design</p>")), TroubleKind.NOT_UNDERSTOOD),
        (image("javascript:alert(1)"), TroubleKind.NOT_UNDERSTOOD),
        (image("https://[bad/"), TroubleKind.NOT_UNDERSTOOD),
    ],
)
def test_a_page_that_is_none_of_these_is_trouble(
    clock: JumpingClock, scripted: Scripted, reply: Raw, kind: TroubleKind
) -> None:
    outcome = site_of(clock, scripted(lambda _: reply)).image(1)
    assert isinstance(outcome, Trouble)
    assert outcome.kind is kind


def test_a_public_page_needs_no_sign_in(clock: JumpingClock, scripted: Scripted) -> None:
    service = scripted(lambda _: image("/a.jpg"))
    site_of(clock, service, ANN).image(1)
    assert [request.method for request in service.asked] == ["GET"]


def test_threads_that_are_denied_sign_in_once_and_each_gets_its_own_page(
    clock: JumpingClock, scripted: Scripted, members_only: Script
) -> None:
    service = scripted(members_only)
    site = site_of(clock, service, ANN)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(site.image, range(1, 41)))
    assert [item.place for item in found if isinstance(item, Located)] == [
        f"{BASE}/media/{n}.jpg" for n in range(1, 41)
    ]
    assert sum(request.method == "POST" for request in service.asked) == 1


def short_sessions(members_only: Script, count: int) -> Script:
    """As `members_only`, but the first `count` sessions have ended when they are used; `s` is never refused by form."""
    logins: list[int] = []

    def answer(request: Asked) -> Raw:
        path = urlsplit(request.url).path
        if path == "/accounts/login/":
            logins.extend([1] if request.method == "POST" else [])
            return members_only(request)
        if len(logins) > count or "sessionid" not in request.headers.get("Cookie", ""):
            return members_only(request)
        return (200, [], html("About")) if path == "/source/about/" else DENIED

    return answer


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_session_that_ends_right_after_its_sign_in_is_no_denial(
    clock: JumpingClock, scripted: Scripted, members_only: Script, count: int
) -> None:
    service = scripted(short_sessions(members_only, count))
    located = site_of(clock, service, ANN).image(7)
    assert isinstance(located, Located)
    assert sum(request.method == "POST" for request in service.asked) == count + 1


def test_sessions_that_never_last_are_trouble_that_passes_and_no_denial(
    clock: JumpingClock, scripted: Scripted, members_only: Script
) -> None:
    service = scripted(short_sessions(members_only, 99))
    site = site_of(clock, service, ANN)
    ended = f"{BASE}: each sign-in ended before a page could be had with it"
    assert site.image(7) == Trouble(TroubleKind.UNREACHABLE, ended)
    with pytest.raises(ServiceError) as caught:
        site.source(1)
    assert str(caught.value) == ended
    assert sum(request.method == "POST" for request in service.asked) <= 10


def test_a_wrong_password_is_tried_once(clock: JumpingClock, scripted: Scripted, members_only: Script) -> None:
    service = scripted(members_only)
    site = site_of(clock, service, Credentials("ann", password="wrong"))
    for _ in range(5):
        outcome = site.image(1)
        assert isinstance(outcome, Trouble)
        assert outcome.kind is TroubleKind.CREDENTIALS
        assert "wrong" not in outcome.detail
    assert sum(request.method == "POST" for request in service.asked) == 1


@pytest.mark.parametrize(
    ("reply", "credentials", "error", "said"),
    [
        (MISSING, None, UsageError, f"source 1 does not exist at {BASE}"),
        (DENIED, None, CredentialsError, f"source 1 at {BASE} is not public, and there are no credentials"),
        (DENIED, Credentials("ann", token="t" * 40), CredentialsError, f"source 1 at {BASE} is not public"),
        ((502, [], b""), None, ServiceError, f"{BASE}: HTTP 502"),
        (
            (200, [], html("a new design")),
            None,
            ServiceError,
            "the page of source 1 is not as expected: source page: no heading",
        ),
    ],
)
def test_a_plan_without_its_source_page_ends_with_an_error(
    clock: JumpingClock,
    scripted: Scripted,
    reply: Raw,
    credentials: Credentials | None,
    error: type[Exception],
    said: str,
) -> None:
    site = site_of(clock, scripted(lambda _: reply), credentials)
    with pytest.raises(error) as caught:
        site.source(1)
    assert str(caught.value) == said
    with pytest.raises(error):
        site.browse(1, Search(), IdRange(1))


def test_a_member_who_may_not_see_a_source_is_told_so(
    clock: JumpingClock, scripted: Scripted, members_only: Script
) -> None:
    def answer(request: Asked) -> Raw:
        return DENIED if "/source/9/" in request.url else members_only(request)

    with pytest.raises(CredentialsError) as caught:
        site_of(clock, scripted(answer), ANN).source(9)
    assert str(caught.value) == f"the account 'ann' may not see source 9 at {BASE}"


def test_pages_are_asked_for_within_the_rate(clock: JumpingClock, scripted: Scripted) -> None:
    site = site_of(clock, scripted(lambda _: image("/a.jpg")))
    start = clock.now
    for number in range(9):
        site.image(number)
    assert clock.now - start == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("search", "query"),
    [
        (Search(), {}),
        (Search(image_name="a & b", annotation_status="any"), {"image_name": "a & b"}),
        (Search(annotation_status="confirmed"), {"annotation_status": "confirmed"}),
        (Search(photo_date=PhotoDate(year=2008)), {"photo_date_0": "year", "photo_date_1": "2008"}),
        (Search(photo_date=PhotoDate(date="2008-04-15")), {"photo_date_0": "date", "photo_date_2": "2008-04-15"}),
        (
            Search(photo_date=PhotoDate(first="2008-01-01", last="2008-12-31")),
            {"photo_date_0": "date_range", "photo_date_3": "2008-01-01", "photo_date_4": "2008-12-31"},
        ),
        (Search(photo_date="none"), {"photo_date_0": "(none)"}),
        (Search(last_annotated=PhotoDate(year=2020)), {"last_annotated_0": "year", "last_annotated_1": "2020"}),
        (
            Search(last_annotator="annotation_tool", last_annotator_user=17),
            {"last_annotator_0": "annotation_tool", "last_annotator_1": "17"},
        ),
        (Search(fields={"aux1": "North", "aux2": "none"}), {"aux1": "North", "aux2": "(none)"}),
        (Search(image_ids=(50, 60)), {"image_id_list": "50_60"}),
    ],
)
def test_a_search_is_asked_in_the_services_words_by_key(
    clock: JumpingClock, scripted: Scripted, search: Search, query: dict[str, str]
) -> None:
    service = scripted(lambda _: (200, [], html("No image results.")))
    site_of(clock, service).browse(3, search, IdRange(42))
    asked = urlsplit(service.asked[0].url)
    key = {"image_id_range": "42_2147483647", "sort_method": "upload_date"}
    assert asked.path == "/source/3/browse/images/"
    assert dict(parse_qsl(asked.query, strict_parsing=True)) == key | query
    assert dict(browse_query(search, IdRange(42))) == key | query
