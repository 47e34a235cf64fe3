"""An account's API token in the course of a process: asked for when it is first needed, and once more if it is revoked.

Rule: what the service takes no longer is renewed only where there is a password, and once: a renewed token that is
refused too would be refused for ever, and asking for tokens is throttled as well. A renewal that could not be tried
(too many requests, no answer) says so, and is tried when it is next needed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

from coralrun.coralnet.account.auth import Credentials, sign_in_api
from coralrun.coralnet.account.client import Http
from coralrun.errors import CredentialsError, ServiceError, TooManyRequests
from coralrun.machine.outcomes import Trouble, TroubleKind


class ApiToken:
    """The token of one account. Safe to share between threads. `lease` waits for leave to send one request."""

    def __init__(self, http: Http, credentials: Credentials, lease: Callable[[], AbstractContextManager[bool]]) -> None:
        self._http = http
        self._credentials = credentials
        self._lease = lease
        self._lock = threading.Lock()
        self._value: str | None = credentials.token
        self._renewed = False

    def value(self) -> str:
        """The token; the first call may cost a request. Raises as `sign_in_api`."""
        with self._lock:
            if self._value is None:
                self._value = self._asked_for()
            return self._value

    def instead_of(self, refused: str) -> str | Trouble | None:
        """A token in place of one that was refused; None where there is no way to another."""
        with self._lock:
            if self._value != refused:
                return self._value
            if self._renewed or not self._credentials.password:
                return None
            try:
                self._value = self._asked_for()
            except TooManyRequests as error:
                return Trouble(TroubleKind.THROTTLED, error.message, wait_s=error.wait_s)
            except CredentialsError as error:
                self._renewed = True
                return Trouble(TroubleKind.CREDENTIALS, f"the token is refused, and for another one {error.message}")
            except ServiceError as error:
                return Trouble(TroubleKind.UNREACHABLE, error.message)
            self._renewed = True
            return self._value if self._value != refused else None

    def _asked_for(self) -> str:
        with self._lease():
            return sign_in_api(self._http, replace(self._credentials, token=None))
