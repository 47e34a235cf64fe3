"""A file of one JSON object that ends with its own SHA-256.

Rule: the digest is of the bytes before it, closed as an object; nothing is parsed to check it, so no other way to write
the same JSON passes.
"""

from __future__ import annotations

import msgspec

from coralrun.errors import RunDamaged
from coralrun.ids import sha256_hex

_KEY = b',"sha256":"'


class Head(msgspec.Struct):
    """How every such file begins."""

    format: str
    version: int


def seal(body: bytes) -> bytes:
    """The file of an object, which has keys."""
    return b'%s%s%s"}\n' % (body[:-1], _KEY, sha256_hex(body).encode())


def seal_of(data: bytes) -> str:
    """The digest that a file says it has."""
    return data.rpartition(_KEY)[2][:64].decode()


def opened(data: bytes) -> bytes | None:
    """The object of a file, without its digest; None where the digest is not of this object."""
    body = data.rpartition(_KEY)[0] + b"}"
    return body if seal(body) == data.removesuffix(b"\n") + b"\n" else None


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
