"""The time that a whole reply may take: a server that sends a byte now and then keeps every single read alive.

Rule: the bound is held where bytes come in, beneath whatever waits for a line, a header or a chunk to be complete; so
it covers the headers as well as the body, and a proxy's answer as well as the service's.
"""

from __future__ import annotations

import http.client
import io
import socket
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class TookTooLong(TimeoutError):
    """A reply had begun and did not end in its time."""


class BoundedAdapter(HTTPAdapter):
    """A transport without retries on which no reply takes longer than `most_s()` from the end of its request."""

    def __init__(self, monotonic: Callable[[], float], most_s: Callable[[], float]) -> None:
        self._pools = _pools(monotonic, most_s)
        super().__init__(max_retries=0, pool_maxsize=16)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pool of connections, bounded ones."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """The pool of connections through a proxy, bounded ones too."""
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = self._pools
        return manager


class _BoundedReads(io.RawIOBase):
    """A socket's bytes until a moment, after which there are none."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, monotonic: Callable[[], float], most_s: float) -> None:
        self._sock = sock
        self._raw = raw
        self._monotonic = monotonic
        self._end_s = monotonic() + most_s

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left_s = self._end_s - self._monotonic()
        if left_s <= 0:
            raise TookTooLong
        patience_s = self._sock.gettimeout()
        if patience_s is not None and patience_s <= left_s:
            return self._raw.readinto(buffer)
        self._sock.settimeout(left_s)
        try:
            return self._raw.readinto(buffer)
        except TimeoutError as error:
            raise TookTooLong from error
        finally:
            self._sock.settimeout(patience_s)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


def _pools(monotonic: Callable[[], float], most_s: Callable[[], float]) -> dict[str, type[HTTPConnectionPool]]:
    class Response(http.client.HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
            super().__init__(sock, *args, **options)
            raw = self.fp.detach()
            self.fp = io.BufferedReader(_BoundedReads(sock, raw, monotonic, most_s()))

    class Connection(HTTPConnection):
        response_class = Response

    class SecureConnection(HTTPSConnection):
        response_class = Response

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = SecureConnection

    return {"http": Pool, "https": SecurePool}
