"""What the process at work on a run says of itself, for people: it stands in a file while it works.

Rule: never synced, and nothing depends on it: a note that cannot be written or read is none.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from coralrun.errors import DiskError
from coralrun.files.field_types import Count, Time
from coralrun.machine.fact_fields import TimeOrNone
from coralrun.store.files import Disk

MOST_CHARS = 500


class Notice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """run.now: what the process at work on a run is doing and waits for. It is gone when the process has ended."""

    at: Time
    doing: Annotated[str, Meta(max_length=MOST_CHARS, description="In words.")]
    last_progress: Annotated[
        TimeOrNone, Meta(description="When an image ended last, or a photo was uploaded, while it worked.")
    ] = ""
    images_per_hour: Annotated[float | None, Meta(description="Since it began to work.")] = None
    left_s: Annotated[
        float | None,
        Meta(description="As far as its pace tells, and the least time of classifying while photos are uploaded."),
    ] = None
    away: Annotated[str, Meta(max_length=MOST_CHARS, description="Who does not answer; not there where all do.")] = ""
    away_s: Annotated[float, Meta(description="For how long.")] = 0.0
    done_in_jobs: Annotated[
        Count, Meta(description="Images done by jobs that are not over, where the service tells of them.")
    ] = 0


_NOTICE = msgspec.json.Decoder(Notice)


def write(path: Path, notice: Notice) -> None:
    """Write the note in place of the one before."""
    with suppress(DiskError):
        Disk().note(path, msgspec.json.encode(notice) + b"\n")


def read(path: Path) -> Notice | None:
    """The note, None where there is none."""
    try:
        return _NOTICE.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError, RecursionError):
        return None


def drop(path: Path) -> None:
    """No process is at work any more: the note goes."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
