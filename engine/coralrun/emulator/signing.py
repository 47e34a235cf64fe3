"""Signed image URLs that expire, in the query form that the production service's bucket uses.

Rule: a URL is good if its signature is that of its path and expiry under the key in force, and its expiry lies ahead.
Whoever changes the key ends every URL issued before.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qs, quote, urlencode

from coralrun.emulator import protocol
from coralrun.values.ids import seed_from

ACCESS_KEY = "ASIAEMULATEDREEF"


class Signer:
    """Issues and checks the queries of image URLs; `lifetime_s` is how long a new one lives, `generation` the key's."""

    def __init__(self, seed: int, lifetime_s: float = protocol.URL_LIFE_S) -> None:
        self.lifetime_s = lifetime_s
        self._seed = seed
        self.generation = 0

    def _signature(self, path: str, expires: str) -> str:
        key = f"{seed_from('url key', self._seed, self.generation):016x}"
        digest = hmac.new(key.encode(), f"{path}\n{expires}".encode(), hashlib.sha1).digest()
        return base64.b64encode(digest).decode()

    def sign(self, path: str, now: float) -> str:
        """The path and query of a URL that is good from now on; `path` is percent-decoded."""
        expires = str(int(now + self.lifetime_s))
        query = urlencode(
            {"AWSAccessKeyId": ACCESS_KEY, "Signature": self._signature(path, expires), "Expires": expires}
        )
        return f"{quote(path)}?{query}"

    def is_good(self, path: str, query: str, now: float) -> bool:
        """Whether the URL opens its image at this time."""
        values = parse_qs(query)
        expires = values.get("Expires", [""])[-1]
        signature = values.get("Signature", [""])[-1]
        if not (expires.isascii() and expires.isdigit()):
            return False
        expected = self._signature(path, expires).encode()
        return hmac.compare_digest(expected, signature.encode()) and now < int(expires)
