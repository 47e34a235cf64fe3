"""How a service names its jobs, and how it remembers what it had when it was asked.

Rule: opaque. Both are compared for equality and written down; nothing outside the service orders, counts or parses
them.
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
