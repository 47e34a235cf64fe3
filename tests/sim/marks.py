"""The situations and the branches of recovery that the worlds must reach, or they would prove less than they say.

Rule: a mark is not drawn: it is what faults bring about. The world counts each `Mark` where it sees it, the witness
counts each fact that the engine learns. `make test` fails when one of either was reached fewer than `LEAST` times.
"""

from __future__ import annotations

from enum import StrEnum
from typing import get_args

from coralrun.machine.fact_fields import PauseWhy, RefusedWhy
from coralrun.machine.reasons import Reason
from coralrun.machine.stored_photos import UploadFact

LEAST = 5
ELSEWHERE = frozenset(
    {
        *(Reason.UPLOAD_TOO_LARGE, Reason.UPLOAD_FAILED, Reason.NOT_ASKED, Reason.SERVICE_ENDED),
        *(Reason.OTHER_FORMAT, Reason.CLOSED, Reason.BAD_NAME, Reason.TOO_MANY_BYTES, Reason.NOT_STRIPPED),
    }
)
"""What is hardly ever met here, or is of services that are not simulated."""


class Mark(StrEnum):
    """A situation that must have been reached."""

    # network and service
    ARRIVES_AFTER_DEATH = "arrives-after-death"
    ARRIVES_AFTER_TIMEOUT = "arrives-after-timeout"
    BROKEN_BY_SLEEP = "broken-by-sleep"
    LEFT_IN_FLIGHT = "left-in-flight"
    TOY_RETRY_AFTER_MISSING = "toy-retry-after-missing"
    TOY_RETRY_AFTER_HUGE = "toy-retry-after-huge"
    TOY_RETRY_AFTER_NEGATIVE = "toy-retry-after-negative"
    TOY_RETRY_AFTER_NO_NUMBER = "toy-retry-after-no-number"
    RETRY_AFTER_MISSING = "retry-after-missing"
    RETRY_AFTER_HUGE = "retry-after-huge"
    RETRY_AFTER_NEGATIVE = "retry-after-negative"
    RETRY_AFTER_DATE = "retry-after-date"
    SLOT_429_WITH_RETRY_AFTER = "slot-429-with-retry-after"
    SLOT_429_WITH_DATE = "slot-429-with-date"
    GATEWAY_403 = "gateway-403"
    GATEWAY_404 = "gateway-404"
    GATEWAY_429 = "gateway-429"
    GATEWAY_500 = "gateway-500"
    GATEWAY_502 = "gateway-502"
    GATEWAY_503 = "gateway-503"
    GATEWAY_504 = "gateway-504"
    BURST_FULL = "burst-window-full"
    HOUR_FULL = "hourly-window-full"
    FOREIGN_IN_SLOT = "foreign-job-in-a-slot"
    ORPHAN_HIDDEN = "orphan-hidden-by-a-lagging-listing"
    ORPHAN_PUSHED_OUT = "orphan-pushed-out-of-the-list"
    LATE_FOR_A_WHILE = "done-and-not-ready-for-a-while"
    SIGN_IN_FAILED = "sign-in-failed"
    CONFIRMED_LATE = "confirmed-late"
    # disk
    TORN_LINE = "torn-line-set-aside"
    BYTES_LOST = "bytes-lost"
    ENTRY_LOST = "directory-entry-lost"
    TWO_GENERATIONS = "two-generations-present"
    COMPACTED = "compacted"
    ENDED_BY_DISK = "ended-by-disk-error"
    NEWLINE_FLIPPED = "newline-flipped"
    DAMAGE_DETECTED = "damage-detected"
    DAMAGE_HARMLESS = "damage-harmless"
    RECORD_FLIPPED = "record-flipped"
    RECORD_EMPTY = "record-empty"
    RECORD_GONE = "record-gone"
    # a changed survey
    CHANGED_NOTHING = "changed-nothing"
    CHANGED_WHEN_FINISHED = "changed-when-finished"
    DIED_IN_CHANGE = "died-in-change"
    OLD_PLAN_STANDS = "old-plan-stands"
    NEW_PLAN_STANDS = "new-plan-stands"
    WITHDRAWN_WAITING = "withdrawn-while-it-waits"
    WITHDRAWN_CUT = "withdrawn-while-cut"
    WITHDRAWN_INTENDED = "withdrawn-while-intended"
    WITHDRAWN_ACTIVE = "withdrawn-while-active"
    WITHDRAWN_SUCCEEDED = "withdrawn-with-a-result"
    WITHDRAWN_ENDED = "withdrawn-with-a-failure"
    BACK_WAITING = "back-and-never-sent"
    BACK_INTENDED = "back-while-intended"
    BACK_ACTIVE = "back-while-active"
    BACK_SUCCEEDED = "back-with-a-result"
    BACK_ENDED = "back-with-a-failure"
    TRIED_ANEW = "tried-anew"
    # photos that are uploaded
    UPLOADED_AGAIN = "uploaded-again-after-it-was-taken-out"
    # process and clock
    DIED_IN_RESUME = "died-in-resume"
    DIED_IN_COMPACTION = "died-in-compaction"
    LOCKED_OUT = "locked-out"
    JUMPED_FORWARD = "jumped-forward"
    JUMPED_BACK = "jumped-back"
    SLEEP_NOT_COUNTED = "sleep-not-counted"


def of_image(reason: Reason) -> str:
    """The branch in which an image misses for a reason."""
    return f"image: {reason}"


BRANCHES: tuple[str, ...] = (
    "adopted",
    "Doubted",
    "Ended",
    "Finished",
    *(fact.__name__ for fact in get_args(UploadFact)),
    "adopted upload",
    *(f"Refused: {why}" for why in RefusedWhy),
    *(f"Paused: {why}" for why in PauseWhy),
    *(f"GaveUp: {why}" for why in (Reason.JOB_LOST, Reason.JOB_STUCK, Reason.REPLY_MISMATCH)),
    *(of_image(reason) for reason in Reason if reason not in ELSEWHERE),
)
"""What the engine must have written down, as the witness counts it."""
