"""Replies that are not as they should be, made from replies that are: the API's bytes, and the toy service's entries.

Rule: the same kind comes out as went in; what is not struck is returned as it came.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Container
from dataclasses import replace

from tests.answers import scored

from coralrun.machine.job_id import JobId
from coralrun.planning.images import Point
from coralrun.ports import AnsweredEntry

from .faults import Fault

Strikes = Callable[[Fault], bool]


def spoilt_listing(body: bytes, lagging: Collection[JobId], strikes: Strikes) -> tuple[bytes, JobId]:
    """A listing in which the newest of these jobs that is at work may be missing, and which that is; "": none."""
    document = json.loads(body)
    active = document["data"]["active_jobs"]
    ours = [item for item in active if item["id"] in lagging]
    if not ours or not strikes(Fault.LISTING_LAGS):
        return body, ""
    active.remove(ours[-1])
    return json.dumps(document).encode(), ours[-1]["id"]


def spoilt_status(body: bytes, strikes: Strikes) -> bytes:
    """A status in which an entry that was done may be so no longer."""
    document = json.loads(body)
    attributes = document["data"][0]["attributes"]
    if not attributes["successes"] or not strikes(Fault.STATUS_BACKWARDS):
        return body
    attributes["successes"] -= 1
    return json.dumps(document).encode()


_OF_RESULTS = frozenset(
    {Fault.RESULT_SHORT, Fault.RESULT_LONG, Fault.RESULT_REORDERED, Fault.RESULT_WRONG_POINTS}
    | {Fault.RESULT_MISSING_POINT, Fault.RESULT_NAN, Fault.RESULT_UNKNOWN_LABEL}
)


def spoilt_result(body: bytes, drawn: Container[Fault], strikes: Strikes) -> bytes:
    """A result with entries, points or scores that are not what the job came to, where such faults are drawn."""
    if not any(fault in drawn for fault in _OF_RESULTS):
        return body
    document = json.loads(body)
    data = document["data"]
    points = next((item["attributes"]["points"] for item in data if "points" in item["attributes"]), None)
    if len(data) > 1 and strikes(Fault.RESULT_SHORT):
        data.pop()
    elif strikes(Fault.RESULT_LONG):
        data.append(data[-1])
    elif len(data) > 1 and strikes(Fault.RESULT_REORDERED):
        data.reverse()
    elif points and strikes(Fault.RESULT_WRONG_POINTS):
        points[0]["row"] += 1
    elif points and len(points) > 1 and strikes(Fault.RESULT_MISSING_POINT):
        points.pop()
    elif points and strikes(Fault.RESULT_NAN):
        points[0]["classifications"][0]["score"] = float("nan")
    elif points and strikes(Fault.RESULT_UNKNOWN_LABEL):
        points[0]["classifications"][0]["label_id"] = 987_654
    else:
        return body
    return json.dumps(document).encode()


def spoilt_answer(answered: list[AnsweredEntry], strikes: Strikes) -> list[AnsweredEntry]:
    """The entries of a toy's result, likewise."""
    if len(answered) > 1 and strikes(Fault.RESULT_SHORT):
        return answered[:-1]
    if len(answered) > 1 and strikes(Fault.RESULT_REORDERED):
        return answered[::-1]
    if strikes(Fault.RESULT_LONG):
        return [*answered, answered[-1]]
    if answered[0].points and strikes(Fault.RESULT_MISSING_POINT):
        return [replace(answered[0], points=answered[0].points[:-1]), *answered[1:]]
    if strikes(Fault.RESULT_WRONG_POINTS):
        return [replace(entry, points=scored([Point(9999, 9999)])) for entry in answered]
    return answered
