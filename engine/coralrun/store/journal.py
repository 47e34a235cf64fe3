"""The journal: one fact a line, each checked by a checksum chained from the line before it.

    {"n":4181,"c":"5b0c22e1","f":{"t":"intent","b":42,"a":1,...}}

Rule: a fact is on disk when `append` returns, and only then may it be applied. A last line without its newline is torn:
it is set aside and the run goes on. Damage anywhere else stops with file and line. Pure but for the appender it is
given: reading works on bytes.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from coralrun.errors import RunDamaged
from coralrun.ids import canonical_json
from coralrun.machine import facts
from coralrun.machine.codec import fact_from_json, fact_to_json

MOST_LINE_BYTES = 16 * 1024 * 1024


class Appends(Protocol):
    """A file that only grows; what was appended is durable."""

    def append(self, data: bytes) -> None:
        """Write and sync."""
        ...


@dataclass(frozen=True, slots=True)
class Position:
    """The last fact written: its number and its checksum. (0, 0) before the first."""

    number: int = 0
    checksum: int = 0


@dataclass(frozen=True, slots=True)
class Read:
    """What a journal holds: its facts, the position after them, and the bytes of a torn last line."""

    facts: tuple[facts.Fact, ...]
    end: Position
    good_bytes: int
    torn: bytes


def encode(happened: Sequence[facts.Fact], after: Position) -> tuple[bytes, Position]:
    """The lines of some facts that follow a position, and the position after them."""
    lines: list[bytes] = []
    position = after
    for fact in happened:
        body = canonical_json(fact_to_json(fact))
        position = Position(position.number + 1, zlib.crc32(body, position.checksum))
        lines.append(b'{"n":%d,"c":"%08x","f":%s}\n' % (position.number, position.checksum, body))
    return b"".join(lines), position


def decode(data: bytes, *, after: Position, name: str) -> Read:
    """Read a journal that begins after a position; raises RunDamaged with file and line."""
    happened: list[facts.Fact] = []
    position = after
    end = data.rfind(b"\n") + 1
    for number, line in enumerate(data[:end].split(b"\n")[:-1], start=1):
        try:
            fact, position = _decode_line(line, position)
        except (RunDamaged, ValueError, KeyError, TypeError, RecursionError) as error:
            raise RunDamaged(f"{name}:{number}: {error}") from error
        happened.append(fact)
    torn = data[end:]
    if _holds_a_record(torn):
        raise RunDamaged(f"{name}:{len(happened) + 1}: the end of the line is damaged")
    return Read(tuple(happened), position, end, torn)


def _holds_a_record(torn: bytes) -> bool:
    """Whether a torn line goes on after a whole record: its newline became another byte, and it was acted upon.

    A file system may fill what it had not written with zeros, so zeros are no sign of damage.
    """
    text = torn.rstrip(b"\0").decode("utf-8", errors="replace")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return end < len(text)


def _decode_line(line: bytes, after: Position) -> tuple[facts.Fact, Position]:
    if len(line) > MOST_LINE_BYTES:
        raise RunDamaged("a line that is too long")
    record = json.loads(line)
    if not isinstance(record, dict) or set(record) != {"n", "c", "f"}:
        raise RunDamaged("not a record of this journal")
    body = canonical_json(record["f"])
    position = Position(after.number + 1, zlib.crc32(body, after.checksum))
    if record["n"] != position.number:
        raise RunDamaged(f"record {position.number} is missing")
    if line != b'{"n":%d,"c":"%08x","f":%s}' % (position.number, position.checksum, body):
        raise RunDamaged("the checksum does not fit")
    return fact_from_json(record["f"]), position


class Journal:
    """The open journal of a run."""

    def __init__(self, appender: Appends, position: Position) -> None:
        self._appender = appender
        self.position = position

    def append(self, happened: Sequence[facts.Fact]) -> None:
        """Make facts durable; raises DiskError, after which nothing may be applied."""
        data, position = encode(happened, self.position)
        self._appender.append(data)
        self.position = position
