"""What `doctor` looks at of CoralNet: credentials, the site and its clock, the account, the classifier.

Rule: nothing is submitted; one listing and a few pages are asked for. No check shows a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from functools import partial

from coralrun.coralnet.account.auth import TYPED, Credentials
from coralrun.coralnet.account.limiter import Limiter
from coralrun.coralnet.reading.classifier import drift, pick_classifier
from coralrun.coralnet.reading.site import Site
from coralrun.coralnet.refusals import account_missing, keep_remedy
from coralrun.errors import CoralrunError, CredentialsError, TooManyRequests
from coralrun.planning.model import Classifier
from coralrun.service.checks import Check, NoAnswer, Verdict, failed, tried
from coralrun.spec.model import ClassifierChoice

SKEW_MOST_S = 120.0
"""Ours: the life of an image's address is counted without this clock, so it takes more than this to mislead anyone."""

REACH_REMEDY = "Look at your network, at a proxy, and at the address; CoralNet itself is sometimes down for a while."


def of_credentials(where: str, credentials: Credentials | CredentialsError | None) -> Iterator[Check]:
    """The account as this machine knows it, or why it knows none."""
    if not isinstance(credentials, Credentials):
        yield failed("credentials", credentials or account_missing(f"there are no credentials for {where}"))
        return
    kinds = {"password": credentials.password, "token": credentials.token}
    means = " and ".join(kind for kind, value in kinds.items() if value)
    known = f"the account {credentials.named}, with its {means}"
    if credentials.origin == TYPED:
        yield Check("credentials", Verdict.NOTE, f"{known}; it is kept nowhere", keep_remedy())
    else:
        yield Check("credentials", Verdict.OK, known)
    if not credentials.password:
        said = "with a token alone, pages that only members may see stay closed"
        yield Check("pages", Verdict.NOTE, said, "Set CORALNET_PASSWORD too, for private sources.")


def of_site(where: str, site: Site, now_s: float) -> Iterator[Check]:
    """Whether it answers, and by which clock; raises NoAnswer after saying that it does not."""
    try:
        date = site.date()
    except CoralrunError as error:
        remedy = error.remedy if isinstance(error, TooManyRequests) else REACH_REMEDY
        yield Check("service", Verdict.WRONG, error.message, remedy, error.exit_code)
        raise NoAnswer from error
    yield Check("service", Verdict.OK, f"{where} answers")
    if date is not None:
        yield clock_check(date, now_s)


def clock_check(date: str, now_s: float) -> Check:
    """This machine's time of day against CoralNet's."""
    try:
        skew_s = now_s - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return Check("clock", Verdict.NOTE, "the service's time of day cannot be read")
    if abs(skew_s) <= SKEW_MOST_S:
        return Check("clock", Verdict.OK, f"within {SKEW_MOST_S:.0f} s of the service's")
    side = "ahead of" if skew_s > 0 else "behind"
    said = f"{abs(skew_s):,.0f} s {side} the service's: times in logs will be off, and nothing else"
    return Check("clock", Verdict.NOTE, said, "Have this computer set its clock by the network.")


def of_account(limiter: Limiter, check_jobs: Callable[[str], Check]) -> Iterator[Check]:
    """The account as CoralNet knows it, unless its hour of requests is used up."""
    wait_s = limiter.wait_s()
    if wait_s > 0:
        said = f"the hour's requests are used up: the next may be sent in {wait_s:,.0f} s"
        yield Check("requests", Verdict.NOTE, said, "Wait, or let coralrun wait.")
        return
    yield from tried("account", partial(check_jobs, "account"))


def of_classifier(
    site: Site, choice: ClassifierChoice, sources: Iterable[int], earlier: Mapping[str, Classifier]
) -> Check:
    """Whether a survey's classifier is there, and whether there is a newer one; raises as `pick_classifier`."""
    if choice.same_as is not None:
        pinned = earlier[choice.same_as]
        changed = drift(site, pinned)
        if changed:
            return Check("classifier", Verdict.NOTE, f"{pinned.id}, that of {choice.same_as}; {changed[0]}")
        return Check("classifier", Verdict.OK, f"{pinned.id}, that of {choice.same_as}")
    picked = pick_classifier(site, choice, sources)
    chosen = picked.classifier
    if picked.warnings:
        return Check("classifier", Verdict.NOTE, picked.warnings[0], "")
    if choice.id is not None and chosen.source is None:
        said = f"{chosen.id}: whether it may be used shows with the first job"
        return Check("classifier", Verdict.NOTE, said, "Name it by its source to have it looked up.")
    known = f", accuracy {chosen.accuracy} % on its source's own test" if chosen.accuracy is not None else ""
    return Check("classifier", Verdict.OK, f"{chosen.id} of source {chosen.source}{known}")
