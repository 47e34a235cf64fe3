"""Servers that mean harm: replies too large, too slow or leading elsewhere; certificates that nobody vouches for."""

from __future__ import annotations

import gzip
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from coralrun import limits
from coralrun.coralnet.account.auth import Credentials, sign_in_web
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import Limiter, WebRate
from coralrun.coralnet.classifying.service import CoralNetService
from coralrun.coralnet.codec import pages
from coralrun.coralnet.codec.pages import PageKind
from coralrun.coralnet.codec.source_page import read_source
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.coralnet.reading.site import Site
from coralrun.errors import ServiceError
from coralrun.http import client
from coralrun.http.client import Failure, NoReply, Reply
from coralrun.machine.outcomes import Trouble, Unknown
from coralrun.planning.images import Point
from coralrun.ports import Entry

ENGINE = Path(__file__).resolve().parents[2] / "engine"
TOKEN = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"
COOKIE = "sessionsecret0123456789"
Answer = Callable[[socket.socket, bytes], None]


class Clock:
    """Real time."""

    def monotonic(self) -> float:
        return time.monotonic()

    def utc(self) -> str:
        return "2026-11-22T00:00:00Z"

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Server:
    """A server of plain sockets, which can say anything; `asked` keeps the heads of all requests."""

    def __init__(self, answer: Answer, context: ssl.SSLContext | None = None) -> None:
        self.asked: list[bytes] = []
        self._answer = answer
        self._context = context
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        try:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            head = connection.recv(65536)
            if head:
                self.asked.append(head)
                self._answer(connection, head)
        except OSError:
            return
        finally:
            connection.close()


@contextmanager
def serving(answer: Answer, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(answer, context)
    try:
        yield server
    finally:
        server.close()


def whole(status: str, *headers: str, body: bytes = b"") -> Answer:
    """One complete reply."""

    def answer(connection: socket.socket, _: bytes) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
        connection.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    return answer


def dripping(head: bytes, drop: bytes = b"1") -> Answer:
    """A beginning, and then one byte again and again, for ever."""

    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(drop)
            time.sleep(0.02)

    return answer


def service_of(http: Http) -> CoralNetService:
    return CoralNetService(http, username="demo", token=TOKEN, classifier="7", limiter=Limiter(Clock()))


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\nX-Endless: ", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
    ],
    ids=["status", "header", "headers", "body", "chunk size", "body without length"],
)
def test_a_reply_that_comes_byte_by_byte_ends_wherever_it_drips(
    head: bytes, drop: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "BODY_S", 0.4)
    with serving(dripping(head, drop)) as server:
        began = time.monotonic()
        reply = Http(server.base, Clock()).api("GET", "/api/user/demo/", token=TOKEN)
    assert isinstance(reply, NoReply)
    assert reply.failure is not Failure.UNREACHABLE
    assert time.monotonic() - began < 8


def test_a_submission_whose_reply_drips_is_unknown_and_never_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "BODY_S", 0.3)
    with serving(dripping(b"HTTP/1.1 429 Too Many Requests\r\n\r\n")) as server:
        batch = [Entry("m.1.1.0", "https://a.test/", (Point(0, 0),))]
        outcome = service_of(Http(server.base, Clock())).submit("b00001.a1", batch)
    assert isinstance(outcome, Unknown)


def test_a_reply_in_time_is_read_though_the_one_before_it_was_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "BODY_S", 0.3)
    endless, good = dripping(b"HTTP/1.1 200 OK\r\n\r\n"), whole("200 OK", body=b"here")
    with serving(lambda connection, head: (endless if b"/slow" in head else good)(connection, head)) as server:
        http = Http(server.base, Clock())
        assert isinstance(http.web("/slow"), NoReply)
        reply = http.web("/quick")
    assert isinstance(reply, Reply)
    assert reply.body == b"here"


