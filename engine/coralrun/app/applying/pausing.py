"""What is said when a run pauses: an error with the exit code and the remedy of its cause."""

from __future__ import annotations

from coralrun.app.run.status import Summary
from coralrun.errors import CoralrunError, CredentialsError, ServiceError
from coralrun.machine.fact_fields import PauseWhy
from coralrun.planning.model import Plan
from coralrun.services import entry_of
from coralrun.sources.bucket import CREDENTIALS_REMEDY

_PAUSED: dict[PauseWhy, CoralrunError] = {
    PauseWhy.CREDENTIALS: CredentialsError("the service does not accept the credentials any more"),
    PauseWhy.NO_CLASSIFIER: ServiceError(
        "the classifier does not exist, or this account may not use it",
        remedy="Choose another classifier in the survey, and give it an output directory of its own.",
    ),
    PauseWhy.NOT_UNDERSTOOD: ServiceError(
        "the service refuses the request in a way that coralrun does not understand",
        remedy="Please report it with the run's log.jsonl. Nothing is lost: `coralrun resume` tries again.",
    ),
    PauseWhy.UNREACHABLE: ServiceError(
        "the run stands still",
        remedy="See whether it can be reached from this computer. Nothing is lost: the next call goes on, of "
        "`coralrun apply` or `coralrun resume`.",
    ),
    PauseWhy.NO_SLOTS: ServiceError("the service has had no free slot for a day"),
}


def pause_error(summary: Summary, plan: Plan) -> CoralrunError:
    """The error that says why a run paused."""
    known = _PAUSED[PauseWhy(summary.paused_why)]
    text = f"{known.message}: {summary.paused_detail}" if summary.paused_detail else known.message
    remedy = known.remedy
    if summary.paused_why == PauseWhy.CREDENTIALS:
        remedy = entry_of(summary.service).account_remedy
        if plan.buckets:
            remedy += f" If it is a bucket: {CREDENTIALS_REMEDY}"
    return type(known)(text, remedy=remedy)
