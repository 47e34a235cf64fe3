"""A file that ends with its own SHA-256: one JSON object, which stays one, or any other bytes.

Rule: the digest is of the bytes before it, those of an object closed as an object; nothing is parsed to check it, so no
other way to write the same JSON passes.
"""

from __future__ import annotations

import re

import msgspec

from coralrun.errors import RunDamaged
from coralrun.values.ids import sha256_hex

_SEAL = re.compile(rb',(\n  )?"sha256": ?"([0-9a-f]{64})"\n?\}\n?$')
_MOST_SEAL_BYTES = 100
_DIGEST_BYTES = 32


class Head(msgspec.Struct):
    """How every such file begins."""

    format: str
    version: int


def seal(body: bytes) -> bytes:
    """The file of an object, which has keys; one that is indented by two stays so."""
    if body.startswith(b"{\n"):
        return b'%s,\n  "sha256": "%s"\n}\n' % (body[:-2], sha256_hex(body).encode())
    return b'%s,"sha256":"%s"}\n' % (body[:-1], sha256_hex(body).encode())


def seal_of(data: bytes) -> str:
    """The digest that a file says it has; empty where it says none."""
    found = _SEAL.search(data, max(0, len(data) - _MOST_SEAL_BYTES))
    return found[2].decode() if found is not None else ""


def opened(data: bytes) -> bytes | None:
    """The object of a file, without its digest; None where the digest is not of this object."""
    found = _SEAL.search(data, max(0, len(data) - _MOST_SEAL_BYTES))
    if found is None:
        return None
    body = data[: found.start()] + (b"\n}" if found[1] else b"}")
    return body if seal(body) == data.removesuffix(b"\n") + b"\n" else None


def seal_bytes(body: bytes) -> bytes:
    """The file of any bytes: they, and the 32 bytes of their digest."""
    return body + bytes.fromhex(sha256_hex(body))


def opened_bytes(data: bytes) -> bytes | None:
    """The bytes of a file, without their digest; None where the digest is not theirs."""
    body = data[:-_DIGEST_BYTES]
    return body if seal_bytes(body) == data else None


def unseal(data: bytes, *, name: str, known: tuple[str, int]) -> bytes:
    """The object of a file, without its digest; raises RunDamaged where the file is not whole or newer.

    `known` are the format and the version that can be read.
    """
    try:
        head = msgspec.json.decode(data, type=Head)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise RunDamaged(f"{name}: damaged: {error}") from error
    if head.format != known[0]:
        raise RunDamaged(f"{name}: damaged: its format is {head.format!r}")
    if head.version > known[1]:
        newer = f"{name}: written by a newer coralrun (format {head.version})"
        raise RunDamaged(newer, remedy="Upgrade coralrun to read this run.")
    body = opened(data)
    if body is None:
        raise RunDamaged(f"{name}: damaged: its hash does not fit")
    return body
