"""The API: token, user, deploy, status and result, with the real one's order of checks and its exact words.

Rule: every call is answered in this order: the Accept header (406), authentication (403), both throttles (429), the
method (405), then the call's own checks. A call that fails authentication uses up no throttle.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from coralrun.emulator import protocol
from coralrun.emulator.deploy_body import BadBody, read_deploy
from coralrun.emulator.identity import Identity, NotAuthenticated
from coralrun.emulator.jobs import Job, Jobs, Unit
from coralrun.emulator.messages import API_TYPE, Reply, Request, api_reply, html_reply, redirect
from coralrun.emulator.pages import browsable_api, not_found
from coralrun.emulator.site import Account, Site
from coralrun.emulator.throttle import Throttle

Call = Callable[[Request, Account | None, str, float], Reply]
_ACCEPTED = ("*/*", "application/*", API_TYPE)


class Refused(Exception):
    """The call is answered with errors; `reply` is the answer."""

    def __init__(self, status: int, detail: str, headers: tuple[tuple[str, str], ...] = (), pointer: str = "") -> None:
        super().__init__(detail)
        error: dict[str, object] = {"detail": detail}
        if pointer:
            error["source"] = {"pointer": pointer}
        self.reply = api_reply(status, {"errors": [error]}).with_headers(*headers)


class Api:
    """The API's calls; `jobs` and `identity` are shared with the rest of the service."""

    def __init__(self, site: Site, identity: Identity, jobs: Jobs) -> None:
        self._site = site
        self._identity = identity
        self._jobs = jobs
        self.throttle = Throttle()
        self._calls: tuple[tuple[re.Pattern[str], str, Call], ...] = (
            (re.compile(r"/api/token_auth/"), "POST", self._token_auth),
            (re.compile(r"/api/user/([^/]+)/"), "GET", self._user),
            (re.compile(r"/api/classifier/([0-9]{1,15})/deploy/"), "POST", self._deploy),
            (re.compile(r"/api/deploy_job/([0-9]{1,15})/status/"), "GET", self._status),
            (re.compile(r"/api/deploy_job/([0-9]{1,15})/result/"), "GET", self._result),
        )

    def handle(self, request: Request, now: float) -> Reply:
        """Answer one request below /api/."""
        for pattern, method, call in self._calls:
            match = pattern.fullmatch(request.path)
            if match:
                try:
                    return self._call(request, method, call, (match.groups() or ("",))[0], now)
                except Refused as refused:
                    return refused.reply
            if pattern.fullmatch(request.path + "/"):
                return redirect(request.path + "/" + (f"?{request.query}" if request.query else ""), 301)
        return html_reply(404, not_found())

    def _call(self, request: Request, method: str, call: Call, argument: str, now: float) -> Reply:
        as_page = _wants_page(request)
        try:
            user = self._identity.api_user(request)
        except NotAuthenticated as failure:
            raise Refused(403, str(failure)) from failure
        if user is None and call != self._token_auth:
            raise Refused(403, "Authentication credentials were not provided.")
        wait = self.throttle.admit(f"user {user.id}" if user else f"ip {request.client_ip}", now)
        if wait is not None:
            unit = "second" if wait == 1 else "seconds"
            detail = f"Request was throttled. Expected available in {wait} {unit}."
            raise Refused(429, detail, (("Retry-After", str(wait)),))
        if request.method != method:
            raise Refused(405, f'Method "{request.method}" not allowed.', (("Allow", _allowed(method)),))
        reply = call(request, user, argument, now)
        return browsable_api(reply) if as_page else reply

    def _token_auth(self, request: Request, user: Account | None, argument: str, now: float) -> Reply:
        document = _document(request)
        fields = document if isinstance(document, dict) else {}
        missing = {key: ["This field is required."] for key in ("username", "password") if key not in fields}
        if missing:
            return api_reply(400, {"errors": [{key: text} for key, text in missing.items()]})
        account = self._site.sign_in(str(fields["username"]), str(fields["password"]))
        if account is None:
            text = "Unable to log in with provided credentials."
            return api_reply(400, {"errors": [{"non_field_errors": [text]}]})
        return api_reply(200, {"token": self._identity.token(account.username)})

    def _user(self, request: Request, user: Account | None, argument: str, now: float) -> Reply:
        if user is None or argument != user.username:
            raise Refused(404, "You can only see details for the user you're logged in as")
        most = protocol.FINISHED_JOBS_PER_ACTIVE * user.max_active
        jobs = {
            "active_jobs": self._jobs.active(user.username),
            "recently_completed_jobs": self._jobs.finished(user.username, most),
        }
        data = {key: [{"type": "jobs", "id": str(job.id)} for job in listed] for key, listed in jobs.items()}
        return api_reply(200, {"data": data, "meta": {"max_active_jobs": user.max_active}})

    def _deploy(self, request: Request, user: Account | None, argument: str, now: float) -> Reply:
        if user is None:
            raise Refused(403, "Authentication credentials were not provided.")
        active = self._jobs.active(user.username)
        if len(active) >= user.max_active:
            ids = ", ".join(str(job.id) for job in active)
            raise Refused(
                429,
                f"You already have {len(active)} jobs active (IDs: {ids})."
                " You must wait until one of them finishes before requesting another job.",
            )
        document = _document(request)
        found = self._site.classifiers_by_id.get(int(argument))
        if found is None or not found[0].visible_to(user.username):
            raise Refused(404, "This classifier doesn't exist or is not accessible")
        try:
            images = read_deploy(document)
        except BadBody as fault:
            raise Refused(400, fault.detail, pointer=fault.pointer) from fault
        job = self._jobs.deploy(user.username, *found, images, now)
        return Reply(202, (("Location", f"/api/deploy_job/{job.id}/status/"),))

    def _job(self, user: Account | None, argument: str) -> Job:
        job = self._jobs.of(user.username, int(argument)) if user else None
        if job is None:
            raise Refused(404, "This deploy job doesn't exist or is not accessible")
        return job

    def _status(self, request: Request, user: Account | None, argument: str, now: float) -> Reply:
        job = self._job(user, argument)
        if job.left == 0:
            return Reply(303, (("Location", f"/api/deploy_job/{job.id}/result/"),))
        word = "In Progress" if any(unit.started_s is not None for unit in job.units) else "Pending"
        counts = {"successes": job.successes, "failures": job.failures, "total": len(job.units)}
        data = {"type": "job", "id": str(job.id), "attributes": {"status": word, **counts}}
        return api_reply(200, {"data": [data]})

    def _result(self, request: Request, user: Account | None, argument: str, now: float) -> Reply:
        job = self._job(user, argument)
        if job.finished_s is None:
            raise Refused(409, "This job isn't finished yet")
        return api_reply(200, {"data": [_image_result(job, unit) for unit in job.units]})


