"""What somebody has to know of a run, and was not told yet: it stands in a file from before it comes about until then.

Rule: whoever carries a run on unseen writes it first, and takes it away once it was told. So a process that is killed
in between leaves it to the next one: it may be told twice, and is never lost but with a full disk, which stops the run
too. What belongs to a plan that did not come into force is not told.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from coralrun.errors import DiskError
from coralrun.files.field_types import Time
from coralrun.machine.fact_fields import PlanNumber
from coralrun.store.files import Disk


class Untold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one call has to tell. Without lines: that it carried the run on, and has not told how that ended."""

    at: Annotated[Time, Meta(description="When the call began.")]
    plan: Annotated[PlanNumber, Meta(description="The plan that it is about, in force or about to be.")]
    lines: Annotated[tuple[str, ...], Meta(description="In words.")] = ()


class UntoldFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """run.untold: what somebody has to know of a run, and was not told yet. It is gone once it was told."""

    calls: tuple[Untold, ...]


_FILE = msgspec.json.Decoder(UntoldFile)


def read(path: Path) -> tuple[Untold, ...]:
    """What was not told, the oldest first; nothing where there is no such file, or another one under its name."""
    try:
        return _FILE.decode(path.read_bytes()).calls
    except (OSError, msgspec.MsgspecError, RecursionError):
        return ()


def write(path: Path, calls: Iterable[Untold]) -> None:
    """Keep it in place of what was kept before; on a disk that takes no more, what is carried on there stops too."""
    with suppress(DiskError):
        Disk().replace_alone(path, msgspec.json.encode(UntoldFile(tuple(calls))) + b"\n")


def drop(path: Path) -> None:
    """It was told."""
    with suppress(DiskError):
        Disk().remove(path)
