"""The codec of CoralNet's API: bytes to data and back, and nothing else.

Rule: pure and strict. What is not what the protocol notes describe raises `NotUnderstood`, and no other exception ever
leaves this module: whoever calls maps it to an outcome. Objects may have members that are unknown here (a service may
grow); those are passed over and never stored, since they might hold a signed URL. Points are (row, column), from 0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, NoReturn
from urllib.parse import urljoin, urlsplit

from coralrun import limits
from coralrun.coralnet.codec.failures import reason_of
from coralrun.coralnet.codec.urls import mark_of, marked_url, redact_url_in, without_query
from coralrun.machine.outcomes import Progress
from coralrun.ports import Answer, AnsweredEntry, Entry
from coralrun.values.classified import Classification, ScoredPoint

MEDIA_TYPE = "application/vnd.api+json"

_SCORE_MOST = 1.000001  # a probability, give or take the server's own rounding
_NUMBER_MOST = 2**53  # what JSON numbers carry exactly everywhere
_JOB_PATH = re.compile(r"/api/deploy_job/([0-9]{1,15})/(?:status|result)/")
_POINTER = re.compile(r"/data/([0-9]{1,6})(?:/|$)")
_JOB_ID = re.compile(r"[0-9]{1,15}")
_TOKEN = re.compile(r"[!-~]{8,200}")
_Labels = dict[tuple[object, ...], tuple[int, str, str]]  # the labels of a reply, as they were read and checked


class NotUnderstood(Exception):
    """A reply is not what the protocol says it should be; the message says where, without quoting it."""


class Jobs(NamedTuple):
    """The account's jobs: all active ones, oldest first; the last few finished ones, newest first; the limit."""

    active: tuple[str, ...]
    finished: tuple[str, ...]
    max_active: int


@dataclass(frozen=True, slots=True)
class ApiError:
    """One error of the API's own; `entry` is the entry of the batch that its pointer names, if it names one."""

    text: str
    entry: int | None = None


@dataclass(frozen=True, slots=True)
class _Result:
    url: str
    points: tuple[ScoredPoint, ...]
    errors: tuple[str, ...]


def encode_request(entries: Sequence[Entry]) -> bytes:
    """The body of a deploy request."""
    data = [
        {
            "type": "image",
            "attributes": {
                "url": marked_url(_address(entry), entry.mark),
                "points": [{"row": point.row, "column": point.column} for point in entry.points],
            },
        }
        for entry in entries
    ]
    return json.dumps({"data": data}, separators=(",", ":")).encode("ascii")


def _address(entry: Entry) -> str:
    if not isinstance(entry.place, str):
        raise TypeError("CoralNet fetches images from addresses alone")
    return entry.place


def encode_login(username: str, password: str) -> bytes:
    """The body of a request for a token."""
    return json.dumps({"username": username, "password": password}).encode("ascii")


def decode_token(body: bytes) -> str:
    """The token of a successful token request."""
    token = _text(_object(_json(body), "token reply").get("token"), "token")
    if not _TOKEN.fullmatch(token):
        _refuse("token")
    return token


def decode_listing(body: bytes) -> Jobs:
    """The account's jobs."""
    reply = _object(_json(body), "listing")
    data = _object(reply.get("data"), "data")
    meta = _object(reply.get("meta"), "meta")
    return Jobs(
        active=tuple(_job_ids(data.get("active_jobs"), "active_jobs")),
        finished=tuple(_job_ids(data.get("recently_completed_jobs"), "recently_completed_jobs")),
        max_active=_whole(meta.get("max_active_jobs"), "max_active_jobs"),
    )


def decode_status(body: bytes, job: str) -> Progress:
    """The counts of a job that is not done; the reply must be about `job`."""
    data = _array(_object(_json(body), "status").get("data"), "data")
    if len(data) != 1:
        _refuse("data: not a list of one")
    item = _object(data[0], "data/0")
    if item.get("type") != "job" or item.get("id") != job:
        _refuse("data/0: another job")
    attributes = _object(item.get("attributes"), "attributes")
    ok, failed, total = (_whole(attributes.get(key), key) for key in ("successes", "failures", "total"))
    if ok + failed > total:
        _refuse("attributes: more results than entries")
    return Progress(ok=ok, failed=failed, total=total)


def decode_errors(body: bytes) -> tuple[ApiError, ...]:
    """The errors of a body of the API's own, at least one: `{"errors": [...]}` with `detail` or field names."""
    errors = _array(_object(_json(body), "error reply").get("errors"), "errors")
    found = [error for item in errors for error in _error(_object(item, "errors"))]
    if not found:
        _refuse("errors: empty")
    return tuple(found)


def decode_result(body: bytes) -> Answer:
    """A job's whole result: the reply with the query of every URL cut out, and what each entry came to."""
    results = _results(body)
    entries = tuple(
        AnsweredEntry(
            mark=mark_of(result.url),
            points=result.points,
            reason=reason_of(result.errors[0], result.url) if result.errors else None,
        )
        for result in results
    )
    reply = json.dumps({"data": [_without_queries(result) for result in results]}, separators=(",", ":"))
    return Answer(entries=entries, reply=reply.encode("ascii"))


