"""The journal: one fact a line, each checked by a checksum chained from the line before it.

    {"n":4181,"c":"5b0c22e1","f":{"t":"intent","at":"2026-11-22T18:22:35Z","batch":42,"attempt":1,...}}

Rule: a fact is on disk when `append` returns, and only then may it be applied. A last line without its newline is torn:
it is set aside and the run goes on. Damage anywhere else stops with file and line. Pure but for the appender it is
given: reading works on bytes.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from msgspec import Meta, Struct

from coralrun.errors import RunDamaged
from coralrun.machine import facts
from coralrun.machine.codec import decode_fact, encode_fact

MOST_LINE_BYTES = 16 * 1024 * 1024
_LINE = re.compile(rb'\{"n":(\d{1,18}),"c":"([0-9a-f]{8})","f":(.*)\}', re.DOTALL)

Number = Annotated[int, Meta(ge=1, description="A fact's number; the first of a run is 1.")]
Checksum = Annotated[
    str, Meta(pattern="^[0-9a-f]{8}$", description="The CRC-32 of a fact as it is written, begun from the one before.")
]


class Line(Struct, forbid_unknown_fields=True):
    """One line of state/journal-N.jsonl: a fact, its number, and a checksum chained from the line before it."""

    n: Number
    c: Checksum
    f: facts.Fact


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
        body = encode_fact(fact)
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
        except RunDamaged as error:
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
    match = _LINE.fullmatch(line)
    if match is None:
        raise RunDamaged("not a record of this journal")
    number, checksum, body = match.groups()
    position = Position(after.number + 1, zlib.crc32(body, after.checksum))
    if number != b"%d" % position.number:
        raise RunDamaged(f"record {position.number} is missing")
    if checksum != b"%08x" % position.checksum:
        raise RunDamaged("the checksum does not fit")
    return decode_fact(body), position


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
