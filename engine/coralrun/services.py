"""The services that can classify: one line for each.

Rule: a service is known by its entry alone. To look one up asks nobody.
"""

from __future__ import annotations

import os
import re
from typing import Final

from coralrun import embedded
from coralrun.clock import SystemClock
from coralrun.connection import Connection, ServiceEntry
from coralrun.coralnet import entry as coralnet
from coralrun.coralnet.places import SECRET_VARIABLES, SERVICE_VARIABLE, credentials_file
from coralrun.errors import UsageError
from coralrun.local import entry as local
from coralrun.reaching import Ask, Progress, Reaching, tells_nobody
from coralrun.service.about import AboutService
from coralrun.service.limits import ServiceLimits
from coralrun.service.terms import Options, ServiceTerms
from coralrun.spec.model import PRODUCTION

SERVICES: Final[tuple[ServiceEntry, ...]] = (
    coralnet.SERVICE,
    embedded.SERVICE,
    local.SERVICE,
)


def all_terms() -> tuple[ServiceTerms, ...]:
    """What a survey may say of each service."""
    return tuple(entry.terms for entry in SERVICES)


def entry_of(service: str) -> ServiceEntry:
    """The entry of a service as a survey names it; raises UsageError where there is none."""
    for entry in SERVICES:
        if re.fullmatch(entry.terms.spelling, service):
            return entry
    known = ", or ".join(terms.spelt for terms in all_terms())
    raise UsageError(f"`service` must be {known}; it is `{service}`", remedy="Correct `service`.")


def usual_service() -> str:
    """The service of whoever names none: the one that the account at hand is of, or the public CoralNet."""
    return named_service()[0] or PRODUCTION


def named_service() -> tuple[str, str]:
    """The service that the account at hand is said to be of, and where: in the environment, or in the file of a user's
    own where the environment has no account; "" where it is not said."""
    if service := os.environ.get(SERVICE_VARIABLE, "").rstrip("/"):
        return service, SERVICE_VARIABLE
    if any(os.environ.get(secret) for secret in SECRET_VARIABLES):
        return "", ""
    from coralrun.coralnet.account.auth import service_of_file

    return service_of_file(credentials_file()), str(credentials_file())


def about_of(service: str) -> AboutService:
    """What people are told of a survey's service."""
    return entry_of(service).about(service)


def limits_of(service: str, options: Options) -> ServiceLimits:
    """What a survey's service takes."""
    entry = entry_of(service)
    return entry.limits(_whole(entry, options))


def connect(
    service: str,
    options: Options,
    *,
    ask: Ask | None = None,
    must_have_account: bool = False,
    progress: Progress = tells_nobody,
) -> Connection:
    """Reach a survey's service. Without `must_have_account`, missing credentials are found out when they are needed."""
    entry, clock = entry_of(service), SystemClock()
    whole = _whole(entry, options)
    return entry.connect(
        Reaching(
            service=service,
            options=whole,
            clock=clock,
            ask=ask,
            must_have_account=must_have_account,
            progress=progress,
        )
    )


def _whole(entry: ServiceEntry, options: Options) -> Options:
    """The service's own keys, with what holds where nobody says otherwise."""
    usual = {path: default for path, default in entry.terms.options.items() if default is not None}
    return {**usual, **options}
