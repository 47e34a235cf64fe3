"""Forms of CoralNet's pages, sent as their own scripts send them, and what comes of them as outcomes.

Rule: what is refused for want of a session had no effect, and is sent again with a new one. Nothing is raised.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from coralrun.coralnet.account.web_session import WebSession
from coralrun.coralnet.codec import upload_pages
from coralrun.coralnet.codec.retry_after import retry_after_s
from coralrun.coralnet.codec.upload_pages import Denied
from coralrun.errors import CredentialsError, ServiceError, TooManyRequests, UsageError
from coralrun.http.client import NoReply, Reply
from coralrun.machine.outcomes import Trouble, TroubleKind

T = TypeVar("T")


def posted(
    session: WebSession, path: str, body: bytes, kind: str, read: Callable[[Reply], T | Denied]
) -> T | NoReply | Trouble:
    """What a form of a source brings, of that media type; trouble that came before it was looked at."""
    where = "/".join(path.split("/")[:3])

    def ask() -> T | Denied | NoReply | Trouble:
        reply = session.posted(path, body, kind)
        if isinstance(reply, NoReply):
            return reply
        if upload_pages.is_csrf_failure(reply):
            return Denied()
        if reply.status == 429:
            wait_s = retry_after_s(reply.headers.get("retry-after"))
            return Trouble(TroubleKind.THROTTLED, "HTTP 429", wait_s=wait_s)
        if reply.status == 404:
            return Trouble(TroubleKind.CREDENTIALS, f"there is no {where} any more")
        return read(reply)

    try:
        session.begin()
        answer = session.asked(ask, lambda answer: isinstance(answer, Denied))
    except (CredentialsError, ServiceError) as error:
        return trouble_of(error)
    if isinstance(answer, Denied):
        return Trouble(TroubleKind.CREDENTIALS, f"the account may not edit {where}")
    return answer


def trouble_of(error: CredentialsError | ServiceError | UsageError) -> Trouble:
    """What an error of a page comes to for the engine."""
    if isinstance(error, CredentialsError | UsageError):
        return Trouble(TroubleKind.CREDENTIALS, error.message)
    if isinstance(error, TooManyRequests):
        return Trouble(TroubleKind.THROTTLED, error.message, wait_s=error.wait_s)
    return Trouble(TroubleKind.UNREACHABLE, error.message)