def job_of_location(location: str | None, base_url: str) -> str:
    """The job that a Location header names: a path, or a whole URL on the service's own host."""
    try:
        target, base = urlsplit(urljoin(base_url, location or "")), urlsplit(base_url)
        same_host = (target.hostname, target.port) == (base.hostname, base.port)
    except ValueError:
        _refuse("Location")
    match = _JOB_PATH.fullmatch(target.path)
    if match is None or not same_host or target.query or target.fragment:
        _refuse("Location")
    return match[1]


def _results(body: bytes) -> list[_Result]:
    data = _array(_object(_json(body), "result").get("data"), "data")
    labels: _Labels = {}
    return [_result(item, f"data/{index}", labels) for index, item in enumerate(data)]


def _result(value: object, where: str, labels: _Labels) -> _Result:
    item = _object(value, where)
    attributes = _object(item.get("attributes"), f"{where}/attributes")
    url = _text(attributes.get("url"), f"{where}/url")
    if item.get("type") != "image" or item.get("id") != url:
        _refuse(f"{where}: not an image, or id and url differ")
    if ("points" in attributes) == ("errors" in attributes):
        _refuse(f"{where}: points or errors, one of the two")
    if "errors" in attributes:
        errors = tuple(_text(text, f"{where}/errors") for text in _array(attributes["errors"], f"{where}/errors"))
        if not errors:
            _refuse(f"{where}/errors: empty")
        return _Result(url, (), errors)
    points = _array(attributes["points"], f"{where}/points") or _refuse(f"{where}/points: empty")
    return _Result(url, tuple(_point(point, where, labels) for point in points), ())


def _point(value: object, where: str, labels: _Labels) -> ScoredPoint:
    item = value if isinstance(value, dict) else _object(value, f"{where}/points")
    scores = item.get("classifications")
    if not isinstance(scores, list) or not 1 <= len(scores) <= limits.TOP_SCORES:
        _refuse(f"{where}/classifications: not 1 to {limits.TOP_SCORES} of them")
    classifications = tuple([_classification(score, where, labels) for score in scores])
    if any([first.score < second.score for first, second in pairwise(classifications)]):  # noqa: C419 - half the time
        _refuse(f"{where}/classifications: not best first")
    return ScoredPoint(_whole(item.get("row"), "row"), _whole(item.get("column"), "column"), classifications)


def _classification(value: object, where: str, labels: _Labels) -> Classification:
    """One score. A label is checked once in a reply and then remembered: a large reply names 100,000."""
    item = value if isinstance(value, dict) else _object(value, f"{where}/classifications")
    score = item.get("score")
    if not (type(score) is float or type(score) is int) or not 0 <= score <= _SCORE_MOST:
        _refuse(f"{where}/score")
    found = item.get("label_id"), item.get("label_code"), item.get("label_name")
    label = labels.get(found) if type(found[0]) is int and type(found[1]) is type(found[2]) is str else None
    if label is None:
        at = f"{where}/label"
        labels[found] = label = _whole(found[0], at), _text(found[1], at), _text(found[2], at)
    return Classification(float(score), *label)


def _without_queries(result: _Result) -> dict[str, object]:
    url = without_query(result.url)
    if result.errors:
        attributes: dict[str, object] = {"url": url, "errors": [redact_url_in(e, result.url) for e in result.errors]}
    else:
        points = [
            {"row": row, "column": column, "classifications": [label._asdict() for label in classifications]}
            for row, column, classifications in result.points
        ]
        attributes = {"url": url, "points": points}
    return {"type": "image", "id": url, "attributes": attributes}


def _error(item: dict[str, Any]) -> Iterable[ApiError]:
    """`detail` holds one text; a field's name, or `non_field_errors`, a list of texts (protocol 1)."""
    entry: int | None = None
    source = item.get("source")
    if isinstance(source, dict) and isinstance(source.get("pointer"), str):
        match = _POINTER.match(source["pointer"])
        entry = int(match[1]) if match else None
    for key, value in item.items():
        if key == "detail":
            yield ApiError(_text(value, "errors/detail"), entry)
        elif key != "source" and isinstance(value, list):
            prefix = "" if key == "non_field_errors" else f"{key}: "
            yield from (ApiError(prefix + _text(text, "errors"), entry) for text in value)


def _job_ids(value: object, where: str) -> Iterable[str]:
    for item in _array(value, where):
        job = _object(item, where)
        text = _text(job.get("id"), where)
        if job.get("type") != "jobs" or not _JOB_ID.fullmatch(text):
            _refuse(where)
        yield text


def _json(body: bytes) -> object:
    if sum(map(body.count, (b",", b"[", b"{"))) > limits.MAX_REPLY_VALUES:
        _refuse("more values than any reply has")
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        _refuse("not JSON")


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        _refuse(f"{where}: not an object")
    return value


def _array(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        _refuse(f"{where}: not a list")
    return value


def _text(value: object, where: str) -> str:
    """A string that can be written as UTF-8: JSON can spell half a character, a table cannot."""
    if not isinstance(value, str):
        _refuse(f"{where}: not a string")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        _refuse(f"{where}: not text")
    return value


def _whole(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _NUMBER_MOST:
        _refuse(f"{where}: not a whole number")
    return value


def _refuse(where: str) -> NoReturn:
    raise NotUnderstood(where)
