"""CoralNet's entry in the registry of services."""

from __future__ import annotations

from dataclasses import replace

from coralrun.connection import Connection, Options, Reaching, ServiceEntry
from coralrun.coralnet.protocol import LIMITS, PATIENCE_S, WEB_RATE
from coralrun.service_limits import ServiceLimits


def limits_of(options: Options) -> ServiceLimits:
    """What CoralNet takes, and how often a survey has it asked."""
    pages_per_s, looks_s = options.get("run.web_rate", WEB_RATE), options.get("run.patience", PATIENCE_S)
    return replace(LIMITS, look_most_s=float(looks_s), images_per_s=float(pages_per_s))


def _connect(reaching: Reaching) -> Connection:
    from coralrun.coralnet.connection import connect  # with all that sends requests

    return connect(reaching, limits_of(reaching.options))


SERVICE = ServiceEntry(spelling="https?://.*", limits=limits_of, connect=_connect)
