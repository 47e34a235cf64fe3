"""CoralNet's export of annotations: what is asked for, and what its answers say (protocol 11).

Rule: pure. An answer that is none of the known ones raises `NotUnderstood`; CoralNet's own words come out cleaned and
short. Tables come as they were sent, and parts of one are joined only where their headers agree.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coralrun import limits
from coralrun.coralnet.codec.search import bounds, browse_query
from coralrun.coralnet.codec.urls import detail_of
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.coralnet.refusals import account_refused
from coralrun.errors import CoralrunError, ServiceError, UsageError
from coralrun.spec.image_search import Search

SIGNED_OUT = "You must be signed in"  # protocol 7: what a script is told without a session
NO_LABELSET = "You must create a labelset"  # protocol 11
BAD_SEARCH = "Image-search parameters were invalid"  # protocol 11

_PERMISSION = "permission"  # protocol 7: in each of its texts for what is denied
_STAMP = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")
_LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Prepared:
    """An export waits to be fetched, once, under this time stamp."""

    stamp: str


@dataclass(frozen=True, slots=True)
class Refused:
    """An export is refused, in CoralNet's words."""

    why: str


Form = Mapping[str, str | Sequence[str]]
"""A form's fields, of which one may stand there several times."""

DENIED = Refused("no permission to view this page")
"""What stands for a page that says so in place of an answer (protocol 7)."""


def export_form(search: Search, *, scores: bool = False) -> Form:
    """What is asked for: the labels' codes and numbers, and who gave them, of the images of a checked search; with
    `scores` the machine's too, whoever gave the label."""
    form = dict(browse_query(search, bounds(search)))
    columns = ("annotator_info", "machine_suggestions") if scores else ("annotator_info",)
    return {**form, "label_format": "both", "optional_columns": columns}


def read_prepared(body: bytes) -> Prepared | Refused:
    """What became of the first step; raises NotUnderstood."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood("export of annotations: not JSON") from error
    if not isinstance(answer, dict):
        raise NotUnderstood("export of annotations: not an object")
    why, stamp = answer.get("error"), answer.get("session_data_timestamp")
    if isinstance(why, str):
        return Refused(detail_of(why))
    if answer.get("success") is not True or not isinstance(stamp, str) or not _STAMP.fullmatch(stamp):
        raise NotUnderstood("export of annotations: neither an error nor a time stamp")
    return Prepared(stamp)


def is_about_who(refused: Refused) -> bool:
    """Whether another account, or a session that has not ended, might get the export."""
    return refused.why.startswith(SIGNED_OUT) or _PERMISSION in refused.why


def refusal(source: int, refused: Refused) -> CoralrunError:
    """The error for an export that CoralNet refuses, in words that say what to do."""
    if refused.why.startswith(NO_LABELSET):
        return UsageError(
            f"source {source} has no labelset yet, so none of its points has a label",
            remedy="Lay the points with a design, or bring them, instead of `from: coralnet`.",
        )
    if refused.why.startswith(BAD_SEARCH):
        return UsageError(
            f"CoralNet does not take the search of source {source} for an export of annotations: {refused.why}",
            remedy="Correct `search` in the survey.",
        )
    if is_about_who(refused):
        return account_refused(f"this account may not have the annotations of source {source}: {refused.why}")
    return ServiceError(f"CoralNet does not export the annotations of source {source}: {refused.why}")


def too_large(what: str) -> UsageError:
    """The error for a table, called `what`, that is more than is read."""
    return UsageError(
        f"{what} are larger than {limits.MAX_TABLE_BYTES} bytes",
        remedy="Search for fewer images in one survey, such as by `search.image_id_range`.",
    )


def joined(tables: Sequence[bytes]) -> bytes:
    """Parts of one table, of different images, as one; raises NotUnderstood where their headers differ."""
    cut = [_LINE_END.split(table, 1) for table in tables]
    if any(header != cut[0][0] for header, *_ in cut):
        raise NotUnderstood("export of annotations: parts with different columns")
    rest = (b"".join(rows) for _, *rows in cut[1:])
    return tables[0] + b"".join(rest)
