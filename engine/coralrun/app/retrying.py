"""Which images that ended without success are to be tried again, as a person says.

Rule: what succeeded is never asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from coralrun.errors import UsageError
from coralrun.machine.reasons import Reason


def retry_of(all_failed: bool, reasons: Sequence[str]) -> Callable[[Reason], bool]:
    """Whether an image that ended with a reason is tried again. Raises UsageError for a reason that there is not."""
    if reasons and not all_failed:
        raise UsageError("--reason goes with --retry-failed", remedy="Add --retry-failed, or leave --reason out.")
    known = {str(reason): reason for reason in Reason}
    for text in reasons:
        if text not in known:
            raise UsageError(f"there is no reason `{text}`", remedy=f"Name one of: {', '.join(known)}.")
    asked = {known[text] for text in reasons} or (set(Reason) if all_failed else set())
    return asked.__contains__
