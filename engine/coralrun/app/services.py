"""The services that can classify: one line for each.

Rule: what is asked here asks nobody; reaching a service is `connection`'s.
"""

from __future__ import annotations

from coralrun.coralnet import protocol
from coralrun.service_limits import ServiceLimits


def limits_of(service: str) -> ServiceLimits:
    """What a survey's service takes; the embedded CoralNet keeps to CoralNet's own rules."""
    return protocol.LIMITS
