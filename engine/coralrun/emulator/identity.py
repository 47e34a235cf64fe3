"""Who is asking: permanent API tokens, web sessions and CSRF tokens.

Rule: all secrets follow from the seed and a counter, so a service started anew with the same seed knows the tokens it
gave before, as the real one does. A session cookie beats a token, as it does there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from coralrun.emulator.messages import Request
from coralrun.emulator.site import Account, Site

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class NotAuthenticated(Exception):
    """The API's answer 403: the message is its text."""


class CsrfFailed(Exception):
    """A form came without the right CSRF token."""


class Identity:
    """Tokens and sessions of a site's accounts."""

    def __init__(self, site: Site, seed: int) -> None:
        self._site = site
        self._seed = seed
        self._issued = 0
        self._revoked: dict[str, int] = {}
        self._sessions: dict[str, str] = {}

    def secret(self, purpose: str) -> str:
        """A new secret of 64 hexadecimal digits."""
        self._issued += 1
        return hashlib.sha256(f"{self._seed} {purpose} {self._issued}".encode()).hexdigest()

    def token(self, username: str) -> str:
        """The account's token: the same one every time, until it is revoked."""
        generation = self._revoked.get(username, 0)
        return hashlib.sha256(f"{self._seed} token {username} {generation}".encode()).hexdigest()[:40]

    def revoke_token(self, username: str) -> None:
        """End the account's token; the next one that is asked for is another."""
        self._revoked[username] = self._revoked.get(username, 0) + 1

    def open_session(self, username: str) -> str:
        """A new session's cookie value."""
        session = self.secret("session")[:32]
        self._sessions[session] = username
        return session

    def close_session(self, session: str | None) -> None:
        """End a session."""
        self._sessions.pop(session or "", None)

    def end_sessions(self) -> None:
        """End every session, as an expired login does."""
        self._sessions.clear()

    def web_user(self, request: Request) -> str | None:
        """Who is signed in on the web, None for nobody."""
        return self._sessions.get(request.cookie("sessionid") or "")

    def api_user(self, request: Request) -> Account | None:
        """Who calls the API, None for nobody; raises `NotAuthenticated` for credentials that are no good."""
        by_cookie = self.web_user(request)
        if by_cookie is not None:
            if request.method not in SAFE_METHODS:
                check_csrf(request, request.header("X-CSRFToken"), NotAuthenticated)
            return self._site.account(by_cookie)
        words = (request.header("Authorization") or "").split()
        if not words or words[0].lower() != "token":
            return None
        if len(words) == 1:
            raise NotAuthenticated("Invalid token header. No credentials provided.")
        if len(words) > 2:
            raise NotAuthenticated("Invalid token header. Token string should not contain spaces.")
        for account in self._site.accounts:
            if self.token(account.username) == words[1]:
                return account
        raise NotAuthenticated("Invalid token.")


def check_csrf(request: Request, sent: str | None, failure: Callable[[str], Exception]) -> None:
    """Raise `failure` unless the token sent equals the one in the cookie."""
    expected = request.cookie("csrftoken")
    if not expected:
        raise failure("CSRF Failed: CSRF cookie not set.")
    if not sent:
        raise failure("CSRF Failed: CSRF token missing.")
    if sent != expected:
        raise failure("CSRF Failed: CSRF token incorrect.")
