"""The arithmetic of the API's two sliding windows, shared by every process that uses an account.

Rule: pure. The ledger is a list of blocks. An open block was leased before its first request: it counts as wholly used
until it is closed or, if its process died, until the last request that it allowed has left both windows. A closed block
counts what it really used. A request occupies a window from its sending until the window's length after its reply, so
the server, which counts at some moment between the two, never counts more than the ledger does.
Times are seconds on any one clock; the unit of all numbers without a suffix is requests.

A file of it ends with its own checksum. One that has none was written by an earlier version, and is believed: version 1
has not changed otherwise, so both can work on one account.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from coralrun import limits
from coralrun.coralnet import protocol

BLOCK: Final = 20  # design: one durable record for so many requests
BLOCK_USE_S: Final = 60.0  # a block may be used for so long: the unused rest of a dead process's comes back soon after
REPLY_S: Final = limits.CONNECT_TIMEOUT_S + limits.READ_TIMEOUT_S  # a request has reached the server by then, or never
WINDOWS: Final = ((protocol.REQUESTS_PER_MINUTE, 60.0), (protocol.REQUESTS_PER_HOUR, 3600.0))
LONGEST_S: Final = 3600.0

FORMAT = "coralrun.requests"
VERSION = 1
CHECKSUM = b',"crc32":"'
MOST_BYTES = 1024 * 1024  # an hour of twenty processes is a third of it; what is longer is not read into blocks


class Block(Struct, frozen=True):
    """Requests leased together. Open: `size` of them, usable until `until`. Closed: `replies` has the times.

    The open blocks of an owner are numbered from 1; all its closed ones are one, numbered 0.
    """

    owner: str
    number: int
    size: int
    until: float
    replies: tuple[float, ...] | None = None

    def occupies(self, now: float, window_s: float) -> int:
        """How many requests of a window the block takes up."""
        if self.replies is None:
            return self.size if now < self.until + REPLY_S + window_s else 0
        return sum([now < reply + window_s for reply in self.replies])

    def ends(self, window_s: float) -> list[float]:
        """When each of its requests leaves a window."""
        if self.replies is None:
            return [self.until + REPLY_S + window_s] * self.size
        return [reply + window_s for reply in self.replies]

    def pruned(self, now: float) -> Block:
        """The same block without the replies that have left the longest window."""
        if self.replies is None:
            return self
        kept = tuple([reply for reply in self.replies if now < reply + LONGEST_S])
        return self if len(kept) == len(self.replies) else replace(self, replies=kept)

    def shifted(self, seconds: float) -> Block:
        """The same block on a clock that shows so much more."""
        replies = None if self.replies is None else tuple([reply + seconds for reply in self.replies])
        return Block(self.owner, self.number, self.size, self.until + seconds, replies)

    def not_after(self, now: float) -> Block:
        """The same block with nothing in the future: a clock that was set back must not close a window for ever."""
        if self.until <= now + BLOCK_USE_S and max(self.replies or (), default=now) <= now:
            return self
        replies = None if self.replies is None else tuple([min(reply, now) for reply in self.replies])
        return Block(self.owner, self.number, self.size, min(self.until, now + BLOCK_USE_S), replies)


class Ledger(Struct, frozen=True):
    """All blocks that may still count, and the moment until which the service asked for quiet.

    That is 0 for none, on any clock, or a quiet that was over long ago would begin anew when a clock is set back.
    """

    blocks: tuple[Block, ...] = ()
    quiet_until: float = 0.0

    def free(self, now: float) -> int:
        """How many requests may be leased now."""
        if now < self.quiet_until:
            return 0
        return max(0, min(most - sum(b.occupies(now, window_s) for b in self.blocks) for most, window_s in WINDOWS))

    def is_pinned(self, now: float) -> bool:
        """Whether a part of it had to be moved back to this moment, by `not_after` or `decode`."""
        if self.quiet_until >= now + limits.THROTTLED_MOST_S:
            return True
        return any(
            block.until >= now + BLOCK_USE_S if block.replies is None else now in block.replies for block in self.blocks
        )

    def wait_s(self, now: float, requests: int) -> float:
        """How long until `requests` could be leased; what is more than a whole window is taken as a whole one."""
        wait = max(0.0, self.quiet_until - now)
        for most, window_s in WINDOWS:
            ends = [end for block in self.blocks for end in block.ends(window_s) if end > now]
            surplus = len(ends) + min(requests, most) - most
            if surplus > 0:
                wait = max(wait, sorted(ends)[surplus - 1] - now)
        return wait

    def pruned(self, now: float) -> Ledger:
        """Without what no longer counts."""
        kept = (block.pruned(now) for block in self.blocks if block.occupies(now, LONGEST_S))
        return Ledger(tuple(kept), self.quiet_until if self.quiet_until > now else 0.0)

    def opened(self, block: Block) -> Ledger:
        """With a block leased."""
        return replace(self, blocks=(*self.blocks, block))

    def closed(self, owner: str, number: int, replies: Sequence[float]) -> Ledger:
        """With an open block closed: what it used joins its owner's one closed block."""
        spent = [reply for block in self.blocks if block.owner == owner for reply in block.replies or ()]
        others = tuple(b for b in self.blocks if b.owner != owner or (b.replies is None and b.number != number))
        return replace(self, blocks=(*others, Block(owner, 0, 0, 0.0, (*spent, *replies))))

    def shifted(self, seconds: float) -> Ledger:
        """The same ledger on a clock that shows so much more."""
        quiet_until = self.quiet_until + seconds if self.quiet_until else 0.0
        return Ledger(tuple(block.shifted(seconds) for block in self.blocks), quiet_until)