def _image_result(job: Job, unit: Unit) -> dict[str, object]:
    attributes: dict[str, object] = {"url": unit.asked.url}
    if isinstance(unit.outcome, str):
        attributes["errors"] = [unit.outcome]
    else:
        labels = job.source.labels_by_id
        attributes["points"] = [
            {
                "row": row,
                "column": column,
                "classifications": [
                    {
                        "score": score,
                        "label_id": label,
                        "label_code": labels[label].code,
                        "label_name": labels[label].name,
                    }
                    for label, score in scores
                ],
            }
            for (row, column), scores in zip(unit.asked.points, unit.outcome, strict=True)
        ]
    return {"type": "image", "id": unit.asked.url, "attributes": attributes}


def _wants_page(request: Request) -> bool:
    """Whether the reply is asked for as a web page; refuses what is neither that nor the API's type."""
    kinds = [part.split(";")[0].strip() for part in (request.header("Accept") or "*/*").split(",")]
    for kind in kinds:
        if kind in _ACCEPTED:
            return False
        if kind in ("text/html", "text/*"):
            return True
    raise Refused(406, "Could not satisfy the request Accept header.")


def _allowed(method: str) -> str:
    return "POST, OPTIONS" if method == "POST" else "GET, HEAD, OPTIONS"


def _document(request: Request) -> object:
    """The JSON of a request; an empty body counts as {}."""
    if not request.body:
        return {}
    media_type = request.header("Content-Type") or ""
    if media_type.split(";")[0].strip().lower() != API_TYPE:
        raise Refused(415, f"Content type should be {API_TYPE}, not {media_type}")
    try:
        document: object = json.loads(request.body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"JSON parse error - {error}") from error
    return document


def _no_constant(name: str) -> object:
    raise ValueError(f"Out of range float values are not JSON compliant: {name}")
