"""CoralNet as a place that classifies: `ports.Service` over HTTP.

Rule: one call, one request, one outcome, and every reply has its row here (protocol 2 to 4). A refusal is believed only
if it is the API's own (`{"errors": [...]}`): a proxy's 4xx says nothing about what the server did. What is not
certainly refused and not certainly accepted is `Unknown`. No text leaves here with a token or a URL's query in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import quote

from coralrun import limits
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import Limiter
from coralrun.coralnet.codec import wire
from coralrun.coralnet.codec.job_lists import is_job, listed
from coralrun.coralnet.codec.retry_after import retry_after_s
from coralrun.coralnet.codec.urls import detail_of
from coralrun.http.client import NoReply, Reply
from coralrun.machine.job_id import JobId, Marker
from coralrun.machine.outcomes import (
    Accepted,
    Done,
    JobDone,
    Listed,
    Missing,
    NotReady,
    NotSent,
    Progress,
    Refusal,
    Refused,
    Trouble,
    TroubleKind,
    Unknown,
)
from coralrun.ports import Answer, Entry

_JOBS_ACTIVE = re.compile(r"\bjobs? active\b")
_USER_404 = (
    "the exact user name is needed beside the token: not an e-mail address, and letters as in the account's name"
)


Renew = Callable[[str], str | Trouble | None]
"""Another token in place of one that is refused; what keeps it from being had now; None where there is none."""


class CoralNetService:
    """One account's use of one classifier. Safe to share between threads."""

    def __init__(
        self, http: Http, *, username: str, token: str, classifier: str, limiter: Limiter, renew: Renew | None = None
    ) -> None:
        self._http = http
        self._token = token
        self._renew = renew
        self._limiter = limiter
        self._listing_path = f"/api/user/{quote(username, safe='')}/"
        self._deploy_path = f"/api/classifier/{quote(classifier, safe='')}/deploy/"

    def submit(self, name: str, entries: Sequence[Entry]) -> Accepted | Refused | Unknown | NotSent:
        """Send one batch, unless there is no leave to send it at once: its URLs would run out meanwhile."""
        body = wire.encode_request(entries)
        reply = self._posted(body)
        if reply is not None and self._is_refused(reply):
            renewed = self._renewed()
            if isinstance(renewed, Trouble):
                return _not_renewed(renewed)
            reply = self._posted(body) if renewed else reply
        if reply is None:
            return NotSent(())
        if isinstance(reply, NoReply):
            return Unknown(reply.detail)
        if reply.status == 202:
            try:
                return Accepted(wire.job_of_location(reply.headers.get("location"), self._http.base_url))
            except wire.NotUnderstood:
                return Unknown("accepted, but the reply does not say as which job")
        errors = self._own_errors(reply)
        if errors is None or not 400 <= reply.status < 500:
            return Unknown(f"HTTP {reply.status}")
        return self._refused(reply, errors, len(entries))

    def listing(self, since: Marker | None = None, done_before: Sequence[JobId] = ()) -> Listed | Trouble:
        """Ask for the account's jobs."""
        reply = self._ask(self._listing_path)
        if isinstance(reply, Trouble):
            return reply
        if reply.status == 200:
            try:
                return listed(wire.decode_listing(reply.body), since, done_before)
            except wire.NotUnderstood as error:
                return _unreadable(reply, error)
        if reply.status == 404 and self._own_errors(reply) is not None:
            return Trouble(TroubleKind.CREDENTIALS, _USER_404)
        return self._trouble(reply)

    def look(self, job: JobId) -> Progress | JobDone | Missing | Trouble:
        """Ask how far one job is."""
        if not is_job(job):
            return Missing()
        reply = self._ask(f"/api/deploy_job/{job}/status/")
        if isinstance(reply, Trouble):
            return reply
        try:
            if reply.status == 200:
                return wire.decode_status(reply.body, job)
            if reply.status == 303:
                done = wire.job_of_location(reply.headers.get("location"), self._http.base_url)
                return JobDone() if done == job else Trouble(TroubleKind.NOT_UNDERSTOOD, "another job's result")
        except wire.NotUnderstood as error:
            return _unreadable(reply, error)
        if reply.status == 404 and self._own_errors(reply) is not None:
            return Missing()
        return self._trouble(reply)

    def fetch(self, job: JobId) -> Answer | NotReady | Missing | Trouble:
        """Ask for one job's result."""
        if not is_job(job):
            return Missing()
        reply = self._ask(f"/api/deploy_job/{job}/result/", most_bytes=limits.MAX_RESULT_BYTES)
        if isinstance(reply, Trouble):
            return reply
        if reply.status == 200:
            try:
                return wire.decode_result(reply.body)
            except wire.NotUnderstood as error:
                return _unreadable(reply, error)
        if reply.status in (404, 409) and self._own_errors(reply) is not None:
            return Missing() if reply.status == 404 else NotReady()
        return self._trouble(reply)

    def release(self, job: JobId) -> Done:
        """CoralNet keeps a job for its time whatever is asked."""
        return Done()

    def _ask(self, path: str, most_bytes: int = limits.MAX_REPLY_BYTES) -> Reply | Trouble:
        reply = self._got(path, most_bytes)
        if self._is_refused(reply):
            renewed = self._renewed()
            if isinstance(renewed, Trouble):
                return renewed
            reply = self._got(path, most_bytes) if renewed else reply
        return Trouble(TroubleKind.UNREACHABLE, reply.detail) if isinstance(reply, NoReply) else reply

    def _got(self, path: str, most_bytes: int) -> Reply | NoReply:
        with self._limiter.request():
            return self._http.api("GET", path, token=self._token, most_bytes=most_bytes)

    def _posted(self, body: bytes) -> Reply | NoReply | None:
        """The reply to a batch; None where there is no leave to send it at once."""
        with self._limiter.request(patient=False) as has_leave:
            if not has_leave:
                return None
            return self._http.api("POST", self._deploy_path, token=self._token, body=body)

    def _is_refused(self, reply: Reply | NoReply) -> bool:
        """Whether the API does not take the token (protocol 1): nothing else of the request was looked at then."""
        return isinstance(reply, Reply) and reply.status == 403 and self._own_errors(reply) is not None

    def _renewed(self) -> bool | Trouble:
        """Whether there is another token now."""
        other = None if self._renew is None else self._renew(self._token)
        if isinstance(other, str):
            self._token = other
        return other if isinstance(other, Trouble) else other is not None

    def _refused(self, reply: Reply, errors: tuple[wire.ApiError, ...], entries: int) -> Refused:
        detail = self._detail(errors)
        if reply.status == 429:
            if "retry-after" not in reply.headers and any(_JOBS_ACTIVE.search(error.text) for error in errors):
                return Refused(Refusal.NO_SLOT, detail)
            return Refused(Refusal.THROTTLED, detail, wait_s=self._throttled(reply))
        if reply.status == 403:
            return Refused(Refusal.CREDENTIALS, detail)
        if reply.status == 404:
            return Refused(Refusal.NO_CLASSIFIER, detail)
        entry = next((error.entry for error in errors if error.entry is not None), None)
        if reply.status == 400 and entry is not None and entry < entries:
            return Refused(Refusal.BAD_ENTRY, detail, entry=entry)
        return Refused(Refusal.BAD_REQUEST, detail)

    def _trouble(self, reply: Reply) -> Trouble:
        """What a question's reply comes to when it is none of the answers."""
        errors = self._own_errors(reply)
        if reply.status == 429:
            return Trouble(TroubleKind.THROTTLED, "HTTP 429", wait_s=self._throttled(reply))
        if errors is None or reply.status >= 500:
            return Trouble(TroubleKind.UNREACHABLE, f"HTTP {reply.status}, not from CoralNet's API")
        kind = TroubleKind.CREDENTIALS if reply.status == 403 else TroubleKind.NOT_UNDERSTOOD
        return Trouble(kind, self._detail(errors))

    def _throttled(self, reply: Reply) -> float:
        wait_s = retry_after_s(reply.headers.get("retry-after"))
        self._limiter.throttled(wait_s)
        return wait_s

    def _own_errors(self, reply: Reply) -> tuple[wire.ApiError, ...] | None:
        try:
            return wire.decode_errors(reply.body)
        except wire.NotUnderstood:
            return None

    def _detail(self, errors: tuple[wire.ApiError, ...]) -> str:
        return detail_of("; ".join(error.text for error in errors), self._token)


def _not_renewed(trouble: Trouble) -> Refused:
    """What a batch that was refused for its token comes to, when no other token can be had now, or at all."""
    if trouble.kind is TroubleKind.CREDENTIALS:
        return Refused(Refusal.CREDENTIALS, trouble.detail)
    return Refused(Refusal.THROTTLED, trouble.detail, wait_s=trouble.wait_s or limits.THROTTLED_DEFAULT_S)


def _unreadable(reply: Reply, error: wire.NotUnderstood) -> Trouble:
    """A page of a proxy or a portal is no reply of the service's; its own media type says which it is."""
    if reply.headers.get("content-type", "").startswith(wire.MEDIA_TYPE):
        return Trouble(TroubleKind.NOT_UNDERSTOOD, f"HTTP {reply.status}: {error}")
    return Trouble(TroubleKind.UNREACHABLE, f"HTTP {reply.status}, not from CoralNet's API")
