"""Snapshots: the durable state after fact N, with its own SHA-256.

Rule: pure; bytes in, state out. A snapshot whose hash does not fit is never used.
"""

from __future__ import annotations

import json

from coralrun.errors import RunDamaged
from coralrun.ids import canonical_json, sha256_hex
from coralrun.machine.codec import durable_from_json, durable_to_json
from coralrun.machine.durable import Durable
from coralrun.store.journal import Position

FORMAT = "coralrun.snapshot"
VERSION = 1


def encode(state: Durable, at: Position) -> bytes:
    """The bytes of a snapshot."""
    body = {
        "format": FORMAT,
        "version": VERSION,
        "n": at.number,
        "c": f"{at.checksum:08x}",
        "state": durable_to_json(state),
    }
    return canonical_json({**body, "sha256": sha256_hex(canonical_json(body))}) + b"\n"


def decode(data: bytes, *, name: str) -> tuple[Durable, Position]:
    """The state and position of a snapshot; raises RunDamaged."""
    try:
        value = json.loads(data)
        claimed = value.pop("sha256")
        if value["format"] != FORMAT:
            raise ValueError(f"its format is {value['format']!r}")
        if value["version"] > VERSION:
            raise RunDamaged(f"{name}: written by a newer coralrun (format {value['version']}); upgrade to read it")
        if canonical_json({**value, "sha256": claimed}) + b"\n" != data:
            raise ValueError("it is not as it was written")
        if sha256_hex(canonical_json(value)) != claimed:
            raise ValueError("its hash does not fit")
        return durable_from_json(value["state"]), Position(int(value["n"]), int(value["c"], 16))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RunDamaged(f"{name}: damaged: {error}") from error
