"""How a service names its jobs, how it remembers what it had when it was asked, and what we call what we send.

Rule: what a service says is opaque. It is compared for equality and written down; nothing outside the service orders,
counts or parses it.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

JobId: TypeAlias = Annotated[str, Meta(min_length=1, description="A job, by the service's own name for it.")]
JobIdOrNone: TypeAlias = Annotated[
    str, Meta(description="The service's own name for the job; empty while it has none.")
]
Marker: TypeAlias = Annotated[
    str, Meta(description="A listing, by the service's own mark: by it the service tells which jobs are newer.")
]


def attempt_name(batch: int, attempt: int) -> str:
    """Our own name for an attempt at a batch, which no other in the run ever has: `b00042.a1`."""
    return f"b{batch:05d}.a{attempt}"
