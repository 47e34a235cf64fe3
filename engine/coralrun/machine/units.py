"""The units of work that a plan names: what the engine counts, and what its results are credited to.

Rule: a unit's number belongs to the run, is given once and never again; a plan is an ordered list of units. Which one
stands for each image is written down beside the plan, and the digest that commits a plan covers both.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from coralrun.errors import RunDamaged
from coralrun.ids import canonical_json, sha256_hex
from coralrun.machine.runs import Runs


class UnitsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """plans/N/units.json: the unit of work of each image of a plan, in plan order."""

    format: Literal["coralrun.units"]
    version: Literal[1]
    units: Annotated[Runs, Meta(min_length=1)]


_DECODER = msgspec.json.Decoder(UnitsFile)


def encode(units: Runs) -> bytes:
    """The file of the units of a plan's images, as runs in plan order."""
    return msgspec.json.encode(UnitsFile("coralrun.units", 1, units)) + b"\n"


def decode(data: bytes, *, name: str) -> Runs:
    """The inverse of `encode`; raises RunDamaged for anything else."""
    try:
        return _DECODER.decode(data).units
    except msgspec.MsgspecError as error:
        raise RunDamaged(f"{name}: damaged: {error}") from error


def plan_digest(header: str, units: bytes) -> str:
    """The SHA-256 that commits a plan: of its units, and of its header's digest, which covers images and points."""
    return sha256_hex(canonical_json({"header": header, "units": sha256_hex(units)}))


def ascending(units: Runs) -> Runs:
    """The same units by their numbers, in as few runs as there can be."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(units):
        if merged and merged[-1][1] + 1 == first:
            first = merged.pop()[0]
        merged.append((first, last))
    return tuple(merged)


def count(units: Runs) -> int:
    """How many units there are in some runs."""
    return sum(last - first + 1 for first, last in units)
