"""The services that can classify: one line for each.

Rule: a service is known by its entry alone. To look one up asks nobody.
"""

from __future__ import annotations

import re
from typing import Final

from coralrun import embedded
from coralrun.clock import SystemClock
from coralrun.connection import Ask, Connection, Options, Reaching, ServiceEntry
from coralrun.coralnet import entry as coralnet
from coralrun.errors import UsageError
from coralrun.service_limits import ServiceLimits

SERVICES: Final[tuple[ServiceEntry, ...]] = (
    coralnet.SERVICE,
    embedded.SERVICE,
)


def entry_of(service: str) -> ServiceEntry:
    """The entry of a service as a survey names it; raises UsageError where there is none."""
    for entry in SERVICES:
        if re.fullmatch(entry.spelling, service):
            return entry
    raise UsageError(f"there is no service `{service}`", remedy="Correct `service` in the survey.")


def limits_of(service: str, options: Options) -> ServiceLimits:
    """What a survey's service takes."""
    return entry_of(service).limits(options)


def connect(service: str, options: Options, *, ask: Ask | None = None, must_have_account: bool = False) -> Connection:
    """Reach a survey's service. Without `must_have_account`, missing credentials are found out when they are needed."""
    reaching = Reaching(
        service=service, options=options, clock=SystemClock(), ask=ask, must_have_account=must_have_account
    )
    return entry_of(service).connect(reaching)
