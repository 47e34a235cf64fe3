"""The units of work that a plan names: what the engine counts, and what its results are credited to.

Rule: a unit's number belongs to the run, is given once and never again; a plan is an ordered list of units. Which one
stands for each image is written down beside the plan, and the digest that commits a plan covers both.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta

from coralrun.errors import RunDamaged
from coralrun.machine.runs import Runs, count
from coralrun.values.ids import canonical_json, sha256_hex

Value = TypeVar("Value")

_NOT_NAMED: Final = -1


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


class PlanUnits:
    """The unit of work of each image of a plan, `unit_of`, and back; `runs` are the same as runs.

    Raises ValueError where a unit stands for two images, or a run of units ends before it begins.
    """

    __slots__ = ("_image_of", "runs", "unit_of")

    def __init__(self, runs: Runs) -> None:
        if any(last < first for first, last in runs):
            raise ValueError("a run of units that ends before it begins")
        self.runs = runs
        self.unit_of: Sequence[int] = range(count(runs))
        self._image_of: Sequence[int] = self.unit_of
        if runs not in ((), ((0, count(runs) - 1),)):
            self.unit_of = array("i", chain.from_iterable(range(first, last + 1) for first, last in runs))
            self._image_of = self._inverse()

    def _inverse(self) -> Sequence[int]:
        image_of = array("i", [_NOT_NAMED]) * (max(last for _, last in self.runs) + 1)
        at = 0
        for first, last in self.runs:
            after = at + last + 1 - first
            image_of[first : last + 1] = array("i", range(at, after))
            at = after
        if len(image_of) - image_of.count(_NOT_NAMED) != at:
            raise ValueError("a unit stands for two images")
        return image_of

    @property
    def in_order(self) -> bool:
        """Whether each image's number is that of its unit, as in the first plan of a run."""
        return self._image_of is self.unit_of

    def __len__(self) -> int:
        """How many images the plan has."""
        return len(self.unit_of)

    def image_of(self, unit: int) -> int:
        """The image of a unit; raises ValueError where the plan does not name it."""
        for image in self.images((unit,)):
            return image
        raise ValueError(f"the plan does not name unit {unit}")

    def images(self, units: Iterable[int]) -> Iterator[int]:
        """The images of those of some units that the plan names."""
        known, below = self._image_of, len(self._image_of)
        if self.in_order:
            return filter(below.__gt__, units)
        return (image for unit in units if unit < below and (image := known[unit]) != _NOT_NAMED)

    def by_unit(self, values: Sequence[Value], absent: Value) -> Sequence[Value]:
        """What is known image by image, unit by unit; `absent` for a unit that the plan does not name."""
        if self.in_order:
            return values
        return [absent if image == _NOT_NAMED else values[image] for image in self._image_of]


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
