"""Facts and the durable state as JSON, and back.

Rule: the types are the format (`machine.facts`, `machine.durable`), and this is the one place that writes and reads
them. Reading is strict: what was not written here raises `RunDamaged`, never something else. The bytes are the same
every time: fields stand in the order in which they are declared, the kind of a fact first, maps and lists in their own
order, and a field that has its default is left out. Digests and checksums are made of these very bytes.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from coralrun.errors import RunDamaged
from coralrun.machine.batches import Batch
from coralrun.machine.durable import Durable, Kept
from coralrun.machine.facts import Fact
from coralrun.machine.runs import Unit, check_ascends


class Saved(Kept, forbid_unknown_fields=True):
    """The durable state as it stands in a snapshot: what follows from the rest is left out."""

    again: Annotated[tuple[Unit, ...], Meta(description="Units that wait for another try, in order.")] = ()
    active: Annotated[tuple[Batch, ...], Meta(description="The batches that the service has.")] = ()

    def __post_init__(self) -> None:
        for units in (self.named, self.anew):
            check_ascends(units, self.plans[-1].units if self.plans else 0)


_ENCODER = msgspec.json.Encoder()
_FACT: msgspec.json.Decoder[Fact] = msgspec.json.Decoder(Fact)


def encode_fact(fact: Fact) -> bytes:
    """A fact as it stands in the journal."""
    return _ENCODER.encode(fact)


def decode_fact(data: bytes) -> Fact:
    """The inverse of `encode_fact`; raises RunDamaged for anything else."""
    try:
        return _FACT.decode(data)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise RunDamaged(f"not a record that this version knows ({error})") from error


def encode_state(state: Durable) -> bytes:
    """The state as it stands in a snapshot."""
    return _ENCODER.encode(Saved(again=tuple(state.again), active=tuple(state.active.values()), **_kept(state)))


def restored(saved: Saved) -> Durable:
    """The state of which a snapshot holds this."""
    state = Durable(again=dict.fromkeys(saved.again), **_kept(saved))
    state.name_units(saved.named, saved.plans[-1].units)
    state.active = {batch.number: batch for batch in saved.active}
    state.jobs = {batch.job for batch in saved.active} | {job.job for job in saved.closed}
    return state


def _kept(state: Kept) -> dict[str, Any]:
    return {name: getattr(state, name) for name in Kept.__struct_fields__}
