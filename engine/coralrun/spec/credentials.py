"""Credentials in a survey: found, refused, and never repeated.

Rule: a survey is shared, committed and archived, so no user name, password or token may stand in it. A message names
the key and says where credentials go; it never shows the value.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Final

from coralrun.spec.findings import RANK_CREDENTIAL, Finding, Path
from coralrun.spec.load import Node
from coralrun.spec.service_keys import Services

_WHOLE: Final = frozenset({"user", "login", "auth", "pass", "pwd", "authorization", "cookie", "sessionid", "bearer"})
_PARTS: Final = (
    *("password", "passwd", "passphrase", "passcode", "token", "secret", "apikey", "accesskey"),
    *("username", "credential"),
)
_URL_WITH_CREDENTIALS = re.compile(r"://[^/\s]*@")
_NOT_LETTERS = re.compile(r"[^a-z]")
_BUCKET_ADVICE = (
    "take it out, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or AWS_PROFILE to a profile, "
    "instead"
)


def looks_like_a_credential(key: str) -> bool:
    """Whether a key of this name would hold a credential, mistyped or not."""
    letters = _NOT_LETTERS.sub("", key.casefold()[:60])
    if letters in _WHOLE or any(part in letters for part in _PARTS):
        return True
    return bool(difflib.get_close_matches(letters, _PARTS, n=1, cutoff=0.85))


def find(survey: Node, services: Services) -> Iterator[Finding]:
    """A finding for each credential in a survey that is at one of these services."""
    accounts = " or ".join(terms.account for terms in services if terms.account)
    instead = f", and set {accounts} in the environment instead" if accounts else ""
    return _find(survey, (), f"take it out{instead}")


def _find(node: Node, path: Path, advice: str) -> Iterator[Finding]:
    """The same for a part of it; `advice` is where its credentials go."""
    if isinstance(node.value, dict):
        advice = _BUCKET_ADVICE if "bucket" in node.value else advice
        for key, child in node.value.items():
            if looks_like_a_credential(key):
                message = f"`{key[:60]}` looks like a credential, and credentials never stand in a survey: {advice}"
                yield Finding((*path, key), message, at_key=True, rank=RANK_CREDENTIAL)
            else:
                yield from _find(child, (*path, key), advice)
    elif isinstance(node.value, list):
        for index, child in enumerate(node.value):
            yield from _find(child, (*path, index), advice)
    elif isinstance(node.value, str) and _URL_WITH_CREDENTIALS.search(node.value):
        message = f"the address holds a user name or a password, and credentials never stand in a survey: {advice}"
        yield Finding(path, message, rank=RANK_CREDENTIAL)