def encode(ledger: Ledger) -> bytes:
    """The ledger as a file; its times are seconds since 1970."""
    blocks = [
        {
            "owner": block.owner,
            "number": block.number,
            "size": block.size,
            "until": _up(block.until),
            "replies": None if block.replies is None else [_up(reply) for reply in block.replies],
        }
        for block in ledger.blocks
    ]
    value = {"format": FORMAT, "version": VERSION, "quiet_until": _up(ledger.quiet_until), "blocks": blocks}
    body = json.dumps(value, separators=(",", ":")).encode("ascii")
    return body[:-1] + CHECKSUM + f'{zlib.crc32(body):08x}"}}'.encode("ascii")


def decode(data: bytes, now: float) -> Ledger | None:
    """The ledger of a file; None for a file that this did not write, or that is damaged."""
    written = _written(data) if len(data) <= MOST_BYTES else None
    if written is None:
        return None
    blocks = tuple(block.not_after(now) for block in written.blocks)
    return Ledger(blocks, min(written.quiet_until, now + limits.THROTTLED_MOST_S))


@lru_cache(maxsize=2)
def _written(data: bytes) -> Ledger | None:
    """What a file says, whatever the time; most that are read have not changed since they were read last."""
    if not _is_whole(data):
        return None
    try:
        value = json.loads(data.decode("ascii"), parse_constant=_refuse)
        if value["format"] != FORMAT or value["version"] != VERSION:
            _refuse("version")
        return Ledger(tuple(_block(item) for item in value["blocks"]), _moment(value["quiet_until"]))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def unreadable(now: float) -> Ledger:
    """What stands in for a lost record: the fullest hour that the service can have counted, as late as it can have.

    That is a whole minute's requests just now, as many a minute ago, and so on.
    """
    (a_minute, minute_s), (an_hour, _) = WINDOWS
    return Ledger((Block("unreadable", 0, 0, now, tuple(now - minute_s * (n // a_minute) for n in range(an_hour))),))


def _up(seconds: float) -> float:
    """Milliseconds are enough; never rounded to an earlier moment."""
    return math.ceil(seconds * 1000) / 1000


def _is_whole(data: bytes) -> bool:
    """Whether a file is what its checksum says; a flipped bit in the name of that takes it away, and nothing else."""
    body, marked, checksum = data.rpartition(CHECKSUM)
    return not marked or checksum == f'{zlib.crc32(body + b"}"):08x}"}}'.encode("ascii")


def _block(item: dict[str, Any]) -> Block:
    replies = None if item["replies"] is None else tuple(_moment(reply) for reply in item["replies"])
    size = int(item["size"])
    if not 0 <= size <= protocol.REQUESTS_PER_HOUR:
        _refuse("size")
    return Block(str(item["owner"]), int(item["number"]), size, _moment(item["until"]), replies)


def _moment(value: object) -> float:
    """A time; "nan" would compare with nothing, and could not be written again."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("time")
    return float(value)


def _refuse(what: str) -> None:
    raise ValueError(what)
