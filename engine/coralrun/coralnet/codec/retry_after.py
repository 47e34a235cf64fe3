"""How long CoralNet asks to wait."""

from __future__ import annotations

import re

from coralrun import limits


def retry_after_s(header: str | None) -> float:
    """How long a 429 asks to wait, within what any window of the service can mean.

    Whole seconds are what the service sends. Anything else (none, a date, a minus) stands for the burst window.
    """
    if header is None or not re.fullmatch(r"\s*[0-9]{1,12}\s*", header):
        return limits.THROTTLED_DEFAULT_S
    return min(max(float(header), 1.0), limits.THROTTLED_MOST_S)
