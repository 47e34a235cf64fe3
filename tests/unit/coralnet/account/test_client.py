"""The one sender of HTTP: what it sends to whom, and what it makes of what comes back."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coralrun import limits
from coralrun.coralnet.account.client import Http
from coralrun.errors import UsageError
from coralrun.http import client
from coralrun.http.client import Failure, NoReply, Reply

if TYPE_CHECKING:
    from tests.unit.coralnet.conftest import JumpingClock, Scripted

TOKEN = "0123456789abcdef0123456789abcdef01234567"
SECRETS = (TOKEN, "sessionid", "hunter2")


class Recorder(BaseHTTPRequestHandler):
    """A real server that keeps what it was sent and answers by path."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, dict[str, str]]]

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer()

    def _answer(self) -> None:
        self.seen.append((self.command, self.path, dict(self.headers.items())))
        if self.path == "/reset":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        body = b"x" * 5000 if self.path == "/big" else gzip.compress(b"packed") if self.path == "/packed" else b"hello"
        self.send_response(303 if self.path == "/moved" else 302 if self.path.startswith("/away") else 200)
        if self.path == "/moved":
            self.send_header("Location", "/elsewhere")
        if self.path.startswith("/away"):
            self.send_header("Location", self.path.partition("?")[2])
        if self.path == "/packed":
            self.send_header("Content-Encoding", "gzip")
        if self.path in ("/cookie", "/login"):
            self.send_header("Set-Cookie", "sessionid=hunter2; Path=/")
        self.send_header("Content-Length", str(len(body) + (100 if self.path == "/short" else 0)))
        if self.path == "/short":
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Tests stay quiet."""


@contextmanager
def serving() -> Iterator[tuple[str, list[tuple[str, str, dict[str, str]]]]]:
    seen: list[tuple[str, str, dict[str, str]]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Recorder,), {"seen": seen}))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()


def body_of(reply: Reply | NoReply) -> bytes:
    assert isinstance(reply, Reply), reply
    return reply.body


def test_netrc_and_a_proxy_in_the_environment_change_nothing_on_loopback(
    clock: JumpingClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ann password wrong\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving() as (base, seen):
        http = Http(base, clock)
        assert body_of(http.api("GET", "/api/user/ann/", token=TOKEN)) == b"hello"
        assert body_of(http.api("POST", "/api/token_auth/", body=b"{}")) == b"hello"
        assert body_of(http.web("/source/1/")) == b"hello"
        assert body_of(http.plain(base + "/media/a.jpg", 3)) == b"hel"
    authorization = [headers.get("Authorization") for _, _, headers in seen]
    assert authorization == [f"Token {TOKEN}", None, None, None]


def test_netrc_does_not_replace_the_token_on_other_hosts_either(
    clock: JumpingClock, scripted: Scripted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine coralnet.test login ann password wrong\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    service = scripted(lambda _: (200, [], b"ok"))
    http = Http("https://coralnet.test", clock, service.handle)
    http.api("GET", "/", token=TOKEN)
    http.web("/")
    assert [request.headers.get("Authorization") for request in service.asked] == [f"Token {TOKEN}", None]


def test_a_proxy_of_the_environment_is_used_for_other_hosts(
    clock: JumpingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as (proxy, seen):
        monkeypatch.setenv("http_proxy", proxy)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert body_of(Http("https://coralnet.test", clock).plain("http://images.test/a.jpg", 5)) == b"hello"
    assert [path for _, path, _ in seen] == ["http://images.test/a.jpg"]


def test_the_api_keeps_and_sends_no_cookies(clock: JumpingClock) -> None:
    with serving() as (base, seen):
        http = Http(base, clock)
        http.sign_in_step("/login")
        http.api("GET", "/cookie", token=TOKEN)
        http.api("GET", "/api/", token=TOKEN)
        http.web("/source/1/")
    cookies = [headers.get("Cookie") for _, _, headers in seen]
    assert cookies == [None, None, None, "sessionid=hunter2"]
    assert seen[-1][2].get("Authorization") is None


def test_only_a_sign_in_sets_cookies(clock: JumpingClock) -> None:
    with serving() as (base, _):
        http = Http(base, clock)
        http.web("/cookie")
        assert not http.has_cookie("sessionid")
        http.sign_in_step("/cookie")
        assert http.has_cookie("sessionid")


def test_a_form_carries_the_csrf_token_of_the_session_and_changes_no_cookie(clock: JumpingClock) -> None:
    asked: list[tuple[str, Mapping[str, str], bytes]] = []

    def answer(
        method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        asked.append((method, headers, body))
        return 200, [("Set-Cookie", f"csrftoken=token{len(asked)}; Path=/")], b""

    http = Http("https://coralnet.test", clock, answer)
    http.sign_in_step("/accounts/login/")
    for _ in range(2):
        http.submit("/source/1/x/", {"label_format": "both"})
    assert [(method, headers.get("Cookie"), body) for method, headers, body in asked[1:]] == [
        ("POST", "csrftoken=token1", b"label_format=both&csrfmiddlewaretoken=token1")
    ] * 2
    assert {headers["Referer"] for _, headers, _ in asked[1:]} == {"https://coralnet.test/source/1/x/"}


def test_other_hosts_get_no_token_and_no_cookie(clock: JumpingClock) -> None:
    with serving() as (base, _), serving() as (other, seen):
        http = Http(base, clock)
        http.sign_in_step("/login")
        http.api("GET", "/", token=TOKEN)
        http.plain(other + "/a.jpg", 10)
        http.plain(base + "/away?" + other + "/b.jpg", 10)
        http.plain("http://ann:hunter2@" + other.removeprefix("http://") + "/c.jpg", 10)
    assert len(seen) == 3
    assert not any(secret in str(seen) for secret in SECRETS)
    assert not any("Authorization" in headers for _, _, headers in seen)


def test_no_redirect_of_the_service_is_followed(clock: JumpingClock) -> None:
    with serving() as (base, seen), serving() as (other, elsewhere):
        http = Http(base, clock)
        replies = [
            http.api("GET", "/moved", token=TOKEN),
            http.api("POST", "/away?" + other, token=TOKEN, body=b""),
            http.web("/away?" + other),
            http.sign_in_step("/away?" + other, {"password": "hunter2"}),
        ]
    assert [reply.status for reply in replies if isinstance(reply, Reply)] == [303, 302, 302, 302]
    assert len(seen) == 4
    assert elsewhere == []


def test_a_refused_connection_was_surely_not_sent_and_a_broken_one_may_have_been(clock: JumpingClock) -> None:
    with serving() as (base, seen):
        http = Http(base, clock)
        broken = http.api("POST", "/reset", token=TOKEN, body=b"{}")
        short = http.api("GET", "/short", token=TOKEN)
    assert isinstance(broken, NoReply)
    assert broken.failure is Failure.BROKEN
    assert isinstance(short, NoReply)
    assert short.failure is Failure.BROKEN
    assert [path for _, path, _ in seen] == ["/reset", "/short"], "a request is never repeated"
    gone = Http(base, clock).api("POST", "/", token=TOKEN, body=b"{}")
    assert gone == NoReply(Failure.UNREACHABLE, "could not connect (nothing answers at that address)")


def test_an_unknown_host_was_surely_not_asked(clock: JumpingClock, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    reply = Http("https://no-such-host.invalid", clock).api("GET", "/", token=TOKEN)
    assert reply == NoReply(Failure.UNREACHABLE, "could not connect (the name is not found: is there a network?)")


def test_a_server_that_says_nothing_times_out(clock: JumpingClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_TIMEOUT_S", (0.2, 0.2))

    class Silent(Recorder):
        def _answer(self) -> None:
            time.sleep(0.6)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        reply = Http(f"http://127.0.0.1:{server.server_port}", clock).api("GET", "/", token=TOKEN)
    finally:
        server.shutdown()
        server.server_close()
    assert isinstance(reply, NoReply)
    assert reply.failure is Failure.TIMEOUT


def test_a_reply_that_is_too_large_is_no_reply(clock: JumpingClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PAGE_BYTES", 1000)
    with serving() as (base, _):
        http = Http(base, clock)
        replies = [http.api("GET", "/big", token=TOKEN, most_bytes=1000), http.web("/big")]
        assert len(body_of(http.plain(base + "/big", 1000))) == 1000
    for reply in replies:
        assert isinstance(reply, NoReply)
        assert reply.failure is Failure.TOO_LARGE


def test_a_reply_that_never_ends_is_given_up(clock: JumpingClock, scripted: Scripted) -> None:
    class Late:
        def monotonic(self) -> float:
            clock.now += client.BODY_S
            return clock.now

        def utc(self) -> str:
            return clock.utc()

        def sleep(self, seconds: float) -> None:
            clock.sleep(seconds)

    service = scripted(lambda _: (200, [], b"x" * 200_000))
    reply = Http("https://coralnet.test", Late(), service.handle).api("GET", "/", token=TOKEN)
    assert isinstance(reply, NoReply)
    assert reply.failure is Failure.TIMEOUT


def test_a_packed_reply_is_unpacked(clock: JumpingClock) -> None:
    with serving() as (base, _):
        assert body_of(Http(base, clock).api("GET", "/packed", token=TOKEN)) == b"packed"


@pytest.mark.parametrize("url", ["ftp://h.test/a", "file:///etc/passwd", "not a url", "http://[bad", "http://"])
def test_what_is_no_web_address_is_not_asked_for(clock: JumpingClock, url: str) -> None:
    reply = Http("https://coralnet.test", clock).plain(url, 10)
    assert isinstance(reply, NoReply)
    assert reply.failure is Failure.UNREACHABLE


def test_redirects_of_a_public_file_are_followed_but_not_for_ever(clock: JumpingClock) -> None:
    with serving() as (base, seen):
        http = Http("https://coralnet.test", clock)
        assert body_of(http.plain(base + "/away?/a.jpg", 10)) == b"hello"
        http_loop = http.plain(base + "/away?/away?/away?/away?/away?/away?/away?/a.jpg", 10)
        astray = [http.plain(f"{base}/away?{place}", 10) for place in ("http://[bad", "http://%", "http://a%2e.test/")]
    assert isinstance(http_loop, NoReply)
    assert all(isinstance(reply, NoReply) for reply in astray)
    assert seen[1][2]["Range"] == "bytes=0-9"


@pytest.mark.parametrize("target", ["http://127.0.0.1:{port}/a.jpg", "//localhost:{port}/a.jpg", "http://10.0.0.1/"])
def test_a_redirect_from_the_public_into_a_private_network_is_not_followed(
    clock: JumpingClock, scripted: Scripted, target: str
) -> None:
    with serving() as (base, seen):
        location = target.format(port=base.rpartition(":")[2])
        public = scripted(lambda _: (302, [("Location", location)], b""))
        reply = Http("https://coralnet.test", clock, public.handle).plain("https://coralnet.test/photo", 10)
    assert reply == NoReply(Failure.UNREACHABLE, "a redirect into a private network, which is not followed")
    assert seen == []


@pytest.mark.parametrize(
    "address",
    [
        "http://coralnet.ucsd.edu",
        "ftp://coralnet.test",
        "coralnet.test",
        "https://a:b@coralnet.test",
        "https://c.test/x",
    ],
)
def test_an_address_that_would_show_secrets_or_is_none_is_refused(clock: JumpingClock, address: str) -> None:
    with pytest.raises(UsageError):
        Http(address, clock)


@pytest.mark.parametrize("address", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:80", "https://c.test/"])
def test_https_and_loopback_are_addresses(clock: JumpingClock, address: str) -> None:
    assert Http(address, clock).base_url == address.rstrip("/")


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/accounts/login/?next=/x", "/accounts/login/?next=/x"),
        ("?page=2", "/source/?page=2"),
        ("https://coralnet.test/source/", "/source/"),
        ("https://coralnet.test.evil/source/", None),
        ("//evil.test/", None),
        ("http://coralnet.test/", None),
        ("https://[bad/", None),
    ],
)
def test_a_redirect_is_only_known_within_the_service(clock: JumpingClock, location: str, path: str | None) -> None:
    assert Http("https://coralnet.test", clock).own_path(location, "/source/") == path


def test_what_a_memory_service_raises_is_what_the_network_would_have(clock: JumpingClock) -> None:
    def lose(*_: object) -> tuple[int, list[tuple[str, str]], bytes]:
        raise ConnectionResetError(f"GET /?Signature=hunter2 {TOKEN}")

    reply = Http("https://coralnet.test", clock, lose).api("POST", "/", token=TOKEN, body=b"{}")
    assert isinstance(reply, NoReply)
    assert reply.failure is Failure.BROKEN
    assert not any(secret in reply.detail for secret in SECRETS)
