"""Identity: canonical JSON, hashes, and randomness that is the same on every machine and in every version.

Rule: whatever is hashed or compared goes through `canonical_json`; whatever is drawn at random for a survey goes
through `SplitMix64`, seeded by `seed_from`. numpy and the standard library promise no stream across versions; these
few lines do, and known answers in the tests hold them to it.
"""

from __future__ import annotations

import hashlib
import json

_MASK = 0xFFFF_FFFF_FFFF_FFFF


def canonical_json(value: object) -> bytes:
    """The one way that a value is written for hashing: UTF-8, sorted keys, no blanks, no NaN."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode(
        "utf-8", errors="surrogatepass"
    )


def sha256_hex(data: bytes) -> str:
    """The SHA-256 of some bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def digest_of(value: object) -> str:
    """The SHA-256 of a value's canonical JSON."""
    return sha256_hex(canonical_json(value))


def seed_from(*parts: object) -> int:
    """A 64-bit seed from any JSON values: the first 8 bytes, big-endian, of the SHA-256 of their canonical JSON."""
    return int.from_bytes(hashlib.sha256(canonical_json(list(parts))).digest()[:8], "big")


class SplitMix64:
    """The SplitMix64 generator (Steele, Lea and Flood 2014; constants as in Vigna's public-domain reference)."""

    __slots__ = ("_state",)

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def next_u64(self) -> int:
        """The next 64 bits."""
        self._state = (self._state + 0x9E37_79B9_7F4A_7C15) & _MASK
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB) & _MASK
        return z ^ (z >> 31)

    def below(self, bound: int) -> int:
        """A whole number in [0, bound), each equally likely: draws that would favour the low ones are redrawn."""
        if bound < 1:
            raise ValueError(f"bound must be 1 or more, not {bound}")
        limit = (1 << 64) - (1 << 64) % bound
        while True:
            drawn = self.next_u64()
            if drawn < limit:
                return drawn % bound

    def between(self, low: int, high: int) -> int:
        """A whole number in [low, high], both ends included."""
        return low + self.below(high - low + 1)

    def sample(self, population: int, count: int) -> list[int]:
        """`count` different numbers of [0, population), in increasing order (Floyd's algorithm: `count` draws)."""
        if not 0 <= count <= population:
            raise ValueError(f"cannot take {count} of {population}")
        chosen: set[int] = set()
        for top in range(population - count, population):
            drawn = self.below(top + 1)
            chosen.add(top if drawn in chosen else drawn)
        return sorted(chosen)
