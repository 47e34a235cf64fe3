"""Snapshots: the durable state after fact N, with its own SHA-256.

Rule: pure; bytes in, state out. A snapshot whose hash does not fit is never used.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from coralrun.errors import RunDamaged
from coralrun.files.sealed import seal, unseal
from coralrun.machine import codec
from coralrun.machine.durable import Durable
from coralrun.store.journal import Checksum, Number, Position


class Snapshot(msgspec.Struct, forbid_unknown_fields=True):
    """state/snapshot-N.json: all that is known of a run after fact N, so that older facts need not be read again."""

    format: Literal["coralrun.snapshot"]
    version: Literal[1]
    n: Number
    c: Checksum
    state: codec.Saved


_DECODER = msgspec.json.Decoder(Snapshot)


def encode(state: Durable, at: Position) -> bytes:
    """The bytes of a snapshot."""
    position = at.number, at.checksum, codec.encode_state(state)
    return seal(b'{"format":"coralrun.snapshot","version":1,"n":%d,"c":"%08x","state":%s}' % position)


def decode(data: bytes, *, name: str) -> tuple[Durable, Position]:
    """The state and position of a snapshot; raises RunDamaged."""
    body = unseal(data, name=name, known=("coralrun.snapshot", 1))
    try:
        snapshot = _DECODER.decode(body)
    except msgspec.MsgspecError as error:
        raise RunDamaged(f"{name}: damaged: not a snapshot that this version knows ({error})") from error
    return codec.restored(snapshot.state), Position(snapshot.n, int(snapshot.c, 16))
