"""How long an address lives that was signed, by what its query says.

Rule: pure, and no error: what cannot be read is not known. A storage that issues temporary credentials may end a
signature earlier than it says. The forms are those of Amazon S3 (versions 2 and 4), Google Cloud Storage, Azure,
CloudFront and the storages that took over one of them with a prefix of their own, such as `X-Oss-Expires`.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, unquote_plus, urlsplit

_SPAN: Final = re.compile(r"x-([a-z]+)-expires")
_BESIDE_EXPIRES: Final = frozenset({"signature", "sig", "key-pair-id", "x-amz-signature", "x-goog-signature"})
_EPOCH_LEAST: Final = 1_000_000_000  # 2001: a smaller number beside no signature is a span, or a year
_SIGNED: Final = re.compile(
    r"x-[a-z]+-(?:algorithm|content-sha256|credential|date|expires|security-token|signature|signature-version|"
    r"signedheaders)|(?:aws|oss|google)?access(?:key)?id|security-token"
)
"""Parameters that sign whatever stands beside them."""

_SIGNED_BESIDE: Final = re.compile(
    r"expires|policy|signature|key-pair-id|hash-algorithm|sig|s[vrpet]|ss|srt|spr|sip|sk[oteskv]|sktid|skoid"
)
"""Parameters that are of a signature where there is one: of version 2, of CloudFront, of Azure."""

_POLICY_MOST: Final = 4000
_LAST_S: Final = 253_402_300_799  # the end of the year 9999, beyond which no date is written


@dataclass(frozen=True, slots=True)
class Signature:
    """When a signature begins and ends, in seconds since 1970, and how long it lives; None for what is not said."""

    begins_s: float | None = None
    ends_s: float | None = None
    span_s: float | None = None

    def has_ended(self, now_s: float) -> bool:
        """Whether it says of itself that it is over."""
        return self.ends_s is not None and self.ends_s <= now_s


def signature_of(url: str) -> Signature | None:
    """What a URL says of its signature; None where it says no time, which most addresses do not."""
    query = query_of(url)
    for key, value in query.items():
        match = _SPAN.fullmatch(key)
        if match and (span_s := _seconds(value)) is not None:
            begins_s = _moment(query.get(f"x-{match[1]}-date", ""))
            return Signature(begins_s, None if begins_s is None else begins_s + span_s, span_s)
    ends_s: float | None
    if "sig" in query and (ends_s := _moment(query.get("se", ""))) is not None:
        return Signature(_moment(query.get("st", "")), ends_s)
    if (ends_s := _seconds(query.get("expires", ""))) is not None:
        return Signature(ends_s=ends_s) if ends_s >= _EPOCH_LEAST or _BESIDE_EXPIRES & query.keys() else None
    if "policy" in query and (ends_s := _of_policy(query["policy"])) is not None:
        return Signature(ends_s=ends_s)
    return None


def has_ended(url: str, now_s: float) -> bool:
    """Whether a URL says that its signature is over."""
    signature = signature_of(url)
    return signature is not None and signature.has_ended(now_s)


def unsigned(url: str) -> str:
    """An address without the parameters of a signature: they change while what they lead to stays."""
    whole, mark, fragment = url.partition("#")
    path, _, query = whole.partition("?")
    beside = not _BESIDE_EXPIRES.isdisjoint(query_of(url))
    kept = [part for part in query.split("&") if part and not _signs(part, beside)]
    return path + ("?" if kept else "") + "&".join(kept) + mark + fragment


def _signs(part: str, beside: bool) -> bool:
    key = unquote_plus(part.partition("=")[0]).lower()
    return bool(_SIGNED.fullmatch(key) or (beside and _SIGNED_BESIDE.fullmatch(key)))


def query_of(url: str) -> dict[str, str]:
    """The parameters of a URL's query by their names in lower case; none where it cannot be read."""
    if "?" not in url:
        return {}
    try:
        query = urlsplit(url).query
    except ValueError:
        return {}
    return {key.lower(): value for key, value in parse_qsl(query, keep_blank_values=True)}


def minute_of(seconds: float) -> str:
    """A moment as people read it: `2026-11-29 08:30 UTC`."""
    return datetime.fromtimestamp(max(0.0, min(seconds, _LAST_S)), UTC).strftime("%Y-%m-%d %H:%M UTC")


def _seconds(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]{1,12}", text) else None


def _moment(text: str) -> float | None:
    """Seconds since 1970 of an ISO 8601 moment, in either form, to the day at least; UTC where it says no zone."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _of_policy(text: str) -> float | None:
    """The end that a policy of CloudFront's sets: JSON in base64, with three letters written otherwise."""
    if len(text) > _POLICY_MOST:
        return None
    try:
        policy = json.loads(base64.b64decode(text.translate(str.maketrans("-_~", "+=/")), validate=True))
        return _seconds(str(policy["Statement"][0]["Condition"]["DateLessThan"]["AWS:EpochTime"]))
    except (binascii.Error, ValueError, KeyError, IndexError, TypeError, RecursionError):
        return None
