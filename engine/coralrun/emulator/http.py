"""The embedded CoralNet on a loopback port.

Rule: this is the one module of the emulator with real time, threads and sockets. The service takes one request at a
time, under a lock; between requests a thread lets jobs advance in small steps, so that no request waits for many
images to be classified.
"""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from coralrun.emulator import protocol
from coralrun.emulator.demo import PASSWORD, USERNAME, Settings, demo_service, own_photos_service
from coralrun.emulator.fetching import download
from coralrun.emulator.jobs import Cadence
from coralrun.emulator.messages import Reply, ReplyLost, Request
from coralrun.emulator.service import CoralNet
from coralrun.errors import UsageError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOST = "127.0.0.1"
TICK_S = 0.05
_MAX_BODY_BYTES = protocol.UPLOAD_BYTES + 1  # one more than the service takes, so that it can say so


class SystemClock:
    """Real time."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()


class Running:
    """A service that is being served at `url`, until `close`."""

    def __init__(self, service: CoralNet, port: int) -> None:
        from werkzeug.serving import make_server

        self.service = service
        self._lock = threading.Lock()
        self._closing = threading.Event()
        # Bound here and not by werkzeug, which ends the process when a port is taken.
        with socket.create_server((HOST, port)) as bound:
            taken = bound.getsockname()[1]
            self._server = make_server(
                HOST, port, self._application, threaded=True, request_handler=_quiet_handler(), fd=bound.fileno()
            )
        self.url = f"http://{HOST}:{taken}"
        service.base_url = self.url
        self._threads = [
            threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": TICK_S}, daemon=True),
            threading.Thread(target=self._keep_advancing, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop serving and free the port."""
        self._closing.set()
        self._server.shutdown()
        for thread in self._threads:
            thread.join()
        self._server.server_close()

    def _keep_advancing(self) -> None:
        while not self._closing.is_set():
            with self._lock:
                more = self.service.advance(most=1)
            self._closing.wait(0.001 if more else TICK_S)

    def _application(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            request = _request(environ)
            with self._lock:
                reply = self.service.handle(request)
        except ReplyLost:
            # Closing the socket from below is the one way to end a connection without a byte of reply.
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError("the reply is lost on purpose") from None
        return _answer(reply, start_response)


def serve(service: CoralNet, port: int = 0) -> Running:
    """Serve a service on a loopback port (0: any free one); its URLs then name that address."""
    return Running(service, port)


def run_emulator(
    images: Path | None,
    annotations: Path | None,
    port: int,
    seconds_per_image: float,
    url_lifetime_s: float,
    max_active: int,
    seed: int,
    announce: Callable[[str], None],
) -> None:
    """Serve one's own photos, or the demo reef without any, until SIGINT or SIGTERM.

    Announces url, username and password when ready, and the variable by which coralrun sends them there.
    Raises `InvalidInput` for photos or annotations that cannot be used, `UsageError` for one of the two without the
    other, and OSError for a port that is taken.
    """
    if (images is None) != (annotations is None):
        raise UsageError(
            "--images and --annotations go together: photos, and the points to learn from",
            remedy="Give both for your own photos, or neither for the demo reef.",
        )
    settings = Settings(
        seed=seed,
        cadence=Cadence(seconds_per_image=seconds_per_image),
        url_lifetime_s=url_lifetime_s,
        max_active=max_active,
        downloader=download,
    )
    clock = SystemClock()
    if images is not None and annotations is not None:
        service = own_photos_service(clock, images, annotations, settings)
    else:
        service = demo_service(clock, settings)
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    running = serve(service, port)
    try:
        announce(f"url: {running.url}")
        announce(f"username: {USERNAME}")
        announce(f"password: {PASSWORD}")
        announce(f"export CORALNET_SERVICE={running.url}")
        while not stopped.wait(0.2):
            continue
    finally:
        running.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def _request(environ: WSGIEnvironment) -> Request:
    headers = {
        key.removeprefix("HTTP_").replace("_", "-").title(): value
        for key, value in environ.items()
        if key.startswith("HTTP_") or key in ("CONTENT_TYPE", "CONTENT_LENGTH")
    }
    length = min(int(environ.get("CONTENT_LENGTH") or 0), _MAX_BODY_BYTES)
    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"].encode("latin-1").decode("utf-8", errors="replace"),
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        body=environ["wsgi.input"].read(length) if length else b"",
        client_ip=environ.get("REMOTE_ADDR", HOST),
    )


def _answer(reply: Reply, start_response: StartResponse) -> Iterable[bytes]:
    headers = [*reply.headers, ("Content-Length", str(len(reply.body)))]
    start_response(f"{reply.status} {_reason(reply.status)}", headers)
    return [reply.body]


def _reason(status: int) -> str:
    from http import HTTPStatus

    return HTTPStatus(status).phrase


def _quiet_handler() -> Any:
    """werkzeug's request handler without its log lines: the emulator prints what it is asked to, and no more."""
    from werkzeug.serving import WSGIRequestHandler

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def send_response(self, code: int, message: str | None = None) -> None:
            """Send the status alone: Date and Server are the service's own."""
            self.send_response_only(code, message)

        def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
            return

        def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
            return

    return Quiet
