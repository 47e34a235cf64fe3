"""The embedded CoralNet inside this process: `service: emulator`.

Rule: the client cannot tell. It speaks HTTP to an address; here the address is answered by an object instead of a
socket. One request at a time is answered, as the object requires.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from urllib.parse import unquote, urlsplit

from coralrun.coralnet.auth import Credentials
from coralrun.errors import UsageError

ADDRESS = "http://127.0.0.1:1"
"""An address on which nothing can listen: if a request ever left for it, it would fail at once."""

Handle = Callable[[str, str, Mapping[str, str], bytes], tuple[int, Sequence[tuple[str, str]], bytes]]


def start() -> tuple[Handle, Credentials]:
    """A demo reef of this process's own, and the account that may use it."""
    if find_spec("sklearn") is None:  # found, not imported: it takes seconds, and no plan needs it
        raise UsageError(
            "`service: emulator` needs the embedded CoralNet, which is not installed",
            remedy='Install it with: pip install "coralrun[emulator]" (in a checkout: pip install ".[emulator]")',
        )
    from coralrun.emulator.demo import PASSWORD, USERNAME, Settings, demo_service
    from coralrun.emulator.fetching import download
    from coralrun.emulator.http import SystemClock
    from coralrun.emulator.messages import Request

    service = demo_service(SystemClock(), Settings(base_url=ADDRESS, downloader=download))
    turn = threading.Lock()

    def handle(
        method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Sequence[tuple[str, str]], bytes]:
        address = urlsplit(url)
        request = Request(method, unquote(address.path), address.query, headers, body)
        with turn:
            reply = service.handle(request)
        return reply.status, reply.headers, reply.body

    return handle, Credentials(USERNAME, password=PASSWORD)