@pytest.mark.parametrize("packed", [False, True])
def test_every_kind_of_reply_is_cut_off_at_its_limit(packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    most = 100_000
    for name in ("MAX_PAGE_BYTES", "MAX_RESULT_BYTES"):
        monkeypatch.setattr(limits, name, most)
    body = b" " * (limits.MAX_REPLY_BYTES + 1)
    packing = ("Content-Encoding: gzip",) if packed else ()
    with serving(whole("200 OK", *packing, body=gzip.compress(body) if packed else body)) as server:
        http = Http(server.base, Clock())
        service = service_of(http)
        replies = [http.api("GET", "/api/user/demo/", token=TOKEN), http.web("/source/1/")]
        questions = [service.listing(), service.look("1"), service.fetch("1")]
    for reply in replies:
        assert isinstance(reply, NoReply)
        assert reply.failure is Failure.TOO_LARGE
    for outcome in questions:
        assert isinstance(outcome, Trouble)
        assert "larger than" in outcome.detail


def test_a_bomb_of_packed_zeros_takes_no_memory() -> None:
    bomb = gzip.compress(bytes(200 * 1024 * 1024), compresslevel=9)
    with serving(whole("200 OK", "Content-Encoding: gzip", body=bomb)) as server:
        tracemalloc.start()
        try:
            reply = Http(server.base, Clock()).web("/source/1/")
            most_bytes = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert isinstance(reply, NoReply)
    assert reply.failure is Failure.TOO_LARGE
    assert most_bytes < 40 * 1024 * 1024


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_no_redirect_takes_token_cookie_or_password_to_another_host(status: str) -> None:
    login = b"<form><input name=csrfmiddlewaretoken value=abcdefgh12><input name=username><input name=password></form>"
    with serving(whole("200 OK", body=b"mine now")) as thief:

        def answer(connection: socket.socket, head: bytes) -> None:
            path = head.split(b" ")[1].decode()
            cookie = f"Set-Cookie: sessionid={COOKIE}; Path=/"
            if path == "/accounts/login/" and head.startswith(b"GET"):
                whole("200 OK", cookie, body=login)(connection, head)
            else:
                whole(status, f"Location: {thief.base}{path}", cookie)(connection, head)

        with serving(answer) as server:
            http = Http(server.base, Clock())
            service = service_of(http)
            service.submit("b00001.a1", [Entry("m.1.1.0", "https://a.test/a.jpg", (Point(0, 0),))])
            outcomes = [service.listing(), service.look("5"), service.fetch("5")]
            with suppress(ServiceError):  # only a 302 says that somebody is signed in
                sign_in_web(http, Credentials("demo", password="pass-phrase"))
            assert http.has_cookie("sessionid")
            site = Site(http, WebRate(Clock(), 1000.0), Credentials("demo", password="pass-phrase"))
            site.image(5)
            assert any(COOKIE.encode() in head for head in server.asked)
            assert any(TOKEN.encode() in head for head in server.asked)
    assert all(isinstance(outcome, Trouble) for outcome in outcomes)
    assert thief.asked == []


def test_a_public_file_that_redirects_to_the_service_or_away_gets_no_secret() -> None:
    with serving(whole("200 OK", f"Set-Cookie: sessionid={COOKIE}; Path=/", body=b"x" * 50)) as server:
        http = Http(server.base, Clock())
        http.sign_in_step("/accounts/login/")
        http.api("GET", "/api/user/demo/", token=TOKEN)
        before = len(server.asked)
        with serving(whole("302 Found", f"Location: {server.base}/media/a.jpg")) as elsewhere:
            reply = http.plain(f"{elsewhere.base}/a.jpg", 10)
            heads = [*elsewhere.asked, *server.asked[before:]]
    assert isinstance(reply, Reply)
    assert len(heads) == 2
    for head in heads:
        assert TOKEN.encode() not in head
        assert COOKIE.encode() not in head
        assert b"authorization" not in head.lower()


@pytest.fixture(scope="module")
def untrusted(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that nobody vouches for."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed, so there is no certificate to refuse")
    folder = tmp_path_factory.mktemp("tls")
    names = "subjectAltName=DNS:coralnet.test,DNS:localhost,IP:127.0.0.1"
    request = [program, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=coralnet.test"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"), "-addext", names]
    subprocess.run([*request, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@pytest.mark.parametrize("host", ["coralnet.test", "localhost"])
@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"CURL_CA_BUNDLE": "", "REQUESTS_CA_BUNDLE": ""},
        {"REQUESTS_CA_BUNDLE": "/dev/null"},
        {"CURL_CA_BUNDLE": "/nowhere/at/all"},
        {"PYTHONHTTPSVERIFY": "0", "SSL_CERT_FILE": "", "SSL_CERT_DIR": ""},
        {"REQUESTS_CA_BUNDLE": "False", "CURL_CA_BUNDLE": "0"},
    ],
    ids=str,
)
def test_no_variable_makes_an_unknown_certificate_trusted(
    host: str, variables: dict[str, str], untrusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    real = socket.getaddrinfo

    def found(name: Any, *rest: Any, **more: Any) -> Any:
        return real("127.0.0.1" if name == host else name, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    with serving(whole("200 OK", body=b"{}"), untrusted) as server:
        http = Http(f"https://{host}:{server.port}", Clock())
        replies = [http.api("GET", "/", token=TOKEN), http.web("/"), http.plain(f"https://{host}:{server.port}/", 10)]
        assert all(isinstance(reply, NoReply) for reply in replies), replies
        assert server.asked == []


def test_no_line_of_code_switches_the_check_of_certificates_off() -> None:
    off = re.compile(r"verify\s*=|_create_unverified_context|CERT_NONE|check_hostname|disable_warnings|assert_hostname")
    files = sorted((ENGINE / "coralrun").rglob("*.py"))
    assert len(files) > 50
    assert [path.name for path in files if off.search(path.read_text(encoding="utf-8"))] == []


HEADING = b'<h2><a href="/source/1/">Reef</a></h2>'


@pytest.mark.parametrize(
    "html",
    [
        HEADING + b"<script>" + b"\n" * 1_500_000 + b"</script>",
        HEADING + b"<script>let classifierPlotData = [];" + b"\n" * 1_500_000 + b"x</script>",
        HEADING + b"<div>" * 300_000,
        HEADING + b"<ul><li>" * 9_000 + b"Active classifier: 4, from " * 50_000,
        HEADING + b"<table class=detail_box_table><tr><td>" * 4_000 + b"x" * 1_000_000,
        HEADING + b"<script>let classifierPlotData = [" + b"(" * 900_000 + b"];\n</script>",
        HEADING + b"<script>let classifierPlotData = [" + b"-" * 900_000 + b"1];\n</script>",
        HEADING + b"<script>let classifierPlotData = [" + b"9" * 900_000 + b"];\n</script>",
    ],
    ids=["blank lines", "blank lines after", "nested", "lists in lists", "tables", "brackets", "minuses", "digits"],
)
def test_no_page_keeps_a_reader_busy_for_long(html: bytes) -> None:
    assert len(html) <= limits.MAX_PAGE_BYTES
    began = time.process_time()
    for read in (pages.kind_of, lambda page: read_source(page, 1), pages.read_browse, pages.read_image):
        try:
            read(html)
        except NotUnderstood:
            continue
    assert time.process_time() - began < 8


def test_a_page_has_no_more_tags_than_any_real_one() -> None:
    with pytest.raises(NotUnderstood, match="tags"):
        pages.kind_of(b"<b>" * (limits.MAX_PAGE_TAGS + 1))
    assert pages.kind_of(b"<b>" * limits.MAX_PAGE_TAGS) is PageKind.CONTENT
