"""The kinds of values that fields of files have, with their limits.

Rule: a limit that JSON Schema can say stands in the type, so that reading checks it and the schema shows it. A pattern
ends in `END`, because `$` alone lets a line end pass.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

END = r"$(?!\n)"

Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]
Number = int | float
"""A number as it was written: 5 stays 5, and 5.0 stays 5.0."""
PositiveNumber = Annotated[int, Meta(gt=0)] | Annotated[float, Meta(gt=0)]
Share = Annotated[int, Meta(ge=0, le=1)] | Annotated[float, Meta(ge=0, le=1)]
Digest = Annotated[str, Meta(pattern=f"^[0-9a-f]{{64}}{END}", description="A SHA-256.")]
TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
Time = Annotated[str, Meta(pattern=f"^{TIME}{END}", description="UTC, ISO 8601.")]
