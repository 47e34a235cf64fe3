"""What CoralNet answers to a table for a source, whatever is in it.

Rule: pure. A refusal is JSON with HTTP 200. What is neither success nor an error is not understood.
"""

from __future__ import annotations

import json
from typing import Any

from coralrun.coralnet.codec.urls import detail_of
from coralrun.coralnet.codec.wire import NotUnderstood


class TableRefused(Exception):
    """CoralNet refuses a table, or previews another one than was sent; the message says so in plain words."""


def accepted(body: bytes) -> dict[str, Any]:
    """An answer that says success; raises TableRefused for one that says an error, NotUnderstood for any other."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood("a table for a source: the answer is not JSON") from error
    if not isinstance(answer, dict):
        raise NotUnderstood("a table for a source: the answer is not an object")
    if isinstance(answer.get("error"), str):
        raise TableRefused(detail_of(answer["error"]))
    if answer.get("success") is not True:
        raise NotUnderstood("a table for a source: neither an error nor success")
    return answer
